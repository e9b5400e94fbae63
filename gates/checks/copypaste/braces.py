"""Blocks in braces, and what stands before each: see `boundaries`."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.block_words import (
    CALL_DEFINES,
    CLASS_WORDS,
    COMMA_ENDS,
    CONTINUES,
    CONTROL_WORDS,
    FUNCTION_WORDS,
    GOES_ON,
    LINES_END,
    LITERAL_BEFORE,
)
from gates.checks.copypaste.blocks import BLOCK, CLASS, FUNCTION, LITERAL, Blocks
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.layout import depth_of, file_numbers, line_starts, name, one_of, pairs, preceding
from gates.checks.copypaste.tokens import WORD, Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["by_braces"]

DEEPEST = 30
"""Round brackets deeper than this are taken as this deep; only broken code has more."""

ARROWS = frozenset(("javascript", "typescript", "csharp", "java", "dart", "groovy", "scala", "astro"))
"""Languages in which a brace after an arrow opens a function."""

DIRECTIVES = frozenset(("c", "cpp", "cuda", "objective-c", "csharp", "glsl", "hlsl", "metal"))
"""Languages in which a line that begins with "#" is a statement of its own."""


def by_braces(batch: Batch, files: Sequence[bytes], language: Language) -> Blocks:
    """The blocks of files of a language with braces."""
    return _Braces(batch, files, language).blocks()


class _Braces:
    """Blocks in braces: where each brace closes, and what stands before it."""

    def __init__(self, batch: Batch, files: Sequence[bytes], language: Language) -> None:
        self.batch = batch
        self.language = language
        self.exact = batch.exact
        self.file = file_numbers(batch)
        self.open_brace = self.exact == name(b"{")
        self.close_brace = self.exact == name(b"}")
        self.round_open = self._any(b"(", b"[")
        self.round_close = self._any(b")", b"]")
        depth = depth_of(self.round_open, self.round_close, batch.first)
        self.round = np.clip(depth, 0, DEEPEST)
        self.line_first = line_starts(batch, files)[0]

    def blocks(self) -> Blocks:
        opened, closed = pairs(self.open_brace, self.close_brace, self.batch.first, self.file)
        if not len(opened):
            return Blocks.none()
        level = self.round[opened]
        ends = self._statement_ends()
        header = self._headers(opened, level, ends)
        kind = self._kinds(opened, level, header)
        if self.language.name in LINES_END:  # there a block may be one of several arguments, or of an object's entries
            commas = self.exact == name(b",")
            if self.language.name not in COMMA_ENDS:
                commas &= self.round > 0
            entry = self._headers(opened, level, ends | commas)
            inner = (kind != CLASS) & (entry < opened)
            header[inner] = entry[inner]
            kind[inner] = self._kinds(opened[inner], level[inner], header[inner])
        return Blocks(header, opened + 1, closed, kind)

    def _any(self, *texts: bytes) -> Flags:
        return one_of(self.exact, frozenset(texts))

    def _headers(self, opened: Ints, level: NDArray[np.int64], ends: Flags) -> Ints:
        """The index where the statement that ends with each brace begins."""
        starts = self.batch.first[self.file[opened]]
        header = starts.copy()
        for depth in np.unique(level).tolist():
            # What precedes a statement at this depth: the end of another one, or the bracket it is in.
            stops = np.flatnonzero((ends | self.round_open) & (self.round == depth))
            here = np.flatnonzero(level == depth)
            before = np.searchsorted(stops, opened[here]) - 1
            found = before >= 0
            header[here[found]] = np.maximum(stops[before[found]] + 1, starts[here[found]])
        return header

    def _statement_ends(self) -> Flags:
        """Tokens after which a statement may begin."""
        ends = self._any(b";", b"{", b"}")
        if self.language.name in LINES_END:
            ends[:-1] |= (self.line_first & ~self._any(*GOES_ON))[1:] & ~self._any(*CONTINUES)[:-1]
        if self.language.name == "php":
            ends |= (self.exact == name(b"php")) & preceding(self._any(b"?"), self.batch)
        if self.language.name in DIRECTIVES:
            lines = np.flatnonzero(self.line_first)
            directives = self.exact[lines] == name(b"#")
            ends[lines[1:][directives[:-1]] - 1] = True
        return ends

    def _kinds(self, opened: Ints, level: NDArray[np.int64], header: Ints) -> NDArray[np.uint8]:
        language = self.language.name
        before = np.maximum(opened - 1, 0)
        empty = header >= opened
        after_round = (self.exact[before] == name(b")")) & ~empty
        arrow = (self.exact[before] == name(b">")) & ~empty
        if language not in ARROWS:
            arrow[:] = False
        arrow &= preceding(self._any(b"=", b"-"), self.batch, 2)[opened]
        function = self._has(FUNCTION_WORDS, opened, level, header)
        control = self._has(CONTROL_WORDS, opened, level, header)
        types = self._has(CLASS_WORDS, opened, level, header)
        if language == "rust":  # `impl A for B {`
            control &= ~self._has(frozenset((b"impl",)), opened, level, header)
        literal = self._any(*LITERAL_BEFORE)[before] | empty
        kind = np.full(len(opened), BLOCK, dtype=np.uint8)
        kind[literal & ~control] = LITERAL
        if language in CALL_DEFINES:
            calls = self._called(opened, level, header) & ~literal
            kind[calls] = FUNCTION
            new = self._has(frozenset((b"new",)), opened, level, header)
            named = self._has(frozenset((b"record", b"where")), opened, level, header)
            types &= ~(calls & after_round & ~named) & ~(
                calls & ~after_round & named
            )  # `struct a *f() {`, `where T: class`
            types |= new & calls
        kind[types & ~literal] = CLASS
        kind[control] = BLOCK
        kind[function | arrow] = FUNCTION
        return kind

    def _has(self, words: frozenset[bytes], opened: Ints, level: NDArray[np.int64], header: Ints) -> Flags:
        """Which headers have one of some words outside of their brackets."""
        found = np.flatnonzero(one_of(self.exact, words))
        return self._between(found, self.round[found], opened, level, header)

    def _called(self, opened: Ints, level: NDArray[np.int64], header: Ints) -> Flags:
        """Which headers have a name followed by a bracket."""
        word = (self.batch.kind == WORD) | (self.exact == name(b">"))
        brackets = np.flatnonzero((self.exact == name(b"(")) & preceding(word, self.batch))
        return self._between(brackets, self.round[brackets] - 1, opened, level, header)

    def _between(
        self, found: Ints, depths: NDArray[np.int64], opened: Ints, level: NDArray[np.int64], header: Ints
    ) -> Flags:
        """Whether one of the positions `found` lies in each header, at the depth of its brace."""
        has = np.zeros(len(opened), dtype=bool)
        for depth in np.unique(level).tolist():
            here = level == depth
            at = found[depths == depth]
            has[here] = np.searchsorted(at, opened[here]) > np.searchsorted(at, header[here])
        return has
