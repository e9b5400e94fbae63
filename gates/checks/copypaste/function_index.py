"""Which functions of a tree have which rows of tokens, so that a changed one is compared with those like it.

Half of the rows are kept, chosen by what they are. A function that has little in common with another is not found by
them, and is no copy of it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gates.checks.copypaste.arrays import distinct_pairs, ranges
from gates.checks.copypaste.likely import ROW, SHARE, longest_partner, row_hashes
from gates.checks.copypaste.sampling import spread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

    Ints = NDArray[np.int64]
    Numbers = NDArray[np.uint32]

__all__ = ["FunctionIndex"]

SAMPLED = 2
"""One row of so many is kept."""

MOST = 32
"""So many functions are looked at for a changed one: those with the largest share of rows in common with it."""


class FunctionIndex:
    """The functions of a tree.

    files, lengths  of each function: number of the file, and how many tokens it has
    rows, owners    kept rows, ascending: what the row is, and number of the function
    """

    __slots__ = ("files", "lengths", "owners", "rows")

    def __init__(self, files: Numbers, lengths: Numbers, rows: Numbers, owners: Numbers) -> None:
        self.files = files
        self.lengths = lengths
        self.rows = rows
        self.owners = owners

    @classmethod
    def of(cls, functions: Functions) -> FunctionIndex:
        rows, owners = _kept_rows(functions)
        return cls(functions.file.astype(np.uint32), functions.length.astype(np.uint32), *distinct_pairs(rows, owners))

    def with_files(self, number: Ints) -> FunctionIndex:
        """The same with other numbers for the files, and without those of files whose number is -1."""
        files = number[self.files]
        kept = files >= 0
        renumbered = (np.cumsum(kept) - 1).astype(np.uint32)
        left = kept[self.owners]
        rows, owners = self.rows[left], renumbered[self.owners[left]]
        return FunctionIndex(files[kept].astype(np.uint32), self.lengths[kept], rows, owners)

    def joined(self, other: FunctionIndex) -> FunctionIndex:
        """The functions of both."""
        owners = np.concatenate([self.owners, other.owners + np.uint32(len(self.files))])
        return FunctionIndex(
            np.concatenate([self.files, other.files]),
            np.concatenate([self.lengths, other.lengths]),
            *distinct_pairs(np.concatenate([self.rows, other.rows]), owners),
        )

    def related(self, functions: Functions, min_tokens: int, similar: float) -> list[int]:
        """The numbers of the files with functions that may be edited copies of some."""
        found: set[int] = set()
        rows, owners = _kept_rows(functions)
        bounds = np.searchsorted(owners, np.arange(len(functions) + 1)).tolist()
        lengths = self.lengths.astype(np.int64)
        longest = longest_partner(lengths, similar)
        for number, (first, last) in enumerate(pairwise(bounds)):
            length = int(functions.length[number])
            shared = self._shared(rows[first:last])
            near = (lengths >= min_tokens) | (length >= min_tokens)
            near &= (longest >= length) & (lengths <= longest_partner(np.array([length]), similar))
            shorter = np.minimum(lengths, length) - ROW + 1
            near &= (shared > 0) & (SAMPLED * shared >= SHARE * shorter)
            likely = np.flatnonzero(near)
            share = shared[likely] / (lengths[likely] + length)
            likely = likely[np.lexsort((likely, -share))[:MOST]]
            found.update(self.files[likely].tolist())
        return sorted(found)

    def _shared(self, rows: Numbers) -> Ints:
        """How many of some rows each function has."""
        low, high = (np.searchsorted(self.rows, rows, side) for side in ("left", "right"))
        known = low < high
        entries = spread(low[known], high[known] - 1)
        return np.bincount(self.owners[entries], minlength=len(self.files))


def _kept_rows(functions: Functions) -> tuple[Numbers, Numbers]:
    """The kept rows of some functions, each once a function: by function, and ascending."""
    hashes = (row_hashes(functions.blind) >> np.uint64(32)).astype(np.uint32)
    count = np.maximum(functions.length - ROW + 1, 0)
    hashes = hashes[ranges(functions.offset[:-1], count)]
    owners = np.repeat(np.arange(len(functions), dtype=np.uint32), count)
    kept = hashes % np.uint32(SAMPLED) == 0
    owners, rows = distinct_pairs(owners[kept], hashes[kept])
    return rows, owners
