"""The live display of a run on a terminal: finished gates scroll by, running ones stay below with their time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from gates.outcome import Outcome
from gates.reports.plain import duration, gate_line
from gates.reports.style import Style, clean

__all__ = ["LiveProgress"]


REFRESHED = 1 / 8
"""Seconds between two looks at the clock."""


class LiveProgress:
    """Shows each running gate with a spinner and its seconds so far.

    The clock is a thread of our own rather than rich's: rich works out how far to go up, and writes later without
    holding its lock, so what another thread prints in between is overwritten.
    """

    def __init__(self, stream: TextIO, style: Style, gates: Sequence[str] = ()) -> None:
        self.style = style
        self.total = len(gates)
        self.name_width = max((len(name) for name in gates), default=0)
        self.running: dict[str, tuple[float, Spinner]] = {}
        self.done = 0
        self.console = Console(file=stream, no_color=not style.colour, width=style.width, highlight=False)
        self.live = Live(console=self.console, get_renderable=self._renderable, auto_refresh=False, transient=True)
        self.lock = threading.RLock()
        self.ended = threading.Event()
        self.live.start()
        self.clock = threading.Thread(target=self._tick, daemon=True)
        self.clock.start()

    def started(self, gate: str) -> None:
        spinner = Spinner("dots" if self.style.unicode else "line", style="cyan")
        with self.lock:
            self.running[gate] = (time.monotonic(), spinner)

    def finished(self, outcome: Outcome) -> None:
        with self.lock:
            self.running.pop(outcome.gate, None)
            self.done += 1
            self._print(gate_line(outcome, self.style, self.name_width))

    def note(self, text: str) -> None:
        self._print(clean(text))

    def close(self) -> None:
        self.ended.set()
        self.clock.join()
        self.live.stop()

    def _tick(self) -> None:
        while not self.ended.wait(REFRESHED):
            with self.lock:
                self.live.refresh()

    def _print(self, line: str) -> None:
        with self.lock:
            self.console.print(Text.from_ansi(self.style.safe(line)))

    def _renderable(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        now = time.monotonic()
        for gate, (begun, spinner) in self.running.items():
            table.add_row(spinner, Text(gate), Text(duration(now - begun), style="dim"))
        if not self.running:
            return table
        return Group(table, Text(f"  {self.done} of {self.total} done", style="dim"))
