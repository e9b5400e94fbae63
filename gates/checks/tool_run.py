"""How lint, types and command run a tool and judge what it said."""

from __future__ import annotations

import os

from gates.checks.calls import Call, parse
from gates.checks.reading import (
    as_findings,
    evidence_name,
    evidence_of,
    mark_start,
    read_output,
    read_report,
    relative_path,
    why_not_started,
    without_root,
)
from gates.checks.tools import tool_named
from gates.errors import CannotRun
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gates.checks.adapters import Report
    from gates.checks.base import Command, Finished, GateContext
    from gates.checks.tools import Tool
    from gates.evidence import Evidence
    from gates.finding import Finding
    from gates.outcome import Outcome
    from gates.settings import GateSettings

__all__ = ["broke_off", "call_of", "judge", "prepare"]

FOUND = ".run"
"""File in the scratch folder that keeps what was chosen for a gate without `run`."""

ADAPTERS = {
    "exit-code": "exit_code",
    "regex": "regex",
    "sarif": "sarif",
    "junit": "junit",
    "json": "json",
    "checkstyle": "checkstyle",
}
"""Format, as the schema names it -> adapter."""

COMPLAINTS = ("no such", "no files", "not found", "cannot", "error", "failed", "unknown", "invalid", "missing")
"""What the line that tells most has in it, when a tool breaks off."""


def call_of(context: GateContext) -> Call:
    """What this gate calls: as configured, else what is detected in the tree. Raises CannotRun when that is nothing."""
    if context.settings.run:
        return parse(context.settings.run)
    kept = os.path.join(context.scratch, FOUND)
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            return parse(file.read())
    from gates.checks.detected import detected_run

    run = detected_run(context)
    with open(kept, "w", encoding="utf-8") as file:
        file.write(run)
    return parse(run)


def prepare(context: GateContext, *, files: list[str] | None, default: str = "auto") -> Command:
    """The command, with the words that make its output readable. Raises CannotRun.

    files    what to append to it
    default  the format, where none is configured
    """
    call = call_of(context)
    tool = call.tool
    if tool is not None and call.has(tool.writes):
        raise CannotRun(
            f"`{tool.name} {' '.join(call.args)}` rewrites files, and a gate only looks",
            hint="Give that command as `fix_run`, and the one that only looks as `run`.",
        )
    if tool is not None and tool.files and tool.name != "pylint":  # pylint takes names of modules too
        for path in call.sure_paths:
            if not os.path.exists(os.path.join(context.root, call.folder, path)):
                raise CannotRun(f"{tool.name.split()[0]} is to look at {path}, which is not there")
    mark_start(context, context.settings.options.get("report", ""))
    added = _added(call, context.settings, default)
    command = call.with_words(*added, files=_seen_from(call.folder, files))
    command.env.update({"NO_COLOR": "1", "GATELINE_SCRATCH": context.scratch})
    return command


def _seen_from(folder: str, files: list[str] | None) -> list[str] | None:
    """The files as a command sees them that works in a folder, in which some of them are not."""
    if files is None or not folder:
        return files
    start = folder.removeprefix("./") + "/"
    return [path.removeprefix(start) if path.startswith(start) else os.path.relpath(path, folder) for path in files]


def _added(call: Call, settings: GateSettings, default: str) -> Sequence[str]:
    """The words to add; none where the user has asked for an output of his own."""
    tool = call.tool
    if tool is None or call.has(tool.unless) or settings.options.get("report"):
        return ()
    if settings.options.get("format", default) not in ("auto", "json"):
        return ()
    return _missing(tool.add, call.args)


def _missing(words: Sequence[str], there: Sequence[str]) -> list[str]:
    """The words without the options that are there already: ruff refuses one that comes twice."""
    alone = {word for word, after in zip(words, [*words[1:], "-"], strict=True) if word[0] == after[0] == "-"}
    return [word for word in words if word not in alone or word not in there]


class _Reading:
    """How the output of this gate is to be read.

    adapters  tried in this order
    tool      the known tool that the output is of, or None
    told      whether the format was configured, so that what it says decides
    """

    __slots__ = ("adapters", "told", "tool")

    def __init__(self, settings: GateSettings, call: Call, default: str) -> None:
        options = settings.options
        kind = options.get("format", default)
        named = options.get("tool", "")
        self.tool: Tool | None = tool_named(named) if named else call.tool
        self.told = kind not in ("auto", "exit-code")
        if kind != "auto":
            self.adapters = [ADAPTERS[kind]]
            if kind == "json" and self.tool:
                self.adapters = [self.tool.reads, "json"]
        elif self.tool is None:
            self.adapters = ["guess"]
        elif named or options.get("report") or call.has(self.tool.unless):
            self.adapters = [self.tool.reads, self.tool.text]
        else:
            self.adapters = [self.tool.reads]
        if kind == "exit-code":
            self.tool = None

    @property
    def guessed(self) -> bool:
        return self.adapters == ["guess"]


