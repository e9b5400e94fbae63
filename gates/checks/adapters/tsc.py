"""What `tsc --pretty false` prints (vue-tsc too)."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report
from gates.checks.adapters.text import plain

__all__ = ["read"]

LINE = re.compile(
    r"^(?:(?P<path>\S[^\n]*?)[(:](?P<line>[0-9]+)[,:](?P<column>[0-9]+)\)?(?:: | - ))?"
    r"(?P<severity>error|warning) (?P<rule>TS(?P<number>[0-9]+)): (?P<message>.*(?:\n[ \t]+\S.*)*)",
    re.MULTILINE,
)


def read(output: Output) -> Report:
    report = Report(tool="tsc")
    for found in LINE.finditer(plain(output.text)):
        message, _, detail = found["message"].partition("\n")
        if found["path"] is None:
            report.problem = report.problem or f"{found['rule']}: {message}"  # about the configuration, not the code
            continue
        hit = Hit(
            found["path"],
            int(found["line"]),
            found["rule"],
            message,
            column=int(found["column"]),
            severity="major" if found["severity"] == "error" else "minor",
            detail=detail,
        )
        number = found["number"]
        report.add(hit, broken=len(number) == 4 and number.startswith("1"))  # TS1000 to TS1999: the errors of syntax
    return report
