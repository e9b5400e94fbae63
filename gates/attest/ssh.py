"""Signatures that `ssh-keygen -Y verify` accepts, for those who check a verdict with nothing but OpenSSH.

Source: PROTOCOL.sshsig of OpenSSH. The signature is detached and covers every byte of the file.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from gates.attest.keys import SigningKey

__all__ = ["NAMESPACE", "ssh_signature"]

NAMESPACE = "gateline-verdict"
"""What `ssh-keygen -Y verify -n` must be given: a signature made for another purpose does not pass for this one."""

MAGIC = b"SSHSIG"
HASH = b"sha512"


def ssh_signature(key: SigningKey, message: bytes) -> bytes:
    """The armored signature of `message`, as `ssh-keygen -Y sign -n gateline-verdict` would write it."""
    digest = hashlib.sha512(message).digest()
    namespace = _string(NAMESPACE.encode())
    signed = MAGIC + namespace + _string(b"") + _string(HASH) + _string(digest)
    signature = _string(b"ssh-ed25519") + _string(key.sign(signed))
    version = struct.pack(">I", 1)
    blob = MAGIC + version + _string(key.public.blob) + namespace + _string(b"") + _string(HASH) + _string(signature)
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def _string(data: bytes) -> bytes:
    """SSH's wire format: the length in four bytes, then the bytes (RFC 4251, section 5)."""
    return struct.pack(">I", len(data)) + data
