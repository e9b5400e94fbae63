"""What a change brings: copies that were not there before, and edits that forgot the twins of what they edit.

Files that differ are in the row twice, as they are and as they were. What counts is how often a piece of code occurs
on either side, wherever it stands: code that moved, or whose file was renamed, occurs as often as before.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.arrays import numbered
from gates.checks.copypaste.classes import Group, Piece, unfold, verified
from gates.checks.copypaste.match import window_hashes
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gates.checks.copypaste.corpus import Corpus, File

__all__ = ["News", "Twin"]

GROWTH = 5
"""A class has grown when a fifth of `min_tokens` is new in one of its copies."""

STAYED = 0.4
"""A piece is edited, rather than taken away, when this share of its lines is still there."""


class Twin:
    """A copy that was edited while others like it were not.

    file, first_line, last_line  where it is now
    group                        what was equal
    others                       the copies that are as they were
    """

    __slots__ = ("file", "first_line", "group", "last_line", "others")

    def __init__(self, file: File, first_line: int, last_line: int, group: Group, others: list[Piece]) -> None:
        self.file = file
        self.first_line = first_line
        self.last_line = last_line
        self.group = group
        self.others = others


class News:
    """The difference between both sides of a change.

    fresh  which tokens of changed files are in pieces of `min_tokens` that occur more often than before, and in no
           piece that does not
    gone   the same for the old files: pieces that occur less often now
    """

    __slots__ = ("_sides", "corpus", "min_tokens", "moved")

    def __init__(self, corpus: Corpus, min_tokens: int, moved: Mapping[str, str]) -> None:
        """`moved` is old path -> path of each changed file that is still there."""
        self.corpus = corpus
        self.min_tokens = min_tokens
        self.moved = moved
        self._sides: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None

    @property
    def fresh(self) -> NDArray[np.bool_]:
        return self._compared()[0]

    @property
    def gone(self) -> NDArray[np.bool_]:
        return self._compared()[1]

    def _compared(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Both sides, compared when they are first asked for: most commits copy nothing."""
        if self._sides is None:
            new, old = (self._windows(side) for side in (CHANGED, OLD))
            more, less = _differences(new[1], old[1])
            self._sides = ~self._cover(new[0][~more]), self._cover(old[0][less])
        return self._sides

    def _windows(self, side: str) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Where the pieces of the files of one side begin in the row, ascending, and their hashes."""
        places: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        hashes: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
        for file in self.corpus.files:
            if file.side == side and len(file.names) >= self.min_tokens:
                windows = np.arange(len(file.names) - self.min_tokens + 1)
                places.append(windows + file.first)
                hashes.append(window_hashes(file.names, windows, self.min_tokens))
        return np.concatenate(places), np.concatenate(hashes)

    def _cover(self, windows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which tokens of the row are in these pieces."""
        steps = np.zeros(self.corpus.length + 1, np.int32)
        np.add.at(steps, windows, 1)
        np.add.at(steps, windows + self.min_tokens, -1)
        covered: NDArray[np.bool_] = np.cumsum(steps[:-1]) > 0
        return covered

    def brought(self, group: Group) -> Piece | None:
        """The copy that the change adds to a class which it created or enlarged, None when it did neither."""
        least = max(1, self.min_tokens // GROWTH)
        found = []
        for piece in group.pieces:
            if piece.file.side == CHANGED:
                fresh = int(np.count_nonzero(self.fresh[piece.first : piece.first + piece.tokens]))
                if fresh >= min(least, piece.tokens):
                    found.append(piece)
        # Where the original is in a changed file as well, it occurs as often as its copy: the lines tell which is new.
        return min(found, key=self._old_lines, default=None) if len(found) > 1 else next(iter(found), None)

    def _old_lines(self, piece: Piece) -> int:
        """How many lines of a piece its file had before."""
        path = piece.file.path
        old = next((f for f in self.corpus.files if f.side == OLD and self.moved.get(f.path) == path), None)
        if old is None:
            return 0
        copy = piece.copy()
        kept = _kept_lines(old, piece.file, 0, old.data.count(b"\n") + 1)
        return sum(copy.first_line <= line + 1 <= copy.last_line for line in kept)

    def missed_twins(self, renamed: bool) -> list[Twin]:
        """The copies that were edited while others were not, each once, by the longest piece it is in."""
        twins: list[Twin] = []
        for repeat in sorted(self.corpus.repeats, key=lambda repeat: -repeat.tokens):
            pieces = unfold(self.corpus, repeat)
            sides = {piece.file.side for piece in pieces}
            if OLD not in sides or KEPT not in sides or CHANGED in sides:
                continue
            for group in verified(pieces, renamed):
                twin = self._twin(group)
                if twin is not None and not any(_overlap(twin, other) for other in twins):
                    twins.append(twin)
        return sorted(twins, key=lambda twin: (twin.file.path, twin.first_line))

    def _twin(self, group: Group) -> Twin | None:
        others = [piece for piece in group.pieces if piece.file.side == KEPT]
        for piece in group.pieces:
            if piece.file.side == OLD and others and self.gone[piece.first : piece.first + piece.tokens].any():
                place = self._where_now(piece)
                if place is not None:
                    return Twin(*place, group, others)
        return None

    def _where_now(self, piece: Piece) -> tuple[File, int, int] | None:
        """The file and lines that the old lines of a piece have become, None when they are gone."""
        path = self.moved.get(piece.file.path)
        now = next((file for file in self.corpus.files if file.side == CHANGED and file.path == path), None)
        if now is None:
            return None
        old = piece.copy()
        lines = _kept_lines(piece.file, now, old.first_line - 1, old.last_line)
        if len(lines) < STAYED * (old.last_line - old.first_line + 1):
            return None
        return now, min(lines) + 1, max(lines) + 1


def _kept_lines(old: File, now: File, first: int, last: int) -> list[int]:
    """The lines of `now` that the lines `first` to `last` of `old` are matched with."""
    from difflib import SequenceMatcher

    before, after = ([line.strip() for line in file.data.split(b"\n")] for file in (old, now))
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [
        block.b + line - block.a
        for block in blocks
        for line in range(max(first, block.a), min(last, block.a + block.size))
    ]


def _overlap(one: Twin, other: Twin) -> bool:
    return one.file is other.file and one.first_line <= other.last_line and other.first_line <= one.last_line


def _differences(new: NDArray[np.uint64], old: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the new occur more often than among the old, and which of the old less often among the new."""
    numbers, count = numbered(np.concatenate([new, old]))
    news, olds = numbers[: len(new)], numbers[len(new) :]
    surplus = np.bincount(news, minlength=count) - np.bincount(olds, minlength=count)
    return surplus[news] > 0, surplus[olds] < 0
