"""Verifying a verdict, fail closed: each step raises VerdictError with its reason, and only the last line says yes.

The order matters. Nothing of the payload is looked at before the signature is known to be that of a pinned key; then
comes what the verdict is about, who says so, what it says, by which rules, when, and at last on what evidence.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gates.attest.dsse import open_envelope
from gates.attest.keys import PublicKey
from gates.attest.policy import policy_digest, resolve
from gates.attest.sign import evidence_path
from gates.attest.statement import (
    EVIDENCE_TYPE,
    LEVEL_PREFIX,
    STATEMENT_TYPE,
    SUMMARY_TYPE,
    TIME_FORMAT,
    VERIFIER,
    evidence_digest,
    level_of,
    levels_of,
)
from gates.attest.strict_json import parse_object, read_file
from gates.errors import UsageError, VerdictError
from gates.git.repository import Repository
from gates.outcome import PASSED, SKIPPED

__all__ = ["CLOCK_SKEW", "Demands", "VerifiedVerdict", "verify"]

CLOCK_SKEW = 300.0
"""Seconds by which the clock of CI may be ahead of ours."""


@dataclass(frozen=True)
class Demands:
    """What a verdict must be, to be accepted.

    commit       any name of the commit; resolved in the repository
    required     names of the gates that must have passed; at least one
    policy_from  revision whose configuration must be the one that was in force ("origin/main")
    resource     the repository's URI, see `gates.attest.policy.resource_uri`
    max_age      seconds since the gates ended
    ref          full name of the branch or tag it must have been built for, "" for any
    images       digests ("sha256:<hex>") that must be among the subjects
    verifier     who must have judged
    """

    commit: str
    required: tuple[str, ...]
    policy_from: str
    resource: str
    max_age: float = 86400.0
    ref: str = ""
    images: tuple[str, ...] = ()
    verifier: str = VERIFIER


@dataclass(frozen=True)
class VerifiedVerdict:
    """A verdict that held. `gates`: the names of those that passed. `images`: digests "sha256:<hex>" it vouches for.

    `verified_at` is in seconds since the epoch, UTC: when the gates ended. `keyid` names the key that signed.
    """

    commit: str
    tree: str
    gates: tuple[str, ...]
    policy: str
    resource: str
    refs: tuple[str, ...]
    images: tuple[str, ...]
    verified_at: float
    keyid: str


def verify(
    repository: Repository,
    verdict_file: str,
    keys: Sequence[PublicKey],
    demands: Demands,
    *,
    now: float | None = None,
) -> VerifiedVerdict:
    """Check the verdict in `verdict_file`, and the evidence beside it, against `demands`; `now` is for tests.

    `repository` should come from `read_only_repository()`. `keys` are pinned: loaded by `load_public_key()` from
    outside the repository. Raises VerdictError with one sentence that names the reason, UsageError when no key or no
    gate is demanded.
    """
    if not keys or not demands.required:
        raise UsageError("a verdict is verified against at least one key and one required gate")
    envelope = open_envelope(read_file(verdict_file, "the verdict"))
    signer = envelope.verify(keys)
    statement = parse_object(envelope.payload, "the statement")
    try:
        return _check(repository, verdict_file, statement, signer, demands, time.time() if now is None else now)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise VerdictError(f"the statement is not laid out as a verdict ({type(error).__name__}: {error})") from None


def _check(
    repository: Repository, file: str, statement: dict[str, Any], signer: PublicKey, demands: Demands, now: float
) -> VerifiedVerdict:
    _same("the statement type", statement["_type"], STATEMENT_TYPE)
    commit, tree = _check_subject(repository, statement["subject"], demands)
    _same("the predicate type", statement["predicateType"], SUMMARY_TYPE)
    predicate = statement["predicate"]
    _same("the verifier", predicate["verifier"]["id"], demands.verifier)
    _same("the repository of the verdict", predicate["resourceUri"], demands.resource)
    _same("the result", predicate["verificationResult"], "PASSED")
    _check_levels(predicate["verifiedLevels"], demands.required)
    policy = _check_policy(repository, predicate["policy"], demands)
    verified_at = _check_age(predicate["timeVerified"], demands.max_age, now)
    refs = _check_ref(statement["subject"], demands.ref)
    gates = _check_evidence(file, statement, policy)
    if missing := sorted(set(demands.required) - set(gates)):
        raise VerdictError(f"the required gate {missing[0]!r} has no evidence that it passed")
    images = _check_images(statement["subject"], demands.images)
    return VerifiedVerdict(commit, tree, gates, policy, demands.resource, refs, images, verified_at, signer.keyid)


def _same(what: str, found: object, wanted: str) -> None:
    if found != wanted:
        raise VerdictError(f"{what} is {found!r}, not {wanted!r}")


def _check_subject(repository: Repository, subjects: list[dict[str, Any]], demands: Demands) -> tuple[str, str]:
    """The commit that is asked for, and the tree that git, not the verdict, says it has."""
    wanted = resolve(repository, demands.commit, "commit")
    if not wanted:
        raise VerdictError(f"the commit {demands.commit} is not in this repository, so its tree cannot be compared")
    commit = _one_digest(subjects, "gitCommit")
    if commit != wanted:
        raise VerdictError(f"the verdict is about commit {commit[:12]}, not {wanted[:12]}")
    tree = resolve(repository, wanted, "tree")
    claimed = _one_digest(subjects, "gitTree")
    if claimed != tree:
        raise VerdictError(
            f"the verdict is about tree {claimed[:12]}, but commit {wanted[:12]} has tree {tree[:12]}: "
            "the gates looked at something else than what was committed"
        )
    return wanted, tree


def _one_digest(subjects: list[dict[str, Any]], kind: str) -> str:
    found = [subject["digest"][kind] for subject in subjects if kind in subject["digest"]]
    if len(found) != 1 or not isinstance(found[0], str):
        raise VerdictError(f"the verdict has {len(found)} subjects of kind {kind}, not one")
    return found[0]


def _check_levels(levels: list[str], required: Sequence[str]) -> None:
    for level in levels:
        if not level.startswith(LEVEL_PREFIX):
            raise VerdictError(f"the verdict claims the level {level}, which Gateline never assesses")
    for gate in required:
        if level_of(gate) not in levels:
            raise VerdictError(f"the required gate {gate!r} is not among those that passed")


def _check_policy(repository: Repository, policy: dict[str, Any], demands: Demands) -> str:
    wanted = policy_digest(repository, demands.policy_from)
    if policy["digest"] != {"sha256": wanted.removeprefix("sha256:")}:
        raise VerdictError(
            f"the verdict was made by another configuration than that of {demands.policy_from}",
            hint="Run the gates again with the configuration of the target branch.",
        )
    return wanted


def _check_age(stamp: str, max_age: float, now: float) -> float:
    try:
        verified_at = datetime.strptime(stamp, TIME_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise VerdictError(f"the time of the verdict, {stamp!r}, is not a time in UTC") from None
    age = now - verified_at
    if age > max_age:
        raise VerdictError(
            f"the verdict has expired: it is {_hours(age)} old, and at most {_hours(max_age)} are allowed"
        )
    if age < -CLOCK_SKEW:
        raise VerdictError(f"the verdict is from the future ({stamp}): one of the two clocks is wrong")
    return verified_at


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _check_ref(subjects: list[dict[str, Any]], ref: str) -> tuple[str, ...]:
    refs: list[str] = next(
        (
            subject.get("annotations", {}).get("sourceRefs", [])
            for subject in subjects
            if "gitCommit" in subject["digest"]
        ),
        [],
    )
    if ref and ref not in refs:
        raise VerdictError(f"the verdict was made for {', '.join(refs) or 'no ref'}, not for {ref}")
    return tuple(refs)


def _check_images(subjects: list[dict[str, Any]], images: Sequence[str]) -> tuple[str, ...]:
    """The images the verdict vouches for; those asked for must be among them."""
    found = tuple(f"sha256:{subject['digest']['sha256']}" for subject in subjects if "sha256" in subject["digest"])
    for image in images:
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", image):
            raise UsageError(f"{image!r} is not an image digest", hint="sha256: and 64 hex digits in lower case.")
        if image not in found:
            raise VerdictError(f"the verdict does not vouch for the image {image}")
    return found


def _check_evidence(file: str, statement: dict[str, Any], policy: str) -> tuple[str, ...]:
    """The gates that passed, by evidence whose digests are re-derived from the file beside the verdict."""
    path = evidence_path(file)
    raw = read_file(path, "the evidence of the verdict")
    lines = raw.removesuffix(b"\n").split(b"\n")
    claimed = [entry["digest"] for entry in statement["predicate"]["inputAttestations"]]
    if len(lines) != len(claimed):
        raise VerdictError(f"the verdict rests on {len(claimed)} pieces of evidence, but {path} has {len(lines)}")
    statuses: dict[str, str] = {}
    for number, (line, digest) in enumerate(zip(lines, claimed, strict=True), 1):
        if digest != {"sha256": evidence_digest(line)}:
            raise VerdictError("this evidence is not what the verdict was signed for", where=f"{path}:{number}")
        gate, status = _check_piece(line, f"{path}:{number}", statement["subject"], policy)
        if gate in statuses:
            raise VerdictError(f"the gate {gate!r} has two pieces of evidence", where=f"{path}:{number}")
        statuses[gate] = status
    return _check_agreement(statuses, statement["predicate"]["verifiedLevels"])


def _check_piece(line: bytes, where: str, subjects: list[dict[str, Any]], policy: str) -> tuple[str, str]:
    """Name and status of the gate in one evidence statement, which must be about the same commit, tree and policy."""
    piece = parse_object(line, f"the evidence in {where}")
    _same(f"{where}: the statement type", piece["_type"], STATEMENT_TYPE)
    _same(f"{where}: the predicate type", piece["predicateType"], EVIDENCE_TYPE)
    for kind in ("gitCommit", "gitTree"):
        _same(f"{where}: the {kind}", _one_digest(piece["subject"], kind), _one_digest(subjects, kind))
    configuration = piece["predicate"]["configuration"][0]
    _same(f"{where}: the policy", "sha256:" + configuration["digest"]["sha256"], policy)
    gate, status = configuration["annotations"]["gate"], configuration["annotations"]["status"]
    if not isinstance(gate, str) or not isinstance(status, str):
        raise VerdictError("this evidence does not name its gate and status", where=where)
    if (status == PASSED) != (piece["predicate"]["result"] == "PASSED"):
        raise VerdictError(f"the evidence of gate {gate!r} contradicts itself", where=where)
    return gate, status


def _check_agreement(statuses: dict[str, str], levels: list[str]) -> tuple[str, ...]:
    """What the summary says must be what the evidence says, no more and no less."""
    for gate, status in statuses.items():
        if status not in (PASSED, SKIPPED):
            raise VerdictError(f"the verdict says PASSED, but by its evidence the gate {gate!r} is: {status}")
    if sorted(levels) != levels_of(statuses.items()):
        raise VerdictError("the levels of the verdict are not those of the gates that passed by its evidence")
    return tuple(gate for gate, status in statuses.items() if status == PASSED)
