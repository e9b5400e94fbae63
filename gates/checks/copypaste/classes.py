"""From equal rows of names to classes of copies: verified by the text, apart from each other, each said once."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.model import EXACT, RENAMED, CloneClass, Copy
from gates.checks.copypaste.reading import CHANGED, OLD
from gates.checks.copypaste.tokens import PUNCT, WORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.corpus import Corpus, File
    from gates.checks.copypaste.match import Repeat

__all__ = ["Group", "Piece", "covered_tokens", "groups", "unfold", "verified"]

CONSISTENT = 0.8
"""How many of the names of a renamed copy must stand for the same name throughout."""

SLACK = 8
"""An eighth of a piece may stick out of a longer copy, and the piece still says no more than the copy does."""


class Piece:
    """Some tokens in a row of one file; `first` is a place in the row of all tokens."""

    __slots__ = ("file", "first")

    def __init__(self, file: File, first: int) -> None:
        self.file = file
        self.first = first

    def part(self, tokens: int) -> slice:
        """Where its tokens are in the columns of its file."""
        first = self.first - self.file.first
        return slice(first, first + tokens)

    def sort_key(self) -> tuple[str, int]:
        return (self.file.path, self.first - self.file.first)


class Group:
    """Pieces that are equal, token by token; the canonical one first.

    kind  EXACT or RENAMED
    """

    __slots__ = ("kind", "pieces", "tokens")

    def __init__(self, pieces: list[Piece], tokens: int, kind: int) -> None:
        self.pieces = pieces
        self.tokens = tokens
        self.kind = kind

    def clone_class(self) -> CloneClass:
        return CloneClass(map(self.copy_of, self.pieces), self.tokens, self.kind)

    def copy_of(self, piece: Piece) -> Copy:
        """A piece with its lines."""
        file, part = piece.file, piece.part(self.tokens)
        start, end = int(file.start[part.start]), int(file.end[part.stop - 1])
        line = file.data.count(b"\n", 0, start) + 1
        last_line = line + file.data.count(b"\n", start, end)
        return Copy(file.path, line, last_line, part.start, part.stop - 1)


def unfold(corpus: Corpus, repeat: Repeat) -> list[Piece]:
    """The places of a repeat with their files, by path and position."""
    files = corpus.files_at(repeat.places)
    return sorted(map(Piece, files, repeat.places), key=Piece.sort_key)


def groups(corpus: Corpus, min_tokens: int, *, renamed: bool, of_change: bool = False) -> list[Group]:
    """The groups of copies in the tree under test that the repeats come to, the longest first.

    renamed    whether the names that were compared are blind, so that copies may differ in names and literals
    of_change  leave out what no changed file has a part in
    """
    waiting = []
    for repeat in corpus.repeats:
        pieces = [piece for piece in unfold(corpus, repeat) if piece.file.side != OLD]
        if of_change and not any(piece.file.side == CHANGED for piece in pieces):
            continue
        apart = _apart(pieces, repeat.tokens, min_tokens)
        if len(apart) > 1:
            waiting.append((repeat.tokens, apart))
    waiting.sort(key=lambda item: (-item[0], item[1][0].sort_key(), len(item[1])))
    result = []
    covered = np.zeros(corpus.length + 1, np.int64)
    for tokens, pieces in waiting:
        if not _says_more(pieces, tokens, covered):
            continue
        for group in verified(pieces, tokens, renamed):
            for piece in group.pieces[1:]:
                part = covered[piece.first : piece.first + tokens]
                np.maximum(part, piece.first + tokens, out=part)
            result.append(group)
    return result


def _apart(pieces: Sequence[Piece], tokens: int, min_tokens: int) -> list[Piece]:
    """One of each row of pieces that overlap.

    Such a row repeats something short, like the lines of a table: it is one piece, not a copy of itself. Where what
    it repeats is long enough, that is a class of its own, and of this one nothing is left.
    """
    kept: list[Piece] = []
    last: Piece | None = None
    for piece in pieces:
        if last is not None and piece.file is last.file and piece.first < last.first + tokens:
            if piece.first - last.first >= min_tokens:
                return []
        else:
            kept.append(piece)
        last = piece
    return kept


def _says_more(pieces: Sequence[Piece], tokens: int, covered: NDArray[np.int64]) -> bool:
    """Whether two places are left when those are taken away that are inside a longer copy of something else."""
    slack = tokens // SLACK
    left = 0
    for piece in pieces:
        left += int(covered[piece.first + slack]) < piece.first + tokens - slack
        if left > 1:
            return True
    return False


def verified(pieces: list[Piece], tokens: int, renamed: bool) -> list[Group]:
    """The pieces in groups that are equal token by token, as text."""
    equal: dict[bytes, list[Piece]] = {}
    for piece in pieces:
        equal.setdefault(_text(piece, tokens, blind=renamed), []).append(piece)
    result = []
    for members in equal.values():
        if renamed:
            members = _consistent(members, tokens)
        if len(members) > 1:
            exact = not renamed or len({_text(piece, tokens, blind=False) for piece in members}) == 1
            result.append(Group(members, tokens, EXACT if exact else RENAMED))
    return result


def _text(piece: Piece, tokens: int, *, blind: bool) -> bytes:
    """The tokens of a piece as text, one a line; with `blind`, of what may be renamed only the kind."""
    file, part = piece.file, piece.part(tokens)
    data = file.data
    start, end = file.start[part].tolist(), file.end[part].tolist()
    if not blind:
        return b"\n".join([data[first:last] for first, last in zip(start, end, strict=True)])
    kind = file.kind[part]
    # A keyword has its own name in both; everything else that is blind has the name of its kind.
    kept = ((file.names[part] == file.exact[part]) | (kind == PUNCT)).tolist()
    return b"\n".join(
        [
            data[first:last] if keep else b"\0%d" % each
            for first, last, keep, each in zip(start, end, kept, kind.tolist(), strict=True)
        ]
    )


def _consistent(pieces: list[Piece], tokens: int) -> list[Piece]:
    """The first piece, and those whose names can be had from its names by renaming."""
    first, *others = pieces
    pattern = _pattern(first, tokens)
    wanted = CONSISTENT * len(pattern)
    return [first, *(each for each in others if np.count_nonzero(_pattern(each, tokens) == pattern) >= wanted)]


def _pattern(piece: Piece, tokens: int) -> NDArray[np.int64]:
    """For each identifier how far back it last occurred in the piece, 0 for the first time."""
    file, part = piece.file, piece.part(tokens)
    exact = file.exact[part]
    names = exact[(file.kind[part] == WORD) & (file.names[part] != exact)]
    order = np.argsort(names, kind="stable")
    back = np.zeros(len(names), np.int64)
    if len(order):
        same = np.append(False, names[order[1:]] == names[order[:-1]])
        back[order] = np.where(same, order - np.roll(order, 1), 0)
    return back


def covered_tokens(found: Iterable[Group]) -> int:
    """How many tokens are in a copy; a token in several copies counts once."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for group in found:
        for piece in group.pieces:
            part = piece.part(group.tokens)
            spans.setdefault(piece.file.path, []).append((part.start, part.stop))
    return sum(map(_length, spans.values()))


def _length(spans: list[tuple[int, int]]) -> int:
    """How much some ranges cover together."""
    covered = reached = 0
    for first, last in sorted(spans):
        covered += max(0, last - max(first, reached))
        reached = max(reached, last)
    return covered
