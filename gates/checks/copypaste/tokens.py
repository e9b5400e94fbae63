"""Tokens: source text as words, numbers, strings and punctuation, each with a name that equal tokens share.

Comments and layout are not tokens. The code of many files is cut in one go: what costs is the number of bytes, not the
number of files. Positions always refer to the bytes as they were given.
"""

from __future__ import annotations

import re
from zlib import crc32

import numpy as np

from gates.checks.copypaste.arrays import is_in
from gates.checks.copypaste.grammar import NUMBER, PUNCT, STRING_MARK, WORD, Grammar, grammar_of
from gates.checks.copypaste.language import Language

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "IDENTIFIER",
    "NUMBER",
    "PUNCT",
    "STRING",
    "WORD",
    "Batch",
    "Tokens",
    "blind_names",
    "folded",
    "one_of",
    "tokenize",
    "tokenize_batch",
]

STRING = STRING_MARK

SEGMENT = 2 << 20
"""Bytes of one text that are looked at at once."""

_FIRST_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [(1 << 64) - 1], dtype=np.uint64)
"""Length (at most 8) -> mask of that many first bytes in a little-endian word."""

_WITHOUT_MARKS = bytes.maketrans(b"\0\1", b"  ")
"""These two bytes stand for a string and a comment in the code that is left."""

_AS_BYTES = (b"\0", b"\1")

_INDENT = re.compile(rb"\r?\n[ \t]*")

_MIX = np.uint64(0x9E3779B97F4A7C15)
_BLIND = {kind: np.uint64(0x5851F42D4C957F2D * kind & (1 << 64) - 1) for kind in (WORD, NUMBER, STRING_MARK)}
"""The one name of all identifiers, of all numbers, of all strings."""

IDENTIFIER = _BLIND[WORD]

FEW_WORDS = 6
"""So many texts are quicker looked for one by one."""

_LAST_BITS = np.uint64(48)
_known: dict[frozenset[bytes], tuple[NDArray[np.uint64], NDArray[np.bool_]]] = {}
"""Texts -> their names, and a table that tells from 16 bits of a name that it is not among them."""


