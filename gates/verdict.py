"""The verdict: what every gate came to over one exact tree.

This is the record in memory and in results.json; `gates.attest` turns it into a signed statement.
"""

from __future__ import annotations

from gates.errors import ExitCode
from gates.git.change import Change
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Verdict"]


class Verdict:
    """The outcomes of one run.

    change    what it was about (tree, commit, base, ref, door)
    outcomes  in the order of the configuration
    policy    digest of the configuration that was in force ("blake2b:<hex>")
    started   seconds since the epoch, UTC
    seconds   wall time of the whole run
    notes     sentences about the run a person must know ("2 gates skipped by SKIP")
    version   Gateline's version
    shard     (index, total), 1-based
    """

    __slots__ = ("change", "notes", "outcomes", "policy", "seconds", "shard", "started", "version")

    def __init__(
        self,
        change: Change,
        outcomes: list[Outcome],
        *,
        policy: str = "",
        started: float = 0.0,
        seconds: float = 0.0,
        notes: list[str] | None = None,
        version: str = "",
        shard: tuple[int, int] = (1, 1),
    ) -> None:
        self.change = change
        self.outcomes = outcomes
        self.policy = policy
        self.started = started
        self.seconds = seconds
        self.notes = notes if notes is not None else []
        self.version = version
        self.shard = tuple(shard)

    def with_status(self, *statuses: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status in statuses]

    @property
    def exit_code(self) -> int:
        """FAILED beats NOT_RUN: a real finding is more useful to a person than a missing tool."""
        if self.with_status(FAILED):
            return ExitCode.FAILED
        if self.with_status(NOT_RUN):
            return ExitCode.NOT_RUN
        return ExitCode.PASSED

    @property
    def passed(self) -> bool:
        """Every gate passed or had nothing to do, and at least one was asked."""
        return bool(self.outcomes) and all(o.status in (PASSED, SKIPPED) for o in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """The layout of results.json (docs/reference/results.schema.json)."""
        return {
            "version": self.version,
            "passed": self.passed,
            "exit_code": self.exit_code,
            "policy": self.policy,
            "started": self.started,
            "seconds": self.seconds,
            "notes": self.notes,
            "shard": list(self.shard),
            "change": self.change.to_dict(),
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        return cls(
            Change.from_dict(data["change"]),
            [Outcome.from_dict(item) for item in data["outcomes"]],
            policy=data["policy"],
            started=data["started"],
            seconds=data["seconds"],
            notes=list(data["notes"]),
            version=data["version"],
            shard=(data["shard"][0], data["shard"][1]),
        )
