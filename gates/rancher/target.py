"""What the state machine and the drivers of Rancher 1.6 and 2.x agree on: the words, and one Protocol.

A driver only translates. It reads a service into a `Situation`, and each of its verbs is one request. Every decision
(when to go on, when to undo, when to give up) is made in `gates.rancher.upgrade`, once for all drivers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from gates.errors import CannotRun, GatelineError, UsageError

__all__ = [
    "Container",
    "Denied",
    "Difference",
    "Driver",
    "LogLine",
    "Mark",
    "Phase",
    "Plan",
    "Refused",
    "Situation",
    "Unclear",
    "Unreachable",
    "Wish",
]


class Denied(UsageError):
    """The server said that this key may not, or that there is no such thing (401, 403, 404): asking again is no use."""


class Unreachable(CannotRun):
    """No usable answer, also after several tries: the network, a proxy or the server is down."""


class Refused(GatelineError):
    """The server did not do it, because something else goes on (409, 422 ActionNotAvailable): read the state again."""


class Unclear(GatelineError):
    """A request was sent and its answer was lost, so nobody knows whether it was done: read the state again."""


class Phase(StrEnum):
    """Where a service stands, in words that hold for both kinds of server."""

    RESTING = "resting"
    """Nothing goes on; an upgrade may begin."""
    STOPPED = "stopped"
    """The service is switched off."""
    BUSY = "busy"
    """Something that is no upgrade goes on, and will end by itself."""
    UPGRADING = "upgrading"
    UPGRADED = "upgraded"
    """All containers are replaced, and the old ones are kept until the upgrade is confirmed or undone."""
    CANCELING = "canceling"
    CANCELED = "canceled"
    """An upgrade was stopped half-way: old and new containers are mixed."""
    UNDOING = "undoing"
    FINISHING = "finishing"
    GONE = "gone"


@dataclass(frozen=True)
class Mark:
    """Whose upgrade it is; written into what is deployed, so that a later job can tell.

    deploy  "<key>.<attempt>": the same wish of the same pipeline has the same key
    commit  what was deployed, "" when unknown
    by      the user or CI job
    at      ISO 8601, UTC
    """

    deploy: str
    commit: str = ""
    by: str = ""
    at: str = ""

    @property
    def key(self) -> str:
        return self.deploy.partition(".")[0]

    def __str__(self) -> str:
        words = [f"deploy {self.deploy}"]
        words += [f"by {self.by}"] if self.by else []
        words += [f"at {self.at}"] if self.at else []
        words += [f"of commit {self.commit[:12]}"] if self.commit else []
        return ", ".join(words)


@dataclass(frozen=True)
class Container:
    """One container of the service.

    unit     which replica it is part of, its number; old and new containers of a replica, and its sidekicks, share it
    part     "" for the service itself, else the sidekick's name
    health   "" when nothing checks it
    current  made from the configuration the service has now, so new in an upgrade and old again in an undo
    restarts how often it was started again
    """

    id: str
    name: str
    state: str
    health: str = ""
    image: str = ""
    unit: str = ""
    part: str = ""
    current: bool = True
    restarts: int = 0
    message: str = ""

    @property
    def running(self) -> bool:
        return self.state == "running" or self.state.startswith("updating")

    @property
    def well(self) -> bool:
        return self.state == "ran once" or (self.running and self.health in ("", "healthy", "updating-healthy"))


@dataclass(frozen=True)
class Situation:
    """One reading of a service.

    state     the server's own word for the phase
    health    the server's judgement on the whole service
    error     what the server says about a step that failed, "" when none did
    expected  how many current containers there must be in the end; None when nobody can know (one per host)
    images    part -> image, "" being the service itself
    marks     of the configurations that the service has now
    owner     who began the upgrade that goes on, or the last one; None when it was not Gateline
    version   changes with every upgrade and undo
    """

    phase: Phase
    state: str
    health: str = ""
    error: str = ""
    expected: int | None = None
    containers: tuple[Container, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    owner: Mark | None = None
    version: str = ""

    @property
    def current(self) -> list[Container]:
        return [container for container in self.containers if container.current]

    @property
    def unsettled(self) -> str:
        """Why the service cannot be called up and well on its current configuration; "" when it is."""
        wrong = [container for container in self.current if not container.well]
        if wrong:
            return f"{wrong[0].name} is {wrong[0].state}" + (f" and {wrong[0].health}" if wrong[0].health else "")
        there = len(self.current)
        if self.expected is None:
            missing = there == 0
        else:
            missing = there < self.expected
        if missing:
            return f"only {there} of {self.expected or 'its'} containers are there"
        if self.health not in ("", "healthy", "started-once"):
            return f"the service is {self.health}"
        return ""

    def carries(self, mark: Mark) -> bool:
        """Whether what this very upgrade brought is the configuration now."""
        return any(found.deploy == mark.deploy for found in self.marks)


@dataclass(frozen=True)
class Wish:
    """What is to change; everything else stays as it is.

    env, labels, sidekicks   name -> new value, None to remove
    all_sidekicks            replace the containers of unchanged sidekicks too
    pull                     "default", "always" (each host at start) or "before" (all hosts, before the upgrade)
    interval                 seconds between two batches
    """

    image: str = ""
    env: Mapping[str, str | None] = field(default_factory=dict)
    labels: Mapping[str, str | None] = field(default_factory=dict)
    sidekicks: Mapping[str, str | None] = field(default_factory=dict)
    only_sidekicks: bool = False
    all_sidekicks: bool = False
    pull: str = "default"
    batch_size: int = 1
    interval: float = 2.0
    start_first: bool = False


@dataclass(frozen=True)
class Difference:
    """One field that the upgrade changes; None where it is absent. Secrets are masked already."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Plan:
    """An upgrade that is ready to be sent.

    version  the `Situation.version` it was made from; on another one it must be made anew
    payload  the driver's own
    images   what has to be on the hosts
    """

    version: str
    differences: tuple[Difference, ...]
    payload: Any
    images: tuple[str, ...] = ()
    batch_size: int = 1


