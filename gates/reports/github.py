"""GitHub Actions: annotations on the changed lines, and folded groups in the log.

GitHub shows ten annotations of each kind for a step and drops the others without a word, so the worst ten are chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

from gates.finding import Finding
from gates.outcome import FAILED, NOT_RUN
from gates.reports.selection import badness, shown
from gates.verdict import Verdict

__all__ = ["ANNOTATIONS", "SUMMARY_LIMIT", "group", "problem", "render"]

ANNOTATIONS = 10
SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub takes for one step's summary; a longer one is refused as a whole."""


def render(verdict: Verdict) -> str:
    """Workflow commands, one a line: what blocks is an error, the rest a warning, or a notice for mere information."""
    kinds: dict[str, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for outcome in verdict.outcomes:
        for finding in shown(outcome):
            kinds[_kind(finding, outcome.status)].append(finding)
    whole = [*_whole_gates(verdict)][:ANNOTATIONS]
    lines = list(whole)
    for kind, found in kinds.items():
        room = ANNOTATIONS - (len(whole) if kind == "error" else 0)
        lines += [_annotation(kind, finding) for finding in sorted(found, key=badness)[:room]]
    return "".join(line + "\n" for line in lines)


def _whole_gates(verdict: Verdict) -> Iterator[str]:
    """Gates that did not pass and have no finding to show for it."""
    for outcome in verdict.with_status(FAILED, NOT_RUN):
        if outcome.status == NOT_RUN or not shown(outcome):
            what = "could not run" if outcome.status == NOT_RUN else "failed"
            yield f"::error title={_property(outcome.gate)}::{_data(f'{what}: {outcome.reason}')}"


def group(title: str, text: str) -> str:
    """Text that the log shows folded under a title. Commands inside the text are switched off."""
    # A tool's output must not be able to give commands: GitHub stops listening until it hears the token again.
    from secrets import token_hex

    token = token_hex(16)
    return f"::group::{_data(title)}\n::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n::endgroup::\n"


def problem(text: str) -> str:
    """An annotation of the job as a whole: what kept the gates from running."""
    return f"::error title=gateline::{_data(text)}\n"


def _kind(finding: Finding, status: str) -> str:
    if status == FAILED:
        return "error"
    return "notice" if finding.severity == "info" else "warning"


def _annotation(kind: str, finding: Finding) -> str:
    properties = [f"title={_property(f'{finding.gate} {finding.rule}')}"]
    if finding.place:
        place = finding.place
        properties += [f"file={_property(place.path)}", f"line={place.start_line}", f"endLine={place.end_line}"]
        # GitHub ignores a column when the annotation spans lines.
        if place.column and place.end_line == place.start_line:
            properties.append(f"col={place.column}")
    return f"::{kind} {','.join(properties)}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
