"""Last lines of further test runners, for the counts alone."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add

__all__ = ["read"]

SUMMARIES = (
    # bun test: "Ran 3 tests across 1 files", below " 2 pass" and " 1 fail"
    re.compile(
        r"^(?: +(?P<skipped>[0-9]+) skip\n)?(?: +(?P<failed>[0-9]+) fail\n)(?:.*\n){0,3}?"
        r"Ran (?P<tests>[0-9]+) tests? across",
        re.MULTILINE,
    ),
    # deno test: "ok | 3 passed | 1 failed | 1 ignored (12ms)"
    re.compile(
        r"^(?:ok|FAILED) \| (?P<passed>[0-9]+) passed(?: \([^)]*\))? \| (?P<failed>[0-9]+) failed", re.MULTILINE
    ),
    # RSpec: "3 examples, 1 failure, 1 pending"
    re.compile(
        r"^(?P<tests>[0-9]+) examples?, (?P<failed>[0-9]+) failures?(?:, (?P<skipped>[0-9]+) pending)?$", re.MULTILINE
    ),
    # PHPUnit: "OK (3 tests, 4 assertions)", "Tests: 3, Assertions: 4, Failures: 1."
    re.compile(r"^OK \((?P<tests>[0-9]+) tests?, [0-9]+ assertions?\)$", re.MULTILINE),
    re.compile(
        r"^Tests: (?P<tests>[0-9]+), Assertions: [0-9]+(?:, Errors: [0-9]+)?(?:, Failures: (?P<failed>[0-9]+))?",
        re.MULTILINE,
    ),
    # Maven's last line, without the "-- in" and the time of those for each class
    re.compile(
        r"Tests run: (?P<tests>[0-9]+), Failures: (?P<failed>[0-9]+), Errors: [0-9]+, Skipped: (?P<skipped>[0-9]+)$",
        re.MULTILINE,
    ),
    # dotnet test: "Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3"
    re.compile(
        r"- Failed: +(?P<failed>[0-9]+), Passed: +[0-9]+, Skipped: +(?P<skipped>[0-9]+), Total: +(?P<tests>[0-9]+)"
    ),
)


def read(output: Output) -> Report:
    report = Report()
    for summary in SUMMARIES:
        for found in summary.finditer(output.text):
            said = {name: int(value or 0) for name, value in found.groupdict().items()}
            failed = said.get("failed", 0)
            add(report, said.get("tests", said.get("passed", 0) + failed), failed, said.get("skipped", 0))
    return report
