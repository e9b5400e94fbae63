"""`cargo test`: `test result: FAILED. 1 passed; 1 failed; 0 ignored; ...`, once for each crate and kind of test."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import failed_test, tally

__all__ = ["read"]

SUMMARY = re.compile(r"^test result: \w+\. ([0-9]+ passed; [0-9]+ failed; [0-9]+ ignored);", re.MULTILINE)
FAILURE = re.compile(r"^---- (?P<name>\S+) stdout ----\n(?P<text>(?:(?!---- |failures:).*\n)*)", re.MULTILINE)
PLACE = re.compile(r"panicked at (?P<path>[^\s:]+):(?P<line>[0-9]+):[0-9]+:?\n(?P<message>.*)")


def read(output: Output) -> Report:
    report = Report(tool="cargo test")
    for counts in SUMMARY.findall(output.stdout):
        tally(report, counts)
    for found in FAILURE.finditer(output.stdout):
        place = PLACE.search(found["text"])
        path, line = (place["path"], int(place["line"])) if place else ("", 0)
        text = f"{place['message']}\n{found['text']}" if place else found["text"]
        report.hits.append(failed_test(found["name"], text, path, line))
    return report
