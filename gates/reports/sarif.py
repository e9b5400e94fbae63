"""SARIF 2.1.0 as GitHub code scanning reads it: a run for each gate that looked.

GitHub's limits: 20 runs in a file, 25,000 results, 10 MB. The tool that looked is the driver of its run; a category
(`automationDetails.id`) keeps the runs apart. What has no place in the tree, and what hindered a gate, is a
notification, because a result without a location is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from gates.finding import ALLOWED, EXISTING, FIXED, NEW, Finding, Place
from gates.outcome import NOT_RUN, SKIPPED, Outcome
from gates.reports.plain import counted
from gates.reports.selection import Budget, badness
from gates.verdict import Verdict

__all__ = ["MAX_BYTES", "MAX_RESULTS", "MAX_RUNS", "render"]

MAX_RUNS = 20
MAX_RESULTS = 25_000
MAX_BYTES = 10_000_000
RESERVE = 4_000
"""Bytes kept for each run besides its results and rules."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://pypi.org/project/gateline/"
ROOT = "SRCROOT"
LEVELS = {"info": "note", "minor": "warning", "major": "error", "critical": "error", "blocker": "error"}
BASELINE = {NEW: "new", EXISTING: "unchanged"}


def render(
    verdict: Verdict, *, max_runs: int = MAX_RUNS, max_results: int = MAX_RESULTS, max_bytes: int = MAX_BYTES
) -> str:
    """The verdict as SARIF. What exceeds the limits is left out, the least severe first, and told in its run."""
    looked = [outcome for outcome in verdict.outcomes if outcome.status != SKIPPED]
    groups = [[outcome] for outcome in looked[: max_runs - 1]]
    rest = looked[max_runs - 1 :]
    groups += [rest] if rest else []
    budget = Budget(max_results, max_bytes - RESERVE * (len(groups) + 1))
    admitted = _admit(looked, budget)
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(group, admitted, verdict) for group in groups],
    }
    return json.dumps(log, ensure_ascii=True, separators=(",", ":")) + "\n"


def _admit(outcomes: Iterable[Outcome], budget: Budget) -> set[int]:
    """Ids of the findings that fit, the worst of all gates first."""
    placed = [finding for outcome in outcomes for finding in _told(outcome) if finding.place]
    return {id(finding) for finding in sorted(placed, key=badness) if budget.admit(_size(finding))}


def _told(outcome: Outcome) -> list[Finding]:
    """What is wrong, and what would be if it was not allowed: that has the standard's mark of being suppressed."""
    return [finding for finding in outcome.findings if finding.status != FIXED]


def _size(finding: Finding) -> int:
    """Bytes of the result and, since it may be the first of it, of its rule."""
    return len(json.dumps([_result(finding, 0), _rule(finding)], separators=(",", ":"))) + 10


def _run(group: list[Outcome], admitted: set[int], verdict: Verdict) -> dict[str, Any]:
    first = group[0]
    found = [finding for outcome in group for finding in _told(outcome) if id(finding) in admitted]
    suppresses = any(finding.status == ALLOWED for finding in found)
    rules: dict[str, int] = {}
    descriptors: list[dict[str, Any]] = []
    for finding in found:
        name = _rule_id(finding)
        if name not in rules:
            rules[name] = len(descriptors)
            descriptors.append(_rule(finding))
    alone = len(group) == 1
    tool = first.evidence.tool if alone else ""
    driver: dict[str, Any] = {
        "name": tool or (f"gateline {first.gate}" if alone else "gateline"),
        "informationUri": HOME,
        "rules": descriptors,
    }
    version = first.evidence.version if tool else verdict.version
    if version:
        driver["version"] = version
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"gateline/{first.gate if alone else 'more'}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository."}}},
        "invocations": [_invocation(group, admitted, verdict)],
        "results": [_result(finding, rules[_rule_id(finding)], suppresses=suppresses) for finding in found],
    }


def _rule_id(finding: Finding) -> str:
    return finding.rule or "unnamed"


def _rule(finding: Finding) -> dict[str, Any]:
    name = _rule_id(finding)
    rule: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": f"{finding.gate}: {name}."},
        "fullDescription": {"text": f"The rule {name} of the gate {finding.gate}."},
        "help": {"text": f"Run `gateline explain {name}` to read about it, or see {finding.url or HOME}."},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"tags": [finding.gate]},
    }
    if finding.url:
        rule["helpUri"] = finding.url
    return rule


def _result(finding: Finding, rule_index: int, *, suppresses: bool = True) -> dict[str, Any]:
    """`suppresses` says that a result of the run is suppressed: the standard then asks of all whether they are."""
    assert finding.place is not None
    result: dict[str, Any] = {
        "ruleId": _rule_id(finding),
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message or finding.rule},
        "locations": [_location(finding.place, finding.source)],
        "partialFingerprints": {"gateline/v1": finding.fingerprint},
    }
    if finding.status in BASELINE:
        result["baselineState"] = BASELINE[finding.status]
    if suppresses:
        why = {"kind": "inSource", "justification": finding.detail}
        result["suppressions"] = [why] if finding.status == ALLOWED else []
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": "also here"}, **_location(place)}
            for number, place in enumerate(finding.related[:50], 1)
        ]
    return result


def _location(place: Place, source: str = "") -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": max(1, place.start_line)}
    if place.column > 0:
        region["startColumn"] = place.column
    if place.end_line > place.start_line:
        region["endLine"] = place.end_line
    if source:
        region["snippet"] = {"text": source[:1000]}
    uri = quote(place.path.encode("utf-8", "surrogateescape"))
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": ROOT}, "region": region}}


def _invocation(group: list[Outcome], admitted: set[int], verdict: Verdict) -> dict[str, Any]:
    """Whether the gates could look, and everything to be told that has no place in a file."""
    texts = [text for outcome in group for text in _notices(outcome, admitted)]
    start = datetime.fromtimestamp(verdict.started, UTC)
    invocation: dict[str, Any] = {
        "executionSuccessful": not any(outcome.status == NOT_RUN for outcome in group),
        "startTimeUtc": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if texts:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": text[:1000]}} for text in texts[:20]
        ]
    return invocation


def _notices(outcome: Outcome, admitted: set[int]) -> Iterator[str]:
    if outcome.status == NOT_RUN:
        yield f"{outcome.gate} could not run: {outcome.reason}"
    found = _told(outcome)
    left_out = sum(finding.place is not None and id(finding) not in admitted for finding in found)
    if left_out:
        yield f"{outcome.gate}: {counted(left_out, 'more finding')} left out to keep this file within its limits"
    for finding in found:
        if finding.place is None:
            yield f"{outcome.gate} {finding.rule}: {finding.message}"
    yield from outcome.evidence.parse_errors
