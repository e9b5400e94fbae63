"""Everything the server knows: rows in tables, keys, hosts, and who listens to changes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.rancher16.clock import Engine
from tests.rancher16.faults import Faults
from tests.rancher16.images import Images
from tests.rancher16.names import id_of

__all__ = ["Key", "Row", "Times", "World"]


@dataclass(frozen=True)
class Times:
    """How long things take, in seconds of the server's time."""

    schedule: float = 0.4
    start: float = 1.0
    stop: float = 1.0
    remove: float = 0.6
    retry: float = 3.0
    pull: float = 2.0
    hidden_after: float = 60.0


class Row(dict[str, Any]):
    """One row: what the API shows of it, and beside that what it does not.

    epoch   grows whenever something else is to happen to it, so that older processes see that they are over
    hidden  whatever the processes keep
    """

    def __init__(self, base: str, number: int, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self.base = base
        self.number = number
        self.epoch = 0
        self.hidden: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return str(id_of(self.base, self.number))

    @property
    def gone(self) -> bool:
        return self["removed"] is not None

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((self.base, self.number))

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Key:
    """An API key. kind: "environment" sees its one project, "account" all that it is a member of."""

    access: str
    secret: str
    kind: str = "environment"
    projects: tuple[int, ...] = ()
    read_only: bool = False


@dataclass
class World:
    """The database. Whoever reads or writes holds `engine.lock`."""

    engine: Engine
    times: Times = field(default_factory=Times)
    images: Images = field(default_factory=Images)
    faults: Faults = field(default_factory=Faults)
    tables: dict[str, dict[int, Row]] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    listeners: list[Callable[[Row], None]] = field(default_factory=list)
    secrets: dict[str, Any] = field(default_factory=dict)
    ports: int = 49152

    def add(self, base: str, account: int | None = None, *, told: bool = True, **fields: Any) -> Row:
        """A new row with the fields that all have; without `told` whoever adds it tells of it."""
        table = self.tables.setdefault(base, {})
        number = max(table, default=4) + 1
        now = time.time()
        common = {
            "accountId": account,
            "name": None,
            "description": None,
            "kind": base,
            "state": "active",
            "uuid": str(uuid.uuid4()),
            "externalId": None,
            "created": moment(now),
            "createdTS": int(now * 1000),
            "removed": None,
            "removeTime": None,
            "transitioning": "no",
            "transitioningMessage": None,
            "transitioningProgress": None,
        }
        row = Row(base, number, {**common, **fields})
        table[number] = row
        if told:
            self.changed(row)
        return row

    def set(self, row: Row, **fields: Any) -> None:
        """Change fields and tell of it, when anything differs."""
        if any(row.get(name, ...) != value for name, value in fields.items()):
            row.update(fields)
            self.changed(row)

    def rest(self, row: Row, state: str, **fields: Any) -> None:
        """A state in which nothing goes on."""
        self.set(row, state=state, transitioning="no", transitioningMessage=None, **fields)

    def going(self, row: Row, state: str, **fields: Any) -> None:
        """A state in which something goes on."""
        self.set(row, state=state, transitioning="yes", transitioningMessage="In Progress", **fields)

    def removed(self, row: Row) -> None:
        now = time.time()
        row.hidden["removed_at"] = time.monotonic()
        self.rest(row, "removed", removed=moment(now), removeTime=moment(now))

    def changed(self, row: Row) -> None:
        for listener in list(self.listeners):
            listener(row)

    def get(self, base: str, number: int | None) -> Row | None:
        return self.tables.get(base, {}).get(number) if number is not None else None

    def rows(self, base: str, **fields: Any) -> Iterator[Row]:
        """The rows that are not removed and have these values."""
        for row in list(self.tables.get(base, {}).values()):
            if not row.gone and all(row.get(name) == value for name, value in fields.items()):
                yield row

    def is_hidden(self, row: Row) -> bool:
        """Whether it was removed too long ago to be listed."""
        at = row.hidden.get("removed_at")
        return at is not None and time.monotonic() - at > self.times.hidden_after * self.engine.scale

    def free_port(self) -> int:
        self.ports += 1
        return self.ports

    def log(
        self, service: Row, event: str, description: str = "", *, level: str = "info", instance: Row | None = None
    ) -> Row:
        """A line of the service's own log."""
        top = event.count(".") == 1
        return self.add(
            "serviceLog",
            service["accountId"],
            serviceId=service.number,
            instanceId=instance.number if instance else None,
            eventType=event,
            description=description or None,
            level=level,
            subLog=not top,
            endTime=None,
            transactionId=service.hidden.setdefault("transaction", str(uuid.uuid4())),
        )


def moment(seconds: float) -> str:
    """ISO 8601 with Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
