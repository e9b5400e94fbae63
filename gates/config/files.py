"""Reading a working tree the way detection and configuration want it."""

from __future__ import annotations

import os
from collections.abc import Callable

from gates.config import load_settings
from gates.errors import CannotRun
from gates.git.repository import Repository, decode
from gates.settings import Settings

__all__ = ["known_files", "working_tree", "working_tree_settings"]


def working_tree(root: str) -> Callable[[str], bytes | None]:
    """A `read` for the files below `root`: None for what is no regular file; links are followed only inside the root.

    Raises CannotRun for a file that is there and cannot be read: to pass over it would be to pass over its rules.
    """
    top = os.path.realpath(root)

    def read(path: str) -> bytes | None:
        full = os.path.realpath(os.path.join(top, path))
        if not full.startswith(top + os.sep) or not os.path.isfile(full):
            return None
        try:
            with open(full, "rb") as file:
                return file.read()
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}", where=path) from error

    return read


def known_files(repository: Repository) -> list[str]:
    """Every file that is tracked, or new and not ignored."""
    listed = repository.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    return [decode(path) for path in dict.fromkeys(listed.split(b"\0")) if path]


def working_tree_settings(repository: Repository) -> Settings:
    """The settings as the working tree has them now. Raises ConfigError."""
    return load_settings(repository.root, working_tree(repository.root), paths=lambda: known_files(repository))
