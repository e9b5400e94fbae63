"""Edited copies: functions of which most is equal, though statements were inserted, deleted or changed.

Pairs that may be copies share rows of tokens. They are found by sorting, since comparing everything with everything
would cost the square of the code; then each pair is compared token by token.
"""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

    Ints = NDArray[np.int64]

__all__ = ["SIMILARITY", "Family", "common_tokens", "edited_copies", "least_tokens", "similarity"]

SIMILARITY = 0.7
"""How similar edited copies are at least, see `similarity`. Measured: docs/explanation/clone-quality.md."""

ROW = 10
"""Tokens in a row that pairs are found by, names and literals apart."""

SHARED = 3
SHARE = 0.05
"""So many rows, and this share of the shorter one's rows, must be common to a pair for it to be looked at."""

NEIGHBOURS = 24
"""Functions with one and the same row are paired with so many others of about their length, not with all of them."""

PATIENCE = 6
"""After so many comparisons in a row that came to nothing, the likeliest first, a function is taken to have no copy."""

LIKELY = 0.93
"""Rows of three blind names and of two exact ones that a pair has in common, as shares of their length, together.
Of the pairs that are similar enough, 99 in 100 have more."""

CHUNK = 1 << 14

_ROW_BITS = np.uint64(40)
_ROW_MASK = np.uint64((1 << 40) - 1)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Family:
    """A function and those that are edited copies of it.

    members     numbers of the functions, the one that all others are compared with first
    similarity  of each with the first (1.0 for itself)
    """

    __slots__ = ("members", "similarity")

    def __init__(self, members: list[int], similarity: list[float]) -> None:
        self.members = members
        self.similarity = similarity


def least_tokens(min_tokens: int, similar: float = SIMILARITY) -> int:
    """The length of the shortest function that can be an edited copy of one of `min_tokens` tokens."""
    return max(ROW + SHARED, int(min_tokens * _ratio(similar)))


def edited_copies(functions: Functions, min_tokens: int, similar: float = SIMILARITY) -> list[Family]:
    """The families of edited copies, and of those that are equal but for names and literals, whatever these are.

    Every function that has a copy is in a family, and may be in several; but two functions that are in families of
    others already are not compared with each other any more.
    """
    groups = {group[0]: group for group in _equal_ones(functions)}
    chosen = np.array(list(groups), np.int64)
    chosen = chosen[np.lexsort((chosen, functions.length[chosen]))]  # by length, so that neighbours are similar in it
    near = _likely(functions, chosen, min_tokens, similar)
    families = []
    taken: set[int] = set()
    for center in sorted(near, key=lambda number: (-len(near[number]), number)):
        if center in taken:
            continue
        members = list(_members(functions, center, near[center], similar))
        if len(members) > 1:
            taken.update(number for number, _ in members)
            families.append(_family(functions, members, groups, similar))
    for first, group in groups.items():
        if first not in taken and len(group) > 1 and functions.length[first] >= min_tokens:
            families.append(_family(functions, [(first, 1.0)], groups, similar))
    return [family for family in families if len(family.members) > 1]


def _members(functions: Functions, center: int, others: list[int], similar: float) -> Iterator[tuple[int, float]]:
    """A function and those of some others that are similar to it, with how much they are."""
    yield center, 1.0
    failed = 0
    for other in others:
        value = _verified(functions, center, other, similar)
        if value:
            failed = 0
            yield other, value
        else:
            failed += 1
            if failed == PATIENCE:
                return


def _family(
    functions: Functions, members: list[tuple[int, float]], groups: dict[int, list[int]], similar: float
) -> Family:
    """The members, and what is equal to one of them but for names and still similar enough to the first."""
    center = members[0][0]
    found = []
    for number, value in members:
        found.append((number, value))
        for twin in groups[number][1:]:
            value = _verified(functions, center, twin, similar)
            if value:
                found.append((twin, value))
    return Family([number for number, _ in found], [value for _, value in found])


def similarity(blind: tuple[Sequence[int], Sequence[int]], exact: tuple[Sequence[int], Sequence[int]]) -> float:
    """How similar two rows of tokens are, from 0 to 1: the share of the tokens of both that they have in common.

    A token that differs only in its name or its value counts half.
    """
    total = 2 * (len(blind[0]) + len(blind[1]))
    return 2 * (common_tokens(*blind) + common_tokens(*exact)) / total if total else 1.0