@dataclass(frozen=True)
class LogLine:
    """One line of a container's output. `time`: nanoseconds since the epoch. `stream`: stdout, stderr or tty."""

    time: int
    container: str
    stream: str
    text: str


class Driver(Protocol):
    """One service on one kind of server."""

    @property
    def name(self) -> str:
        """ "stack/service", for people."""
        ...

    @property
    def where(self) -> Mapping[str, str]:
        """Server, environment, stack and service, for the record."""
        ...

    @property
    def secret(self) -> str:
        """What only those know who may change the service; never shown."""
        ...

    def read(self) -> Situation:
        """Look at the service. Raises Unreachable, Denied."""
        ...

    def diff(self, wish: Wish, mark: Mark) -> Plan:
        """What an upgrade would change. Raises UsageError for a wish that cannot be."""
        ...

    def diff_previous(self, mark: Mark) -> Plan | None:
        """The way back to what ran before the last finished upgrade; None when the server does not remember."""
        ...

    def pull(self, image: str, deadline: float) -> None:
        """Have all hosts fetch the image, before anything is touched. `deadline`: on the monotonic clock."""
        ...

    def apply(self, plan: Plan) -> None:
        """Begin the upgrade. Raises Refused or Unclear; then the state must be read again."""
        ...

    def proceed(self) -> None:
        """Let an upgrade that was cancelled go on. Raises Refused or Unclear."""
        ...

    def confirm(self) -> None:
        """Give up the old containers. Raises Refused or Unclear."""
        ...

    def undo(self, situation: Situation) -> None:
        """Take the one next step of the way back that this situation allows. Raises Refused or Unclear."""
        ...

    def wait(self, seconds: float, due: float = math.inf) -> None:
        """Return when something may have changed, at the latest at `due` on the monotonic clock.

        seconds  between two looks where the server does not tell of changes; a driver that hears of them waits longer
        """
        ...

    def wake(self) -> None:
        """End a `wait` of another thread."""
        ...

    def notes(self) -> Sequence[str]:
        """What the server has written about its progress since the last call."""
        ...

    def log_lines(
        self, container: Container, *, since: float, tail: int, follow: bool, stopped: Callable[[], bool]
    ) -> Iterator[LogLine]:
        """The output of one container, oldest first. Raises Unreachable, Denied, Refused.

        since    seconds since the epoch, 0.0 for the beginning
        tail     how many of the last lines at first
        follow   go on until the container ends or `stopped()` is true
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
