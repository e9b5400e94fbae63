"""`mypy --output=json`: one object on each line."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of
from gates.checks.adapters.text import severity_of, with_notes

__all__ = ["read"]


def read(output: Output) -> Report:
    report = Report(tool="mypy")
    if output.code == 0 and not output.stdout.strip():
        return report  # it prints nothing when it found nothing
    hits = []
    for entry in entries(output):
        if "file" not in entry or "severity" not in entry:
            raise UnreadableError("its JSON is not that of mypy")
        word = text_of(entry["severity"])
        hits.append(
            Hit(
                text_of(entry["file"]),
                number(entry.get("line")),
                "note" if word == "note" else text_of(entry.get("code")) or word,
                text_of(entry.get("message")),
                column=number(entry.get("column")) + 1,
                end_line=number(entry.get("end_line")),
                severity=severity_of(word),
                detail=text_of(entry.get("hint")),
            )
        )
    for hit in with_notes(iter(hits)):
        report.add(hit, broken=hit.rule == "syntax")
    return report
