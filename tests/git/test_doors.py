"""From each door to its change, on real repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.errors import CannotRun, UsageError
from gates.git.change import EMPTY_TREE, Change, FileChange
from gates.git.doors import between, is_checked_out, pushed, resolve, staged, whole, working
from gates.git.repository import Repository as Asked
from tests.conftest import Repository

ZEROS = "0" * 40
Make = Callable[..., Repository]


def asked(repository: Repository) -> Asked:
    return Asked.find(str(repository.path))


def entries(change: Change) -> list[tuple[str, str, str]]:
    return [(file.status, file.old_path, file.path) for file in change.files]


# The commit door


def test_staged_is_the_tree_that_git_will_record(repository: Repository) -> None:
    repository.write("README.md", "# Changed\n")
    repository.write("new.py", "x = 1\n")
    repository.git("add", "-A")
    repository.write("README.md", "# Changed again\n")
    repository.write("untracked", "")
    change, status = staged(asked(repository))
    assert entries(change) == [("M", "README.md", "README.md"), ("A", "new.py", "new.py")]
    assert (change.door, change.ref, change.commit) == ("commit", "refs/heads/main", "")
    assert change.base_commit == repository.git("rev-parse", "HEAD")
    assert change.base_tree == repository.git("rev-parse", "HEAD^{tree}")
    assert (status.unstaged, status.untracked, status.is_index) == (["README.md"], ["untracked"], False)
    repository.git("commit", "-q", "-m", "x")
    assert change.tree == repository.git("rev-parse", "HEAD^{tree}")


def test_staged_before_the_first_commit(make_repository: Make) -> None:
    repository = make_repository("fresh")
    repository.write("a", "a\n")
    repository.git("add", "a")
    change, status = staged(asked(repository))
    assert entries(change) == [("A", "a", "a")]
    assert (change.base_tree, change.base_commit, status.head) == (EMPTY_TREE, "", "")
    assert change.ref == "refs/heads/main"


def test_staged_on_a_detached_head(repository: Repository) -> None:
    repository.git("checkout", "-q", "--detach")
    change, _ = staged(asked(repository))
    assert (change.ref, change.files) == ("", ())
    assert change.tree == change.base_tree


def test_staged_renames_deletions_modes_and_types(repository: Repository) -> None:
    repository.commit({"long.txt": "line\n" * 50, "gone": "gone\n", "tool": "#!/bin/sh\n", "kind": "file\n"})
    repository.git("mv", "long.txt", "moved.txt")
    repository.git("rm", "-q", "gone")
    (repository.path / "tool").chmod(0o755)
    (repository.path / "kind").unlink()
    (repository.path / "kind").symlink_to("nowhere")
    repository.git("add", "-A")
    change, status = staged(asked(repository))
    assert entries(change) == [
        ("D", "gone", "gone"),
        ("T", "kind", "kind"),
        ("R", "long.txt", "moved.txt"),
        ("M", "tool", "tool"),
    ]
    assert status.is_index
    by_path = {file.path: file for file in change.files}
    assert (by_path["gone"].blob, by_path["gone"].mode) == ("", "000000")
    assert (by_path["kind"].mode, by_path["kind"].is_file) == ("120000", False)
    assert (by_path["tool"].old_mode, by_path["tool"].mode) == ("100644", "100755")
    assert change.changed_files() == ["moved.txt", "tool"]


def test_staged_leaves_intent_to_add_out(repository: Repository) -> None:
    repository.write("intended", "x\n")
    repository.git("add", "-N", "intended")
    change, status = staged(asked(repository))
    assert (change.files, change.tree) == ((), change.base_tree)
    assert status.unstaged == ["intended"]


def test_staged_with_odd_names(repository: Repository) -> None:
    names = [
        "a b",
        "line\nfeed",
        "tab\t",
        "-leading",
        "ünïcödé",
        'quo"te',
        "back\\slash",
        os.fsdecode(b"not-utf8-\xff"),
    ]
    for name in names:
        (repository.path / name).write_text("x\n")
    repository.git("add", "-A")
    change, _ = staged(asked(repository))
    assert sorted(change.changed_files()) == sorted(names)
    assert [file.path for file in change.files] == sorted(names)


def test_staged_of_another_index(repository: Repository, tmp_path: Path) -> None:
    """`git commit -- path` commits another index than the usual one, and names it."""
    repository.write("a", "a\n")
    repository.git("add", "a")
    other = tmp_path / "other-index"
    environ = {**os.environ, "GIT_INDEX_FILE": str(other)}
    subprocess.run(["git", "read-tree", "HEAD"], cwd=repository.path, env=environ, check=True)
    change, _ = staged(Asked.find(str(repository.path), environ))
    assert change.files == ()


def test_staged_leaves_the_index_as_it_is(repository: Repository) -> None:
    repository.write("a", "a\n")
    repository.git("add", "a")
    os.utime(repository.path / "README.md", (1, 1))  # the index would like to be refreshed
    before = (repository.path / ".git/index").read_bytes()
    staged(asked(repository))
    assert (repository.path / ".git/index").read_bytes() == before
    assert [path.name for path in (repository.path / ".git/gateline").iterdir()] == []


def test_staged_where_the_git_dir_takes_no_folder(repository: Repository) -> None:
    repository.write(".git/gateline", "a file is in the way\n")
    repository.write("a", "a\n")
    repository.git("add", "a")
    change, _ = staged(asked(repository))
    assert entries(change) == [("A", "a", "a")]


def test_staged_with_conflicts(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "other")
    repository.commit({"README.md": "other\n"})
    repository.git("checkout", "-q", "main")
    repository.commit({"README.md": "mine\n"})
    repository.git("merge", "-q", "other", check=False)
    with pytest.raises(UsageError, match=r"README\.md still has conflicts"):
        staged(asked(repository))
    with pytest.raises(UsageError, match="still has conflicts"):
        working(asked(repository))


def test_staged_with_a_broken_index(repository: Repository) -> None:
    repository.write(".git/index", b"no index")
    with pytest.raises(CannotRun, match="git status failed"):
        staged(asked(repository))


# By hand


def test_working_is_all_that_is_there(repository: Repository) -> None:
    repository.write(".gitignore", "ignored\n")
    repository.write("ignored", "x\n")
    repository.write("src/app.py", "changed\n")
    repository.write("new/untracked.txt", "x\n")
    (repository.path / "README.md").unlink()
    before = (repository.path / ".git/index").read_bytes()
    change, status = working(asked(repository))
    assert change.everything
    assert [file.path for file in change.files] == [".gitignore", "new/untracked.txt", "src/app.py"]
    assert not status.is_index
    assert (repository.path / ".git/index").read_bytes() == before
    repository.git("add", "-A")
    assert repository.git("write-tree") == change.tree


def test_working_of_a_clean_tree_is_its_commit(repository: Repository) -> None:
    change, _ = working(asked(repository))
    assert change.commit == repository.git("rev-parse", "HEAD")
    assert change.tree == change.base_tree
    assert len(change.files) == 2


def test_working_before_the_first_commit(make_repository: Make) -> None:
    repository = make_repository("fresh")
    change, _ = working(asked(repository))
    assert (change.tree, change.base_tree, change.files) == (EMPTY_TREE, EMPTY_TREE, ())
    repository.write("a", "a\n")
    change, _ = working(asked(repository))
    assert entries(change) == [("A", "a", "a")]


def test_between_two_revisions(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    second = repository.commit({"src/app.py": "x = 1\n"})
    change = between(asked(repository), first, "HEAD")
    assert entries(change) == [("M", "src/app.py", "src/app.py")]
    assert (change.base_commit, change.commit, change.everything) == (first, second, False)
    assert entries(between(asked(repository), "", first))[0] == ("A", "README.md", "README.md")


def test_whole_is_every_file(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"src/app.py": "x = 1\n"})
    change = whole(repository=asked(repository), head="main", base=first, door="ci", ref="refs/heads/main")
    assert entries(change) == [("A", "README.md", "README.md"), ("A", "src/app.py", "src/app.py")]
    assert (change.everything, change.base_commit, change.door) == (True, first, "ci")


@pytest.mark.parametrize("name", ["nope", "--all", "-", "HEAD:README.md", ""])
def test_a_revision_that_is_none(repository: Repository, name: str) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        resolve(asked(repository), name)


def test_a_revision_beyond_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"a": "a\n"})
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repository.path}", str(clone)], check=True)
    with pytest.raises(UsageError) as caught:
        resolve(Asked.find(str(clone)), first)
    assert "git fetch --unshallow" in str(caught.value)


# The push door


@pytest.fixture
def origin(repository: Repository, tmp_path: Path) -> Repository:
    """The repository with a remote that has its main."""
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "remote")], check=True)
    repository.git("remote", "add", "origin", str(tmp_path / "remote"))
    repository.git("push", "-q", "origin", "main")
    return repository


def line(local: str, commit: str, remote: str = "", there: str = ZEROS) -> str:
    return f"{local} {commit} {remote or local} {there}"


def test_pushed_from_what_the_remote_has(origin: Repository) -> None:
    there = origin.git("rev-parse", "HEAD")
    commit = origin.commit({"a": "a\n"})
    push = pushed(asked(origin), [line("refs/heads/main", commit, "refs/heads/other", there)], "origin")
    (change,) = push.changes
    assert (change.base_commit, change.commit, change.door, change.ref) == (there, commit, "push", "refs/heads/other")
    assert entries(change) == [("A", "a", "a")]


def test_pushed_every_line_and_equal_trees_once(origin: Repository) -> None:
    there = origin.git("rev-parse", "HEAD")
    commit = origin.commit({"a": "a\n"})
    again = origin.commit(message="the same tree")
    lines = [
        line("(delete)", ZEROS, "refs/heads/gone", there),
        line("refs/heads/one", commit),
        line("refs/heads/two", again),
        line("refs/heads/three", there),
    ]
    push = pushed(asked(origin), lines, "origin")
    assert [change.commit for change in push.changes] == [commit]
    assert push.notes == [
        "refs/heads/gone is deleted: nothing to check",
        "refs/heads/two: the same tree as a ref before it",
        "refs/heads/three: the remote already has its commit: nothing to check",
    ]


def test_pushed_the_same_commit(origin: Repository) -> None:
    there = origin.git("rev-parse", "HEAD")
    push = pushed(asked(origin), [line("refs/heads/main", there, there=there)], "origin")
    assert (push.changes, push.notes) == ([], ["refs/heads/main: the remote already has it: nothing to check"])


def test_pushed_nothing(origin: Repository) -> None:
    push = pushed(asked(origin), [], "origin")
    assert (push.changes, push.notes) == ([], [])


def test_pushed_a_new_branch_from_where_it_left_the_remote(origin: Repository) -> None:
    there = origin.git("rev-parse", "HEAD")
    origin.git("checkout", "-q", "-b", "topic")
    origin.commit({"a": "a\n"})
    commit = origin.commit({"b": "b\n"})
    (change,) = pushed(asked(origin), [line("refs/heads/topic", commit)], "origin").changes
    assert (change.base_commit, entries(change)) == (there, [("A", "a", "a"), ("A", "b", "b")])


def test_pushed_a_new_branch_to_a_url(origin: Repository) -> None:
    there = origin.git("rev-parse", "HEAD")
    commit = origin.commit({"a": "a\n"})
    (change,) = pushed(asked(origin), [line("refs/heads/main", commit)], str(origin.path.parent / "remote")).changes
    assert change.base_commit == there


def test_pushed_to_a_url_what_another_remote_has(origin: Repository) -> None:
    """Of a place without a name nobody knows what it has."""
    commit = origin.git("rev-parse", "HEAD")
    (change,) = pushed(asked(origin), [line("refs/heads/x", commit)], "../elsewhere").changes
    assert (change.commit, change.base_commit, change.base_tree) == (commit, "", EMPTY_TREE)


@pytest.mark.parametrize(("name", "key"), [("origin", "url"), ("my.fork", "url"), ("my.fork", "pushurl")])
def test_pushed_to_the_url_of_a_remote(origin: Repository, name: str, key: str) -> None:
    origin.git("config", f"remote.{name}.{key}", "ssh://somewhere/x")
    origin.git("update-ref", f"refs/remotes/{name}/main", "HEAD")
    push = pushed(asked(origin), [line("refs/heads/x", origin.git("rev-parse", "HEAD"))], "ssh://somewhere/x")
    assert push.notes == ["refs/heads/x: the remote already has its commit: nothing to check"]


def test_pushed_all_the_history(origin: Repository) -> None:
    origin.git("checkout", "-q", "--orphan", "alone")
    commit = origin.commit({"a": "a\n"})
    (change,) = pushed(asked(origin), [line("refs/heads/alone", commit)], "origin").changes
    assert (change.base_tree, change.base_commit) == (EMPTY_TREE, "")
    assert [file.path for file in change.files] == ["README.md", "a", "src/app.py"]


def test_pushed_over_another_history(origin: Repository) -> None:
    """A force push: from where the two histories part, also when what the remote has was never fetched."""
    start = origin.git("rev-parse", "HEAD")
    theirs = origin.commit({"theirs": "x\n"})
    origin.git("push", "-q", "origin", "main")
    origin.git("reset", "-q", "--hard", start)
    mine = origin.commit({"mine": "x\n"})
    for there in (theirs, "1" * 40):
        (change,) = pushed(asked(origin), [line("refs/heads/main", mine, there=there)], "origin").changes
        assert (change.base_commit, entries(change)) == (start, [("A", "mine", "mine")])


def test_pushed_back_in_history(origin: Repository) -> None:
    """A force push to an older commit: that tree is what the remote will have."""
    start = origin.git("rev-parse", "HEAD")
    newer = origin.commit({"a": "a\n"})
    origin.git("push", "-q", "origin", "main")
    (change,) = pushed(asked(origin), [line("refs/heads/main", start, there=newer)], "origin").changes
    assert (change.tree, change.files) == (origin.git("rev-parse", start + "^{tree}"), ())


def test_pushed_tags_are_peeled(origin: Repository) -> None:
    commit = origin.commit({"a": "a\n"})
    origin.git("tag", "-a", "-m", "one", "v1")
    origin.git("tag", "-a", "-m", "tag of a tag", "v2", "v1")
    tag, nested = origin.git("rev-parse", "v1"), origin.git("rev-parse", "v2")
    assert commit not in (tag, nested)
    push = pushed(asked(origin), [line("refs/tags/v1", tag), line("refs/tags/v2", nested)], "origin")
    assert [change.commit for change in push.changes] == [commit]
    assert push.notes == ["refs/tags/v2: the same tree as a ref before it"]


def test_pushed_tag_of_what_the_remote_has(origin: Repository) -> None:
    origin.git("tag", "-a", "-m", "one", "v1")
    push = pushed(asked(origin), [line("refs/tags/v1", origin.git("rev-parse", "v1"))], "origin")
    assert (push.changes, len(push.notes)) == ([], 1)


def test_pushed_tags_of_a_tree_and_of_a_file(origin: Repository) -> None:
    tree, blob = origin.git("rev-parse", "HEAD^{tree}"), origin.git("rev-parse", "HEAD:README.md")
    lines = [line("refs/tags/tree", tree), line("refs/tags/file", blob)]
    push = pushed(asked(origin), lines, "origin")
    assert [change.tree for change in push.changes] == [tree]
    assert push.notes == ["refs/tags/file: points to a single file, not to a commit or tree: nothing to check"]


def test_pushed_from_a_revision_with_spaces(origin: Repository) -> None:
    """`git push origin ':/two words:refs/heads/x'` names its source as the user wrote it."""
    commit = origin.commit({"a": "a\n"}, "two words")
    (change,) = pushed(asked(origin), [f":/two words {commit} refs/heads/x {ZEROS}"], "origin").changes
    assert (change.commit, change.ref) == (commit, "refs/heads/x")


@pytest.mark.parametrize("text", ["", "one", "a b c", "refs/heads/main"])
def test_pushed_lines_that_git_does_not_write(origin: Repository, text: str) -> None:
    with pytest.raises(UsageError, match="git does not write"):
        pushed(asked(origin), [text], "origin")


def test_what_is_checked_out(repository: Repository) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert is_checked_out(asked(repository), tree)
    assert not is_checked_out(asked(repository), EMPTY_TREE)
    repository.write("untracked", "")
    assert not is_checked_out(asked(repository), tree)


def test_a_change_survives_being_stored() -> None:
    file = FileChange("R", "b", old_path="a", mode="100755", blob="1", old_blob="2")
    change = Change("push", "t", base_tree="b", commit="c", base_commit="d", ref="r", everything=True, files=[file])
    again = Change.from_dict(change.to_dict())
    assert again.to_dict() == change.to_dict()
    assert again.files[0].old_path == "a"
