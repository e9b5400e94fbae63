"""The tests gate: runs a test runner and counts what it executed. A run that executed no test has not passed."""

from __future__ import annotations

import os

from gates.checks.reading import as_findings, evidence_of, mark_start, read_output, read_report, why_not_started
from gates.checks.tool_run import broke_off, call_of
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.adapters import Report
    from gates.checks.base import Command, Finished, GateContext
    from gates.checks.calls import Call
    from gates.evidence import Evidence
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

JUNIT = "junit.xml"
"""Report that pytest writes into the scratch folder."""

SHARD_FILE = "shard"
SHARD_PLUGIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytest_shard")
LOAD_PLUGIN = 'PYTHONPATH="$GATELINE_SHARD_PLUGIN${PYTHONPATH:+:$PYTHONPATH}"; export PYTHONPATH; '

BROKEN_OFF = (2, 3, 4)
"""pytest: interrupted, internal error, wrong usage."""

NOTHING_TO_RUN = (
    (b"Missing script:", "package.json has no such script"),  # npm
    (b"ERR_PNPM_NO_SCRIPT", "package.json has no such script"),
    (b"Error: no test specified", "the script is the placeholder that npm puts there, which tests nothing"),
)

RULES = {
    "test-failed": {
        "meaning": "A test failed: what it asserts is not so.",
        "why": "The tests say what the code is for.",
        "fix": "Mend the code; where the code is right, mend the test. The finding's detail is the test's traceback.",
        "suppress": "Mark the test as skipped or as an expected failure, with the reason, in the test itself.",
    },
    "test-error": {
        "meaning": "A test could not be executed to its end: its fixture, its set-up or its tear-down failed.",
        "why": "Whatever it would have shown, nobody knows.",
        "fix": "Mend what the traceback names.",
        "suppress": "Mark the test as skipped, with the reason, in the test itself.",
    },
    "collection-error": {
        "meaning": "A file of tests could not be imported, so none of its tests ran.",
        "why": "Tests that silently do not run are worse than none.",
        "fix": "Mend the import or the syntax error that the finding names.",
        "suppress": "There is none: a file that is no test should not be called like one.",
    },
}


class TestsGate:
    """Gate of kind `tests`; see docs/reference/gates/tests.md.

    shards  it splits its work itself: pytest by test files, anything else not at all
    """

    kind = "tests"
    scope = "project"
    shards = True

    def prepare(self, context: GateContext) -> Command | Outcome:
        call = call_of(context)
        index, total = context.shard
        if total > 1 and index > 1 and not _is_pytest(call):
            name = call.tool.name if call.tool else "this command"
            return context.outcome(SKIPPED, f"{name} cannot be split, so all of it runs in shard 1 of {total}")
        mark_start(context, context.settings.options.get("junit") or _told_junit(call))
        command = call.with_words(*_pytest_words(context, call))
        command.env["GATELINE_SCRATCH"] = context.scratch
        if total > 1 and _is_pytest(call):
            _split(context, command)
        return command

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        from gates.checks.adapters import UnreadableError

        call = call_of(context)
        reason = why_not_started(call, done) or _nothing_to_run(done)
        if reason:
            return context.outcome(NOT_RUN, reason, evidence=evidence_of(context, call))
        try:
            report = _read(context, call, done)
        except UnreadableError as error:
            evidence = evidence_of(context, call)
            if done.code:
                return broke_off(context, done, evidence)
            return context.outcome(NOT_RUN, f"{evidence.tool}: {error}", evidence=evidence)
        evidence = evidence_of(context, call, report)
        if report.tests is not None:
            evidence.tests = report.tests - report.skipped
            evidence.tests_failed, evidence.tests_skipped = report.failed, report.skipped
        outcome = _decide(context, call, done, report, evidence)
        if evidence.tests is not None:
            outcome.metrics = {"tests": float(evidence.tests), "skipped": float(report.skipped)}
        return outcome


GATE = TestsGate()


def _is_pytest(call: Call) -> bool:
    return call.tool is not None and call.tool.package == "pytest"


def _pytest_words(context: GateContext, call: Call) -> list[str]:
    """pytest is asked for a report, unless the user has asked already.

    The family xunit1 is the one that tells file and line of each test.
    """
    if not _is_pytest(call) or call.has(("--junitxml", "--junit-xml")) or context.settings.options.get("junit"):
        return []
    return [f"--junitxml={os.path.join(context.scratch, JUNIT)}", "-o", "junit_family=xunit1"]


