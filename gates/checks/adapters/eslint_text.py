"""The `stylish` text of eslint and the like one of stylelint: a path, and below it one line for each finding."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report
from gates.checks.adapters.text import LONGEST, plain

__all__ = ["read"]

FINDING = re.compile(
    r"^\s+(?P<line>[0-9]+):(?P<column>[0-9]+)\s+(?P<severity>error|warning|✖|⚠|×|‼|ℹ)\s+"
    r"(?P<message>\S.*?)(?:\s{2,}(?P<rule>[@\w][\w@/.-]*))?\s*$"
)
PATH = re.compile(r"^(?![>\s])\S.*$")


def read(output: Output) -> Report:
    report = Report()
    path = ""
    for line in plain(output.text).splitlines():
        found = FINDING.match(line[:LONGEST])
        if found and path:
            hit = Hit(
                path,
                int(found["line"]),
                found["rule"] or "parse-error",
                found["message"],
                column=int(found["column"]),
                severity="minor" if found["severity"] in ("warning", "⚠", "‼", "ℹ") else "major",
            )
            report.add(hit, broken=hit.rule == "CssSyntaxError" or hit.message.startswith("Parsing error"))
        elif PATH.match(line):
            path = line.strip()
    return report
