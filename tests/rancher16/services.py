"""What services do by themselves: keep their containers, tell their health, and the processes that are no upgrades."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from tests.rancher16 import configs
from tests.rancher16.clock import Process, until
from tests.rancher16.containers import Containers, healthy, ran_once, running
from tests.rancher16.problems import not_available
from tests.rancher16.processes import PROCESSES
from tests.rancher16.world import Row, World

__all__ = ["Services"]

VANISHING = ("removing", "removed", "purging", "purged")


class Services:
    """All services; also the start of every process, with the check of the table of states."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.containers = Containers(world)

    def begin(self, service: Row, action: str, process: Callable[[Row, int], Process], **fields: Any) -> None:
        """Schedule a process: the state changes at once, all else later."""
        table = PROCESSES[action]
        if service["state"] not in table.starts:
            raise not_available()
        service.epoch += 1
        service.hidden.pop("error", None)
        service.hidden.pop("transaction", None)
        self.world.going(service, table.during, **fields)
        self.world.engine.spawn(process(service, service.epoch), self.world.times.schedule)

    def end(self, service: Row, state: str) -> None:
        self.world.rest(service, state)

    # What there is

    def configs(self, service: Row) -> dict[str, configs.Config]:
        return configs.by_part(service["launchConfig"], service["secondaryLaunchConfigs"])

    def store(self, service: Row, parts: dict[str, configs.Config]) -> dict[str, Any]:
        """Fields of a service for these configurations."""
        return {
            "launchConfig": parts[""],
            "secondaryLaunchConfigs": [config for part, config in parts.items() if part],
        }

    def all_of(self, service: Row) -> list[Row]:
        """Its containers, but for those that are going away."""
        rows = self.world.rows("instance", serviceId=service.number)
        return [row for row in rows if row["state"] not in VANISHING]

    def managed(self, service: Row) -> list[Row]:
        return [row for row in self.all_of(service) if row.hidden["map"]["managed"]]

    def units(self, service: Row) -> dict[int, Row]:
        """Which replicas there must be, and on which host."""
        hosts = [host for host in self.world.rows("host", accountId=service["accountId"]) if host["state"] == "active"]
        if configs.is_global(service["launchConfig"]):
            return {number + 1: host for number, host in enumerate(hosts)}
        return {unit: hosts[unit % len(hosts)] for unit in range(1, service["scale"] + 1)} if hosts else {}

    def health(self, service: Row) -> str:
        managed = self.managed(service)
        if configs.is_global(service["launchConfig"]):
            wanted = len(self.units(service)) * len(self.configs(service))
        else:
            wanted = service["scale"] * len(self.configs(service))
        well = sum(healthy(row) for row in managed)
        if managed and all(map(ran_once, managed)):
            return "started-once"
        if well >= wanted:
            return "healthy"
        if any(row["healthState"] == "initializing" for row in managed):
            return "initializing"
        return "degraded" if well else "unhealthy"

    # Keeping what must be there

    def ensure(self, service: Row, coming: Iterable[Row] = ()) -> None:
        """Create what is missing and is not among those that are `coming`, remove what is too much."""
        units = self.units(service)
        there = {(row.hidden["unit"], row.hidden["part"]) for row in (*self.managed(service), *coming)}
        parts = self.configs(service)
        for unit, host in units.items():
            for part, config in parts.items():
                if (unit, part) not in there:
                    self.containers.create(service, unit, part, copy.deepcopy(config), host)
        for row in self.managed(service):
            if row.hidden["unit"] not in units:
                self.containers.remove(row)

    def start_all(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row["state"] == "stopped":
                self.containers.start(row)

    def on(self, service: Row, epoch: int) -> bool:
        """Whether the process that began at this epoch is still the one that goes on."""
        return service.epoch == epoch

    def settled(self, service: Row, epoch: int, rows: Callable[[], list[Row]]) -> Callable[[], bool]:
        """Whether nothing has to be waited for any more: all run, or the process is over."""
        return lambda: (
            not self.on(service, epoch)
            or all(running(row) or ran_once(row) or row["state"] == "error" for row in rows())
        )

    # Processes

    def creating(self, service: Row, epoch: int) -> Process:
        if not self.on(service, epoch):
            return
        self.end(service, "inactive")
        if service["startOnCreate"]:
            yield self.world.times.schedule
            if self.on(service, epoch) and service["state"] == "inactive":
                self.begin(service, "activate", self.activating)

    def activating(self, service: Row, epoch: int) -> Process:
        self.start_all(self.managed(service))
        self.ensure(service)
        yield from until(self.settled(service, epoch, lambda: self.managed(service)))
        if self.on(service, epoch):
            self.end(service, "active")

    def deactivating(self, service: Row, epoch: int) -> Process:
        for row in self.managed(service):
            self.containers.stop(row)
        stopped = until(lambda: all(row["state"] == "stopped" for row in self.managed(service)))
        yield from stopped
        if self.on(service, epoch):
            self.end(service, "inactive")

    def updating(self, service: Row, epoch: int) -> Process:
        if self.on(service, epoch) and service["state"] == "updating-active":
            self.ensure(service)
            yield from until(self.settled(service, epoch, lambda: self.managed(service)))
        if self.on(service, epoch):
            self.end(service, "active" if service["state"] == "updating-active" else "inactive")

    def restarting(self, service: Row, epoch: int) -> Process:
        strategy = (service.hidden.get("restart") or {}).get("rollingRestartStrategy") or {}
        batch, interval = strategy.get("batchSize") or 1, (strategy.get("intervalMillis") or 2000) / 1000
        rows = sorted(self.managed(service), key=lambda row: (row.hidden["unit"], row.hidden["part"]))
        units = sorted({row.hidden["unit"] for row in rows})
        for begin in range(0, len(units), batch):
            some = [row for row in rows if row.hidden["unit"] in units[begin : begin + batch]]
            for row in some:
                self.containers.stop(row)
            yield from until(lambda some=some: all(row["state"] == "stopped" for row in some))  # type: ignore[misc]
            self.start_all(some)
            yield from until(self.settled(service, epoch, lambda some=some: some))  # type: ignore[misc]
            if not self.on(service, epoch):
                return
            if begin + batch < len(units):
                yield interval
        self.end(service, "active")

    def removing(self, service: Row, epoch: int) -> Process:
        for row in self.world.rows("instance", serviceId=service.number):
            self.containers.remove(row)
        yield from until(lambda: not list(self.world.rows("instance", serviceId=service.number)))
        self.world.removed(service)
