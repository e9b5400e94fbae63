"""Findings by the user's own regular expression, for `format: regex`."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.text import plain, severity_of

__all__ = ["read"]


def read(output: Output) -> Report:
    """One hit per match, in both outputs. The schema has checked the pattern."""
    try:
        pattern = re.compile(output.options.get("pattern", ""), re.MULTILINE)
    except re.error as error:
        raise UnreadableError(f"the pattern cannot be understood: {error}") from None
    report = Report()
    for found in pattern.finditer(plain(output.text)):
        said = {name: value for name, value in found.groupdict().items() if value}
        report.hits.append(
            Hit(
                said.get("path", ""),
                _number(said.get("line", "")),
                said.get("rule", "match"),
                said.get("message") or found[0].strip(),
                column=_number(said.get("column", "")),
                severity=severity_of(said.get("severity", "")),
            )
        )
    return report


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
