"""The coverage gate: the lines that a change brings must be executed by tests.

It reads coverage data that a tool of any language has written (coverage.py JSON, Cobertura XML, LCOV), made by the
tests gate in the same snapshot or by its own command. No data, old data, or data about something else is not passed.
"""

from __future__ import annotations

import os

from gates.checks.base import Command
from gates.errors import GatelineError
from gates.evidence import Evidence
from gates.finding import NEW, Finding, Place, fingerprint
from gates.outcome import FAILED, NOT_RUN, PASSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gates.checks.base import Finished, GateContext
    from gates.checks.coverage_data import Data
    from gates.outcome import Outcome

__all__ = ["GATE"]

REPORTS = (
    "coverage.json",
    "coverage.xml",
    "cobertura.xml",
    "lcov.info",
    "coverage.lcov",
    "coverage/lcov.info",
    "coverage/cobertura-coverage.xml",
)
"""Where tools write their data unless told otherwise; the first that is there counts."""

CHANGED = 80.0
FLOOR = 5
"""Defaults: percent of the new coverable lines, and how many there must be for a percentage to mean anything."""


class NoDataError(Exception):
    """There is no coverage data to judge by; the text says why."""


class CoverageGate:
    """Gate of kind `coverage`; see docs/reference/gates/coverage.md.

    after            kinds of gates that must have ended before this one starts: they write what it reads
    compares_itself  what it finds is about new lines only
    """

    kind = "coverage"
    scope = "project"
    needs_all_files = True
    compares_itself = True
    after = ("tests",)

    def prepare(self, context: GateContext) -> Command:
        run = context.settings.run
        if not run:
            return Command(["true"])  # the tests gate has written the data
        return Command(
            ["sh", "-c", run] if isinstance(run, str) else list(run), env={"GATELINE_SCRATCH": context.scratch}
        )

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        evidence = Evidence()
        if done.timed_out or done.code in (126, 127):
            reason = "its time limit has passed" if done.timed_out else "its command was not found"
            return context.outcome(NOT_RUN, reason, evidence=evidence, output=done.text())
        if done.code:
            reason = f"its command ended with exit code {done.code}"
            return context.outcome(FAILED, reason, evidence=evidence, output=done.text())
        try:
            data = _read(context, evidence)
            new = _new_lines(context)
        except (NoDataError, GatelineError) as error:
            return context.outcome(NOT_RUN, str(error), evidence=evidence, output=done.text())
        return _judge(context, data, new, evidence)


GATE = CoverageGate()


