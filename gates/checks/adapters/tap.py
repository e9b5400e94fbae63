"""TAP, and the two outputs of `node --test`: its own TAP and the `spec` text that it prints on a terminal."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add, failed_test

__all__ = ["read"]

PLAN = re.compile(r"^(?:TAP version [0-9]+|1\.\.[0-9]+)\b", re.MULTILINE)
COUNT = re.compile(r"^[#ℹ] (tests|pass|fail|cancelled|skip|skipped|todo) ([0-9]+)$", re.MULTILINE)
TOTAL = re.compile(r"^# \{ total: ([0-9]+)(?:, pass: [0-9]+)?(?:, fail: ([0-9]+))?(?:, skip: ([0-9]+))?", re.MULTILINE)
RESULT = re.compile(r"^(not )?ok\b(?: [0-9]+)?(?: -)? ?(?P<name>.*)$", re.MULTILINE)
DIRECTIVE = re.compile(r"(?:^|\s)# (?:SKIP|TODO)\b", re.IGNORECASE)
WHOLE_FILE = re.compile(r"^(?:ok [0-9]+ - |✔ )/?(?:\S+/)?\S+\.[cm]?[jt]s(?: \([0-9.]+ms\))?$", re.MULTILINE)
"""A file without any test, which node counts as a test that passed."""

FAILURE = re.compile(
    r"^(?P<indent> *)not ok [0-9]+ - (?P<name>.*)\n(?P=indent)  ---\n(?P<text>(?:(?P=indent)  (?!\.\.\.).*\n|\n)*)",
    re.MULTILINE,
)
SPEC_FAILURE = re.compile(
    r"^test at (?P<path>.+):(?P<line>[0-9]+):[0-9]+\n"
    r"✖ (?P<name>.*?)(?: \([0-9.]+ms\))?\n(?P<text>(?:(?!test at ).*\n)*)",
    re.MULTILINE,
)
LOCATION = re.compile(
    r"^[ \t]+location: '(?P<path>.+):(?P<line>[0-9]+):[0-9]+'|fileName: (?P<file>.+)\n\s+lineNumber: (?P<at>[0-9]+)",
    re.MULTILINE,
)
ERROR = re.compile(r"^[ \t]+error: (?:\|-\n\s+)?(?P<error>.*)$", re.MULTILINE)


def read(output: Output) -> Report:
    report = Report()
    text = output.stdout
    counts: dict[str, int] = {}
    for word, number in COUNT.findall(text):
        counts[word] = counts.get(word, 0) + int(number)
    if "tests" in counts:
        empty = len(WHOLE_FILE.findall(text)) if "cancelled" in counts else 0
        skipped = counts.get("skip", 0) + counts.get("skipped", 0) + counts.get("todo", 0)
        add(report, counts["tests"] - empty, counts.get("fail", 0) + counts.get("cancelled", 0), skipped)
    elif totals := TOTAL.findall(text):
        for total, failed, skipped_ in totals:
            add(report, int(total), int(failed or 0), int(skipped_ or 0))
    elif PLAN.search(text):
        _count_results(report, text)
    if report.tests is not None:
        _take_failures(report, text)
    return report


def _count_results(report: Report, text: str) -> None:
    """Plain TAP: every line is a test."""
    for bad, name in RESULT.findall(text):
        aside = bool(DIRECTIVE.search(name))
        add(report, 1, int(bool(bad) and not aside), int(aside))
    if report.tests is None:
        add(report, 0)


def _take_failures(report: Report, text: str) -> None:
    for found in SPEC_FAILURE.finditer(text):
        report.hits.append(failed_test(found["name"], found["text"], found["path"], int(found["line"])))
    for found in FAILURE.finditer(text):
        if "subtestsFailed" in found["text"] or "exitCode:" in found["text"] or DIRECTIVE.search(found["name"]):
            continue  # the parent or the file of a failed test, which is reported itself
        place, error = LOCATION.search(found["text"]), ERROR.search(found["text"])
        path = (place["path"] or place["file"]) if place else ""
        line = int(place["line"] or place["at"]) if place else 0
        name = re.sub(r" # time=.*$", "", found["name"])
        hit = failed_test(name, error["error"].strip("'\"") if error else "", path, line)
        hit.detail = found["text"].rstrip()
        report.hits.append(hit)
