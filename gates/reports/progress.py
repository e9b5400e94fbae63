"""Progress of a run, told while it goes on.

The runner calls `started`, `finished` and `note` as things happen, and `close` once at the end, whatever happened.
On the start-up path of every hook: the live display, which needs rich, is imported only where it is shown.
"""

from __future__ import annotations

from gates.outcome import PASSED
from gates.reports.plain import gate_line
from gates.reports.style import Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol, TextIO

    from gates.outcome import Outcome

    class Progress(Protocol):
        """What the runner tells."""

        def started(self, gate: str) -> None:
            """A gate begins to look."""
            ...

        def finished(self, outcome: Outcome) -> None:
            """A gate has ended, also one that was skipped or came from the cache (then without `started`)."""
            ...

        def note(self, text: str) -> None:
            """A sentence about the run that a person should see."""
            ...

        def close(self) -> None:
            """Nothing more will come; the stream is free again."""
            ...


__all__ = ["PlainProgress", "SilentProgress", "progress_for"]


class SilentProgress:
    """Tells nothing: for `--json` and for runs inside a run."""

    def started(self, gate: str) -> None:
        """Nobody is to know."""

    def finished(self, outcome: Outcome) -> None:
        """Nobody is to know."""

    def note(self, text: str) -> None:
        """Nobody is to know."""

    def close(self) -> None:
        """There is nothing to give back."""


class PlainProgress:
    """One line for each gate when it has ended; with `quiet`, only for those that did not pass."""

    def __init__(self, stream: TextIO, style: Style, gates: Sequence[str] = (), *, quiet: bool = False) -> None:
        self.stream = stream
        self.style = style
        self.quiet = quiet
        self.name_width = max((len(name) for name in gates), default=0)

    def started(self, gate: str) -> None:
        """A log has no use for beginnings."""

    def finished(self, outcome: Outcome) -> None:
        if not (self.quiet and outcome.status == PASSED):
            self._print(gate_line(outcome, self.style, self.name_width))

    def note(self, text: str) -> None:
        self._print(clean(text))

    def close(self) -> None:
        self.stream.flush()

    def _print(self, line: str) -> None:
        self.stream.write(self.style.safe(line) + "\n")


def progress_for(stream: TextIO, environ: Mapping[str, str], gates: Sequence[str], *, live: bool = True) -> Progress:
    """A live display on a terminal that can show one, else plain lines.

    gates  the names of all gates of the run, for the layout
    live   False for a hook: its output is better short, and rich costs more time than most hooks
    """
    style = Style.of(stream, environ)
    if live and stream.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI"):
        from gates.reports.live import LiveProgress

        return LiveProgress(stream, style, gates)
    return PlainProgress(stream, style, gates)
