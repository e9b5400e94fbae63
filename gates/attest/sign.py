"""Writing verdicts: the signed envelope, the evidence beside it, and a signature for `ssh-keygen`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gates.attest.dsse import open_envelope, seal
from gates.attest.keys import SigningKey
from gates.attest.ssh import ssh_signature
from gates.attest.statement import SUMMARY_TYPE, evidence_statements, image_subject, summary_statement
from gates.attest.strict_json import dump, parse_object, read_file
from gates.errors import CannotRun, VerdictError
from gates.reports.write import forget
from gates.verdict import Verdict

__all__ = [
    "EVIDENCE",
    "SIGNED",
    "UNSIGNED",
    "SignedVerdict",
    "Written",
    "add_image",
    "evidence_path",
    "sign_verdict",
    "write_verdict",
]

SIGNED = "verdict.dsse.json"
UNSIGNED = "verdict.json"
EVIDENCE = "verdict.evidence.jsonl"


@dataclass(frozen=True)
class SignedVerdict:
    """`envelope`: the DSSE envelope (JSON). `evidence`: one test-result statement a line, in the order of the gates."""

    envelope: bytes
    evidence: bytes


@dataclass(frozen=True)
class Written:
    """What `write_verdict` left in the reports folder; `note` is a sentence for a person."""

    path: str
    signed: bool
    note: str


def sign_verdict(
    verdict: Verdict, *, resource_uri: str, key: SigningKey, policy_name: str = "gateline.yaml"
) -> SignedVerdict:
    """Turn a verdict into a signed statement. A FAILED one is signed too: it is a record, and opens nothing.

    Raises VerdictError for what must not be signed: no commit, not of the ci door, a single shard, no policy digest.
    """
    lines = evidence_statements(verdict, resource_uri=resource_uri)
    statement = summary_statement(verdict, lines, resource_uri=resource_uri, policy_name=policy_name)
    return SignedVerdict(seal(dump(statement), key), _joined(lines))


def write_verdict(
    verdict: Verdict,
    reports_dir: str,
    key: SigningKey | None,
    *,
    resource_uri: str,
    policy_name: str = "gateline.yaml",
) -> Written:
    """Write the verdict below `reports_dir`, replacing that of an earlier run.

    With a key: verdict.dsse.json, verdict.dsse.json.sig (for `ssh-keygen -Y verify`) and verdict.evidence.jsonl.
    Without: verdict.json and verdict.evidence.jsonl, which no door accepts. Raises VerdictError as `sign_verdict`,
    CannotRun when the folder cannot be written to.
    """
    # An envelope of an earlier run must not stand beside the results of this one, whatever happens below.
    forget(reports_dir, (UNSIGNED, SIGNED, SIGNED + ".sig", EVIDENCE))
    if key is None:
        lines = evidence_statements(verdict, resource_uri=resource_uri)
        statement = summary_statement(verdict, lines, resource_uri=resource_uri, policy_name=policy_name)
        _write(reports_dir, EVIDENCE, _joined(lines))
        path = _write(reports_dir, UNSIGNED, dump(statement) + b"\n")
        return Written(path, False, f"{path} is unsigned (no GATELINE_SIGNING_KEY): nothing can be deployed with it")
    signed = sign_verdict(verdict, resource_uri=resource_uri, key=key, policy_name=policy_name)
    _write(reports_dir, EVIDENCE, signed.evidence)
    path = _write_envelope(os.path.join(reports_dir, SIGNED), signed.envelope, key)
    return Written(path, True, f"{path} is signed by {key.public.keyid}")


def add_image(path: str, digest: str, key: SigningKey, *, name: str = "") -> None:
    """Add a container image ("sha256:<hex>") to the subjects of a signed verdict, and sign it again.

    Only a verdict that this very key signed, and that PASSED, is signed again. Raises VerdictError.
    """
    envelope = open_envelope(read_file(path, "the verdict"))
    envelope.verify([key.public])
    statement = parse_object(envelope.payload, "the statement")
    if statement.get("predicateType") != SUMMARY_TYPE:
        raise VerdictError("this is signed, but it is no verdict")
    if statement["predicate"]["verificationResult"] != "PASSED":
        raise VerdictError("the verdict is FAILED, and a failed verdict vouches for no image")
    subject = image_subject(digest, name)
    if subject not in statement["subject"]:
        statement["subject"].append(subject)
    _write_envelope(path, seal(dump(statement), key), key)


def evidence_path(verdict_path: str) -> str:
    """Where the evidence of a verdict lies: beside it, "X.dsse.json" -> "X.evidence.jsonl"."""
    stem = verdict_path.removesuffix(".json").removesuffix(".dsse")
    return stem + ".evidence.jsonl"


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _write_envelope(path: str, envelope: bytes, key: SigningKey) -> str:
    folder, name = os.path.split(path)
    content = envelope + b"\n"
    _write(folder, name + ".sig", ssh_signature(key, content))
    return _write(folder, name, content)


def _write(folder: str, name: str, content: bytes) -> str:
    """Write by rename, so that a reader meets the old file or the new one, never half of one."""
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder or ".", exist_ok=True)
        with open(path + ".part", "wb") as file:
            file.write(content)
        os.replace(path + ".part", path)
    except OSError as error:
        raise CannotRun(f"the verdict cannot be written: {error.strerror}", where=path) from None
    return path
