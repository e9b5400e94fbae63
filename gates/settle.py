"""What a gate's findings come to: new ones told from old ones, `block` applied, ratchets compared."""

from __future__ import annotations

from gates.finding import EXISTING, NEW, Finding
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gates.settings import GateSettings

    Ranges = Mapping[str, Sequence[tuple[int, int]]]

__all__ = ["needs_base", "settle"]


def needs_base(settings: GateSettings, outcome: Outcome, *, compares_itself: bool) -> bool:
    """Whether the gate must look at the base tree as well before it can be judged."""
    if outcome.status == NOT_RUN:
        return False
    compares = bool(outcome.findings) and not compares_itself
    return bool(settings.ratchets) or (compares and (settings.block == "new" or bool(settings.tool_version)))


def settle(
    settings: GateSettings,
    outcome: Outcome,
    base: Outcome | None,
    *,
    same_tree: bool,
    compares_itself: bool,
    ranges: Callable[[], Ranges] | None,
) -> Outcome:
    """Judge an outcome by the gate's settings; changes it in place and returns it.

    base       what the gate came to on the base tree, None when there is no base or nobody needed to look
    same_tree  the base tree is the tree under test: whatever is found was there before
    ranges     the lines that the change adds, asked for only when they matter; None when there is no base
    """
    if outcome.status == NOT_RUN:
        return outcome
    found_any = bool(outcome.findings)
    if not compares_itself:
        _classify(outcome, base, same_tree, ranges)
    _apply_block(settings, outcome, found_any)
    if base is None and ranges is not None and outcome.status == PASSED and outcome.findings and not compares_itself:
        from gates.newness import by_lines

        by_lines(outcome.findings, ranges())  # nobody looked at the base, as nothing blocks: an estimate is enough
    if settings.ratchets and base is not None:
        _apply_ratchets(settings, outcome, base)
    if outcome.status == FAILED and base is not None and base.status == NOT_RUN:
        outcome.reason += f"; the base could not be compared with, so everything counts as new ({base.reason})"
    return outcome


def _classify(outcome: Outcome, base: Outcome | None, same_tree: bool, ranges: Callable[[], Ranges] | None) -> None:
    if same_tree:
        for finding in outcome.findings:
            finding.status = EXISTING
        return
    if base is None or base.status == NOT_RUN:
        return
    from gates.newness import classify  # only where there is something to compare

    outcome.findings += classify(outcome.findings, base.findings, ranges() if ranges and outcome.findings else None)


def _apply_block(settings: GateSettings, outcome: Outcome, found_any: bool) -> None:
    """Findings fail a gate only as far as `block` says; what failed without any fails, unless nothing may block."""
    if outcome.status != FAILED:
        return
    if not found_any:
        if settings.block == "none":
            outcome.findings.append(Finding(outcome.gate, "failed", outcome.reason or "it failed", severity="info"))
            outcome.status, outcome.reason = PASSED, ""
        return
    from gates.newness import blocking

    if not blocking(outcome, settings.block, settings.tool_version):
        outcome.status, outcome.reason = PASSED, ""
    elif all(finding.status == EXISTING for finding in outcome.findings):
        outcome.reason += ", nothing new"


def _apply_ratchets(settings: GateSettings, outcome: Outcome, base: Outcome) -> None:
    if base.status == NOT_RUN:
        looked = base.evidence.files or base.evidence.tests
        if outcome.status == PASSED and looked:  # a base without anything to look at has nothing to fall behind
            outcome.status = NOT_RUN
            outcome.reason = f"its ratchets could not be compared with the base: {base.reason}"
        return
    from gates.ratchet import compare

    worse = compare(outcome, base, settings.ratchets)
    if worse:
        for finding in worse:
            finding.status = NEW
        outcome.findings += worse
        outcome.status = FAILED
        outcome.reason = "; ".join(filter(None, [outcome.reason, *(finding.message for finding in worse)]))