class Tokens:
    """The tokens of one file.

    data   the bytes they were read from
    start  offset of each token's first byte (uint32)
    end    offset after its last byte (uint32)
    kind   WORD (identifier or keyword), NUMBER, STRING or PUNCT (uint8); each punctuation character is one token
    exact  name (uint64) of its text, see `folded`: equal texts have equal names, and other names mean other texts
    blind  name (uint64) without identifiers, numbers and strings: each of these has one name for all
    line   1-based number of the line it begins in (uint32)
    """

    __slots__ = ("_blind", "_grammar", "_line", "data", "end", "exact", "kind", "start")

    def __init__(
        self,
        data: bytes,
        grammar: Grammar,
        start: NDArray[np.uint32],
        end: NDArray[np.uint32],
        kind: NDArray[np.uint8],
        exact: NDArray[np.uint64],
    ) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.kind = kind
        self.exact = exact
        self._grammar = grammar
        self._blind: NDArray[np.uint64] | None = None
        self._line: NDArray[np.uint32] | None = None

    def __len__(self) -> int:
        return len(self.start)

    @property
    def blind(self) -> NDArray[np.uint64]:
        if self._blind is None:
            self._blind = blind_names(self.kind, self.exact, self._grammar)
        return self._blind

    @property
    def line(self) -> NDArray[np.uint32]:
        if self._line is None:
            self._line = self.lines_of(self.start)
        return self._line

    def lines_of(self, offsets: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The 1-based lines of some offsets."""
        newlines = np.flatnonzero(np.frombuffer(self.data, np.uint8) == 10)
        return (np.searchsorted(newlines, offsets) + 1).astype(np.uint32)

    def text(self, index: int) -> bytes:
        """One token as it is written."""
        return self.data[self.start[index] : self.end[index]]


class Batch:
    """The tokens of several files of one grammar, as arrays over all of them.

    first  index of each file's first token, and one more: the number of all tokens
    """

    __slots__ = ("end", "exact", "first", "grammar", "kind", "start")

    def __init__(
        self,
        grammar: Grammar,
        first: NDArray[np.int64],
        start: NDArray[np.uint32],
        end: NDArray[np.uint32],
        kind: NDArray[np.uint8],
        exact: NDArray[np.uint64],
    ) -> None:
        self.grammar = grammar
        self.first = first
        self.start = start
        self.end = end
        self.kind = kind
        self.exact = exact

    def tokens(self, number: int, data: bytes) -> Tokens:
        """Those of one file."""
        part = slice(int(self.first[number]), int(self.first[number + 1]))
        return Tokens(data, self.grammar, self.start[part], self.end[part], self.kind[part], self.exact[part])


def tokenize(data: bytes, language: Language) -> Tokens:
    """The tokens of one file."""
    return tokenize_batch([data], language).tokens(0, data)


def tokenize_batch(files: Sequence[bytes], language: Language) -> Batch:
    """The tokens of several files of one language."""
    grammar = grammar_of(language)
    stride = grammar.stride
    code: list[bytes] = []
    matches: list[bytes] = []
    counts = []
    for data in files:
        if b"\0" in data or b"\1" in data:
            data = data.translate(_WITHOUT_MARKS)
        parts = grammar.split(data)
        code += parts[::stride]
        matches += parts[1::stride]
        matches.append(b"")  # keeps files apart
        counts.append(len(parts) // stride + 1)
    return _cut(grammar, code, matches, np.array(counts, dtype=np.int64))


def _cut(grammar: Grammar, code: list[bytes], matches: list[bytes], counts: NDArray[np.int64]) -> Batch:
    """Cut code into tokens. After each piece of code comes its match; `counts` pieces belong to each file."""
    marks = grammar.marks(matches)
    pieces: list[bytes] = [b""] * (2 * len(code))
    pieces[::2] = code
    pieces[1::2] = map(_AS_BYTES.__getitem__, marks)
    text = b"".join(pieces)
    classes = np.frombuffer(text.translate(grammar.classes), np.uint8)
    begin, after, exact = _bounds_and_names(text, classes)
    kind = classes[begin]

    # Where each match stands in the text, and how much more it takes in its file; so where each piece of code begins.
    at = np.flatnonzero(np.frombuffer(text, np.uint8) <= 1)
    match_lengths = np.fromiter(map(len, matches), np.int64, len(matches))
    in_text = np.append(0, at + 1)[:-1]
    more = np.append(0, np.cumsum(match_lengths - 1))[:-1]
    last = np.cumsum(counts) - 1  # each file's last piece
    first_piece = last - counts + 1
    more -= np.repeat((in_text + more)[first_piece], counts)
    firsts = np.searchsorted(begin, in_text)
    shift = np.repeat(more, np.diff(firsts, append=len(begin)))
    start = (begin + shift).astype(np.uint32)
    end = (after + shift).astype(np.uint32)
    strings = np.flatnonzero(kind == STRING)
    end[strings] = start[strings] + match_lengths[np.frombuffer(marks, np.uint8) == 0].astype(np.uint32)
    exact[strings] = _string_names([folded(match) for match, mark in zip(matches, marks, strict=True) if not mark])
    first = np.append(firsts[first_piece], len(begin))
    return Batch(grammar, first, start, end, kind, exact)


def _bounds_and_names(
    text: bytes, classes: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Where tokens begin and end, and their names; a long text is cut piece by piece, which bounds the memory."""
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]] = []
    low = 0
    while low < len(text) or not parts:
        high = _cut_point(text, low + SEGMENT)
        begin, after = _bounds(classes[low:high])
        parts.append((begin + low, after + low, _names(text[low:high], begin, after)))
        low = high
    if len(parts) == 1:
        return parts[0]
    begins, afters, names = zip(*parts, strict=True)
    return np.concatenate(begins), np.concatenate(afters), np.concatenate(names)


