"""A service on Rancher 1.6, as the state machine sees it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gates.errors import CannotRun, UsageError
from gates.rancher.cattle import launch
from gates.rancher.cattle.find import Found
from gates.rancher.cattle.http import Api
from gates.rancher.cattle.sockets import Changes, container_lines
from gates.rancher.target import (
    Container,
    Denied,
    LogLine,
    Mark,
    Phase,
    Plan,
    Situation,
    Unreachable,
    Wish,
)

__all__ = ["CattleDriver"]

PHASES = {
    "active": Phase.RESTING,
    "inactive": Phase.STOPPED,
    "upgrading": Phase.UPGRADING,
    "upgraded": Phase.UPGRADED,
    "canceling-upgrade": Phase.CANCELING,
    "canceled-upgrade": Phase.CANCELED,
    "rolling-back": Phase.UNDOING,
    "finishing-upgrade": Phase.FINISHING,
    "removing": Phase.GONE,
    "removed": Phase.GONE,
    "purging": Phase.GONE,
    "purged": Phase.GONE,
}

UNDO_STEPS = {
    Phase.UPGRADING: "cancelupgrade",
    Phase.FINISHING: "cancelupgrade",
    Phase.UPGRADED: "rollback",
    Phase.CANCELED: "rollback",
}
"""Stopping the upgrade first is the safe way: a rollback straight out of `upgrading` races with the server's loop."""

GLOBAL_LABEL = "io.rancher.scheduler.global"
ONCE_LABEL = "io.rancher.container.start_once"
PART_LABEL = "io.rancher.service.launch.config"
PRIMARY_PART = "io.rancher.service.primary.launch.config"
VANISHED = ("removing", "removed", "purging", "purged")

CONNECTED_FACTOR = 4
"""How much less often is polled while changes are told by the server."""

BURST = 0.1
"""Seconds to let a burst of events end before the service is read once for all of them."""


class CattleDriver:
    """Implements `gates.rancher.target.Driver`."""

    def __init__(self, api: Api, found: Found) -> None:
        self.api = api
        self.found = found
        self._changes: Changes | None = None
        self._last_note = -1

    @property
    def name(self) -> str:
        return self.found.name

    @property
    def where(self) -> Mapping[str, str]:
        return {
            "server": self.api.server.url,
            "environment": self.found.environment,
            "stack": self.found.stack,
            "service": self.found.service,
        }

    @property
    def secret(self) -> str:
        return self.api.server.keys[1]

    def read(self) -> Situation:
        service = self._service()
        phase = PHASES.get(str(service.get("state")), Phase.BUSY)
        configs = launch.configs_of(service)
        rows = [] if phase == Phase.GONE else self.api.list(self.found.path() + "/instances")
        containers = [_container(row, configs, self._part(row, configs)) for row in rows if _is_there(row)]
        return Situation(
            phase=phase,
            state=str(service.get("state")),
            health=str(service.get("healthState") or ""),
            error=_error(service),
            expected=_expected(service, configs),
            containers=tuple(sorted(containers, key=lambda container: container.name)),
            images=_images(configs),
            previous=_images(launch.previous_configs(service)),
            marks=launch.marks_of(configs),
            owner=_owner(service, configs, phase),
            version=" ".join(str(config.get("version")) for config in configs.values()),
        )

    def diff(self, wish: Wish, mark: Mark) -> Plan:
        return self.diff_to(lambda current: launch.wished(current, wish, mark), wish)

    def diff_to(self, change: Callable[[launch.Configs], launch.Configs], wish: Wish) -> Plan:
        """What an upgrade would change that sends what `change` makes of the configurations there are now."""
        service = self._service()
        return self._plan(service, change(launch.configs_of(service)), wish)

    def diff_previous(self, mark: Mark) -> Plan | None:
        service = self._service()
        configs = launch.restored(service, mark)
        return self._plan(service, configs, Wish()) if configs else None

    def pull(self, image: str, deadline: float) -> None:
        task = self.api.post(f"projects/{self.found.project}/pulltasks", {"image": image, "mode": "all", "labels": {}})
        path = f"projects/{self.found.project}/pulltasks/{task.get('id')}"
        while task.get("transitioning") == "yes" or task.get("state") not in ("active", "error"):
            if time.monotonic() > deadline:
                raise CannotRun(f"{image} was not pulled on all hosts in time", hint=_hosts(task))
            self.wait(1.0)
            task = self.api.get(path)
        failed = {host: text for host, text in (task.get("status") or {}).items() if text != "Done"}
        if failed or task.get("transitioning") == "error" or task.get("state") == "error":
            words = _hosts(task) or str(task.get("transitioningMessage") or "the server does not say why")
            raise CannotRun(f"{image} cannot be pulled: {self.api.server.scrub(words)}")

    def apply(self, plan: Plan) -> None:
        self._act("upgrade", plan.payload)

    def proceed(self) -> None:
        self._act("continueupgrade")

    def confirm(self) -> None:
        self._act("finishupgrade")

    def undo(self, situation: Situation) -> None:
        if step := UNDO_STEPS.get(situation.phase):
            self._act(step)

    def wait(self, seconds: float, due: float = math.inf) -> None:
        if self._changes is None:
            self._changes = Changes(self.api.server, self.found.project, self.found.service_id)
        longest = seconds * CONNECTED_FACTOR if self._changes.connected else seconds
        self._changes.wait(max(0.0, min(longest, due - time.monotonic())))
        time.sleep(min(BURST, seconds))

    def wake(self) -> None:
        if self._changes is not None:
            self._changes.wake()

    def notes(self) -> Sequence[str]:
        try:
            path = f"projects/{self.found.project}/servicelogs"
            page = self.api.get(path, serviceId=self.found.service_id, sort="id", order="desc", limit="100")
        except (Unreachable, Denied):
            return ()  # they are only there to explain; the service itself is read elsewhere
        rows = [row for row in page.get("data") or () if row.get("serviceId") == self.found.service_id]
        first, known = self._last_note < 0, self._last_note
        self._last_note = max([known, 0, *(_number(row) for row in rows)])
        return () if first else [self._note(row) for row in reversed(rows) if _number(row) > known]

    def log_lines(
        self, container: Container, *, since: float, tail: int, follow: bool, stopped: Callable[[], bool]
    ) -> Iterator[LogLine]:
        return container_lines(
            self.api, self.found.project, container, since=since, tail=tail, follow=follow, stopped=stopped
        )

    def close(self) -> None:
        if self._changes is not None:
            self._changes.close()
        self.api.close()

    def _service(self) -> dict[str, Any]:
        service = self.api.get(self.found.path())
        # An id is only its number to the server, so that it may answer with something else altogether.
        if service.get("id") != self.found.service_id:
            raise Denied(f"the server answered with {service.get('id')} when asked for {self.found.service_id}")
        return service

    def _act(self, action: str, body: Mapping[str, Any] | None = None) -> None:
        self.api.post(self.found.path(), body, action=action)

    def _plan(self, service: Mapping[str, Any], configs: launch.Configs, wish: Wish) -> Plan:
        current = launch.configs_of(service)
        if service.get("type") == "loadBalancerService" and "" not in configs:
            raise UsageError("a load balancer has no sidekicks that could be upgraded alone")
        return Plan(
            version=" ".join(str(config.get("version")) for config in current.values()),
            differences=launch.differences(current, configs),
            payload=launch.strategy(configs, wish),
            images=tuple(image for image in _images(configs).values() if image != launch.ABSENT_IMAGE),
            batch_size=wish.batch_size,
        )

    def _part(self, row: Mapping[str, Any], configs: launch.Configs) -> str:
        """Which configuration a container was made from; only newer servers say so in a label."""
        labelled = (row.get("labels") or {}).get(PART_LABEL)
        if labelled:
            return "" if labelled == PRIMARY_PART else str(labelled)
        prefix = re.escape(f"{self.found.stack}-{self.found.service}-")
        found = re.fullmatch(rf"{prefix}(?:(.+)-)?\d+", str(row.get("name")), re.IGNORECASE)
        return (found[1] or "") if found else ""

    def _note(self, row: Mapping[str, Any]) -> str:
        event = str(row.get("eventType") or "").removeprefix("service.")
        level = "error: " if row.get("level") == "error" else ""
        return self.api.server.scrub(f"{event}: {level}{row.get('description') or ''}".removesuffix(": "))


