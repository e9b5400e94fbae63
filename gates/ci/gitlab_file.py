"""Adding jobs to a .gitlab-ci.yml that somebody else wrote, without touching a word of theirs.

Only text is added: stages to the list of stages, jobs at the end. What comes out is parsed and compared with what went
in, so that a file that is laid out in an unforeseen way is refused rather than broken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gates.ci.ci_yaml import Map, read_documents
from gates.errors import UsageError

__all__ = ["NAME", "add_jobs", "wants_merge_requests"]

NAME = ".gitlab-ci.yml"
DEFAULT_STAGES = ("build", "test", "deploy")
"""What GitLab takes where a file names no stages."""

BY_HAND = (
    "`--builder none` adds the gates alone; in an empty repository --dry-run prints the jobs, to be moved by hand."
)
FLOW_STAGES = re.compile(r"^(stages:[ \t]*\[)([^\[\]#]*)(\][ \t]*(?:#.*)?\r?)$", re.MULTILINE)
BLOCK_STAGES = re.compile(r"^stages:[ \t]*(?:#.*)?\r?$", re.MULTILINE)
ITEM = re.compile(r"^([ \t]*)-[ \t]+(?:(['\"]?)([^'\"#\s][^'\"#]*?)\2)[ \t]*(?:#.*)?\r?$")
COMMENT = "# Written by `gateline ci init --gitlab`; `gateline ci doctor` says what would get past the gates.\n"


def wants_merge_requests(text: str) -> bool:
    """Whether the file makes merge request pipelines: a job with rules for them would be the only one to start some."""
    return "merge_request" in text


def add_jobs(text: str, jobs: str) -> str:
    """The file with the jobs and their stages added. Raises UsageError with the reason when that cannot be done."""
    before, own = _one_mapping(text), _one_mapping(jobs)
    taken = [name for name in own if name in before]
    if taken:
        raise UsageError(f"there is a job {taken[0]!r} already", where=f"{NAME}:{before.lines[taken[0]]}", hint=BY_HAND)
    if "stages" not in before and "include" in before:
        raise UsageError("the stages may come from what is included, and cannot be seen", where=NAME, hint=BY_HAND)
    stages = _stages(before.get("stages", list(DEFAULT_STAGES)), {str(job["stage"]) for job in own.values()})
    end = "\r\n" if "\r\n" in text else "\n"
    whole = text if text.endswith("\n") else text + end
    if "stages" in before:
        whole, head = _with_stages(whole, before["stages"], stages), ""
    else:
        head = f"stages: [{', '.join(stages)}]\n\n"
    added = whole + f"\n{COMMENT}{head}{jobs}".replace("\n", end)
    _check(added, before, own, stages)
    return added


def _one_mapping(text: str) -> Map:
    documents = read_documents(text, NAME)
    if len(documents) != 1 or not isinstance(documents[0], Map):
        raise UsageError("this is not one mapping of jobs, so nothing can be added to it", where=NAME, hint=BY_HAND)
    return documents[0]


def _stages(before: object, wanted: set[str]) -> list[str]:
    """Gates come before everything that builds, the image before the deploy."""
    if not isinstance(before, list) or not all(isinstance(name, str) for name in before):
        raise UsageError("the stages are not a list of names", where=NAME, hint=BY_HAND)
    stages: list[str] = list(before)
    if "gates" not in stages:
        stages.insert(0, "gates")
    if "deploy" in wanted - set(stages):
        stages.append("deploy")
    if "publish" in wanted - set(stages):
        stages.insert(stages.index("deploy"), "publish")
    order = [stages.index(name) for name in ("gates", "publish", "deploy") if name in wanted]
    if order != sorted(order):
        raise UsageError("the stages gates, publish and deploy are there in another order", where=NAME, hint=BY_HAND)
    return stages


def _with_stages(text: str, before: Sequence[str], stages: Sequence[str]) -> str:
    if list(before) == list(stages):
        return text
    flow = FLOW_STAGES.search(text)
    if flow:
        return f"{text[: flow.start()]}{flow[1]}{', '.join(stages)}{flow[3]}{text[flow.end() :]}"
    head = BLOCK_STAGES.search(text)
    if head is None:
        raise UsageError("the list of stages is laid out in a way that cannot be added to", where=NAME, hint=BY_HAND)
    start = head.end() + 1
    return text[:start] + _with_items(text[start:].splitlines(keepends=True), before, stages)


def _with_items(lines: list[str], before: Sequence[str], stages: Sequence[str]) -> str:
    """The lines below `stages:` with an item for each stage that is new, before the one that follows it."""
    at: dict[str, int] = {}
    sample = ("  ", "\n")
    for number, line in enumerate(lines):
        found = ITEM.match(line.rstrip("\n"))
        if found:
            at[found[3]] = number
            sample = (found[1], "\r\n" if line.endswith("\r\n") else "\n")
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    if list(at) != list(before):
        raise UsageError("the list of stages is laid out in a way that cannot be added to", where=NAME, hint=BY_HAND)
    end = max(at.values()) + 1
    result = list(lines)
    # From the last to the first, so that the lines before keep their numbers.
    for position in reversed(range(len(stages))):
        if stages[position] not in at:
            place = next((at[other] for other in stages[position:] if other in at), end)
            result.insert(place, f"{sample[0]}- {stages[position]}{sample[1]}")
    return "".join(result)


def _check(added: str, before: Map, own: Map, stages: Sequence[str]) -> None:
    """What was there means what it meant, and what was added is there."""
    wanted = {**before, **own, "stages": list(stages)}
    if _one_mapping(added) != wanted:
        raise UsageError("adding to this file would change what is in it already", where=NAME, hint=BY_HAND)
