"""The life of a container: created, started, healthy or not, crashing, stopped, started again, removed."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from tests.rancher16.clock import Process
from tests.rancher16.images import Behaviour
from tests.rancher16.world import Row, World

__all__ = ["Containers", "healthy", "ran_once", "running"]

LOG_LIMIT = 5000
CHECK_DEFAULT = 60_000
ONCE_LABEL = "io.rancher.container.start_once"


def running(container: Row) -> bool:
    return bool(container["state"] == "running")


def ran_once(container: Row) -> bool:
    """Whether it was meant to end, and has."""
    once = str(container["labels"].get(ONCE_LABEL)).lower() == "true"
    return once and container["state"] == "stopped" and bool(container["startCount"])


def healthy(container: Row) -> bool:
    """As the server sees it: without a health check, running is enough."""
    return ran_once(container) or (
        running(container) and container["healthState"] in (None, "healthy", "updating-healthy")
    )


class Containers:
    """All containers of all services."""

    def __init__(self, world: World) -> None:
        self.world = world

    def create(self, service: Row, unit: int, part: str, config: dict[str, Any], host: Row) -> Row:
        """A new container with its map to the service; it starts at once."""
        world = self.world
        stack = world.get("stack", service["stackId"])
        assert stack is not None
        middle = f"-{part}" if part else ""
        number = len(world.tables.get("instance", ()))
        row = world.add(
            "instance",
            service["accountId"],
            told=False,
            name=f"{stack['name']}-{service['name']}{middle}-{unit}",
            state="requested",
            healthState=None,
            imageUuid=config["imageUuid"],
            version=config["version"],
            deploymentUnitUuid=service.hidden["units"].setdefault(unit, str(uuid.uuid4())),
            hostId=host.number,
            primaryIpAddress=f"10.42.{number // 250}.{number % 250 + 2}",
            startCount=None,
            externalId=secrets.token_hex(32),
            labels={
                **(config.get("labels") or {}),
                "io.rancher.stack.name": stack["name"],
                "io.rancher.stack_service.name": f"{stack['name']}/{service['name']}",
                "io.rancher.project_service.name": f"{stack['name']}/{service['name']}{'/' + part if part else ''}",
                "io.rancher.service.launch.config": part or "io.rancher.service.primary.launch.config",
            },
            environment=config.get("environment") or {},
            ports=config.get("ports") or [],
            createIndex=service.get("createIndex"),
            serviceId=service.number,
            stackId=service["stackId"],
            kind="container",
        )
        row.hidden.update(part=part, unit=unit, config=config, logs=[], starts=0)
        row.hidden["map"] = world.add(
            "serviceExposeMap",
            service["accountId"],
            serviceId=service.number,
            instanceId=row.number,
            dnsPrefix=part or None,
            managed=True,
            upgrade=False,
        )
        self.start(row)
        return row

    def start(self, container: Row) -> None:
        container.epoch += 1
        self.world.going(container, "starting" if container.hidden["starts"] else "creating")
        self.world.engine.spawn(self._life(container, container.epoch), self.world.times.start)

    def stop(self, container: Row) -> None:
        if container["state"] in ("stopped", "stopping", "removing", "removed", "purged"):
            return
        container.epoch += 1
        self.world.going(container, "stopping")
        self.world.engine.spawn(self._stopping(container, container.epoch), self.world.times.stop)

    def remove(self, container: Row) -> None:
        if container["state"] in ("removing", "removed", "purged"):
            return
        container.epoch += 1
        self.world.going(container, "removing")
        self.world.set(container.hidden["map"], state="removing")
        self.world.engine.spawn(self._removing(container, container.epoch), self.world.times.remove)

    def mark(self, container: Row, *, managed: bool, upgrade: bool) -> None:
        self.world.set(container.hidden["map"], managed=managed, upgrade=upgrade)

    def print(self, container: Row, text: str, stream: str = "1") -> None:
        """One line of output."""
        logs = container.hidden["logs"]
        tty = container.hidden["config"].get("tty")
        logs.append((time.time_ns(), "0" if tty else stream, text))
        del logs[:-LOG_LIMIT]

    def _stopping(self, container: Row, epoch: int) -> Process:
        if container.epoch == epoch:
            self.world.rest(container, "stopped", healthState=None)
        return
        yield 0.0

    def _removing(self, container: Row, epoch: int) -> Process:
        if container.epoch == epoch:
            self.world.removed(container.hidden["map"])
            self.world.removed(container)
        return
        yield 0.0

    def _life(self, container: Row, epoch: int) -> Process:
        image = self.world.images[container["imageUuid"]]
        if self.world.images.fails(container["imageUuid"]):
            yield from self._broken(container, epoch, image)
            return
        while container.epoch == epoch:
            self._run(container, image)
            if image.every:
                self.world.engine.spawn(self._chatter(container, epoch, image.every), image.every)
            crash = image.crash_after if container.hidden["starts"] <= image.crashes else None
            yield from self._checked(container, epoch, image, crash)
            if crash is None or container.epoch != epoch:
                return
            self.world.rest(container, "stopped", healthState=None)
            if image.exit_ok and ran_once(container):
                return
            yield self.world.times.start
            if container.epoch == epoch:
                self.world.going(container, "starting")
                yield self.world.times.start

    def _run(self, container: Row, image: Behaviour) -> None:
        container.hidden["starts"] += 1
        check = container.hidden["config"].get("healthCheck")
        health = "initializing" if check else None
        self.world.rest(container, "running", startCount=container.hidden["starts"], healthState=health)
        self._clear_error(container)
        for stream, text in image.lines:
            self.print(container, text, stream)

    def _checked(self, container: Row, epoch: int, image: Behaviour, crash: float | None) -> Process:
        """What a health check sees, until the container ends (`crash` seconds) or for ever."""
        check = container.hidden["config"].get("healthCheck")
        lifetime = float("inf") if crash is None else crash
        if not check:
            if crash is not None:
                yield crash
            return
        timeout = (check.get("initializingTimeout") or CHECK_DEFAULT) / 1000
        first = min(timeout if image.health == "initializing" else image.healthy_after, lifetime)
        yield first
        if container.epoch != epoch or first >= lifetime:
            return
        health = "unhealthy" if image.health != "healthy" else "healthy"
        self.world.set(container, healthState=health)
        if health == "healthy" and image.sick_after is not None:
            yield image.sick_after
            if container.epoch != epoch:
                return
            self.world.set(container, healthState="unhealthy")
            health = "unhealthy"
        if health == "unhealthy" and check.get("strategy") == "recreate":
            yield self.world.times.retry
            if container.epoch == epoch:
                self._replace(container)
        elif crash is not None:
            yield max(lifetime - first, 0.0)

    def _broken(self, container: Row, epoch: int, image: Behaviour) -> Process:
        """It cannot be started; the server gives it up and tries with another, for ever."""
        self.world.set(container, state="error", transitioning="error", transitioningMessage=image.broken)
        service = self.world.get("service", container["serviceId"])
        assert service is not None
        words = f"Failed to start {container['name']}: {image.broken}"
        self.world.log(service, "service.instance.create.exception", words, level="error", instance=container)
        service.hidden["error"] = words
        self.world.changed(service)
        yield self.world.times.retry
        if container.epoch == epoch:
            self._replace(container)

    def _clear_error(self, container: Row) -> None:
        service = self.world.get("service", container["serviceId"])
        if service is not None and service.hidden.pop("error", None):
            self.world.changed(service)

    def _replace(self, container: Row) -> None:
        """Remove it and make the same anew, as long as the service still wants it."""
        managed = container.hidden["map"]["managed"]
        self.remove(container)
        service = self.world.get("service", container["serviceId"])
        host = self.world.get("host", container["hostId"])
        if managed and service is not None and host is not None and service["state"] not in ("removing", "removed"):
            self.create(service, container.hidden["unit"], container.hidden["part"], container.hidden["config"], host)

    def _chatter(self, container: Row, epoch: int, every: float) -> Process:
        number, starts = 0, container.hidden["starts"]
        while container.epoch == epoch and running(container) and container.hidden["starts"] == starts:
            number += 1
            self.print(container, f"request {number} served")
            yield every
