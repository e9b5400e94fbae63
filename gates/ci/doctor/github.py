"""The doctor for GitHub's workflows and composite actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gates.ci.ci_yaml import Map, line_of, maps_in, read_documents
from gates.ci.doctor.plaintext import in_script, in_variables
from gates.ci.doctor.remark import Remark
from gates.ci.doctor.shell import deploys, is_gate, logical_lines, publishes, skips_ci, swallowed, verifies

__all__ = ["examine_action", "examine_workflow", "gate_actions"]

GATELINE_ACTION = re.compile(r"\bgateline\b", re.I)
ANYHOW = re.compile(r"\balways\(\)|!\s*cancelled\(\)|\bfailure\(\)")
RESULT = re.compile(r"needs\.[\w*-]+\.result|needs\['[^']+'\]\.result|toJSON\(needs\)", re.I)
EVENTS = ("push", "pull_request", "pull_request_target", "merge_group")


class Job:
    """One job of a workflow."""

    def __init__(self, name: str, data: Map, actions: set[str], shell: str) -> None:
        self.name = name
        self.shell = _default_shell(data) or shell
        self.data = data
        self.steps = maps_in(data.get("steps"))
        self.lines = [line for step in self.steps for line in _lines(step)]
        self.is_gate = any(_is_gate_step(step, actions) for step in self.steps)
        self.verifies = any(verifies(line) for line in self.lines)
        self.is_deploy = bool(data.get("environment")) or any(deploys(line) for line in self.lines)
        self.goes_out = not self.is_gate and (self.is_deploy or any(publishes(line) for line in self.lines))
        self.condition = str(data.get("if", ""))
        needs = data.get("needs")
        self.needs = [str(need) for need in needs] if isinstance(needs, list) else [str(needs)] if needs else []


def gate_actions(texts: Mapping[str, str]) -> set[str]:
    """Folders of the local actions whose steps run gates. `texts`: path of each action.yml -> its text."""
    found = set()
    for path, text in texts.items():
        steps = _steps_of_action(_mapping(text, path))
        if any(is_gate(line) for step in steps for line in _lines(step)):
            found.add(path.rpartition("/")[0])
    return found


def examine_action(text: str, name: str) -> list[Remark]:
    """A composite action that runs gates."""
    steps = _steps_of_action(_mapping(text, name))
    if not any(is_gate(line) for step in steps for line in _lines(step)):
        return []
    return [Remark(True, f"{name}:{line}", words) for step in steps for line, words in _step(step, set(), "")]


def examine_workflow(text: str, name: str, actions: set[str]) -> tuple[bool, list[Remark]]:
    """Whether the workflow has gates, and what is to be said of it. `actions`: folders of local actions with gates."""
    data = _mapping(text, name)
    given = data.get("jobs")
    jobs = {
        str(key): Job(str(key), job, actions, _default_shell(data))
        for key, job in (given.items() if isinstance(given, Map) else ())
        if isinstance(job, Map)
    }
    gates = {job.name for job in jobs.values() if job.is_gate}
    found = [Remark(True, f"{name}:{line}", words) for line, words in _triggers(data)] if gates else []
    found += _secrets(data, name, "")
    for job in jobs.values():
        found += [
            Remark(True, f"{name}:{line}", f"{job.name}: {words}") for line, words in _job(job, jobs, gates, actions)
        ]
        found += _secrets(job.data, name, f"{job.name}: ")
        for step in job.steps:
            found += _secrets(step, name, f"{job.name}: ")
        found += [Remark(False, f"{name}:{line}", f"{job.name}: {words}") for line, words in _notes(job)]
    if not gates:
        found += [
            Remark(True, f"{name}:{line_of(job.data)}", f"{job.name}: {_alone(job)}") for job in _deploying(jobs, data)
        ]
    return bool(gates), found


def _mapping(text: str, name: str) -> Map:
    documents = read_documents(text, name)
    return documents[0] if documents and isinstance(documents[0], Map) else Map()


def _steps_of_action(data: Map) -> list[Map]:
    runs = data.get("runs")
    return maps_in(runs.get("steps")) if isinstance(runs, Map) else []


def _lines(step: Map) -> list[str]:
    return logical_lines([str(step["run"])]) if "run" in step else []


def _is_gate_step(step: Map, actions: set[str]) -> bool:
    if any(is_gate(line) for line in _lines(step)):
        return True
    uses = str(step.get("uses", ""))
    if uses.startswith("./"):
        return uses.removeprefix("./").rstrip("/") in actions
    return bool(GATELINE_ACTION.search(uses.partition("@")[0]))


def _triggers(data: Map) -> Iterator[tuple[int, str]]:
    events = data.get("on")
    if isinstance(events, Map):
        for event in EVENTS:
            options = events.get(event)
            for key in ("paths", "paths-ignore"):
                if isinstance(options, Map) and key in options:
                    yield line_of(options, key), f"`{key}` keeps the gates from running for other files"
    names = [str(event) for event in events] if isinstance(events, (Map, list)) else [str(events)]
    if not set(names) & {*EVENTS, "workflow_call", "workflow_run"}:
        yield (
            line_of(data, "on"),
            f"the gates do not run for pushes or pull requests, only for {', '.join(names) or 'nothing'}",
        )


def _job(job: Job, jobs: Mapping[str, Job], gates: set[str], actions: set[str]) -> Iterator[tuple[int, str]]:
    if job.is_gate:
        yield from _muted(job, jobs)
    if job.is_gate or job.verifies:
        if _is_on(job.data.get("continue-on-error")):
            words = "`continue-on-error` lets the workflow go on though the job failed"
            yield line_of(job.data, "continue-on-error"), words
        for step in job.steps:
            yield from _step(step, actions, job.shell)
    if job.goes_out and gates:
        yield from _unguarded(job, jobs, gates)
    if _looks_away(job, gates):
        yield line_of(job.data, "if"), "it always runs and never looks at the results of the gates it needs"
    if any(skips_ci(line) for line in job.lines):
        yield line_of(job.data), "it makes commits for which no workflow runs ([skip ci])"
    if in_script(job.lines):
        yield line_of(job.data), "a password or token is written in plain text; use a secret"
    if any("--without-verdict" in line for line in job.lines):
        yield line_of(job.data), "it deploys without a verdict (`--without-verdict`)"


def _muted(job: Job, jobs: Mapping[str, Job]) -> Iterator[tuple[int, str]]:
    line = line_of(job.data, "if")
    if "head_commit.message" in job.condition:
        yield line, "a commit message decides whether the gates run"
    elif job.condition and not ANYHOW.search(job.condition) and not _is_watched(job, jobs):
        yield line, "it may be skipped (`if`), and a skipped job counts as passed; let an always running job look at it"


def _is_watched(job: Job, jobs: Mapping[str, Job]) -> bool:
    """Whether a job that always runs looks at this one's result."""
    return any(
        job.name in other.needs and "always()" in other.condition and _reads_results(other) for other in jobs.values()
    )


