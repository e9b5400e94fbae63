"""Which blob each file has on the two sides of the change."""

from __future__ import annotations

from gates.git.change import EMPTY_TREE
from gates.git.trees import compare, list_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.git.repository import Repository

__all__ = ["Sides"]


class Sides:
    """asked    path -> blob of the files the gate is asked about
    head     path -> blob of every file that is measured, for the average
    changed  paths in `head` that differ from the base
    base     path -> blob there of what differs, deleted and renamed files included
    """

    def __init__(self, context: GateContext, repository: Repository, *, whole: bool) -> None:
        self.head: dict[str, str] = {}
        self.base: dict[str, str] = {}
        self.changed: set[str] = set()
        wanted = {*context.files, *context.all_files} if whole else set(context.files)
        self._find_head(context, repository, wanted)
        self.asked = {path: self.head[path] for path in context.files if path in self.head}
        if context.side == "head":
            self._find_base(context, repository)

    def _find_head(self, context: GateContext, repository: Repository, wanted: set[str]) -> None:
        change = context.change
        tree = change.base_tree if context.side == "base" else change.tree
        known = {file.path: file.blob for file in change.files} if context.side == "head" else {}
        if not wanted <= known.keys():
            known = {file.path: file.blob for file in list_tree(repository, tree)}
        self.head = {path: known[path] for path in sorted(wanted) if path in known}

    def _find_base(self, context: GateContext, repository: Repository) -> None:
        change = context.change
        if change.base_tree == EMPTY_TREE:
            self.changed = set(self.head)
            return
        files = compare(repository, change.base_tree, change.tree) if change.everything else change.files
        for file in files:
            if file.path in self.head:
                self.changed.add(file.path)
            elif file.is_file:
                continue  # the configuration leaves it out
            if file.old_path.endswith(".py") and file.old_mode.startswith("100") and file.status != "C":
                self.base[file.old_path] = file.old_blob
