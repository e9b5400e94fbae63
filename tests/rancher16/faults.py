"""What goes wrong between the server and its client, on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Fault", "Faults"]


@dataclass
class Fault:
    """Happens to requests that match.

    kind     "status" (an API error), "html" (a web page with that status), "drop" (the connection ends without an
             answer), "drop-after" (done, but the answer is lost), "half" (half of the answer, then the end),
             "hang" (no answer for `seconds`), "trickle" (the answer byte by byte), "slow" (done only after
             `seconds`), "redirect" (to `text`), "garbage" (200 and no JSON), "empty" (200 and an empty body)
    method   regular expression for the HTTP method
    path     regular expression that is searched in the path with its query
    skip     how many matching requests pass before
    times    how many are hit, None: all
    status, code, text, seconds   details
    """

    kind: str = "status"
    method: str = ".*"
    path: str = ""
    skip: int = 0
    times: int | None = None
    status: int = 500
    code: str = "Internal Server Error"
    text: str = ""
    seconds: float = 5.0
    hits: int = 0
    seen: int = 0

    def matches(self, method: str, target: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, target))


@dataclass
class Faults:
    """The faults that are on. The first that matches happens."""

    active: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.active.clear()

    def take(self, method: str, target: str) -> Fault | None:
        with self._lock:
            return next(self._hit(method, target), None)

    def _hit(self, method: str, target: str) -> Iterator[Fault]:
        for fault in self.active:
            if not fault.matches(method, target):
                continue
            fault.seen += 1
            if fault.seen > fault.skip and (fault.times is None or fault.hits < fault.times):
                fault.hits += 1
                yield fault
