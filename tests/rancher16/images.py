"""What containers of an image do. Nothing is pulled from anywhere; an image is a name and a behaviour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Behaviour", "Images"]


@dataclass(frozen=True)
class Behaviour:
    """All times in seconds of the server's time.

    health         what a health check comes to: "healthy", "unhealthy", or "initializing" for never anything else
    healthy_after  how long it takes until then
    crash_after    ends by itself after this long, again and again; None: runs
    crashes        how often at most
    exit_ok        what ends by itself was meant to (a container that runs once)
    broken         why it cannot be started, such as a missing image; "" when it can
    broken_times   how often it cannot; None: never
    sick_after     becomes unhealthy this long after it was healthy
    lines          what it prints when it starts: (stream, text), stream "1" or "2"
    every          prints one line this often, 0: none
    """

    health: str = "healthy"
    healthy_after: float = 2.0
    crash_after: float | None = None
    crashes: int = 10**6
    exit_ok: bool = False
    broken: str = ""
    broken_times: int | None = None
    sick_after: float | None = None
    lines: tuple[tuple[str, str], ...] = (("1", "listening on 8080"),)
    every: float = 0.0


BY_TAG = {
    "unhealthy": Behaviour(health="unhealthy"),
    "never-healthy": Behaviour(health="initializing"),
    "crashing": Behaviour(crash_after=2.0, lines=(("1", "starting"), ("2", "panic: out of luck"))),
    "missing": Behaviour(broken="Error response from daemon: manifest for this image not found"),
    "slow": Behaviour(healthy_after=20.0),
    "fatal": Behaviour(lines=(("1", "starting"), ("2", "FATAL: no database"))),
    "chatty": Behaviour(every=1.0),
}
"""Behaviours that can be had by the tag alone, for whoever tries the server by hand."""


@dataclass
class Images:
    """By full name, then by tag; what is not told of is well."""

    known: dict[str, Behaviour] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def __setitem__(self, name: str, behaviour: Behaviour) -> None:
        self.known[name] = behaviour

    def __getitem__(self, image_uuid: str) -> Behaviour:
        name = image_uuid.removeprefix("docker:")
        return self.known.get(name) or BY_TAG.get(name.rpartition(":")[2]) or Behaviour()

    def fails(self, image_uuid: str) -> bool:
        """Whether this start of a container comes to nothing."""
        behaviour = self[image_uuid]
        if not behaviour.broken or self.failures[image_uuid] == behaviour.broken_times:
            return False
        self.failures[image_uuid] += 1
        return True
