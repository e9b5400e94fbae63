"""When an upgrade counts as failed before its deadline, and when it counts as well."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import inf

from gates.rancher.target import Container, Situation

__all__ = ["Judge", "Limits"]


@dataclass(frozen=True)
class Limits:
    """All in seconds, but for `max_restarts`.

    deadline      for the whole upgrade; undoing gets as long again
    bake          for which everything must have been well without a pause before the old containers are given up
    grace         for which a new container may be unhealthy
    max_restarts  how often a new container may start again
    poll          between two looks where the server does not tell of changes
    """

    deadline: float = 600.0
    bake: float = 60.0
    grace: float = 60.0
    max_restarts: int = 3
    poll: float = 2.0


class Judge:
    """Remembers what was seen of the new containers, by name: one that is made anew keeps its name, not its id."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._unwell_since: dict[str, float] = {}
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        self._well_since: float | None = None
        self._counts: list[tuple[str, int]] = []

    def failure(self, situation: Situation, now: float) -> str:
        """Why this cannot come to a good end, "" while it still can. `now`: seconds on any steady clock."""
        if situation.error:
            return f"the server reports an error: {situation.error}"
        for container in situation.current:
            if reason := self._failure_of(container, now):
                return reason
        return ""

    def baked(self, situation: Situation, now: float) -> bool:
        """Whether all has been well for long enough. A container that restarts or is replaced begins the time anew."""
        counts = sorted((container.id, container.restarts) for container in situation.current)
        if situation.unsettled:
            self._well_since = None
        elif self._well_since is None or counts != self._counts:
            self._well_since = now
        self._counts = counts
        return self._well_since is not None and now - self._well_since >= self.limits.bake

    def due(self, now: float) -> float:
        """When the answers of `failure` and `baked` may next change though nothing happens."""
        moments = [since + self.limits.grace for since in self._unwell_since.values()]
        moments += [self._well_since + self.limits.bake] if self._well_since is not None else []
        return min((moment for moment in moments if moment > now), default=inf)

    def _failure_of(self, container: Container, now: float) -> str:
        name = container.name
        self._ids[name].add(container.id)
        starts = container.restarts + len(self._ids[name]) - 1
        if starts > self.limits.max_restarts:
            return f"{name} starts again and again ({starts} times)"
        if container.state in ("error", "erroring") or container.message:
            return f"{name} is in {container.state}: {container.message or 'no reason given'}"
        if container.health != "unhealthy":
            self._unwell_since.pop(name, None)
        elif now - self._unwell_since.setdefault(name, now) >= self.limits.grace:
            return f"{name} has been unhealthy for {self.limits.grace:g} s"
        return ""
