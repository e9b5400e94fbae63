"""Examining a tree: what is too complex in it, and what of that the change brings."""

from __future__ import annotations

import os

from gates.checks.complexity.measure import TOOL_VERSION, mi_rank, rank, severity, step
from gates.checks.complexity.sides import Sides
from gates.checks.complexity.store import Store
from gates.checks.objects import repository_of
from gates.evidence import Evidence
from gates.finding import EXISTING, FIXED, NEW, Finding, Place, fingerprint
from gates.git.change import EMPTY_TREE
from gates.newness import blocking, classify
from gates.outcome import FAILED, NOT_RUN, PASSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.checks.base import GateContext
    from gates.checks.complexity.measure import Block, Measured
    from gates.outcome import Outcome

__all__ = ["examine"]

MAX = "C"
"""Default of the option `max`."""


def examine(context: GateContext) -> Outcome:
    """The outcome of the complexity gate."""
    evidence = Evidence(tool="radon", version=TOOL_VERSION)
    options, ratchets = context.settings.options, context.settings.ratchets
    repository = repository_of(context)
    sides = Sides(context, repository, whole=bool("average" in options or ratchets))
    if not sides.asked:
        return context.outcome(NOT_RUN, "none of the files asked about is in the tree", evidence=evidence)
    evidence.files = len(sides.asked)
    store = Store(context.state_dir, index="maintainability" in options)
    try:
        store.fill(repository, [*sides.asked.values(), *sides.base.values()])
        everything = _measure_rest(context, sides, store, evidence)
    finally:
        store.save()
    judge = _Judge(context)
    findings = [finding for path, blob in sides.asked.items() for finding in judge.file(path, store.get(blob))]
    if context.side == "head":
        findings += _compare(judge, findings, sides, store)
    metrics: dict[str, float] = {}
    if everything:
        sums = _Sums(store, sides.head.values())
        metrics = sums.metrics()
        findings += judge.average(sums.average, _average_before(context, sums, sides, store))
    return _conclude(context, judge, findings, metrics, evidence)


def _measure_rest(context: GateContext, sides: Sides, store: Store, evidence: Evidence) -> bool:
    """Measure, where there is time, what only the average needs; returns whether every file is measured now.

    The first commit after an installation must not wait until thousands of files have been measured. The other doors
    take that time, and later commits find it done.
    """
    left = store.missing(sides.head.values())
    if left and context.change.door == "commit" and not context.settings.ratchets:
        evidence.leave_out("not measured yet, so this commit is not judged by the average", len(left))
        return False
    store.fill(repository_of(context), left)
    return sides.head.keys() >= set(context.all_files)


def _compare(judge: _Judge, findings: list[Finding], sides: Sides, store: Store) -> list[Finding]:
    """Tell what the change brings: what was not too complex before, or is of a worse rank now; returns what is gone."""
    before = _Judge(judge.context)
    gone = [finding for path, blob in sides.base.items() for finding in before.file(path, store.get(blob))]
    worst: dict[str, int] = {}
    for finding in gone:
        worst[finding.fingerprint] = max(worst.get(finding.fingerprint, 0), before.complexity(finding))
    here = []
    for finding in findings:
        if finding.place and finding.place.path in sides.changed:
            here.append(finding)
        else:
            finding.status = EXISTING
    fixed = classify(here, gone)
    for finding in here:
        was = worst.get(finding.fingerprint, 0)
        if finding.status == EXISTING and step(judge.complexity(finding)) > step(was):
            finding.status = NEW
            finding.message += f"; it was {was} before"
    return fixed


