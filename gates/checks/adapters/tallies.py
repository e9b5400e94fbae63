"""What the adapters for test runners share."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Report

__all__ = ["add", "count", "failed_test", "tally"]

PART = re.compile(r"([0-9]+) ([a-z]+)")
FAILED = frozenset({"failed", "failing", "error", "errors", "fail", "failures", "cancelled"})
SKIPPED = frozenset({"skipped", "skip", "pending", "todo", "ignored"})
APART = frozenset({"total", "deselected", "warning", "warnings", "rerun", "reruns"})
"""Counts of something else than tests."""

DETAIL = 4000


def add(report: Report, tests: int, failed: int = 0, skipped: int = 0) -> None:
    report.tests = (report.tests or 0) + tests
    report.failed += failed
    report.skipped += skipped


def tally(report: Report, text: str) -> None:
    """Add up "1 failed, 2 passed, 1 skipped"."""
    counts = [(int(number), word) for number, word in PART.findall(text) if word not in APART]
    add(
        report,
        sum(number for number, _ in counts),
        sum(number for number, word in counts if word in FAILED),
        sum(number for number, word in counts if word in SKIPPED),
    )


def count(report: Report, summary: re.Pattern[str], none: re.Pattern[str], text: str) -> bool:
    """Add up every summary in a text, or note that it says that there are no tests; False when it says neither."""
    for found in summary.finditer(text):
        tally(report, found[1])
    if report.tests is None and none.search(text):
        add(report, 0)
    return report.tests is not None


def failed_test(name: str, text: str, path: str = "", line: int = 0) -> Hit:
    """One failed test with the text that explains it."""
    lines = [part.strip() for part in text.strip().splitlines() if part.strip()]
    message = f"{name}: {lines[0]}" if lines else name
    return Hit(path, line, "test-failed", message, detail=text.strip()[-DETAIL:], identity=name)
