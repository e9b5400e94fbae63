"""ava: `1 test failed`, `2 tests passed`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add, failed_test, tally

__all__ = ["read"]

TEST = re.compile(r"^  ([0-9]+) tests? (passed|failed|skipped|todo)", re.MULTILINE)
PASSED = re.compile(r"^  ✔ ", re.MULTILINE)
FRAME = re.compile(r"^ +[0-9]+: .*\n", re.MULTILINE)
NONE = re.compile(r"^\s+✘ (?:Couldn.t find any files to test|No tests found in)", re.MULTILINE)
FAILURE = re.compile(r"^  (?P<name>\S.*)\n\n  (?P<path>\S+):(?P<line>[0-9]+)\n(?P<text>(?:(?!  ─).*\n)*)", re.MULTILINE)


def read(output: Output) -> Report:
    report = Report(tool="ava")
    counts = TEST.findall(output.text)
    if counts:
        tally(report, ", ".join(f"{number} {word}" for number, word in counts))
        if all(word != "passed" for _, word in counts):  # with failures it does not say how many passed
            add(report, len(PASSED.findall(output.text)))
    elif NONE.search(output.text):
        add(report, 0)
    for found in FAILURE.finditer(output.text) if counts else ():
        text = FRAME.sub("", found["text"])
        report.hits.append(failed_test(found["name"].strip(), text, found["path"], int(found["line"])))
    return report
