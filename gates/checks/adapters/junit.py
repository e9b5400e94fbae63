"""JUnit XML: the report of test runners, pytest first of all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.xml import parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read"]

PLACE = re.compile(
    r"^(?:[ \t]*File \"(?P<python>[^\"\n]+)\", line (?P<row>[0-9]+)"
    r"|[ \t]*at .*?\(?(?:file://)?(?P<node>[^\s():][^\s()]*):(?P<at>[0-9]+):[0-9]+\)?$"
    r"|(?P<path>[^\s:][^:\n]*):(?P<line>[0-9]+): )",
    re.MULTILINE,
)
SEARCHED = 20_000
"""Characters of a traceback in which its place is looked for: some tests print megabytes."""

DETAIL = 6000
"""Characters kept of a traceback: its end, where the error is."""


def read(output: Output) -> Report:
    root = parse_xml(output.stdout)
    if root.tag not in ("testsuites", "testsuite"):
        raise UnreadableError("its XML is not that of JUnit")
    report = Report()
    report.tests = 0
    for suite, case in _cases(root, root.get("name", "")):
        report.tests += 1
        wrong = [part for part in case if part.tag in ("failure", "error")]
        if wrong:
            report.failed += 1
            report.hits += [_hit(suite, case, part) for part in wrong]
        elif case.find("skipped") is not None:
            report.skipped += 1
    return report


def _cases(element: Element, suite: str) -> list[tuple[str, Element]]:
    """Every test with the name of its suite, however deep suites are nested."""
    found = []
    for child in element:
        if child.tag == "testcase":
            found.append((suite, child))
        elif child.tag == "testsuite":
            found += _cases(child, child.get("name", suite))
    return found


def _hit(suite: str, case: Element, part: Element) -> Hit:
    text = (part.text or "").strip()
    said = part.get("message") or text or part.get("type") or part.tag
    collection = said == "collection failure"
    name = ".".join(word for word in (case.get("classname", ""), case.get("name", "")) if word)
    path, line = _place(suite, case, text)
    first = _reason(text) if collection else said.strip().splitlines()[0]
    return Hit(
        path,
        line,
        "collection-error" if collection else "test-failed" if part.tag == "failure" else "test-error",
        f"{name}: {first}" if name else first,
        severity="critical" if collection else "major",
        detail=text if len(text) <= DETAIL else "[...]\n" + text[-DETAIL:],
        identity=f"{name} {part.tag}",
    )


def _reason(text: str) -> str:
    """The error at the end of a traceback, which pytest marks with an E."""
    marked = [line[2:].strip() for line in text.splitlines() if line.startswith("E ")]
    return (marked or text.splitlines() or ["it cannot be imported"])[-1]


def _place(suite: str, case: Element, text: str) -> tuple[str, int]:
    """Where the test went wrong: the last line of its own file in the traceback, else where the test begins."""
    path = case.get("file", "")
    begins = int(case.get("line") or 0) + (suite == "pytest")  # pytest counts from 0 here
    places = [
        (found["python"] or found["node"] or found["path"], int(found["row"] or found["at"] or found["line"]))
        for found in PLACE.finditer(text[-SEARCHED:])
    ]
    if not path:
        return places[0] if places else ("", 0)
    own = [line for place, line in places if place.endswith(path)]
    return path, own[-1] if own else begins
