"""Being told to end: TERM and HUP are met as Ctrl-C is, so that gates end, locks go and folders are tidied."""

from __future__ import annotations

__all__ = ["end_like_interrupt"]

SIGHUP, SIGTERM = 1, 15


def end_like_interrupt() -> None:
    """From now on TERM and HUP raise KeyboardInterrupt in the main thread."""
    # What `signal` wraps into enumerations, which cost more than this whole module.
    import _signal  # type: ignore[import-not-found]

    for number in (SIGHUP, SIGTERM):
        if _signal.getsignal(number) != _signal.SIG_IGN:  # nohup means it
            _signal.signal(number, _raise)


def _raise(number: int, frame: object) -> None:
    raise KeyboardInterrupt
