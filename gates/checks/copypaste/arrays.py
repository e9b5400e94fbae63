"""Equal values in arrays. `numpy.unique` and `isin` do the same, and import twice as much as a commit has time for."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["distinct", "distinct_pairs", "in_order", "is_in", "numbered", "order_of", "ranges"]


def distinct(values: NDArray[Any], *, least: int = 1) -> NDArray[Any]:
    """The values that occur `least` (1 or 2) times or more, each once, ascending."""
    ordered: NDArray[Any] = np.sort(values)
    if least > 1:
        ordered = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(ordered):
        return ordered
    first: NDArray[np.bool_] = np.append(True, ordered[1:] != ordered[:-1])
    return np.compress(first, ordered)


def distinct_pairs(
    one: NDArray[np.uint32], other: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The pairs of two arrays of one length, each once, by the first and then by the other."""
    both = distinct(one.astype(np.uint64) << np.uint64(32) | other)
    return (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)


def ranges(begin: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of some ranges, one range after the other: so many from each beginning on."""
    before = np.cumsum(count) - count
    numbers: NDArray[np.int64] = np.arange(int(count.sum())) + np.repeat(begin - before, count)
    return numbers


def numbered(values: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """A number for each value, equal for equal values, and how many numbers there are."""
    order, ordered = in_order(values)
    steps = np.zeros(len(values), np.int64)
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:])
    numbers = np.empty(len(values), np.int64)
    numbers[order] = steps
    return numbers, int(steps[-1]) + 1 if len(steps) else 0


def in_order(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """What sorts some values, and the values sorted. Sorting itself is faster than finding what would sort."""
    count = len(values)
    if values.dtype == np.uint64 and count:
        bits = np.uint64(count.bit_length())
        keys = values >> bits << bits
        keys |= np.arange(count, dtype=np.uint64)
        keys.sort()
        order = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
        ordered = values[order]
        keys >>= bits
        if not ((ordered[1:] != ordered[:-1]) & (keys[1:] == keys[:-1])).any():
            return order, ordered  # no two values differ only in the bits that were left out
    order = np.argsort(values)
    return order, values[order]


def is_in(values: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of `values` are among `known`, which is ascending."""
    if not len(known):
        return np.zeros(len(values), bool)
    at = np.searchsorted(known, values)
    found: NDArray[np.bool_] = known[np.minimum(at, len(known) - 1)] == values
    return found


def order_of(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """What sorts some numbers that are not negative, equal ones by their place; much faster than a stable `argsort`."""
    count = len(numbers)
    if count and int(numbers.max()) < (1 << 63) // count:
        return np.sort(numbers * count + np.arange(count)) % count
    return np.argsort(numbers, kind="stable")
