"""A verdict in the words of others: in-toto Statements that any supply-chain tool can read.

One summary (predicate: SLSA Verification Summary v1) says for a commit and its tree which gates passed, and names by
digest one test-result statement for each gate, which holds the evidence. Nothing here claims an SLSA level: Gateline
does not assess them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from gates.attest.strict_json import dump
from gates.errors import VerdictError
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.verdict import Verdict

__all__ = [
    "EVIDENCE_TYPE",
    "LEVEL_PREFIX",
    "STATEMENT_TYPE",
    "SUMMARY_TYPE",
    "TIME_FORMAT",
    "VERIFIER",
    "evidence_digest",
    "evidence_statements",
    "image_subject",
    "level_of",
    "levels_of",
    "summary_statement",
]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
SUMMARY_TYPE = "https://slsa.dev/verification_summary/v1"
EVIDENCE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
VERIFIER = "urn:gateline:ci"
LEVEL_PREFIX = "ORG_SOURCE_GATELINE_"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

RESULTS = {PASSED: "PASSED", SKIPPED: "WARNED", FAILED: "FAILED", NOT_RUN: "FAILED"}
"""Status of a gate -> result in the test-result predicate, which knows no "not run": that is never a pass."""

TEST_LISTS = {"PASSED": "passedTests", "WARNED": "warnedTests", "FAILED": "failedTests"}


def summary_statement(
    verdict: Verdict, evidence: Sequence[bytes], *, resource_uri: str, policy_name: str = "gateline.yaml"
) -> dict[str, Any]:
    """The statement that is signed. `evidence` are the lines of `evidence_statements`.

    Raises VerdictError for a verdict that must not be signed: see `_refuse_unfit`.
    """
    _refuse_unfit(verdict)
    ended = datetime.fromtimestamp(int(verdict.started + verdict.seconds), UTC)
    statuses = [(outcome.gate, outcome.status) for outcome in verdict.outcomes]
    return {
        "_type": STATEMENT_TYPE,
        "subject": _subjects(verdict, resource_uri),
        "predicateType": SUMMARY_TYPE,
        "predicate": {
            "verifier": {"id": VERIFIER},
            "timeVerified": ended.strftime(TIME_FORMAT),
            "resourceUri": resource_uri,
            "policy": {"uri": f"{resource_uri}#{policy_name}", "digest": _digest_set(verdict.policy)},
            "inputAttestations": [
                {"uri": f"urn:gateline:evidence:{outcome.gate}", "digest": {"sha256": evidence_digest(line)}}
                for outcome, line in zip(verdict.outcomes, evidence, strict=True)
            ],
            "verificationResult": "PASSED" if verdict.passed else "FAILED",
            # The predicate wants the one word where the policy was not met, whatever some gates came to.
            "verifiedLevels": levels_of(statuses) if verdict.passed else ["FAILED"],
        },
    }


def evidence_statements(verdict: Verdict, *, resource_uri: str) -> list[bytes]:
    """One line of JSON for each gate: an in-toto test-result statement about the same commit and tree.

    Findings, output and commands stay out of it: they are in the reports, and may quote the code.
    """
    subjects = _subjects(verdict, resource_uri)
    return [dump(_evidence(verdict, outcome, subjects)) for outcome in verdict.outcomes]


def evidence_digest(line: bytes) -> str:
    """SHA-256, in hex, of one evidence statement without its line end."""
    return hashlib.sha256(line).hexdigest()


def level_of(gate: str) -> str:
    """ "unit-tests" -> "ORG_SOURCE_GATELINE_UNIT_TESTS"; the prefix is what SLSA reserves for an organisation's own."""
    return LEVEL_PREFIX + re.sub(r"[^A-Z0-9]", "_", gate.upper())


def levels_of(statuses: Iterable[tuple[str, str]]) -> list[str]:
    """The levels of the gates with status PASSED, sorted.

    Two gates may have one level ("a-b" and "a_b"): it is given only when both passed.
    """
    passed: set[str] = set()
    others: set[str] = set()
    for gate, status in statuses:
        (passed if status == PASSED else others).add(level_of(gate))
    return sorted(passed - others)


def image_subject(digest: str, name: str = "") -> dict[str, Any]:
    """The subject for a container image, from "sha256:<64 hex digits>". Raises VerdictError for anything else."""
    return {"name": name or "image", "digest": _digest_set(digest)}


def _evidence(verdict: Verdict, outcome: Outcome, subjects: list[dict[str, Any]]) -> dict[str, Any]:
    result = RESULTS[outcome.status]
    lists: dict[str, list[str]] = {name: [] for name in TEST_LISTS.values()}
    lists[TEST_LISTS[result]].append(outcome.gate)
    annotations = {
        "gate": outcome.gate,
        "status": outcome.status,
        "reason": outcome.reason,
        "findings": len(outcome.findings),
        "metrics": outcome.metrics,
        "evidence": outcome.evidence.to_dict(),
        "seconds": round(outcome.seconds, 3),
        "cached": outcome.cached,
        "door": verdict.change.door,
        "gateline": verdict.version,
    }
    configuration = {"name": "policy", "digest": _digest_set(verdict.policy), "annotations": annotations}
    return {
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": EVIDENCE_TYPE,
        "predicate": {"result": result, "configuration": [configuration], **lists},
    }


def _subjects(verdict: Verdict, resource_uri: str) -> list[dict[str, Any]]:
    change = verdict.change
    commit: dict[str, Any] = {
        "name": f"{resource_uri}@{change.commit}",
        "digest": {"gitCommit": change.commit},
    }
    if change.ref:
        commit["annotations"] = {"sourceRefs": [change.ref]}
    return [commit, {"name": "tree", "digest": {"gitTree": change.tree}}]


def _digest_set(digest: str) -> dict[str, str]:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise VerdictError(f"{digest!r} is not a digest: sha256: and 64 hex digits in lower case are wanted")
    return {"sha256": digest.removeprefix("sha256:")}


def _refuse_unfit(verdict: Verdict) -> None:
    if not verdict.change.commit:
        raise VerdictError("this verdict is about an index, not about a commit, and cannot be signed")
    if verdict.change.door != "ci":
        raise VerdictError(f"this verdict is of the {verdict.change.door} door: only those of the ci door are signed")
    if tuple(verdict.shard) != (1, 1):
        index, total = verdict.shard
        raise VerdictError(f"this is shard {index} of {total}: only the merged verdict can be signed")
    if not verdict.started:
        raise VerdictError("this verdict does not say when it was made, and cannot be signed")
    names = [outcome.gate for outcome in verdict.outcomes]
    if len(set(names)) != len(names):
        raise VerdictError("this verdict names a gate twice, and cannot be signed")
