"""The same gates through pre-commit and prek: what their design allows, and what Gateline finds out by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gates.cli.install import install_hooks
from gates.doctor.hooks import HOOKS
from gates.git import pushing
from gates.git.pushing import find_push, sources
from gates.git.repository import Repository as Asked
from tests.conftest import Repository
from tests.hooks.conftest import Guard, Guarded
from tests.hooks.state import State
from tests.hooks.test_table import branch_with, unfinished_work

PROJECT = Path(__file__).parents[2]
MANAGERS = ("pre-commit", "prek")
NETWORK = pytest.mark.skipif("GATELINE_TEST_NETWORK" not in os.environ, reason="builds environments from PyPI")

CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: gateline
        name: gateline
        language: system
        entry: {python} -m gates hook framework
        always_run: true
        require_serial: true
        stages: [pre-commit, pre-merge-commit, pre-push, commit-msg, manual]
"""
"""As .pre-commit-hooks.yaml has it, with this installation in place of an environment that the manager builds."""

OTHER = """\
repos:
  - repo: local
    hooks: [{id: x, name: x, language: system, entry: test ! -e stop, always_run: true, pass_filenames: false}]
"""
"""A hook that has nothing to do with Gateline."""


def program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def manage(guarded: Guarded, manager: str) -> Guarded:
    """Replace Gateline's own hooks by the manager's."""
    for name in HOOKS:
        (guarded.path / ".git/hooks" / name).unlink()
    guarded.commit({".pre-commit-config.yaml": CONFIG.replace("{python}", sys.executable)}, "config")
    guarded.git("push", "-q", "origin", "main")
    install(guarded, manager)
    return guarded


