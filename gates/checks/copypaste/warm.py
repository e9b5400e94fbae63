"""The gate at a commit: only the files that have something in common with the change are read, thanks to an index."""

from __future__ import annotations

import os

import gates
from gates.checks.copypaste.index import BrokenIndexError, Index, load, save
from gates.checks.copypaste.model import EDITED, EXACT, RENAMED
from gates.checks.copypaste.reading import CHANGED, KEPT, Source
from gates.checks.objects import repository_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gates.checks.base import GateContext
    from gates.checks.copypaste.detect import Options, Search
    from gates.checks.copypaste.part import Part, Summary

__all__ = ["Warm"]

KINDS = {EXACT: "", RENAMED: "-renamed", EDITED: "-edited"}
"""Each type chooses other n-grams, so each has an index of its own."""

UPDATED = 32
"""When so many files differ from the indexed tree, the index is brought up to date."""

ANEW = 0.25
"""When this share of the files differs, everything is read again."""


class Warm:
    """The index of a repository, for one run of the gate.

    broken   whether there was an index that could not be used
    index    the index, None where there is none
    fresh    files of the tree under test that the index does not know, or not as they are
    gone     files of the indexed tree that are not in the tree under test, or not as they were
    """

    __slots__ = ("broken", "context", "fresh", "gone", "index", "key", "options", "path")

    def __init__(self, context: GateContext, options: Options) -> None:
        self.context = context
        self.options = options
        self.key = f"{gates.__version__} {options.min_tokens} {options.type} {options.wanted.function}"
        name = f"index-{options.min_tokens}{KINDS[options.type]}"
        self.path = os.path.join(context.state_dir, "copypaste", name) if context.state_dir else ""
        self.broken = False
        self.index: Index | None = None
        self.fresh: set[str] = set()
        self.gone: set[str] = set()

    def open(self) -> bool:
        """Whether there is an index that saves work."""
        if not self.path:
            return False
        try:
            self.index = load(self.path, self.key)
        except BrokenIndexError:
            self.broken = True
            return False
        if self.index is None or not self._compare(self.index):
            self.index = None
        return self.index is not None

    def _compare(self, index: Index) -> bool:
        change = self.context.change
        if index.tree == change.base_tree:
            differs = {path for file in change.files for path in (file.path, file.old_path)}
        else:
            asked = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", index.tree, change.tree)
            done = repository_of(self.context).ask(*asked, check=False)
            if done.code or done.truncated:
                return False  # git has thrown that tree away
            differs = {os.fsdecode(path) for path in done.stdout.split(b"\0")[:-1]}
        if any(path.endswith(".gitattributes") for path in differs):
            return False  # what is generated may be another thing now
        now = set(self.context.all_files)
        if sorted(now) == index.paths:
            self.fresh = self.gone = now & differs
        else:
            then = set(index.paths)
            self.fresh = (now - then) | (now & differs)
            self.gone = (then - now) | (then & differs)
        return len(self.fresh) <= max(UPDATED, ANEW * len(now))

    def sources(self, of_change: Sequence[Source]) -> list[Source]:
        """What must be read in any case: both sides of the change, and what the index does not know."""
        known = {source.path for source in of_change if source.side == CHANGED}
        self.fresh = self.fresh | known
        return [*of_change, *(Source(path) for path in sorted(self.fresh - known))]

    def related(self, part: Part) -> list[Source]:
        """The files that have something in common with either side of the change."""
        assert self.index is not None
        from gates.checks.copypaste.differing import differing_grams

        summary = part.summary()
        paths = self.index.related(differing_grams(part))
        if self.index.functions is not None:
            paths = sorted({*paths, *self._alike(part, summary)})
        return [Source(path) for path in paths if path not in self.gone and path not in self.fresh]

    def _alike(self, part: Part, summary: Summary) -> list[str]:
        """The files with functions that may be edited copies of those that the change brings or edits."""
        assert self.index is not None and self.index.functions is not None
        from gates.checks.copypaste.functions import asking_ones

        names = list(zip(summary.paths, summary.sides, strict=True))
        functions = part.functions()
        asking = functions.only(asking_ones(functions, names, part.reader.marked).nonzero()[0])
        numbers = self.index.functions.related(asking, self.options.min_tokens, self.options.similarity)
        return [self.index.paths[number] for number in numbers]

    def left_out(self, found: dict[str, str]) -> dict[str, str]:
        """Why files are left out, of the whole tree; `found` is what this run has seen of it."""
        assert self.index is not None
        known = zip(self.index.paths, self.index.reasons, strict=True)
        return {path: reason for path, reason in known if reason and path not in self.gone} | found

    def keep(self, search: Search, left_out: dict[str, str]) -> None:
        """Write the index of the tree under test, if that is worth it."""
        if not self.path or (self.index is not None and len(self.fresh) < UPDATED):
            return
        index = Index.of(self.context.change.tree, search.corpus, left_out, (KEPT, CHANGED))
        if self.index is not None:
            index = self.index.merged(index, self.gone)
        try:
            save(index, self.path, self.key)
        except OSError:
            return  # a read-only or full disk costs time at the next commit, nothing else
