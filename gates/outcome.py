"""What one gate came to: passed, failed, not run or skipped, and why."""

from __future__ import annotations

from gates.evidence import Evidence
from gates.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["FAILED", "NOT_RUN", "PASSED", "SKIPPED", "STATUSES", "Outcome"]

PASSED = "passed"
FAILED = "failed"
NOT_RUN = "not run"
SKIPPED = "skipped"
STATUSES = (PASSED, FAILED, NOT_RUN, SKIPPED)


class Outcome:
    """The result of one gate over one tree.

    status    PASSED, FAILED, NOT_RUN (could not look: missing tool, crash, time limit, no evidence) or
              SKIPPED (nothing to do at this door for this change, or the user said SKIP=)
    reason    why, in one sentence; always present unless PASSED
    findings  everything found, also what does not block
    metrics   named figures, for ratchets and reports ("average_complexity": 3.2)
    command   what a person types to repeat just this ("" when there is none)
    output    the end of what the tool printed, for display when it failed
    seconds   wall time; `cached` says that it was not spent now
    """

    __slots__ = (
        "cached",
        "command",
        "evidence",
        "findings",
        "gate",
        "metrics",
        "output",
        "reason",
        "seconds",
        "status",
    )

    def __init__(
        self,
        gate: str,
        status: str,
        reason: str = "",
        *,
        findings: list[Finding] | None = None,
        metrics: dict[str, float] | None = None,
        evidence: Evidence | None = None,
        command: str = "",
        output: str = "",
        seconds: float = 0.0,
        cached: bool = False,
    ) -> None:
        if status not in STATUSES:
            raise ValueError(f"status {status!r} is not one of {', '.join(STATUSES)}")
        self.gate = gate
        self.status = status
        self.reason = reason
        self.findings = findings if findings is not None else []
        self.metrics = metrics if metrics is not None else {}
        self.evidence = evidence if evidence is not None else Evidence()
        self.command = command
        self.output = output
        self.seconds = seconds
        self.cached = cached

    def to_dict(self) -> dict[str, Any]:
        return {
            "gate": self.gate,
            "status": self.status,
            "reason": self.reason,
            "findings": [finding.to_dict() for finding in self.findings],
            "metrics": self.metrics,
            "evidence": self.evidence.to_dict(),
            "command": self.command,
            "output": self.output,
            "seconds": self.seconds,
            "cached": self.cached,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        return cls(
            data["gate"],
            data["status"],
            data["reason"],
            findings=[Finding.from_dict(item) for item in data["findings"]],
            metrics=dict(data["metrics"]),
            evidence=Evidence.from_dict(data["evidence"]),
            command=data["command"],
            output=data["output"],
            seconds=data["seconds"],
            cached=data["cached"],
        )
