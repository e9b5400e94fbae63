"""How many tokens two rows of tokens have in common, in their order: the longest common subsequence.

Bit i of a row of bits is 0 where the subsequence grows at token i of the one; a token of the other takes one step for
all of them (Hyyrö's form of the algorithm of Crochemore and others). Short pairs are done many at a time with numpy,
long ones each by itself with Python's long numbers.
"""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

    Ints = NDArray[np.int64]
    Names = NDArray[Any]

__all__ = ["common_of_pairs", "common_tokens"]

WORD = 64
"""Tokens in a word of bits."""

FEW = 24
"""Fewer pairs than this for each of their words of bits are quicker done by themselves."""

TOGETHER = 2048
"""Pairs that take their steps together."""

CELLS = 1 << 19
"""Comparisons of two tokens that are held in memory at once."""


def common_tokens(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of the longest common subsequence, in as many steps as `other` is long."""
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


def common_of_pairs(functions: Functions, names: Names, one: Ints, other: Ints) -> Ints:
    """The same for pairs of functions, by `names`: their blind or their exact ones."""
    found = np.zeros(len(one), np.int64)
    length = functions.length
    one, other = np.where(length[one] <= length[other], (one, other), (other, one))
    words = -(-length[one] // WORD)
    order = np.lexsort((-length[other], words))
    words = words[order]
    low = 0
    while low < len(order):
        high = low + int(np.searchsorted(words[low : low + TOGETHER], words[low], "right"))
        pairs, left, right = order[low:high], one[order[low:high]], other[order[low:high]]
        if len(pairs) < FEW * words[low]:
            for pair, mine, theirs in zip(pairs.tolist(), left.tolist(), right.tolist(), strict=True):
                found[pair] = _alone(names[functions.part(mine)], names[functions.part(theirs)])
        else:
            found[pairs] = _together(functions, names, left, right, int(words[low]))
        low = high
    return found


def _alone(one: Names, other: Names) -> int:
    """What is equal at both ends needs no search."""
    shorter = min(len(one), len(other))
    differs = np.flatnonzero(one[:shorter] != other[:shorter])
    if not len(differs):
        return shorter
    head = int(differs[0])
    rest = shorter - head
    differs = np.flatnonzero(one[len(one) - rest :] != other[len(other) - rest :])
    tail = rest - 1 - int(differs[-1]) if len(differs) else rest
    return head + tail + common_tokens(one[head : len(one) - tail].tolist(), other[head : len(other) - tail].tolist())


def _together(functions: Functions, names: Names, one: Ints, other: Ints, words: int) -> Ints:
    """For pairs whose `one` has so many words of bits; `other` gets shorter from pair to pair."""
    length = functions.length[one]
    matches = _matches(functions, names, one, other, words)
    rows = np.full((words, len(one)), ~np.uint64(0))
    matched, sums = np.empty(len(one), np.uint64), np.empty(len(one), np.uint64)
    active = np.searchsorted(-functions.length[other], -np.arange(len(matches)))  # the others have no such token
    for step, count in zip(matches, active.tolist(), strict=True):
        carry: NDArray[np.bool_] | None = None
        for row, match in zip(rows[:, :count], step[:, :count], strict=True):
            here, total = matched[:count], sums[:count]
            np.bitwise_and(row, match, out=here)
            np.add(row, here, out=total)
            if words > 1:
                over = total < here
                if carry is not None:
                    total += carry
                    over |= total < carry
                carry = over
            np.bitwise_xor(row, here, out=row)  # where it matched, that is all that is subtracted
            np.bitwise_or(row, total, out=row)
    bits = np.unpackbits(rows.T.copy().astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")
    within = np.arange(WORD * words) < length[:, None]
    common: Ints = length - np.count_nonzero(bits & within, axis=1)
    return common


def _matches(functions: Functions, names: Names, one: Ints, other: Ints, words: int) -> NDArray[np.uint64]:
    """By token of `other`, word and pair: which tokens of `one` are equal to it; garbage after the end of either."""
    begin, length = functions.offset[other], functions.length[other]
    last = max(len(names) - 1, 0)
    own = names[np.minimum(functions.offset[one][:, None] + np.arange(WORD * words), last)]
    matches = np.empty((int(length[0]), words, len(one)), np.uint64)
    low = 0
    while low < len(one):
        longest = int(length[low])
        high = min(len(one), low + max(1, CELLS // max(1, longest * WORD * words)))
        theirs = names[np.minimum(begin[low:high, None] + np.arange(longest), last)]
        equal = own[low:high, None, :] == theirs[:, :, None]
        bits = np.packbits(equal.reshape(-1), bitorder="little").view("<u8")
        matches[:longest, :, low:high] = bits.reshape(high - low, longest, words).transpose(1, 2, 0)
        low = high
    return matches
