"""Classes of equal pieces in a long row of token names, as long as they can be.

The row is cut into *atoms*: stretches whose pieces occur together wherever they occur. Atoms of one type are equal. A
class is an atom type with all that stands around it in every one of its places.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.arrays import numbered, order_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Repeat", "repeats", "window_hashes"]

_FACTOR = 0x9E3779B97F4A7C15
_INVERSE = pow(_FACTOR, -1, 1 << 64)


class Repeat:
    """Equal pieces: where each begins (ascending), and how many tokens they have."""

    __slots__ = ("places", "tokens")

    def __init__(self, places: list[int], tokens: int) -> None:
        self.places = places
        self.tokens = tokens


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


def repeats(places: NDArray[np.int64], hashes: NDArray[np.uint64], length: int) -> list[Repeat]:
    """The classes of equal pieces of at least `length` tokens.

    places  where the windows of `length` tokens begin that may have an equal one, ascending
    hashes  of these windows: equal windows have equal hashes
    """
    places, labels = _repeated(places, hashes)
    places, labels = _repeated(places, _unrolled(places, labels, length))
    if not len(places):
        return []
    return _grown(*_atoms(places, labels), length)


def _repeated(places: NDArray[np.int64], values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of windows that occur more than once, and a number for each of their values."""
    numbers, count = numbered(values)
    again = np.bincount(numbers, minlength=count) > 1
    kept = np.flatnonzero(again[numbers])
    labels = np.cumsum(again) - 1
    return places[kept], labels[numbers[kept]]


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


def _grown(begin: NDArray[np.int64], windows: NDArray[np.int64], types: NDArray[np.int64], length: int) -> list[Repeat]:
    """For each atom type the longest pieces that hold it in all its places."""
    joins = np.append(begin[:-1] + windows[:-1] == begin[1:], False).tolist()
    order = order_of(types)
    groups = np.split(order, np.flatnonzero(np.diff(types[order])) + 1)
    groups.sort(key=lambda group: int(group[0]))
    kinds, starts, sizes = types.tolist(), begin.tolist(), windows.tolist()
    counts = np.bincount(types).tolist()
    done = bytearray(len(counts))
    found = []
    for group in groups:
        members = group.tolist()
        kind = kinds[members[0]]
        if done[kind]:
            continue
        left = _walk(members, -1, kinds, joins, counts, done)
        right = _walk(members, 1, kinds, joins, counts, done)
        last = members[0] + right
        tokens = starts[last] + sizes[last] + length - 1 - starts[members[0] - left]
        found.append(Repeat([starts[member - left] for member in members], tokens))
    return found


def _walk(
    members: list[int], step: int, kinds: list[int], joins: list[bool], counts: list[int], done: bytearray
) -> int:
    """How many atoms on, in the direction of `step`, all members have the same neighbours.

    A neighbour that occurs as often as the members do is in the same class, and need not be grown again.
    """
    way = 0
    while True:
        at = way * step if step > 0 else way * step - 1
        if not all(0 <= member + at < len(joins) and joins[member + at] for member in members):
            return way
        next_kinds = {kinds[member + (way + 1) * step] for member in members}
        if len(next_kinds) > 1:
            return way
        way += 1
        neighbour = next_kinds.pop()
        if counts[neighbour] == len(members):
            done[neighbour] = 1
