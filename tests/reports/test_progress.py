"""Progress while a run goes on, and what a stream can show."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import threading

import pytest

from gates.evidence import Evidence
from gates.finding import ALLOWED
from gates.outcome import FAILED, NOT_RUN, Outcome
from gates.reports.plain import duration, gate_line, seen
from gates.reports.progress import PlainProgress, SilentProgress, progress_for
from gates.reports.style import Style
from tests.reports.samples import finding, mixed, passed


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_plain_progress_writes_one_line_for_each_gate() -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream, Style(), ["lint", "secrets"])
    progress.started("lint")
    progress.finished(Outcome("lint", FAILED, "2 findings", seconds=61))
    progress.note("one\nnote")
    progress.finished(passed())
    progress.close()
    assert stream.getvalue() == (
        "✗ lint    failed  1 min 01 s - 2 findings\none?note\n✓ secrets passed  12 files, 0.31 s\n"
    )


def test_quiet_progress_is_silent_about_what_passed() -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream, Style(), quiet=True)
    for outcome in mixed().outcomes:
        progress.finished(outcome)
    assert "secrets" not in stream.getvalue()
    assert "lint" in stream.getvalue()


def test_silent_progress_has_the_same_face() -> None:
    progress = SilentProgress()
    progress.started("lint")
    progress.finished(passed())
    progress.note("x")
    progress.close()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (3725, "62 min 05 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_was_seen() -> None:
    assert seen(Evidence()) == ""
    assert seen(Evidence(files=1)) == "1 file"
    assert seen(Evidence(files=0, parse_errors=["x"])) == "0 files, 1 not readable"
    assert seen(Evidence(tests=25000, tests_failed=0, tests_skipped=3)) == "25,000 tests, 3 skipped"


def test_what_was_never_started_has_no_time() -> None:
    assert gate_line(Outcome("lint", NOT_RUN, "'ruff' was not found"), Style()) == "! lint not run 'ruff' was not found"


def test_a_skipped_gate_has_no_time() -> None:
    line = gate_line(Outcome("deps", "skipped", "nothing to do"), Style())
    assert line == "- deps skipped nothing to do"


def test_what_is_allowed_is_told_though_the_gate_passed() -> None:
    line = gate_line(passed("copypaste", findings=[finding(status=ALLOWED), finding(status=ALLOWED)]), Style())
    assert line == "✓ copypaste passed  12 files, 0.31 s - 2 findings allowed in the source"


def test_style_reads_stream_and_variables() -> None:
    assert Style.of(Terminal(), {}).colour
    assert not Style.of(Terminal(), {"NO_COLOR": "1"}).colour
    assert Style.of(Terminal(), {"NO_COLOR": ""}).colour
    assert not Style.of(Terminal(), {"TERM": "dumb"}).colour
    assert Style.of(io.StringIO(), {"FORCE_COLOR": "1"}).colour
    assert not Style.of(io.StringIO(), {}).colour
    assert Style.of(Terminal(), {"COLUMNS": "44"}).width == 44
    assert Style.of(Terminal(), {"COLUMNS": "none"}).width == 100
    assert not Style(encoding="no-such-encoding").unicode


def test_a_log_gets_plain_lines_and_so_does_a_terminal_in_ci() -> None:
    assert isinstance(progress_for(io.StringIO(), {}, ["lint"]), PlainProgress)
    assert isinstance(progress_for(Terminal(), {"CI": "true"}, ["lint"]), PlainProgress)
    assert isinstance(progress_for(Terminal(), {}, ["lint"], live=False), PlainProgress)


SCRIPT = """
import os, sys, time
from gates.outcome import Outcome, PASSED
from gates.reports.progress import progress_for
progress = progress_for(sys.stdout, os.environ, ["lint", "tests"])
progress.started("tests")
progress.started("lint")
progress.live.refresh()
progress.finished(Outcome("lint", PASSED, seconds=0.5))
progress.note("a note " + "of many words " * 4)
progress.live.refresh()
progress.finished(Outcome("tests", PASSED, cached=True))
progress.close()
print(type(progress).__name__)
"""


def test_a_real_terminal_gets_the_live_display() -> None:
    leader, follower = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "60", "PYTHONIOENCODING": "utf-8"}
    child = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=follower, stderr=follower, env=environ)
    os.close(follower)
    seen_bytes = bytearray()

    def read() -> None:
        while True:
            try:
                data = os.read(leader, 4096)
            except OSError:  # Linux: the other side is closed
                return
            if not data:
                return
            seen_bytes.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    assert child.wait(60) == 0
    reader.join(60)
    os.close(leader)
    text = seen_bytes.decode()
    assert "LiveProgress" in text
    assert "a note" in text
    assert "0 of 2 done" in text
    assert "1 of 2 done" in text
    assert "from cache" in text
    assert "of many \r\nwords" in text  # broken between words


@pytest.mark.parametrize("module", ["gates.reports.plain", "gates.reports.progress", "gates.reports.terminal"])
def test_the_start_up_path_imports_nothing_heavy(module: str) -> None:
    script = f"import sys; old = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - old))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded <= {"gates", "__future__"}, loaded
