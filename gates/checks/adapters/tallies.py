"""What the adapters for test runners share."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Report

__all__ = ["add", "failed_test", "tally"]

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


def failed_test(name: str, text: str, path: str = "", line: int = 0) -> Hit:
    """One failed test with the text that explains it."""
    lines = [part.strip() for part in text.strip().splitlines() if part.strip()]
    message = f"{name}: {lines[0]}" if lines else name
    return Hit(path, line, "test-failed", message, detail=text.strip()[-DETAIL:], identity=name)
