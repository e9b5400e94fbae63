"""Situations A to I, which no hook manager gets right, on real repositories (docs/explanation/hooks-compared.md)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.hooks.conftest import Guard, Guarded
from tests.hooks.state import State

WAITING = """\
gates:
  waits:
    kind: command
    run: 'echo started >>"$SEEN"; if [ "$WAIT" ]; then sleep 30; fi'
    doors: [commit, push]
    cache: false
"""


def branch_with(guarded: Guarded, name: str, files: dict[str, str | bytes]) -> str:
    """A branch off main with one more commit, which is not checked out; returns the commit."""
    guarded.git("checkout", "-q", "-b", name, "main")
    commit = guarded.commit(files, name)
    guarded.git("checkout", "-q", "main")
    return commit


def test_a_tests_that_call_git_in_a_linked_worktree(guard: Guard) -> None:
    """What a gate does with git stays in a repository of its own, though git told the hook of the user's."""
    script = (
        'set -e; d=$(mktemp -d); cd "$d"; git init -q; echo x >made-by-test; git add -A; git commit -qm made-by-test;'
        " git checkout -qb test-branch; git config user.name Nobody"
    )
    config = f"gates:\n  tests: {{kind: command, run: '{script}', doors: [commit, push]}}\n"
    config += '  in_tree: {kind: command, run: "git commit -q --allow-empty -m in-tree", doors: [commit, push]}\n'
    guarded = guard(config=config)
    other = Guarded(guarded.path.parent / "other", guarded.remote)
    guarded.git("worktree", "add", "-q", "-b", "topic", str(other.path))
    for repository in (other, guarded):
        before = repository.head()
        repository.write("new.txt", "new\n")
        repository.write("unstaged.txt", "unstaged\n")
        repository.git("add", "new.txt")
        repository.passes("commit", "-q", "-m", "mine")
        assert repository.git("log", "--format=%s", f"{before}..HEAD") == "mine"
        assert repository.git("show", "--format=", "--name-status", "HEAD") == "A\tnew.txt"
        assert repository.git("status", "--porcelain") == "?? unstaged.txt"
        repository.passes("push", "-q", "origin", "HEAD")
    assert guarded.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main\nrefs/heads/topic"
    assert guarded.git("config", "user.name") == "Ada"
    guarded.git("fsck", "--strict")


def test_b_two_refs_in_one_push(guarded: Guarded) -> None:
    branch_with(guarded, "good", {"fine.txt": "fine\n"})
    branch_with(guarded, "bad", {"bad.txt": "BAD\n"})
    before = guarded.remote_refs()
    for refs in (["good", "bad"], ["bad", "good"], ["--all"]):
        said = guarded.is_stopped("push", "origin", *refs)
        assert "refs/heads/bad" in said
        assert guarded.remote_refs() == before
    guarded.passes("push", "-q", "origin", "good", "main")
    assert "refs/heads/good" in guarded.remote_refs()


def test_c_a_branch_that_is_not_checked_out(guarded: Guarded) -> None:
    branch_with(guarded, "bad", {"bad.txt": "BAD\n"})
    guarded.is_stopped("push", "origin", "bad")
    good = branch_with(guarded, "good", {"fine.txt": "fine\n"})
    guarded.git("checkout", "-q", "bad")
    guarded.passes("push", "-q", "origin", "good")
    assert guarded.remote_refs()["refs/heads/good"] == good
    assert "refs/heads/bad" not in guarded.remote_refs()


def test_d_a_dirty_folder_at_push(guarded: Guarded) -> None:
    guarded.commit({"good.txt": "BAD\n"}, "bad")
    guarded.write("good.txt", "repaired in the folder only\n")
    before = State.of(guarded)
    guarded.is_stopped("push", "origin", "main")
    assert State.of(guarded) == before
    guarded.commit(message="repaired")
    guarded.write("good.txt", "BAD in the folder only\n")
    guarded.write("untracked.txt", "BAD\n")
    before = State.of(guarded)
    guarded.passes("push", "-q", "origin", "main")
    assert State.of(guarded) == before.with_remote_branch(guarded, "main")


def test_e_a_commit_that_only_deletes(guard: Guard) -> None:
    config = (
        "gates:\n"
        "  tests: {kind: command, run: test -f needed.py, doors: [commit, push]}\n"
        "  lint: {kind: command, run: [grep, -c, ''], scope: files, files: ['*.py'], doors: [commit]}\n"
    )
    guarded = guard({"needed.py": "x = 1\n", "spare.py": "y = 1\n"}, config=config)
    guarded.git("rm", "-q", "spare.py")
    said = guarded.passes("commit", "-m", "delete what is not needed")
    assert "lint" in said
    assert "the change has no file like *.py" in said
    guarded.git("rm", "-q", "needed.py")
    guarded.is_stopped("commit", "-m", "delete what is needed", by="✗ tests")


