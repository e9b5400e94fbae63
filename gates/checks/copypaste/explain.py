"""What two copies differ in, and what could be made of them: one function, with what differs as its parameters."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from difflib import SequenceMatcher

from gates.checks.copypaste.block_words import CLASS_WORDS, FUNCTION_WORDS
from gates.checks.copypaste.findings import numbers_of_lines
from gates.checks.copypaste.model import EDITED, EXACT
from gates.checks.copypaste.passages import ONLY_HERE, ONLY_THERE, OTHER, Passage, Row, Token, rows
from gates.checks.copypaste.tokens import NUMBER, PUNCT, STRING, WORD
from gates.reports.plain import counted
from gates.reports.style import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

__all__ = ["Difference", "compare", "missed", "suggestion"]

EXPRESSION = 0
KINDS = {WORD: "a name", NUMBER: "a number", STRING: "a text", EXPRESSION: "an expression"}
VALUES = frozenset((b"True", b"False", b"None", b"true", b"false", b"null", b"nil", b"undefined"))
"""Keywords that are values."""

MOST_PARAMETERS = 8
"""With more of them a function would be harder to read than the copies are."""

MOST_OWN = 0.4
"""Where more of the lines are in one copy only, a part of them is what can be shared."""

LONGEST = 12
"""Tokens of an expression that may be a parameter."""

DEFINES = FUNCTION_WORDS | CLASS_WORDS
"""The name after one of these is that of the copy itself, no parameter of it."""

OPENING, CLOSING = b"([{", b")]}"


class Difference:
    """How two passages differ.

    rows    their lines, side by side
    values  (line of the first, kind, text here, text there) of each name, value or expression that differs
    own     for each side the lines of statements that only it has, or that differ in more than values
    """

    __slots__ = ("own", "rows", "values")

    def __init__(self, found: Sequence[Row]) -> None:
        self.rows = found
        self.values: list[tuple[int, int, bytes, bytes]] = []
        self.own: tuple[list[int], list[int]] = ([], [])

    def parameters(self, lines: Container[int]) -> dict[tuple[int, bytes, bytes], int]:
        """What differs in some lines of the first, in the order in which it occurs, and how often."""
        return Counter((kind, here, there) for line, kind, here, there in self.values if line in lines)

    def longest_run(self) -> tuple[range, range]:
        """The most lines in a row, in both, that are equal or differ in values only."""
        best: list[tuple[int, int]] = []
        run: list[tuple[int, int]] = []
        for mark, here, there in self.rows:
            alone = mark in (ONLY_HERE, ONLY_THERE) or here in self.own[0] or there in self.own[1]
            if alone:
                run = []
            elif here is not None and there is not None:
                run.append((here, there))
            best = run.copy() if len(run) > len(best) else best
        if not best:
            return range(0), range(0)
        return range(best[0][0], best[-1][0] + 1), range(best[0][1], best[-1][1] + 1)


def compare(one: Passage, other: Passage, kind: int = EDITED) -> Difference:
    """What differs, line by line and token by token.

    kind  EXACT, RENAMED or EDITED. Of copies that are not edited only parts of the first and last line can be other
          code; these lines are left out.
    """
    if kind != EDITED and len(one.lines) > 2 and len(other.lines) > 2:
        first, last = (_is_other(one, other, line, kind) for line in (0, -1))
        one.without_ends(first=first, last=last)
        other.without_ends(first=first, last=last)
    result = Difference(list(rows(one, other)))
    for mark, here, there in result.rows:
        if here == there == 0 and _is_head(one.tokens[0]):
            continue  # the heads of two functions differ as they like
        if mark == OTHER and here is not None and there is not None:
            values = _values(one.tokens[here], other.tokens[there])
            if values is None:
                result.own[0].append(here)
                result.own[1].append(there)
            else:
                result.values += [(here, *value) for value in values]
        elif mark == ONLY_HERE and here is not None and not _is_text_alone(one.tokens[here]):
            result.own[0].append(here)
        elif mark == ONLY_THERE and there is not None and not _is_text_alone(other.tokens[there]):
            result.own[1].append(there)
    return result


def _is_other(one: Passage, other: Passage, line: int, kind: int) -> bool:
    if kind == EXACT:
        return one.keys[line] != other.keys[line]
    return one.shape(line) != other.shape(line)


def _is_head(tokens: Sequence[Token]) -> bool:
    return any(token.text in DEFINES for token in tokens)


def _values(left: Sequence[Token], right: Sequence[Token]) -> list[tuple[int, bytes, bytes]] | None:
    """Names, values and short expressions in which two lines differ; None when they differ in more."""
    if _is_text_alone(left) or _is_text_alone(right):
        # What a docstring says is no difference.
        return [] if _is_text_alone(left) and _is_text_alone(right) else None
    found: list[tuple[int, bytes, bytes]] = []
    shapes = [token.blind for token in left], [token.blind for token in right]
    for what, i, j, k, m in SequenceMatcher(None, *shapes, autojunk=False).get_opcodes():
        if what == "equal":
            for at, (here, there) in enumerate(zip(left[i:j], right[k:m], strict=True), i):
                defines = at > 0 and left[at - 1].text in DEFINES
                if here.text != there.text and not defines:
                    value = here.text in VALUES or there.text in VALUES
                    found.append((EXPRESSION if value else here.kind, here.text, there.text))
        elif _is_expression(left[i:j]) and _is_expression(right[k:m]):
            found.append((EXPRESSION, _joined(left[i:j]), _joined(right[k:m])))
        else:
            return _one_value(left, right)
    return found


def _one_value(left: Sequence[Token], right: Sequence[Token]) -> list[tuple[int, bytes, bytes]] | None:
    """All that differs as one expression, if it is one."""
    shorter = min(len(left), len(right))
    head = next((at for at in range(shorter) if left[at].text != right[at].text), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if left[-1 - at].text != right[-1 - at].text), rest)
    parts = left[head : len(left) - tail], right[head : len(right) - tail]
    return [(EXPRESSION, _joined(parts[0]), _joined(parts[1]))] if all(map(_is_expression, parts)) else None


def _is_text_alone(tokens: Sequence[Token]) -> bool:
    return not tokens or (len(tokens) == 1 and tokens[0].kind == STRING)


def _is_expression(tokens: Sequence[Token]) -> bool:
    """Whether some tokens may be handed over as a value."""
    depth = 0
    for token in tokens:
        if token.text == b"=" or (token.kind == WORD and token.blind == token.exact and token.text not in VALUES):
            return False  # an assignment, or a statement
        depth += (token.text in OPENING) - (token.text in CLOSING) if token.kind == PUNCT else 0
        if depth < 0:
            return False
    return depth == 0 and 0 < len(tokens) <= LONGEST and any(token.kind != PUNCT for token in tokens)


def _joined(tokens: Sequence[Token]) -> bytes:
    """Tokens with spaces where two words would become one."""
    text = b""
    for before, token in zip([None, *tokens], tokens, strict=False):
        spaced = before is not None and before.kind != PUNCT and token.kind != PUNCT
        text += (b" " if spaced else b"") + token.text + (b" " if token.text == b"," else b"")
    return text.strip()


def suggestion(one: Passage, other: Passage, difference: Difference, copies: int, width: int) -> Iterator[str]:
    """Lines that say what to extract."""
    for sentence in _sentences(one, other, difference, copies):
        indent = " " * (len(sentence) - len(sentence.lstrip()))
        yield from textwrap.wrap(sentence, width, subsequent_indent=indent + "   " if indent else "")


def _sentences(one: Passage, other: Passage, difference: Difference, copies: int) -> Iterator[str]:
    own, size = difference.own, len(one.lines)
    these = f"these {size} lines" if size > 1 else "this line"
    where = _where(one, other)
    if not difference.values and not any(own):
        do = f"Make one function of {these}{where}; call it {copies} times."
        yield f"The code is the same but for layout. {do}"
        return
    part, there = difference.longest_run()
    is_part = len(part) > 2 and max(len(own[0]) / size, len(own[1]) / len(other.lines)) > MOST_OWN
    parameters = list(difference.parameters(part if is_part else range(size)).items())
    if len(parameters) > MOST_PARAMETERS:
        yield (
            f"{len(parameters)} things differ: too many parameters for one function. Look for a smaller part that "
            "the copies have in common, or hand over an object that holds what differs."
        )
    elif is_part:
        yield f"Much differs. Most in a row is common to {_named(one, part)} and {_named(other, there)}."
        with_them = f", with {counted(len(parameters), 'parameter')}:" if parameters else "."
        yield f"Make one function of that{where}{with_them}"
    else:
        with_them = f", with {counted(len(parameters), 'parameter')}:" if parameters else "."
        yield f"Make one function of {these}{where}{with_them}"
    for number, ((kind, here, instead), times) in enumerate(parameters[:MOST_PARAMETERS], 1):
        often = "" if times == 1 else f", {times} times"
        yield f"  {number}. {_word(here)} here, {_word(instead)} there: {KINDS[kind]}{often}"
    for name, side, lines in zip(("left", "right"), (one, other), own, strict=True):
        if lines:
            yield f"Only on the {name}, in {clean(side.place.path)}: {_numbers(side, lines)}."
    if any(own) and not is_part:
        yield "What only one copy has stays with its caller, before or after the call, or is handed over as a function."


def missed(one: Passage, other: Passage, difference: Difference, copies: int, width: int) -> Iterator[str]:
    """Lines that say where to make an edit again: `one` was edited, `other` was not."""
    changed = [here for mark, here, _ in difference.rows if mark in (OTHER, ONLY_HERE) and here is not None]
    stayed = [there for mark, _, there in difference.rows if mark in (OTHER, ONLY_THERE) and there is not None]
    where = f"in {clean(str(other.place))}" + (f" and {copies - 2} more" if copies > 2 else "")
    parts = [f"{_numbers(one, changed)} here" if changed else "", f"{_numbers(other, stayed)} there" if stayed else ""]
    differ = f" What differs now: {', '.join(filter(None, parts))}." if any(parts) else ""
    yield from textwrap.wrap(f"Make the same edit {where}.{differ}", width)
    yield from textwrap.wrap(
        f"Better, make one of all {copies} copies{_where(one, other)}, so that it is edited once.", width
    )


def _where(one: Passage, other: Passage) -> str:
    """A place for what is shared, in words."""
    if one.place.path == other.place.path:
        return ""
    folder = os.path.commonpath([os.path.dirname(one.place.path), os.path.dirname(other.place.path)])
    return f" in a file of {clean(folder)}" if folder else ""


def _named(side: Passage, lines: range) -> str:
    first = side.place.start_line
    return f"{clean(side.place.path)}:{first + lines.start}-{first + lines.stop - 1}"


def _numbers(side: Passage, lines: Sequence[int]) -> str:
    return numbers_of_lines(side.place.start_line + line for line in lines)


def _word(text: bytes) -> str:
    word = clean(text.decode("utf-8", "replace").replace("\n", " "))
    word = " ".join(word.split())
    return word if len(word) <= 40 else word[:39] + "…"
