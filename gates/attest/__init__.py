"""Verdicts that can be verified: statements, envelopes, keys, and the checks of the last door."""

from __future__ import annotations

from gates.attest.keys import PublicKey, SigningKey, load_public_key, signing_key
from gates.attest.policy import Policy, policy_digest, policy_of, read_only_repository, resource_uri
from gates.attest.sign import SignedVerdict, Written, add_image, sign_verdict, write_verdict
from gates.attest.verify import Demands, VerifiedVerdict, verify

__all__ = [
    "Demands",
    "Policy",
    "PublicKey",
    "SignedVerdict",
    "SigningKey",
    "VerifiedVerdict",
    "Written",
    "add_image",
    "load_public_key",
    "policy_digest",
    "policy_of",
    "read_only_repository",
    "resource_uri",
    "sign_verdict",
    "signing_key",
    "verify",
    "write_verdict",
]
