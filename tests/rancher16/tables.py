"""Rows as the API shows them: types, ids, links, and the actions that the state allows; for v1 and v2-beta."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.rancher16 import configs
from tests.rancher16.containers import running
from tests.rancher16.names import id_of
from tests.rancher16.processes import WHILE_STATES, actions_in
from tests.rancher16.services import Services
from tests.rancher16.world import Row

__all__ = ["KINDS", "Kind", "View", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A type of the API. `kinds`: the values of `kind` of its rows, empty for all of its table."""

    type: str
    plural: str
    base: str
    links: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET",)


ALL = ("GET", "POST", "PUT", "DELETE")
SERVICE_LINKS = (
    "account",
    "stack",
    "instances",
    "serviceExposeMaps",
    "consumedservices",
    "consumedbyservices",
    "serviceLogs",
)

KINDS = (
    Kind("project", "projects", "account", ("stacks", "services", "instances", "hosts", "subscribe"), (), ALL),
    Kind("stack", "stacks", "stack", ("account", "services"), (), ALL),
    Kind("service", "services", "service", SERVICE_LINKS, (), ALL),
    Kind("loadBalancerService", "loadBalancerServices", "service", SERVICE_LINKS, ("loadBalancerService",), ALL),
    Kind("externalService", "externalServices", "service", SERVICE_LINKS, ("externalService",), ALL),
    Kind("dnsService", "dnsServices", "service", SERVICE_LINKS, ("dnsService",), ALL),
    Kind("container", "containers", "instance", ("account", "hosts", "services", "serviceExposeMaps"), ("container",)),
    Kind("instance", "instances", "instance", ("account", "hosts", "services", "serviceExposeMaps")),
    Kind("host", "hosts", "host", ("account", "instances")),
    Kind("serviceExposeMap", "serviceExposeMaps", "serviceExposeMap", ("service", "instance")),
    Kind("serviceConsumeMap", "serviceConsumeMaps", "serviceConsumeMap", ("service", "consumedService")),
    Kind("serviceLog", "serviceLogs", "serviceLog", ("service", "instance")),
    Kind("pullTask", "pullTasks", "pullTask", ("account",), (), ("GET", "POST")),
    Kind("secret", "secrets", "secret", ("account",), (), ("GET", "POST", "DELETE")),
    Kind("certificate", "certificates", "certificate", ("account",)),
    Kind("setting", "settings", "setting"),
    Kind("volume", "volumes", "volume", ("account",)),
    Kind("volumeTemplate", "volumeTemplates", "volumeTemplate"),
    Kind("hostTemplate", "hostTemplates", "hostTemplate"),
    Kind("projectTemplate", "projectTemplates", "projectTemplate"),
    Kind("machine", "machines", "machine"),
)

REFERENCES = {
    "accountId": "account",
    "stackId": "stack",
    "serviceId": "service",
    "consumedServiceId": "service",
    "instanceId": "instance",
    "hostId": "host",
}

STACK_ACTIONS = (
    "activateservices",
    "addoutputs",
    "deactivateservices",
    "exportconfig",
    "remove",
    "update",
)
CONTAINER_ACTIONS = {
    "running": ("logs", "restart", "stop", "update", "remove", "execute"),
    "stopping": ("logs",),
    "stopped": ("logs", "start", "remove", "update"),
}


def kind_of(plural: str, version: str) -> Kind | None:
    """The type of a path; v1 calls stacks environments, and knows no stacks."""
    name = plural.lower()
    if version == "v1":
        if name == "stacks":
            return None
        name = "stacks" if name == "environments" else name
    return next((kind for kind in KINDS if kind.plural.lower() == name or kind.type.lower() == name), None)


class View:
    """How one client sees rows: with its base URL, its version of the API, and links into its project."""

    def __init__(self, services: Services, base: str, version: str) -> None:
        self.services = services
        self.world = services.world
        self.base = base
        self.version = version

    def url(self, path: str, account: int | None = None) -> str:
        """Absolute, and in lower case as a whole."""
        project = f"projects/{id_of('account', account)}/" if account is not None else ""
        return f"{self.base}/{self.version}/{project}{path}".lower()

    def type_of(self, row: Row) -> Kind:
        named = [kind for kind in KINDS if kind.base == row.base and row.get("kind") in kind.kinds]
        return (named or [kind for kind in KINDS if kind.base == row.base])[0]

    def show(self, row: Row) -> dict[str, Any]:
        kind = self.type_of(row)
        own = self.url(f"{self._plural(kind)}/{self.id(row)}", row["accountId"] if row.base != "account" else None)
        fields = dict(row)
        fields.update(self._computed(row))
        for name, base in REFERENCES.items():
            if name in fields:
                fields[name] = id_of(base, fields[name])
        return {
            "id": self.id(row),
            "type": self._renamed(kind.type),
            "baseType": self._renamed(KINDS_OF_BASE.get(row.base, row.base)),
            "links": {"self": own, **{self._renamed(link): f"{own}/{link}".lower() for link in kind.links}},
            "actions": {name: f"{own}/?action={name}" for name in self.actions(row)},
            **self._named(fields),
        }

    def id(self, row: Row) -> str:
        return str(row["name"]) if row.base == "setting" else row.id

    def actions(self, row: Row) -> Iterable[str]:
        if row.base == "service":
            return actions_in(row["state"])
        if row.base == "stack":
            return STACK_ACTIONS if not row.gone else ()
        if row.base == "instance":
            return CONTAINER_ACTIONS.get(row["state"], ())
        return ()

    def _computed(self, row: Row) -> dict[str, Any]:
        if row.base == "service":
            return self._service(row)
        if row.base == "stack":
            services = list(self.world.rows("service", stackId=row.number))
            healths = {self.services.health(service) for service in services}
            health = next((word for word in ("unhealthy", "degraded", "initializing") if word in healths), "healthy")
            return {"serviceIds": [service.id for service in services], "healthState": health}
        if row.base == "account":
            return {"accountId": None}
        return {}

    def _service(self, row: Row) -> dict[str, Any]:
        rows = self.services.all_of(row)
        managed = [one for one in rows if one.hidden["map"]["managed"]]
        fields: dict[str, Any] = {
            "instanceIds": [one.id for one in rows],
            "currentScale": sum(running(one) for one in managed if not one.hidden["part"]),
            "healthState": self.services.health(row),
        }
        if row.hidden.get("error") and (row["state"] in WHILE_STATES or row["state"] == "active"):
            fields.update(transitioning="error", transitioningMessage=row.hidden["error"])
        if configs.is_global(row["launchConfig"]):
            fields["currentScale"] = len({one.hidden["unit"] for one in managed if running(one)})
        return fields

    def _plural(self, kind: Kind) -> str:
        return "environments" if self.version == "v1" and kind.base == "stack" else kind.plural

    def _renamed(self, name: str) -> str:
        """v1 says environment for stack."""
        return "environment" if self.version == "v1" and name == "stack" else name

    def _named(self, fields: dict[str, Any]) -> dict[str, Any]:
        if self.version == "v1" and "stackId" in fields:
            fields["environmentId"] = fields.pop("stackId")
        return fields


KINDS_OF_BASE = {"account": "project"}
