"""`pylint --output-format=json` (a list) and `json2` (an object with that list in it)."""

from __future__ import annotations

from typing import Any

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of

__all__ = ["read"]

SEVERITIES = {"fatal": "critical", "error": "major", "warning": "major"}
PARSE_ERRORS = ("syntax-error", "astroid-error", "parse-error", "fatal")


def read(output: Output) -> Report:
    report = Report(tool="pylint")
    for entry in entries(output):
        if "statistics" in entry:
            for message in entry.get("messages", ()):
                _take(report, message)
        else:
            _take(report, entry)
    return report


def _take(report: Report, message: dict[str, Any]) -> None:
    rule = text_of(message.get("symbol"))
    if not rule or "path" not in message:
        raise UnreadableError("its JSON is not that of pylint")
    text = text_of(message.get("message"))
    hit = Hit(
        text_of(message["path"]),
        number(message.get("line")),
        rule,
        text.partition("\n")[0],
        column=number(message.get("column")) + 1,
        end_line=number(message.get("endLine")),
        severity=SEVERITIES.get(text_of(message.get("type")), "minor"),
        detail=text.partition("\n")[2],
    )
    if rule == "fatal" and text.startswith("No module named"):
        report.absent.append(hit.path)
    else:
        report.add(hit, broken=rule in PARSE_ERRORS)
