"""Which findings a report shows, the worst first, within the limits of whoever reads it."""

from __future__ import annotations

from gates.finding import ALLOWED, EXISTING, FIXED, SEVERITIES
from gates.outcome import FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.finding import Finding
    from gates.outcome import Outcome
    from gates.verdict import Verdict

__all__ = ["Budget", "badness", "count_status", "current", "printed", "shown", "worst"]

RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def current(outcome: Outcome) -> list[Finding]:
    """The findings that are wrong in the tree under test: neither fixed nor allowed."""
    return [finding for finding in outcome.findings if finding.status not in (FIXED, ALLOWED)]


def shown(outcome: Outcome) -> list[Finding]:
    """What a person is to look at: what the change brought; where nothing is new but the gate failed, all there is."""
    found = current(outcome)
    fresh = [finding for finding in found if finding.status != EXISTING]
    return found if outcome.status == FAILED and not fresh else fresh


def printed(outcome: Outcome) -> str:
    """What a tool printed for people: nothing where it was JSON or XML, which only becomes findings."""
    return "" if outcome.output.lstrip()[:1] in ("{", "[", "<") else outcome.output


def badness(finding: Finding) -> tuple[int, tuple[str, int, int, str, str]]:
    """Sort key: worst severity first, then by place."""
    return (-RANK[finding.severity], finding.sort_key())


def worst(findings: Iterable[Finding], limit: int) -> tuple[list[Finding], int]:
    """The worst `limit` findings in order of place, and how many were left out."""
    ranked = sorted(findings, key=badness)
    return sorted(ranked[:limit], key=lambda finding: finding.sort_key()), max(0, len(ranked) - limit)


def count_status(verdict: Verdict, status: str) -> int:
    """How many findings of the run are of one status (NEW, EXISTING, FIXED, ALLOWED)."""
    return sum(finding.status == status for outcome in verdict.outcomes for finding in outcome.findings)


class Budget:
    """What still fits into a file with a limit of items and of bytes."""

    def __init__(self, items: int, size: int) -> None:
        self.items = items
        self.size = size
        self.refused = 0

    def admit(self, size: int) -> bool:
        """Whether one more item of that many bytes fits; counts it as taken or as refused."""
        if self.items < 1 or self.size < size:
            self.refused += 1
            return False
        self.items -= 1
        self.size -= size
        return True
