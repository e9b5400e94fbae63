"""Fixes at real commits and merges: what git records, what is in files and index afterwards, and what is said."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.git.test_process import wait_until_gone
from tests.hooks.conftest import Guard, Guarded
from tests.hooks.state import State
from tests.hooks.test_table import start

FIXING = """\
gates:
  no_bad: {kind: command, run: "! grep -l BAD *.txt", fix_run: "sed -i s/BAD/GOOD/ *.txt", fix: stage,
           doors: [commit, merge]}
"""

LINES = [f"line {number}\n" for number in range(20)]


def text(**changed: str) -> str:
    """20 lines, some of them changed: line_3="..."."""
    lines = list(LINES)
    for name, line in changed.items():
        lines[int(name.removeprefix("line_"))] = line + "\n"
    return "".join(lines)


@pytest.fixture
def fixing(guard: Guard) -> Guarded:
    """A repository with a gate that fixes: no BAD in a.txt, b.txt, c.txt."""
    return guard({f"{name}.txt": text() for name in "abc"}, config=FIXING)


def content(guarded: Guarded, path: str) -> str:
    return (guarded.path / path).read_text()


def recorded(guarded: Guarded, path: str, revision: str = "HEAD") -> str:
    return guarded.git("show", f"{revision}:{path}") + "\n"


def status(guarded: Guarded) -> list[str]:
    return guarded.passes("status", "--porcelain").splitlines()


def nothing_is_left(guarded: Guarded) -> None:
    names = [path.name for path in (guarded.path / ".git/gateline").iterdir()]
    assert [name for name in names if name.startswith(("fix-", "beside-"))] == []
    assert not list((guarded.path / ".git").glob("*.lock"))


def test_a_partly_staged_file_and_all_other_unfinished_work(fixing: Guarded) -> None:
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.write("b.txt", text(line_3="BAD"))
    fixing.git("add", "a.txt", "b.txt")
    fixing.write("a.txt", text(line_2="BAD", line_15="typed"))
    fixing.write("c.txt", text(line_4="typed and BAD, but not staged"))
    fixing.write("new.txt", "BAD\n")
    fixing.git("add", "-N", "new.txt")
    fixing.write("untracked.txt", "BAD\n")
    said = fixing.passes("commit", "-m", "x")
    assert "no_bad: fixed and staged a.txt, b.txt" in said
    assert recorded(fixing, "a.txt") == text(line_2="GOOD")
    assert recorded(fixing, "b.txt") == content(fixing, "b.txt") == text(line_3="GOOD")
    assert content(fixing, "a.txt") == text(line_2="GOOD", line_15="typed")
    assert content(fixing, "c.txt") == text(line_4="typed and BAD, but not staged")
    assert status(fixing) == [" M a.txt", " M c.txt", " A new.txt", "?? untracked.txt"]
    nothing_is_left(fixing)


@pytest.mark.parametrize("words", [["-a"], ["--", "a.txt"], ["--only", "a.txt"], ["--include", "a.txt"], ["--amend"]])
def test_every_way_to_commit(fixing: Guarded, words: list[str]) -> None:
    fixing.write("b.txt", text(line_1="staged before"))
    fixing.git("add", "b.txt")
    fixing.write("a.txt", text(line_2="BAD"))
    if words == ["--amend"]:
        fixing.git("add", "a.txt")
    assert "fixed and staged a.txt" in fixing.passes("commit", "-m", "x", *words)
    assert recorded(fixing, "a.txt") == recorded(fixing, "a.txt", "") == content(fixing, "a.txt") == text(line_2="GOOD")
    is_partial = words[0] in ("--", "--only")
    assert fixing.git("status", "--porcelain") == ("M  b.txt" if is_partial else "")
    nothing_is_left(fixing)


def test_a_part_of_the_files_whose_others_are_staged_with_more(fixing: Guarded) -> None:
    """Of `git commit PATH` only that path is committed; what is staged of the others stays staged as it is."""
    fixing.write("b.txt", text(line_1="BAD, staged for later"))
    fixing.git("add", "b.txt")
    fixing.write("b.txt", text(line_1="BAD, staged for later", line_12="typed"))
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.passes("commit", "-m", "x", "a.txt")
    assert recorded(fixing, "a.txt") == text(line_2="GOOD")
    assert recorded(fixing, "b.txt") == text()
    assert recorded(fixing, "b.txt", "") == text(line_1="BAD, staged for later")
    assert content(fixing, "b.txt") == text(line_1="BAD, staged for later", line_12="typed")


def test_a_fix_in_lines_with_unstaged_work_changes_nothing(fixing: Guarded) -> None:
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.write("b.txt", text(line_3="BAD"))
    fixing.git("add", "a.txt", "b.txt")
    fixing.write("b.txt", text(line_3="BAD, and typed on"))
    before = State.of(fixing)
    for words in ([], ["--amend"]):
        said = fixing.is_stopped("commit", "-m", "x", *words)
        assert "not taken over: b.txt has unstaged work in the same lines" in said
        assert "+GOOD" in said
        assert State.of(fixing) == before
    nothing_is_left(fixing)


def test_a_merge_stops_with_its_fix(fixing: Guarded) -> None:
    """Git records the tree that it had before the hook, whatever a hook stages: so the merge must not end here."""
    fixing.git("checkout", "-q", "-b", "side")
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.git("commit", "-q", "-a", "--no-verify", "-m", "side")
    fixing.git("checkout", "-q", "main")
    fixing.commit({"b.txt": text(line_2="main")}, "main")
    before = fixing.head()
    said = fixing.is_stopped("merge", "-m", "merged", "side", by="`git commit` ends the merge with it")
    assert "fixed and staged a.txt" in said
    assert fixing.head() == before
    fixing.passes("commit", "--no-edit")
    assert fixing.git("rev-list", "--parents", "-1", "HEAD").split()[1:] == [before, fixing.head("side")]
    assert recorded(fixing, "a.txt") == content(fixing, "a.txt") == text(line_2="GOOD")
    assert fixing.git("status", "--porcelain") == ""


def test_a_merge_with_conflicts_takes_a_fix(fixing: Guarded) -> None:
    fixing.git("checkout", "-q", "-b", "side")
    fixing.commit({"a.txt": text(line_2="side"), "b.txt": text(line_2="side")}, "side")
    fixing.git("checkout", "-q", "main")
    fixing.commit({"a.txt": text(line_2="main")}, "main")
    fixing.call("merge", "side")
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.git("add", "a.txt")
    fixing.passes("commit", "--no-edit")
    assert recorded(fixing, "a.txt") == text(line_2="GOOD")
    assert len(fixing.git("rev-list", "--parents", "-1", "HEAD").split()) == 3


def test_in_a_linked_worktree(fixing: Guarded) -> None:
    other = Guarded(fixing.path.parent / "other", fixing.remote)
    fixing.git("worktree", "add", "-q", "-b", "topic", str(other.path))
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.git("add", "a.txt")
    before = State.of(fixing)
    for number, words in enumerate((["-a"], ["--", "a.txt"], [])):
        other.write("a.txt", text(line_2=f"BAD {number}"))
        if not words:
            other.git("add", "a.txt")
        other.passes("commit", "-m", "x", *words)
        assert recorded(other, "a.txt") == content(other, "a.txt") == text(line_2=f"GOOD {number}")
        assert other.git("status", "--porcelain") == ""
    assert State.of(fixing).index == before.index
    assert State.of(fixing).files == before.files


@pytest.mark.parametrize("setting", ["core.splitIndex", "index.sparse", "core.untrackedCache"])
def test_kinds_of_index(fixing: Guarded, setting: str) -> None:
    for folder in ("in", "out"):
        fixing.write(f"{folder}/deep/file.txt", "x\n")
    fixing.commit(message="folders")
    if setting == "index.sparse":
        fixing.git("sparse-checkout", "init", "--cone", "--sparse-index")
        fixing.git("sparse-checkout", "set", "in")
        assert "out/\n" in fixing.git("ls-files", "--sparse") + "\n"
    else:
        fixing.git("config", setting, "true")
        fixing.git("update-index", "--refresh")
    for number, words in enumerate(([], ["-a"], ["--", "a.txt"])):
        fixing.write("a.txt", text(line_2=f"BAD {number}"))
        fixing.git("add", *([] if words else ["a.txt"]))
        fixing.passes("commit", "-m", "x", *words)
        assert recorded(fixing, "a.txt") == recorded(fixing, "a.txt", "") == text(line_2=f"GOOD {number}")
        assert fixing.git("status", "--porcelain") == ""
        assert recorded(fixing, "out/deep/file.txt") == "x\n"
    fixing.git("fsck", "--strict")


def test_marked_entries_stay_marked(fixing: Guarded) -> None:
    fixing.git("update-index", "--skip-worktree", "b.txt")
    fixing.git("update-index", "--assume-unchanged", "c.txt")
    fixing.write("a.txt", text(line_2="BAD"))
    fixing.write("new.txt", "new\n")
    fixing.git("add", "-N", "new.txt")
    fixing.passes("commit", "-m", "x", "a.txt")
    assert fixing.git("ls-files", "-v").splitlines()[:3] == ["H a.txt", "S b.txt", "h c.txt"]
    assert status(fixing) == [" A new.txt"]


def test_an_executable_bit_that_a_fix_sets(guard: Guard) -> None:
    config = 'gates: {bits: {kind: command, run: "test -x tool", fix_run: chmod +x tool, fix: stage}}\n'
    guarded = guard({"tool": "#!/bin/sh\n"}, config=config)
    guarded.write("tool", "#!/bin/sh\nexit\n").chmod(0o640)
    assert "fixed and staged tool" in guarded.passes("commit", "-am", "x")
    assert guarded.git("ls-tree", "HEAD", "tool").startswith("100755")
    assert (guarded.path / "tool").stat().st_mode & 0o777 == 0o750
    assert guarded.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "name", ["with space.txt", "-n.txt", "new\nline.txt", "ünïcode.txt", 'quo"te.txt', b"\xff.txt"]
)
def test_names(fixing: Guarded, name: str | bytes) -> None:
    path = Path(os.fsdecode(name))
    (fixing.path / path).write_text(text(line_2="BAD"))
    config = fixing.path / "gateline.yaml"
    config.write_text(config.read_text().replace("*.txt", "./*.txt"))
    fixing.git("add", ".")
    fixing.passes("commit", "-m", "x")
    assert (fixing.path / path).read_text() == text(line_2="GOOD")
    assert fixing.git("status", "--porcelain") == ""


def test_line_ends_and_filters(fixing: Guarded) -> None:
    fixing.write(".gitattributes", "*.txt text eol=crlf\n")
    fixing.commit(message="attributes")
    fixing.git("rm", "-q", "--cached", "-r", ".")
    fixing.git("reset", "-q", "--hard")
    assert b"\r\n" in (fixing.path / "a.txt").read_bytes()
    (fixing.path / "a.txt").write_bytes(text(line_2="BAD").replace("\n", "\r\n").encode())
    fixing.git("add", "a.txt")
    (fixing.path / "a.txt").write_bytes(text(line_2="BAD", line_15="typed").replace("\n", "\r\n").encode())
    fixing.passes("commit", "-m", "x")
    assert recorded(fixing, "a.txt") == text(line_2="GOOD")
    expected = text(line_2="GOOD", line_15="typed").replace("\n", "\r\n").encode()
    assert (fixing.path / "a.txt").read_bytes() == expected


def test_a_folder_that_became_a_link(fixing: Guarded, tmp_path: Path) -> None:
    fixing.write("folder/a.txt", "x\n")
    fixing.commit(message="folder")
    config = fixing.path / "gateline.yaml"
    config.write_text(config.read_text().replace("*.txt", "folder/*.txt"))
    fixing.write("folder/a.txt", "BAD\n")
    fixing.git("add", ".")
    (fixing.path / "folder").rename(tmp_path / "outside")
    (fixing.path / "folder").symlink_to(tmp_path / "outside")
    before = State.of(fixing)
    said = fixing.is_stopped("commit", "-m", "x")
    assert "folder/a.txt is not there in the working tree" in said
    assert (tmp_path / "outside/a.txt").read_text() == "BAD\n"
    assert State.of(fixing) == before


def test_one_gate_stages_and_another_shows(guard: Guard) -> None:
    config = (
        "gates:\n"
        '  staging: {kind: command, run: "! grep BAD a.txt", fix_run: "sed -i s/BAD/GOOD/ a.txt", fix: stage}\n'
        '  showing: {kind: command, run: "! grep UGLY a.txt", fix_run: "sed -i s/UGLY/NICE/ a.txt", fix: show}\n'
        '  silent: {kind: command, run: "! grep ODD a.txt", fix_run: "sed -i s/ODD/EVEN/ a.txt"}\n'
    )
    guarded = guard({"a.txt": text()}, config=config)
    guarded.write("a.txt", text(line_2="BAD", line_10="UGLY", line_18="ODD"))
    said = guarded.is_stopped("commit", "-am", "x", by="✗ showing")
    assert "staging: fixed and staged a.txt" in said
    assert "showing: this would fix it (`fix: stage` takes it over)" in said
    assert "+NICE" in said
    assert "+GOOD" not in said
    assert "EVEN" not in said
    assert content(guarded, "a.txt") == text(line_2="GOOD", line_10="UGLY", line_18="ODD")


def test_a_command_that_fixes_more_than_the_commit(fixing: Guarded) -> None:
    """Most fixers of projects go over all files."""
    fixing.commit({"c.txt": text(line_2="BAD")}, "bad, with --no-verify")
    fixing.write("a.txt", text(line_2="BAD"))
    said = fixing.is_stopped("commit", "-am", "x")
    assert "fixed and staged a.txt (1 more left as they are: not in this commit)" in said
    assert content(fixing, "a.txt") == text(line_2="GOOD")
    assert content(fixing, "c.txt") == text(line_2="BAD")
    assert "the fix changed nothing that is in this commit" in fixing.is_stopped("commit", "-am", "x")
    fixing.write("c.txt", text(line_2="repaired"))
    fixing.passes("commit", "-am", "x")


def test_only_what_is_in_the_commit_is_shown(guard: Guard) -> None:
    guarded = guard({"a.txt": text(), "c.txt": text(line_2="BAD")}, config=FIXING.replace("stage", "show"))
    guarded.write("a.txt", text(line_4="BAD"))
    said = guarded.is_stopped("commit", "-am", "x")
    assert "+++ b/a.txt" in said
    assert "c.txt" not in said.partition("this would fix it")[2]


def test_a_fix_that_removes_a_file_changes_nothing(guard: Guard) -> None:
    config = 'gates: {no_bad: {kind: command, run: "! grep BAD a.txt", fix_run: rm a.txt, fix: stage}}\n'
    guarded = guard({"a.txt": text()}, config=config)
    guarded.write("a.txt", text(line_2="BAD"))
    before = State.of(guarded)
    assert "the fix removes or replaces a.txt" in guarded.is_stopped("commit", "-am", "x")
    assert State.of(guarded) == before


def test_a_fix_that_leaves_nothing_to_commit(guard: Guard) -> None:
    config = 'gates: {no_bad: {kind: command, run: "! grep BAD a.txt", fix_run: sed -i /BAD/d a.txt, fix: stage}}\n'
    guarded = guard({"a.txt": text()}, config=config)
    before = guarded.head()
    guarded.write("a.txt", text() + "BAD\n")
    guarded.is_stopped("commit", "-am", "x", by="the fix leaves nothing to commit")
    assert (guarded.head(), content(guarded, "a.txt"), status(guarded)) == (before, text(), [])


@pytest.mark.parametrize(
    ("command", "said_of"),
    [
        ("no-such-program && true", "no_bad: its fix_run could not run: sh: "),
        ("[no-such-program]", "the program 'no-such-program' was not found"),
        ("sleep 60", "no_bad: its fix_run did not end within its time limit"),
    ],
)
def test_a_fix_that_cannot_be_made(guard: Guard, command: str, said_of: str) -> None:
    gate = f'{{kind: command, run: "! grep BAD a.txt", fix_run: {command}, fix: stage, time_limit: 1s}}'
    guarded = guard({"a.txt": text()}, config=f"gates: {{no_bad: {gate}}}\n")
    guarded.write("a.txt", text(line_2="BAD"))
    before = State.of(guarded)
    said = guarded.is_stopped("commit", "-am", "x")
    assert f"gateline: the fix: {said_of}" in said
    assert State.of(guarded) == before


def test_a_fix_that_is_being_made_ends_with_the_hook(guard: Guard, seen: Path) -> None:
    """It works in a checkout that the next run takes."""
    gate = '{kind: command, run: "! grep BAD a.txt", fix_run: echo $$ >$SEEN; sleep 60 & wait, fix: stage}'
    guarded = guard({"a.txt": text()}, config=f"gates: {{no_bad: {gate}}}\n")
    guarded.write("a.txt", text(line_2="BAD"))
    guarded.git("add", "a.txt")
    before = State.of(guarded)
    process = start(guarded, seen, "commit", "-m", "x")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    wait_until_gone([int(seen.read_text())])
    assert State.of(guarded) == before
