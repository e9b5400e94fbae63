"""Pieces of code, and groups of pieces that are copies of each other."""

from __future__ import annotations

from gates.checks.copypaste.model import CloneClass, Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.checks.copypaste.part import File

__all__ = ["Group", "Piece", "covered_tokens"]


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

    def lines(self) -> int:
        """How many lines it stands in."""
        file, part = self.file, self.part
        return file.data.count(b"\n", int(file.start[part.start]), int(file.end[part.stop - 1])) + 1

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
