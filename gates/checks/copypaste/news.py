"""What a change brings: copies that were not there before, and edits that forgot the twins of what they edit.

Files that differ are in the row twice, as they are and as they were. What counts is how often a piece of code occurs
on either side, wherever it stands: code that moved, or whose file was renamed, occurs as often as before.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gates.checks.copypaste.arrays import numbered
from gates.checks.copypaste.classes import CONSISTENT, Group, Piece, unfold, verified
from gates.checks.copypaste.match import window_hashes
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.corpus import Corpus, File
    from gates.checks.copypaste.model import Copy

__all__ = ["News", "Twin", "matched"]

GROWTH = 5
"""A class has grown when a fifth of `min_tokens` is new in one of its copies."""

STAYED = 0.4
"""A piece is edited, rather than taken away, when this share of its lines is still there."""

MOVED = 0.6
"""It is moved as well when this share of its lines has come into another file."""


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

    def __init__(self, corpus: Corpus, min_tokens: int, moved: Mapping[str, str]) -> None:
        """`moved` is old path -> path of each changed file that is still there."""
        self.corpus = corpus
        self.min_tokens = min_tokens
        self.moved = moved
        self._pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
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

    def brought(self, group: Group) -> list[Piece]:
        """The copies that the change adds to a class which it created or enlarged, none when it did neither."""
        least = max(1, self.min_tokens // GROWTH)
        found = []
        for piece in group.pieces:
            if piece.file.side == CHANGED:
                fresh = int(np.count_nonzero(self.fresh[piece.first : piece.first + piece.tokens]))
                if fresh >= min(least, piece.tokens):
                    found.append(piece)
        if not found:
            return found
        # Where the original is in a changed file as well, it occurs as often as its copy: the lines tell which is new.
        added, grown = [], []
        for piece in found:
            copy = piece.copy()
            before = self.before(copy.path, copy.first_line, copy.last_line)
            if before is None:
                added.append(piece)
            elif piece.tokens - self._copied(*before) >= least:
                grown.append(piece)
        return added or grown

    def before(self, path: str, first_line: int, last_line: int) -> tuple[File, int, int] | None:
        """The old file, and in it the first and last token, of some lines; None when most of them are new."""
        now = next((file for file in self.corpus.files if file.side == CHANGED and file.path == path), None)
        old = self._old(path)
        if old is None or now is None:
            return None
        lines = [line for line, here in self._kept(old, now) if first_line <= here <= last_line]
        if len(lines) < STAYED * (last_line - first_line + 1):
            return None
        first, after = np.searchsorted(old.tokens().line, (min(lines), max(lines) + 1)).tolist()
        return (old, first, after - 1) if after > first else None

    def edited_lines(self, copy: Copy) -> list[int]:
        """The lines of a copy that its file did not have before."""
        now = next((file for file in self.corpus.files if file.side == CHANGED and file.path == copy.path), None)
        old = self._old(copy.path)
        if old is None or now is None:
            return []
        kept = {line for _, line in self._kept(old, now)}
        texts = _stripped(now.data)
        return [line for line in range(copy.first_line, copy.last_line + 1) if line not in kept and texts[line - 1]]

    def _old(self, path: str) -> File | None:
        """What a changed file was."""
        return next((f for f in self.corpus.files if f.side == OLD and self.moved.get(f.path) == path), None)

    def _copied(self, old: File, first: int, last: int) -> int:
        """How many of some tokens of an old file had a copy."""
        return int(np.count_nonzero(self._had_copy[old.first + first : old.first + last + 1]))

    @cached_property
    def _had_copy(self) -> NDArray[np.bool_]:
        """Which tokens of old files had a copy in the base tree."""
        had = np.zeros(self.corpus.length, bool)
        for repeat in self.corpus.repeats:
            pieces = [piece for piece in unfold(self.corpus, repeat) if piece.file.side != CHANGED]
            if len(pieces) > 1:
                for piece in pieces:
                    had[piece.first : piece.first + piece.tokens] = True
        return had

    def _kept(self, old: File, now: File) -> list[tuple[int, int]]:
        """The lines of a file that were there before, as old and new numbers."""
        key = (old.first, now.first)
        if key not in self._pairs:
            self._pairs[key] = matched(_stripped(old.data), _stripped(now.data))
        return self._pairs[key]

    def missed_twins(self, consistent: float = CONSISTENT) -> list[Twin]:
        """The copies that were edited while others were not, the longest first; a copy may be in several."""
        twins: list[Twin] = []
        for repeat in sorted(self.corpus.repeats, key=lambda repeat: -repeat.tokens):
            pieces = unfold(self.corpus, repeat)
            sides = [piece.file.side for piece in pieces]
            if sides.count(OLD) < 1 + (KEPT not in sides) or sides.count(OLD) == len(sides):
                continue
            for group in verified(pieces, repeat.renamed, consistent):
                twin = self._twin(group)
                if twin is not None:
                    twins.append(twin)
        return twins

    def _twin(self, group: Group) -> Twin | None:
        stay = [piece for piece in group.pieces if piece.file.side != OLD]
        for piece in group.pieces:
            if piece.file.side == OLD and stay and self.gone[piece.first : piece.first + piece.tokens].any():
                now = self._where_now(piece)
                if now is not None and not any(_is_at(other, *now) for other in stay):
                    return Twin(*now, group, stay)
        return None

    def _where_now(self, piece: Piece) -> tuple[File, int, int] | None:
        """The file and lines that the old lines of a piece have become, None when they are gone."""
        path = self.moved.get(piece.file.path)
        now = next((file for file in self.corpus.files if file.side == CHANGED and file.path == path), None)
        old = piece.copy()
        if now is not None:
            pairs = self._kept(piece.file, now)
            kept = sum(old.first_line <= was <= old.last_line for was, _ in pairs)
            if kept >= STAYED * (old.last_line - old.first_line + 1):
                return now, *_became(pairs, old.first_line, old.last_line)
        return self._moved_to(_stripped(piece.file.data)[old.first_line - 1 : old.last_line])

    def _moved_to(self, lines: list[bytes]) -> tuple[File, int, int] | None:
        """The file and lines into which most of some lines were moved, None when they are gone."""
        least = MOVED * len(lines)
        wanted = set(lines)
        for now in sorted((file for file in self.corpus.files if file.side == CHANGED), key=lambda file: file.path):
            texts = _stripped(now.data)
            if len(wanted.intersection(texts)) < MOVED * len(wanted):
                continue
            old = self._old(now.path)
            known = {line for _, line in self._kept(old, now)} if old is not None else set()
            fresh = [(number, text) for number, text in enumerate(texts, 1) if number not in known]
            found = [fresh[at - 1][0] for _, at in matched(lines, [text for _, text in fresh])]
            if len(found) >= least:
                return now, min(found), max(found)
        return None


def _became(pairs: Sequence[tuple[int, int]], first_line: int, last_line: int) -> tuple[int, int]:
    """What some old lines have become: those of them that were kept, and at both ends as many as were replaced."""
    begin = next(at for at, (was, _) in enumerate(pairs) if was >= first_line)
    end = next(at for at in range(len(pairs) - 1, -1, -1) if pairs[at][0] <= last_line)
    before = pairs[begin - 1][1] if begin else 0
    after = pairs[end + 1][1] if end + 1 < len(pairs) else pairs[end][1] + 1
    first = max(before + 1, pairs[begin][1] - (pairs[begin][0] - first_line))
    return first, min(after - 1, pairs[end][1] + last_line - pairs[end][0])


def _stripped(data: bytes) -> list[bytes]:
    return [line.strip() for line in data.split(b"\n")]


def matched(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The lines, or tokens, that both have, in order, as numbers from 1. Most often all at both ends are equal."""
    from difflib import SequenceMatcher

    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    ends = len(before) - tail, len(after) - tail
    blocks = SequenceMatcher(None, before[head : ends[0]], after[head : ends[1]], autojunk=False).get_matching_blocks()
    middle = [(head + block.a + at, head + block.b + at) for block in blocks for at in range(block.size)]
    pairs = [
        *((at, at) for at in range(head)),
        *middle,
        *((ends[0] + at, ends[1] + at) for at in range(tail)),
    ]
    return [(one + 1, other + 1) for one, other in pairs]


def _is_at(piece: Piece, file: File, first_line: int, last_line: int) -> bool:
    """Whether a piece is in some lines of a file."""
    if piece.file is not file:
        return False
    copy = piece.copy()
    return copy.first_line <= last_line and first_line <= copy.last_line


def _differences(new: NDArray[np.uint64], old: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the new occur more often than among the old, and which of the old less often among the new."""
    numbers, count = numbered(np.concatenate([new, old]))
    news, olds = numbers[: len(new)], numbers[len(new) :]
    surplus = np.bincount(news, minlength=count) - np.bincount(olds, minlength=count)
    return surplus[news] > 0, surplus[olds] < 0
