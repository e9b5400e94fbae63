"""Time that can run faster than ours, and the processes that live in it."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Generator
from itertools import count

__all__ = ["TICK", "Engine", "Process", "until"]

TICK = 0.2
"""Seconds of the server's time between two looks of a process that waits for something."""

Process = Generator[float, None, None]
"""Yields how long it wants to sleep, in seconds of the server's time."""


def until(condition: Callable[[], bool], timeout: float = float("inf")) -> Generator[float, None, bool]:
    """Sleep until the condition holds; returns whether it does."""
    waited = 0.0
    while not condition():
        if waited >= timeout:
            return False
        yield TICK
        waited += TICK
    return True


class Engine:
    """Runs all processes in one thread, one step at a time, while holding the lock of the world.

    scale   seconds of ours for one second of the server's
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.lock = threading.RLock()
        self.wakeup = threading.Condition(self.lock)
        self.failure: BaseException | None = None
        self._heap: list[tuple[float, int, Process]] = []
        self._numbers = count()
        self._running = False
        self._thread: threading.Thread | None = None
        self._paused_at: float | None = None

    def spawn(self, process: Process, delay: float = 0.0) -> None:
        """Start a process; the caller holds the lock."""
        heapq.heappush(self._heap, (time.monotonic() + delay * self.scale, next(self._numbers), process))
        self.wakeup.notify_all()

    def start(self) -> None:
        """Begin, or go on after `stop`: what was slept through does not count."""
        with self.lock:
            if self._running:
                return
            if self._paused_at is not None:
                lost = time.monotonic() - self._paused_at
                self._heap = [(due + lost, number, process) for due, number, process in self._heap]
            self._running = True
        self._thread = threading.Thread(target=self._run, name="rancher16-engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self.lock:
            if not self._running:
                return
            self._running = False
            self._paused_at = time.monotonic()
            self.wakeup.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        with self.lock:
            while self._running:
                now = time.monotonic()
                if not self._heap or self._heap[0][0] > now:
                    self.wakeup.wait(self._heap[0][0] - now if self._heap else None)
                    continue
                _, _, process = heapq.heappop(self._heap)
                try:
                    delay = next(process)
                except StopIteration:
                    continue
                except Exception as error:  # a defect of this server: told by `RancherServer.stop`
                    self.failure = error
                    continue
                self.spawn(process, delay)
