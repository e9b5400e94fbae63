"""How a line of a container's output is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

from gates.rancher.target import LogLine
from gates.reports.style import Style, clean

__all__ = ["LogView", "moment"]

COLOURS = ("cyan", "green", "yellow", "bold", "dim")
SIGNS = {"stderr": "!", "stdout": "|", "tty": "|"}


class LogView:
    """Gives lines to `emit`: the container's name in its colour, `|` for stdout or `!` for stderr, and the text.

    grep   only lines that match, None for all
    times  with the time of each line, UTC
    lines  as JSON, one object a line
    """

    def __init__(
        self, emit: Callable[[str], None], style: Style, *, grep: re.Pattern[str] | None, times: bool, as_json: bool
    ) -> None:
        self.emit = emit
        self.style = style
        self.grep = grep
        self.times = times
        self.write: Callable[[LogLine], None] = self._json if as_json else self._plain
        self._colours: dict[str, str] = {}
        self._width = 0

    def show(self, line: LogLine) -> None:
        if self.grep is None or self.grep.search(line.text):
            self.write(line)

    def _plain(self, line: LogLine) -> None:
        colour = self._colours.setdefault(line.container, COLOURS[len(self._colours) % len(COLOURS)])
        self._width = max(self._width, len(line.container))
        name = self.style.paint(f"{clean(line.container):<{self._width}}", colour)
        time = f"{moment(line.time)} " if self.times else ""
        error = line.stream == "stderr"
        sign = self.style.paint(SIGNS[line.stream], "red") if error else SIGNS[line.stream]
        self.emit(self.style.safe(f"{time}{name} {sign} {clean(line.text)}"))

    def _json(self, line: LogLine) -> None:
        data = {"time": moment(line.time), "container": line.container, "stream": line.stream, "text": line.text}
        self.emit(json.dumps(data, ensure_ascii=True))


def moment(nanoseconds: int) -> str:
    """ "2026-11-24T10:00:00.123456Z"."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:06d}Z"
