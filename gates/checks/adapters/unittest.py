"""unittest and what is built on it (Django's `manage.py test`): `Ran 5 tests in 0.001s`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add, failed_test

__all__ = ["read"]

SUMMARY = re.compile(
    r"^Ran (?P<tests>[0-9]+) tests? in [0-9.]+s\s+(?:OK|FAILED|NO TESTS RAN)?(?P<rest>.*)$", re.MULTILINE
)
COUNT = re.compile(r"(failures|errors|skipped|unexpected successes)=([0-9]+)")
FAILURE = re.compile(
    r"^=+\n(?:FAIL|ERROR): (?P<name>.*)\n(?:.*\n)?-+\n(?P<text>(?:.*\n)*?)(?=\n(?:=|-){20,})", re.MULTILINE
)
FRAME = re.compile(r'^  File "(?P<path>.+)", line (?P<line>[0-9]+)', re.MULTILINE)


def read(output: Output) -> Report:
    report = Report(tool="unittest")
    for found in SUMMARY.finditer(output.text):
        counts = {name: int(number) for name, number in COUNT.findall(found["rest"])}
        skipped = counts.pop("skipped", 0)
        add(report, int(found["tests"]), sum(counts.values()), skipped)
    for found in FAILURE.finditer(output.text):
        frames = FRAME.findall(found["text"])
        path, line = frames[0] if frames else ("", "0")
        reason = found["text"].strip().splitlines()[-1:] or [""]
        hit = failed_test(found["name"], f"{reason[0]}\n{found['text']}", path, int(line))
        hit.detail = found["text"].strip()
        report.hits.append(hit)
    return report
