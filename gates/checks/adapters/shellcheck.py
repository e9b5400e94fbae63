"""`shellcheck --format=json1`, and the older `json`."""

from __future__ import annotations

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import documents, number, text_of

__all__ = ["read"]

SEVERITIES = {"error": "major", "warning": "major", "info": "minor", "style": "info"}
PARSE_ERRORS = range(1072, 1074)
"""SC1072 and SC1073: the file could not be parsed, so the rest of it was not looked at."""


def read(output: Output) -> Report:
    report = Report(tool="shellcheck")
    for document in documents(output):
        comments = document.get("comments") if isinstance(document, dict) else document
        if not isinstance(comments, list):
            raise UnreadableError("its JSON is not that of shellcheck")
        for comment in comments:
            if "code" not in comment:
                raise UnreadableError("its JSON is not that of shellcheck")
            code = number(comment["code"])
            hit = Hit(
                text_of(comment.get("file")),
                number(comment.get("line")),
                f"SC{code}",
                text_of(comment.get("message")),
                column=number(comment.get("column")),
                end_line=number(comment.get("endLine")),
                severity=SEVERITIES.get(text_of(comment.get("level")), "major"),
                url=f"https://www.shellcheck.net/wiki/SC{code}",
            )
            report.add(hit, broken=code in PARSE_ERRORS)
    return report
