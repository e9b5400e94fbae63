"""Asking git about trees: what is in one, and what differs between two."""

from __future__ import annotations

from gates.git.change import EMPTY_TREE, FileChange
from gates.git.repository import Repository, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["compare", "line_ranges", "list_tree", "tree_of", "unquote"]

NO_BLOB = "0" * 40


def tree_of(repository: Repository, revision: str) -> str:
    """The id of a revision's tree, "" when the revision does not exist or is no commit or tree."""
    return repository.try_line("rev-parse", "--quiet", "--verify", "--end-of-options", revision + "^{tree}")


def list_tree(repository: Repository, tree: str) -> list[FileChange]:
    """Every path of a tree, as added."""
    if tree == EMPTY_TREE:
        return []
    files = []
    for entry in repository.ask("ls-tree", "-r", "-z", "--full-tree", tree).stdout.split(b"\0")[:-1]:
        facts, _, path = entry.partition(b"\t")
        mode, _, blob = facts.decode().split(" ")
        files.append(FileChange("A", decode(path), mode=mode, old_mode="000000", blob=blob))
    return files


def compare(repository: Repository, base: str, tree: str) -> list[FileChange]:
    """What differs between two trees, renames found."""
    if base == tree:
        return []
    if base == EMPTY_TREE:
        return list_tree(repository, tree)
    raw = repository.ask("diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", base, tree).stdout
    fields = iter(raw.split(b"\0")[:-1])
    return [_changed(field.decode(), fields) for field in fields]


def _changed(facts: str, fields: Iterator[bytes]) -> FileChange:
    old_mode, mode, old_blob, blob, flag = facts[1:].split(" ")
    path = old_path = decode(next(fields))
    if flag[0] in "RC":
        path = decode(next(fields))
    return FileChange(
        flag[0],
        path,
        old_path=old_path,
        mode=mode,
        old_mode=old_mode,
        blob="" if blob == NO_BLOB else blob,
        old_blob="" if old_blob == NO_BLOB else old_blob,
    )


def line_ranges(repository: Repository, base: str, tree: str) -> dict[str, list[tuple[int, int]]]:
    """The lines of `tree` that `base` does not have: path -> [(first, last)], 1-based, both included.

    A path whose lines were only deleted has an empty list.
    """
    words = ("-c", "core.quotePath=false", "diff-tree", "-r", "-p", "-U0", "-M", "--no-color", "--no-ext-diff")
    raw = repository.ask(*words, "--src-prefix=a/", "--dst-prefix=b/", base, tree).stdout
    ranges: dict[str, list[tuple[int, int]]] = {}
    current: list[tuple[int, int]] = []
    left = 0  # lines of the present hunk still to come: they may look like headers
    for line in raw.split(b"\n"):
        if left:
            left -= not line.startswith(b"\\")
        elif line.startswith((b"+++ b/", b'+++ "b/')):
            current = ranges.setdefault(unquote(line[4:])[2:], [])
        elif line.startswith(b"@@ "):
            removed, added = line.split(b" ", 3)[1:3]
            first, count = _span(added)
            left = _span(removed)[1] + count
            if count:
                current.append((first, first + count - 1))
    return ranges


def _span(text: bytes) -> tuple[int, int]:
    first, _, count = text[1:].partition(b",")
    return int(first), int(count) if count else 1


def unquote(name: bytes) -> str:
    """A path as git quotes it in patches: C escapes inside double quotes, or a trailing tab after spaces."""
    if not name.startswith(b'"'):
        return decode(name.removesuffix(b"\t"))
    return decode(name[1:-1].decode("unicode_escape").encode("latin-1"))