def judge(context: GateContext, done: Finished, *, files: bool, default: str = "auto") -> Outcome:
    """What the tool's exit code and output come to.

    files    whether it was given files
    default  the format, where none is configured
    """
    from gates.checks.adapters import UnreadableError

    call = call_of(context)
    if reason := why_not_started(call, done):
        return context.outcome(NOT_RUN, reason, evidence=evidence_of(context, call))
    reading = _Reading(context.settings, call, default)
    try:
        report = _read(context, done, reading)
    except UnreadableError as error:
        evidence = evidence_of(context, call)
        if reading.tool and done.code not in reading.tool.looked:
            return broke_off(context, done, evidence)
        return context.outcome(NOT_RUN, f"{evidence.tool}: {error}", evidence=evidence)
    evidence = evidence_of(context, call, report)
    if files and evidence.files is None and reading.tool:
        evidence.files = len(context.files) - report.ignored
    if report.absent:
        path = relative_path(report.absent[0], context.root, call.folder) or report.absent[0]
        reason = f"{evidence.tool} is to look at {path}, which is not there"
        return context.outcome(NOT_RUN, reason, evidence=evidence)
    severity = context.settings.options.get("severity", "major")
    findings = as_findings(context, report.hits, call.folder, severity, in_tree=reading.guessed)
    outcome = _decide(context, call, done, reading, report, findings, evidence)
    outcome.metrics = {
        "errors": float(sum(finding.severity not in ("minor", "info") for finding in findings)),
        "warnings": float(sum(finding.severity in ("minor", "info") for finding in findings)),
    }
    return outcome


def _read(context: GateContext, done: Finished, reading: _Reading) -> Report:
    """The first adapter that understands the output. Raises UnreadableError when none does."""
    from gates.checks.adapters import UnreadableError

    name = context.settings.options.get("report")
    for adapter in reading.adapters[:-1]:
        try:
            return read_report(context, name, adapter, done) if name else read_output(context, done, adapter)
        except UnreadableError:
            continue
    last = reading.adapters[-1]
    return read_report(context, name, last, done) if name else read_output(context, done, last)


def _decide(
    context: GateContext,
    call: Call,
    done: Finished,
    reading: _Reading,
    report: Report,
    findings: list[Finding],
    evidence: Evidence,
) -> Outcome:
    tool = reading.tool
    if reading.told:
        wrong = [finding for finding in findings if finding.severity != "info"] or (findings if done.code else [])
    else:
        if tool and done.code not in tool.looked and (not findings or context.settings.block == "new"):
            # Errors that it broke off at may hide new ones.
            return broke_off(context, done, evidence, report.problem, findings)
        wrong = _blocking(reading, findings) if done.code else []
    if wrong and not (reading.guessed and context.settings.block == "new"):
        return context.outcome(FAILED, _found(call, evidence, wrong), findings=wrong, evidence=evidence)
    if report.problem:
        return broke_off(context, done, evidence, report.problem)
    if report.files == 0:
        return _nothing_looked_at(context, evidence, report)
    if done.code == 0 or (report.ignored and not findings):
        return context.outcome(PASSED, findings=findings, evidence=evidence)
    # Nobody has read what it says is wrong, or not surely all of it: this fails whatever `block` says.
    reason = f"{_name(call, evidence)} ended with exit code {done.code}"
    return context.outcome(FAILED, reason, evidence=evidence)


def _blocking(reading: _Reading, findings: list[Finding]) -> list[Finding]:
    """The findings for which a tool fails: not its warnings, when there are errors and warnings alone pass."""
    if reading.tool is not None and not reading.tool.warns:
        return findings
    return [finding for finding in findings if finding.severity not in ("minor", "info")] or findings


def _found(call: Call, evidence: Evidence, findings: list[Finding]) -> str:
    return f"{_name(call, evidence)} found {len(findings)} problem{'s' if len(findings) > 1 else ''}"


def _name(call: Call, evidence: Evidence) -> str:
    """The tool, or the command that a person has configured."""
    if call.tool is not None or evidence.tool != evidence_name(call):
        return evidence.tool
    line = call.run if isinstance(call.run, str) else " ".join(call.run)
    return f"`{line}`" if len(line) < 60 and "\n" not in line else "the command"


def broke_off(
    context: GateContext, done: Finished, evidence: Evidence, problem: str = "", findings: Sequence[Finding] = ()
) -> Outcome:
    """The outcome of a tool that could not do its work, with the line of its output that says why."""
    complaint = problem or (findings[0].message if findings else _complaint(done))
    reason = f"{evidence.tool} broke off with exit code {done.code}{complaint and ': ' + complaint}"
    reason = without_root(reason, context.root)
    return context.outcome(NOT_RUN, reason, findings=list(findings), evidence=evidence)


def _complaint(done: Finished) -> str:
    """The line of its output that says most about what went wrong."""
    errors = done.stderr.decode("utf-8", "replace").splitlines() or done.text().splitlines()
    lines = [line.strip() for line in errors if line.strip()]
    telling = [line for line in lines if any(word in line.lower() for word in COMPLAINTS)]
    return (telling or lines[-1:] or [""])[0][:200]


def _nothing_looked_at(context: GateContext, evidence: Evidence, report: Report) -> Outcome:
    """A tool that worked and found no file: of a change that may be right, of everything never."""
    count = len(context.files)
    if context.change.everything or not count:
        return context.outcome(NOT_RUN, f"{evidence.tool} found no file to look at", evidence=evidence)
    which = "the file" if count == 1 else f"all {count} files"
    return context.outcome(SKIPPED, f"the configuration of {evidence.tool} leaves out {which}", evidence=evidence)
