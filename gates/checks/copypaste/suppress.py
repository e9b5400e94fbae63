"""Copies that somebody has allowed in the source, with a reason: counted, reported, and good only while the code stays.

    # gateline: allow-copy 3f9a1c2e the two drivers must not share code

The comment stands in the copied code or directly above it, in any language. The word after `allow-copy` is a short hash
of the code of that place; when the code changes, the permission ends, and the finding tells the new hash. Without a
hash or without a reason it allows nothing. What allows nothing is told, so that it does not stay for ever.
"""

from __future__ import annotations

import re

from gates.digest import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ALLOWED", "EXPIRED", "IDLE", "INCOMPLETE", "Permission", "hash_of", "permissions"]

ALLOWED = "allowed"
EXPIRED = "expired"
INCOMPLETE = "incomplete"

IDLE = "this comment allows nothing: there is no copy here any more; take it away"

ABOVE = 2
"""Lines above the code in which the comment may stand."""

HASH_LENGTH = 8

_MARK = b"gateline:"
_COMMENT = re.compile(rb"gateline:[ \t]*(?:allow-copy|copy-ok)\b([^\r\n]*)")
_HASH = re.compile(rf"[0-9a-f]{{{HASH_LENGTH}}}")
_REASON = re.compile(r"""reason\s*[=:]\s*(["'])(?P<quoted>.*?)\1|reason\s*[=:]\s*(?P<plain>.+)""")
_CLOSERS = re.compile(r"(\*/|-->|--%>|#\}|\*\)|-\}|\|#)\Z")


class Permission:
    """A comment that allows a copy.

    line    in which it stands
    offset  of its mark in the file
    digest  the hash it names, "" when it names none
    reason  why the copy is allowed, "" when it does not say
    """

    __slots__ = ("digest", "line", "offset", "reason")

    def __init__(self, line: int, digest: str, reason: str, offset: int = 0) -> None:
        self.line = line
        self.offset = offset
        self.digest = digest
        self.reason = reason

    def covers(self, first_line: int, last_line: int) -> bool:
        """Whether it stands in some lines, or directly above them."""
        return first_line - ABOVE <= self.line <= last_line

    def state(self, digest: str) -> str:
        """ALLOWED for the code of that hash, else EXPIRED; INCOMPLETE without a hash or a reason."""
        if not self.digest or not self.reason:
            return INCOMPLETE
        return ALLOWED if self.digest == digest else EXPIRED

    def told(self, digest: str, *, is_part: bool = False) -> str:
        """What is wrong with it for the code of that hash, and what to write instead: a sentence for a person.

        is_part  whether its own hash is that of a part of this code
        """
        reason = self.reason or "<reason>"
        wanted = f"gateline: allow-copy {digest} {reason}"
        if not self.digest and not self.reason:
            return f"the comment allows no copy without a hash and a reason: write `{wanted}`"
        if not self.reason:
            return f"the comment allows no copy without a reason: write `{wanted}`"
        if not self.digest:
            return f"the comment allows no copy without the hash of the code: write `{wanted}`"
        if is_part:
            return f"more is copied here than the comment allows: if that is to be so, write `{wanted}`"
        return f"the code has changed since this copy was allowed: if it still is to be a copy, write `{wanted}`"


def permissions(data: bytes) -> list[Permission]:
    """The comments of a file that allow a copy."""
    if _MARK not in data:
        return []
    return list(_read(data))


def _read(data: bytes) -> Iterator[Permission]:
    line = 1
    reached = 0
    for found in _COMMENT.finditer(data):
        line += data.count(b"\n", reached, found.start())
        reached = found.start()
        words = _CLOSERS.sub("", found[1].decode("utf-8", "replace").strip()).strip()
        digest, reason = _split(words)
        yield Permission(line, digest, reason, found.start())


def _split(words: str) -> tuple[str, str]:
    """The hash and the reason; `reason="..."` and the plain words after the hash are both understood."""
    first, _, rest = words.partition(" ")
    digest = first if _HASH.fullmatch(first) else ""
    reason = (rest if digest else words).strip()
    named = _REASON.match(reason)
    if named:
        reason = named["quoted"] if named["quoted"] is not None else named["plain"]
    return digest, reason.strip()


def hash_of(tokens: Iterable[bytes]) -> str:
    """The short hash of some code: of the text of its tokens, so that layout and comments do not matter."""
    return blake2b(b"\0".join(tokens), digest_size=HASH_LENGTH // 2).hexdigest()
