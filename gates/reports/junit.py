"""JUnit XML as Jenkins, GitLab and the rest read it: a suite for each gate, a case for each finding.

A gate that passed is one case that passed, so that no suite is ever empty; one that could not run is an error.
The file stays below the limits of those who read it: 25,000 cases and 10 MB.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gates.finding import Finding
from gates.outcome import FAILED, NOT_RUN, SKIPPED, Outcome
from gates.reports.plain import counted, seen
from gates.reports.selection import Budget, badness, current, shown
from gates.verdict import Verdict

__all__ = ["MAX_BYTES", "MAX_CASES", "render"]

MAX_CASES = 25_000
MAX_BYTES = 10_000_000
RESERVE = 16_000
"""Bytes kept for each suite's own tags and for the sentence that tells what was left out."""


def render(verdict: Verdict, *, max_cases: int = MAX_CASES, max_bytes: int = MAX_BYTES) -> str:
    """The verdict as JUnit XML. What exceeds the limits is left out, the least severe first, and told."""
    suites = len(verdict.outcomes)
    budget = Budget(max_cases - suites, max_bytes - RESERVE * (suites + 1))
    cases = _admit(verdict, budget)
    bodies = [_suite(outcome, cases) for outcome in verdict.outcomes]
    total = sum(body.tests for body in bodies)
    failures = sum(body.failures for body in bodies)
    errors = sum(body.errors for body in bodies)
    head = (
        f'<testsuites name="gateline" tests="{total}" failures="{failures}" errors="{errors}"'
        f' time="{verdict.seconds:.3f}">'
    )
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', head, *(body.xml for body in bodies), "</testsuites>", ""]
    )


class _Suite:
    def __init__(self, xml: str, tests: int, failures: int, errors: int) -> None:
        self.xml = xml
        self.tests = tests
        self.failures = failures
        self.errors = errors


def _admit(verdict: Verdict, budget: Budget) -> dict[int, str]:
    """The cases that fit, by the id of their finding: the worst of all gates first."""
    found = [finding for outcome in verdict.with_status(FAILED) for finding in shown(outcome)]
    cases = ((finding, _finding_case(finding)) for finding in sorted(found, key=badness))
    return {id(finding): case for finding, case in cases if budget.admit(len(case.encode()))}


def _suite(outcome: Outcome, admitted: dict[int, str]) -> _Suite:
    found = sorted(shown(outcome), key=Finding.sort_key) if outcome.status == FAILED else []
    failures = [admitted[id(finding)] for finding in found if id(finding) in admitted]
    cases = failures or [_gate_case(outcome)]
    counts = {
        "tests": len(cases),
        "failures": sum("<failure" in case for case in cases),
        "errors": int(outcome.status == NOT_RUN),
        "skipped": int(outcome.status == SKIPPED),
    }
    left_out = len(found) - len(failures)
    told = [seen(outcome.evidence), f"{left_out:,} more findings are left out" if left_out else ""]
    attributes = "".join(f' {name}="{value}"' for name, value in counts.items())
    xml = [
        f"<testsuite name={_attribute(outcome.gate, 200)}{attributes} time={_attribute(f'{outcome.seconds:.3f}')}>",
        *cases,
        f"<system-out>{_text('. '.join(filter(None, told)), 500)}</system-out>",
        "</testsuite>",
    ]
    return _Suite("\n".join(xml), counts["tests"], counts["failures"], counts["errors"])


def _gate_case(outcome: Outcome) -> str:
    """The case that stands for the whole gate."""
    name = _attribute(outcome.gate, 200)
    head = f"<testcase name={name} classname={name} time={_attribute(f'{outcome.seconds:.3f}')}"
    reason = _attribute(outcome.reason, 500)
    if outcome.status == FAILED:
        return f'{head}><failure type="failed" message={reason}>{_text(outcome.output[-500:])}</failure></testcase>'
    if outcome.status == NOT_RUN:
        return f'{head}><error type="not run" message={reason}>{_text(outcome.output[-500:])}</error></testcase>'
    if outcome.status == SKIPPED:
        return f"{head}><skipped message={reason}/></testcase>"
    found = current(outcome)
    told = f"{counted(len(found), 'finding')}, none of them blocks" if found else ""
    return f"{head}><system-out>{told}</system-out></testcase>" if told else f"{head}/>"


def _finding_case(finding: Finding) -> str:
    """A case named by rule and place; its class is gate and file, which is how readers group cases."""
    path = finding.place.path if finding.place else ""
    name = f"{finding.rule} {finding.place}" if finding.place else finding.rule
    where = f"{finding.gate}.{path}" if path else finding.gate
    body = "\n".join(
        part
        for part in (
            f"{finding.place}: {finding.message}" if finding.place else finding.message,
            finding.source.strip(),
            *(f"also at {place}" for place in finding.related),
            finding.detail,
            finding.url,
        )
        if part
    )
    return (
        f"<testcase name={_attribute(name, 500)} classname={_attribute(where, 500)}>"
        f"<failure type={_attribute(finding.severity)} message={_attribute(finding.message, 1000)}>"
        f"{_text(body, 20_000)}</failure></testcase>"
    )


def _legal(character: str) -> bool:
    """Whether XML 1.0 may hold the character at all."""
    code = ord(character)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def _plain(text: str, limit: int) -> str:
    """Text cut to a length, without what XML cannot hold."""
    if limit and len(text) > limit:
        text = text[:limit] + " [cut]"
    return text if text.isprintable() else "".join(character if _legal(character) else "?" for character in text)


def _text(text: str, limit: int = 0) -> str:
    return escape(_plain(text, limit))


def _attribute(text: str, limit: int = 0) -> str:
    quoted: str = quoteattr(_plain(text, limit))
    return quoted
