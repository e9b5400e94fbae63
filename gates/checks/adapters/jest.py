"""jest: `Tests:       1 failed, 1 skipped, 1 passed, 3 total`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import count, failed_test

__all__ = ["read"]

SUMMARY = re.compile(r"^Tests: +(.*?[0-9]+ total)", re.MULTILINE)
NONE = re.compile(r"^No tests found, exiting with code ", re.MULTILINE)
SUITES = re.compile(r"^Test Suites: +(?:([0-9]+) failed)?", re.MULTILINE)
FAILURE = re.compile(r"^  ● (?P<name>.*)\n(?P<text>(?:(?!  ● |Test Suites: |PASS |FAIL ).*\n)*)", re.MULTILINE)
PLACE = re.compile(r"^[ \t]+at .*?\(?(?P<path>[^\s():]+):(?P<line>[0-9]+):[0-9]+\)?$", re.MULTILINE)
NO_TESTS = ("Console", "Cannot log after tests are done")


def read(output: Output) -> Report:
    report = Report(tool="jest")
    text = output.text
    if not count(report, SUMMARY, NONE, text):
        return report
    for found in {found[0]: found for found in FAILURE.finditer(text)}.values():  # shown again at the end
        if not found["name"].startswith(NO_TESTS):
            place = next((at for at in PLACE.finditer(found["text"]) if "node_modules" not in at["path"]), None)
            path, line = (place["path"], int(place["line"])) if place else ("", 0)
            report.hits.append(failed_test(found["name"], found["text"], path, line))
    if not report.failed and any(number for number in SUITES.findall(text)):
        report.failed = sum(int(number or 0) for number in SUITES.findall(text))  # files that cannot even be loaded
    return report
