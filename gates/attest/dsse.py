"""The envelope around a statement: DSSE (Dead Simple Signing Envelope), version 1, read strictly.

The specification lets a reader be lenient (either base64 alphabet, unknown fields, several signatures). Gateline writes
one form only, so any other form was not written by it, and is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gates.attest.keys import PublicKey, SigningKey
from gates.attest.strict_json import dump, parse_object
from gates.errors import VerdictError

__all__ = ["PAYLOAD_TYPE", "Envelope", "open_envelope", "pae", "seal"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Envelope:
    """A parsed envelope with exactly one signature, not yet verified."""

    payload: bytes
    payload_type: str
    keyid: str
    signature: bytes

    def verify(self, keys: Sequence[PublicKey]) -> PublicKey:
        """The pinned key that made the signature. Raises VerdictError; the payload must not be used before."""
        message = pae(self.payload_type, self.payload)
        signer = next((key for key in keys if key.verifies(self.signature, message)), None)
        if signer is None:
            raise VerdictError("the signature of the verdict was not made by the given key, or the verdict was changed")
        if signer.keyid != self.keyid:
            raise VerdictError(f"the verdict names the key {self.keyid} but is signed by {signer.keyid}")
        if self.payload_type != PAYLOAD_TYPE:
            raise VerdictError(f"the payload type is {self.payload_type!r}, not {PAYLOAD_TYPE}")
        return signer


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding of the DSSE specification, so that the type is signed too."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, key: SigningKey, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The signed envelope as one line of JSON."""
    signature = key.sign(pae(payload_type, payload))
    return dump(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": key.public.keyid, "sig": base64.b64encode(signature).decode()}],
        }
    )


def open_envelope(raw: bytes) -> Envelope:
    """Parse an envelope; raises VerdictError with the reason for anything but the one form `seal` writes."""
    data = parse_object(raw, "the verdict")
    if "_type" in data and "signatures" not in data:
        raise VerdictError("the verdict is unsigned: it may fill a cache, but it opens no door")
    _only(data, {"payload", "payloadType", "signatures"}, "the envelope")
    signatures = data["signatures"]
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else "no list of"
        raise VerdictError(f"the envelope has {count} signatures, not one")
    if not isinstance(signatures[0], dict):
        raise VerdictError("the signature of the envelope is not an object")
    _only(signatures[0], {"keyid", "sig"}, "the signature")
    return Envelope(
        _base64(data["payload"], "the payload"),
        _text(data["payloadType"], "the payload type"),
        _text(signatures[0]["keyid"], "the keyid"),
        _base64(signatures[0]["sig"], "the signature"),
    )


def _only(data: dict[str, Any], fields: set[str], what: str) -> None:
    if missing := sorted(fields - data.keys()):
        raise VerdictError(f"{what} has no {missing[0]!r}")
    if unknown := sorted(data.keys() - fields):
        raise VerdictError(f"{what} has a field {unknown[0]!r}, which does not belong there")


def _text(value: object, what: str) -> str:
    # A lone surrogate ("\\ud800") is JSON but has no UTF-8 form, so it could not have been signed.
    if not isinstance(value, str) or not value.isascii():
        raise VerdictError(f"{what} is not plain text")
    return value


def _base64(value: object, what: str) -> bytes:
    text = _text(value, what)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerdictError(f"{what} is not standard base64") from None
    if base64.b64encode(data).decode() != text:
        raise VerdictError(f"{what} is base64 in another than its one plain form")
    return data
