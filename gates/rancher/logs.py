"""The output of all containers of a service as one stream, in the order in which it was printed.

Each container is followed by a thread of its own; what they bring is put in order within a window of time, because
lines arrive late and a container that is followed from its beginning brings its past all at once.
"""

from __future__ import annotations

import heapq
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from gates.errors import GatelineError
from gates.rancher.target import Container, Driver, LogLine, Refused, Situation, Unreachable

__all__ = ["Alarm", "LogStream", "Reorder"]

WINDOW = 1.0
"""Seconds that a line waits for earlier ones of other containers."""

HELD = 20_000
"""Lines held at most, in order not to fill the memory when output is produced faster than it can be shown."""

RETRY = 1.0
"""Seconds before the logs of a container are asked for again."""


class Reorder:
    """Lines in the order of their time, as far as that is possible without holding any for longer than `window`."""

    def __init__(self, window: float = WINDOW, limit: int = HELD) -> None:
        self.window = window
        self.limit = limit
        self._heap: list[tuple[int, int, LogLine]] = []
        self._arrivals: deque[tuple[float, int]] = deque()
        self._gone: set[int] = set()
        self._numbers = count()

    def push(self, line: LogLine, now: float) -> None:
        number = next(self._numbers)
        heapq.heappush(self._heap, (line.time, number, line))
        self._arrivals.append((now, number))

    def ready(self, now: float) -> Iterator[LogLine]:
        """Everything up to the last line that has waited for the window."""
        while self._heap and (now - self._oldest() >= self.window or len(self._heap) > self.limit):
            yield self._pop()

    def rest(self) -> Iterator[LogLine]:
        """Everything that is held."""
        while self._heap:
            yield self._pop()

    def _oldest(self) -> float:
        while self._arrivals[0][1] in self._gone:
            self._gone.remove(self._arrivals.popleft()[1])
        return self._arrivals[0][0]

    def _pop(self) -> LogLine:
        _, number, line = heapq.heappop(self._heap)
        self._gone.add(number)
        return line


class LogStream:
    """Follows the containers it is told of, and those that are told later.

    since    seconds since the epoch from which on lines are wanted, 0.0 for all
    tail     how many of the last lines of each container at first
    follow   whether to go on, or to end with what there is
    on_line  called in the containers' threads as soon as a line is there
    """

    def __init__(
        self,
        driver: Driver,
        *,
        since: float = 0.0,
        tail: int = 100,
        follow: bool = True,
        window: float = WINDOW,
        on_line: Callable[[LogLine], None] | None = None,
    ) -> None:
        self.driver = driver
        self.since = since
        self.tail = tail
        self.following = follow
        self.on_line = on_line
        self._problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._order = Reorder(window)
        self._arrived: queue.Queue[LogLine] = queue.Queue(HELD)
        self._threads: dict[str, threading.Thread] = {}
        self._wanted: frozenset[str] = frozenset()
        self._last: dict[str, int] = {}
        self._closed = threading.Event()

    def follow(self, containers: Iterable[Container]) -> None:
        """Follow these, and no longer those that are not among them."""
        containers = list(containers)
        self._wanted = frozenset(container.id for container in containers)
        for container in containers:
            thread = self._threads.get(container.id)
            # The output of a container ends when it stops; one that was started again has more to say.
            again = thread is not None and not thread.is_alive() and self.following and container.running
            if thread is None or again:
                thread = threading.Thread(target=self._run, args=(container,), name=container.name, daemon=True)
                self._threads[container.id] = thread
                thread.start()

    def ready(self) -> list[LogLine]:
        """The lines that may be shown now, in order."""
        now = time.monotonic()
        while True:
            try:
                self._order.push(self._arrived.get_nowait(), now)
            except queue.Empty:
                break
        lines = list(self._order.ready(now))
        return lines if self.active else lines + list(self._order.rest())

    def rest(self) -> list[LogLine]:
        """All lines that are held, in order: nothing is waited for any more."""
        lines = self.ready()
        return lines + list(self._order.rest())

    @property
    def active(self) -> bool:
        """Whether more can come."""
        return any(thread.is_alive() for thread in self._threads.values()) or not self._arrived.empty()

    @property
    def known(self) -> bool:
        """Whether any container was found yet."""
        return bool(self._threads)

    def problem(self) -> str | None:
        """The next sentence about a container whose output could not be read; None when there is none."""
        try:
            return self._problems.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        self._closed.set()

    def _run(self, container: Container) -> None:
        told = ""
        while not self._done(container):
            last = self._last.get(container.id)
            try:
                self._read(container, last)
                return
            except GatelineError as error:
                if told != error.message:
                    told = error.message
                    self._problems.put(f"{container.name}: {told}")
                if not self.following or not isinstance(error, Unreachable | Refused):
                    return
                self._closed.wait(RETRY)

    def _read(self, container: Container, last: int | None) -> None:
        lines = self.driver.log_lines(
            container,
            since=self.since if last is None else last / 1e9,
            tail=self.tail if last is None else HELD,
            follow=self.following,
            stopped=lambda: self._done(container),
        )
        for line in lines:
            if last is not None and line.time <= last:
                continue  # had before the connection broke off
            self._last[container.id] = line.time
            if self.on_line is not None:
                self.on_line(line)
            self._put(line, container)

    def _put(self, line: LogLine, container: Container) -> None:
        while not self._done(container):
            try:
                self._arrived.put(line, timeout=RETRY)
                return
            except queue.Full:
                continue

    def _done(self, container: Container) -> bool:
        return self._closed.is_set() or container.id not in self._wanted


class Alarm:
    """Watches the output of the new containers for a pattern, and hands it on to be shown; a `LogFeed`.

    pattern   regular expression, "" for none
    show      is given each line in order; None shows nothing
    """

    def __init__(self, driver: Driver, pattern: str, show: Callable[[LogLine], None] | None) -> None:
        self.driver = driver
        self.pattern = re.compile(pattern) if pattern else None
        self.show = show
        self.alarm = ""
        self.stream = LogStream(driver, tail=1000, on_line=self._look)

    def follow(self, situation: Situation) -> None:
        # Only what is new: the old containers may well say FATAL while they are stopped.
        self.stream.follow(situation.current)
        for line in self.stream.ready():
            if self.show is not None:
                self.show(line)

    def close(self) -> None:
        """Show what is still held, and stop."""
        if self.show is not None:
            for line in self.stream.rest():
                self.show(line)
        self.stream.close()

    def _look(self, line: LogLine) -> None:
        if self.pattern is not None and not self.alarm and self.pattern.search(line.text):
            # The line itself may hold a secret; it is in the logs for those who may see them.
            self.alarm = f"{line.container} printed what matches {self.pattern.pattern!r}"
            self.driver.wake()
