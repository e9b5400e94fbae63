"""Upgrades of services: the pass over all containers, finish, rollback, cancel and continue."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.rancher16 import configs
from tests.rancher16.checks import check_config, check_strategy_numbers
from tests.rancher16.clock import TICK, Process, until
from tests.rancher16.containers import healthy, running
from tests.rancher16.names import number_of
from tests.rancher16.problems import invalid, not_available
from tests.rancher16.processes import PROCESSES
from tests.rancher16.services import Services
from tests.rancher16.world import Row

__all__ = ["Upgrades"]

WAIT_HEALTHY = 45.0
"""Seconds after which a wait for health is given up, only to begin anew."""

LB_LABELS = {
    "io.rancher.container.agent.role": "environmentAdmin",
    "io.rancher.container.create_agent": "true",
}
LB_CHECK = {"port": 42, "interval": 2000, "responseTimeout": 2000, "healthyThreshold": 2, "unhealthyThreshold": 3}


class Upgrades(Services):
    """Services that can be upgraded."""

    def upgrade(self, service: Row, body: dict[str, Any]) -> None:
        """Check, store old and new configurations, begin. Raises Problem."""
        if service["state"] not in PROCESSES["upgrade"].starts:
            raise not_available()
        if body.get("inServiceStrategy") is not None:
            self._in_service(service, body["inServiceStrategy"])
        elif body.get("toServiceStrategy") is not None:
            self._to_service(service, body["toServiceStrategy"])
        else:
            raise invalid("MissingRequired", "inServiceStrategy")

    def finish(self, service: Row) -> None:
        self.begin(service, "finishupgrade", self._finishing)

    def rollback(self, service: Row) -> None:
        """Both lists of configurations go back at once; the containers follow."""
        strategy = (service["upgrade"] or {}).get("inServiceStrategy")
        if strategy is None:
            self.begin(service, "rollback", self._scale_back)
            return
        before = {
            "launchConfig": copy.deepcopy(strategy["previousLaunchConfig"]),
            "secondaryLaunchConfigs": copy.deepcopy(strategy["previousSecondaryLaunchConfigs"]),
        }
        self.begin(service, "rollback", self._rolling_back, **before)

    def cancel(self, service: Row) -> None:
        self.begin(service, "cancelupgrade", self._canceling)

    def proceed(self, service: Row) -> None:
        self.begin(service, "continueupgrade", lambda row, epoch: self._upgrading(row, epoch, "continueupgrade"))

    def remove(self, service: Row) -> None:
        self.begin(service, "remove", self.removing)

    # Strategies

    def _in_service(self, service: Row, strategy: dict[str, Any]) -> None:
        batch, interval = check_strategy_numbers(strategy)
        start_first = bool(strategy.get("startFirst"))
        wanted = self._wanted(service, strategy, start_first=start_first)
        current = self.configs(service)
        after = configs.successor(current, wanted, self.world.free_port)
        record = {
            "type": "inServiceUpgradeStrategy",
            "batchSize": batch,
            "intervalMillis": interval,
            "startFirst": start_first,
            "launchConfig": copy.deepcopy(after[""]) if "" in wanted else None,
            "secondaryLaunchConfigs": [
                copy.deepcopy(after.get(part, config)) for part, config in wanted.items() if part
            ],
            "previousLaunchConfig": copy.deepcopy(service["launchConfig"]),
            "previousSecondaryLaunchConfigs": copy.deepcopy(service["secondaryLaunchConfigs"]),
        }
        upgrade = {"type": "serviceUpgrade", "inServiceStrategy": record, "toServiceStrategy": None}
        self.begin(
            service,
            "upgrade",
            lambda row, epoch: self._upgrading(row, epoch, "upgrade"),
            upgrade=upgrade,
            **self.store(service, after),
        )

    def _wanted(self, service: Row, strategy: dict[str, Any], *, start_first: bool) -> dict[str, configs.Config]:
        primary, sidekicks = strategy.get("launchConfig"), strategy.get("secondaryLaunchConfigs")
        if primary is None and not sidekicks:
            raise invalid("InvalidOption", "launchConfig")
        balancer = service["kind"] == "loadBalancerService"
        if primary is None and balancer:
            raise invalid("InvalidOption", "launchConfig")
        if start_first and service["retainIp"]:
            raise invalid("InvalidOption", "startFirst")
        wanted: dict[str, configs.Config] = {}
        if primary is not None:
            wanted[""] = dict(check_config(primary))
            if balancer:
                _equip_balancer(wanted[""])
            if configs.is_global(wanted[""]) != configs.is_global(service["launchConfig"]):
                raise invalid("InvalidOption", "labels")
        for sidekick in sidekicks or ():
            if sidekick is not None:
                checked = check_config(sidekick, sidekick=True)
                wanted[checked["name"]] = checked
        return wanted

    def _to_service(self, service: Row, strategy: dict[str, Any]) -> None:
        batch, interval = check_strategy_numbers(strategy)
        target = self.world.get("service", number_of(strategy.get("toServiceId")))
        if target is None or target is service or target.gone or target["accountId"] != service["accountId"]:
            raise invalid("InvalidReference", "toServiceId")
        record = {
            "type": "toServiceUpgradeStrategy",
            "batchSize": batch,
            "intervalMillis": interval,
            "finalScale": strategy.get("finalScale") if strategy.get("finalScale") is not None else 1,
            "toServiceId": target.id,
            "updateLinks": bool(strategy.get("updateLinks")),
        }
        upgrade = {"type": "serviceUpgrade", "inServiceStrategy": None, "toServiceStrategy": record}
        service.hidden["scale_before"] = (service["scale"], target["scale"])
        self.begin(service, "upgrade", lambda row, epoch: self._moving(row, epoch, target, record), upgrade=upgrade)

    # Processes

    def _upgrading(self, service: Row, epoch: int, event: str) -> Process:
        log = self.world.log(service, f"service.{event}")
        yield from self._pass(service, epoch, event)
        if self.on(service, epoch):
            self.world.set(log, endTime=log["created"])
            self.end(service, "upgraded")

    def _pass(self, service: Row, epoch: int, event: str) -> Process:
        """Replace batch after batch until nothing old is left."""
        batch, interval, start_first = self._how(service)
        while self.on(service, epoch):
            if service.hidden.get("stuck"):
                yield TICK
                continue
            self.ensure(service)
            yield from self._until_healthy(service, epoch, event)
            yield from self._stop_marked(service, epoch)
            units = self._outdated(service)
            if not units or not self.on(service, epoch):
                return
            some = [row for unit in list(units)[:batch] for row in units[unit]]
            for row in some:
                self.world.log(service, "service.instance.mark.upgrade", row["name"], instance=row)
                self.containers.mark(row, managed=False, upgrade=True)
            if not start_first:
                yield from self._stop_marked(service, epoch, log=f"service.{event}.stopping")
            self.world.log(service, f"service.{event}.starting", "Starting new instances")
            if self.on(service, epoch):
                self.ensure(service)
            yield from self._until_healthy(service, epoch, event)
            yield from self._stop_marked(service, epoch)
            if self.on(service, epoch) and self._outdated(service):
                self.world.log(service, f"service.{event}.sleep", f"Sleeping for {interval * 1000:.0f} milliseconds")
                yield from self._sleep(service, epoch, interval)

    def _finishing(self, service: Row, epoch: int) -> Process:
        log = self.world.log(service, "service.finishupgrade")
        yield from self._pass(service, epoch, "finishupgrade")
        if self.on(service, epoch):
            for row in self.all_of(service):
                if row.hidden["map"]["upgrade"]:
                    self.containers.remove(row)
            self.world.set(log, endTime=log["created"])
            self.end(service, "active")

    def _rolling_back(self, service: Row, epoch: int) -> Process:
        log = self.world.log(service, "service.rollback")
        batch, interval, start_first = self._how(service)
        while self.on(service, epoch):
            units = self._outdated(service)
            units.update({unit: units.get(unit, []) for unit in self._restorable(service)})
            some = sorted(units)[:batch]
            if not some:
                break
            new = [row for unit in some for row in units[unit]]
            old = [row for row in self._marked(service) if row.hidden["unit"] in some]
            for row in new:
                self.containers.mark(row, managed=False, upgrade=False)
            if not start_first:
                yield from self._stop(service, epoch, new)
            for row in old:
                self.containers.mark(row, managed=True, upgrade=False)
            self.start_all(old)
            self.ensure(service, self._marked(service))
            yield from until(self.settled(service, epoch, lambda old=old: old))  # type: ignore[misc]
            for row in new:
                self.containers.remove(row)
            if self._outdated(service) or self._restorable(service):
                yield from self._sleep(service, epoch, interval)
        if self.on(service, epoch):
            self.ensure(service)
            self.world.set(log, endTime=log["created"])
            self.end(service, "active")

    def _canceling(self, service: Row, epoch: int) -> Process:
        if self.on(service, epoch):
            self.end(service, "canceled-upgrade")
        return
        yield 0.0

    def _moving(self, service: Row, epoch: int, target: Row, strategy: dict[str, Any]) -> Process:
        batch, interval, final = strategy["batchSize"], strategy["intervalMillis"] / 1000, strategy["finalScale"]
        while self.on(service, epoch) and (target["scale"] < final or service["scale"] > 0):
            self.world.set(target, scale=max(target["scale"], min(final, target["scale"] + batch)))
            self.ensure(target)
            yield from until(lambda: not self.on(service, epoch) or all(map(healthy, self.managed(target))))
            self.world.set(service, scale=max(0, service["scale"] - batch))
            self.ensure(service)
            yield from self._sleep(service, epoch, interval)
        if self.on(service, epoch):
            self.end(service, "upgraded")

    def _scale_back(self, service: Row, epoch: int) -> Process:
        target = self.world.get("service", number_of(service["upgrade"]["toServiceStrategy"]["toServiceId"]))
        for row, scale in zip((service, target), service.hidden["scale_before"], strict=True):
            if row is not None:
                self.world.set(row, scale=scale)
                self.ensure(row)
        yield from until(self.settled(service, epoch, lambda: self.managed(service)))
        if self.on(service, epoch):
            self.end(service, "active")

    # Steps

    def _how(self, service: Row) -> tuple[int, float, bool]:
        strategy = (service["upgrade"] or {}).get("inServiceStrategy") or {}
        batch, interval = check_strategy_numbers(strategy)
        return batch, interval / 1000, bool(strategy.get("startFirst"))

    def _outdated(self, service: Row) -> dict[int, list[Row]]:
        """The managed containers that are not of the configuration there is now, by replica."""
        parts = self.configs(service)
        found: dict[int, list[Row]] = {}
        for row in sorted(self.managed(service), key=lambda row: row.hidden["unit"]):
            config = parts.get(row.hidden["part"])
            if config is None or config["version"] != row["version"]:
                found.setdefault(row.hidden["unit"], []).append(row)
        return found

    def _marked(self, service: Row) -> list[Row]:
        """Old containers that an upgrade keeps."""
        return [row for row in self.all_of(service) if row.hidden["map"]["upgrade"]]

    def _restorable(self, service: Row) -> list[int]:
        return sorted({row.hidden["unit"] for row in self._marked(service)})

    def _until_healthy(self, service: Row, epoch: int, event: str) -> Process:
        """All managed containers of the new configuration; given up never, but begun anew every 45 seconds."""
        parts = self.configs(service)

        def well() -> bool:
            new = [
                row
                for row in self.managed(service)
                if row.hidden["part"] in parts and row["version"] == parts[row.hidden["part"]]["version"]
            ]
            return not self.on(service, epoch) or all(map(healthy, new))

        if not well():
            self.world.log(service, f"service.{event}.wait", "Waiting for all instances to be healthy")
        while not (yield from until(well, WAIT_HEALTHY)):
            words = "Timeout waiting for instances to be healthy"
            self.world.log(service, f"service.{event}.exception", words, level="error")

    def _stop_marked(self, service: Row, epoch: int, log: str = "") -> Process:
        rows = [row for row in self._marked(service) if row["state"] != "stopped"]
        if rows and log:
            self.world.log(service, log, "Stopping instances")
        yield from self._stop(service, epoch, rows)

    def _stop(self, service: Row, epoch: int, rows: list[Row]) -> Process:
        if not self.on(service, epoch):
            return
        for row in rows:
            self.containers.stop(row)
        over: Callable[[], bool] = lambda: all(not running(row) and row["state"] != "stopping" for row in rows)  # noqa: E731
        yield from until(lambda: not self.on(service, epoch) or over())

    def _sleep(self, service: Row, epoch: int, seconds: float) -> Process:
        """The state is looked at every second."""
        while seconds > 0 and self.on(service, epoch):
            yield min(1.0, seconds)
            seconds -= 1.0


def _equip_balancer(config: configs.Config) -> None:
    """What the server adds to every load balancer."""
    config["labels"] = {**(config.get("labels") or {}), **LB_LABELS}
    config["healthCheck"] = config.get("healthCheck") or dict(LB_CHECK)
