"""Two pieces of code, line by line: which lines of one are which lines of the other."""

from __future__ import annotations

import os
from difflib import SequenceMatcher

from gates.checks.copypaste.language import Language
from gates.checks.copypaste.languages import language
from gates.checks.copypaste.reading import Reader, Source
from gates.checks.copypaste.tokens import tokenize
from gates.checks.copypaste.type3 import similarity
from gates.errors import CannotRun
from gates.finding import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["EQUAL", "ONLY_HERE", "ONLY_THERE", "OTHER", "Passage", "Row", "Token", "rows"]

EQUAL, OTHER, ONLY_HERE, ONLY_THERE = " ", "~", "<", ">"
"""What a row says of its two lines."""

ALIKE = 0.5
"""Lines stand side by side when they are that similar, see `type3.similarity`."""

DOUBT = 0.4
"""One pair that is very similar is better than two that are hardly so."""

MOST_PAIRS = 20_000
"""With more pairs of lines than this, lines that differ are put side by side as they come."""

Row = tuple[str, int | None, int | None]
"""A mark, and the numbers of the lines in both passages, from 0."""


class Token:
    """The text of a token, its kind, and its names: as it is, and without names and literals."""

    __slots__ = ("blind", "exact", "kind", "text")

    def __init__(self, text: bytes, kind: int, blind: int, exact: int) -> None:
        self.text = text
        self.kind = kind
        self.blind = blind
        self.exact = exact


class Passage:
    """Some lines of a file.

    lines   their text
    tokens  for each line those that begin in it; comments are none
    keys    for each line what makes it equal to another: its tokens, or its part of a string over several lines
    """

    __slots__ = ("keys", "lines", "place", "tokens")

    def __init__(self, root: str, place: Place) -> None:
        try:
            with open(os.path.join(root, place.path), "rb") as file:
                whole = file.read()
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}", where=place.path) from None
        found = Reader(root).read(Source(place.path, data=whole))
        data, written = found if found is not None else (whole, language("text"))
        first, last = place.start_line, place.end_line
        text = whole if len(whole) == len(data) else data  # the code of a page is blank around
        self.place = place
        self.lines = [line.decode("utf-8", "replace").rstrip("\r") for line in text.split(b"\n")[first - 1 : last]]
        self._cut(data, written)

    def _cut(self, data: bytes, written: Language) -> None:
        first = self.place.start_line
        self.tokens: list[list[Token]] = [[] for _ in self.lines]
        keys: list[list[bytes]] = [[] for _ in self.lines]
        tokens = tokenize(data, written)
        blind = tokens.blind
        for number, line in enumerate((tokens.line.astype(int) - first).tolist()):
            if not 0 <= line < len(self.lines):
                continue
            text = tokens.text(number)
            names = int(blind[number]), int(tokens.exact[number])
            self.tokens[line].append(Token(text, int(tokens.kind[number]), *names))
            for below, part in enumerate(text.split(b"\n")[: len(self.lines) - line]):
                keys[line + below].append(part.strip())
        self.keys = [tuple(key) for key in keys]

    def without_ends(self, *, first: bool, last: bool) -> None:
        """Leave out the first or the last line, of which only a part belongs to the copy."""
        begin, end = int(first), len(self.lines) - int(last)
        self.place = Place(self.place.path, self.place.start_line + begin, self.place.end_line - int(last))
        self.lines, self.tokens, self.keys = self.lines[begin:end], self.tokens[begin:end], self.keys[begin:end]

    def shape(self, line: int) -> list[int]:
        """A line without names and literals."""
        return [token.blind for token in self.tokens[line]]


def rows(one: Passage, other: Passage) -> Iterator[Row]:
    """The lines of both in pairs where they are alike, else alone. A line without code is never a difference."""
    matcher = SequenceMatcher(lambda key: not key, one.keys, other.keys, autojunk=False)
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            yield from zip([EQUAL] * (j - i), range(i, j), range(k, m), strict=True)
        else:
            yield from _paired(one, other, range(i, j), range(k, m))


def _paired(one: Passage, other: Passage, left: Sequence[int], right: Sequence[int]) -> Iterator[Row]:
    """Lines that differ: those that are alike side by side, in the way that makes most of them so."""
    here, there = 0, 0
    for at, to in [*_best_pairs(one, other, left, right), (len(left), len(right))]:
        for number in left[here:at]:
            yield ONLY_HERE if one.keys[number] else EQUAL, number, None
        for number in right[there:to]:
            yield ONLY_THERE if other.keys[number] else EQUAL, None, number
        if at < len(left):
            yield OTHER if one.keys[left[at]] != other.keys[right[to]] else EQUAL, left[at], right[to]
        here, there = at + 1, to + 1


def _best_pairs(one: Passage, other: Passage, left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of lines, in order, whose similarities add up to the most."""
    if len(left) * len(right) > MOST_PAIRS:
        return list(zip(range(len(left)), range(len(right)), strict=False))
    alike = [[_likeness(one, other, i, k) for k in right] for i in left]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for k in range(len(right) - 1, -1, -1):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], alike[i][k] + best[i + 1][k + 1] if alike[i][k] else 0.0)
    pairs = []
    i, k = 0, 0
    while i < len(left) and k < len(right):
        if alike[i][k] and best[i][k] == alike[i][k] + best[i + 1][k + 1]:
            pairs.append((i, k))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            i += 1
        else:
            k += 1
    return pairs


def _likeness(one: Passage, other: Passage, i: int, k: int) -> float:
    """How much speaks for two lines side by side, 0.0 when they are not similar enough."""
    left, right = one.tokens[i], other.tokens[k]
    if not left or not right:
        return 0.01 if not one.keys[i] and not other.keys[k] else 0.0  # two comments, or parts of strings
    blind = [token.blind for token in left], [token.blind for token in right]
    exact = [token.exact for token in left], [token.exact for token in right]
    value = similarity(blind, exact)
    return value - DOUBT if value >= ALIKE else 0.0
