"""The live display as it stands on the screen at the end: nothing is overwritten, and nothing of it is left."""

from __future__ import annotations

import io
import re
import time

import pytest

from gates.outcome import PASSED, Outcome
from gates.reports.live import LiveProgress
from gates.reports.style import Style

GATES = 150
TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b\[\?25[lh]|(\r)|(\n)|([^\x1b\r\n]+)")


def screen(output: str) -> list[str]:
    """What a terminal without end shows: of the cursor's ways only those that rich uses here."""
    rows, row, column = [""], 0, 0
    for count, letter, back, down, text in TOKEN.findall(output):
        if letter == "A":
            row = max(0, row - int(count or 1))
        elif letter == "K":
            rows[row] = ""
        elif back:
            column = 0
        elif down:
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif text:
            rows[row] = rows[row][:column].ljust(column) + text + rows[row][column + len(text) :]
            column += len(text)
    return rows


def test_every_line_stays_on_the_screen_while_the_clock_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.reports.live.REFRESHED", 0.0005)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes the stream for a terminal
    stream = io.StringIO()
    names = [f"gate{number}" for number in range(GATES)]
    progress = LiveProgress(stream, Style(width=40), names)
    for name in names:
        progress.started(name)
        time.sleep(0.002)
        progress.finished(Outcome(name, PASSED, "", seconds=1.0))
    progress.close()
    shown = [line.rstrip() for line in screen(stream.getvalue()) if line.strip()]
    assert "\x1b[1A" in stream.getvalue()
    assert shown == [f"✓ {name:7} passed  1.00 s" for name in names]
