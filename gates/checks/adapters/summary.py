"""How many tests ran, from what test runners print at their end: every runner that is known, added up.

A script may run several (`jest && node --test`), and one runner prints a summary for each package of a workspace.
"""

from __future__ import annotations

from gates.checks.adapters import Output, Report, reader
from gates.checks.adapters.text import plain

__all__ = ["read"]

RUNNERS = ("pytest_text", "unittest", "jest", "vitest", "mocha", "ava", "tap", "go_test", "cargo_test", "totals")

END = 4 * 1024 * 1024
"""Characters looked at: the end, where summaries are."""


def read(output: Output) -> Report:
    """A report whose `tests` stays None when no summary of a known runner is there."""
    stdout, stderr = (plain(text[-END:]).rstrip("\n") + "\n" for text in (output.stdout, output.stderr))
    clean = Output(stdout, stderr, output.code, output.options)
    report = Report()
    for name in RUNNERS:
        found = reader(name)(clean)
        if found.tests is None:
            continue
        report.tests = (report.tests or 0) + found.tests
        report.failed += found.failed
        report.skipped += found.skipped
        report.hits += found.hits
        report.tool = report.tool or found.tool
    return report
