"""`eslint --format json`."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of

__all__ = ["read"]

IGNORED = "File ignored"


def read(output: Output) -> Report:
    report = Report(tool="eslint")
    files = entries(output)
    for file in files:
        messages = file.get("messages")
        if not isinstance(messages, list) or "filePath" not in file:
            raise UnreadableError("its JSON is not that of eslint")
        for message in messages:
            if not message.get("ruleId") and text_of(message.get("message")).startswith(IGNORED):
                report.ignored += 1
            else:
                _take(report, text_of(file["filePath"]), message)
    report.files = len(files) - report.ignored
    return report


def _take(report: Report, path: str, message: dict[str, object]) -> None:
    rule = text_of(message.get("ruleId"))
    hit = Hit(
        path,
        number(message.get("line")),
        rule or ("parse-error" if message.get("fatal") else "eslint"),
        text_of(message.get("message")),
        column=number(message.get("column")),
        end_line=number(message.get("endLine")),
        severity="major" if message.get("severity") == 2 else "minor",
    )
    report.add(hit, broken=bool(message.get("fatal")))
