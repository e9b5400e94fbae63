"""`ruff check --output-format=json`."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import documents, entries, number, text_of

__all__ = ["read"]

PARSE_ERRORS = ("invalid-syntax", "E999", "E902")
"""What ruff calls a file that it cannot read, now and before 0.8; its code was null in between."""

ABSENT = re.compile(r"^warning: Failed to lint (.+): No such file", re.MULTILINE)
"""What it says of a missing path where E902 is not selected, and then ends with exit code 0."""


def read(output: Output) -> Report:
    report = Report(tool="ruff")
    for entry in entries(output):
        place, end = entry.get("location"), entry.get("end_location") or {}
        if not isinstance(place, dict) or not isinstance(end, dict) or "message" not in entry:
            raise UnreadableError("its JSON is not that of ruff")
        rule = text_of(entry.get("code")) or "invalid-syntax"
        hit = Hit(
            text_of(entry.get("filename")),
            number(place.get("row")),
            rule,
            text_of(entry["message"]),
            column=number(place.get("column")),
            end_line=number(end.get("row")),
            url=text_of(entry.get("url")),
        )
        report.add(hit, broken=rule in PARSE_ERRORS)
    report.absent = ABSENT.findall(output.stderr)
    if output.stderr.count("No Python files found") >= len(documents(output)):  # one of each for each call
        report.files = 0
    return report
