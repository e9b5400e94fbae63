"""One finding per line, as compilers have printed them for ever: `path:line:column: severity: message [rule]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.checks.adapters import Hit, Output, Report
from gates.checks.adapters.text import LONGEST, plain, severity_of, with_notes

__all__ = ["hits_in", "read"]

LINE = re.compile(
    r"^(?=[^:\s][^:\n]*[A-Za-z]|[A-Za-z])(?P<path>(?:[A-Za-z]:)?[^:\n\t(]*[^:\s(]):(?P<line>[0-9]{1,7})(?::(?P<column>[0-9]{1,5}))?"
    r"(?::[0-9]{1,7}:[0-9]{1,5})?(?::[ \t]*|[ \t]+)(?P<rest>\S.*)$",
    re.MULTILINE,
)
SEVERITY = re.compile(
    r"^(?:\[(?P<in>error|warning|info)\]|(?P<word>error|warning|warn|note|info|style|fatal)(?: error)?\b)[: ]+",
    re.IGNORECASE,
)
RULE_FIRST = re.compile(r"^([A-Z]{1,6}[0-9]{1,5}):?\s+")
RULE_LAST = re.compile(r"\s*(?:\[([A-Za-z@][\w@/., -]*)\]|\(([A-Za-z@][\w@/.-]*)\))$")
PARSE_ERRORS = ("E999", "E902", "E0001", "syntax", "typecheck")
"""Rules of flake8, pycodestyle, pylint, yamllint, mypy and golangci-lint for a file that could not be understood."""


def read(output: Output) -> Report:
    report = Report()
    for hit in with_notes(hits_in(plain(output.text))):
        report.add(hit, broken=hit.rule in PARSE_ERRORS)
    return report


def hits_in(text: str) -> Iterator[Hit]:
    """The hits, a note as one with the rule "note"."""
    for found in LINE.finditer(text):
        rest = found["rest"][:LONGEST]
        word = SEVERITY.match(rest)
        kind = (word["in"] or word["word"]).lower() if word else ""
        rest = rest[word.end() :] if word else rest
        first, last = RULE_FIRST.match(rest), RULE_LAST.search(rest)
        rule = first[1] if first else (last[1] or last[2]) if last else ""
        message = rest[first.end() :] if first else rest[: last.start()] if last else rest
        yield Hit(
            found["path"],
            int(found["line"]),
            "note" if kind == "note" else rule or kind or "line",
            message or rest,
            column=int(found["column"] or 0),
            severity=severity_of(kind),
        )
