"""Adding jobs to somebody's .gitlab-ci.yml: not a word of theirs is lost, and what cannot be done is refused."""

from __future__ import annotations

import pytest

from gates.ci.ci_yaml import read_documents
from gates.ci.gitlab_file import NAME, add_jobs, wants_merge_requests
from gates.errors import UsageError

GATES = "gates:\n  stage: gates\n  script: [gateline ci]\n"
JOBS = (
    f"{GATES}\nship-image:\n  stage: publish\n  script: [docker push x]\n"
    "\ndeploy-it:\n  stage: deploy\n  script: [gateline deploy test]\n"
)
OLD = """\
# Our pipeline.  Ask Ada.
stages:   # in this order
  # first of all
  - build   # compile
  - test
  - 'deploy'

.base: &base
  image: python:3.12   # pinned
  tags: [docker]

unit:
  <<: *base
  stage: test
  script:
    - make test   # all of them
    - !reference [.base, image]
  only: {changes: [src/**]}
"""


def stages_after(stages: str) -> list[str]:
    return read_documents(add_jobs(f"{stages}unit: {{script: [make]}}\n", JOBS), NAME)[0]["stages"]  # type: ignore[no-any-return]


def test_every_line_stays_and_the_jobs_come_to_the_end() -> None:
    added = add_jobs(OLD, JOBS)
    left = iter(added.splitlines())
    assert all(line in left for line in OLD.splitlines()), "the old lines, in their order"
    assert added.endswith(JOBS)
    data = read_documents(added, NAME)[0]
    assert data["stages"] == ["gates", "build", "test", "publish", "deploy"]
    assert data["unit"]["image"] == "python:3.12"
    assert "  - gates\n  - build   # compile\n  - test\n  - publish\n  - 'deploy'\n" in added


@pytest.mark.parametrize(
    ("stages", "after"),
    [
        ("", ["gates", "build", "test", "publish", "deploy"]),
        ("stages: [build, test]  # two\n", ["gates", "build", "test", "publish", "deploy"]),
        ("stages: [a,\n  b]\n", ["gates", "a", "b", "publish", "deploy"]),
        ("stages: [ lint , deploy ]\n", ["gates", "lint", "publish", "deploy"]),
        ("stages:\n- a\n- b\n", ["gates", "a", "b", "publish", "deploy"]),
        ("stages:\n    - gates\n\n    - publish\n    # last\n    - deploy\n", ["gates", "publish", "deploy"]),
        ('stages: ["gates", "publish", "deploy", "after"]\n', ["gates", "publish", "deploy", "after"]),
        ("stages:\n- a\n- deploy # live\n- clean\n", ["gates", "a", "publish", "deploy", "clean"]),
    ],
)
def test_stages_are_added_where_they_belong(stages: str, after: list[str]) -> None:
    assert stages_after(stages) == after


def test_gates_alone_need_their_own_stage_only() -> None:
    added = add_jobs("stages: [build, deploy]\ndeploy: {stage: deploy, script: [make deploy]}\n", GATES)
    assert added.startswith("stages: [gates, build, deploy]\ndeploy: {stage: deploy, script: [make deploy]}\n")


def test_windows_line_ends_stay_so() -> None:
    added = add_jobs(OLD.replace("\n", "\r\n"), JOBS)
    assert "\n" not in added.replace("\r\n", "")


def test_a_last_line_without_an_end_gets_one() -> None:
    assert read_documents(add_jobs("unit: {script: [make]}", JOBS), NAME)[0]["unit"] == {"script": ["make"]}


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("gates: {script: [x]}\n", r"\.gitlab-ci\.yml:1: there is a job 'gates' already"),
        ("x: 1\n\ndeploy-it: {script: [x]}\n", r"\.gitlab-ci\.yml:3: there is a job 'deploy-it' already"),
        ("include: [{local: other.yml}]\n", "stages may come from what is included"),
        ("stages: &s [a]\nx: {script: [x]}\n", "laid out in a way"),
        ("stages:\n  - &s a\n  - b\nx: {script: [x]}\n", "laid out in a way"),
        ("stages: a\n", "not a list of names"),
        ("stages: [deploy, publish]\nx: {script: [x]}\n", "another order"),
        ("spec: {inputs: {}}\n---\nx: {script: [x]}\n", "not one mapping"),
        ("- a\n- b\n", "not one mapping"),
        ("x: {script: [x]}\n...\n", "no YAML|not one mapping|would change"),
        ("x: [\n", "no YAML that can be read"),
        ("x: {script: |\n", "no YAML that can be read"),
        ("{a: {script: [x]}}\n", "no YAML|would change"),
        ("? [a]\n: b\n", "a key must be plain text"),
    ],
)
def test_what_cannot_be_added_to_is_refused(old: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        add_jobs(old, JOBS)


def test_a_block_that_would_swallow_the_jobs_is_refused() -> None:
    with pytest.raises(UsageError):
        add_jobs("unit:\n  script:\n    - |\n      echo\nstages:\n", JOBS)


def test_merge_request_pipelines_are_seen() -> None:
    assert wants_merge_requests("x: {rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]}")
    assert not wants_merge_requests(OLD)
