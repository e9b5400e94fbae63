"""What is in a tree, what differs between two, and which lines are new."""

from __future__ import annotations

import os

from gates.git.blobs import TreeReader
from gates.git.change import EMPTY_TREE
from gates.git.repository import Repository as Asked
from gates.git.trees import compare, line_ranges, list_tree, tree_of
from tests.conftest import Repository


def asked(repository: Repository) -> Asked:
    return Asked.find(str(repository.path))


def trees(repository: Repository, *revisions: str) -> list[str]:
    return [repository.git("rev-parse", revision + "^{tree}") for revision in revisions]


def test_tree_of(repository: Repository) -> None:
    (tree,) = trees(repository, "HEAD")
    assert tree_of(asked(repository), "HEAD") == tree_of(asked(repository), tree) == tree
    assert tree_of(asked(repository), "nope") == tree_of(asked(repository), "HEAD:README.md") == ""


def test_list_and_compare(repository: Repository) -> None:
    repository.commit({"old.txt": "text\n" * 30, "gone": "some other words\n"})
    repository.git("mv", "old.txt", "new.txt")
    repository.git("rm", "-q", "gone")
    repository.commit({os.fsdecode(b"\xff name\n"): "x\n"})
    base, tree = trees(repository, "HEAD~", "HEAD")
    changed = {(file.status, file.old_path, file.path) for file in compare(asked(repository), base, tree)}
    name = os.fsdecode(b"\xff name\n")
    assert changed == {("R", "old.txt", "new.txt"), ("D", "gone", "gone"), ("A", name, name)}
    assert compare(asked(repository), tree, tree) == []
    assert [file.path for file in compare(asked(repository), EMPTY_TREE, base)] == [
        file.path for file in list_tree(asked(repository), base)
    ]
    assert list_tree(asked(repository), EMPTY_TREE) == []


def ranges(repository: Repository) -> dict[str, list[tuple[int, int]]]:
    base, tree = trees(repository, "HEAD~", "HEAD")
    return line_ranges(asked(repository), base, tree)


def test_line_ranges(repository: Repository) -> None:
    repository.commit({"f": "1\n2\n3\n4\n5\n6\n", "deleted-from": "1\n2\n", "gone": "x\n"})
    repository.git("rm", "-q", "gone")
    repository.commit({"f": "1\ntwo\n3\n4\n5\n6\n7\n8\n", "deleted-from": "1\n", "new": "a\nb", "bin": b"\0\1"})
    assert ranges(repository) == {"f": [(2, 2), (7, 8)], "deleted-from": [], "new": [(1, 2)]}


def test_line_ranges_of_content_that_looks_like_a_patch(repository: Repository) -> None:
    repository.commit({"f": "start\n-- a/x\n"})
    repository.commit({"f": "start\n++ b/y\n@@ -1 +1 @@\nno newline"})
    assert ranges(repository) == {"f": [(2, 4)]}


def test_line_ranges_with_odd_names(repository: Repository) -> None:
    names = ["a b", 'quo"te', "tab\t", "line\nfeed", "ünï", os.fsdecode(b"\xff"), "back\\slash"]
    repository.commit({"README.md": "x\n", **dict.fromkeys(names[:5], "x\n")})
    for name in names[5:]:
        (repository.path / name).write_text("x\n")
    repository.git("add", "-A")
    repository.git("commit", "-q", "--amend", "--no-edit")
    assert set(ranges(repository)) == {*names, "README.md"}


def test_line_ranges_of_a_rename(repository: Repository) -> None:
    repository.commit({"old": "line\n" * 40})
    repository.git("mv", "old", "new")
    repository.commit({"new": "line\n" * 40 + "more\n"})
    assert ranges(repository) == {"new": [(41, 41)]}


def test_line_ranges_whatever_the_user_configured(repository: Repository) -> None:
    for name, value in {
        "diff.noprefix": "true",
        "color.diff": "always",
        "diff.external": "/bin/false",
        "diff.mnemonicPrefix": "true",
    }.items():
        repository.git("config", name, value)
    repository.commit({"f": "1\n"})
    repository.commit({"f": "1\n2\n"})
    assert ranges(repository) == {"f": [(2, 2)]}


def test_reading_files_of_a_tree(repository: Repository) -> None:
    repository.commit({"a b": "1", "empty": "", "big": b"x" * 3_000_000})
    (tree,) = trees(repository, "HEAD")
    read = TreeReader(asked(repository), tree, ["a b", "missing"])
    assert (read("a b"), read("missing"), read("empty"), read("src"), read("line\nfeed")) == (
        b"1",
        None,
        b"",
        None,
        None,
    )
    assert read("big") == b"x" * 3_000_000
    assert read("HEAD missing") is None
