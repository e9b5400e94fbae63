"""A lock between processes that the system itself gives free when its holder dies."""

from __future__ import annotations

import fcntl
import os

__all__ = ["Lock"]


class Lock:
    """An advisory lock on a file (`flock`). The file stays: removing it would let two hold "the" lock at once."""

    __slots__ = ("descriptor", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.descriptor = -1

    def try_acquire(self) -> bool:
        """Take it if nobody holds it."""
        return self._flock(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def acquire(self) -> None:
        """Wait for it."""
        self._flock(fcntl.LOCK_EX)

    def release(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _flock(self, operation: int) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, operation)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self.descriptor = descriptor
        return True