def test_f_a_push_that_only_deletes_files(guard: Guard) -> None:
    config = "gates:\n  tests: {kind: command, run: test -f needed.py, doors: [push]}\n"
    guarded = guard({"needed.py": "x = 1\n"}, config=config)
    guarded.git("rm", "-q", "needed.py")
    guarded.passes("commit", "-q", "-m", "delete")
    guarded.is_stopped("push", "origin", "main", by="✗ tests")


def listen() -> None:
    """As from a terminal, however these tests were started: perhaps with INT ignored, which git inherits."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def ignore_int() -> None:
    listen()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def start(guarded: Guarded, seen: Path, *arguments: str, ignores_int: bool = False) -> subprocess.Popen[bytes]:
    """Start a git command in a group of its own, and wait until its gate runs."""
    process = subprocess.Popen(
        ["git", *arguments],
        cwd=guarded.path,
        env={**os.environ, "WAIT": "1", "SEEN": str(seen)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=ignore_int if ignores_int else listen,
    )
    until = time.monotonic() + 60
    while not seen.read_text():
        assert process.poll() is None, "ended before its gate began"
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


def unfinished_work(guarded: Guarded) -> State:
    """Staged, partly staged, unstaged, intent-to-add and untracked work."""
    guarded.commit({"part.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "other.txt": "other\n"}, "more files")
    guarded.write("part.txt", "staged\n2\n3\n4\n5\n6\n7\n8\n9\n")
    guarded.git("add", "part.txt")
    guarded.write("part.txt", "staged\n2\n3\n4\n5\n6\n7\n8\nunstaged\n")
    guarded.write("other.txt", "unstaged\n")
    guarded.write("intended.txt", "intended\n")
    guarded.git("add", "-N", "intended.txt")
    guarded.write("untracked.txt", "untracked\n")
    return State.of(guarded)


def test_g_killed_while_work_is_unstaged(guard: Guard, seen: Path) -> None:
    guarded = guard(config=WAITING)
    before = unfinished_work(guarded)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        seen.write_text("")
        process = start(guarded, seen, "commit", "-m", "x")
        os.killpg(process.pid, number)
        process.wait(30)
        assert State.of(guarded) == before, number.name
    guarded.passes("commit", "-q", "-m", "x")
    assert State.of(guarded).files == before.files
    assert guarded.git("diff", "--name-status").splitlines() == ["A\tintended.txt", "M\tother.txt", "M\tpart.txt"]


def test_h_ctrl_c_twice(guard: Guard, seen: Path) -> None:
    guarded = guard(config=WAITING)
    before = unfinished_work(guarded)
    for pause in (0.0, 0.02, 0.05):
        seen.write_text("")
        process = start(guarded, seen, "commit", "-m", "x")
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(pause)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) != 0
        assert State.of(guarded) == before


@pytest.mark.parametrize("words", [["-a"], ["--", "good.txt"]])
def test_git_that_ignores_ctrl_c(guard: Guard, seen: Path, words: list[str]) -> None:
    """Started with INT ignored (`nohup`, `&`), git removes the index of this commit on INT, and goes on all the same.

    With no hook to stop it, git 2.39.5 records an empty tree then, and ends with 128.
    """
    guarded = guard(config=WAITING.replace("sleep 30", "sleep 1"))
    guarded.write("good.txt", "changed\n")
    before = State.of(guarded)
    process = start(guarded, seen, "commit", "-m", "x", *words, ignores_int=True)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) != 0
    assert State.of(guarded) == before
    guarded.passes("commit", "-m", "x", *words)


def test_i_an_intent_to_add_file_beside_partly_staged_ones(guarded: Guarded, seen: Path) -> None:
    guarded.git("config", "core.autocrlf", "false")
    before = unfinished_work(guarded)
    guarded.passes("commit", "-q", "-m", "part")
    assert guarded.git("show", "HEAD:part.txt") == "staged\n2\n3\n4\n5\n6\n7\n8\n9"
    after = State.of(guarded)
    assert after.files == before.files
    assert guarded.git("diff", "--name-status").splitlines() == ["A\tintended.txt", "M\tother.txt", "M\tpart.txt"]
    guarded.write("part.txt", "BAD and not staged\n")
    guarded.write("good.txt", "still good\n")
    guarded.git("add", "good.txt")
    guarded.passes("commit", "-q", "-m", "only what is staged counts")
    assert (guarded.path / "part.txt").read_text() == "BAD and not staged\n"
