"""Where lines begin and how brackets pair, on the token arrays of many files at once."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.tokens import Batch, one_of, word_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = [
    "Lines",
    "depth_of",
    "file_numbers",
    "firsts",
    "following",
    "line_starts",
    "name",
    "one_of",
    "pairs",
    "preceding",
]

_NAMES: dict[bytes, np.uint64] = {}


def name(text: bytes) -> np.uint64:
    """The name of one token."""
    found = _NAMES.get(text)
    if found is None:
        found = _NAMES[text] = word_names(frozenset((text,)))[0]
    return found


def firsts(batch: Batch) -> Flags:
    """Which tokens are the first of their file."""
    result = np.zeros(len(batch.exact) + 1, dtype=bool)
    result[batch.first] = True
    return result[:-1]


def preceding(flags: Flags, batch: Batch, distance: int = 1) -> Flags:
    """For each token what `flags` say of the one before it; of the first of a file nothing."""
    result = np.zeros(len(flags), dtype=bool)
    result[distance:] = flags[:-distance]
    first = batch.first[:-1]
    for step in range(distance):  # a file may be shorter than the distance
        at = first + step
        result[at[at < len(flags)]] = False
    return result


def following(flags: Flags, batch: Batch, distance: int = 1) -> Flags:
    """For each token what `flags` say of the one after it; of the last of a file nothing."""
    result = np.zeros(len(flags), dtype=bool)
    result[:-distance] = flags[distance:]
    last = batch.first[1:] - 1
    for step in range(distance):
        at = last - step
        result[at[at >= 0]] = False
    return result


def file_numbers(batch: Batch) -> Ints:
    """The number of the file of each token."""
    return np.repeat(np.arange(len(batch.first) - 1), np.diff(batch.first))


def depth_of(opens: Flags, closes: Flags, first: Ints) -> Ints:
    """How many brackets are open after each token of its file."""
    steps = opens.astype(np.int64)
    steps -= closes
    depth = np.cumsum(steps)
    before = np.where(first[:-1] > 0, depth[np.maximum(first[:-1] - 1, 0)], 0)
    depth -= np.repeat(before, np.diff(first))
    return depth


def pairs(opens: Flags, closes: Flags, first: Ints, file: Ints) -> tuple[Ints, Ints]:
    """Where each opening token is closed. What is not closed, or not opened, is left out."""
    at = np.flatnonzero(opens | closes)
    is_open = opens[at]
    level = depth_of(opens, closes, first)[at] + ~is_open  # an opening and its closing token have the same
    if not len(at):
        return at, at
    level -= level.min()
    order = np.argsort(file[at] * (int(level.max()) + 1) + level, kind="stable")
    at, is_open, level = at[order], is_open[order], level[order]
    # On one level openings and closings take turns.
    same = (level[1:] == level[:-1]) & (file[at[1:]] == file[at[:-1]]) & is_open[:-1] & ~is_open[1:]
    found = np.flatnonzero(same)
    return at[found], at[found + 1]


class Lines:
    """Where the lines of several files begin, as places in all their bytes, which stand one after the other.

    text    these bytes
    base    where each file begins
    begins  where each line begins, ascending; the line after the end of a file is one as well
    """

    __slots__ = ("base", "begins", "text")

    def __init__(self, files: Sequence[bytes]) -> None:
        self.text = np.frombuffer(b"".join(files), np.uint8)
        self.base = np.cumsum([0, *map(len, files)])[:-1]
        self.begins = np.sort(np.concatenate([self.base, np.flatnonzero(self.text == 10) + 1]))

    def numbers(self, file: Ints, offset: Ints) -> Ints:
        """The lines of some offsets in some files, counted from 1."""
        at = np.searchsorted(self.begins, self.base[file] + offset, "right")
        before: Ints = np.searchsorted(self.begins, self.base, "right") - 1
        return at - before[file]


def line_starts(batch: Batch, files: Sequence[bytes]) -> tuple[Flags, Ints]:
    """Which tokens are the first of their line, and (only for these) their column, tabs counted as 8."""
    first = np.zeros(len(batch.start), dtype=bool)
    column = np.zeros(len(batch.start), dtype=np.int64)
    lines = Lines(files)
    starts = batch.start + np.repeat(lines.base, np.diff(batch.first))
    at = np.searchsorted(starts, lines.begins)
    at = at[at < len(starts)]
    if not len(at):
        return first, column
    last = np.append(at[1:] != at[:-1], True)  # several lines lead to one token: the last is its own
    tokens = at[last]
    begins = lines.begins[: len(at)][last]
    first[tokens] = True
    column[tokens] = starts[tokens] - begins
    tabs = np.flatnonzero(lines.text == 9)
    if len(tabs):
        column[tokens] += 7 * (np.searchsorted(tabs, starts[tokens]) - np.searchsorted(tabs, begins))
    return first, column
