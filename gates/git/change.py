"""A change: what a run is about. Base tree → tree under test, with the files and line ranges that differ."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["EMPTY_TREE", "Change", "FileChange"]

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's name for the tree without files (SHA-1 repositories)."""


class FileChange:
    """One path that differs between the two trees.

    status    "A" added, "M" modified, "D" deleted, "R" renamed, "C" copied, "T" other type (symlink, submodule)
    path      the path in the tree under test (for "D": in the base tree)
    old_path  the path in the base tree for "R" and "C", else the same as `path`
    mode      git mode in the tree under test, "000000" when deleted ("120000" symlink, "160000" submodule)
    blob      object id in the tree under test, "" when deleted; old_blob the one in the base tree, "" when added
    """

    __slots__ = ("blob", "mode", "old_blob", "old_mode", "old_path", "path", "status")

    def __init__(
        self,
        status: str,
        path: str,
        *,
        old_path: str = "",
        mode: str = "100644",
        old_mode: str = "100644",
        blob: str = "",
        old_blob: str = "",
    ) -> None:
        self.status = status
        self.path = path
        self.old_path = old_path or path
        self.mode = mode
        self.old_mode = old_mode
        self.blob = blob
        self.old_blob = old_blob

    @property
    def is_file(self) -> bool:
        """Whether there is a regular file at `path` in the tree under test."""
        return self.mode.startswith("100")

    def to_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in sorted(self.__slots__)}

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> FileChange:
        return cls(**data)


class Change:
    """Base tree → tree under test.

    door         where the run started
    tree         id of the tree under test
    base_tree    id of the tree compared with; EMPTY_TREE when there is none
    commit       the commit under test, "" for an index that is not committed yet
    base_commit  the commit compared with, "" when there is none
    ref          the ref that is pushed or built ("refs/heads/main"), "" when not known
    everything   True when the run is about the whole tree rather than about what differs
    files        what differs, in path order (with `everything`: every file of the tree, as added)
    """

    __slots__ = ("base_commit", "base_tree", "commit", "door", "everything", "files", "ref", "tree")

    def __init__(
        self,
        door: str,
        tree: str,
        *,
        base_tree: str = EMPTY_TREE,
        commit: str = "",
        base_commit: str = "",
        ref: str = "",
        everything: bool = False,
        files: Sequence[FileChange] = (),
    ) -> None:
        self.door = door
        self.tree = tree
        self.base_tree = base_tree
        self.commit = commit
        self.base_commit = base_commit
        self.ref = ref
        self.everything = everything
        self.files = tuple(files)

    def changed_files(self) -> list[str]:
        """Paths of the regular files in the tree under test that the change touches."""
        return [file.path for file in self.files if file.is_file]

    def to_dict(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in sorted(self.__slots__)}
        data["files"] = [file.to_dict() for file in self.files]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        fields = dict(data)
        fields["files"] = [FileChange.from_dict(item) for item in data["files"]]
        return cls(**fields)
