"""What an upgrade tells while it goes on: plain lines anywhere, and a bar below them on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from gates.rancher.target import Container, Phase, Plan, Situation
from gates.reports.style import Style, clean

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

__all__ = ["Narrator"]


class Narrator:
    """One line for each thing that changed; implements `gates.rancher.terms.Progress`."""

    def __init__(self, name: str, stream: TextIO, environ: Mapping[str, str]) -> None:
        self.name = name
        self.stream = stream
        self.style = Style.of(stream, environ)
        self.batch_size = 1
        self.seconds = 0.0
        self._last: Situation | None = None
        self._replaced: Mapping[str, str] = {}
        self._units: list[str] = []
        self._shown: dict[str, tuple[str, str, int]] = {}
        self._first_seen: dict[str, float] = {}
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        if stream.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI"):
            self._start_bar()

    def plan(self, plan: Plan) -> None:
        self.batch_size = plan.batch_size
        if not plan.differences:
            self._write("plan: nothing differs; containers are replaced by equal ones")
            return
        width = max(len(difference.field) for difference in plan.differences)
        self._write("plan:")
        for difference in plan.differences:
            old, new = (_shown(value) for value in (difference.old, difference.new))
            self._write(f"  {difference.field:<{width}}  {old} {self._arrow} {new}")

    def seen(self, situation: Situation, seconds: float) -> None:
        self.seconds = seconds
        last, self._last = self._last, situation
        if last is None:
            self._begin(situation)
        elif situation.version != last.version:
            self._replaced, self._units = last.images, []
        if last is None or (situation.state, situation.health) != (last.state, last.health):
            health = f", {situation.health}" if situation.health else ""
            self._tell(f"{self.name} is {situation.state}{health}")
        if situation.phase != Phase.RESTING or self._units:
            for container in situation.current:
                self._container(container, situation)
        self._update_bar(situation)

    def note(self, text: str) -> None:
        self._tell(clean(text))

    def line(self, text: str) -> None:
        """A line as it is, such as one of a container's output."""
        self._write(text)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self.stream.flush()

    @property
    def _arrow(self) -> str:
        return "→" if self.style.unicode else "->"

    def _begin(self, situation: Situation) -> None:
        self._replaced = situation.previous
        if situation.phase == Phase.RESTING:
            self._shown = {container.id: _look(container) for container in situation.containers}

    def _container(self, container: Container, situation: Situation) -> None:
        if self._shown.get(container.id) == _look(container):
            return
        self._shown[container.id] = _look(container)
        if container.unit not in self._units:
            self._units.append(container.unit)
        batch = self._units.index(container.unit) // self.batch_size + 1
        units = {other.unit for other in situation.containers} | set(self._units)
        batches = -(-len(units) // self.batch_size)
        begun = self._first_seen.setdefault(container.id, self.seconds)
        words = [container.state, container.health]
        words += [f"restarted {container.restarts} times"] if container.restarts else []
        words += [container.message] if container.message else []
        old = self._replaced.get(container.part, "")
        images = _change(old, container.image, self._arrow)
        state = self.style.paint(
            clean(", ".join(word for word in words if word)), "green" if container.well else "yellow"
        )
        name = clean(f"batch {batch}/{batches}  {container.name}  {images}")
        self._tell(f"{name}  {state}  ({self.seconds - begun:.1f} s)")

    def _tell(self, text: str) -> None:
        self._write(f"[{self.seconds:6.1f} s] {text}")

    def _write(self, text: str) -> None:
        text = self.style.safe(text)
        if self._bar is not None:
            from rich.text import Text

            self._bar.console.print(Text.from_ansi(text), soft_wrap=True)
            return
        self.stream.write(text + "\n")
        self.stream.flush()

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(file=self.stream, no_color=not self.style.colour, width=self.style.width, highlight=False)
        columns = (
            SpinnerColumn("dots" if self.style.unicode else "line"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("containers"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(self.name, total=None)
        self._bar.start()

    def _update_bar(self, situation: Situation) -> None:
        if self._bar is None or self._task is None:
            return
        well = sum(container.well for container in situation.current)
        total = situation.expected if situation.expected is not None else len(situation.containers)
        self._bar.update(self._task, completed=well, total=total, description=f"{self.name} {situation.state}")
        # It is not over when all containers are well: the clock and the spinner go on.
        self._bar.tasks[0].finished_time = None


def _look(container: Container) -> tuple[str, str, int]:
    return container.state, container.health, container.restarts


def _change(old: str, new: str, arrow: str) -> str:
    """ "acme/parrot:1 → 2": lines of containers are long enough without the name twice and whole digests."""
    old, new = (re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}$", r"\1", image) for image in (old, new))
    if not old or old == new:
        return new
    found = re.match(r".*?(@|:(?=[^/]*$))", old)
    return f"{old} {arrow} {new.removeprefix(found[0]) if found else new}"


def _shown(value: str | None) -> str:
    return "(none)" if value is None else clean(value) or '""'
