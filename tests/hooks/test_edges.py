"""Edge cases of commits, merges and pushes, each with real git and Gateline's own hooks."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.cli.install import install_hooks
from tests.conftest import Repository
from tests.hooks.conftest import NO_BAD, Guard, Guarded
from tests.hooks.state import State

TELL = """\
gates:
  files:
    kind: command
    scope: files
    run: [sh, -c, 'for name; do printf "%s\\0" "$name" >>"$SEEN"; done', sh]
    doors: [commit, merge, push]
    cache: false
"""
"""One gate of scope `files`, which tells the names that it gets."""


def told(seen: Path) -> list[str]:
    names = sorted(os.fsdecode(name) for name in seen.read_bytes().split(b"\0") if name)
    seen.write_bytes(b"")
    return names


# Merges


def diverge(guarded: Guarded, mine: dict[str, str | bytes], theirs: dict[str, str | bytes]) -> None:
    guarded.git("checkout", "-q", "-b", "theirs")
    guarded.commit(theirs, "theirs")
    guarded.git("checkout", "-q", "main")
    guarded.commit(mine, "mine")


def test_a_merge_without_conflicts(guarded: Guarded) -> None:
    diverge(guarded, {"mine.txt": "mine\n"}, {"theirs.txt": "BAD\n"})
    before = guarded.head()
    guarded.is_stopped("merge", "--no-edit", "theirs")
    assert guarded.head() == before
    guarded.git("merge", "--abort")
    assert guarded.git("status", "--porcelain") == ""


def test_a_merge_that_passes(guarded: Guarded) -> None:
    diverge(guarded, {"mine.txt": "mine\n"}, {"theirs.txt": "theirs\n"})
    guarded.passes("merge", "-q", "--no-edit", "theirs")
    assert len(guarded.git("rev-list", "--parents", "-1", "HEAD").split()) == 3


def test_a_conflicted_merge_is_checked_as_a_whole(guard: Guard, seen: Path) -> None:
    """Not only the file with the conflict: what came from the other side without one is new here as well."""
    guarded = guard(config=TELL)
    diverge(guarded, {"good.txt": "mine\n"}, {"good.txt": "theirs\n", "clean.txt": "theirs\n"})
    assert guarded.call("merge", "theirs").returncode == 1
    guarded.write("good.txt", "both\n")
    guarded.git("add", "good.txt")
    guarded.passes("commit", "-q", "--no-edit")
    assert told(seen) == ["clean.txt", "good.txt"]


def test_a_conflicted_merge_with_something_bad_in_the_clean_part(guarded: Guarded) -> None:
    diverge(guarded, {"good.txt": "mine\n"}, {"good.txt": "theirs\n", "clean.txt": "BAD\n"})
    guarded.call("merge", "theirs")
    guarded.write("good.txt", "both\n")
    guarded.git("add", "good.txt")
    guarded.is_stopped("commit", "--no-edit")
    guarded.write("clean.txt", "repaired\n")
    guarded.git("add", "clean.txt")
    guarded.passes("commit", "-q", "--no-edit")


def test_gates_of_the_merge_door_see_a_conflicted_merge(guard: Guard) -> None:
    config = 'gates:\n  no_bad: {kind: command, run: "! grep -rl BAD --include=*.txt .", doors: [merge]}\n'
    guarded = guard(config=config)
    guarded.write("later.txt", "BAD, but no merge\n")
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "passes: the gate is for merges")
    guarded.git("rm", "-q", "later.txt")
    guarded.passes("commit", "-q", "-m", "gone again")
    diverge(guarded, {"good.txt": "mine\n"}, {"good.txt": "theirs\n", "clean.txt": "BAD\n"})
    guarded.call("merge", "theirs")
    guarded.write("good.txt", "both\n")
    guarded.git("add", "good.txt")
    guarded.is_stopped("commit", "--no-edit")


def test_a_fast_forward_records_nothing_new(guarded: Guarded) -> None:
    guarded.git("checkout", "-q", "-b", "topic")
    guarded.commit({"bad.txt": "BAD\n"})
    guarded.git("checkout", "-q", "main")
    guarded.passes("merge", "-q", "--ff-only", "topic")
    guarded.is_stopped("push", "origin", "main")


# What a push may be


def test_annotated_tags(guarded: Guarded) -> None:
    guarded.commit({"bad.txt": "BAD\n"})
    guarded.git("tag", "-a", "-m", "bad", "v1")
    guarded.is_stopped("push", "origin", "v1")
    guarded.commit({"bad.txt": "repaired\n"})
    guarded.git("tag", "-a", "-m", "good", "v2")
    guarded.passes("push", "-q", "origin", "v2")
    assert list(guarded.remote_refs()) == ["refs/heads/main", "refs/tags/v2", "refs/tags/v2^{}"]
    guarded.is_stopped("push", "origin", "--tags")


def test_a_new_branch_is_compared_with_what_the_remote_has(guard: Guard, seen: Path) -> None:
    guarded = guard({"old.txt": "old\n"}, config=TELL)
    guarded.git("checkout", "-q", "-b", "topic")
    guarded.commit({"one.txt": "1\n"})
    guarded.commit({"two.txt": "2\n"})
    guarded.passes("push", "-q", "origin", "topic")
    assert told(seen) == ["one.txt", "two.txt"]


def test_the_first_push_is_all_that_there_is(guard: Guard, seen: Path) -> None:
    guarded = guard(config=TELL, push=False)
    guarded.passes("push", "-q", "origin", "main")
    assert told(seen) == ["gateline.yaml", "good.txt"]


def test_a_force_push(guarded: Guarded) -> None:
    guarded.commit({"more.txt": "more\n"})
    guarded.git("push", "-q", "--no-verify", "origin", "main")
    guarded.git("reset", "-q", "--hard", "HEAD~")
    guarded.commit({"bad.txt": "BAD\n"})
    guarded.is_stopped("push", "--force", "origin", "main")
    guarded.git("reset", "-q", "--hard", "HEAD~")
    guarded.commit({"fine.txt": "fine\n"})
    guarded.passes("push", "-q", "--force", "origin", "main")
    assert guarded.remote_refs()["refs/heads/main"] == guarded.head()


def test_deleting_a_ref(guarded: Guarded) -> None:
    guarded.git("push", "-q", "--no-verify", "origin", "main:gone")
    guarded.write("good.txt", "BAD\n")
    assert "only deletes refs: nothing to check" in guarded.passes("push", "origin", ":gone")
    assert list(guarded.remote_refs()) == ["refs/heads/main"]


def test_deleting_one_ref_and_pushing_another(guarded: Guarded) -> None:
    guarded.git("push", "-q", "--no-verify", "origin", "main:gone")
    guarded.commit({"bad.txt": "BAD\n"})
    guarded.is_stopped("push", "origin", ":gone", "main")
    assert "refs/heads/gone" in guarded.remote_refs()
    guarded.commit({"bad.txt": "repaired\n"})
    said = guarded.passes("push", "origin", ":gone", "main")
    assert "refs/heads/gone is deleted: nothing to check" in said


def test_an_empty_push(guarded: Guarded) -> None:
    guarded.write("good.txt", "BAD\n")
    assert guarded.passes("push", "origin", "main") == "Everything up-to-date\n"


def test_a_push_from_a_revision_with_spaces(guarded: Guarded) -> None:
    guarded.commit({"bad.txt": "BAD\n"}, "two words")
    guarded.is_stopped("push", "origin", ":/two words:refs/heads/x")
    guarded.commit({"bad.txt": "good\n"}, "three more words")
    guarded.passes("push", "origin", ":/three more words:refs/heads/x")


def test_a_push_of_an_unchanged_tree_uses_its_verdict(guard: Guard, seen: Path) -> None:
    config = "gates:\n  once: {kind: command, run: 'echo ran >>\"$SEEN\"', doors: [commit, push]}\n"
    guarded = guard(config=config)
    guarded.write("new.txt", "new\n")
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "new")
    guarded.passes("push", "-q", "origin", "main")
    assert seen.read_text() == "ran\n"


# What may be in a tree

ODD = [
    "a b",
    "line\nfeed",
    "ünïcödé",
    "-leading",
    "quo'te",
    'dou"ble',
    "back\\slash",
    "$HOME",
    "*",
    os.fsdecode(b"\xff"),
]


def test_odd_names_reach_gates_as_they_are(guard: Guard, seen: Path) -> None:
    guarded = guard(config=TELL)
    for name in ODD:
        (guarded.path / name).write_text("x\n")
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "odd")
    # A name with a dash in front would be an option to the tool, so it gets one that is not.
    assert told(seen) == sorted("./-leading" if name == "-leading" else name for name in ODD)
    guarded.write("untracked", "")
    guarded.passes("push", "-q", "origin", "main")
    assert told(seen) == sorted("./-leading" if name == "-leading" else name for name in ODD)


def test_symbolic_links_live_and_broken(guard: Guard, seen: Path) -> None:
    config = TELL + "  links: {kind: command, run: 'test -L live && test -L broken', doors: [commit, push]}\n"
    guarded = guard(config=config)
    (guarded.path / "live").symlink_to("good.txt")
    (guarded.path / "broken").symlink_to("nowhere")
    guarded.git("add", "-A")
    for dirty in (False, True):
        if dirty:
            guarded.write("untracked", "")
        guarded.passes("commit", "-q", "--allow-empty", "-m", "links")
    assert told(seen) == []
    guarded.passes("push", "-q", "origin", "main")


def test_a_link_in_place_of_a_file_and_back(guarded: Guarded) -> None:
    guarded.commit({"there.txt": "there\n"})
    (guarded.path / "good.txt").unlink()
    (guarded.path / "good.txt").symlink_to("there.txt")
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "link")
    (guarded.path / "good.txt").unlink()
    guarded.write("good.txt", "BAD\n")
    guarded.git("add", "-A")
    guarded.is_stopped("commit", "-m", "file")


def test_a_submodule_is_checked_at_the_commit_that_is_recorded(
    guard: Guard, make_repository: Callable[..., Repository]
) -> None:
    config = 'gates:\n  no_bad: {kind: command, run: "! grep -r BAD sub/lib.txt", doors: [commit, push]}\n'
    guarded = guard(config=config)
    inner = make_repository("inner", {"lib.txt": "good\n"})
    guarded.git("submodule", "add", "-q", str(inner.path), "sub")
    guarded.passes("commit", "-q", "-m", "submodule")
    sub = Repository(guarded.path / "sub")
    sub.commit({"lib.txt": "BAD\n"})
    guarded.write("other.txt", "x\n")
    guarded.git("add", "other.txt")
    guarded.passes("commit", "-q", "-m", "the bad commit is not recorded")
    guarded.git("add", "sub")
    guarded.is_stopped("commit", "-m", "now it is")
    assert (guarded.path / "sub/lib.txt").read_text() == "BAD\n"


def test_a_sparse_checkout_is_checked_whole(guarded: Guarded) -> None:
    guarded.commit({"docs/page.txt": "page\n", "src/app.txt": "app\n"})
    guarded.git("sparse-checkout", "set", "src")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], input="BAD\n", cwd=guarded.path, capture_output=True, text=True
    ).stdout.strip()
    guarded.git("update-index", "--cacheinfo", f"100644,{blob},docs/page.txt")
    guarded.git("update-index", "--skip-worktree", "docs/page.txt")
    before = State.of(guarded)
    guarded.is_stopped("commit", "-m", "bad where nobody looks")
    assert State.of(guarded) == before


def test_a_file_that_git_was_told_not_to_look_at(guarded: Guarded) -> None:
    """The index is good, the folder is not, and git status does not say so: the index counts."""
    guarded.git("update-index", "--assume-unchanged", "good.txt")
    guarded.write("good.txt", "BAD\n")
    guarded.write("new.txt", "new\n")
    guarded.git("add", "new.txt")
    guarded.passes("commit", "-q", "-m", "good")
    assert (guarded.path / "good.txt").read_text() == "BAD\n"


def test_a_shallow_clone(guarded: Guarded, tmp_path: Path) -> None:
    guarded.commit({"more.txt": "more\n"})
    guarded.git("push", "-q", "--no-verify", "origin", "main")
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{guarded.remote}", str(tmp_path / "shallow")], check=True
    )
    shallow = Guarded(tmp_path / "shallow", guarded.remote)
    install_hooks(str(shallow.path))
    shallow.write("bad.txt", "BAD\n")
    shallow.git("add", "-A")
    shallow.is_stopped("commit", "-m", "bad")
    shallow.git("commit", "-q", "--no-verify", "-m", "bad")
    shallow.is_stopped("push", "origin", "main")
    shallow.write("bad.txt", "good\n")
    shallow.git("add", "-A")
    shallow.passes("commit", "-q", "-m", "good")
    shallow.passes("push", "-q", "origin", "main")


# Ways to commit


def test_commit_all(guarded: Guarded) -> None:
    guarded.write("good.txt", "BAD\n")
    before = State.of(guarded)
    guarded.is_stopped("commit", "-a", "-m", "x")
    assert State.of(guarded) == before
    guarded.write("good.txt", "better\n")
    guarded.passes("commit", "-q", "-a", "-m", "x")


def test_commit_of_a_path(guarded: Guarded) -> None:
    """Git commits another index than the usual one; what else is staged stays so."""
    guarded.commit({"other.txt": "other\n"})
    guarded.write("good.txt", "better\n")
    guarded.write("other.txt", "BAD\n")
    guarded.git("add", "other.txt")
    guarded.passes("commit", "-q", "-m", "x", "--", "good.txt")
    assert guarded.git("show", "--format=", "--name-only", "HEAD") == "good.txt"
    assert guarded.git("diff", "--cached", "--name-only") == "other.txt"
    before = State.of(guarded)
    guarded.is_stopped("commit", "-m", "x", "--", "other.txt")
    assert State.of(guarded) == before


def test_commit_from_below_the_top(guarded: Guarded) -> None:
    guarded.commit({"deep/down/a.txt": "a\n"})
    guarded.write("deep/down/a.txt", "BAD\n")
    guarded.is_stopped("-C", "deep/down", "commit", "-am", "x")


def test_commit_told_where_the_git_dir_is(guarded: Guarded, tmp_path: Path) -> None:
    guarded.write("good.txt", "BAD\n")
    environ = {"GIT_DIR": str(guarded.path / ".git"), "GIT_WORK_TREE": str(guarded.path)}
    guarded.is_stopped("-C", str(tmp_path), "commit", "-am", "x", environ=environ)


def test_amend(guarded: Guarded) -> None:
    guarded.write("new.txt", "new\n")
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "x")
    guarded.passes("commit", "-q", "--amend", "-m", "only the message")
    guarded.write("new.txt", "BAD\n")
    guarded.is_stopped("commit", "-q", "-a", "--amend", "--no-edit")


def test_an_empty_commit(guarded: Guarded) -> None:
    guarded.passes("commit", "-q", "--allow-empty", "-m", "empty")


def test_the_first_commit(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = Guarded(make_repository("fresh").path, tmp_path / "none")
    install_hooks(str(repository.path))
    repository.write("gateline.yaml", 'gates: {no_bad: {kind: command, run: "! grep BAD a.txt", doors: [commit]}}\n')
    repository.write("a.txt", "BAD\n")
    repository.git("add", "-A")
    repository.is_stopped("commit", "-m", "first")
    repository.write("a.txt", "good\n")
    repository.passes("commit", "-q", "-am", "first")


def test_a_detached_head(guarded: Guarded) -> None:
    guarded.git("checkout", "-q", "--detach")
    guarded.write("good.txt", "BAD\n")
    guarded.is_stopped("commit", "-am", "x")
    guarded.write("good.txt", "better\n")
    guarded.passes("commit", "-qam", "x")


def test_a_rename(guard: Guard, seen: Path) -> None:
    guarded = guard({"old.py": "x = 1\n" * 30}, config=TELL)
    guarded.git("mv", "old.py", "new.py")
    guarded.passes("commit", "-q", "-m", "rename")
    assert told(seen) == ["new.py"]


def test_a_mode(guard: Guard, seen: Path) -> None:
    guarded = guard({"tool": "#!/bin/sh\n"}, config=TELL)
    (guarded.path / "tool").chmod(0o755)
    guarded.git("add", "-A")
    guarded.passes("commit", "-q", "-m", "mode")
    assert told(seen) == ["tool"]
    (guarded.path / "tool").chmod(0o644)
    before = State.of(guarded)
    guarded.passes("commit", "-q", "--allow-empty", "-m", "x")
    assert State.of(guarded).files == before.files


def test_binary_files(guard: Guard, seen: Path) -> None:
    guarded = guard(config=TELL)
    content = bytes(range(256)) * 50
    guarded.write("data.bin", content)
    guarded.git("add", "-A")
    guarded.write("data.bin", content[::-1])
    guarded.passes("commit", "-q", "-m", "binary")
    assert told(seen) == ["data.bin"]
    assert (guarded.path / "data.bin").read_bytes() == content[::-1]


def test_a_file_that_only_is_in_the_index(guarded: Guarded) -> None:
    guarded.write("new.txt", "BAD\n")
    guarded.git("add", "new.txt")
    (guarded.path / "new.txt").unlink()
    guarded.is_stopped("commit", "-m", "x")


def test_cherry_pick_and_rebase_go_on(guarded: Guarded) -> None:
    diverge(guarded, {"mine.txt": "mine\n"}, {"theirs.txt": "theirs\n"})
    guarded.passes("cherry-pick", "theirs")
    guarded.passes("rebase", "-q", "theirs")
    guarded.passes("revert", "--no-edit", "HEAD")


# Where hooks live, and what they find


@pytest.mark.parametrize(
    "name", ["new\nline", 'quo"te', "back\\slash", "-dash", " space ", "\u2028", os.fsdecode(b"\xff")]
)
def test_odd_names_of_the_repository(guard: Guard, name: str) -> None:
    guarded = guard(name=name, push=False)
    guarded.write("bad.txt", "BAD\n")
    guarded.git("add", "bad.txt")
    guarded.write("bad.txt", "not staged\n")
    guarded.is_stopped("commit", "-m", "x")
    guarded.git("add", "bad.txt")
    guarded.write("untracked.txt", "BAD\n")
    guarded.passes("commit", "-m", "x")
    other = Guarded(guarded.path.parent / f"{name}2", guarded.remote)
    guarded.git("worktree", "add", "-q", "-b", "topic", str(other.path))
    other.write("bad.txt", "BAD\n")
    other.is_stopped("commit", "-am", "x", by="has a line break" if "\n" in name else "✗ no_bad")


def test_a_bare_path(guarded: Guarded) -> None:
    """As a git client has it that was started from the desktop: nothing of Python's on PATH."""
    environ = {"PATH": "/usr/bin:/bin"}
    guarded.write("good.txt", "BAD\n")
    guarded.is_stopped("commit", "-am", "x", environ=environ)
    guarded.write("good.txt", "better\n")
    guarded.passes("commit", "-qam", "x", environ=environ)
    guarded.passes("push", "-q", "origin", "main", environ=environ)


