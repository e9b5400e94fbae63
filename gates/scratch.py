"""Private folders for the reports of one gate; gone when the run is over, whatever happened."""

from __future__ import annotations

import os

from gates.git.repository import Repository

__all__ = ["Scratch", "is_alive", "remove_file"]


class Scratch:
    """Makes numbered folders below one that belongs to this process. Use as a context manager."""

    __slots__ = ("count", "folder", "repository")

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.folder = ""
        self.count = 0

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder:
            _remove(self.folder)

    def make(self) -> str:
        """A new empty folder."""
        if not self.folder:
            self.folder = self._make_own()
        self.count += 1
        path = os.path.join(self.folder, str(self.count))
        os.mkdir(path)
        return path

    def _make_own(self) -> str:
        try:
            parent = self.repository.state_folder("scratch")
            _forget_dead(parent)
            path = os.path.join(parent, str(os.getpid()))
            os.mkdir(path)
            return path
        except OSError:
            import tempfile  # the git dir is read-only or full, or another machine has this number in it

            return tempfile.mkdtemp(prefix="gateline-")


def _forget_dead(parent: str) -> None:
    """Remove what processes that were killed have left."""
    for name in os.listdir(parent):
        if name.isdecimal() and not is_alive(int(name)):
            _remove(os.path.join(parent, name))


def is_alive(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(folder: str) -> None:
    """A tree of folders; what cannot be removed now is removed by a later run."""
    try:
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                _remove(entry.path)
            else:
                os.unlink(entry.path)
        os.rmdir(folder)
    except OSError:
        return


def remove_file(path: str) -> None:
    """Remove a file if it is there and can be removed."""
    try:
        os.unlink(path)
    except OSError:
        return  # there never was one, it was renamed, or another run has removed it
