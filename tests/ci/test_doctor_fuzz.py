"""Whatever a pipeline's file holds, the doctor answers with remarks or one sentence."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from gates.ci.doctor import github, gitlab
from gates.ci.gitlab_file import add_jobs
from gates.errors import UsageError
from tests.ci.test_doctor import ACTION, FLOW, SOUND
from tests.ci.test_gitlab_file import JOBS

WORDS = some.sampled_from(
    ["gateline ci", "gates", "always", "manual", "needs", "rules", "x", "[skip ci]", "${{ x }}", ""]
)
LEAVES = some.one_of(some.none(), some.booleans(), some.integers(-1, 3), WORDS, some.text(max_size=5))
VALUES = some.recursive(
    LEAVES,
    lambda inner: some.one_of(some.lists(inner, max_size=3), some.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [place for key, value in inside for place in places(value, (*path, key))]


@some.composite
def damaged(draw: some.DrawFn, text: str) -> str:
    """The document with one to three of its values replaced by others."""
    data = yaml.safe_load(text.replace("on: {", "'on': {"))
    for _ in range(draw(some.integers(1, 3))):
        *way, last = draw(some.sampled_from(places(data)))
        target = data
        for key in way:
            target = target[key]
        target[last] = draw(VALUES)
    return str(yaml.safe_dump(copy.deepcopy(data), sort_keys=False))


@settings(max_examples=60, deadline=None)
@given(damaged(SOUND))
def test_gitlab(text: str) -> None:
    for remark in gitlab.examine(text, "ci.yml"):
        assert remark.text
        assert remark.where.startswith("ci.yml")
    try:
        assert JOBS in add_jobs(text, JOBS)
    except UsageError as error:
        assert "\n" not in error.message


@settings(max_examples=60, deadline=None)
@given(damaged(FLOW), damaged(ACTION))
def test_github(workflow: str, action: str) -> None:
    folders = github.gate_actions({".github/actions/x/action.yml": action})
    github.examine_action(action, "action.yml")
    _, remarks = github.examine_workflow(workflow, "w.yml", folders)
    for remark in remarks:
        assert remark.where.startswith("w.yml")


@settings(max_examples=60, deadline=None)
@given(some.text(alphabet="ab:-[]{}!&*|>'\"#\n \t?,%@`", max_size=60))
def test_any_text(text: str) -> None:
    for examine in (gitlab.examine, lambda text, name: github.examine_workflow(text, name, set())):
        try:
            examine(text, "x.yml")
        except UsageError as error:
            assert "no YAML that can be read" in error.message
