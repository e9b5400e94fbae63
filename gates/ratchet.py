"""Ratchets: figures that a change may not make worse than they are on the base tree."""

from __future__ import annotations

from gates.finding import ALLOWED, FIXED, Finding, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gates.outcome import Outcome

__all__ = ["DIRECTIONS", "compare", "figures"]

DIRECTIONS = ("down", "up")
"""Which way a metric may go: `down` must not grow (complexity, duplication), `up` must not shrink (coverage)."""

TOLERANCE = 1e-6
"""Relative difference that is rounding, not change."""


def figures(outcome: Outcome) -> dict[str, float]:
    """The gate's metrics, and `findings`: how many findings the tree has, old ones included."""
    wrong = sum(finding.status not in (FIXED, ALLOWED) for finding in outcome.findings)
    return {"findings": float(wrong), **outcome.metrics}


def compare(head: Outcome, base: Outcome, ratchets: Mapping[str, str]) -> list[Finding]:
    """A finding for each metric that is worse on the tree under test than on the base, or is not measured any more.

    A metric that the base does not have has nothing to be compared with and passes.
    """
    now, before = figures(head), figures(base)
    return [
        Finding(
            head.gate,
            f"ratchet-{metric}",
            told,
            severity="major",
            fingerprint=fingerprint(head.gate, "ratchet", metric),
        )
        for metric, direction in sorted(ratchets.items())
        if (told := _worse(metric, direction, now.get(metric), before.get(metric)))
    ]


def _worse(metric: str, direction: str, now: float | None, before: float | None) -> str:
    """What is worse, in a sentence, or ""."""
    if before is None:
        return ""
    name = metric.replace("_", " ")
    if now is None:
        return f"{name} was {before:g} on the base and is not measured now"
    change = now - before if direction == "down" else before - now
    if change <= TOLERANCE * max(1.0, abs(before)):
        return ""
    verb = "rose" if direction == "down" else "fell"
    limit = "grow" if direction == "down" else "shrink"
    return f"{name} {verb} from {before:.6g} to {now:.6g}; it may not {limit}"
