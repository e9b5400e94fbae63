"""The functions and blocks of many files, laid out so that they can be compared with each other."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.arrays import ranges
from gates.checks.copypaste.boundaries import BLOCK, FUNCTION, blocks_of_batch
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.layout import Lines
from gates.checks.copypaste.noise import noisy_tokens
from gates.checks.copypaste.reading import CHANGED, OLD
from gates.checks.copypaste.tokens import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Names = NDArray[np.uint32]
    Flags = NDArray[np.bool_]

__all__ = ["Functions", "asking_ones", "fresh_ones", "functions_of"]


class Functions:
    """Functions, and blocks outside of functions, as arrays of one length, and the row of all their tokens.

    file          number of the file
    first, last   its first and last token, as positions in the tokens of the file
    lines         its first and last line; two for each
    length        how many tokens it has
    offset        where its tokens begin in the row; one more than there are functions
    blind, exact  the names of the tokens in the row, 32 bits of each
    """

    __slots__ = ("_shapes", "blind", "exact", "file", "first", "last", "length", "lines", "offset")

    def __init__(self, file: Ints, first: Ints, last: Ints, lines: Ints, blind: Names, exact: Names) -> None:
        self.file = file
        self.first = first
        self.last = last
        self.lines = lines
        self.blind = blind
        self.exact = exact
        self._shapes: NDArray[Any] | None = None
        self.length = last - first + 1
        self.offset = np.concatenate([[0], np.cumsum(self.length)]).astype(np.int64)

    def __len__(self) -> int:
        return len(self.file)

    def part(self, number: int) -> slice:
        """Where the tokens of one function are in the row."""
        return slice(int(self.offset[number]), int(self.offset[number + 1]))

    @property
    def shapes(self) -> NDArray[Any]:
        """The blind names as small numbers, which are quicker to compare: there are few different ones."""
        if self._shapes is None:
            self._shapes = _small(self.blind)
        return self._shapes

    def text(self, number: int) -> bytes:
        """The tokens of one function, to be compared."""
        return self.exact[self.part(number)].tobytes()

    @classmethod
    def joined(cls, parts: Sequence[Functions], file_counts: Sequence[int]) -> Functions:
        """Those of several parts; the files of a part come after those of the parts before it."""
        if not parts:
            none, names = np.zeros(0, np.int64), np.zeros(0, np.uint32)
            return cls(none, none, none, none.reshape(0, 2), names, names)
        before = np.cumsum([0, *file_counts])
        return cls(
            np.concatenate([part.file + first for part, first in zip(parts, before, strict=False)]),
            np.concatenate([part.first for part in parts]),
            np.concatenate([part.last for part in parts]),
            np.concatenate([part.lines for part in parts]),
            np.concatenate([part.blind for part in parts]),
            np.concatenate([part.exact for part in parts]),
        )

    def by_file(self, place: Ints) -> Functions:
        """The same in another order of files: `place` is the new number of each."""
        file = place[self.file]
        order = np.argsort(file, kind="stable")
        found = self.only(order)
        found.file = file[order]
        return found

    def only(self, numbers: Ints) -> Functions:
        """Some of them, in this order."""
        at = ranges(self.offset[numbers], self.length[numbers])
        columns = (self.file[numbers], self.first[numbers], self.last[numbers], self.lines[numbers])
        return Functions(*columns, self.blind[at], self.exact[at])


def _small(names: Names) -> NDArray[Any]:
    """Other numbers for some names, as small as they can be."""
    upper = (names >> np.uint32(16)).astype(np.uint16)
    some = np.zeros(1 << 16, np.uint32)
    some[upper] = names
    if not np.array_equal(some[upper], names):  # two of them have the same upper half
        return np.unique(names, return_inverse=True)[1].astype(np.uint32)
    number = np.cumsum(np.bincount(upper, minlength=1 << 16) > 0) - 1
    small: NDArray[Any] = number.astype(np.uint8 if number[-1] < 1 << 8 else np.uint16)[upper]
    return small


def fresh_ones(functions: Functions, names: Sequence[tuple[str, str]]) -> Flags:
    """Which are in a changed file, and none that is equal was in an old one. `names` are path and side of the files."""
    old, changed = (np.array([side == of for _, side in names], bool)[functions.file] for of in (OLD, CHANGED))
    before = {functions.text(number) for number in np.flatnonzero(old).tolist()}
    result = np.zeros(len(functions), bool)
    for number in np.flatnonzero(changed).tolist():
        result[number] = functions.text(number) not in before
    return result


def asking_ones(functions: Functions, names: Sequence[tuple[str, str]], marked: Collection[str]) -> Flags:
    """Which a change brings or edits, and which are in changed files with a comment that may be about them."""
    commented = np.array([side == CHANGED and path in marked for path, side in names], bool)
    asking: Flags = fresh_ones(functions, names) | commented[functions.file]
    return asking


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
    alone = np.flatnonzero((kind == BLOCK) & outside)
    if len(alone):  # such as a condition around imports
        before = np.append(0, np.cumsum(noisy_tokens(batch, files, language)))
        noisy = before[last[alone] + 1] - before[first[alone]]
        alone = alone[2 * noisy < last[alone] - first[alone] + 1]
    taken = is_function
    taken[alone] = True
    first, last = first[taken], last[taken]
    at = ranges(first, last - first + 1)
    file = np.searchsorted(batch.first, first, "right") - 1
    begins = batch.first[file]
    lines = Lines(files)
    ends = [lines.numbers(file, batch.start[tokens]) for tokens in (first, last)]
    halves = [(names[at] >> np.uint64(32)).astype(np.uint32) for names in (blind, batch.exact)]
    return Functions(file, first - begins, last - begins, np.stack(ends, axis=1), *halves)
