"""SARIF 2.1.0: the format that most analysers can write."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from gates.checks.adapters import Hit, Output, Report, UnreadableError
from gates.checks.adapters.documents import documents, number, text_of

__all__ = ["read"]

SEVERITIES = {"error": "major", "warning": "minor", "note": "info", "none": "info"}
PASSING = ("pass", "notApplicable", "informational")


def read(output: Output) -> Report:
    report = Report()
    for document in documents(output):
        runs = document.get("runs") if isinstance(document, dict) else None
        if not isinstance(runs, list):
            raise UnreadableError("its JSON is not SARIF: it has no list of runs")
        for run in runs:
            _read_run(report, run)
    return report


def _read_run(report: Report, run: dict[str, Any]) -> None:
    driver = run.get("tool", {}).get("driver", {})
    report.tool = report.tool or text_of(driver.get("name"))
    report.version = report.version or text_of(driver.get("semanticVersion") or driver.get("version"))
    rules = driver.get("rules") or []
    bases = run.get("originalUriBaseIds") or {}
    for result in run.get("results") or []:
        if result.get("kind", "fail") in PASSING or result.get("suppressions"):
            continue
        report.hits.append(_hit(result, rules, bases))
    for invocation in run.get("invocations") or []:
        if invocation.get("executionSuccessful") is False:
            notes = invocation.get("toolExecutionNotifications") or [{}]
            report.problem = text_of(notes[0].get("message", {}).get("text")) or "it says that it did not succeed"
    if run.get("artifacts"):
        report.files = (report.files or 0) + len(run["artifacts"])


def _hit(result: dict[str, Any], rules: list[dict[str, Any]], bases: dict[str, Any]) -> Hit:
    rule = _rule(result, rules)
    name = text_of(result.get("ruleId")) or text_of(rule.get("id")) or "result"
    level = result.get("level") or rule.get("defaultConfiguration", {}).get("level") or "warning"
    message, _, detail = _message(result, rule).partition("\n")
    places = [place.get("physicalLocation", {}) for place in result.get("locations") or []] or [{}]
    region = places[0].get("region", {})
    return Hit(
        _path(places[0].get("artifactLocation", {}), bases),
        number(region.get("startLine")),
        name,
        message or name,
        column=number(region.get("startColumn")),
        end_line=number(region.get("endLine")),
        severity=SEVERITIES.get(level, "minor"),
        url=text_of(rule.get("helpUri")),
        detail=detail.strip(),
    )


def _rule(result: dict[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
    index = result.get("ruleIndex", result.get("rule", {}).get("index", -1))
    if isinstance(index, int) and 0 <= index < len(rules):
        return rules[index]
    return next((rule for rule in rules if rule.get("id") == result.get("ruleId")), {})


def _message(result: dict[str, Any], rule: dict[str, Any]) -> str:
    message = result.get("message", {})
    text = text_of(message.get("text"))
    if not text:
        text = text_of(rule.get("messageStrings", {}).get(text_of(message.get("id")), {}).get("text"))
    for index, argument in enumerate(message.get("arguments") or []):
        text = text.replace(f"{{{index}}}", str(argument))
    return text


def _path(place: dict[str, Any], bases: dict[str, Any]) -> str:
    """A URI as a path: file:///tmp/a%20b.py, or relative to one of the bases."""
    uri = text_of(place.get("uri"))
    base = text_of(bases.get(text_of(place.get("uriBaseId")), {}).get("uri"))
    if base and ":" not in uri and not uri.startswith("/"):
        uri = f"{base.rstrip('/')}/{uri}"
    if uri.startswith("file:"):
        uri = uri.removeprefix("file:").removeprefix("//")
        uri = uri if uri.startswith("/") else "/" + uri.partition("/")[2]  # file://host/path
    return unquote(uri)