def install(guarded: Guarded, manager: str) -> None:
    types = [word for name in HOOKS for word in ("-t", name)]
    subprocess.run([program(manager), "install", *types], cwd=guarded.path, check=True, capture_output=True)


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) for name in MANAGERS])
def manager(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def managed(guard: Guard, manager: str) -> Guarded:
    return manage(guard(), manager)


def test_a_commit(managed: Guarded) -> None:
    managed.write("new.txt", "BAD\n")
    managed.git("add", "-A")
    managed.is_stopped("commit", "-m", "x")
    managed.write("new.txt", "good\n")
    managed.git("add", "-A")
    managed.write("new.txt", "BAD, but not staged\n")
    managed.passes("commit", "-q", "-m", "x")


def test_a_tests_that_call_git_in_a_linked_worktree(guard: Guard, manager: str) -> None:
    script = "git add -A; git commit -q --allow-empty -m by-a-gate; git checkout -q -b by-a-gate"
    config = f'gates:\n  tests: {{kind: command, run: "{script}", doors: [commit, push]}}\n'
    managed = manage(guard(config=config), manager)
    other = Guarded(managed.path.parent / "other", managed.remote)
    managed.git("worktree", "add", "-q", "-b", "topic", str(other.path))
    other.write("new.txt", "new\n")
    other.git("add", "new.txt")
    other.write("untracked.txt", "untracked\n")
    other.passes("commit", "-q", "-m", "mine")
    assert other.git("log", "--format=%s", "main..HEAD") == "mine"
    assert managed.git("branch", "--list", "by-a-gate") == ""
    assert other.git("status", "--porcelain") == "?? untracked.txt"


def test_b_two_refs_in_one_push(managed: Guarded) -> None:
    branch_with(managed, "good", {"fine.txt": "fine\n"})
    branch_with(managed, "bad", {"bad.txt": "BAD\n"})
    before = managed.remote_refs()
    for refs in (["good", "bad"], ["bad", "good"], ["--all"], ["good", "+bad:other"], ["refs/heads/*:refs/heads/*"]):
        said = managed.is_stopped("push", "origin", *refs)
        assert "refs/heads/bad" in said
        assert managed.remote_refs() == before
    managed.passes("push", "-q", "origin", "good", "main")


def test_c_a_branch_that_is_not_checked_out(managed: Guarded) -> None:
    branch_with(managed, "bad", {"bad.txt": "BAD\n"})
    managed.is_stopped("push", "origin", "bad")
    branch_with(managed, "good", {"fine.txt": "fine\n"})
    managed.git("checkout", "-q", "bad")
    managed.passes("push", "-q", "origin", "good")


def test_d_a_dirty_folder_at_push(managed: Guarded) -> None:
    managed.commit({"good.txt": "BAD\n"}, "bad")
    managed.write("good.txt", "repaired in the folder only\n")
    managed.is_stopped("push", "origin", "main")
    managed.commit(message="repaired")
    managed.write("good.txt", "BAD in the folder only\n")
    managed.passes("push", "-q", "origin", "main")


def test_e_and_f_only_deletions(guard: Guard, manager: str) -> None:
    config = "gates:\n  tests: {kind: command, run: test -f needed.py, doors: [commit, push]}\n"
    managed = manage(guard({"needed.py": "x = 1\n", "spare.py": "y = 1\n"}, config=config), manager)
    managed.git("rm", "-q", "spare.py")
    managed.passes("commit", "-q", "-m", "spare")
    managed.git("rm", "-q", "needed.py")
    managed.is_stopped("commit", "-m", "needed", by="✗ tests")
    managed.git("commit", "-q", "--no-verify", "-m", "needed")
    managed.is_stopped("push", "origin", "main", by="✗ tests")


def test_i_partly_staged_and_intended(managed: Guarded) -> None:
    before = unfinished_work(managed)
    managed.passes("commit", "-q", "-m", "part")
    after = State.of(managed)
    assert {name: facts[2] for name, facts in after.files.items()} == {n: f[2] for n, f in before.files.items()}
    assert managed.git("diff", "--name-status").splitlines() == ["A\tintended.txt", "M\tother.txt", "M\tpart.txt"]


def test_a_new_branch_and_a_first_push(managed: Guarded) -> None:
    managed.git("checkout", "-q", "-b", "topic")
    managed.commit({"bad.txt": "BAD\n"})
    managed.is_stopped("push", "origin", "topic")
    managed.git("checkout", "-q", "--orphan", "alone")
    managed.commit({"bad.txt": "BAD too\n"})
    managed.is_stopped("push", "origin", "alone")
    managed.commit({"bad.txt": "good\n"})
    managed.passes("push", "-q", "origin", "alone")


def test_merges(managed: Guarded) -> None:
    managed.git("checkout", "-q", "-b", "theirs")
    managed.commit({"clean.txt": "BAD\n", "good.txt": "theirs\n"})
    managed.git("checkout", "-q", "main")
    managed.commit({"mine.txt": "mine\n"})
    managed.is_stopped("merge", "--no-edit", "theirs")
    managed.git("merge", "--abort")
    managed.commit({"good.txt": "mine\n"})
    managed.call("merge", "theirs")
    managed.write("good.txt", "both\n")
    managed.git("add", "good.txt")
    managed.is_stopped("commit", "--no-edit")


def test_messages(guard: Guard, manager: str) -> None:
    managed = manage(guard(config="gates:\n  commit_message: {conventional: true}\n"), manager)
    managed.write("good.txt", "better\n")
    managed.is_stopped("commit", "-am", "not conventional", by="✗ commit_message")
    managed.passes("commit", "-qam", "fix: conventional")


def test_all_files_by_hand(managed: Guarded, manager: str) -> None:
    managed.commit({"bad.txt": "BAD\n"})
    done = subprocess.run(
        [program(manager), "run", "--all-files"], cwd=managed.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "✗ no_bad" in done.stdout
    managed.commit({"bad.txt": "good\n"})
    subprocess.run([program(manager), "run", "--all-files"], cwd=managed.path, capture_output=True, check=True)


def test_from_one_revision_to_another(managed: Guarded, manager: str) -> None:
    """As pre-commit is called in CI."""
    first = managed.head()
    managed.commit({"bad.txt": "BAD\n"})
    words = [program(manager), "run", "--from-ref", first, "--to-ref", "HEAD"]
    done = subprocess.run(words, cwd=managed.path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "✗ no_bad" in done.stdout


def test_one_kind_without_a_configuration(guard: Guard, manager: str) -> None:
    managed = manage(guard(config="gates: {secrets: {}}\n"), manager)
    text = CONFIG.replace("{python}", sys.executable).replace("hook framework", "hook framework --kind commit_message")
    text = text.replace("[pre-commit, pre-merge-commit, pre-push, commit-msg, manual]", "[commit-msg]")
    managed.commit({".pre-commit-config.yaml": text})
    managed.write("good.txt", "better\n")
    managed.passes("commit", "-am", "one line that is short enough")


def test_installed_after_gateline_it_calls_gateline(guard: Guard, manager: str) -> None:
    """The manager moves what it finds to .legacy and runs it first; both see what git told."""
    managed = guard()
    managed.commit({".pre-commit-config.yaml": OTHER})
    install(managed, manager)
    managed.write("good.txt", "BAD\n")
    managed.is_stopped("commit", "-am", "x")
    managed.git("checkout", "-q", "good.txt")
    branch_with(managed, "good", {"fine.txt": "fine\n"})
    branch_with(managed, "bad", {"bad.txt": "BAD\n"})
    managed.is_stopped("push", "origin", "good", "bad")
    managed.passes("push", "-q", "origin", "good")
    assert any("left as it is" in line for line in install_hooks(str(managed.path)))


def test_installed_before_gateline_it_runs_first(guard: Guard, manager: str) -> None:
    managed = manage(guard(), manager)
    managed.commit({".pre-commit-config.yaml": OTHER})
    lines = install_hooks(str(managed.path))
    assert f"{manager}'s hook pre-push is kept as pre-push.before-gateline and runs first." in lines
    managed.write("stop", "")
    managed.is_stopped("commit", "--allow-empty", "-m", "x", by="Failed")
    (managed.path / "stop").unlink()
    managed.write("good.txt", "BAD\n")
    managed.is_stopped("commit", "-am", "x")
    managed.write("good.txt", "better\n")
    managed.passes("commit", "-qam", "x")
    managed.passes("push", "-q", "origin", "main")


# The real thing: environments that pre-commit and prek build from this checkout


@NETWORK
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_try_repo(guard: Guard, manager: str, tmp_path: Path) -> None:
    managed = guard()
    managed.write("good.txt", "BAD\n")
    managed.git("add", "-A")
    environ = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PREK_HOME": str(tmp_path / "cache")}
    words = [program(manager), "try-repo", str(PROJECT), "gateline"]
    done = subprocess.run(words, cwd=managed.path, env=environ, capture_output=True, text=True, check=False)
    assert "✗ no_bad" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    managed.write("good.txt", "good again\n")
    managed.git("add", "-A")
    subprocess.run(words, cwd=managed.path, env=environ, capture_output=True, check=True)


@NETWORK
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_installed_configuration(
    guard: Guard, manager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "cache"))
    managed = guard()
    for name in HOOKS:
        (managed.path / ".git/hooks" / name).unlink()
    revision = Repository(PROJECT).git("rev-parse", "HEAD")
    text = f"repos: [{{repo: '{PROJECT}', rev: {revision}, hooks: [{{id: gateline}}, {{id: gateline-secrets}}]}}]\n"
    managed.commit({".pre-commit-config.yaml": text})
    install(managed, manager)
    managed.write("good.txt", "BAD\n")
    managed.is_stopped("commit", "-am", "x")
    managed.git("checkout", "-q", "good.txt")
    branch_with(managed, "good", {"fine.txt": "fine\n"})
    branch_with(managed, "bad", {"bad.txt": "BAD\n"})
    managed.is_stopped("push", "origin", "good", "bad")


def test_the_manifest_is_valid(manager: str) -> None:
    subprocess.run([program(manager), "validate-manifest", str(PROJECT / ".pre-commit-hooks.yaml")], check=True)


# What is read from the push command


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", []),
        ("origin", []),
        ("origin main", ["main"]),
        ("-u origin main side", ["main", "side"]),
        ("origin +main:x :gone ^no side", ["main", "side"]),
        ("origin tag v1", ["v1"]),
        ("-o ci.skip --receive-pack x origin -- main", ["main"]),
        ("--repo origin main", ["main"]),
        ("--all", ["refs/heads/main", "refs/heads/side"]),
        ("--branches origin", ["refs/heads/main", "refs/heads/side"]),
        ("--tags", ["refs/tags/v1"]),
        ("--mirror origin", ["refs/heads/main", "refs/heads/side", "refs/tags/v1"]),
        ("origin :", ["refs/heads/main", "refs/heads/side"]),
        ("origin refs/heads/*:refs/heads/*", ["refs/heads/main", "refs/heads/side"]),
    ],
)
def test_sources_of_a_push(repository: Repository, words: str, found: list[str]) -> None:
    repository.git("branch", "side")
    repository.git("tag", "v1")
    assert sources(Asked.find(str(repository.path)), words.split(), "origin") == found


