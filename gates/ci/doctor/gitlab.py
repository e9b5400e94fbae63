"""The doctor for .gitlab-ci.yml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.ci.ci_yaml import Map, line_of, read_documents
from gates.ci.doctor.gitlab_jobs import Job, jobs_of, waits_for_gates
from gates.ci.doctor.plaintext import in_script, in_variables
from gates.ci.doctor.remark import Remark
from gates.ci.doctor.shell import skips_ci, swallowed

__all__ = ["examine"]

ALWAYS = {
    "manual": "it waits for a person (`when: manual`), and what comes after it does not",
    "never": "it never runs (`when: never`)",
    "on_failure": "it runs only when something else has failed (`when: on_failure`)",
}


def examine(text: str, name: str) -> list[Remark]:
    """Everything that mutes the gates, and what cannot be seen. Raises UsageError for what is no YAML."""
    data = next((document for document in reversed(read_documents(text, name)) if isinstance(document, Map)), Map())
    jobs = jobs_of(data)
    component = _has_component(data)
    gates = {job.name for job in jobs.values() if job.is_gate} | ({"gates", "verdict"} if component else set())
    found = list(_includes(data, name))
    if not gates:
        seen = bool(found)
        text = "no job in it runs `gateline ci`" + (": perhaps one of what is included does" if seen else "")
        found.append(Remark(not seen, name, text))
    found += _workflow(data, name)
    found += _variables(data.get("variables"), name, "")
    for job in jobs.values():
        found += _about(job, name, jobs, gates, data)
    return found


def _has_component(data: Map) -> bool:
    included = data.get("include")
    entries = included if isinstance(included, list) else [included]
    return any(isinstance(entry, Map) and "gateline" in str(entry.get("component", "")) for entry in entries)


def _includes(data: Map, name: str) -> Iterator[Remark]:
    included = data.get("include")
    for entry in included if isinstance(included, list) else [included] if included else []:
        kinds = ("local", "project", "remote", "template", "component")
        what = (
            next((str(entry[kind]) for kind in kinds if kind in entry), "?") if isinstance(entry, Map) else str(entry)
        )
        line = line_of(entry) or line_of(data, "include")
        yield Remark(False, f"{name}:{line}", f"{what} is included, and is not seen here")


def _workflow(data: Map, name: str) -> Iterator[Remark]:
    workflow = data.get("workflow")
    rules = workflow.get("rules") if isinstance(workflow, Map) else None
    for rule in _rules(rules):
        where = f"{name}:{line_of(rule)}"
        if "changes" in rule:
            yield Remark(True, where, "workflow: whether there is a pipeline at all depends on which files change")
        if _asks_message(rule):
            yield Remark(True, where, "workflow: a commit message can keep the pipeline from being made")


def _about(job: Job, name: str, jobs: Mapping[str, Job], gates: set[str], data: Map) -> Iterator[Remark]:
    for line, words in _remarks(job, jobs, gates):
        yield Remark(True, f"{name}:{line}", f"{job.name}: {words}")
    yield from _variables(job.data.get("variables"), name, f"{job.name}: ")
    for line, words in _notes(job, data):
        yield Remark(False, f"{name}:{line}", f"{job.name}: {words}")


def _remarks(job: Job, jobs: Mapping[str, Job], gates: set[str]) -> Iterator[tuple[int, str]]:
    if job.is_gate:
        yield from _muted(job)
    if job.goes_out:
        yield from _unguarded(job, jobs, gates)
    if job.is_gate or job.verifies:
        for sentence in swallowed(job.lines, pipefail=True):
            yield line_of(job.data, "script"), sentence
        if _truthy(job.data.get("allow_failure")) and not job.is_gate:
            yield line_of(job.data, "allow_failure"), "`allow_failure` lets the pipeline go on though it failed"
    if any(skips_ci(line) for line in job.lines):
        yield line_of(job.data, "script"), "it makes commits or pushes for which no pipeline runs ([skip ci])"
    if in_script(job.lines):
        yield line_of(job.data, "script"), "a password or token is written in plain text; use a masked variable"


def _muted(job: Job) -> Iterator[tuple[int, str]]:
    data = job.data
    if job.only_after:
        yield line_of(data, "after_script"), "the gates run in `after_script`, whose failures do not count"
    if _truthy(data.get("allow_failure")):
        yield line_of(data, "allow_failure"), "`allow_failure` lets the pipeline go on though the gates failed"
    if data.get("when") in ALWAYS:
        yield line_of(data, "when"), ALWAYS[data["when"]]
    for key in ("only", "except"):
        if isinstance(data.get(key), Map) and "changes" in data[key]:
            yield line_of(data[key], "changes"), f"`{key}: changes` keeps the gates from running for other files"
    rules = _rules(data.get("rules"))
    for rule in rules:
        if "changes" in rule or "exists" in rule:
            yield line_of(rule), "whether the gates run depends on which files change or exist"
        if _truthy(rule.get("allow_failure")):
            yield line_of(rule, "allow_failure"), "a rule with `allow_failure` lets the pipeline go on"
        if rule.get("when") in ("manual", "on_failure"):
            yield line_of(rule, "when"), ALWAYS[rule["when"]]
        if _asks_message(rule):
            yield line_of(rule), "a commit message decides whether the gates run"
    if rules and all(rule.get("when") == "never" for rule in rules):
        yield line_of(data, "rules"), ALWAYS["never"]


def _unguarded(job: Job, jobs: Mapping[str, Job], gates: set[str]) -> Iterator[tuple[int, str]]:
    data = job.data
    verb = "deploys" if job.is_deploy else "publishes"
    if gates and not waits_for_gates(job, jobs, gates):
        line = line_of(data, "needs") if "needs" in data else line_of(data)
        yield line, f"it {verb} without waiting for the gates; add them to `needs`"
    needs = data.get("needs")
    for need in needs if isinstance(needs, list) else ():
        if isinstance(need, Map) and need.get("optional") and need.get("job") in gates:
            yield line_of(need, "optional"), f"it {verb} also when the gates are not in the pipeline (`optional: true`)"
    for mapping in (data, *_rules(data.get("rules"))):
        if mapping.get("when") == "always":
            yield line_of(mapping, "when"), f"it {verb} also when the gates have failed (`when: always`)"
    if any("--without-verdict" in line for line in job.lines):
        yield line_of(data, "script"), "it deploys without a verdict (`--without-verdict`)"


def _notes(job: Job, data: Map) -> Iterator[tuple[int, str]]:
    line = line_of(job.data)
    for parent in job.unseen:
        yield line_of(job.data, "extends") or line, f"it extends {parent}, which is not in this file and is not seen"
    if "trigger" in job.data:
        yield line_of(job.data, "trigger"), "it starts another pipeline, which is not seen here"
    if job.is_deploy and not job.verifies and "trigger" not in job.data:
        yield line, "it deploys without verifying a verdict (`gateline verify` or `gateline deploy`)"
    if not job.is_gate:
        return
    depth = _value(job.data.get("variables"), "GIT_DEPTH", _value(data.get("variables"), "GIT_DEPTH", ""))
    if str(depth) != "0":
        yield line, "GIT_DEPTH is not 0: history is fetched while the gates wait"
    artifacts = job.data.get("artifacts")
    if not isinstance(artifacts, Map) or artifacts.get("when") != "always":
        yield line_of(job.data, "artifacts"), "its reports are not kept when it fails (`artifacts: when: always`)"


def _variables(variables: Any, name: str, prefix: str) -> Iterator[Remark]:
    if isinstance(variables, Map):
        for key, words in in_variables(variables):
            yield Remark(True, f"{name}:{line_of(variables, key)}", f"{prefix}{words}")


def _rules(rules: Any) -> list[Map]:
    if not isinstance(rules, list):
        return []
    flat: Sequence[Any] = [inner for rule in rules for inner in (rule if isinstance(rule, list) else [rule])]
    return [rule for rule in flat if isinstance(rule, Map)]


def _asks_message(rule: Map) -> bool:
    return any(word in str(rule.get("if", "")) for word in ("CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE"))


def _truthy(value: Any) -> bool:
    """`allow_failure: {exit_codes: 3}` lets through what could not run."""
    return value is True or isinstance(value, Map)


def _value(variables: Any, key: str, default: Any) -> Any:
    return variables.get(key, default) if isinstance(variables, Map) else default
