"""Which copies are allowed by a comment in the source, and which comments allow nothing."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.boundaries import BLOCK, CLASS, FUNCTION, blocks_of
from gates.checks.copypaste.model import Copy
from gates.checks.copypaste.reading import Reader, Source
from gates.checks.copypaste.suppress import ALLOWED, IDLE, Permission, hash_of, permissions
from gates.checks.copypaste.tokens import folded, tokenize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gates.checks.copypaste.blocks import Blocks
    from gates.checks.copypaste.language import Language
    from gates.checks.copypaste.tokens import Tokens

    Span = tuple[int, int]

__all__ = ["Permissions"]

MOST = 0.75
"""A block that makes up this share of a copy is what the copy is about."""

HEADS = (b"@", b"[", b"#")
"""What the lines begin with that stand above a function and belong to it, such as decorators."""

HEAD = 200
"""Tokens that such lines have at most."""


class Permissions:
    """The comments that allow copies in a tree, and what became of them in one search.

    granted  (path, line) of each comment that allows a copy -> its reason
    """

    __slots__ = ("_files", "_marked", "_root", "_told", "_wrong", "granted")

    def __init__(self, root: str, marked: Collection[str]) -> None:
        """`marked` are the paths of the files that may have such comments."""
        self._root = root
        self._marked = frozenset(marked)
        self._files: dict[str, _Commented] = {}
        self._wrong: dict[tuple[str, int], str] = {}
        self._told: set[tuple[str, int]] = set()
        self.granted: dict[tuple[str, int], str] = {}

    def of(self, copy: Copy) -> Permission | None:
        """The comment that allows a copy. One that was to do so, and does not, is remembered with what is wrong."""
        if copy.path not in self._marked or not (file := self._file(copy.path)).permissions:
            return None
        for span in file.spans(copy):
            lines = file.lines(span)
            near = [each for each in file.permissions if file.covers(each, lines)]
            digest = file.digest(span) if near else ""
            for permission in near:
                if permission.state(digest) == ALLOWED:
                    self.granted[copy.path, permission.line] = permission.reason
                    return permission
        for permission in file.about(copy):
            is_part = file.has_part(copy, permission.digest)
            self._wrong[copy.path, permission.line] = permission.told(self.digest(copy), is_part=is_part)
        return None

    def digest(self, copy: Copy) -> str:
        """The hash that a comment must name to allow a copy."""
        file = self._file(copy.path)
        return file.digest(file.spans(copy)[0])

    def complaints(self, copy: Copy) -> list[str]:
        """What is wrong with the comments that were to allow a copy. They count as told."""
        if copy.path not in self._marked:
            return []
        at = [(copy.path, each.line) for each in self._file(copy.path).about(copy)]
        found = [each for each in at if each in self._wrong and each not in self.granted]
        self._told.update(found)
        return [f"{path}:{line}: {self._wrong[path, line]}" for path, line in found]

    def idle(self, paths: Iterable[str]) -> Iterator[tuple[Copy, str]]:
        """The comments in some files that allow nothing and were not told yet: where they are, and what is wrong."""
        for path in sorted(self._marked.intersection(paths)):
            for permission in self._file(path).permissions:
                at = (path, permission.line)
                if at not in self.granted and at not in self._told:
                    yield Copy(path, permission.line, permission.line, 0, 0), self._wrong.get(at, IDLE)

    def copy_of_lines(self, path: str, first_line: int, last_line: int) -> Copy:
        """The code in some lines of a file."""
        line = self.tokens(path).line
        first, last = np.searchsorted(line, (first_line, last_line + 1)).tolist()
        return Copy(path, first_line, last_line, first, max(first, last - 1))

    def tokens(self, path: str) -> Tokens:
        """The tokens of a file of the tree."""
        return self._file(path).tokens

    def _file(self, path: str) -> _Commented:
        if path not in self._files:
            self._files[path] = _Commented(self._root, path)
        return self._files[path]


class _Commented:
    """A file with its comments that allow copies, and with its tokens, which are cut when they are needed."""

    __slots__ = ("_blocks", "_tokens", "data", "language", "permissions")

    def __init__(self, root: str, path: str) -> None:
        self.data = b""
        self.language: Language | None = None
        found = Reader(root).read(Source(path))
        if found is not None:
            self.data, self.language = found
        self._tokens: Tokens | None = None
        self._blocks: Blocks | None = None
        comments = {each.line: each for each in self._everywhere(root, path)} if found is not None else {}
        self.permissions = [each for _, each in sorted(comments.items()) if not self._is_in_token(each.offset)]

    def _everywhere(self, root: str, path: str) -> Iterator[Permission]:
        """Those in the code, and in what is around it in a page or template."""
        if len(self.data) and self.language is not None:
            with open(f"{root}/{path}", "rb") as file:
                whole = file.read()
            if len(whole) == len(self.data) and whole != self.data:
                yield from permissions(whole)
        yield from permissions(self.data)

    def _is_in_token(self, offset: int) -> bool:
        """Whether a place is in a string rather than in a comment."""
        at = int(np.searchsorted(self.tokens.start, offset, "right")) - 1
        return at >= 0 and offset < int(self.tokens.end[at])

    @property
    def tokens(self) -> Tokens:
        if self._tokens is None:
            assert self.language is not None
            self._tokens = tokenize(self.data, self.language)
        return self._tokens

    @property
    def blocks(self) -> Blocks:
        if self._blocks is None:
            assert self.language is not None
            self._blocks = blocks_of(self.tokens, self.language)
        return self._blocks

    def spans(self, copy: Copy) -> list[Span]:
        """What a comment for a copy may be about, as first and last tokens: that which it should be about first.

        This is the function, class or block that the copy consists of, or is in. How far a copy reaches depends on
        the other copies; what a permission is about should not.
        """
        blocks = self._named_blocks()
        size = copy.last_token - copy.first_token + 1
        inside = [
            (first, last)
            for first, last in blocks
            if copy.first_token <= first and last <= copy.last_token and last - first + 1 >= MOST * size
        ]
        around = [(first, last) for first, last in blocks if first <= copy.first_token and copy.last_token <= last]
        around.sort(key=lambda span: span[1] - span[0])
        own = (copy.first_token, copy.last_token)
        return list(dict.fromkeys([*inside[:1], *around, own, *inside]))

    def _named_blocks(self) -> list[Span]:
        blocks = self.blocks
        kept = (blocks.kind == FUNCTION) | (blocks.kind == CLASS) | (blocks.kind == BLOCK)
        return list(zip(blocks.first[kept].tolist(), blocks.last[kept].tolist(), strict=True))

    def has_part(self, copy: Copy, digest: str) -> bool:
        """Whether a part of a copy has some hash."""
        return bool(digest) and any(
            self.digest(span) == digest
            for span in self._named_blocks()
            if copy.first_token <= span[0] and span[1] <= copy.last_token
        )

    def about(self, copy: Copy) -> list[Permission]:
        """The comments in or above a copy, or above the function or block that it is in."""
        ranges = [(copy.first_line, copy.last_line)]
        head = self.lines(self.spans(copy)[0])[0]
        return [
            each
            for each in self.permissions
            if self.covers(each, ranges[0]) or (each.line < head and self.covers(each, (head, head)))
        ]

    def lines(self, span: Span) -> tuple[int, int]:
        """The first and the last line of some tokens."""
        line = self.tokens.line
        ends = self.data.count(b"\n", int(self.tokens.start[span[1]]), int(self.tokens.end[span[1]]))
        return int(line[span[0]]), int(line[span[1]]) + ends

    def covers(self, permission: Permission, lines: tuple[int, int]) -> bool:
        """Whether a comment stands in some lines or directly above them; decorators may be between."""
        if permission.covers(*lines):
            return True
        line = self.tokens.line
        first, last = np.searchsorted(line, (permission.line + 1, lines[0])).tolist()
        if not 0 < last - first <= HEAD:
            return False
        heads = {int(line[at]): self.tokens.text(at)[:1] for at in range(last - 1, first - 1, -1)}
        return all(head in HEADS for head in heads.values())

    def digest(self, span: Span) -> str:
        """The hash of some tokens."""
        return hash_of(folded(self.tokens.text(number)) for number in range(span[0], span[1] + 1))