def test_sources_by_configuration(repository: Repository) -> None:
    repository.git("branch", "side")
    asked = Asked.find(str(repository.path))
    repository.git("config", "push.default", "matching")
    assert sources(asked, ["origin"], "origin") == ["refs/heads/main", "refs/heads/side"]
    repository.git("config", "push.default", "simple")
    repository.git("config", "remote.origin.push", "side:other")
    assert sources(asked, ["origin"], "origin") == ["side"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["push", "origin", ":/two words:refs/heads/x"], ["origin", ":/two words:refs/heads/x"]),
        (["-c", "x.y=z", "-C", ".", "--no-pager", "push", "-q", "--all"], ["-q", "--all"]),
        (["p", "main:side"], ["origin", "main:side"]),
        (["commit", "--allow-empty", "-m", "push"], None),
    ],
)
def test_finding_the_push(guarded: Guarded, seen: Path, words: list[str], found: list[str] | None) -> None:
    guarded.git("config", "alias.p", "push origin")
    guarded.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "two words")
    tell = seen.parent / "tell.py"
    tell.write_text(
        "import os\nfrom gates.git.pushing import find_push\nfrom gates.git.repository import Repository\n"
        'print(find_push(Repository.find()), file=open(os.environ["SEEN"], "w"))\n'
    )
    for name in ("pre-push", "pre-commit"):
        (guarded.path / ".git/hooks" / name).write_text(f"#!/bin/sh\n{sys.executable} {tell}\n")
    guarded.passes(*words)
    assert seen.read_text() == f"{found}\n"


