"""Two copies side by side, and what could be made of them: one function, with what differs as its parameters."""

from __future__ import annotations

import os
from difflib import SequenceMatcher

from gates.checks.copypaste.block_words import CLASS_WORDS, FUNCTION_WORDS
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.languages import language, language_of
from gates.checks.copypaste.tokens import NUMBER, STRING, WORD, tokenize
from gates.errors import CannotRun
from gates.finding import Place
from gates.reports.style import Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Difference", "Passage", "compare", "side_by_side", "suggestion"]

KINDS = {WORD: "a name", NUMBER: "a number", STRING: "a text"}
MOST_PARAMETERS = 8
"""With more of them a function would be harder to read than the copies are."""

DEFINES = FUNCTION_WORDS | CLASS_WORDS
"""The name after one of these is that of the copy itself, no parameter of it."""

Token = tuple[bytes, int, int]
"""Text, kind, line."""


class Passage:
    """Some lines of a file, and their tokens.

    lines   their text
    tokens  what stands in them, comments left out
    """

    __slots__ = ("lines", "place", "tokens")

    def __init__(self, root: str, place: Place) -> None:
        self.place = place
        try:
            with open(os.path.join(root, place.path), "rb") as file:
                data = file.read()
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}", where=place.path) from None
        written: Language = language_of(place.path, data[:4096]) or language("text")
        lines = data.decode("utf-8", "replace").split("\n")
        self.lines = [line.rstrip("\r") for line in lines[place.start_line - 1 : place.end_line]]
        tokens = tokenize(data, written)
        self.tokens: list[Token] = [
            (tokens.text(number), int(tokens.kind[number]), int(line))
            for number, line in enumerate(tokens.line)
            if place.start_line <= line <= place.end_line
        ]

    def words_of_lines(self) -> list[tuple[bytes, ...]]:
        """The tokens of each line: lines are equal whatever their layout."""
        words: list[list[bytes]] = [[] for _ in self.lines]
        for text, _, line in self.tokens:
            words[line - self.place.start_line].append(text)
        return [tuple(line) for line in words]


class Difference:
    """How two passages differ.

    parameters  (kind, text here, text there) -> how often; in the order in which they occur
    own         for each side the lines of statements that only it has
    """

    __slots__ = ("own", "parameters")

    def __init__(self) -> None:
        self.parameters: dict[tuple[int, bytes, bytes], int] = {}
        self.own: tuple[list[int], list[int]] = ([], [])


def compare(one: Passage, other: Passage) -> Difference:
    """What differs, token by token."""
    result = Difference()
    texts = [[text if kind not in KINDS else b"\0%d" % kind for text, kind, _ in side.tokens] for side in (one, other)]
    for what, i, j, k, m in SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if what == "equal":
            for at, ((here, kind, _), (there, _, _)) in enumerate(
                zip(one.tokens[i:j], other.tokens[k:m], strict=True), i
            ):
                defines = at > 0 and one.tokens[at - 1][0] in DEFINES
                if here != there and not defines:
                    key = (kind, here, there)
                    result.parameters[key] = result.parameters.get(key, 0) + 1
        else:
            result.own[0].extend(_lines_of(one.tokens[i:j]))
            result.own[1].extend(_lines_of(other.tokens[k:m]))
    return result


def _lines_of(tokens: Sequence[Token]) -> list[int]:
    return sorted({line for _, _, line in tokens})


def suggestion(one: Passage, other: Passage, difference: Difference, copies: int = 2) -> Iterator[str]:
    """Sentences that say what to extract."""
    own = sorted(set(difference.own[0])), sorted(set(difference.own[1]))
    parameters = list(difference.parameters.items())
    size = len(one.lines)
    if not parameters and not any(own):
        yield f"The code is the same but for layout. Make one function of these {size} lines; call it {copies} times."
        return
    if len(parameters) > MOST_PARAMETERS:
        yield (
            f"{len(parameters)} things differ: too many parameters for one function. Look for a smaller part that "
            "the copies have in common, or hand over an object that holds what differs."
        )
    elif parameters:
        noun = "1 parameter" if len(parameters) == 1 else f"{len(parameters)} parameters"
        yield f"Make one function of these {size} lines, with {noun}:"
    else:
        yield f"Make one function of these {size} lines."
    for number, ((kind, here, there), times) in enumerate(parameters[:MOST_PARAMETERS], 1):
        often = "" if times == 1 else f", {times} times"
        yield f"  {number}. {_word(here)} here, {_word(there)} there: {KINDS[kind]}{often}"
    for side, lines in zip((one, other), own, strict=True):
        if lines:
            where = ", ".join(str(line) for line in lines[:6]) + (" ..." if len(lines) > 6 else "")
            yield f"Only in {clean(side.place.path)}: line{'s' if len(lines) > 1 else ''} {where}."
    if any(own):
        yield "What only one copy has stays with its caller, before or after the call, or is handed over as a function."


def _word(text: bytes) -> str:
    word = clean(text.decode("utf-8", "replace").replace("\n", " "))
    return word if len(word) <= 40 else word[:39] + "…"


def side_by_side(one: Passage, other: Passage, style: Style) -> Iterator[str]:
    """The two passages in two columns; lines that differ have a mark and colour between them."""
    numbers = max(len(str(place.end_line)) for place in (one.place, other.place))
    column = max(20, (style.width - 2 * numbers - 7) // 2)
    bar = "│" if style.unicode else "|"
    heads = [_head(clean(str(side.place)), column + numbers + 1, style) for side in (one, other)]
    yield style.paint(f"{heads[0]} {bar}   {heads[1]}".rstrip(), "bold")
    indents = [_common_indent(side.lines) for side in (one, other)]
    free = " " * numbers
    for mark, left, right in _rows(one, other):
        here = _folded(one, left, indents[0], column)
        there = _folded(other, right, indents[1], column)
        for row in range(max(len(here), len(there))):
            cells = []
            for side, number, texts in ((one, left, here), (other, right, there)):
                label = str(side.place.start_line + number) if number is not None and row == 0 else free
                cells.append(f"{label:>{numbers}} {texts[row] if row < len(texts) else '':<{column}}")
            line = f"{cells[0]} {bar} {mark if row == 0 else ' '} {cells[1]}".rstrip()
            yield line if mark == " " else style.paint(line, "yellow")


def _folded(side: Passage, number: int | None, indent: int, width: int) -> list[str]:
    """A line in pieces that fit; nothing where the side has none."""
    if number is None:
        return []
    text = clean(side.lines[number].expandtabs(4)[indent:])
    return [text[at : at + width] for at in range(0, len(text), width)][:6] or [""]


def _rows(one: Passage, other: Passage) -> Iterator[tuple[str, int | None, int | None]]:
    words = one.words_of_lines(), other.words_of_lines()
    for what, i, j, k, m in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        left, right = list(range(i, j)), list(range(k, m))
        for row in range(max(len(left), len(right))):
            here = left[row] if row < len(left) else None
            there = right[row] if row < len(right) else None
            mark = " " if what == "equal" else "<" if there is None else ">" if here is None else "~"
            yield mark, here, there


def _common_indent(lines: Sequence[str]) -> int:
    """Columns that all lines leave free."""
    expanded = [line.expandtabs(4) for line in lines]
    return min((len(line) - len(line.lstrip()) for line in expanded if line.strip()), default=0)


def _head(text: str, width: int, style: Style) -> str:
    """A path in exactly `width` columns: of a long one the end is kept."""
    if len(text) > width:
        text = ("…" if style.unicode else "~") + text[len(text) - width + 1 :]
    return f"{text:<{width}}"
