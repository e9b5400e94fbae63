"""Two passages in two columns; lines that differ have a mark and colour, long rows of equal lines are cut short."""

from __future__ import annotations

from gates.checks.copypaste.passages import EQUAL, Passage, Row
from gates.reports.style import Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["side_by_side"]

SHOWN = 4
"""Equal lines that are shown before and after each difference when there are many."""

FOLDED = 6
"""Rows that one line takes at most."""

BREAK_AFTER = " ,.([{=:;/"


def side_by_side(one: Passage, other: Passage, rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Both passages, a head above them."""
    numbers = max(len(str(place.end_line)) for place in (one.place, other.place))
    column = max(20, (style.width - 2 * numbers - 7) // 2)
    bar = "│" if style.unicode else "|"
    heads = [_head(clean(str(side.place)), column + numbers + 1, style) for side in (one, other)]
    yield style.paint(f"{heads[0]} {bar}   {heads[1]}".rstrip(), "bold")
    indents = [_common_indent(side.lines) for side in (one, other)]
    free = " " * numbers
    for row in _shortened(rows):
        if isinstance(row, int):
            sign = "⋮" if style.unicode else ":"
            yield style.paint(f"{free} {f'{sign} {row} equal lines':<{column}} {bar}   {free} {sign}", "dim")
            continue
        mark, left, right = row
        here = _folded(one, left, indents[0], column)
        there = _folded(other, right, indents[1], column)
        for number in range(max(len(here), len(there))):
            cells = []
            for side, line, texts in ((one, left, here), (other, right, there)):
                label = str(side.place.start_line + line) if line is not None and number == 0 else free
                cells.append(f"{label:>{numbers}} {texts[number] if number < len(texts) else '':<{column}}")
            text = f"{cells[0]} {bar} {mark if number == 0 else ' '} {cells[1]}".rstrip()
            yield text if mark == EQUAL else style.paint(text, "yellow")


def _shortened(rows: Sequence[Row]) -> Iterator[Row | int]:
    """The rows, with a number in place of equal ones in the middle of many."""
    run: list[Row] = []
    for row in [*rows, None]:
        if row is not None and row[0] == EQUAL:
            run.append(row)
            continue
        if len(run) > 3 * SHOWN:
            yield from run[:SHOWN]
            yield len(run) - 2 * SHOWN
            yield from run[-SHOWN:]
        else:
            yield from run
        run = []
        if row is not None:
            yield row


def _folded(side: Passage, number: int | None, indent: int, width: int) -> list[str]:
    """A line in pieces that fit, cut where a word ends if one does; nothing where the side has none."""
    if number is None:
        return []
    text = clean(side.lines[number].expandtabs(4)[indent:].rstrip())
    pieces: list[str] = []
    while len(text) > width and len(pieces) < FOLDED:
        cut = next((at for at in range(width, width // 2, -1) if text[at - 1] in BREAK_AFTER), width)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text][:FOLDED]


def _common_indent(lines: Sequence[str]) -> int:
    """Columns that all lines leave free."""
    expanded = [line.expandtabs(4) for line in lines]
    return min((len(line) - len(line.lstrip()) for line in expanded if line.strip()), default=0)


def _head(text: str, width: int, style: Style) -> str:
    """A path in exactly `width` columns: of a long one the end is kept."""
    if len(text) > width:
        text = ("…" if style.unicode else "~") + text[len(text) - width + 1 :]
    return f"{text:<{width}}"
