"""Evidence: the proof that a gate looked. A gate without it has not run, and not run is never passed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Evidence"]


class Evidence:
    """What a gate looked at, and with what.

    files         number of files examined, None when the tool does not tell
    tests         number of tests executed, None when this gate runs no tests or the tool does not tell
    tests_failed  number of tests failed or in error, None as above
    tests_skipped number of tests skipped, None as above
    parse_errors  one sentence for each file that could not be understood ("src/a.py:3: unexpected indent")
    left_out      reason -> number of files passed over for that reason
    tool, version what did the looking ("ruff", "0.8.1"); version "" when unknown
    """

    __slots__ = (
        "files",
        "left_out",
        "parse_errors",
        "tests",
        "tests_failed",
        "tests_skipped",
        "tool",
        "version",
    )

    def __init__(
        self,
        *,
        files: int | None = None,
        tests: int | None = None,
        tests_failed: int | None = None,
        tests_skipped: int | None = None,
        parse_errors: list[str] | None = None,
        left_out: dict[str, int] | None = None,
        tool: str = "",
        version: str = "",
    ) -> None:
        self.files = files
        self.tests = tests
        self.tests_failed = tests_failed
        self.tests_skipped = tests_skipped
        self.parse_errors = parse_errors if parse_errors is not None else []
        self.left_out = left_out if left_out is not None else {}
        self.tool = tool
        self.version = version

    def leave_out(self, reason: str, count: int = 1) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + count

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in sorted(self.__slots__)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evidence:
        return cls(**data)
