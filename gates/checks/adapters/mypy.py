"""What mypy prints with `--no-pretty --show-column-numbers`: its JSON would not tell how many files it checked."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report, reader
from gates.checks.adapters.lines import read as read_lines
from gates.checks.adapters.text import plain

__all__ = ["read"]

FILES = re.compile(r"^(?:Success: no issues found in|Found .* \(checked) ([0-9]+) source files?", re.MULTILINE)
PROBLEM = re.compile(r"^(?:[^:\n]*: error: (?!.*\[)|mypy: (?:error: |can't )|There are no ).*$", re.MULTILINE)


def read(output: Output) -> Report:
    if output.stdout.startswith("{"):
        return reader("mypy_json")(output)
    report = read_lines(output)
    report.tool = "mypy"
    text = plain(output.text)
    if found := FILES.search(text):
        report.files = int(found[1])
    elif not report.hits and (problem := PROBLEM.search(text)):
        report.problem = problem[0]
    return report
