"""Webhook receivers: created with a key, called with none, and nothing can be read of what became of a call."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from typing import Any

from tests.rancher16.checks import required, text
from tests.rancher16.clock import Process, until
from tests.rancher16.messages import Answer, Request
from tests.rancher16.names import id_of, number_of
from tests.rancher16.problems import Problem, invalid, not_found
from tests.rancher16.upgrading import Upgrades
from tests.rancher16.world import Key, Row, World

__all__ = ["Webhooks"]

FORMATS = ("dockerhub", "alicloud", "azure")
PULL = {"io.rancher.container.pull_image": "always"}


class Webhooks:
    """The webhook service beside the API; only upgrades of services are known here."""

    def __init__(self, world: World, services: Upgrades) -> None:
        self.world = world
        self.services = services

    def answer(self, request: Request, authenticated: Callable[[Request], Key]) -> Answer:
        """Raises Problem."""
        rest = request.segments[1:]
        if rest == ["endpoint"]:
            return self._execute(request)
        if rest[:1] != ["receivers"]:
            raise not_found()
        key = authenticated(request)
        project = number_of(request.first("projectId") or request.headers.get("x-api-project-id"))
        if project is None or project not in key.projects:
            raise Problem(403, "Forbidden", "Forbidden")
        if request.method == "POST" and len(rest) == 1:
            return Answer(200, self._show(request, self._create(request.json(), project)))
        rows = list(self.world.rows("receiver", accountId=project))
        if request.method == "GET" and len(rest) == 1:
            return Answer(200, {"type": "collection", "data": [self._show(request, row) for row in rows]})
        row = next((row for row in rows if len(rest) == 2 and self._id(row) == rest[1]), None)
        if row is None:
            raise not_found()
        if request.method == "DELETE":
            self.world.removed(row)
            return Answer(204)
        return Answer(200, self._show(request, row))

    def _create(self, body: dict[str, Any], project: int) -> Row:
        name = text(body, "name")
        if text(body, "driver") != "serviceUpgrade":
            raise invalid("InvalidOption", "driver")
        config = dict(required(body, "serviceUpgradeConfig"))
        if not config.get("serviceSelector"):
            raise Problem(400, "InvalidBodyContent", "Service selector not provided")
        if not config.get("tag"):
            raise Problem(400, "InvalidBodyContent", "Tag not provided")
        if (config.get("payloadFormat") or "dockerhub") not in FORMATS:
            raise Problem(400, "InvalidBodyContent", "Invalid payload format")
        if any(row["name"] == name for row in self.world.rows("receiver", accountId=project)):
            raise Problem(400, "InvalidBodyContent", f"Cannot have duplicate webhook name, webhook {name} exists")
        return self.world.add(
            "receiver", project, name=name, driver="serviceUpgrade", config=config, key=uuid.uuid4().hex
        )

    def _id(self, row: Row) -> str:
        return f"1whr{row.number}"

    def _show(self, request: Request, row: Row) -> dict[str, Any]:
        project = id_of("account", row["accountId"])
        return {
            "id": self._id(row),
            "type": "receiver",
            "name": row["name"],
            "driver": row["driver"],
            "state": "active",
            "serviceUpgradeConfig": row["config"],
            "links": {"self": f"{request.base}/v1-webhooks/receivers/{self._id(row)}?projectId={project}"},
            "actions": {},
            "url": f"{request.base}/v1-webhooks/endpoint?key={row['key']}&projectId={project}",
        }

    def _execute(self, request: Request) -> Answer:
        project, key = number_of(request.first("projectId")), request.first("key")
        rows = self.world.rows("receiver", accountId=project)
        row = next((row for row in rows if key and row["key"] == key), None)
        if row is None:
            raise Problem(403, "Forbidden", "Requested webhook has been revoked")
        if request.method != "POST":
            raise Problem(405, "Method not allowed", "Method not allowed")
        config, body = row["config"], request.json()
        try:
            tag, image = _pushed(body, config.get("payloadFormat") or "dockerhub")
        except (KeyError, TypeError):
            raise Problem(400, "InvalidBodyContent", "Invalid payload") from None
        if tag == config["tag"]:
            selector = config["serviceSelector"]
            self.world.engine.spawn(self._upgrade_all(project, selector, config, f"docker:{image}:{tag}"))
        return Answer(200, {})

    def _upgrade_all(
        self, project: int | None, selector: dict[str, str], config: dict[str, Any], image: str
    ) -> Process:
        yield self.world.times.schedule
        for service in list(self.world.rows("service", accountId=project)):
            labels = (service["launchConfig"] or {}).get("labels") or {}
            if all(labels.get(name) == value for name, value in selector.items()):
                self.world.engine.spawn(self._upgrade(service, config, image))

    def _upgrade(self, service: Row, config: dict[str, Any], image: str) -> Process:
        """Finishes only if the state it sees is `upgraded`, and tells nobody when it fails."""
        primary = copy.deepcopy(service["launchConfig"])
        primary["imageUuid"] = image
        primary["labels"] = {**primary["labels"], **PULL}
        strategy = {
            "batchSize": config.get("batchSize") or 1,
            "intervalMillis": (config.get("intervalMillis") or 2) * 1000,
            "startFirst": bool(config.get("startFirst")),
            "launchConfig": primary,
        }
        try:
            self.services.upgrade(service, {"inServiceStrategy": strategy})
            yield from until(lambda: service["state"] != "upgrading")
            # Some are left in `upgraded`: rancher/rancher#8678.
            if service["state"] == "upgraded" and not self.world.secrets.get("webhooks forget"):
                self.services.finish(service)
        except Problem:
            return


def _pushed(body: dict[str, Any], kind: str) -> tuple[str, str]:
    """Tag and image without it."""
    if kind == "azure":
        host = f"{body['request']['host']}/" if body.get("request") else ""
        return str(body["target"]["tag"]), host + str(body["target"]["repository"])
    if kind == "alicloud":
        data = body["push_data"]
        repository = body["repository"]
        return str(data["tag"]), f"registry.{repository['region']}.aliyuncs.com/{repository['repo_full_name']}"
    return str(body["push_data"]["tag"]), str(body["repository"]["repo_name"])