def _reads_results(job: Job) -> bool:
    return any(
        RESULT.search(str(part))
        for step in job.steps
        for part in (step.get("run"), step.get("if"), step.get("env"), step.get("with"))
    )


def _looks_away(job: Job, gates: set[str]) -> bool:
    own = job.is_gate or job.verifies or job.goes_out
    return "always()" in job.condition and bool(set(job.needs) & gates) and not _reads_results(job) and not own


def _default_shell(data: Map) -> str:
    defaults = data.get("defaults")
    run = defaults.get("run") if isinstance(defaults, Map) else None
    return str(run.get("shell", "")) if isinstance(run, Map) else ""


def _step(step: Map, actions: set[str], shell: str) -> Iterator[tuple[int, str]]:
    lines = _lines(step)
    if not _is_gate_step(step, actions) and not any(verifies(line) for line in lines):
        return
    if _is_on(step.get("continue-on-error")):
        yield line_of(step, "continue-on-error"), "`continue-on-error` lets the job go on though the step failed"
    # `bash -e` without a choice; `shell: bash` is with pipefail.
    for sentence in swallowed(lines, pipefail=step.get("shell", shell) == "bash"):
        yield line_of(step, "run"), sentence


def _unguarded(job: Job, jobs: Mapping[str, Job], gates: set[str]) -> Iterator[tuple[int, str]]:
    verb = "deploys" if job.is_deploy else "publishes"
    if not _waits(job, jobs, gates, frozenset()):
        yield line_of(job.data, "needs"), f"it {verb} without waiting for the gates; add them to `needs`"
    elif ANYHOW.search(job.condition) and not re.search(r"\.result\s*==\s*'success'", job.condition):
        yield line_of(job.data, "if"), f"it {verb} also when the gates have failed (`if: {job.condition[:40]}`)"


def _waits(job: Job, jobs: Mapping[str, Job], gates: set[str], seen: frozenset[str]) -> bool:
    if any(name in gates for name in job.needs):
        return True
    return any(
        _waits(jobs[name], jobs, gates, seen | {job.name}) for name in job.needs if name in jobs and name not in seen
    )


def _deploying(jobs: Mapping[str, Job], data: Map) -> Iterator[Job]:
    """Deploys of a workflow without gates: one that follows another workflow may look at how that one ended."""
    events = data.get("on")
    follows = "workflow_run" in events if isinstance(events, (Map, list, str)) else False
    for job in jobs.values():
        if job.goes_out and not job.verifies and not (follows and "conclusion == 'success'" in job.condition):
            yield job


def _alone(job: Job) -> str:
    verb = "deploys" if job.is_deploy else "publishes"
    return f"it {verb}, and no gates are in its workflow; move it behind them, or let it verify a verdict"


def _notes(job: Job) -> Iterator[tuple[int, str]]:
    if "uses" in job.data:
        yield line_of(job.data, "uses"), f"{job.data['uses']} is another workflow, and is not seen here"
    if job.is_deploy and not job.verifies and job.steps:
        yield line_of(job.data), "it deploys without verifying a verdict (`gateline verify` or `gateline deploy`)"
    if not job.is_gate:
        return
    for step in job.steps:
        options = step.get("with")
        depth = options.get("fetch-depth", 1) if isinstance(options, Map) else 1
        if str(step.get("uses", "")).startswith("actions/checkout@") and str(depth) != "0":
            yield line_of(step), "fetch-depth is not 0: history is fetched while the gates wait"


def _secrets(data: Map, name: str, prefix: str) -> Iterator[Remark]:
    env = data.get("env")
    if isinstance(env, Map):
        for key, words in in_variables(env):
            yield Remark(True, f"{name}:{line_of(env, key)}", f"{prefix}{words}")


def _is_on(value: Any) -> bool:
    """An expression may come to true."""
    return value is True or (isinstance(value, str) and value.strip().lower() not in ("", "false", "${{ false }}"))
