"""Locks that the system gives free when their holder dies."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from gates.git.locks import Lock

HOLD = (
    "import sys; from gates.git.locks import Lock; lock = Lock(sys.argv[1]); lock.acquire();"
    " print(1, flush=True); sys.stdin.read()"
)


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    return process


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    first, second = Lock(str(tmp_path / "lock")), Lock(str(tmp_path / "lock"))
    assert first.try_acquire()
    assert not second.try_acquire()
    first.release()
    with second:
        assert not first.try_acquire()
    second.release()  # a second time does no harm
    assert first.try_acquire()
    first.release()


def test_free_when_the_holder_is_killed(tmp_path: Path) -> None:
    process = hold(tmp_path / "lock")
    lock = Lock(str(tmp_path / "lock"))
    assert not lock.try_acquire()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert lock.try_acquire()
    lock.release()


def test_waiting_for_it(tmp_path: Path) -> None:
    process = hold(tmp_path / "lock")
    waiter = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert not Lock(str(tmp_path / "lock")).try_acquire()
    process.communicate("")
    assert waiter.stdout is not None
    assert waiter.stdout.readline() == "1\n"
    waiter.communicate("")
