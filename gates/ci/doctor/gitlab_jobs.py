"""The jobs of a .gitlab-ci.yml as GitLab puts them together: `extends`, `default`, `!reference`, stages and needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.ci.ci_yaml import Map, Reference
from gates.ci.doctor.shell import deploys, is_gate, logical_lines, publishes, verifies

__all__ = ["Job", "jobs_of", "waits_for_gates"]

NO_JOBS = {
    *("default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache"),
    *("before_script", "after_script", "types"),
}
DEFAULT_STAGES = ("build", "test", "deploy")
DEEPEST = 20
NOT_OUT = ("stop", "prepare", "verify", "access")
"""Actions of an environment that put nothing there."""


class Job:
    """One job, with everything that it inherits. `unseen`: parents that are not in this file."""

    def __init__(self, name: str, data: Map, unseen: list[str], stage: int) -> None:
        self.name = name
        self.data = data
        self.unseen = unseen
        self.stage = stage
        self.lines = logical_lines([*_texts(data.get("before_script")), *_texts(data.get("script"))])
        after = logical_lines(_texts(data.get("after_script")))
        in_script = any(is_gate(line) for line in self.lines)
        self.only_after = not in_script and any(is_gate(line) for line in after)
        self.is_gate = in_script or self.only_after
        self.verifies = any(verifies(line) for line in self.lines)
        self.is_deploy = self._is_deploy()
        self.goes_out = not self.is_gate and (self.is_deploy or any(publishes(line) for line in self.lines))

    def _is_deploy(self) -> bool:
        environment = self.data.get("environment")
        action = environment.get("action", "start") if isinstance(environment, Map) else "start"
        return (bool(environment) and action not in NOT_OUT) or any(deploys(line) for line in self.lines)


def jobs_of(data: Map) -> dict[str, Job]:
    """Every job that is not a template (".name")."""
    given = data.get("stages")
    stages = [".pre", *(given if isinstance(given, list) else DEFAULT_STAGES), ".post"]
    default = data.get("default")
    default = default if isinstance(default, Map) else Map()
    inherited = _merged(_only(data, ("before_script", "after_script")), default)
    jobs = {}
    for name, own in data.items():
        if not isinstance(own, Map) or name in NO_JOBS or str(name).startswith("."):
            continue
        unseen: list[str] = []
        whole = _merged(inherited, _extended(own, data, unseen, 0))
        whole.line = data.lines[name]
        for key in ("before_script", "script", "after_script", "rules"):
            if key in whole:
                whole[key] = _dereferenced(whole[key], data, 0)
        stage = whole.get("stage", "test")
        jobs[str(name)] = Job(str(name), whole, unseen, stages.index(stage) if stage in stages else len(stages))
    return jobs


def waits_for_gates(job: Job, jobs: Mapping[str, Job], gates: set[str], seen: frozenset[str] = frozenset()) -> bool:
    """Whether it cannot start before a job with gates has ended well: by `needs`, else by the order of the stages."""
    needs = job.data.get("needs")
    if not isinstance(needs, list):
        known = [jobs[name].stage for name in gates if name in jobs]
        return any(stage < job.stage for stage in known) or bool(gates - set(jobs))
    names = [str(need.get("job") if isinstance(need, Map) else need) for need in needs]
    if any(name in gates for name in names):
        return True
    further = [jobs[name] for name in names if name in jobs and name not in seen]
    return any(waits_for_gates(other, jobs, gates, seen | {job.name}) for other in further)


def _extended(own: Map, data: Map, unseen: list[str], depth: int) -> Map:
    parents = own.get("extends")
    names = parents if isinstance(parents, list) else [parents] if parents else []
    result = Map()
    for name in names:
        parent = data.get(name)
        if not isinstance(parent, Map):
            unseen.append(str(name))
        elif depth < DEEPEST:
            result = _merged(result, _extended(parent, data, unseen, depth + 1))
    return _merged(result, own)


def _merged(below: Map, above: Map) -> Map:
    """Mappings merged key by key, as `extends` does; what is no mapping is replaced."""
    result = Map()
    result.line = above.line or below.line
    for source in (below, above):
        for key, value in source.items():
            old = result.get(key)
            result[key] = _merged(old, value) if isinstance(old, Map) and isinstance(value, Map) else value
            result.lines[key] = source.lines.get(key, source.line)
    return result


def _only(data: Map, keys: tuple[str, ...]) -> Map:
    found = Map()
    for key in keys:
        if key in data:
            found[key] = data[key]
            found.lines[key] = data.lines[key]
    return found


def _dereferenced(value: Any, data: Map, depth: int) -> Any:
    """Lists with each `!reference [job, key]` replaced by what it names, and flat as GitLab makes them."""
    if isinstance(value, Reference):
        target: Any = data
        for name in value:
            target = target.get(name) if isinstance(target, Map) else None
        return _dereferenced(target, data, depth + 1) if depth < DEEPEST else None
    if not isinstance(value, list):
        return value
    result: list[Any] = []
    for item in value:
        found = _dereferenced(item, data, depth + 1) if depth < DEEPEST else item
        result += found if isinstance(found, list) else [found]
    return result


def _texts(script: Any) -> list[str]:
    if isinstance(script, str):
        return [script]
    return [line for line in script if isinstance(line, str)] if isinstance(script, list) else []
