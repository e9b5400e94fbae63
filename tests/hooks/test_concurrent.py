"""Several hooks at once: in two terminals of one working tree, and in several working trees of one repository."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

from tests.hooks.conftest import Guard, Guarded

CONFIG = """\
gates:
  no_bad: {kind: command, run: "sleep 0.1; ! grep -rl BAD --include=*.txt .", doors: [commit, push]}
  calls_git:
    kind: command
    run: "git add -A && git commit -q --allow-empty -m x && git checkout -q -b by-a-gate"
    doors: [commit, push]
    cache: false
"""


def at_once(calls: list[tuple[Guarded, list[str]]]) -> list[subprocess.CompletedProcess[str]]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call[0].call(*call[1]), calls))


def test_working_trees_of_one_repository(guard: Guard) -> None:
    guarded = guard(config=CONFIG)
    trees = []
    for number in range(4):
        tree = Guarded(guarded.path.parent / f"tree{number}", guarded.remote)
        guarded.git("worktree", "add", "-q", "-b", f"topic{number}", str(tree.path))
        trees.append(tree)
    for turn in range(2):
        for number, tree in enumerate(trees):
            tree.write("file.txt", f"BAD {turn}\n" if number % 2 else f"good {turn} {number}\n")
            tree.write("unstaged.txt", f"unstaged {turn}\n")
            tree.git("add", "file.txt")
        done = at_once([(tree, ["commit", "-q", "-m", f"turn {turn}"]) for tree in trees])
        assert [call.returncode for call in done] == [0, 1, 0, 1], [call.stdout for call in done]
        assert all("✗ no_bad" in call.stdout for call in done[1::2])
    for number, tree in enumerate(trees):
        assert tree.git("rev-list", "--count", "main..HEAD") == ("0" if number % 2 else "2")
        assert (tree.path / "unstaged.txt").read_text() == "unstaged 1\n"
    assert guarded.git("branch", "--list", "by-a-gate") == ""
    guarded.git("fsck", "--strict")


def test_pushes_and_a_commit_in_one_working_tree(guard: Guard) -> None:
    guarded = guard(config=CONFIG)
    for name, text in (("good1", "good 1\n"), ("bad1", "BAD 1\n"), ("good2", "good 2\n"), ("bad2", "BAD 2\n")):
        guarded.git("checkout", "-q", "-b", name, "main")
        guarded.commit({"file.txt": text}, name)
    guarded.git("checkout", "-q", "main")
    guarded.write("staged.txt", "good\n")
    guarded.git("add", "staged.txt")
    guarded.write("good.txt", "not staged\n")
    pushes = [(guarded, ["push", "-q", "origin", name]) for name in ("good1", "bad1", "good2", "bad2")]
    done = at_once([*pushes, (guarded, ["commit", "-q", "-m", "x"])])
    assert [call.returncode for call in done] == [0, 1, 0, 1, 0], [call.stdout for call in done]
    assert sorted(guarded.remote_refs()) == ["refs/heads/good1", "refs/heads/good2", "refs/heads/main"]
    assert guarded.git("show", "--format=%s", "--name-only", "HEAD") == "x\n\nstaged.txt"
    assert (guarded.path / "good.txt").read_text() == "not staged\n"
    guarded.git("fsck", "--strict")


def test_two_commits_in_one_working_tree(guard: Guard) -> None:
    """Git lets one of them win; the other says so, or finds nothing left to commit. None of the work is lost."""
    guarded = guard()
    guarded.write("one.txt", "one\n")
    guarded.write("two.txt", "two\n")
    guarded.git("add", "one.txt", "two.txt")
    done = at_once([(guarded, ["commit", "-q", "-m", name, "--", f"{name}.txt"]) for name in ("one", "two")])
    assert 0 in [call.returncode for call in done], [call.stdout for call in done]
    for call, name in zip(done, ("one", "two"), strict=True):
        if call.returncode:
            guarded.passes("commit", "-q", "-m", name, "--", f"{name}.txt")
    assert guarded.git("status", "--porcelain") == ""
    assert sorted(guarded.git("log", "--format=%s", "-2").split()) == ["one", "two"]
