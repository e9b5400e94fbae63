"""The settings of a tree under test: of the configuration that it holds itself."""

from __future__ import annotations

import os

from gates.config import CONFIGURATIONS
from gates.config.compiled import load_cached
from gates.git.blobs import TreeReader
from gates.git.repository import Repository
from gates.git.trees import list_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gates.settings import Settings

__all__ = ["tree_settings"]


def tree_settings(
    repository: Repository, tree: str, *, in_place: bool = False, changed: Collection[str] | None = None
) -> Settings:
    """The settings that hold for `tree`.

    in_place  the working tree is known to be identical, so that its files can be read without asking git
    changed   where it is not: all paths in which it may differ from the tree, None when that is not known

    Raises ConfigError, which tells every mistake of the file with line and column.
    """

    def paths() -> list[str]:
        return [file.path for file in list_tree(repository, tree) if file.is_file]

    if in_place and not any(os.path.islink(os.path.join(repository.root, name)) for name in CONFIGURATIONS):
        return load_cached(_plain_reader(repository.root), paths, repository.state)
    read: Callable[[str], bytes | None] = TreeReader(repository, tree, CONFIGURATIONS)
    if changed is not None:
        read = _partly_plain_reader(repository.root, changed, read)
    return load_cached(read, paths, repository.state)


def _plain_reader(root: str) -> Callable[[str], bytes | None]:
    """A `read` for a working tree that is identical to the tree under test."""

    def read(path: str) -> bytes | None:
        try:
            with open(os.path.join(root, path), "rb") as file:
                return file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    return read


def _partly_plain_reader(
    root: str, changed: Collection[str], from_tree: Callable[[str], bytes | None]
) -> Callable[[str], bytes | None]:
    """A `read` for a working tree that differs in some paths; only the configuration is worth looking there."""
    plain = _plain_reader(root)

    def read(path: str) -> bytes | None:
        if path not in CONFIGURATIONS or path in changed or os.path.islink(os.path.join(root, path)):
            return from_tree(path)
        return plain(path)

    return read