def test_where_there_is_no_proc(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `ps`, as on macOS: this very process and those around it."""
    commands = list(pushing._ancestors_by_ps(os.getpid()))
    assert "python" in commands[0][0]
    assert len(commands) > 1
    monkeypatch.setenv("PATH", "/nowhere")
    assert list(pushing._ancestors_by_ps(os.getpid())) == []


def test_no_push_is_going_on(repository: Repository) -> None:
    assert find_push(Asked.find(str(repository.path)), 1) is None
    assert find_push(Asked.find(str(repository.path)), 2**22) is None


def test_a_fix_is_for_the_files_only(guard: Guard, manager: str) -> None:
    """The manager has put unstaged work aside; on files that a fix has changed nearby, that would not go back."""
    lines = [f"line {number}\n" for number in range(20)]
    config = (
        'gates: {no_bad: {kind: command, run: "! grep BAD a.txt", fix_run: sed -i s/BAD/GOOD/ a.txt, fix: stage}}\n'
    )
    managed = manage(guard({"a.txt": "".join(lines)}, config=config), manager)
    bad = ["BAD\n" if number == 5 else line for number, line in enumerate(lines)]
    good = [line.replace("BAD", "GOOD") for line in bad]
    for number, is_near in ((15, False), (6, True)):
        managed.write("a.txt", "".join(bad))
        managed.git("add", "a.txt")
        bad_typed, good_typed = ([*text[:number], "typed\n", *text[number:]] for text in (bad, good))
        managed.write("a.txt", "".join(bad_typed))
        managed.is_stopped("commit", "-m", "x", by="no_bad: fixed, for you to look at and stage: a.txt")
        assert (managed.path / "a.txt").read_text() == "".join(bad_typed if is_near else good_typed)
        assert managed.git("show", ":a.txt") + "\n" == "".join(bad)
