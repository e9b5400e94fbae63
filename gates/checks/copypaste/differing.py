"""What a change may have copied, or taken from a copy: only that is looked up in the index.

Copies that a change brings have pieces that occur more often than before, and the twins of what it edits have pieces
that occur less often. A file that has nothing in common with either cannot matter.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.arrays import numbered
from gates.checks.copypaste.match import window_hashes
from gates.checks.copypaste.reading import CHANGED, OLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gates.checks.copypaste.part import Part

    Flags = NDArray[np.bool_]

__all__ = ["differing_grams"]


def differing_grams(part: Part) -> NDArray[np.uint32]:
    """The chosen n-grams of the files of a change that are in, or near, pieces which occur more or less often now.

    Near, because such a piece is told by how much of it, and of what is around it, had copies before. All of a changed
    file count if there is a comment in it that may be about a copy: its n-grams tell whether it still is.
    """
    length = part.wanted.min_tokens
    files = [file for file in part.chosen() if file.source.side in (CHANGED, OLD) and len(file.names) >= length]
    windows = [window_hashes(file.names, np.arange(len(file.names) - length + 1), length) for file in files]
    found = [np.zeros(0, np.uint32)]
    for file, differs in zip(files, _differs([file.source.side == OLD for file in files], windows), strict=True):
        if file.source.side == CHANGED and file.source.path in part.reader.marked:
            differs[:] = True
        found.append(file.hashes[_near(differs, length)[file.places]])
    return np.concatenate(found)


def _differs(old: list[bool], windows: list[NDArray[np.uint64]]) -> list[Flags]:
    """Which pieces of each file occur more often among the new files than among the old ones; of old files, less."""
    if not windows:
        return []
    numbers, count = numbered(np.concatenate(windows))
    parts = np.split(numbers, np.cumsum([len(each) for each in windows])[:-1])
    surplus = np.zeros(count, np.int64)
    for is_old, part in zip(old, parts, strict=True):
        surplus += np.bincount(part, minlength=count) * (-1 if is_old else 1)
    return [surplus[part] < 0 if is_old else surplus[part] > 0 for is_old, part in zip(old, parts, strict=True)]


def _near(differs: Flags, length: int) -> Flags:
    """Which tokens are in such a piece, or not further from one than it is long."""
    steps = np.zeros(len(differs) + 3 * length, np.int64)
    at = np.flatnonzero(differs)
    np.add.at(steps, at, 1)
    np.add.at(steps, at + 3 * length, -1)
    near: Flags = np.cumsum(steps)[length : length + len(differs) + length - 1] > 0
    return near
