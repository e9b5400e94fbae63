"""vitest: `Tests  1 failed | 1 passed | 1 skipped (3)`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import count, failed_test

__all__ = ["read"]

SUMMARY = re.compile(r"^ +Tests +(.*?) +\([0-9]+\)$", re.MULTILINE)
NONE = re.compile(r"^No test files found, exiting with code |^ +Tests +no tests$", re.MULTILINE)
FILES = re.compile(r"^ +Test Files +([0-9]+) failed", re.MULTILINE)
FAILURE = re.compile(r"^ FAIL +(?P<path>\S+)(?P<name>.*)\n(?P<text>(?:(?! FAIL |⎯{5}).*\n)*)", re.MULTILINE)
PLACE = re.compile(r"^ ❯ (?:.* )?(?P<path>[^\s:]+):(?P<line>[0-9]+):[0-9]+$", re.MULTILINE)


def read(output: Output) -> Report:
    report = Report(tool="vitest")
    text = output.text
    if not count(report, SUMMARY, NONE, text):
        return report
    for found in FAILURE.finditer(text):
        place = next((at for at in PLACE.finditer(found["text"]) if at["path"] == found["path"]), None)
        name = f"{found['path']}{found['name']}"
        report.hits.append(failed_test(name, found["text"], found["path"], int(place["line"]) if place else 0))
    if not report.failed:
        report.failed = sum(map(int, FILES.findall(text)))  # files that cannot even be loaded
    return report
