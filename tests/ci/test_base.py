"""What CI compares with: variables of real systems, real clones of every depth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.ci.base import fetch_branch, find_base, is_shallow
from gates.ci.system import GITHUB, GITLAB, System, detect
from gates.errors import CannotRun, UsageError
from gates.git.repository import Repository as Git
from tests.conftest import Repository

ZEROS = "0" * 40


class Scene:
    """An origin with `main` (12 commits, a fork after the 8th) and `work` (4 commits)."""

    def __init__(self, origin: Repository, folder: Path) -> None:
        self.origin = origin
        self.folder = folder
        self.main = [origin.commit({f"m{n}": str(n)}, f"main {n}") for n in range(8)]
        origin.git("checkout", "-q", "-b", "work")
        self.work = [origin.commit({f"w{n}": str(n)}, f"work {n}") for n in range(4)]
        origin.git("checkout", "-q", "main")
        self.main += [origin.commit({f"m{n}": str(n)}, f"main {n}") for n in range(8, 12)]

    @property
    def fork(self) -> str:
        return self.main[7]

    def clone(self, commit: str, depth: int = 0, branch: str = "work") -> Git:
        """A checkout as runners make them: one ref, detached."""
        clone = Repository(self.folder / f"clone-{depth}-{commit[:6]}")
        clone.path.mkdir()
        clone.git("init", "-q")
        clone.git("remote", "add", "origin", f"file://{self.origin.path}")
        words = [f"--depth={depth}"] if depth else []
        clone.git("fetch", "-q", *words, "origin", f"+refs/heads/{branch}:refs/remotes/origin/{branch}")
        clone.git("checkout", "-q", "--detach", commit)
        return Git.find(str(clone.path))


@pytest.fixture
def scene(make_repository: Callable[..., Repository], tmp_path: Path) -> Scene:
    return Scene(make_repository("origin"), tmp_path)


def gitlab_merge_request(scene: Scene, **more: str) -> System:
    return detect(
        {
            "GITLAB_CI": "true",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": scene.fork,
            "CI_MERGE_REQUEST_REF_PATH": "refs/merge-requests/7/head",
            "CI_COMMIT_BEFORE_SHA": ZEROS,
            "CI_DEFAULT_BRANCH": "main",
            **more,
        }
    )


# --- the systems


def test_gitlab_branch_tag_and_merge_request() -> None:
    branch = detect({"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"})
    assert (branch.name, branch.ref, branch.on_default_branch) == (GITLAB, "refs/heads/main", True)
    assert detect({"GITLAB_CI": "true", "CI_COMMIT_TAG": "v1"}).ref == "refs/tags/v1"
    assert detect({"GITLAB_CI": "true"}) == System(GITLAB)
    before = detect({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "a" * 40})
    assert before.before == "a" * 40
    assert detect({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": ZEROS}).before == ""
    assert detect({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "--upload-pack=x"}).before == ""


def test_github_push_and_pull_request(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}
    event.write_text(json.dumps({"before": "a" * 40, "repository": {"default_branch": "main"}}))
    push = detect(environ)
    assert (push.name, push.before, push.on_default_branch, push.target) == (GITHUB, "a" * 40, True, "")
    event.write_text(json.dumps({"pull_request": {"base": {"sha": "b" * 40}}}))
    pull = detect({**environ, "GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/3/merge"})
    assert (pull.target, pull.target_commits, pull.ref) == ("main", ("b" * 40,), "refs/pull/3/merge")
    for broken in ("", "[]", "{", '{"pull_request": []}'):
        event.write_text(broken)
        assert detect(environ).before == ""
    event.unlink()
    assert detect(environ).name == GITHUB


def test_anywhere_else_nothing_is_known() -> None:
    assert detect({"CI": "true", "GITHUB_ACTIONS": "false"}) == System()


# --- the base


def test_a_merge_request_is_compared_with_where_it_left_the_target(scene: Scene) -> None:
    base = find_base(scene.clone(scene.work[-1]), gitlab_merge_request(scene))
    assert (base.commit, base.why) == (scene.fork, "main (target of the merge request)")


def test_a_merged_result_is_compared_with_the_target_it_was_merged_with(scene: Scene) -> None:
    scene.origin.git("checkout", "-q", "-b", "result", "main")
    scene.origin.git("merge", "-q", "--no-ff", "-m", "merge", "work")
    merged = scene.origin.git("rev-parse", "HEAD")
    system = gitlab_merge_request(scene, CI_MERGE_REQUEST_TARGET_BRANCH_SHA=scene.main[-1])
    assert find_base(scene.clone(merged, branch="result"), system).commit == scene.main[-1]


def test_the_target_is_fetched_when_only_its_name_is_known(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1])
    base = find_base(clone, System(GITHUB, target="main"))
    assert base.commit == scene.fork
    assert clone.line("rev-parse", "refs/remotes/origin/main") == scene.main[-1]
    assert not is_shallow(clone)


@pytest.mark.parametrize("depth", [1, 3, 20])
def test_a_shallow_clone_is_deepened_until_both_meet(scene: Scene, depth: int) -> None:
    clone = scene.clone(scene.work[-1], depth)
    assert find_base(clone, gitlab_merge_request(scene)).commit == scene.fork
    clone = scene.clone(scene.work[-2], 2) if depth == 3 else clone
    assert find_base(clone, System(GITHUB, target="main")).commit == scene.fork


def test_a_long_branch_takes_several_steps(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    origin = make_repository("long", {"a": "1"})
    fork = origin.git("rev-parse", "HEAD")
    tree = origin.git("rev-parse", "HEAD^{tree}")
    origin.git("branch", "work")
    commit = fork
    for _ in range(70):
        commit = origin.git("commit-tree", "-p", commit, "-m", "x", tree)
    origin.git("update-ref", "refs/heads/work", commit)
    clone = Repository(tmp_path / "clone")
    clone.path.mkdir()
    clone.git("clone", "-q", "--depth=1", "--branch=work", f"file://{origin.path}", ".")
    git = Git.find(str(clone.path))
    assert find_base(git, System(GITHUB, target="main")).commit == fork


def test_a_shallow_clone_is_told_when_nothing_may_be_fetched(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1], 1)
    with pytest.raises(CannotRun, match="fetching is switched off") as told:
        find_base(clone, gitlab_merge_request(scene), deepen=False)
    assert "GIT_DEPTH: 0" in str(told.value)
    assert "fetch-depth: 0" in str(told.value)


def test_a_shallow_clone_is_told_when_the_remote_is_gone(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1], 1)
    clone.ask("remote", "set-url", "origin", "file:///nowhere/at/all")
    with pytest.raises(CannotRun, match="could not be fetched"):
        find_base(clone, gitlab_merge_request(scene))
    clone.ask("remote", "remove", "origin")
    with pytest.raises(CannotRun, match="too shallow to compare with the previous commit"):
        find_base(clone, System())


def test_a_base_that_is_here_but_does_not_meet_is_told(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1], 1)
    assert fetch_branch(clone, "main")
    clone.ask("remote", "set-url", "origin", "file:///nowhere/at/all")
    with pytest.raises(CannotRun, match="too shallow to compare with main"):
        find_base(clone, System(GITHUB, target="main"))
    with pytest.raises(CannotRun, match="too shallow"):
        find_base(clone, System(), "refs/remotes/origin/main", deepen=False)


def test_a_push_is_compared_with_what_the_branch_was_before(scene: Scene) -> None:
    clone = scene.clone(scene.main[-1], branch="main")
    base = find_base(clone, System(GITLAB, "refs/heads/main", before=scene.main[5], default_branch="main"))
    assert (base.commit, base.why) == (scene.main[5], "the branch before this push")


def test_a_forced_push_is_compared_with_what_both_have(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1], 1)
    base = find_base(clone, System(GITLAB, "refs/heads/work", before=scene.main[-1], default_branch="main"))
    assert base.commit == scene.fork


def test_a_commit_before_that_is_gone_falls_back(scene: Scene) -> None:
    system = System(GITLAB, "refs/heads/main", before="a" * 40, default_branch="main")
    clone = scene.clone(scene.main[-1], branch="main")
    assert find_base(clone, system).commit == scene.main[-2]


def test_the_first_push_of_a_branch_is_compared_with_where_it_left_the_default_branch(scene: Scene) -> None:
    base = find_base(scene.clone(scene.work[-1]), System(GITLAB, "refs/heads/work", default_branch="main"))
    assert (base.commit, base.why) == (scene.fork, "main (where the branch left it)")


def test_without_any_hint_it_is_the_previous_commit(scene: Scene) -> None:
    assert find_base(scene.clone(scene.work[-1]), System()).commit == scene.work[-2]
    assert find_base(scene.clone(scene.work[-1], 1), System()).commit == scene.work[-2]
    first = find_base(scene.clone(scene.main[0]), System())
    assert (first.commit, first.why) == ("", "nothing: this is the first commit")


def test_a_told_base_counts_before_everything(scene: Scene) -> None:
    clone = scene.clone(scene.work[-1])
    assert find_base(clone, gitlab_merge_request(scene), scene.work[0]).commit == scene.work[0]
    assert find_base(clone, System(), "origin/main").commit == scene.fork
    assert find_base(clone, System(), "HEAD").commit == scene.work[-1]


@pytest.mark.parametrize("told", ["nonsense", "HEAD~99", "--upload-pack=evil", "refs/heads/none"])
def test_a_told_base_that_does_not_exist_is_told(scene: Scene, told: str) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        find_base(scene.clone(scene.work[-1]), System(), told)


def test_a_told_branch_that_the_remote_does_not_have_is_told(scene: Scene) -> None:
    with pytest.raises(CannotRun, match="could not be fetched"):
        find_base(scene.clone(scene.work[-1]), System(), "origin/none")


def test_histories_without_a_common_commit_fall_back(scene: Scene) -> None:
    scene.origin.git("checkout", "-q", "--orphan", "alone")
    commit = scene.origin.commit({"x": "1"})
    system = System(GITLAB, "refs/heads/alone", default_branch="main")
    base = find_base(scene.clone(commit, branch="alone"), system)
    assert base.commit == ""
