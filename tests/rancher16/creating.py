"""What clients create and change: stacks, services, links, pull tasks, secrets."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.rancher16 import configs
from tests.rancher16.checks import check_config, check_name, check_scale, required, text
from tests.rancher16.clock import Process
from tests.rancher16.names import number_of
from tests.rancher16.problems import Problem, invalid, not_available
from tests.rancher16.processes import PROCESSES
from tests.rancher16.tables import Kind
from tests.rancher16.upgrading import LB_CHECK, LB_LABELS, Upgrades
from tests.rancher16.world import Row, World

__all__ = ["Creating"]

LB_IMAGE = "docker:rancher/lb-service-haproxy:v0.9.13"
SCHEDULED = ("scale", "lbConfig", "scalePolicy")
"""Fields whose change is carried out by a process."""
PLAIN = ("description", "metadata", "name", "externalId", "assignServiceIpAddress", "selectorLink", "linkedServices")


class Creating:
    """POST and PUT of resources."""

    def __init__(self, services: Upgrades) -> None:
        self.services = services
        self.world: World = services.world

    def create(self, kind: Kind, body: dict[str, Any], project: int | None) -> Row:
        """Raises Problem for what may not be."""
        if kind.base == "service":
            return self._service(kind, body, project)
        makers = {"stack": self._stack, "pullTask": self._pull_task, "secret": self._secret}
        if kind.base not in makers:
            raise Problem(405, "Method not allowed", "Method not allowed")
        return makers[kind.base](body, project)

    def _stack(self, body: dict[str, Any], project: int | None) -> Row:
        name = text(body, "name")
        check_name(name)
        self._check_unique("stack", name, accountId=project)
        row = self.world.add(
            "stack",
            project,
            name=name,
            description=body.get("description"),
            dockerCompose=body.get("dockerCompose"),
            rancherCompose=body.get("rancherCompose"),
            environment=body.get("environment") or {},
            externalId=body.get("externalId"),
            group=body.get("group"),
            startOnCreate=bool(body.get("startOnCreate")),
            system=False,
            kind="stack",
        )
        self.world.going(row, "activating")
        self.world.engine.spawn(self._rest(row, "active"), self.world.times.schedule)
        return row

    def _service(self, kind: Kind, body: dict[str, Any], project: int | None) -> Row:
        name = text(body, "name")
        check_name(name)
        stack = self.world.get("stack", number_of(required(body, "stackId")))
        if stack is None or stack.gone or stack["accountId"] != project:
            raise invalid("InvalidReference", "stackId")
        self._check_unique("service", name, stackId=stack.number)
        scale = check_scale(1 if body.get("scale") is None else body["scale"])
        parts = self._parts(kind, body)
        row = self.world.add(
            "service",
            project,
            name=name,
            description=body.get("description"),
            stackId=stack.number,
            kind=kind.type,
            state="registering",
            transitioning="yes",
            transitioningMessage="In Progress",
            scale=scale,
            scalePolicy=body.get("scalePolicy"),
            startOnCreate=bool(body.get("startOnCreate", False)),
            createIndex=0,
            metadata=body.get("metadata") or {},
            linkedServices={},
            publicEndpoints=None,
            fqdn=None,
            vip=None,
            retainIp=body.get("retainIp"),
            lbConfig=body.get("lbConfig"),
            selectorContainer=body.get("selectorContainer"),
            selectorLink=body.get("selectorLink"),
            externalIpAddresses=body.get("externalIpAddresses"),
            hostname=body.get("hostname"),
            system=False,
            upgrade=None,
            **parts,
        )
        row.hidden["units"] = {}
        self.world.engine.spawn(self.services.creating(row, row.epoch), self.world.times.schedule)
        return row

    def _parts(self, kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
        if kind.type in ("externalService", "dnsService"):
            return {"launchConfig": None, "secondaryLaunchConfigs": []}
        balancer = kind.type == "loadBalancerService"
        given = dict(body.get("launchConfig") or {}) if balancer else required(body, "launchConfig")
        if balancer:
            given.setdefault("imageUuid", LB_IMAGE)
            given["labels"] = {**(given.get("labels") or {}), **LB_LABELS}
            given["healthCheck"] = given.get("healthCheck") or dict(LB_CHECK)
            self._check_rules(body.get("lbConfig"))
        primary = configs.completed(check_config(given), sidekick=False)
        sidekicks = [
            configs.completed(check_config(config, sidekick=True), sidekick=True)
            for config in body.get("secondaryLaunchConfigs") or ()
            if config is not None
        ]
        names = [config["name"] for config in sidekicks]
        if len(set(names)) != len(names):
            raise invalid("NotUnique", "name")
        for config in (primary, *sidekicks):
            config["ports"] = configs.with_ports(config["ports"], [], self.world.free_port)
        return {"launchConfig": primary, "secondaryLaunchConfigs": sidekicks}

    def _check_rules(self, balancing: dict[str, Any] | None) -> None:
        for rule in (balancing or {}).get("portRules") or ():
            required(rule, "sourcePort")
            if rule.get("serviceId") is not None:
                target = self.world.get("service", number_of(rule["serviceId"]))
                if target is None or target.gone:
                    raise invalid("InvalidReference", "serviceId")

    def _check_unique(self, base: str, name: str, **fields: Any) -> None:
        if any(str(row["name"]).lower() == name.lower() for row in self.world.rows(base, **fields)):
            raise invalid("NotUnique", "name")

    def _pull_task(self, body: dict[str, Any], project: int | None) -> Row:
        image = text(body, "image")
        if (body.get("mode") or "all") not in ("all", "cached"):
            raise invalid("InvalidOption", "mode")
        row = self.world.add(
            "pullTask",
            project,
            image=image,
            mode=body.get("mode") or "all",
            labels=body.get("labels") or {},
            status={},
        )
        self.world.going(row, "activating")
        self.world.engine.spawn(self._pulling(row), self.world.times.schedule)
        return row

    def _pulling(self, row: Row) -> Process:
        hosts = list(self.world.rows("host", accountId=row["accountId"]))
        for host in hosts:
            self.world.set(row, status={**row["status"], host["hostname"]: "Pulling"})
        yield self.world.times.pull
        broken = self.world.images["docker:" + row["image"]].broken
        status = {host["hostname"]: broken or "Done" for host in hosts}
        self.world.rest(row, "active", status=status)

    def _secret(self, body: dict[str, Any], project: int | None) -> Row:
        name = text(body, "name")
        text(body, "value")
        self._check_unique("secret", name, accountId=project)
        return self.world.add("secret", project, name=name, description=body.get("description"))

    def _rest(self, row: Row, state: str) -> Process:
        if not row.gone:
            self.world.rest(row, state)
        return
        yield 0.0

    # Changes

    def update(self, row: Row, body: dict[str, Any], version: str) -> Row:
        """PUT. Launch configurations are not changed by it, and what is unknown is dropped."""
        if row.base == "service":
            return self._update_service(row, body)
        allowed = ("description", "name", "environment", "dockerCompose", "rancherCompose", "externalId", "group")
        self.world.set(row, **{name: body[name] for name in allowed if name in body and name in row})
        return row

    def _update_service(self, row: Row, body: dict[str, Any]) -> Row:
        fields = {name: copy.deepcopy(body[name]) for name in (*PLAIN, *SCHEDULED) if name in body and name in row}
        if "scale" in fields:
            check_scale(fields["scale"])
        if "lbConfig" in fields:
            if row["kind"] != "loadBalancerService":
                del fields["lbConfig"]
            else:
                self._check_rules(fields["lbConfig"])
        if fields.get("name", row["name"]) != row["name"]:
            check_name(text(fields, "name"))
            self._check_unique("service", fields["name"], stackId=row["stackId"])
        if not any(name in fields for name in SCHEDULED):
            self.world.set(row, **fields)
            return row
        if row["state"] not in PROCESSES["update"].starts:
            raise not_available()
        if row["state"] in ("active", "inactive", "updating-active"):
            during = "updating-inactive" if row["state"] == "inactive" else "updating-active"
            row.epoch += 1
            self.world.going(row, during, **fields)
            self.world.engine.spawn(self.services.updating(row, row.epoch), self.world.times.schedule)
        else:
            self.world.set(row, **fields)
        return row

    def link(self, row: Row, action: str, body: dict[str, Any]) -> None:
        """Links between services."""
        given = body.get("serviceLinks") if action == "setservicelinks" else [required(body, "serviceLink")]
        wanted = {}
        for entry in given or ():
            target = self.world.get("service", number_of(required(entry, "serviceId")))
            if target is None or target.gone or target["accountId"] != row["accountId"]:
                raise invalid("InvalidReference", "serviceId")
            wanted[target.number] = entry.get("name") or None
        for old in list(self.world.rows("serviceConsumeMap", serviceId=row.number)):
            listed = old["consumedServiceId"] in wanted
            if action == "setservicelinks" or listed:
                self.world.removed(old)
        for number, name in wanted.items() if action != "removeservicelink" else ():
            self.world.add(
                "serviceConsumeMap", row["accountId"], serviceId=row.number, consumedServiceId=number, name=name
            )
        self.world.set(row, linkedServices=self._links(row))

    def _links(self, row: Row) -> dict[str, str]:
        found = {}
        for entry in self.world.rows("serviceConsumeMap", serviceId=row.number):
            target = self.world.get("service", entry["consumedServiceId"])
            if target is not None:
                found[entry["name"] or target["name"]] = target.id
        return found

    # Compose

    def transform(self, body: dict[str, Any]) -> dict[str, Any]:
        """docker's own description of a container as a launch configuration."""
        config, host = body.get("Config") or {}, body.get("HostConfig") or {}
        pairs = [pair.partition("=") for pair in config.get("Env") or ()]
        ports = [
            f"{binding.get('HostPort')}:{private}" if binding.get("HostPort") else private
            for private, bindings in (host.get("PortBindings") or {}).items()
            for binding in bindings or [{}]
        ]
        return {
            "id": None,
            "type": "container",
            "links": {},
            "actions": {},
            "name": body.get("Name"),
            "imageUuid": f"docker:{config.get('Image')}",
            "environment": {name: value for name, _, value in pairs},
            "labels": config.get("Labels") or {},
            "ports": ports,
            "command": config.get("Cmd"),
            "entryPoint": config.get("Entrypoint"),
            "workingDir": config.get("WorkingDir") or None,
            "user": config.get("User") or None,
            "tty": bool(config.get("Tty")),
            "stdinOpen": bool(config.get("OpenStdin")),
            "dataVolumes": host.get("Binds") or [],
            "privileged": bool(host.get("Privileged")),
            "restartPolicy": host.get("RestartPolicy") or None,
            "logConfig": {"type": "logConfig", **{key.lower(): value for key, value in _log_config(host).items()}},
        }

    def exported(self, row: Row) -> dict[str, Any]:
        """Both compose files of a stack; JSON is YAML too."""
        docker: dict[str, Any] = {}
        rancher: dict[str, Any] = {}
        for service in self.world.rows("service", stackId=row.number):
            for part, config in self.services.configs(service).items():
                docker[part or service["name"]] = {
                    "image": config["imageUuid"].removeprefix("docker:"),
                    "environment": config["environment"],
                    "labels": config["labels"],
                }
            rancher[service["name"]] = {"scale": service["scale"], "start_on_create": service["startOnCreate"]}
        return {
            "type": "composeConfig",
            "dockerComposeConfig": json.dumps({"version": "2", "services": docker}),
            "rancherComposeConfig": json.dumps({"version": "2", "services": rancher}),
        }


def _log_config(host: dict[str, Any]) -> dict[str, Any]:
    given = {name.replace("Type", "Driver"): value for name, value in (host.get("LogConfig") or {}).items()}
    return {"Config": {}, "Driver": "", **given}
