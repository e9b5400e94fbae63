"""What must hold for any bytes in any language: said once, for hypothesis and for the coverage-guided fuzzer.

Each function takes bytes that anybody could have written, and ends with an AssertionError where something is wrong.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from gates.checks.copypaste.blocks import BLOCK, CLASS, FUNCTION, LITERAL
from gates.checks.copypaste.boundaries import blocks_of, blocks_of_batch
from gates.checks.copypaste.embedded import unwrap
from gates.checks.copypaste.language import COMMENT, Language
from gates.checks.copypaste.noise import noisy_tokens, reason_to_leave_out
from gates.checks.copypaste.suppress import permissions
from gates.checks.copypaste.tokens import NUMBER, PUNCT, STRING, WORD, Tokens, tokenize, tokenize_batch

SPACE = bytes(range(33))
"""Bytes that are never a token by themselves: control characters and the space."""


def check_tokens(data: bytes, language: Language) -> None:
    """The tokens of a text are in it, in order, each in its own line, and have the names of their texts."""
    tokens = tokenize(data, language)
    check_positions(tokens, data)
    check_gaps(tokens, data, language)
    check_names(tokens)


def check_positions(tokens: Tokens, data: bytes) -> None:
    start, end = tokens.start.tolist(), tokens.end.tolist()
    assert len(start) == len(end) == len(tokens.kind) == len(tokens.exact) == len(tokens.line)
    assert all(a < b for a, b in zip(start, end, strict=True)), "a token is empty"
    assert all(b <= a for a, b in zip(start[1:], end, strict=False)), "tokens overlap"
    assert not end or end[-1] <= len(data), "a token reaches beyond the file"
    newlines = [offset for offset, byte in enumerate(data) if byte == 10]
    assert tokens.line.tolist() == [bisect_left(newlines, offset) + 1 for offset in start], "a token is in another line"
    for number, kind in enumerate(tokens.kind.tolist()):
        text = tokens.text(number)
        assert text == data[start[number] : end[number]]
        assert kind in (WORD, NUMBER, PUNCT, STRING)
        assert kind != PUNCT or len(text) == 1
        assert text.strip(SPACE), "a token is nothing but space"
        if kind in (WORD, NUMBER):
            assert not any(byte in SPACE for byte in text), "space in a word"


def check_gaps(tokens: Tokens, data: bytes, language: Language) -> None:
    """What is in no token is space, or begins as a comment does."""
    openers = tuple(language.line_comments) + tuple(opener for opener, _ in language.block_comments)
    openers += tuple(_first(pattern) for kind, pattern in language.patterns if kind == COMMENT)
    reached = 0
    for start, end in zip([*tokens.start.tolist(), len(data)], [*tokens.end.tolist(), 0], strict=True):
        gap = data[reached:start].lstrip(SPACE)
        assert not gap or gap.startswith(openers), f"in no token: {gap[:40]!r}"
        reached = end


def check_names(tokens: Tokens) -> None:
    """Equal texts have one name, and texts of up to 8 bytes each their own."""
    named: dict[tuple[int, bytes], int] = {}
    for number, (kind, name) in enumerate(zip(tokens.kind.tolist(), tokens.exact.tolist(), strict=True)):
        text = tokens.text(number)
        if b"\0" not in text and b"\1" not in text:
            assert named.setdefault((kind == STRING, text), name) == name, f"two names for {text!r}"
    short = {text: name for (is_string, text), name in named.items() if not is_string and len(text) <= 8}
    assert len(set(short.values())) == len(short), "two texts have one name"


def check_together(files: list[bytes], language: Language) -> None:
    """Files that are cut together have the tokens, the blocks and the noise that each has alone."""
    batch = tokenize_batch(files, language)
    blocks = blocks_of_batch(batch, files, language)
    noisy = noisy_tokens(batch, files, language)
    assert len(noisy) == len(batch.start)
    for number, data in enumerate(files):
        alone, together = tokenize(data, language), batch.tokens(number, data)
        for column in ("start", "end", "kind", "exact", "line", "blind"):
            assert (getattr(alone, column) == getattr(together, column)).all(), f"{column} depend on other files"
        first, after = batch.first[number : number + 2].tolist()
        here = (blocks.first >= first) & (blocks.last < after)
        own = blocks_of(alone, language)
        assert (blocks.first[here] - first).tolist() == own.first.tolist(), "blocks depend on other files"
        assert (blocks.last[here] - first).tolist() == own.last.tolist(), "blocks depend on other files"
        assert blocks.kind[here].tolist() == own.kind.tolist(), "kinds of blocks depend on other files"
        one = tokenize_batch([data], language)
        assert noisy[first:after].tolist() == noisy_tokens(one, [data], language).tolist(), "noise depends on others"


def check_blocks(data: bytes, language: Language) -> None:
    """Blocks lie in the file, and nest."""
    tokens = tokenize(data, language)
    blocks = blocks_of(tokens, language)
    assert len(blocks.first) == len(blocks.body) == len(blocks.last) == len(blocks.kind)
    if not len(blocks):
        return
    assert blocks.first.min() >= 0
    assert blocks.last.max() < len(tokens)
    assert (blocks.first <= blocks.body).all()
    assert (blocks.body <= blocks.last + 1).all()
    assert set(np.unique(blocks.kind).tolist()) <= {FUNCTION, CLASS, BLOCK, LITERAL}
    for begin, end in zip(blocks.body.tolist(), blocks.last.tolist(), strict=True):
        crossing = (blocks.body > begin) & (blocks.body <= end) & (blocks.last > end)
        assert not crossing.any(), "blocks cross"


def check_inside(data: bytes, language: Language) -> None:
    """The code in a page, template or notebook stays where it is, and is read as any other."""
    found = unwrap(data, language)
    if found is None:
        return
    code, inner = found
    assert len(code) == len(data)
    newlines = [offset for offset, byte in enumerate(data) if byte == 10]
    assert [offset for offset, byte in enumerate(code) if byte == 10] == newlines, "lines have moved"
    check_tokens(code, inner)


def check_permissions(data: bytes) -> None:
    """Comments that allow copies are in the lines they name."""
    lines = data.split(b"\n")
    for found in permissions(data):
        assert b"gateline:" in lines[found.line - 1], "a comment is in another line"
        assert not found.digest or found.digest.encode() in lines[found.line - 1]
        assert "\n" not in found.reason
        assert found.told("abcdef01")


def read_all(data: bytes, language: Language) -> None:
    """All that is done with a text, without looking at what comes out: it has to end, and soon."""
    inside = unwrap(data, language)
    for code, written in [(data, language), *([inside] if inside else [])]:
        tokens = tokenize(code, written)
        blocks_of(tokens, written)
        batch = tokenize_batch([code], written)
        noisy_tokens(batch, [code], written)
    permissions(data)
    reason_to_leave_out("a", data)


def _first(pattern: bytes) -> bytes:
    """The literal byte that a pattern begins with."""
    return pattern[1:2] if pattern[:1] == b"\\" else pattern[:1]
