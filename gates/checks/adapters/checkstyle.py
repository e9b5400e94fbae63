"""Checkstyle XML, which many linters of many languages can write."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.text import severity_of
from gates.checks.adapters.xml import parse_xml

__all__ = ["read"]


def read(output: Output) -> Report:
    root = parse_xml(output.stdout)
    if root.tag != "checkstyle":
        raise UnreadableError("its XML is not that of Checkstyle")
    report = Report()
    files = root.findall("file")
    for file in files:
        for error in file.findall("error"):
            report.hits.append(
                Hit(
                    file.get("name", ""),
                    int(error.get("line") or 0),
                    error.get("source") or "error",
                    error.get("message", ""),
                    column=int(error.get("column") or 0),
                    severity=severity_of(error.get("severity", "error")),
                )
            )
    report.files = len(files) or None
    return report
