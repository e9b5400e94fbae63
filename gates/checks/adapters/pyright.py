"""`pyright --outputjson` (and basedpyright's)."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of

__all__ = ["read"]

SEVERITIES = {"error": "major", "warning": "minor"}


def read(output: Output) -> Report:
    report = Report(tool="pyright")
    for entry in entries(output):
        diagnostics = entry.get("generalDiagnostics")
        if not isinstance(diagnostics, list):
            raise UnreadableError("its JSON is not that of pyright")
        report.version = text_of(entry.get("version"))
        report.files = number(entry.get("summary", {}).get("filesAnalyzed"))
        for diagnostic in diagnostics:
            place = diagnostic.get("range", {})
            start, end = place.get("start", {}), place.get("end", {})
            first, _, rest = text_of(diagnostic.get("message")).partition("\n")
            hit = Hit(
                text_of(diagnostic.get("file")),
                number(start.get("line")) + 1,
                text_of(diagnostic.get("rule")) or "syntax",
                first,
                column=number(start.get("character")) + 1,
                end_line=number(end.get("line")) + 1,
                severity=SEVERITIES.get(text_of(diagnostic.get("severity")), "info"),
                detail=rest,
            )
            report.add(hit, broken=hit.rule == "syntax" and hit.severity == "major")
    return report