class _Judge:
    """Compares what was measured with the settings.

    errors  a sentence for each file that cannot be understood
    """

    def __init__(self, context: GateContext) -> None:
        self.context = context
        self.name = context.settings.name
        self.options = context.settings.options
        self.errors: list[str] = []
        self.complexities: dict[Place, int] = {}

    def complexity(self, finding: Finding) -> int:
        """Of the function that a finding is about, 0 when it is about something else."""
        return self.complexities.get(finding.place, 0) if finding.place and finding.rule == "too-complex" else 0

    def file(self, path: str, measured: Measured) -> list[Finding]:
        if measured.error:
            self.errors.append(f"{path}:{measured.error}")
            return []
        allowed = self.options.get("max", MAX)
        findings = [self._block(path, block) for block in measured.complex if rank(block.complexity) > allowed]
        average = measured.total / measured.blocks if measured.blocks else 0.0
        if rank(average) > self.options.get("modules", "F"):
            message = f"its functions have complexity {average:.1f} on average"
            findings.append(self._finding("module-too-complex", message, rank(average), "modules", path))
        if measured.index is not None and mi_rank(measured.index) > self.options["maintainability"]:
            message = f"its maintainability index is {measured.index:.1f}"
            letter = mi_rank(measured.index)
            findings.append(self._finding("hard-to-maintain", message, letter, "maintainability", path))
        return findings

    def average(self, now: float, before: float | None) -> list[Finding]:
        """What is wrong with the whole tree; `before` is its average on the base, None when there is none."""
        if rank(now) <= self.options.get("average", "F"):
            return []
        message = f"all functions together have complexity {now:.2f} on average"
        finding = self._finding("average-too-complex", message, rank(now), "average", "")
        finding.status = EXISTING if before is not None and step(before) >= step(now) else NEW
        return [finding]

    def _block(self, path: str, block: Block) -> Finding:
        letter, allowed = rank(block.complexity), self.options.get("max", MAX)
        place = Place(path, block.line, block.end_line)
        self.complexities[place] = block.complexity
        return Finding(
            self.name,
            "too-complex",
            f"the {block.kind} {block.name} has complexity {block.complexity} (rank {letter}, {allowed} is allowed)",
            place=place,
            severity=severity(letter),
            source=block.source,
            fingerprint=fingerprint(self.name, "too-complex", block.name),
        )

    def _finding(self, rule: str, message: str, letter: str, option: str, path: str) -> Finding:
        return Finding(
            self.name,
            rule,
            f"{message} (rank {letter}, {self.options[option]} is allowed)",
            place=Place(path) if path else None,
            severity=severity(letter),
            fingerprint=fingerprint(self.name, rule, os.path.basename(path)),
        )


class _Sums:
    """Sums over files."""

    def __init__(self, store: Store, blobs: Iterable[str]) -> None:
        self.functions = self.blocks = self.total = self.peak = 0
        for blob in blobs:
            functions, blocks, total, peak = store.packed_of(blob)[:4]
            self.functions += functions
            self.blocks += blocks
            self.total += total
            self.peak = max(self.peak, peak)

    @property
    def average(self) -> float:
        return self.total / self.blocks if self.blocks else 0.0

    def metrics(self) -> dict[str, float]:
        return {
            "average_complexity": self.average,
            "functions": float(self.functions),
            "max_complexity": float(self.peak),
        }


def _average_before(context: GateContext, now: _Sums, sides: Sides, store: Store) -> float | None:
    """The average of the base: as now, with what differs taken back."""
    if context.side == "base" or context.change.base_tree == EMPTY_TREE:
        return None
    added = _Sums(store, [sides.head[path] for path in sides.changed])
    removed = _Sums(store, sides.base.values())
    blocks = now.blocks - added.blocks + removed.blocks
    return (now.total - added.total + removed.total) / blocks if blocks else 0.0


def _conclude(
    context: GateContext, judge: _Judge, findings: list[Finding], metrics: dict[str, float], evidence: Evidence
) -> Outcome:
    evidence.parse_errors = judge.errors
    outcome = context.outcome(FAILED, _summary(findings), findings=findings, metrics=metrics, evidence=evidence)
    if judge.errors and not blocking(outcome, context.settings.block):
        more = f" (and {len(judge.errors) - 1} more)" if len(judge.errors) > 1 else ""
        outcome.status, outcome.reason = NOT_RUN, f"{judge.errors[0]}{more}"
    elif not any(finding.status != FIXED for finding in findings):
        outcome.status, outcome.reason = PASSED, ""
    return outcome


def _summary(findings: list[Finding]) -> str:
    """How many findings there are and how many of them the change brings."""
    there = [finding for finding in findings if finding.status != FIXED]
    fresh = sum(finding.status == NEW for finding in there)
    what = "1 finding" if len(there) == 1 else f"{len(there)} findings"
    return f"{what}, {fresh} of them new" if there else ""