def _is_there(row: Mapping[str, Any]) -> bool:
    return not row.get("removed") and row.get("state") not in VANISHED


def _container(row: Mapping[str, Any], configs: launch.Configs, part: str) -> Container:
    config = configs.get(part)
    if config is None:
        current = False
    elif row.get("version") is None:
        current = row.get("imageUuid") == config.get("imageUuid")
    else:
        current = str(row.get("version")) == str(config.get("version"))
    state = str(row.get("state"))
    once = str((row.get("labels") or {}).get(ONCE_LABEL)).lower() == "true"
    name = str(row.get("name"))
    return Container(
        id=str(row.get("id")),
        name=name,
        state="ran once" if once and state == "stopped" else state,
        health=str(row.get("healthState") or ""),
        image=launch.image_name(row.get("imageUuid")),
        unit=name.rpartition("-")[2],
        part=part,
        current=current,
        restarts=max(0, int(row.get("startCount") or 1) - 1),
        message=_error(row),
    )


def _error(row: Mapping[str, Any]) -> str:
    return str(row.get("transitioningMessage") or "no reason given") if row.get("transitioning") == "error" else ""


def _owner(service: Mapping[str, Any], configs: launch.Configs, phase: Phase) -> Mark | None:
    """Whose upgrade goes on; at rest, who brought what is there."""
    marks, previous = launch.marks_of(configs), launch.previous_configs(service)
    if phase == Phase.RESTING and all(configs.get(part) == config for part, config in previous.items()):
        return marks[0] if marks else None  # never upgraded since, or undone
    before = launch.marks_of(previous)
    # Whoever upgrades by hand sends our labels along with the rest; such a mark was there before.
    new = [mark for mark in launch.marks_of(launch.upgraded_configs(service)) if mark not in before]
    return new[0] if new else None


def _expected(service: Mapping[str, Any], configs: launch.Configs) -> int | None:
    labels = configs.get("", {}).get("labels") or {}
    if str(labels.get(GLOBAL_LABEL)).lower() == "true":
        return None
    wanted = [config for config in configs.values() if config.get("imageUuid") != launch.ABSENT_IMAGE]
    return int(service.get("scale") or 0) * len(wanted)


def _images(configs: launch.Configs) -> dict[str, str]:
    return {part: launch.image_name(config.get("imageUuid")) for part, config in configs.items()}


def _hosts(task: Mapping[str, Any]) -> str:
    return "; ".join(f"{host}: {text}" for host, text in (task.get("status") or {}).items() if text != "Done")


def _number(row: Mapping[str, Any]) -> int:
    found = re.search(r"(\d+)$", str(row.get("id")))
    return int(found[1]) if found else 0