def _cut_point(text: bytes, at: int) -> int:
    """The first place from `at` on that is in no word."""
    while at < len(text) and text[at] > 32:
        at += 1
    return min(at, len(text))


def _bounds(classes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where tokens begin and end: runs of letters and digits, and every other byte that is not space by itself."""
    in_word = (classes & (WORD | NUMBER)) != 0
    joined = np.zeros(len(classes) + 1, dtype=bool)
    np.logical_and(in_word[1:], in_word[:-1], out=joined[1:-1])
    visible = classes != 0
    begin = np.flatnonzero(visible & ~joined[:-1])
    after = np.flatnonzero(visible & ~joined[1:]) + 1
    return begin, after


def _names(text: bytes, begin: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A name for each token's text; that of a text of up to 8 bytes belongs to no other text of up to 8 bytes."""
    length = after - begin
    padded = np.frombuffer(text + b"\0" * 8, np.uint8)
    words = np.ndarray(len(padded) - 7, np.dtype("<u8"), padded, strides=(1,))
    names = _mixed(words[begin] & _FIRST_BYTES[np.minimum(length, 8)])
    rest = np.flatnonzero(length > 8)
    done = 8
    while len(rest):
        if done == 64:
            spans = zip(begin[rest].tolist(), after[rest].tolist(), strict=True)
            names[rest] = _string_names([text[first:last] for first, last in spans])
            break
        more = words[begin[rest] + done] & _FIRST_BYTES[np.minimum(length[rest] - done, 8)]
        names[rest] = _mixed(names[rest] * _MIX + more)
        done += 8
        rest = rest[length[rest] > done]
    return names


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over the word; different words stay different."""
    words = words * _MIX
    words ^= words >> np.uint64(32)
    words *= np.uint64(0xD6E8FEB86659FD93)
    words ^= words >> np.uint64(29)
    return words


def folded(text: bytes) -> bytes:
    """A token without the indentation of its lines: a string over several lines is indented with the code around it."""
    return _INDENT.sub(b"\n", text) if b"\n" in text else text


def _string_names(texts: list[bytes]) -> NDArray[np.uint64]:
    sums = np.fromiter(map(crc32, texts), np.uint64, len(texts))
    lengths = np.fromiter(map(len, texts), np.uint64, len(texts))
    return _mixed(sums << np.uint64(32) | lengths)


def blind_names(kind: NDArray[np.uint8], exact: NDArray[np.uint64], grammar: Grammar) -> NDArray[np.uint64]:
    """The names without identifiers, numbers and strings; keywords and punctuation keep theirs."""
    names = exact.copy()
    names[kind == NUMBER] = _BLIND[NUMBER]
    names[kind == STRING_MARK] = _BLIND[STRING_MARK]
    words = kind == WORD
    if grammar.keywords:
        words &= ~one_of(exact, grammar.keywords)
    names[words] = IDENTIFIER
    return names


def one_of(exact: NDArray[np.uint64], texts: frozenset[bytes]) -> NDArray[np.bool_]:
    """Which tokens have one of some texts, by their names."""
    known = _known.get(texts)
    if known is None:
        names = np.sort(word_names(texts))
        table = np.zeros(1 << 16, bool)
        table[names >> _LAST_BITS] = True
        known = _known[texts] = (names, table)
    names, table = known
    if len(names) <= FEW_WORDS:
        few = np.zeros(len(exact), bool)
        for each in names:
            few |= exact == each
        return few
    found = table[(exact >> _LAST_BITS).astype(np.uint16)]  # of the others a few remain
    at = found.nonzero()[0]
    found[at] = is_in(exact[at], names)
    return found


def word_names(words: frozenset[bytes]) -> NDArray[np.uint64]:
    """The names that some words have as tokens."""
    texts = sorted(words)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    after = np.cumsum(lengths)
    return _names(b"".join(texts), after - lengths, after)
