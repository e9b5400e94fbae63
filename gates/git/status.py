"""One `git status`: what is staged, and whether the working tree holds anything else."""

from __future__ import annotations

import os

from gates.config import CONFIGURATIONS
from gates.git.change import FileChange
from gates.git.repository import Repository, decode

__all__ = ["LISTING", "STATUS", "Status", "hides_configuration", "hides_files", "parse_status"]

STATUS = (
    "status",
    "--porcelain=v2",
    "--branch",
    "-z",
    "--untracked-files=normal",
    "--ignore-submodules=none",
    "--find-renames",
)
"""The words for git; what comes out goes into `parse_status`."""

LISTING = ("ls-files", "-v", "-z")
"""The words for git; what comes out goes into `hides_files`."""


DEPENDENCY_FOLDERS = (".venv", "venv", "node_modules")
"""Folders of dependencies, also where nobody has told git to ignore them."""


class Status:
    """The state of index and working tree.

    head       commit that HEAD names, "" before the first commit
    branch     "refs/heads/..." or "" when HEAD is detached
    staged     what differs between HEAD and the index
    unstaged   paths that differ between index and working tree (intent-to-add included)
    untracked  paths (folders with a trailing "/") that git neither tracks nor ignores
    lent       those of them that are folders of dependencies, which belong to no tree and are linked into snapshots
    unmerged   paths with conflicts not yet resolved
    hidden     whether files may differ without git status saying so, see `hides_files` and `hides_configuration`
    """

    __slots__ = ("branch", "head", "hidden", "lent", "staged", "unmerged", "unstaged", "untracked")

    def __init__(self) -> None:
        self.head = ""
        self.branch = ""
        self.staged: list[FileChange] = []
        self.unstaged: list[str] = []
        self.untracked: list[str] = []
        self.lent: list[str] = []
        self.unmerged: list[str] = []
        self.hidden = False

    @property
    def changed(self) -> list[str] | None:
        """All paths in which the working tree differs from the index, None when they cannot be known."""
        return None if self.hidden else [*self.unstaged, *self.untracked, *self.unmerged]

    @property
    def is_index(self) -> bool:
        """Whether the working tree holds exactly what the index holds."""
        return not (self.unstaged or self.untracked or self.unmerged or self.hidden)


def parse_status(raw: bytes) -> Status:
    """Read the output of `git status` with the words of STATUS."""
    status = Status()
    fields = iter(raw.split(b"\0"))
    for field in fields:
        kind = field[:2]
        if kind == b"1 ":
            _add(status, field.split(b" ", 8)[1:], b"")
        elif kind == b"2 ":
            words = field.split(b" ", 9)[1:]
            del words[7]  # the similarity score
            _add(status, words, next(fields))
        elif kind == b"? ":
            path = decode(field[2:])
            is_lent = path.endswith("/") and os.path.basename(path[:-1]) in DEPENDENCY_FOLDERS
            (status.lent if is_lent else status.untracked).append(path)
        elif kind == b"u ":
            status.unmerged.append(decode(field.split(b" ", 10)[10]))
        elif kind == b"# ":
            _add_header(status, field)
    return status


def _add(status: Status, words: list[bytes], original: bytes) -> None:
    flags, _, head_mode, index_mode, _, head_blob, index_blob, raw_path = words
    path = decode(raw_path)
    staged, unstaged = chr(flags[0]), chr(flags[1])
    if unstaged != ".":
        status.unstaged.append(path)
    if staged == ".":
        return
    gone, added = staged == "D", staged == "A"
    status.staged.append(
        FileChange(
            staged,
            path,
            old_path=decode(original) if staged in "RC" else "",
            mode=index_mode.decode(),
            old_mode=head_mode.decode(),
            blob="" if gone else index_blob.decode(),
            old_blob="" if added else head_blob.decode(),
        )
    )


def _add_header(status: Status, field: bytes) -> None:
    _, name, value = field.split(b" ", 2)
    if name == b"branch.oid" and value != b"(initial)":
        status.head = value.decode()
    elif name == b"branch.head" and value != b"(detached)":
        status.branch = "refs/heads/" + decode(value)


def hides_files(repository: Repository, listing: bytes) -> bool:
    """Whether something in the working tree is out of git status's sight.

    `listing` is the output of git with the words of LISTING. Files marked assume-unchanged (a lower-case tag) or
    skip-worktree ("S": sparse checkout, or a local edit kept out of commits) may differ without git saying so.
    """
    if os.path.exists(os.path.join(repository.git_dir, "info", "sparse-checkout")):
        return True
    # Every other entry begins with "H"; no name has a zero byte in it.
    return (b"\0" + listing).count(b"\0H ") != listing.count(b"\0")


def hides_configuration(repository: Repository, status: Status, listing: bytes) -> bool:
    """Whether a file that would configure Gateline lies in the folder and is ignored by git: no tree has it."""
    return any(
        os.path.lexists(os.path.join(repository.root, name))
        and name not in status.untracked
        and f"\0H {name}\0".encode() not in b"\0" + listing
        for name in CONFIGURATIONS
    )
