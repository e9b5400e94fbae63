"""What can go wrong, told to a person in one sentence, and the exit code that goes with it.

Every error that a user can cause or meet is a `GatelineError`. The one handler in `gates.__main__`
prints `str(error)` and exits with `error.exit_code`; nothing else decides exit codes from exceptions.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "CannotRun",
    "ConfigError",
    "DeployRunning",
    "DeployUndone",
    "ExitCode",
    "GatelineError",
    "NotUndone",
    "UsageError",
    "VerdictError",
]


class ExitCode:
    """The one table of exit codes (documented in docs/reference/exit-codes.md)."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NOT_RUN = 3
    VERDICT = 4
    UNDONE = 5
    NOT_UNDONE = 6
    RUNNING = 7
    INTERRUPTED = 130

    @classmethod
    def of_runs(cls, codes: Collection[int]) -> int:
        """The code of several runs: a failed gate says more than one that could not run."""
        return next((code for code in (cls.FAILED, cls.NOT_RUN) if code in codes), cls.PASSED)


class GatelineError(Exception):
    """Base of all errors with a sentence for the user.

    `message` says what is wrong, `where` is "file", "file:line" or "file:line:column", `hint` says what to do.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"

    @property
    def line(self) -> str:
        """The same on one line, for the reason of a gate in a table."""
        return str(self).replace("\n  ", ". ")


class UsageError(GatelineError):
    """The call itself is wrong: not a repository, unknown gate, options that exclude each other."""


class ConfigError(GatelineError):
    """gateline.yaml (or [tool.gateline]) cannot be understood; `where` names file, line and column."""


class CannotRun(GatelineError):
    """Something needed to look is missing, so nothing was looked at: never a pass."""

    exit_code = ExitCode.NOT_RUN


class VerdictError(GatelineError):
    """The verdict is missing, invalid, or not about this commit."""

    exit_code = ExitCode.VERDICT


class DeployUndone(GatelineError):
    """The upgrade failed and the old state is back and healthy."""

    exit_code = ExitCode.UNDONE


class NotUndone(GatelineError):
    """The upgrade failed and the old state could not be brought back: a person must look now."""

    exit_code = ExitCode.NOT_UNDONE


class DeployRunning(GatelineError):
    """The deadline passed while the upgrade was still going on."""

    exit_code = ExitCode.RUNNING