def test_what_surrounds_python_does_not_matter(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')\n")
    (guarded.path / "os.py").write_text("raise SystemExit('the wrong os')\n")
    environ = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere", "PYTHONSTARTUP": "/nowhere", "LC_ALL": "C"}
    guarded.write("ünï.txt", "BAD\n")
    guarded.git("add", "-A")
    guarded.is_stopped("commit", "-m", "x", environ=environ)


def test_hooks_path(guard: Guard) -> None:
    guarded = guard()
    for path in (guarded.path / ".git/hooks").glob("pre-*"):
        path.unlink()
    guarded.git("config", "core.hooksPath", ".git/other-hooks")
    install_hooks(str(guarded.path))
    guarded.write("good.txt", "BAD\n")
    guarded.is_stopped("commit", "-am", "x")


def test_the_users_hooks_keep_running(guard: Guard, seen: Path) -> None:
    guarded = guard()
    for name in ("pre-commit", "pre-push", "commit-msg", "pre-merge-commit"):
        hook = guarded.path / f".git/hooks/{name}.before-gateline"
        hook.write_text(f'#!/bin/sh\necho "{name} $# $(cat)" >>"$SEEN"\n[ ! -e fail-{name} ]\n')
        hook.chmod(0o755)
    guarded.write("good.txt", "better\n")
    guarded.passes("commit", "-qam", "x")
    there = guarded.git("rev-parse", "origin/main")
    guarded.passes("push", "-q", "origin", "main")
    assert seen.read_text().splitlines() == [
        "pre-commit 0 ",
        "commit-msg 1 ",
        f"pre-push 2 refs/heads/main {guarded.head()} refs/heads/main {there}",
    ]
    for name in ("pre-commit", "commit-msg"):
        (guarded.path / f"fail-{name}").touch()
        guarded.is_stopped("commit", "--allow-empty", "-m", "x", by="")
        (guarded.path / f"fail-{name}").unlink()


def test_a_users_hook_that_stages_something(guard: Guard) -> None:
    """What it stages is part of what is checked."""
    guarded = guard()
    hook = guarded.path / ".git/hooks/pre-commit.before-gateline"
    hook.write_text("#!/bin/sh\necho BAD >staged-by-hook.txt\ngit add staged-by-hook.txt\n")
    hook.chmod(0o755)
    guarded.write("good.txt", "better\n")
    guarded.is_stopped("commit", "-am", "x")


def test_intent_to_add_is_not_in_the_commit(guarded: Guarded) -> None:
    guarded.write("intended.txt", "BAD\n")
    guarded.git("add", "-N", "intended.txt")
    guarded.write("good.txt", "better\n")
    guarded.git("add", "good.txt")
    guarded.passes("commit", "-q", "-m", "x")
    assert guarded.git("diff", "--name-status") == "A\tintended.txt"
    guarded.is_stopped("commit", "-am", "x")


# What was skipped


def test_skipped_at_the_commit_runs_at_the_push(guard: Guard) -> None:
    config = 'gates:\n  no_bad: {kind: command, run: "! grep -rl BAD --include=*.txt .", doors: [commit]}\n'
    guarded = guard(config=config)
    guarded.write("good.txt", "BAD\n")
    said = guarded.passes("commit", "-am", "x", environ={"SKIP": "no_bad"})
    assert "SKIP" in said
    said = guarded.is_stopped("push", "origin", "main")
    assert "no_bad did not run at 1 commit of this push, so it runs now" in said
    guarded.git("reset", "-q", "--hard", "HEAD~")
    guarded.write("good.txt", "BAD\n")
    guarded.git("commit", "-q", "--no-verify", "-am", "x")
    guarded.is_stopped("push", "origin", "main")


def test_the_rules_are_those_of_the_tree(guarded: Guarded) -> None:
    """A configuration that is loosened in the folder only does not count."""
    guarded.write("gateline.yaml", "gates: {}\n")
    guarded.write("good.txt", "BAD\n")
    guarded.git("add", "good.txt")
    guarded.is_stopped("commit", "-m", "x")


def test_a_configuration_in_the_folder_only_does_not_count(guarded: Guarded) -> None:
    """Neither as a file that is not tracked, nor beside the one that is."""
    guarded.git("rm", "-q", "--cached", "gateline.yaml")
    guarded.write("good.txt", "BAD\n")
    guarded.git("add", "good.txt")
    guarded.passes("commit", "-q", "-m", "no rule in this tree")
    guarded.git("add", "gateline.yaml")
    guarded.write("gateline.yaml", "gates: [\n")
    guarded.is_stopped("commit", "-m", "x")


def test_a_broken_configuration_closes_the_door(guarded: Guarded) -> None:
    guarded.write("gateline.yaml", "gates: [\n")
    guarded.git("add", "-A")
    guarded.is_stopped("commit", "-m", "x", by="gateline.yaml:2:1: is not valid YAML")


@pytest.mark.parametrize("run", ["no-such-program", "exit 127", "kill -SEGV $$"])
def test_a_gate_that_cannot_look_closes_the_door(guard: Guard, run: str) -> None:
    guarded = guard(config=f"gates:\n  gate: {{kind: command, run: '{run}', doors: [commit]}}\n")
    guarded.write("good.txt", "better\n")
    guarded.is_stopped("commit", "-am", "x", by="! gate not run")


def test_messages(guard: Guard) -> None:
    guarded = guard(config="gates:\n  commit_message: {conventional: true}\n")
    guarded.write("good.txt", "better\n")
    guarded.git("add", "-A")
    guarded.is_stopped("commit", "-m", "not conventional", by="✗ commit_message")
    guarded.passes("commit", "-q", "-m", "fix: conventional")
    guarded.passes("commit", "-q", "--allow-empty", "-m", "fix: nothing else")
    guarded.is_stopped("commit", "-q", "--amend", "--allow-empty", "-m", "worse", by="✗ commit_message")


def test_without_a_gate_for_messages_their_hook_starts_no_python(guarded: Guarded) -> None:
    hook = guarded.path / ".git/hooks/commit-msg"
    hook.write_text(re.sub(r"^python=.*$", "python=/bin/false", hook.read_text(), count=1, flags=re.M))
    guarded.write("good.txt", "better\n")
    guarded.passes("commit", "-qam", "x")
    guarded.passes("commit", "-q", "--allow-empty", "-m", "x")
    guarded.write("gateline.yaml", NO_BAD + "  commit_message: {doors: [commit]}\n")
    assert guarded.call("commit", "-qam", "now there is one").returncode == 1
