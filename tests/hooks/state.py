"""All that a user can lose in a repository: files, index, stash, refs."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace

from tests.conftest import Repository

__all__ = ["State"]


@dataclass(frozen=True)
class State:
    """What is to be the same before and after, byte for byte.

    files  path -> mode, when it was written, and content or where a link leads; of everything, ignored files too
    index  every entry with mode, blob, stage and flags, and what differs between it and the files
    refs   every ref with what it names, HEAD, and the stash with its history
    """

    files: dict[str, tuple[int, int, bytes]]
    index: tuple[str, ...]
    refs: tuple[str, ...]

    @classmethod
    def of(cls, repository: Repository) -> State:
        git = repository.git
        return cls(
            files=_files(str(repository.path)),
            index=(
                git("ls-files", "-s", "-v", "-f"),
                git("-c", "core.quotePath=true", "status", "--porcelain=v2", "--untracked-files=all"),
                git("diff", "--binary"),
                git("diff", "--cached", "--binary"),
            ),
            refs=(
                git("for-each-ref", "--format=%(refname) %(objectname)"),
                git("rev-parse", "--symbolic-full-name", "HEAD"),
                git("stash", "list", "--format=%H %gs"),
            ),
        )

    def with_remote_branch(self, repository: Repository, name: str) -> State:
        """The same after `name` was pushed: git then notes what the remote has."""
        pushed = repository.git("rev-parse", name)
        lines = [
            f"refs/remotes/origin/{name} {pushed}" if line.startswith(f"refs/remotes/origin/{name} ") else line
            for line in self.refs[0].splitlines()
        ]
        return replace(self, refs=("\n".join(lines), *self.refs[1:]))


def _files(root: str) -> dict[str, tuple[int, int, bytes]]:
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in [*names, *(name for name in folders if os.path.islink(os.path.join(folder, name)))]:
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            is_link = stat.S_ISLNK(facts.st_mode)
            content = os.fsencode(os.readlink(path)) if is_link else _read(path)
            found[os.path.relpath(path, root)] = (facts.st_mode, 0 if is_link else facts.st_mtime_ns, content)
    return found


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
