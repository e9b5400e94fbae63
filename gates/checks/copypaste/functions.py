"""The functions and blocks of many files, laid out so that they can be compared with each other."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.boundaries import BLOCK, FUNCTION, blocks_of_batch
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.tokens import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Functions", "functions_of"]


class Functions:
    """Functions, and blocks outside of functions, as arrays of one length, and the row of all their tokens.

    file          number of the file
    first, last   its first and last token, as positions in the tokens of the file
    length        how many tokens it has
    offset        where its tokens begin in the row; one more than there are functions
    blind, exact  the names of the tokens in the row, 32 bits of each
    """

    __slots__ = ("blind", "exact", "file", "first", "last", "length", "offset")

    def __init__(
        self,
        file: NDArray[np.int64],
        first: NDArray[np.int64],
        last: NDArray[np.int64],
        blind: NDArray[np.uint32],
        exact: NDArray[np.uint32],
    ) -> None:
        self.file = file
        self.first = first
        self.last = last
        self.blind = blind
        self.exact = exact
        self.length = last - first + 1
        self.offset = np.concatenate([[0], np.cumsum(self.length)]).astype(np.int64)

    def __len__(self) -> int:
        return len(self.file)

    def part(self, number: int) -> slice:
        """Where the tokens of one function are in the row."""
        return slice(int(self.offset[number]), int(self.offset[number + 1]))

    @classmethod
    def joined(cls, parts: Sequence[Functions], file_counts: Sequence[int]) -> Functions:
        """Those of several parts; the files of a part come after those of the parts before it."""
        before = np.concatenate([[0], np.cumsum(file_counts)]).astype(np.int64)
        if not parts:
            empty = np.zeros(0, np.int64)
            return cls(empty, empty, empty, empty.astype(np.uint32), empty.astype(np.uint32))
        return cls(
            np.concatenate([part.file + first for part, first in zip(parts, before, strict=False)]),
            np.concatenate([part.first for part in parts]),
            np.concatenate([part.last for part in parts]),
            np.concatenate([part.blind for part in parts]),
            np.concatenate([part.exact for part in parts]),
        )


def functions_of(
    batch: Batch, blind: NDArray[np.uint64], files: Sequence[bytes], language: Language, least: int
) -> Functions:
    """The functions of a batch of files that have `least` tokens, and so long blocks outside of functions."""
    blocks = blocks_of_batch(batch, files, language)
    kept = blocks.last - blocks.first + 1 >= least
    first, last, kind = blocks.first[kept], blocks.last[kept], blocks.kind[kept]
    is_function = kind == FUNCTION
    # Blocks inside a function are parts of it. Functions come in the order of their beginnings, and nest.
    reached = np.maximum.accumulate(np.where(is_function, last, -1)) if len(last) else last
    outside = np.append(-1, reached[:-1]) < first if len(last) else is_function
    taken = is_function | ((kind == BLOCK) & outside)
    first, last = first[taken], last[taken]
    length = last - first + 1
    total = int(length.sum())
    at = np.arange(total) - np.repeat(np.cumsum(length) - length, length) + np.repeat(first, length)
    file = np.searchsorted(batch.first, first, "right") - 1
    begins = batch.first[file]
    halves = [(names[at] >> np.uint64(32)).astype(np.uint32) for names in (blind, batch.exact)]
    return Functions(file, first - begins, last - begins, *halves)
