"""From equal rows of names to classes of copies: verified by the text, apart from each other, each said once."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.model import EXACT, RENAMED, CloneClass, Copy
from gates.checks.copypaste.reading import CHANGED, OLD
from gates.checks.copypaste.tokens import REACH, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.corpus import Corpus, File
    from gates.checks.copypaste.match import Repeat

__all__ = ["Group", "Piece", "covered_tokens", "groups", "unfold", "verified"]

EIGHT = 8
"""Bytes of a token that its name holds as they are."""

SLACK = 8
"""An eighth of a piece may stick out of a longer copy, and the piece still says no more than the copy does."""


class Piece:
    """Some tokens in a row of one file; `first` is a place in the row of all tokens."""

    __slots__ = ("file", "first", "tokens")

    def __init__(self, file: File, first: int, tokens: int) -> None:
        self.file = file
        self.first = first
        self.tokens = tokens

    @property
    def part(self) -> slice:
        """Where its tokens are in the columns of its file."""
        first = self.first - self.file.first
        return slice(first, first + self.tokens)

    def texts(self) -> list[bytes]:
        """Its tokens as they are written."""
        file, part = self.file, self.part
        bounds = zip(file.start[part].tolist(), file.end[part].tolist(), strict=True)
        return [file.data[start:end] for start, end in bounds]

    def copy(self) -> Copy:
        """The piece with its lines."""
        file, part = self.file, self.part
        start, end = int(file.start[part.start]), int(file.end[part.stop - 1])
        line = file.data.count(b"\n", 0, start) + 1
        last_line = line + file.data.count(b"\n", start, end)
        return Copy(file.path, line, last_line, part.start, part.stop - 1)

    def sort_key(self) -> tuple[str, int]:
        return (self.file.path, self.first - self.file.first)


class Group:
    """Pieces that are equal; the canonical one first.

    tokens      length of the canonical piece
    kind        EXACT, RENAMED or EDITED
    similarity  how much is equal
    """

    __slots__ = ("kind", "pieces", "similarity", "tokens")

    def __init__(self, pieces: list[Piece], kind: int, similarity: float = 1.0) -> None:
        self.pieces = pieces
        self.tokens = pieces[0].tokens
        self.kind = kind
        self.similarity = similarity

    def clone_class(self) -> CloneClass:
        return CloneClass([piece.copy() for piece in self.pieces], self.tokens, self.kind, self.similarity)


def unfold(corpus: Corpus, repeat: Repeat) -> list[Piece]:
    """The places of a repeat with their files, by path and position."""
    files = corpus.files_at(repeat.places)
    pieces = [Piece(file, place, repeat.tokens) for file, place in zip(files, repeat.places, strict=True)]
    return sorted(pieces, key=Piece.sort_key)


def groups(corpus: Corpus, min_tokens: int, *, renamed: bool, of_change: bool = False) -> list[Group]:
    """The groups of copies in the tree under test that the repeats come to, the longest first.

    renamed    whether the names that were compared are blind, so that copies may differ in names and literals
    of_change  leave out what no changed file has a part in
    """
    waiting = []
    for repeat in corpus.repeats:
        if repeat.tokens + (REACH if renamed else 0) < min_tokens:
            continue
        pieces = [piece for piece in unfold(corpus, repeat) if piece.file.side != OLD]
        if of_change and not any(piece.file.side == CHANGED for piece in pieces):
            continue
        if renamed:
            pieces = _begun_earlier(pieces)
        if pieces and pieces[0].tokens >= min_tokens and len(apart := _apart(pieces, min_tokens)) > 1:
            waiting.append(apart)
    waiting.sort(key=lambda pieces: (-pieces[0].tokens, -len(pieces), pieces[0].sort_key()))
    result = []
    covered = np.zeros(corpus.length + 1, np.int64)
    for pieces in waiting:
        if not _says_more(pieces, covered):
            continue
        for group in verified(pieces, renamed):
            for piece in group.pieces[1:]:
                end = piece.first + piece.tokens
                part = covered[piece.first : end]
                np.maximum(part, end, out=part)
            result.append(group)
    return result


def _apart(pieces: Sequence[Piece], min_tokens: int) -> list[Piece]:
    """One of each row of pieces that overlap.

    Such a row repeats something short, like the lines of a table: it is one piece, not a copy of itself. Where what
    it repeats is long enough to be a copy, such as a function, each piece is one of these.
    """
    kept: list[Piece] = []
    tokens = pieces[0].tokens
    last: Piece | None = None
    for piece in pieces:
        if last is not None and piece.file is last.file and piece.first < last.first + last.tokens:
            step = piece.first - last.first
            if step >= min_tokens:
                tokens = min(tokens, step)
                kept.append(piece)
        else:
            kept.append(piece)
        last = piece
    return kept if tokens == pieces[0].tokens else [Piece(piece.file, piece.first, tokens) for piece in kept]


def _begun_earlier(pieces: list[Piece]) -> list[Piece]:
    """The same with what is equal before, where the names of a renamed copy do not tell yet what they stand for."""
    places = [piece.first - piece.file.first for piece in pieces]
    more = min(REACH, *places) if pieces else 0
    if not more:
        return pieces
    before = np.array([piece.file.shape[at - more : at] for piece, at in zip(pieces, places, strict=True)])
    differs = np.flatnonzero((before != before[0]).any(axis=0))
    more -= int(differs[-1]) + 1 if len(differs) else 0
    return [Piece(piece.file, piece.first - more, piece.tokens + more) for piece in pieces] if more else pieces


def _says_more(pieces: Sequence[Piece], covered: NDArray[np.int64]) -> bool:
    """Whether two places are left when those are taken away that are inside a longer copy of something else."""
    left = 0
    for piece in pieces:
        slack = piece.tokens // SLACK
        left += int(covered[piece.first + slack]) < piece.first + piece.tokens - slack
        if left > 1:
            return True
    return False


def verified(pieces: list[Piece], renamed: bool) -> list[Group]:
    """The pieces in groups that are equal token by token; equal hashes of longer pieces are not enough."""
    equal: list[list[Piece]] = []
    for piece in pieces:
        for members in equal:
            if _is_equal(members[0], piece, renamed):
                members.append(piece)
                break
        else:
            equal.append([piece])
    result = []
    for members in equal:
        if len(members) > 1:
            exact = not renamed or all(_is_equal(members[0], piece, False) for piece in members[1:])
            result.append(Group(members, EXACT if exact else RENAMED))
    return result


def _is_equal(one: Piece, other: Piece, renamed: bool) -> bool:
    """Whether two pieces are equal; with `renamed`, but for numbers, strings, and identifiers that are replaced.

    The name of a token of up to 8 bytes is its text in other bits. Longer ones are compared as text.
    """
    left, right = one.part, other.part
    first, second = one.file, other.file
    low, high = int(first.start[left.start]), int(first.end[left.stop - 1])
    other_low, other_high = int(second.start[right.start]), int(second.end[right.stop - 1])
    if first.data[low:high] == second.data[other_low:other_high]:
        return True
    mine, others = (first.shape[left], second.shape[right]) if renamed else (first.exact[left], second.exact[right])
    if not (np.array_equal(mine, others) and np.array_equal(first.kind[left], second.kind[right])):
        return False
    long = first.end[left] - first.start[left] > EIGHT
    if renamed:
        if not np.array_equal(first.names[left][REACH:], second.names[right][REACH:]):
            return False
        long &= mine == first.exact[left]
    return all(
        folded(first.data[first.start[left.start + at] : first.end[left.start + at]])
        == folded(second.data[second.start[right.start + at] : second.end[right.start + at]])
        for at in np.flatnonzero(long).tolist()
    )


def covered_tokens(found: Iterable[Group]) -> int:
    """How many tokens are in a copy; a token in several copies counts once."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for group in found:
        for piece in group.pieces:
            spans.setdefault(piece.file.path, []).append((piece.part.start, piece.part.stop))
    return sum(map(_length, spans.values()))


def _length(spans: list[tuple[int, int]]) -> int:
    """How much some ranges cover together."""
    covered = reached = 0
    for first, last in sorted(spans):
        covered += max(0, last - max(first, reached))
        reached = max(reached, last)
    return covered
