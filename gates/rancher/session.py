"""One verb that changes a service: locked, told, recorded, and honest when it is interrupted."""

from __future__ import annotations

import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from gates.errors import ExitCode, GatelineError
from gates.rancher.lock import deploy_lock
from gates.rancher.marks import who
from gates.rancher.narrator import Narrator
from gates.rancher.record import History
from gates.rancher.upgrade import UNDER_WAY, Upgrade

__all__ = ["Recording", "result_of", "run_recorded", "seen", "terminable"]

RESULTS = {
    ExitCode.UNDONE: "undone",
    ExitCode.NOT_UNDONE: "not undone",
    ExitCode.RUNNING: "running",
}


def run_recorded(
    verb: str,
    upgrade: Upgrade,
    action: Callable[[], str],
    history: History | None,
    facts: Mapping[str, Any],
    narrator: Narrator,
    environ: Mapping[str, str],
) -> str:
    """Do `action` under the lock and with two lines in the history; returns its result, or raises what it raises."""
    if history is not None:
        history.check()
    with deploy_lock(upgrade.driver.where), terminable():
        recording = Recording(history, verb, upgrade.driver.where, facts, narrator.note, environ)
        ended: dict[str, Any] = {"result": "failed", "exit_code": 1}
        try:
            result = action()
            ended = {"result": result, "exit_code": 0}
            return result
        except GatelineError as error:
            ended = result_of(error)
            raise
        except KeyboardInterrupt as error:
            ended = result_of(error)
            _tell_interrupted(upgrade, narrator)
            raise
        finally:
            recording.end({**ended, **seen(upgrade)})


class Recording:
    """What is done to one service: a line in the history when it begins, and one when it ends.

    A history that can no longer be written must not stop an upgrade half-way, so that is only told.
    """

    def __init__(
        self,
        history: History | None,
        verb: str,
        where: Mapping[str, str],
        facts: Mapping[str, Any],
        note: Callable[[str], None],
        environ: Mapping[str, str],
    ) -> None:
        self.history = history
        self.note = note
        self.run = secrets.token_hex(8)
        self.begun = time.monotonic()
        began = {"event": "began", "run": self.run, "verb": verb, "at": _now(), "by": who(environ), **facts}
        self._write({**began, "target": dict(where)})

    def end(self, facts: Mapping[str, Any]) -> None:
        seconds = round(time.monotonic() - self.begun, 3)
        self._write({"event": "ended", "run": self.run, "seconds": seconds, **facts})

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self.history is None:
            return
        try:
            self.history.append(entry)
        except OSError as error:
            self.note(f"the history could not be written: {error.strerror}")


def result_of(error: BaseException) -> dict[str, Any]:
    """How an error is recorded as the end of what was done."""
    if isinstance(error, GatelineError):
        result = RESULTS.get(error.exit_code, "refused")
        return {"result": result, "exit_code": int(error.exit_code), "reason": error.message}
    return {"result": "interrupted", "exit_code": int(ExitCode.INTERRUPTED)}


def seen(upgrade: Upgrade) -> dict[str, Any]:
    """What an upgrade has seen and changed, for its end in the history."""
    first, last = upgrade.first, upgrade.last
    if first is None or last is None:
        return {}
    before = first.previous if first.phase in UNDER_WAY else first.images
    return {
        "deploy": upgrade.mark.deploy if upgrade.mark else None,
        "old_images": dict(before),
        "new_images": dict(last.images),
        "changes": [vars(difference) for difference in upgrade.plan.differences] if upgrade.plan else [],
        "transitions": [[seconds, state] for seconds, state in upgrade.transitions],
        "state": last.state,
    }


def _tell_interrupted(upgrade: Upgrade, narrator: Narrator) -> None:
    if not upgrade.touched or upgrade.last is None:
        narrator.note("interrupted; nothing was changed")
        return
    narrator.note(
        f"interrupted while {upgrade.driver.name} was {upgrade.last.state}; the server goes on by itself. "
        f"Run the same again to continue, or `gateline rollback {upgrade.driver.name}` to go back."
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def terminable() -> Iterator[None]:
    """CI ends a cancelled job with TERM: that is to be told and recorded like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
