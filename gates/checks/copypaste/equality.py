"""Whether pieces are equal: token by token, or but for names and literals, and then whether the names say so too."""

from __future__ import annotations

from collections import Counter

import numpy as np

from gates.checks.copypaste.layout import name
from gates.checks.copypaste.model import EXACT, RENAMED
from gates.checks.copypaste.pieces import Group, Piece
from gates.checks.copypaste.tokens import IDENTIFIER, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["CONSISTENT", "verified"]

EIGHT = 8
"""Bytes of a token that its name holds as they are."""

CONSISTENT = 0.7
"""The share of the names in a renamed copy that stand for one and the same name throughout. Of copies that were
renamed at random all but 1 in 500 have it. What has less are mostly tables, in which any name may follow any other."""

SORTS = 16
"""So many ways to rename one piece of code are told apart."""

DOT = name(b".")

MEMBER = np.uint64(0x5851F42D4C957F2D)
"""What the name of a member (after a dot) is mixed with: `a.size` and `size` are two names, replaced by themselves."""


def verified(pieces: Sequence[Piece], renamed: bool, consistent: float = CONSISTENT) -> list[Group]:
    """The pieces in groups that are equal token by token; equal hashes of longer pieces are not enough.

    renamed     whether numbers, strings and identifiers may differ
    consistent  the share of the identifiers that stand for one and the same other one throughout, where they may
    """
    if not renamed:
        return [Group(members, EXACT) for members in _equal(pieces) if len(members) > 1]
    result = []
    for members, alike in _sorts(pieces, consistent):
        if len(members) > 1:
            exact = alike and all(_is_equal(members[0], piece) for piece in members[1:])
            result.append(Group(members, EXACT if exact else RENAMED))
    return result


def _equal(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces, those together that are equal."""
    found: list[list[Piece]] = []
    for piece in pieces:
        for members in found:
            if _is_equal(members[0], piece):
                members.append(piece)
                break
        else:
            found.append([piece])
    return found


def _is_equal(one: Piece, other: Piece) -> bool:
    """Whether two pieces are equal.

    The name of a token of up to 8 bytes is its text in other bits. Longer ones are compared as text.
    """
    left, right = one.part, other.part
    first, second = one.file, other.file
    low, high = int(first.start[left.start]), int(first.end[left.stop - 1])
    other_low, other_high = int(second.start[right.start]), int(second.end[right.stop - 1])
    if first.data[low:high] == second.data[other_low:other_high]:
        return True
    if not ((first.exact[left] == second.exact[right]).all() and (first.kind[left] == second.kind[right]).all()):
        return False
    return _texts_are_equal(one, other, np.flatnonzero(first.end[left] - first.start[left] > EIGHT).tolist())


def _texts_are_equal(one: Piece, other: Piece, some: Iterable[int]) -> bool:
    """Whether some tokens of two pieces are written alike, but for the indentation of strings over several lines."""
    first, second, left, right = one.file, other.file, one.part.start, other.part.start
    return all(
        folded(first.data[first.start[left + at] : first.end[left + at]])
        == folded(second.data[second.start[right + at] : second.end[right + at]])
        for at in some
    )


def _sorts(pieces: Sequence[Piece], consistent: float) -> Iterator[tuple[list[Piece], bool]]:
    """The pieces that are equal but for numbers, strings and identifiers, those together that are renamed alike.

    And whether all names of these are the same.
    """
    shape = _Shape(pieces[0])
    others = []
    sorts: list[tuple[list[int], list[Piece]]] = []
    differing: set[int] = set()
    for piece in pieces:
        names = shape.names(piece)
        if names is None:
            others.append(piece)
            continue
        for number, (first, members) in enumerate(sorts[:SORTS]):
            if names == first:
                members.append(piece)
                break
            if not consistent or _are_alike(first, names, consistent):
                members.append(piece)
                differing.add(number)
                break
        else:
            sorts.append((names, [piece]))
    yield from ((members, number not in differing) for number, (_, members) in enumerate(sorts))
    if others:
        yield from _sorts(others, consistent)


class _Shape:
    """What pieces have in common that are equal but for numbers, strings and identifiers."""

    __slots__ = ("_blind", "_identifiers", "_long", "_members", "piece")

    def __init__(self, piece: Piece) -> None:
        file, part = piece.file, piece.part
        self.piece = piece
        self._blind = file.names[part]
        self._identifiers = (self._blind == IDENTIFIER).nonzero()[0]
        dots = self._blind[self._identifiers - 1] == DOT  # that of the first token is the last one, which is as good
        self._members = dots * MEMBER
        long = (file.end[part] - file.start[part] > EIGHT).nonzero()[0]
        self._long: list[int] = long[self._blind[long] == file.exact[part][long]].tolist()

    def names(self, piece: Piece) -> list[int] | None:
        """What stands for each identifier, members apart from others; None where the piece is not of this shape."""
        file = piece.file
        first = piece.first - file.first
        last = first + piece.tokens
        if piece is not self.piece:
            if not (self._blind == file.names[first:last]).all():
                return None
            if self._long and not _texts_are_equal(self.piece, piece, self._long):
                return None
        names: list[int] = (file.exact[first:last][self._identifiers] ^ self._members).tolist()
        return names


def _are_alike(one: list[int], other: list[int], consistent: float) -> bool:
    """Whether this share of the names stands for one other name, and it for them: for the one they mostly do.

    A name that stands for several is wrong at least once for each further one, which mostly settles it.
    """
    pairs = len(set(zip(one, other, strict=True)))
    names, others = len(set(one)), len(set(other))
    if pairs == names == others:
        return True
    least = consistent * len(one)
    if len(one) - pairs + min(names, others) < least:
        return False
    forth: dict[int, int] = {}
    back: dict[int, int] = {}
    for (first, second), count in Counter(zip(one, other, strict=True)).items():
        forth[first] = max(count, forth.get(first, 0))
        back[second] = max(count, back.get(second, 0))
    return min(sum(forth.values()), sum(back.values())) >= least
