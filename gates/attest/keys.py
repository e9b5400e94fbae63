"""Ed25519 keys that sign and verify verdicts, in the formats of OpenSSH and of PEM (PKCS #8, SubjectPublicKeyInfo).

One algorithm only: what a verdict says about its own algorithm is never asked, so there is nothing to confuse.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.attest.strict_json import read_file
from gates.errors import CannotRun, UsageError, VerdictError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["SIGNING_KEY_VARIABLE", "PublicKey", "SigningKey", "generate", "load_public_key", "signing_key"]

SIGNING_KEY_VARIABLE = "GATELINE_SIGNING_KEY"
"""The protected CI variable that holds the private key, or the path of a file that does (GitLab's type "file")."""


@dataclass(frozen=True)
class PublicKey:
    """A key that verdicts are checked against; `origin` says where it came from, for a person."""

    key: Ed25519PublicKey
    origin: str

    @property
    def line(self) -> str:
        """As in an OpenSSH .pub file, without comment: "ssh-ed25519 AAAA..."."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    @property
    def keyid(self) -> str:
        """The OpenSSH fingerprint ("SHA256:..."), as `ssh-keygen -lf` prints it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @property
    def blob(self) -> bytes:
        """The key in SSH's wire format (RFC 8709)."""
        return base64.b64decode(self.line.split()[1])

    def verifies(self, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key. Its secret appears in no message and no representation."""

    key: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.public.keyid})"

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.key.public_key(), "the public half of the signing key")

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def to_openssh(self) -> bytes:
        """The private key as a file for `ssh-keygen`, without passphrase."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def generate() -> SigningKey:
    """A fresh key from the system's random source."""
    need_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return SigningKey(Ed25519PrivateKey.generate())


def signing_key(path: str = "", environ: Mapping[str, str] = os.environ) -> SigningKey | None:
    """The key of `--key FILE`, else of GATELINE_SIGNING_KEY (content or path), else None.

    Raises UsageError when a key is named but cannot be used: a broken key must not turn into an unsigned verdict.
    """
    if path:
        return _private_key(_read_private(path), path)
    value = environ.get(SIGNING_KEY_VARIABLE, "").strip()
    if not value:
        return None
    if value.startswith("-----BEGIN"):
        return _private_key(value.encode(), SIGNING_KEY_VARIABLE)
    if "\n" in value or not os.path.exists(value):
        # The value may be a mangled key, so it is not repeated here.
        raise UsageError(f"{SIGNING_KEY_VARIABLE} holds neither a private key nor the path of an existing file")
    return _private_key(_read_private(value), SIGNING_KEY_VARIABLE)


def load_public_key(text_or_path: str, repository_root: str = "") -> PublicKey:
    """A public key from a file, or given in full ("ssh-ed25519 AAAA..." or PEM, as a CI variable holds it).

    A file below `repository_root` is refused, by its own path and by what it points to: whoever can change the
    repository could change the key with it. Raises VerdictError.
    """
    if not text_or_path.strip():
        raise VerdictError("the public key is empty", hint="Is the variable it should come from set in this job?")
    if re.match(r"\s*(-----BEGIN |(ssh|ecdsa|sk)-\S+ )", text_or_path):
        return _public_key(text_or_path.encode(), "the given key")
    if repository_root:
        _refuse_inside(text_or_path, repository_root)
    return _public_key(read_file(text_or_path, "the public key"), text_or_path)


def need_cryptography() -> None:
    """Raises CannotRun with the way to install it when the package `cryptography` is not there."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise CannotRun(
            "signing and verifying need the package cryptography, which is not installed",
            hint="pip install 'gateline[sign]'",
        ) from None


def _refuse_inside(path: str, root: str) -> None:
    tops = {os.path.abspath(root), os.path.realpath(root)}
    for place in (os.path.abspath(path), os.path.realpath(path)):
        for top in tops:
            if place == top or place.startswith(top.rstrip(os.sep) + os.sep):
                raise VerdictError(
                    f"the public key {path} is inside the repository it is to check, where a change could replace it",
                    hint="Keep it outside: a protected CI variable, or a file on the machine that deploys.",
                )


def _read_private(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(65536)
    except OSError as error:
        raise UsageError(f"the signing key cannot be read: {error.strerror}", where=path) from None


def _private_key(data: bytes, where: str) -> SigningKey:
    need_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    data = _tidy(data)
    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        key = load(data, password=None)
    except TypeError:
        raise UsageError(
            "the signing key has a passphrase, which nobody can type in CI", where=where, hint="Use a key without one."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(
            "this is no private key that can be read", where=where, hint="Make one with `gateline keygen FILE`."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("the signing key is not an ed25519 key, the only kind in use here", where=where)
    return SigningKey(key)


def _public_key(data: bytes, where: str) -> PublicKey:
    need_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

    data = _tidy(data)
    if b"PRIVATE KEY-----" in data:
        raise VerdictError(
            f"{where} holds a private key where the public one belongs",
            hint="Print the public key with `ssh-keygen -y -f FILE`, and give the private key to nobody but CI.",
        )
    load = load_pem_public_key if data.startswith(b"-----BEGIN") else load_ssh_public_key
    try:
        key = load(data)
    except (ValueError, UnsupportedAlgorithm):
        raise VerdictError(f"{where} holds no public key that can be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise VerdictError(f"{where} is not an ed25519 key, the only kind in use here")
    return PublicKey(key, where)


def _tidy(data: bytes) -> bytes:
    """CI variables lose the last newline, which OpenSSH's format needs, and web forms bring carriage returns."""
    return data.replace(b"\r\n", b"\n").strip() + b"\n"
