"""Classes of equal pieces in a long row of token names, as long as they can be.

The row is cut into *atoms*: stretches whose pieces occur together wherever they occur. Atoms of one type are equal. A
class is an atom type with all that stands around it in every one of its places.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.arrays import in_order, order_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Repeat", "repeats", "window_hashes"]

_FACTOR = 0x9E3779B97F4A7C15
_INVERSE = pow(_FACTOR, -1, 1 << 64)


class Repeat:
    """Equal pieces: where each begins (ascending), and how many tokens they have.

    renamed  whether they are equal only as far as their names and literals do not count
    """

    __slots__ = ("places", "renamed", "tokens")

    def __init__(self, places: list[int], tokens: int, renamed: bool = False) -> None:
        self.places = places
        self.tokens = tokens
        self.renamed = renamed


def window_hashes(names: NDArray[np.uint64], windows: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
    """A hash of the `length` names from each of `windows` (ascending) on."""
    if not len(windows):
        return np.zeros(0, np.uint64)
    # Only the stretches that the windows cover are hashed, by sums from their beginning.
    jump = np.flatnonzero(np.diff(windows, prepend=windows[0] - length - 1) > length)
    size = np.append(windows[jump[1:] - 1], windows[-1]) - windows[jump] + length
    offset = np.cumsum(size) - size
    shift = offset - windows[jump]
    source = np.arange(size.sum()) - np.repeat(shift, size)
    places = windows + np.repeat(shift, np.diff(np.append(jump, len(windows))))
    powers = _powers(_FACTOR, len(source))
    sums = np.zeros(len(source) + 1, np.uint64)
    np.cumsum(names[source] * powers, out=sums[1:])
    hashes = (sums[places + length] - sums[places]) * _powers(_INVERSE, len(source))[places]
    hashes ^= hashes >> np.uint64(31)
    return hashes * np.uint64(_FACTOR)


def _powers(factor: int, count: int) -> NDArray[np.uint64]:
    """1, factor, factor², ... modulo 2^64, by doubling."""
    powers = np.ones(max(count, 1), np.uint64)
    done = 1
    while done < count:
        more = min(done, count - done)
        powers[done : done + more] = powers[:more] * np.uint64(pow(factor, done, 1 << 64))
        done += more
    return powers


def repeats(
    places: NDArray[np.int64], hashes: NDArray[np.uint64], length: int, *, renamed: bool = False
) -> list[Repeat]:
    """The classes of equal pieces of at least `length` tokens.

    places   where the windows of `length` tokens begin that may have an equal one, ascending
    hashes   of these windows: equal windows have equal hashes
    renamed  see `Repeat`
    """
    places, labels = _repeated(places, hashes)
    unrolled = _unrolled(places, labels, length)
    if unrolled is not labels:
        places, labels = _repeated(places, unrolled.astype(np.uint64))
    if not len(places):
        return []
    return _grown(*_atoms(places, labels), length, renamed)


def _repeated(places: NDArray[np.int64], values: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of windows that occur more than once, and a number for each of their values."""
    order, ordered = in_order(values)
    same = ordered[1:] == ordered[:-1]
    first = np.append(True, ~same)[: len(values)]
    again = ~first
    again[:-1] |= same
    labels = np.full(len(values), -1)
    labels[order[again]] = np.cumsum(first[again]) - 1
    kept = np.flatnonzero(labels >= 0)
    return places[kept], labels[kept]


