"""`stylelint --formatter json`, which goes to standard error since version 16."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of

__all__ = ["read"]

PARSE_ERROR = "CssSyntaxError"


def read(output: Output) -> Report:
    report = Report(tool="stylelint")
    files = entries(output)
    for file in files:
        warnings = file.get("warnings")
        if not isinstance(warnings, list) or "source" not in file:
            raise UnreadableError("its JSON is not that of stylelint")
        if file.get("ignored"):
            report.ignored += 1
        for warning in warnings:
            rule = text_of(warning.get("rule"))
            hit = Hit(
                text_of(file["source"]),
                number(warning.get("line")),
                rule,
                text_of(warning.get("text")).removesuffix(f" ({rule})"),
                column=number(warning.get("column")),
                end_line=number(warning.get("endLine")),
                severity="minor" if warning.get("severity") == "warning" else "major",
            )
            report.add(hit, broken=rule == PARSE_ERROR)
    report.files = len(files) - report.ignored
    return report
