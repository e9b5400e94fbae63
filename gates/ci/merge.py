"""Joining the results of all shards into one verdict, which cannot pass when a shard is missing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from gates.errors import UsageError, VerdictError
from gates.evidence import Evidence
from gates.finding import Finding
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.reports import results
from gates.reports.write import FILES
from gates.verdict import Verdict

__all__ = ["SHARDS", "merge", "read_all"]

SHARDS = "gateline.shards"
"""Name of the outcome that stands for missing shards; no gate can be called so."""

WORST_FIRST = (FAILED, NOT_RUN, PASSED, SKIPPED)

AVERAGED = ("average", "coverage", "share", "percent", "mean")
"""Metrics whose name has one of these words are averaged over the files; others are added up, `max...` compared."""


def read_all(folders: Iterable[str]) -> list[Verdict]:
    """The results.json of each folder, or of each folder below one that has none itself. Raises UsageError."""
    paths: list[str] = []
    for folder in folders:
        own = os.path.join(folder, FILES["json"])
        below = sorted(
            os.path.join(where, FILES["json"])
            for where, _, files in os.walk(folder)
            if FILES["json"] in files and where != folder
        )
        if not os.path.exists(own) and not below:
            raise UsageError(f"there is no {FILES['json']} in {folder}", hint="Name the reports folders of the shards.")
        paths += [own] if os.path.exists(own) else below
    return [results.read(path) for path in paths]


def merge(shards: Sequence[Verdict]) -> Verdict:
    """One verdict of the verdicts of all shards.

    Raises VerdictError when they are not about the same commit by the same rules, or when two are the same shard.
    A missing shard is an outcome that has not run, so that the whole can never pass.
    """
    if not shards:
        raise UsageError("there are no results to merge")
    first = shards[0]
    _check(shards)
    total = first.shard[1]
    present = {verdict.shard[0]: verdict for verdict in shards}
    missing = [index for index in range(1, total + 1) if index not in present]
    ordered = [present[index] for index in sorted(present)]
    outcomes = [_join(name, ordered) for name in _names(ordered)]
    if missing:
        outcomes.append(_missing(missing, total))
    return Verdict(
        first.change,
        outcomes,
        policy=first.policy,
        started=min(verdict.started for verdict in ordered),
        seconds=max(verdict.started + verdict.seconds for verdict in ordered) - min(v.started for v in ordered),
        notes=list(dict.fromkeys(note for verdict in ordered for note in verdict.notes)),
        version=first.version,
    )


def _check(shards: Sequence[Verdict]) -> None:
    first = shards[0]
    facts: dict[str, Callable[[Verdict], object]] = {
        "trees": lambda verdict: verdict.change.tree,
        "commits": lambda verdict: verdict.change.commit,
        "bases": lambda verdict: verdict.change.base_tree,
        "doors": lambda verdict: verdict.change.door,
        "configurations": lambda verdict: verdict.policy,
        "versions of Gateline": lambda verdict: verdict.version,
        "numbers of shards": lambda verdict: verdict.shard[1],
    }
    for what, fact in facts.items():
        other = next((fact(verdict) for verdict in shards if fact(verdict) != fact(first)), None)
        if other is not None:
            raise VerdictError(f"the shards are of different {what}: {fact(first)} and {other}")
    indexes = [verdict.shard[0] for verdict in shards]
    twice = next((index for index in indexes if indexes.count(index) > 1), 0)
    if twice:
        raise VerdictError(
            f"shard {twice} of {first.shard[1]} is there twice", hint="Give each parallel job its own --shard I/N."
        )


def _names(shards: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(outcome.gate for verdict in shards for outcome in verdict.outcomes))


def _missing(missing: Sequence[int], total: int) -> Outcome:
    named = ", ".join(str(index) for index in missing)
    noun = "shard" if len(missing) == 1 else "shards"
    again = f"gateline ci --shard {missing[0]}/{total}"
    return Outcome(SHARDS, NOT_RUN, f"there are no results of {noun} {named} of {total}", command=again)


def _join(name: str, shards: Sequence[Verdict]) -> Outcome:
    """What one gate came to over all shards; a shard that does not know the gate did not run it."""
    parts = {verdict.shard[0]: outcome for verdict in shards for outcome in verdict.outcomes if outcome.gate == name}
    present = list(parts.values())
    absent = [verdict.shard[0] for verdict in shards if verdict.shard[0] not in parts]
    status, reason = _status(present, absent)
    deciding = [part for part in present if part.status == status]
    return Outcome(
        name,
        status,
        reason,
        findings=_findings(present),
        metrics=_metrics(present),
        evidence=_evidence([part.evidence for part in present]),
        command=next((part.command for part in deciding if part.command), ""),
        output="\n".join(part.output for part in present if part.output),
        seconds=sum(part.seconds for part in present),
        cached=status != SKIPPED and all(part.cached or part.status == SKIPPED for part in present),
    )


def _status(present: Sequence[Outcome], absent: Sequence[int]) -> tuple[str, str]:
    """The worst status, and the reasons of those that have it."""
    found = {part.status for part in present}
    status = next(status for status in WORST_FIRST if status in found)
    if absent and status in (PASSED, SKIPPED):
        return NOT_RUN, f"shard {absent[0]} has no result of it"
    return status, "; ".join(dict.fromkeys(part.reason for part in present if part.status == status and part.reason))


def _findings(parts: Sequence[Outcome]) -> list[Finding]:
    """All findings, those once that several shards found."""
    found = {
        (finding.fingerprint, finding.sort_key(), finding.status): finding
        for part in parts
        for finding in part.findings
    }
    return sorted(found.values(), key=Finding.sort_key)


def _metrics(parts: Sequence[Outcome]) -> dict[str, float]:
    looked = [part for part in parts if part.status != SKIPPED]
    names = sorted({name for part in looked for name in part.metrics})
    return {name: _metric(name, [part for part in looked if name in part.metrics]) for name in names}


def _metric(name: str, parts: Sequence[Outcome]) -> float:
    values = [part.metrics[name] for part in parts]
    if name.startswith("max"):
        return max(values)
    if any(word in name for word in AVERAGED):
        weights = [part.evidence.files or part.evidence.tests or 1 for part in parts]
        return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
    return sum(values)


def _evidence(parts: Sequence[Evidence]) -> Evidence:
    joined = Evidence(
        files=_sum([part.files for part in parts]),
        tests=_sum([part.tests for part in parts]),
        tests_failed=_sum([part.tests_failed for part in parts]),
        tests_skipped=_sum([part.tests_skipped for part in parts]),
        parse_errors=list(dict.fromkeys(error for part in parts for error in part.parse_errors)),
        tool=next((part.tool for part in parts if part.tool), ""),
        version=next((part.version for part in parts if part.version), ""),
    )
    for part in parts:
        for reason, count in part.left_out.items():
            joined.leave_out(reason, count)
    return joined


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
