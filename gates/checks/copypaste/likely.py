"""Which functions are likely to be edited copies of each other.

Pairs share rows of tokens, which are found by sorting: comparing everything with everything would cost the square of
the code. What is left is compared by counts of short rows, which says nothing certain and costs little.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gates.checks.copypaste.arrays import distinct, is_in, ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

    Ints = NDArray[np.int64]
    Rows = NDArray[np.uint64]

__all__ = [
    "ROW",
    "SHARE",
    "Pairs",
    "estimated_similarity",
    "least_tokens",
    "likely_pairs",
    "longest_partner",
    "row_hashes",
]

ROW = 10
"""Tokens in a row that pairs are found by, names and literals apart."""

SHARED = 3
SHARE = 0.05
"""So many rows, and this share of the shorter one's rows, must be common to a pair for it to be looked at."""

NEIGHBOURS = 24
"""Functions with one and the same row are paired with so many others of about their length, not with all of them."""

ESTIMATE = (0.145, 0.352, 0.302, 1.108)
"""How similar a pair is, estimated: so much, and so much for the share of the exact names and for the share of rows of
three blind names that are common in any order, and for one by the root of all tokens. Fitted to pairs of Python, Java
and JavaScript; it is 0.03 wrong (standard deviation)."""

DOUBT = (0.115, 0.75)
"""A pair is looked at when its estimate is this much, and this share of the similarity that is asked for. Of the pairs
that are similar enough, 995 in 1,000 are looked at, and of the others one in four."""

KEYS = 1 << 18
"""Pairs that are counted in one go, so that the memory is bounded."""

CHUNK = 1 << 14
BLOCK = 1 << 12
"""Pairs, and functions, whose counters are at hand in one go."""

_OWNER_BITS = np.uint64(24)
_OWNERS = np.uint64((1 << 24) - 1)
_ROW_BITS = np.uint64(64 - 40)
_FACTOR = 0x100000001B3
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LOW_BYTES = np.uint64(0x00FF00FF00FF00FF)
_ADD_UP = np.uint64(0x0001000100010001)


class Pairs:
    """Pairs of functions, as arrays of one length.

    one, other  numbers of the functions, the shorter one first
    likely      an estimate of how similar each pair is
    """

    __slots__ = ("likely", "one", "other")

    def __init__(self, one: Ints, other: Ints, likely: NDArray[np.float64]) -> None:
        self.one = one
        self.other = other
        self.likely = likely

    def __len__(self) -> int:
        return len(self.one)


def least_tokens(min_tokens: int, similar: float) -> int:
    """The length of the shortest function that can be an edited copy of one of `min_tokens` tokens."""
    return max(ROW + SHARED, int(min_tokens * similar / (2 - similar)))


def likely_pairs(
    functions: Functions, chosen: Ints, min_tokens: int, similar: float, asking: NDArray[np.bool_] | None
) -> Pairs:
    """The likely pairs among some functions, which are sorted by length.

    asking  of all functions, those of which one must be in every pair; None where all are asked for
    """
    length = functions.length[chosen]
    rows = _rows(functions, chosen)
    asked = None if asking is None else asking[chosen]
    at_one, at_other = _pairs(rows, length, min_tokens, similar, asked)
    one, other = chosen[at_one], chosen[at_other]
    blind = _common_share(functions, functions.blind, one, other, 1, 64)
    may = np.flatnonzero(blind >= similar)
    one, other, blind = one[may], other[may], blind[may]
    exact = _common_share(functions, functions.exact, one, other, 1, 256)
    may = np.flatnonzero(blind + exact >= 2 * similar)
    one, other = one[may], other[may]
    estimate = _estimated(functions, one, other, exact[may])
    may = np.flatnonzero(estimate >= DOUBT[0] + DOUBT[1] * similar)
    return Pairs(one[may], other[may], estimate[may])


def estimated_similarity(functions: Functions, one: Ints, other: Ints) -> NDArray[np.float64]:
    """How similar some pairs are, about."""
    return _estimated(functions, one, other, _common_share(functions, functions.exact, one, other, 1, 256))


