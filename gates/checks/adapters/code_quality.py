"""GitLab's Code Quality JSON (Code Climate's), which linters offer as `gitlab` or `codeclimate`."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import entries, number, text_of
from gates.finding import SEVERITIES

__all__ = ["read"]


def read(output: Output) -> Report:
    report = Report()
    for entry in entries(output):
        place = entry.get("location")
        if not isinstance(place, dict) or "description" not in entry:
            raise UnreadableError("its JSON is not that of Code Quality")
        lines, begin = place.get("lines") or {}, (place.get("positions") or {}).get("begin") or {}
        severity = text_of(entry.get("severity"))
        report.hits.append(
            Hit(
                text_of(place.get("path")),
                number(lines.get("begin") or begin.get("line")),
                text_of(entry.get("check_name")) or "issue",
                text_of(entry["description"]),
                column=number(begin.get("column")),
                end_line=number(lines.get("end")),
                severity=severity if severity in SEVERITIES else "",
            )
        )
    return report
