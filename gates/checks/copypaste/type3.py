"""Edited copies: functions of which most is equal, though statements were inserted, deleted or changed.

Pairs that are likely to be copies are compared token by token, many at a time. Every function that has a copy is in a
family: a function, and those that are similar to it.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.alignment import common_of_pairs, common_tokens
from gates.checks.copypaste.arrays import distinct_pairs, ranges
from gates.checks.copypaste.likely import Pairs, estimated_similarity, likely_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["Family", "edited_copies", "similarity"]

PATIENCE = 6
"""After so many comparisons in a row that came to nothing, the likeliest first, a function is taken to have no more
copies."""


ROW = 4
VARIED = 0.6
REPETITIVE = 0.1
"""Code that repeats itself, such as a constructor that sets one field after another, looks like all other such code. As
far as the share of its rows of ROW tokens that are distinct, names apart, is below VARIED, it must be so much more
similar."""


TOGETHER = 64
"""So many of those that are similar to one function are compared with each other; with more the others are a family of
their own, so that the cost stays linear."""


NEAREST = 2
"""So many of those that a function is most similar to are in a family with it."""

SLACK = 0.02
"""Two members of a family, of which neither is the first, may be estimated to be so much less similar."""


class Family:
    """A function and those that are edited copies of it.

    members     numbers of the functions, the one that all others are compared with first
    similarity  of each with the first (1.0 for itself)
    """

    __slots__ = ("members", "similarity")

    def __init__(self, members: list[int], similarity: list[float]) -> None:
        self.members = members
        self.similarity = similarity


def edited_copies(functions: Functions, min_tokens: int, similar: float, asking: Flags | None = None) -> list[Family]:
    """The families of edited copies, and of those that are equal but for names and literals, whatever these are.

    Every function that has a copy is in a family, and may be in several.
    asking  which functions families are wanted of; None for all
    """
    groups = {group[0]: group for group in _equal_ones(functions)}
    if asking is not None:
        asking = asking.copy()
        asking[[first for first, group in groups.items() if asking[group].any()]] = True
    chosen = np.array(list(groups), np.int64)
    chosen = chosen[np.lexsort((chosen, functions.length[chosen]))]  # by length, so that neighbours are similar in it
    near = _Near(functions, likely_pairs(functions, chosen, min_tokens, similar, asking), similar)
    families = _without_covered(near.families())
    families += near.missing(families)
    covered = {number for family in families for number in family.members}
    families += [
        Family([first], [1.0])
        for first, group in groups.items()
        if first not in covered
        and len(group) > 1
        and functions.length[first] >= min_tokens
        and (asking is None or asking[first])
    ]
    return _with_twins(functions, families, groups, similar)


def similarity(blind: tuple[Sequence[int], Sequence[int]], exact: tuple[Sequence[int], Sequence[int]]) -> float:
    """How similar two rows of tokens are, from 0 to 1: the share of the tokens of both that they have in common.

    A token that differs only in its name or its value counts half.
    """
    total = 2 * (len(blind[0]) + len(blind[1]))
    return 2 * (common_tokens(*blind) + common_tokens(*exact)) / total if total else 1.0


class _Near:
    """What is near each function: the pairs that it is in, the likeliest first, and which of them are similar.

    of, pair  sorted by function: the other one, and the number of the pair
    bounds    where those of each function begin; one more than there are functions
    value     of each pair: how similar it is, 0 for too little, -1 where nobody has compared it yet
    """

    __slots__ = ("bounds", "functions", "of", "pair", "pairs", "similar", "value")

    def __init__(self, functions: Functions, pairs: Pairs, similar: float) -> None:
        self.functions = functions
        self.pairs = pairs
        self.similar = similar
        mine, theirs = np.concatenate([pairs.one, pairs.other]), np.concatenate([pairs.other, pairs.one])
        order = np.lexsort((theirs, -np.tile(pairs.likely, 2), mine))
        self.of = theirs[order]
        self.pair = order % max(1, len(pairs))
        self.bounds = np.searchsorted(mine[order], np.arange(len(functions) + 1))
        self.value = np.full(len(pairs), -1.0)

    def families(self) -> list[Family]:
        """Each of the functions that most others are similar to, with all that are similar to it."""
        rank = np.arange(len(self.pair)) - np.repeat(self.bounds[:-1], np.diff(self.bounds))
        self._compare(self.pair[rank < PATIENCE])
        centers = self._centers()
        self._look_further(centers)
        return self._close(self._stars(centers))

    def _stars(self, centers: list[int]) -> list[tuple[int, Ints, NDArray[np.float64]]]:
        """The centers, each with those that are more similar to it than to any other center, and how much they are.

        The most similar ones come first; so many that they can be compared with each other stay together.
        """
        begin, end = self.bounds[centers], self.bounds[np.array(centers, np.int64) + 1]
        star = np.repeat(np.arange(len(centers)), end - begin)
        at = ranges(begin, end - begin)
        other, value = self.of[at], self.value[self.pair[at]]
        order = np.flatnonzero(value > 0)
        order = order[np.lexsort((star[order], -value[order], other[order]))]
        order = order[np.append(True, other[order][1:] != other[order][:-1])[: len(order)]]
        order = order[np.lexsort((other[order], -value[order], star[order]))]
        ends = np.searchsorted(star[order], np.arange(len(centers) + 1)).tolist()
        stars = []
        for center, first, last in zip(centers, ends[:-1], ends[1:], strict=True):
            for low in range(first, last, TOGETHER):
                part = order[low : min(low + TOGETHER, last)]
                stars.append((center, other[part], value[part]))
        return stars

    def missing(self, families: list[Family]) -> list[Family]:
        """Each function with those that it is most similar to, where these are in no family together."""
        together: dict[int, set[int]] = {}
        for number, family in enumerate(families):
            for member in family.members:
                together.setdefault(member, set()).add(number)
        value = self.value[self.pair]
        mine = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        order = np.flatnonzero(value > 0)
        order = order[np.lexsort((self.of[order], -value[order], mine[order]))]
        first = np.append(True, mine[order][1:] != mine[order][:-1])[: len(order)]
        begins = np.flatnonzero(first)
        rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
        order = order[rank < NEAREST]
        found = {}
        for one, other, how in zip(mine[order].tolist(), self.of[order].tolist(), value[order].tolist(), strict=True):
            if together.get(one, set()).isdisjoint(together.get(other, ())):
                found[min(one, other), max(one, other)] = how
        return [Family(list(pair), [1.0, how]) for pair, how in sorted(found.items())]

    def _close(self, stars: list[tuple[int, Ints, NDArray[np.float64]]]) -> list[Family]:
        """Of centers and what is similar to them families in which any two are similar, as far as an estimate tells."""
        several = [np.zeros((2, 0), np.int64)]
        several += [others[np.array(np.triu_indices(len(others), 1))] for _, others, _ in stars]
        pairs = np.concatenate(several, axis=1)
        values = estimated_similarity(self.functions, pairs[0], pairs[1])
        values[values < self.similar - SLACK] = 0.0
        families = []
        done = 0
        for center, others, value in stars:
            count = len(others)
            if count == 1:
                families.append(Family([center, int(others[0])], [1.0, float(value[0])]))
                continue
            upper = np.triu_indices(count, 1)
            between = np.identity(count)
            between[upper] = values[done : done + len(upper[0])]
            done += len(upper[0])
            families += [
                Family([center, *others[found].tolist()], [1.0, *value[found].tolist()])
                for found in _cliques(np.maximum(between, between.T))
            ]
        return families

    def _compare(self, pairs: Ints) -> None:
        """Compare some pairs that nobody has compared yet."""
        new = np.zeros(len(self.pairs), bool)
        new[pairs] = True
        new &= self.value < 0
        at = np.flatnonzero(new)
        self.value[at] = _similarities(self.functions, self.pairs.one[at], self.pairs.other[at], self.similar)

    def _centers(self) -> list[int]:
        """Functions such that each one that is similar to another is one of them, or similar to one of them."""
        similar = np.append(0, np.cumsum(self.value[self.pair] > 0))
        found = np.diff(similar[self.bounds])
        order = np.lexsort((np.arange(len(found)), -np.diff(self.bounds), -found))
        taken = np.zeros(len(found), bool)
        centers = []
        for number in order[: np.count_nonzero(found)].tolist():
            if not taken[number]:
                here = slice(self.bounds[number], self.bounds[number + 1])
                taken[self.of[here][self.value[self.pair[here]] > 0]] = True
                centers.append(number)
        return centers

    def _look_further(self, centers: list[int]) -> None:
        """Compare each of the centers with more of those near it, as long as something comes of it."""
        waiting = [(center, int(self.bounds[center]), 0) for center in centers]
        while waiting:
            further = []
            for center, begin, failed in waiting:
                end = min(begin + 2 * PATIENCE, int(self.bounds[center + 1]))
                at = begin
                for value in self.value[self.pair[begin:end]].tolist():
                    if value < 0:
                        break
                    at += 1
                    failed = 0 if value else failed + 1
                    if failed == PATIENCE:
                        break
                if failed < PATIENCE and at < self.bounds[center + 1]:
                    further.append((center, at, failed))
            asked = [self.pair[at : min(at + 2 * PATIENCE, self.bounds[center + 1])] for center, at, _ in further]
            if asked:
                self._compare(np.concatenate(asked))
            waiting = further


def _cliques(value: NDArray[np.float64]) -> Iterator[Ints]:
    """Sets of things of which any two are similar, so that each is in one; `value` is how similar two are, or 0.

    What is most similar comes together first.
    """
    left = np.ones(len(value), bool)
    nearest = (value - np.identity(len(value))).max(axis=1, initial=0.0)
    while left.any():
        first = int(np.where(left, nearest, -1.0).argmax())
        allowed = value[first] > 0
        found = []
        for number in np.argsort(-value[first], kind="stable").tolist():
            if allowed[number]:
                found.append(number)
                allowed &= value[number] > 0
        left[found] = False
        yield np.sort(found)


def _without_covered(families: list[Family]) -> list[Family]:
    """The families but for those of which every member is in a larger one."""
    covered: set[int] = set()
    kept = []
    for family in sorted(families, key=lambda family: (-len(family.members), family.members[0])):
        if not covered.issuperset(family.members):
            covered.update(family.members)
            kept.append(family)
    return kept


def _with_twins(
    functions: Functions, families: list[Family], groups: dict[int, list[int]], similar: float
) -> list[Family]:
    """The families, with what is equal to a member but for names and still similar enough to the first."""
    pairs = [
        (family.members[0], twin) for family in families for number in family.members for twin in groups[number][1:]
    ]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    found = dict(zip(pairs, _similarities(functions, one, other, similar).tolist(), strict=True))
    result = []
    for family in families:
        center = family.members[0]
        members = []
        for number, value in zip(family.members, family.similarity, strict=True):
            members.append((number, value))
            members += [(twin, found[center, twin]) for twin in groups[number][1:] if found[center, twin]]
        if len(members) > 1:
            result.append(Family([number for number, _ in members], [value for _, value in members]))
    return result


def _equal_ones(functions: Functions) -> list[list[int]]:
    """The functions, those together that are equal but for names and literals."""
    data = functions.blind.tobytes()
    bounds = (functions.offset * 4).tolist()
    found: dict[bytes, list[int]] = {}
    for number in range(len(functions)):
        found.setdefault(data[bounds[number] : bounds[number + 1]], []).append(number)
    return list(found.values())


def _similarities(functions: Functions, one: Ints, other: Ints, similar: float) -> NDArray[np.float64]:
    """How similar some pairs are, token by token; 0.0 where that is not enough, see `similar` and REPETITIVE."""
    total = functions.length[one] + functions.length[other]
    common = common_of_pairs(functions, functions.shapes, one, other)
    value = np.zeros(len(one))
    may = np.flatnonzero(2 * common >= similar * total)  # with the names it is not more
    common = common[may] + common_of_pairs(functions, functions.exact, one[may], other[may])
    value[may] = common / total[may]
    value[value < similar] = 0.0
    may = np.flatnonzero(value)
    numbers, at = np.unique(np.concatenate([one[may], other[may]]), return_inverse=True)
    varied = _variety(functions, numbers)[at].reshape(2, -1).min(axis=0)
    value[may[value[may] < similar + REPETITIVE * (VARIED - varied)]] = 0.0
    return value


def _variety(functions: Functions, numbers: Ints) -> NDArray[np.float64]:
    """The share of the rows of ROW tokens of some functions that is not a row again; names and literals apart."""
    count = np.maximum(functions.length[numbers] - ROW + 1, 1)
    owner = np.repeat(np.arange(len(numbers), dtype=np.uint32), count)
    at = ranges(functions.offset[numbers], count)
    rows = np.zeros(len(owner), np.uint32)
    for distance in range(ROW):
        rows *= np.uint32(0x01000193)
        rows += functions.blind[np.minimum(at + distance, len(functions.blind) - 1)]
    owners, _ = distinct_pairs(owner, rows)
    share: NDArray[np.float64] = np.bincount(owners, minlength=len(numbers)) / count
    return share
