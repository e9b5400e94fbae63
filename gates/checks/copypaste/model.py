"""What the detector finds: copies, and classes of copies."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["EDITED", "EXACT", "RENAMED", "CloneClass", "Copy"]

EXACT = 1
RENAMED = 2
EDITED = 3
"""The kinds of clones that the literature calls Type-1, Type-2 and Type-3."""


class Copy:
    """One place of a clone class.

    path                      relative to the tree
    first_line, last_line     1-based, both included
    first_token, last_token   0-based positions in the file's tokens, both included
    """

    __slots__ = ("first_line", "first_token", "last_line", "last_token", "path")

    def __init__(self, path: str, first_line: int, last_line: int, first_token: int, last_token: int) -> None:
        self.path = path
        self.first_line = first_line
        self.last_line = last_line
        self.first_token = first_token
        self.last_token = last_token

    def as_tuple(self) -> tuple[str, int, int, int, int]:
        """By path, then by position: the order in which copies are shown."""
        return (self.path, self.first_token, self.last_token, self.first_line, self.last_line)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Copy) and self.as_tuple() == other.as_tuple()

    def __hash__(self) -> int:
        return hash(self.as_tuple())

    def __repr__(self) -> str:
        return f"{self.path}:{self.first_line}-{self.last_line}"


class CloneClass:
    """The same code in two places or more.

    copies      the canonical one first, the others by path and position
    tokens      length of the canonical copy in tokens
    lines       length of the canonical copy in lines
    kind        EXACT (all but layout and comments is equal), RENAMED (names or literals differ), EDITED (statements do)
    similarity  how much is equal: 1.0 but for EDITED
    """

    __slots__ = ("copies", "kind", "lines", "similarity", "tokens")

    def __init__(self, copies: Iterable[Copy], tokens: int, kind: int = EXACT, similarity: float = 1.0) -> None:
        first, *others = copies
        self.copies = (first, *sorted(others, key=Copy.as_tuple))
        self.tokens = tokens
        self.lines = first.last_line - first.first_line + 1
        self.kind = kind
        self.similarity = similarity

    def sort_key(self) -> tuple[Any, ...]:
        """By the canonical place, the longest first."""
        first = self.copies[0]
        return (first.path, first.first_token, -self.tokens, self.kind, [copy.as_tuple() for copy in self.copies])

    def __repr__(self) -> str:
        return f"<CloneClass type {self.kind}, {self.tokens} tokens: {', '.join(map(repr, self.copies))}>"