def _read(context: GateContext, evidence: Evidence) -> Data:
    """The coverage data of this very tree: tree path -> line -> whether it was executed."""
    from gates.checks.coverage_data import locate, parse

    name, path = _report(context)
    try:
        with open(path, "rb") as file:
            report = parse(file.read())
    except OSError as error:
        raise NoDataError(f"{name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise NoDataError(f"{name}: {error}") from None
    evidence.tool, evidence.version = report.tool, report.version
    data = locate(report, context.root, context.all_files)
    if not data:
        raise NoDataError(f"none of the {len(report.lines)} files in {name} is in this tree")
    evidence.files = len(data)
    return data


def _report(context: GateContext) -> tuple[str, str]:
    """Name and path of the report, which must have been made from this tree."""
    told = context.settings.options.get("report")
    names = [told] if told else REPORTS
    places = [
        (name, os.path.join(folder, name)) for name in names for folder in (context.scratch, context.root) if folder
    ]
    found = next(((name, path) for name, path in places if os.path.isfile(path)), None)
    if found is None:
        hint = f"{told} was not written" if told else f"none of {', '.join(REPORTS)} was written"
        raise NoDataError(f"there is no coverage data: {hint}")
    name, path = found
    if name in context.all_files and path.startswith(context.root):
        raise NoDataError(f"{name} is committed, so it says nothing about a run of the tests")
    written = os.stat(path).st_mtime_ns
    newer = next((file for file in context.all_files if _changed_after(context.root, file, written)), None)
    if newer and not (told and _is_of_an_earlier_job(context, written)):
        raise NoDataError(f"{name} is older than {newer}: it is about another state of the tree")
    return found


def _is_of_an_earlier_job(context: GateContext, written: int) -> bool:
    """Whether the report may be the artifact of an earlier job of the same pipeline.

    In CI each job checks the files out anew, so that all of them are newer than what a job before has made. Where the
    configuration names the report, it counts when it was made after the commit.
    """
    if context.change.door != "ci" or not context.change.commit:
        return False
    from gates.git.repository import Repository, clean_environment

    repository = Repository.find(context.root, clean_environment(os.environ))
    committed = repository.try_line("show", "--no-patch", "--format=%ct", context.change.commit)
    return committed.isdigit() and int(committed) * 1_000_000_000 <= written


def _changed_after(root: str, file: str, moment: int) -> bool:
    try:
        return os.lstat(os.path.join(root, file)).st_mtime_ns > moment
    except OSError:
        return False


def _new_lines(context: GateContext) -> Mapping[str, Mapping[int, str]]:
    """The lines that the change brings: path -> line -> its text; moved lines are not among them."""
    from gates.checks.new_lines import new_lines
    from gates.git.repository import Repository, clean_environment

    repository = Repository.find(context.root, clean_environment(os.environ))
    return new_lines(repository, context.change.base_tree, context.change.tree)


def _judge(context: GateContext, data: Data, new: Mapping[str, Mapping[int, str]], evidence: Evidence) -> Outcome:
    coverable = [
        (path, line) for path in sorted(new) if path in data for line in sorted(new[path]) if line in data[path]
    ]
    missed = [(path, line) for path, line in coverable if not data[path][line]]
    metrics = _metrics(data, len(coverable), len(missed))
    evidence.parse_errors += _without_data(context, data, new)
    reasons = [*_too_few_new_lines(context, metrics)]
    findings = [_finding(context, path, lines, new[path]) for path, lines in _runs(missed)] if reasons else []
    least = context.settings.options.get("minimum")
    if least is not None and metrics["coverage"] < least:
        reasons.append(f"{metrics['coverage']:.1f} % of all lines are covered, {least:g} % is asked for")
        findings.append(_finding_about_all(context, reasons[-1]))
    if reasons:
        return context.outcome(FAILED, "; ".join(reasons), findings=findings, metrics=metrics, evidence=evidence)
    if evidence.parse_errors:
        return context.outcome(NOT_RUN, _unmeasured(evidence.parse_errors), metrics=metrics, evidence=evidence)
    return context.outcome(PASSED, metrics=metrics, evidence=evidence)


def _metrics(data: Data, coverable: int, missed: int) -> dict[str, float]:
    every = [executed for lines in data.values() for executed in lines.values()]
    metrics = {"coverage": _percent(sum(every), len(every)), "new_lines": float(coverable)}
    if coverable:
        metrics["new_coverage"] = _percent(coverable - missed, coverable)
    return metrics


def _without_data(context: GateContext, data: Data, new: Mapping[str, Mapping[int, str]]) -> list[str]:
    asked = set(context.all_files)
    return [
        f"{path}: it has new lines and is not in the coverage data"
        for path in sorted(new)
        if path in asked and path not in data and _should_be_measured(path, new[path], data)
    ]


def _too_few_new_lines(context: GateContext, metrics: Mapping[str, float]) -> Iterator[str]:
    """Why the new lines are covered too little; few lines are not measured, they would be all or nothing."""
    options = context.settings.options
    wanted = options.get("changed", CHANGED)
    if metrics["new_lines"] >= max(1, options.get("floor", FLOOR)) and metrics["new_coverage"] < wanted:
        yield f"{metrics['new_coverage']:.1f} % of the new lines are covered, {wanted:g} % is asked for"


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def _unmeasured(sentences: list[str]) -> str:
    more = f" (and {len(sentences) - 1} more)" if len(sentences) > 1 else ""
    return f"{sentences[0]}{more}; let the tool list files that no test loads"


def _should_be_measured(path: str, lines: Mapping[int, str], data: Data) -> bool:
    """Whether a file without data should have some: of a measured language, at or below a folder that is measured.

    The top folder itself says nothing about the folders in it (tests, docs, setup scripts).
    """
    if not any(text.strip() for text in lines.values()):
        return False
    ending = os.path.splitext(path)[1]
    folders = {os.path.dirname(other) for other in data if os.path.splitext(other)[1] == ending}
    folder = os.path.dirname(path)
    if folder in folders:
        return True
    while folder:
        folder = os.path.dirname(folder)
        if folder and folder in folders:
            return True
    return False


def _runs(lines: list[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    """Consecutive lines of one file joined."""
    runs: list[tuple[str, list[int]]] = []
    for path, line in lines:
        if runs and runs[-1][0] == path and runs[-1][1][-1] == line - 1:
            runs[-1][1].append(line)
        else:
            runs.append((path, [line]))
    return runs


def _finding(context: GateContext, path: str, lines: list[int], texts: Mapping[int, str]) -> Finding:
    what = "1 new line that no test executes" if len(lines) == 1 else f"{len(lines)} new lines that no test executes"
    return Finding(
        context.settings.name,
        "uncovered",
        what,
        place=Place(path, lines[0], lines[-1]),
        source=texts[lines[0]],
        fingerprint=fingerprint(context.settings.name, "uncovered", *(texts[line] for line in lines)),
        status=NEW,
    )


def _finding_about_all(context: GateContext, message: str) -> Finding:
    name = context.settings.name
    return Finding(name, "coverage-too-low", message, fingerprint=fingerprint(name, "coverage-too-low"))