def common_tokens(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of the longest common subsequence, in as many steps as `other` is long.

    Bit i of `row` is 0 where the subsequence grows at token i of `one` (Hyyrö's bit-parallel form).
    """
    places: dict[int, int] = {}
    for number, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << number
    every = (1 << len(one)) - 1
    row = every
    for token in other:
        here = places.get(token)
        if here is not None:
            matched = row & here
            row = ((row + matched) | (row - matched)) & every
    return len(one) - row.bit_count()


def _ratio(similar: float) -> float:
    """The share of the longer one's length that the shorter one has at least."""
    return similar / (2 - similar)


def _equal_ones(functions: Functions) -> list[list[int]]:
    """The functions, those together that are equal but for names and literals."""
    data = functions.blind.tobytes()
    bounds = (functions.offset * 4).tolist()
    found: dict[bytes, list[int]] = {}
    for number in range(len(functions)):
        found.setdefault(data[bounds[number] : bounds[number + 1]], []).append(number)
    return list(found.values())


def _likely(functions: Functions, chosen: Ints, min_tokens: int, similar: float) -> dict[int, list[int]]:
    """For each of the chosen functions those that are likely to be similar, the likeliest first."""
    owner, row = _rows(functions, chosen)
    one, other = _pairs(owner, row, functions.length[chosen], _ratio(similar))
    fits = functions.length[chosen[other]] >= min_tokens
    one, other = chosen[one[fits]], chosen[other[fits]]
    may = _common_share(functions, one, other, ((1, 64), (1, 256))) >= 2 * similar
    one, other = one[may], other[may]
    likely = _common_share(functions, one, other, ((3, 256), (2, 256)))
    order = np.lexsort((other, one, -likely))
    order = order[likely[order] >= LIKELY]
    found: dict[int, list[int]] = {}
    for left, right in zip(one[order].tolist(), other[order].tolist(), strict=True):
        found.setdefault(left, []).append(right)
        found.setdefault(right, []).append(left)
    return found


def _rows(functions: Functions, chosen: Ints) -> tuple[Ints, NDArray[np.uint64]]:
    """The rows of ROW tokens of each chosen function, each once: numbers into `chosen`, and what the row is."""
    names = functions.blind.astype(np.uint64)
    hashes = names[: max(0, len(names) - ROW + 1)].copy()
    for distance in range(1, ROW):
        hashes *= np.uint64(0x100000001B3)
        hashes += names[distance : distance + len(hashes)]
    hashes *= _MIX
    count = np.maximum(functions.length[chosen] - ROW + 1, 0)
    owner = np.repeat(np.arange(len(chosen)), count)
    at = np.arange(int(count.sum())) + np.repeat(functions.offset[chosen] - np.cumsum(count) + count, count)
    both = owner.astype(np.uint64) << _ROW_BITS | hashes[at] >> np.uint64(24)
    both.sort()
    both = both[np.append(True, both[1:] != both[:-1])] if len(both) else both
    return (both >> _ROW_BITS).astype(np.int64), both & _ROW_MASK


def _pairs(owner: Ints, row: NDArray[np.uint64], length: Ints, ratio: float) -> tuple[Ints, Ints]:
    """Pairs that share enough rows, the shorter one first. Owners are numbered by their length."""
    count = len(length)
    rows = np.bincount(owner, minlength=count)
    order = np.argsort(row, kind="stable")
    row, owner = row[order], owner[order]
    keys = [np.zeros(0, np.int64)]
    active = np.arange(len(row))
    for distance in range(1, NEIGHBOURS + 1):
        active = active[active + distance < len(row)]
        active = active[row[active] == row[active + distance]]
        one, other = owner[active], owner[active + distance]
        near = length[one] >= ratio * length[other]
        active = active[near]  # those that are further away are longer still
        keys.append(one[near] * count + other[near])
    found, shared = np.unique(np.concatenate(keys), return_counts=True)
    one, other = found // max(count, 1), found % max(count, 1)
    enough = shared >= np.maximum(SHARED, SHARE * rows[one])
    return one[enough], other[enough]


def _common_share(
    functions: Functions, one: Ints, other: Ints, rows: tuple[tuple[int, int], tuple[int, int]]
) -> NDArray[np.float64]:
    """What pairs have in common if the order did not matter, as two shares that are added: a bound that is cheap.

    rows  for the blind and for the exact names: how many of them in a row count, and into how many counters
    """
    length = functions.length
    share = np.zeros(len(one))
    for names, (size, counters) in zip((functions.blind, functions.exact), rows, strict=True):
        table = _counters(functions, names, size, counters)
        for begin in range(0, len(one), CHUNK):
            part = slice(begin, begin + CHUNK)
            left, right = one[part], other[part]
            common = np.minimum(table[left], table[right]).sum(axis=1, dtype=np.int64)
            share[part] += 2 * common / (length[left] + length[right])
    return share


def _counters(functions: Functions, names: NDArray[np.uint32], size: int, counters: int) -> NDArray[np.uint8]:
    """For each function how many of its rows of `size` names fall into each of some counters."""
    rows = names.copy()
    for distance in range(1, size):
        rows[:-distance] = rows[:-distance] * np.uint32(0x01000193) + names[distance:]
    rows *= np.uint32(0x9E3779B1)
    rows >>= np.uint32(32 - counters.bit_length() + 1)
    number = np.repeat(np.arange(len(functions)) * counters, functions.length)
    number += rows
    counts = np.bincount(number, minlength=len(functions) * counters)
    return np.minimum(counts, 255).astype(np.uint8).reshape(-1, counters)


def _verified(functions: Functions, left: int, right: int, similar: float) -> float:
    """How similar two functions are, token by token; 0.0 when that is less than `similar`."""
    one, other = functions.part(left), functions.part(right)
    total = int(functions.length[left] + functions.length[right])
    common = _common(functions.blind[one], functions.blind[other])
    if 2 * common < similar * total:
        return 0.0  # with the names it is not more
    value = (common + _common(functions.exact[one], functions.exact[other])) / total
    return value if value >= similar else 0.0


def _common(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> int:
    """Their common tokens. What is equal at both ends needs no search."""
    shorter = min(len(one), len(other))
    differs = np.flatnonzero(one[:shorter] != other[:shorter])
    if not len(differs):
        return shorter
    head = int(differs[0])
    rest = shorter - head
    differs = np.flatnonzero(one[len(one) - rest :] != other[len(other) - rest :])
    tail = rest - 1 - int(differs[-1]) if len(differs) else rest
    return head + tail + common_tokens(one[head : len(one) - tail].tolist(), other[head : len(other) - tail].tolist())
