"""How text may look on a stream: colour or not, how wide, and which characters its encoding has.

On the start-up path of every hook, so nothing is imported but `os`.
"""

from __future__ import annotations

import os

from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

__all__ = ["Style", "clean"]

PIPE_WIDTH = 100
"""Columns where nobody tells: a log or a file."""

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
COLOURS = {PASSED: "green", FAILED: "red", NOT_RUN: "yellow", SKIPPED: "dim"}
MARKS = {PASSED: "✓", FAILED: "✗", NOT_RUN: "!", SKIPPED: "-"}
ASCII_MARKS = {PASSED: "+", FAILED: "x", NOT_RUN: "!", SKIPPED: "-"}


class Style:
    """What a stream can show.

    colour   whether escape sequences for colour are wanted
    unicode  whether the stream's encoding has the few signs that Gateline draws with (Windows code pages do not)
    width    columns
    """

    __slots__ = ("colour", "encoding", "unicode", "width")

    def __init__(self, *, colour: bool = False, encoding: str = "utf-8", width: int = PIPE_WIDTH) -> None:
        self.colour = colour
        self.encoding = encoding
        self.width = width
        self.unicode = _encodes("".join(MARKS.values()) + "│…", encoding)

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Style:
        """Look at a stream and the variables NO_COLOR, FORCE_COLOR, TERM and COLUMNS."""
        terminal = stream.isatty()
        if environ.get("NO_COLOR"):
            colour = False
        elif environ.get("FORCE_COLOR"):
            colour = True
        else:
            colour = terminal and environ.get("TERM") != "dumb"
        return cls(colour=colour, encoding=stream.encoding or "ascii", width=_width(stream, environ, terminal))

    def paint(self, text: str, *names: str) -> str:
        """The text in a colour or weight of CODES."""
        if not self.colour:
            return text
        return f"\x1b[{';'.join(CODES[name] for name in names)}m{text}\x1b[0m"

    def mark(self, status: str) -> str:
        """One sign for a gate's status."""
        return self.paint((MARKS if self.unicode else ASCII_MARKS)[status], COLOURS[status])

    def safe(self, text: str) -> str:
        """The text with every character that the stream cannot encode replaced."""
        return text.encode(self.encoding, "replace").decode(self.encoding)


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _width(stream: TextIO, environ: Mapping[str, str], terminal: bool) -> int:
    told = environ.get("COLUMNS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    if not terminal:
        return PIPE_WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or PIPE_WIDTH
    except (OSError, ValueError):
        return PIPE_WIDTH


def clean(text: str) -> str:
    """One line that cannot move the cursor or colour the terminal: what tools and files say is foreign text.

    Escape sequences go, tabs become spaces, and what else cannot be printed becomes "?".
    """
    if text.isprintable():
        return text
    if "\x1b" in text:
        import re  # only where a tool coloured its output

        text = re.sub(r"\x1b(\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])", "", text)
    text = text.expandtabs(4)
    return "".join(character if character.isprintable() else "?" for character in text)
