"""Which copies of a class are allowed by a comment in the source, and which comments have lost their code."""

from __future__ import annotations

from gates.checks.copypaste.boundaries import BLOCK, CLASS, FUNCTION, blocks_of
from gates.checks.copypaste.classes import Group, Piece
from gates.checks.copypaste.suppress import ALLOWED, Permission, hash_of, permission_for, permissions
from gates.checks.copypaste.tokens import folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.checks.copypaste.part import File
    from gates.checks.copypaste.tokens import Tokens

__all__ = ["Allowed", "Complaint", "digest_of", "digest_of_lines"]


class Complaint:
    """A comment that allows nothing (any more), and what to write instead."""

    __slots__ = ("message", "path", "permission", "side")

    def __init__(self, path: str, side: str, permission: Permission, message: str) -> None:
        self.path = path
        self.side = side
        self.permission = permission
        self.message = message


class Allowed:
    """The classes of one search, with what is allowed taken out.

    groups      what is left
    granted     (path, line, reason) of each comment that allowed something
    complaints  comments that did not
    """

    __slots__ = ("_found", "complaints", "granted", "groups")

    def __init__(self, groups: Iterable[Group]) -> None:
        self._found: dict[str, list[Permission]] = {}
        granted: dict[tuple[str, int], str] = {}
        complaints: dict[tuple[str, int], Complaint] = {}
        self.groups: list[Group] = []
        for group in groups:
            kept = []
            for piece in group.pieces:
                permission = self._permission(piece)
                if permission is None:
                    kept.append(piece)
                    continue
                at = (piece.file.path, permission.line)
                digest = digest_of(piece)
                if permission.state(digest) == ALLOWED:
                    granted[at] = permission.reason
                else:
                    kept.append(piece)
                    complaints[at] = Complaint(piece.file.path, piece.file.side, permission, permission.told(digest))
            if len(kept) == len(group.pieces):
                self.groups.append(group)
            elif len(kept) > 1:
                self.groups.append(Group(kept, group.kind, group.similarity))
        self.granted = sorted((path, line, reason) for (path, line), reason in granted.items())
        self.complaints = [complaints[at] for at in sorted(complaints) if at not in granted]

    def _permission(self, piece: Piece) -> Permission | None:
        path = piece.file.path
        if path not in self._found:
            self._found[path] = permissions(piece.file.data)
        if not self._found[path]:
            return None
        copy = piece.copy()
        return permission_for(self._found[path], copy.first_line, copy.last_line)


def digest_of(piece: Piece) -> str:
    """The hash that a comment must name to allow this copy."""
    copy = piece.copy()
    return digest_of_lines(piece.file.tokens(), copy.first_token, copy.last_token, piece.file)


def digest_of_lines(tokens: Tokens, first: int, last: int, file: File) -> str:
    """The hash of the function, class or block that holds some tokens, else of these tokens.

    How far a copy reaches depends on the other copies; what a permission is about must not.
    """
    blocks = blocks_of(tokens, file.language)
    holds = (blocks.first <= first) & (blocks.last >= last)
    holds &= (blocks.kind == FUNCTION) | (blocks.kind == CLASS) | (blocks.kind == BLOCK)
    if holds.any():
        first, last = int(blocks.first[holds].max()), int(blocks.last[holds].min())
    return hash_of(folded(tokens.text(number)) for number in range(first, last + 1))