def _estimated(functions: Functions, one: Ints, other: Ints, exact: NDArray[np.float64]) -> NDArray[np.float64]:
    """See ESTIMATE; `exact` is the share of the exact names that are common."""
    threes = _common_share(functions, functions.blind, one, other, 3, 256)
    total = functions.length[one] + functions.length[other]
    estimate: NDArray[np.float64] = ESTIMATE[0] + ESTIMATE[1] * exact + ESTIMATE[2] * threes
    estimate += ESTIMATE[3] / np.sqrt(total)
    return estimate


def longest_partner(length: Ints, similar: float) -> Ints:
    """How long the longest function is that can be similar to one of each length."""
    ratio = similar / (2 - similar)
    longest = np.floor(length / ratio).astype(np.int64)
    longest += ratio * (longest + 1) <= length  # what rounding has cost or given
    longest -= ratio * longest > length
    return longest


def rows_needed(rows: Ints) -> NDArray[np.float64]:
    """How many rows a function with so many must share with a longer one."""
    needed: NDArray[np.float64] = np.maximum(SHARED, SHARE * rows)
    return needed


def row_hashes(blind: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """What each row of ROW tokens is, in the upper bits; rows across the ends of functions as well."""
    names = blind.astype(np.uint64)
    two = _doubled(names, 1)
    eight = _doubled(_doubled(two, 2), 4)
    count = max(0, len(names) - ROW + 1)
    hashes = eight[:count] * np.uint64(_FACTOR**2 & (1 << 64) - 1)
    hashes += two[8 : 8 + count]
    hashes *= _MIX
    return hashes


def _doubled(hashes: NDArray[np.uint64], tokens: int) -> NDArray[np.uint64]:
    """Hashes of twice as many tokens."""
    longer = hashes[: max(0, len(hashes) - tokens)] * np.uint64(pow(_FACTOR, tokens, 1 << 64))
    longer += hashes[tokens:]
    return longer


def _rows(functions: Functions, chosen: Ints) -> Rows:
    """The rows of the chosen functions, each once a function: what it is, and below it a number into `chosen`."""
    place = np.full(len(functions), -1)
    place[chosen] = np.arange(len(chosen))
    parts = [np.zeros(0, np.uint64)]
    for low in range(0, len(functions), BLOCK):
        here = slice(int(functions.offset[low]), int(functions.offset[min(low + BLOCK, len(functions))]))
        hashes = row_hashes(functions.blind[here])
        numbers = low + np.flatnonzero(place[low : low + BLOCK] >= 0)
        count = np.maximum(functions.length[numbers] - ROW + 1, 0)
        begin = functions.offset[numbers] - here.start
        part = hashes[ranges(begin, count)] >> _ROW_BITS << _OWNER_BITS
        part |= np.repeat(place[numbers].astype(np.uint64), count)
        parts.append(part)
    return distinct(np.concatenate(parts))


def _pairs(
    rows: Rows, length: Ints, min_tokens: int, similar: float, asked: NDArray[np.bool_] | None
) -> tuple[Ints, Ints]:
    """Pairs that share enough rows, the shorter one first. Owners are numbered by their length."""
    owner = (rows & _OWNERS).astype(np.int32)
    need = rows_needed(np.bincount(owner, minlength=len(length)))
    what = rows >> _OWNER_BITS
    same = what[1:] == what[:-1]
    again = np.append(same, False) | np.append(False, same) if len(rows) else np.zeros(0, bool)
    if asked is not None:
        again &= is_in(what, what[asked[owner]])
    rows, owner = rows[again], owner[again]
    begin, end = _partners(rows, owner, length, min_tokens, similar)
    ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for one, other in _met(owner, begin, end, len(length)):
        first = np.flatnonzero(np.append(True, (other[1:] != other[:-1]) | (one[1:] != one[:-1])))
        shared = np.diff(np.append(first, len(one)))
        first = first[shared >= SHARED]
        one, other, shared = one[first], other[first], shared[shared >= SHARED]
        enough = shared >= need[one]
        if asked is not None:
            enough &= asked[one] | asked[other]
        ones.append(one[enough])
        others.append(other[enough].astype(np.int64))
    return np.concatenate(ones), np.concatenate(others)


def _partners(rows: Rows, owner: NDArray[np.int32], length: Ints, min_tokens: int, similar: float) -> tuple[Ints, Ints]:
    """For each entry of `rows` which of those after it are the same row of its nearest partners: from, and up to."""
    what = rows & ~_OWNERS
    longest = longest_partner(length, similar)
    last = np.searchsorted(length, longest, "right").astype(np.uint64)
    end = np.searchsorted(rows, what | last[owner])
    begin = np.arange(1, len(rows) + 1)
    np.minimum(end, begin + NEIGHBOURS, out=end)
    too_short = np.searchsorted(length, min_tokens)  # one of both has `min_tokens`
    short = np.flatnonzero(owner < too_short)
    begin[short] = np.maximum(begin[short], np.searchsorted(rows, what[short] | np.uint64(too_short)))
    return begin, end


def _met(owner: NDArray[np.int32], begin: Ints, end: Ints, owners: int) -> Iterator[tuple[Ints, NDArray[Any]]]:
    """The owners of entries and of their partners, sorted, of some owners at a time."""
    kind = np.uint16 if owners <= 1 << 16 else np.uint32  # a stable sort of 16 bits is a radix sort
    partner = owner.astype(kind)
    count = np.maximum(end - begin, 0)
    order = np.argsort(partner, kind="stable")
    order = order[count[order] > 0]
    one, begin, count = owner[order].astype(np.int64), begin[order], count[order]
    before = np.append(0, np.cumsum(count))
    edges = np.append(np.flatnonzero(np.append(True, one[1:] != one[:-1])), len(one)) if len(one) else np.zeros(1, int)
    low = 0
    while low + 1 < len(edges):
        high = int(np.searchsorted(before[edges], before[edges[low]] + KEYS, "right")) - 1
        high = max(low + 1, high)
        part = slice(int(edges[low]), int(edges[high]))
        times = count[part]
        at = np.arange(before[part.start], before[part.stop])
        at += np.repeat(begin[part] - before[part.start : part.stop], times)
        other = partner[at]
        bounds = (before[edges[low : high + 1]] - before[part.start]).tolist()
        for first, last in pairwise(bounds):
            other[first:last].sort(kind="stable")
        yield np.repeat(one[part], times), other
        low = high


def _common_share(
    functions: Functions, names: NDArray[np.uint32], one: Ints, other: Ints, size: int, counters: int
) -> NDArray[np.float64]:
    """What pairs would have in common if the order did not matter, as a share: a bound that is cheap.

    size, counters  how many names in a row count, and into how many counters
    """
    share = np.zeros(len(one))
    table = _counters(functions, names, size, counters).view(np.uint64)
    length = functions.length
    for low in range(0, len(one), CHUNK):
        part = slice(low, low + CHUNK)
        left, right = one[part], other[part]
        least = np.minimum(table[left].view(np.uint8), table[right].view(np.uint8)).view(np.uint64)
        # Eight counters are in a word; they are added as four sums of 16 bits, which cannot overflow.
        sums = (least & _LOW_BYTES).sum(axis=1)
        sums += (least >> np.uint64(8) & _LOW_BYTES).sum(axis=1)
        sums = sums * _ADD_UP >> np.uint64(48)
        share[part] = 2 * sums.astype(np.int64) / (length[left] + length[right])
    return share


def _counters(functions: Functions, names: NDArray[np.uint32], size: int, counters: int) -> NDArray[np.uint8]:
    """For each function how many of its rows of `size` names fall into each of some counters."""
    rows = names.copy()
    for distance in range(1, size):
        rows[:-distance] = rows[:-distance] * np.uint32(0x01000193) + names[distance:]
    rows *= np.uint32(0x9E3779B1)
    rows >>= np.uint32(32 - counters.bit_length() + 1)
    table = np.empty((len(functions), counters), np.uint8)
    for low in range(0, len(functions), BLOCK):
        high = min(low + BLOCK, len(functions))
        number = np.repeat(np.arange(high - low) * counters, functions.length[low:high])
        number += rows[functions.offset[low] : functions.offset[high]]
        counts = np.bincount(number, minlength=(high - low) * counters)
        table[low:high] = np.minimum(counts, 255).reshape(-1, counters)
    return table
