"""mocha: `1 passing (5ms)`, `1 pending`, `1 failing`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add, failed_test, tally

__all__ = ["read"]

PASSING = re.compile(r"^  ([0-9]+ passing) \([^)]*\)$", re.MULTILINE)
OTHERS = re.compile(r"^  ([0-9]+ (?:pending|failing))$", re.MULTILINE)
NONE = re.compile(r"^Error: No test files found", re.MULTILINE)
FAILURE = re.compile(
    r"^  [0-9]+\) (?P<name>(?:.*\n {5,}(?! ))*?.*):\n(?P<text>(?:(?!  [0-9]+\) \S).*\n)*)", re.MULTILINE
)
PLACE = re.compile(r"^[ \t]+at .*?\(?(?:file://)?(?P<path>[^\s():]+):(?P<line>[0-9]+):[0-9]+\)?$", re.MULTILINE)
FOREIGN = ("node:", "node_modules/", "internal/")


def read(output: Output) -> Report:
    report = Report(tool="mocha")
    counts = PASSING.findall(output.stdout)
    if counts:
        tally(report, ", ".join(counts + OTHERS.findall(output.stdout)))
    elif NONE.search(output.text):
        add(report, 0)
    for found in FAILURE.finditer(output.stdout[_end(output.stdout) :]) if counts else ():
        name = " ".join(found["name"].split())
        place = next(
            (at for at in PLACE.finditer(found["text"]) if not any(part in at[0] for part in FOREIGN)),
            None,
        )
        path, line = (place["path"], int(place["line"])) if place else ("", 0)
        report.hits.append(failed_test(name, found["text"], path, line))
    return report


def _end(text: str) -> int:
    """Where the summary begins: before it, the same numbers only point to it."""
    found = PASSING.search(text)
    return found.end() if found else 0
