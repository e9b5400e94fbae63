"""Being told to end: TERM and HUP are met as Ctrl-C is, so that gates end, locks go and folders are tidied."""

from __future__ import annotations

__all__ = ["Unbroken", "end_like_interrupt"]

SIGHUP, SIGINT, SIGTERM = 1, 2, 15


def end_like_interrupt() -> None:
    """From now on TERM and HUP raise KeyboardInterrupt in the main thread."""
    # What `signal` wraps into enumerations, which cost more than this whole module.
    import _signal  # type: ignore[import-not-found]

    for number in (SIGHUP, SIGTERM):
        if _signal.getsignal(number) != _signal.SIG_IGN:  # nohup means it
            _signal.signal(number, _raise)


def _raise(number: int, frame: object) -> None:
    raise KeyboardInterrupt


class Unbroken:
    """Signals that end this process wait until the block is over. Use as a context manager, for moments only."""

    __slots__ = ("before",)

    def __enter__(self) -> None:
        import _signal

        self.before = _signal.pthread_sigmask(_signal.SIG_BLOCK, (SIGHUP, SIGINT, SIGTERM))

    def __exit__(self, *_: object) -> None:
        import _signal

        _signal.pthread_sigmask(_signal.SIG_SETMASK, self.before)
