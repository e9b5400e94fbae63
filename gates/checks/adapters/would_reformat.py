"""What formatters print when they only look: `ruff format --check`, black, prettier, isort, gofmt -l."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report
from gates.checks.adapters.text import plain

__all__ = ["read"]

REFORMAT = re.compile(
    r"^(?:would reformat:? (?P<name>.+)"  # black, ruff until 0.14
    r"|unformatted: .*\n *--> (?P<arrow>.+?):[0-9]+:[0-9]+"  # ruff since
    r"|\[warn\] (?P<warn>\S+\.\w+)"  # prettier
    r"|ERROR: (?P<isort>.+?) Imports are incorrectly sorted and/or formatted\.)$",
    re.MULTILINE | re.IGNORECASE,
)
BROKEN = re.compile(
    r"^(?:error: (?:cannot format|cannot parse:|Failed to parse) (?P<name>[^:\n]+):"
    r"(?:(?P<row>[0-9]+):[0-9]+:?)?(?P<what>.*)"
    r"|invalid-syntax: (?P<message>.*)\n *--> (?P<arrow>.+?):(?P<line>[0-9]+):[0-9]+"
    r"|\[error\] (?P<prettier>\S+): (?P<why>SyntaxError: .*?)(?: \((?P<at>[0-9]+):[0-9]+\))?)$",
    re.MULTILINE,
)
FILES = re.compile(r"\b([0-9]+) files? (?:already formatted|left unchanged|would be (?:left unchanged|reformatted))")
NONE = re.compile(r"No Python files found|No Path provided|No files matching the (?:given )?pattern|No files .*found")


def read(output: Output) -> Report:
    report = Report()
    text = plain(output.text)
    for found in REFORMAT.finditer(text):
        path = found["name"] or found["arrow"] or found["warn"] or found["isort"]
        # No line: the path names this finding, as the text of some line would not.
        report.hits.append(Hit(path, 0, "format", "not formatted"))
    for found in BROKEN.finditer(text):
        path = found["name"] or found["arrow"] or found["prettier"]
        line = int(found["row"] or found["line"] or found["at"] or 1)
        what = (found["what"] or "").strip() or found["message"] or found["why"] or "it cannot be parsed"
        report.add(Hit(path, line, "invalid-syntax", what), broken=True)
    if counts := FILES.findall(text):
        report.files = sum(map(int, counts)) + len(report.parse_errors)
    elif NONE.search(text):
        report.files = 0
    return report