def _split(context: GateContext, command: Command) -> None:
    """Let pytest run the files of one shard only."""
    index, total = context.shard
    command.env.update(
        {
            "GATELINE_SHARD": f"{index}/{total}",
            "GATELINE_SHARD_FILE": os.path.join(context.scratch, SHARD_FILE),
            "GATELINE_SHARD_PLUGIN": SHARD_PLUGIN,
        }
    )
    words = [*command.argv, "-p", "gateline_shard"]
    if command.argv[:2] == ["sh", "-c"]:
        command.argv = ["sh", "-c", LOAD_PLUGIN + words[2], *words[3:]]
    else:
        command.argv = ["sh", "-c", LOAD_PLUGIN + 'exec "$@"', "sh", *words]


def _nothing_to_run(done: Finished) -> str:
    if not done.code:
        return ""
    ends = done.stdout[-2000:] + done.stderr[-2000:]
    return next((reason for text, reason in NOTHING_TO_RUN if text in ends), "")


def _read(context: GateContext, call: Call, done: Finished) -> Report:
    """The counts: from the JUnit report where there is one, else from what was printed. Raises UnreadableError."""
    name = context.settings.options.get("junit") or _told_junit(call)
    if name:
        report = read_report(context, name, "junit", done)
    elif _is_pytest(call):
        report = read_report(context, JUNIT, "junit", done)
    else:
        return read_output(context, done, "summary")
    report.tool = "pytest" if _is_pytest(call) else ""
    return report


def _told_junit(call: Call) -> str:
    """The report that the user's own pytest command names."""
    for index, word in enumerate(call.args):
        option, _, value = word.partition("=")
        if _is_pytest(call) and option in ("--junitxml", "--junit-xml"):
            return os.path.join(call.folder, value or "".join(call.args[index + 1 : index + 2]))
    return ""


def _decide(context: GateContext, call: Call, done: Finished, report: Report, evidence: Evidence) -> Outcome:
    if report.failed or report.hits:
        return _failed(context, call, done, report, evidence)
    if _is_pytest(call) and done.code in BROKEN_OFF:
        return broke_off(context, done, evidence)
    if report.tests is not None and not evidence.tests:
        return _none_executed(context, report, evidence)
    if done.code:
        although = " although no test failed" if evidence.tests else ""
        reason = f"{evidence.tool} ended with exit code {done.code}{although}"
        return context.outcome(FAILED, reason, evidence=evidence)
    if reason := _too_few(context, call, evidence):
        return context.outcome(NOT_RUN, reason, evidence=evidence)
    return context.outcome(PASSED, evidence=evidence)


def _failed(context: GateContext, call: Call, done: Finished, report: Report, evidence: Evidence) -> Outcome:
    findings = as_findings(context, report.hits, call.folder)
    count = report.failed or len(findings)
    reason = f"{count} test{'s' if count > 1 else ''} failed"
    if not done.code:
        reason += ", though the command ended with exit code 0"
    if context.settings.block == "new" and len(findings) < report.failed:
        findings = []  # with some of them unread, nobody can say that none is new
    return context.outcome(FAILED, reason, findings=findings, evidence=evidence)


def _none_executed(context: GateContext, report: Report, evidence: Evidence) -> Outcome:
    if report.skipped:
        reason = f"no test was executed: all {report.skipped} were skipped"
        return context.outcome(NOT_RUN, reason, evidence=evidence)
    index, total = context.shard
    if total > 1 and _no_file_for_shard(context):
        reason = f"there are fewer test files than shards: none fell to shard {index} of {total}"
        return context.outcome(SKIPPED, reason, evidence=evidence)
    return context.outcome(NOT_RUN, f"no test was executed: {evidence.tool} found none", evidence=evidence)


def _no_file_for_shard(context: GateContext) -> bool:
    try:
        with open(os.path.join(context.scratch, SHARD_FILE), encoding="utf-8") as file:
            files, mine = file.read().split()
    except (OSError, ValueError):
        return False
    return files != "0" and mine == "0"


def _too_few(context: GateContext, call: Call, evidence: Evidence) -> str:
    """Why this many tests are no proof, "" when they are."""
    least = context.settings.options.get("min_tests")
    if evidence.tests is None:
        if call.tool is not None and call.tool.reads == "summary":
            return f"{evidence.tool} printed no summary, so nobody knows whether it executed a test"
        if least is not None:
            return "the tests cannot be counted, so `min_tests` cannot be checked; name a JUnit report with `junit`"
        return ""
    if least is not None and evidence.tests < least and context.shard[1] == 1:
        return f"{evidence.tests} tests were executed, and at least {least} are asked for"
    return ""
