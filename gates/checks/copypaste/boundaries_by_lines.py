"""Blocks that are bounded by indentation or by closing keywords, see `boundaries`."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.block_words import CLASS_WORDS, END_WORDS, FUNCTION_WORDS, MODIFIERS
from gates.checks.copypaste.blocks import BLOCK, CLASS, FUNCTION, Blocks
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.layout import depth_of, file_numbers, firsts, line_starts, name, one_of, pairs, preceding
from gates.checks.copypaste.tokens import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

LINE_OPENERS = frozenset((b"do", b"then", b"function"))
"""Words whose block begins with the line they end."""

__all__ = ["by_indent", "by_words"]


def by_indent(batch: Batch, files: Sequence[bytes], language: Language) -> Blocks:
    """A line followed by deeper ones, up to the next that is not."""
    line_first, column = line_starts(batch, files)
    file = file_numbers(batch)
    opens = one_of(batch.exact, frozenset((b"(", b"[", b"{")))
    closes = one_of(batch.exact, frozenset((b")", b"]", b"}")))
    inside = depth_of(opens, closes, batch.first)
    inside -= opens  # the depth before the token
    inside += closes
    joined = np.zeros(len(line_first), dtype=bool)
    joined[1:] = (batch.exact[:-1] == name(b"\\")) | (file[1:] != file[:-1])
    logical = np.flatnonzero(line_first & (inside <= 0) & ~joined | firsts(batch))
    if len(logical) < 2:
        return Blocks.none()
    depth = column[logical].copy()
    starts = firsts(batch)[logical]
    follows = np.append(logical[1:], len(line_first))
    headers = np.flatnonzero((depth[1:] > depth[:-1]) & ~starts[1:])
    ends = np.empty(len(headers), dtype=np.int64)
    for indent in np.unique(depth[headers]).tolist():
        here = np.flatnonzero(depth[headers] == indent)
        stops = np.append(np.flatnonzero((depth <= indent) | starts), len(logical))
        ends[here] = stops[np.searchsorted(stops, headers[here], side="right")]
    last = np.append(logical, len(line_first))[ends] - 1
    first = logical[headers]
    kind = np.full(len(headers), BLOCK, dtype=np.uint8)
    kind[_line_has(CLASS_WORDS, batch, first, follows[headers])] = CLASS
    kind[_line_has(FUNCTION_WORDS | {b"task"}, batch, first, follows[headers])] = FUNCTION
    return Blocks(first, follows[headers], last, kind)


def _line_has(words: frozenset[bytes], batch: Batch, first: Ints, after: Ints) -> Flags:
    """Which lines have one of some words among their first four tokens (`export default async function`)."""
    found = np.flatnonzero(one_of(batch.exact, words))
    return np.searchsorted(found, np.minimum(after, first + 4)) > np.searchsorted(found, first)


def by_words(batch: Batch, files: Sequence[bytes], language: Language) -> Blocks:
    """Blocks between an opening and a closing keyword."""
    exact = batch.exact
    line_first = line_starts(batch, files)[0] | firsts(batch)
    opened, closed = pairs(*_delimiters(batch, line_first, language), batch.first, file_numbers(batch))
    first = opened.copy()
    lines = np.flatnonzero(line_first)
    begun = lines[np.searchsorted(lines, opened, side="right") - 1]
    whole_line = one_of(exact[opened], LINE_OPENERS)
    if language.name == "shell":
        named = (exact[opened] == name(b"{")) & preceding(exact == name(b")"), batch)[opened]
        named |= preceding(exact == name(b"function"), batch, 2)[opened]
        whole_line |= named
    first[whole_line] = begun[whole_line]
    kind = np.full(len(opened), BLOCK, dtype=np.uint8)
    kind[one_of(exact[first], CLASS_WORDS)] = CLASS
    kind[one_of(exact[first], END_WORDS[language.name][2]) | one_of(exact[opened], END_WORDS[language.name][2])] = (
        FUNCTION
    )
    if language.name == "shell":
        kind[named] = FUNCTION
    if language.name in ("sql", "plsql"):
        return _with_statements(batch, opened, closed, kind)
    return Blocks(first, opened + 1, closed, kind)


def _delimiters(batch: Batch, line_first: Flags, language: Language) -> tuple[Flags, Flags]:
    """Which tokens open a block, and which close one."""
    exact = batch.exact
    openers, closers, _ = END_WORDS[language.name]
    opens = one_of(exact, openers)
    closes = one_of(exact, closers)
    if language.name == "ruby":
        opens &= ~_endless(batch, line_first)
    if language.name in MODIFIERS:
        opens &= _opens_statement(batch, line_first, language)
    if language.name in ("sql", "plsql"):
        opens &= ~preceding(closes, batch)  # END IF, END LOOP, END CASE
    if language.name in ("julia", "matlab"):  # the `end` of `a[end]` is its last index
        closes &= _in_brackets(batch) <= 0
    if language.name != "shell":
        is_name = preceding(one_of(exact, frozenset((b".", b":", b"@", b"$"))), batch)
        opens &= ~is_name
        closes &= ~is_name
    return opens, closes


def _in_brackets(batch: Batch) -> Ints:
    """How many brackets are open after each token."""
    opens = one_of(batch.exact, frozenset((b"(", b"[", b"{")))
    closes = one_of(batch.exact, frozenset((b")", b"]", b"}")))
    return depth_of(opens, closes, batch.first)


def _opens_statement(batch: Batch, line_first: Flags, language: Language) -> Flags:
    """Where a word opens a block rather than modifying the statement before it (`return x if y`)."""
    exact = batch.exact
    before = np.zeros(len(exact), dtype=bool)
    before[1:] = one_of(exact[:-1], frozenset((b";", b"=", b"(", b"|", b"&", b"{", b",", b">")))
    words = frozenset((b"do", b"then", b"else", b"begin", b"return", b"and", b"or", b"not"))
    before[1:] |= one_of(exact[:-1], words)
    modifiers, loops = MODIFIERS[language.name]
    result = ~one_of(exact, modifiers) | line_first | before
    if loops:  # the `do` of `while x do` is part of its line
        do = exact == name(b"do")
        lines = np.cumsum(line_first)
        looping = np.unique(lines[one_of(exact, loops) & (line_first | before)])
        result &= ~(do & np.isin(lines, looping))
    return result


def _endless(batch: Batch, line_first: Flags) -> Flags:
    """Ruby's `def name(...) = value`, which has no `end`."""
    exact = batch.exact
    equals = exact == name(b"=")
    equals[1:] &= batch.start[1:] > batch.end[:-1]  # not that of `def name=(value)`
    equals &= _in_brackets(batch) <= 0
    lines = np.cumsum(line_first)
    endless: Flags = (exact == name(b"def")) & np.isin(lines, lines[equals])
    return endless


def _with_statements(batch: Batch, opened: Ints, closed: Ints, kind: NDArray[np.uint8]) -> Blocks:
    """SQL: each statement outside of BEGIN ... END is a block as well, that with a body a function."""
    depth = np.zeros(len(batch.exact) + 1, dtype=np.int64)
    np.add.at(depth, opened, 1)
    np.add.at(depth, closed, -1)
    outside = np.cumsum(depth[:-1]) <= 0
    stops = np.flatnonzero((batch.exact == name(b";")) & outside)
    lasts = np.unique(np.concatenate([stops, batch.first[1:] - 1]))
    lasts = lasts[lasts >= 0]
    firsts = np.concatenate([[0], lasts[:-1] + 1])
    has_body = np.searchsorted(opened, lasts) > np.searchsorted(opened, firsts)
    whole = firsts < lasts
    return Blocks(
        np.concatenate([opened, firsts[whole]]),
        np.concatenate([opened + 1, firsts[whole] + 1]),
        np.concatenate([closed, lasts[whole]]),
        np.concatenate([kind, np.where(has_body[whole], FUNCTION, BLOCK).astype(np.uint8)]),
    )
