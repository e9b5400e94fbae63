"""What tools print, made into hits: one format, one file, each with a function `read`.

An adapter knows one format and nothing else: no gate, no tree, no configuration. What becomes of the hits (paths below
the tree, source lines, fingerprints, the outcome) is decided once for all formats in `gates.checks.reading`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["Hit", "Output", "Report", "UnreadableError", "reader"]


class UnreadableError(Exception):
    """The output is not in the format it should be in; the text says so in one sentence."""


class Output:
    """What a tool printed, as text; `options` are those of the gate, for the formats that need to be told."""

    __slots__ = ("code", "options", "stderr", "stdout")

    def __init__(self, stdout: str, stderr: str = "", code: int = 0, options: Mapping[str, Any] | None = None) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.code = code
        self.options = options or {}

    @property
    def text(self) -> str:
        return f"{self.stdout}\n{self.stderr}" if self.stderr else self.stdout


class Hit:
    """One thing that a tool reports, in the tool's own words.

    path      as the tool prints it, "" when it is about no file
    severity  one of gates.finding.SEVERITIES, "" when the tool does not say
    identity  what names it for good where a source line does not: the id of a test
    """

    __slots__ = ("column", "detail", "end_line", "identity", "line", "message", "path", "rule", "severity", "url")

    def __init__(
        self,
        path: str,
        line: int,
        rule: str,
        message: str,
        *,
        column: int = 0,
        end_line: int = 0,
        severity: str = "",
        url: str = "",
        detail: str = "",
        identity: str = "",
    ) -> None:
        self.path = path
        self.line = line
        self.rule = rule
        self.message = message
        self.column = column
        self.end_line = end_line
        self.severity = severity
        self.url = url
        self.detail = detail
        self.identity = identity


class Report:
    """All that one output says.

    parse_errors  places of files that could not be understood ("src/a.py:3: invalid syntax"); each is a hit as well
    files         number of files that the tool says it looked at
    ignored       number of files that it was given and passed over
    tests, failed, skipped  counts of a test run; `tests` are all of it, skipped ones included
    absent        what the tool was told to look at and did not find
    problem       why the tool could not do its work, in its own words
    """

    __slots__ = (
        "absent",
        "failed",
        "files",
        "hits",
        "ignored",
        "parse_errors",
        "problem",
        "skipped",
        "tests",
        "tool",
        "version",
    )

    def __init__(self, hits: list[Hit] | None = None, *, tool: str = "", version: str = "") -> None:
        self.hits = hits if hits is not None else []
        self.parse_errors: list[Hit] = []
        self.files: int | None = None
        self.ignored = 0
        self.tests: int | None = None
        self.failed = 0
        self.skipped = 0
        self.absent: list[str] = []
        self.problem = ""
        self.tool = tool
        self.version = version

    def add(self, hit: Hit, *, broken: bool = False) -> None:
        """One more hit; `broken`: it is about a file that the tool could not read, or not understand."""
        self.hits.append(hit)
        if not broken:
            return
        if "No such file" in hit.message:
            self.absent.append(hit.path)
        else:
            self.parse_errors.append(hit)


def reader(name: str) -> Callable[[Output], Report]:
    """The `read` of one adapter, imported when there is something to read. It raises UnreadableError."""
    module = f"gates.checks.adapters.{name}"
    if module not in sys.modules:
        __import__(module)
    read: Callable[[Output], Report] = sys.modules[module].read
    return read
