"""Which pieces of code are worth comparing: a sample of n-grams that every long enough copy shares with its original.

Of every run of neighbouring n-grams the one with the smallest hash is chosen (winnowing: Schleimer, Wilkerson and
Aiken 2003). Two equal pieces of `min_tokens` tokens have their smallest n-gram in common, and it is chosen in both. So
a piece whose smallest n-gram is chosen nowhere else has no copy, which leaves a few percent of the code to compare.
"""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["candidates", "choose", "gram_length", "spread"]


def gram_length(min_tokens: int, *, renamed: bool = False) -> int:
    """How many tokens an n-gram has. Without names, short ones occur everywhere."""
    return max(1, min_tokens * 3 // 4 if renamed else min_tokens // 2)


def choose(
    names: NDArray[np.uint64], first: NDArray[np.int64], min_tokens: int, length: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Positions and hashes of the chosen n-grams of some files.

    names  of all their tokens
    first  index of each file's first token, and one more: the number of all tokens
    length  of an n-gram
    """
    reach = min_tokens - length + 1  # this many n-grams are in `min_tokens` tokens
    if len(names) < min_tokens:
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)
    hashes = np.maximum(_gram_hashes(names, length), np.uint32(1))
    low = _over_runs(np.minimum, hashes, reach)
    _close(low, first, min_tokens)
    # Chosen is what is the smallest of one of its runs: as large as the largest of their smallest.
    edge = np.zeros(reach - 1, np.uint32)
    high = _over_runs(np.maximum, np.concatenate([edge, low, edge]), reach)
    chosen = np.flatnonzero(hashes == high)
    return chosen, hashes[chosen]


def candidates(
    places: NDArray[np.int64], hashes: NDArray[np.uint32], repeated: NDArray[np.bool_], min_tokens: int, length: int
) -> NDArray[np.int64]:
    """Where pieces of `min_tokens` tokens begin that may have a copy, in ascending order.

    places, hashes  the chosen n-grams of the files, by place; files are at least `min_tokens` apart
    repeated        whether each is chosen elsewhere too
    length          of an n-gram
    """
    reach = min_tokens - length + 1
    before = np.concatenate([[False], hashes[:-1] < hashes[1:]])
    after = np.concatenate([hashes[1:] < hashes[:-1], [False]])
    start = places - (reach - 1)
    start = np.where(before, np.maximum(start, np.roll(places, 1) + 1), start)
    end = np.where(after, np.minimum(places, np.roll(places, -1) - reach), places)
    kept = repeated & (start <= end)
    return spread(start[kept], end[kept])


def spread(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers in some ranges (both ends included, starts ascending), each once, in ascending order."""
    if not len(start):
        return np.zeros(0, np.int64)
    reached = np.maximum.accumulate(end)
    start = start.copy()
    start[1:] = np.maximum(start[1:], reached[:-1] + 1)
    count = np.maximum(reached - start + 1, 0)
    offset = np.cumsum(count) - count
    result: NDArray[np.int64] = np.arange(count.sum()) + np.repeat(start - offset, count)
    return result


def _gram_hashes(names: NDArray[np.uint64], length: int) -> NDArray[np.uint32]:
    """A hash of each `length` neighbouring names, by doubling."""
    hashes = (names >> np.uint64(32)).astype(np.uint32)
    done = 1
    while done < length:
        step = min(done, length - done)
        joined = hashes[: len(hashes) - step] * np.uint32(0x9E3779B1)
        joined ^= joined >> np.uint32(15)
        joined += hashes[step:]
        hashes = joined
        done += step
    hashes = hashes * np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    return hashes


def _close(low: NDArray[np.uint32], first: NDArray[np.int64], min_tokens: int) -> None:
    """Take out the runs that reach from one file into the next, so that a file's choice is its own."""
    edges = (first[1:-1, None] - np.arange(1, min_tokens)).ravel()
    low[edges[(edges >= 0) & (edges < len(low))]] = 0


def _over_runs(function: np.ufunc, values: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    """`function` (minimum or maximum) of each `length` neighbouring values, by doubling."""
    done = 1
    while done < length:
        step = min(done, length - done)
        values = function(values[: len(values) - step], values[step:])
        done += step
    return values