def _unrolled(places: NDArray[np.int64], labels: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Other labels for windows that overlap an equal one, as in the rows of a table: with the number of the row.

    Two tables are compared row by row from their beginning; otherwise every row would be a copy of every other.
    """
    if not len(places):
        return labels
    order = order_of(labels)
    step = np.diff(places[order])
    close = (np.diff(labels[order]) == 0) & (step < length)
    period = np.zeros(len(places), np.int64)
    period[order[1:][close]] = step[close]
    period[order[:-1][close]] = step[close]
    if not close.any():
        return labels
    changes = (np.diff(places) != 1) | (np.diff(period) != 0)
    start = np.append(0, np.flatnonzero(changes) + 1)
    stretch = np.cumsum(np.append(False, changes))
    least = np.minimum.reduceat(labels, start)[stretch]  # equal tables begin to count at the same window
    at_least = np.where(labels == least, places, places[-1])
    anchor = np.minimum.reduceat(at_least, start)[stretch]
    row = np.where(period > 0, (places - anchor) // np.maximum(period, 1) + length, 0)
    return labels * (int(row.max()) + 1) + row


def _atoms(
    places: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The atoms: where each begins, how many windows it has, and its type."""
    count = np.bincount(labels)
    adjacent = np.append(np.diff(places) == 1, False)
    following = np.where(adjacent, np.append(labels[1:], 0), -1)
    first = np.zeros(len(count), np.int64)
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    expected = following[first]  # of each label: what follows it at its first place
    same = np.bincount(labels, (following == expected[labels]) & (following >= 0), len(count))
    linked = (same == count) & (count[np.maximum(expected, 0)] == count)
    start = np.flatnonzero(~np.concatenate([[False], (adjacent & linked[labels])[:-1]]))
    windows = np.diff(np.append(start, len(places)))
    return places[start], windows, labels[start]


def _grown(
    begin: NDArray[np.int64], windows: NDArray[np.int64], types: NDArray[np.int64], length: int, renamed: bool
) -> list[Repeat]:
    """For each atom type the longest pieces that hold it in all its places."""
    atoms = _Row(begin, windows, types)
    starts, sizes = begin.tolist(), windows.tolist()
    done = bytearray(len(atoms.counts))
    found = []
    for kind in atoms.in_order:
        if done[kind]:
            continue
        left, right = atoms.walk(kind, -1, done), atoms.walk(kind, 1, done)
        members = atoms.members(kind)
        first, last = int(members[0]) - left, int(members[0]) + right
        tokens = starts[last] + sizes[last] + length - 1 - starts[first]
        found.append(Repeat(begin[members - left].tolist(), tokens, renamed))
    return found


class _Row:
    """The atoms in their row, and what stands beside those of each type.

    counts    how many atoms each type has
    in_order  the types that occur, by their first atom
    """

    __slots__ = ("_bounds", "_order", "_sides", "counts", "in_order")

    def __init__(self, begin: NDArray[np.int64], windows: NDArray[np.int64], types: NDArray[np.int64]) -> None:
        self._order = order = order_of(types)
        counts = np.bincount(types)
        self.counts: list[int] = counts.tolist()
        bounds = np.append(0, np.cumsum(counts))
        self._bounds: list[int] = bounds.tolist()
        kinds = np.flatnonzero(counts)
        joined = begin[:-1] + windows[:-1] == begin[1:]
        self._sides = {}
        for step in (-1, 1):
            beside = np.full(len(types), -1)
            if step > 0:
                beside[:-1][joined] = types[1:][joined]
            else:
                beside[1:][joined] = types[:-1][joined]
            ordered = beside[order]
            least, most = (function.reduceat(ordered, bounds[kinds]) for function in (np.minimum, np.maximum))
            common = np.full(len(counts), -1)
            common[kinds] = np.where(least == most, least, -1)
            self._sides[step] = (beside, common.tolist())
        self.in_order: list[int] = kinds[np.argsort(order[bounds[kinds]])].tolist()

    def members(self, kind: int) -> NDArray[np.int64]:
        """The atoms of a type, ascending."""
        return self._order[self._bounds[kind] : self._bounds[kind + 1]]

    def walk(self, kind: int, step: int, done: bytearray) -> int:
        """How many atoms on, in the direction of `step`, all atoms of a type have the same neighbours.

        A neighbour that occurs as often as they do is in the same class, and need not be grown again.
        """
        beside, common = self._sides[step]
        counts, wanted = self.counts, self.counts[kind]
        way, at = 0, kind
        while True:
            if counts[at] == wanted:  # they are all of their type
                at = common[at]
            else:
                neighbours = beside[self.members(kind) + way * step]
                at = int(neighbours[0])
                if (neighbours != at).any():
                    at = -1
            if at < 0:
                return way
            way += 1
            if counts[at] == wanted:
                done[at] = 1
