"""A stack on a Rancher 1.6 server: its services by name, and the requests that make and change them.

A request may be refused for a moment (409, 422) or its answer may be lost. All of these may be made again, so they
are, until the deadline; what was made twice the server refuses as not unique, and it is then found by its name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from gates.errors import CannotRun, UsageError
from gates.rancher.cattle.driver import CattleDriver
from gates.rancher.cattle.find import Found, find_project, normalised
from gates.rancher.cattle.http import Api
from gates.rancher.compose.description import Config, Description
from gates.rancher.target import Denied, Refused, Unclear

__all__ = ["Stack"]

Row = dict[str, Any]

COLLECTIONS = {
    "service": "services",
    "loadBalancerService": "loadBalancerServices",
    "externalService": "externalServices",
    "dnsService": "dnsServices",
}

PAUSE = 1.0
"""Seconds before a request is made again."""


class Stack:
    """One stack, which need not exist yet: `id` is "" then.

    services   name -> row, as read last; updated by what is made and changed here
    """

    def __init__(self, api: Api, environment: str, stack: str) -> None:
        self.api = api
        project = find_project(api, environment)
        self.environment, self.project = str(project["name"]), str(project["id"])
        self.name = normalised(stack)
        self.id = ""
        self.services: dict[str, Row] = {}
        self._others: dict[str, dict[str, str]] = {}
        self.read()

    def read(self) -> None:
        """Look the stack and its services up."""
        rows = [row for row in self.api.list(self._path("stacks"), removed_null="1") if self._is_meant(row)]
        if len(rows) > 1:
            raise UsageError(f"there are {len(rows)} stacks called {self.name} in the environment {self.environment}")
        if rows:
            self.id, self.name = str(rows[0]["id"]), str(rows[0]["name"])
            self.services = {str(row["name"]): row for row in self._services_of(self.id)}

    def where(self, service: str) -> dict[str, str]:
        """Server, environment, stack and service, as `Driver.where` has them."""
        return {
            "server": self.api.server.url,
            "environment": self.environment,
            "stack": self.name,
            "service": service,
        }

    def driver(self, service: str) -> CattleDriver:
        """The driver of a service that exists."""
        row = self.services[service]
        return CattleDriver(self.api, Found(self.environment, self.project, self.name, service, str(row["id"])))

    def pull(self, image: str, deadline: float) -> None:
        """Have all hosts fetch the image. Raises CannotRun when one cannot."""
        CattleDriver(self.api, Found(self.environment, self.project, self.name, "", "")).pull(image, deadline)

    def make(self) -> None:
        """Make the stack itself."""
        made = self._insist(lambda: self.api.post(self._path("stacks"), {"name": self.name}), time.monotonic() + 60)
        if not made:
            self.read()
        self.id = self.id or str(made["id"])

    def make_service(self, description: Description, body: Mapping[str, Any], deadline: float) -> Row:
        """Make a service of the description's kind. Raises UsageError for what the server does not accept."""
        whole = {**body, "name": description.name, "stackId": self.id, "startOnCreate": description.start}
        path = self._path(COLLECTIONS[description.kind])
        self._insist(lambda: self.api.post(path, whole), deadline)
        self.services = {str(row["name"]): row for row in self._services_of(self.id)}
        if description.name not in self.services:
            raise CannotRun(f"{self.name}/{description.name} is not there although the server accepted it")
        return self.services[description.name]

    def change(self, service: str, body: Mapping[str, Any], deadline: float) -> None:
        """Set fields that need no upgrade."""
        self._insist(lambda: self.api.put(self._of(service), body), deadline)

    def link(self, service: str, targets: Mapping[str, str], deadline: float) -> None:
        """Set all links of a service: alias -> id of the service it leads to."""
        links = [{"name": alias, "serviceId": target} for alias, target in targets.items()]
        body = {"serviceLinks": links}
        self._insist(lambda: self.api.post(self._of(service), body, action="setservicelinks"), deadline)

    def start(self, service: str, deadline: float) -> None:
        """Start a service that is switched off."""
        self._switch(service, "activate", "inactive", deadline)

    def stop(self, service: str, deadline: float) -> None:
        """Switch a service off."""
        self._switch(service, "deactivate", "active", deadline)

    def _switch(self, service: str, action: str, state: str, deadline: float) -> None:
        """One that is in no such state is on its way, and nothing has to be done."""

        def step() -> Row:
            row = self.api.get(self._of(service))
            if row.get("state") == f"updating-{state}":
                raise Refused(f"{self.name}/{service} is {row['state']}")
            return self.api.post(self._of(service), action=action) if row.get("state") == state else row

        self._insist(step, deadline)

    def remove(self, service: str, deadline: float) -> None:
        """Take a service away that was made here, and wait until it is gone."""
        while True:
            try:
                row = self.api.get(self._of(service))
            except Denied:
                return  # by its id it is found for a while only
            if row.get("state") in ("removed", "purging", "purged"):
                return
            if row.get("state") != "removing":
                self._insist(lambda: self.api.delete(self._of(service)), deadline)
            if time.monotonic() > deadline:
                raise CannotRun(f"{self.name}/{service} was still {row.get('state')} at the deadline")
            time.sleep(PAUSE)

    def remove_stack(self, deadline: float) -> None:
        """Take the stack itself away."""
        self._insist(lambda: self.api.delete(self._path(f"stacks/{self.id}")), deadline)

    def links_of(self, service: str) -> dict[str, str]:
        """The links a service has now: alias -> id of the service it leads to."""
        row = self.services[service]
        found = {}
        for link in self.api.list(self._path("serviceconsumemaps"), serviceId=str(row["id"]), removed_null="1"):
            target = str(link.get("consumedServiceId"))
            if link.get("serviceId") == row["id"] and not link.get("removed"):
                # Without an alias a service is reached by its own name.
                found[str(link.get("name") or self.name_of(target).rpartition("/")[2])] = target
        return found

    def metadata_of(self, service: str) -> dict[str, Any]:
        """The metadata of a service as it is on the server now."""
        return self.api.get(self._of(service)).get("metadata") or {}

    def id_of(self, target: str) -> str:
        """The id of a service by "name" or "stack/name"; "" when it is not there."""
        stack, slash, name = target.rpartition("/")
        if not slash or stack == self.name:
            return str(self.services[name]["id"]) if name in self.services else ""
        if stack not in self._others:
            self._others[stack] = self._names_in(stack)
        return self._others[stack].get(name, "")

    def name_of(self, service_id: str) -> str:
        """The name of a service by its id, as far as it is known here; else the id."""
        names = {str(row["id"]): name for name, row in self.services.items()}
        names |= {found: f"{stack}/{name}" for stack, ids in self._others.items() for name, found in ids.items()}
        return names.get(service_id, service_id)

    def secrets(self, part: Config) -> Config:
        """The part with the ids of its secrets. Raises UsageError for one that Rancher does not have."""
        if not part.get("secrets"):
            return part
        known = self._ids("secrets")
        references = []
        for secret in part["secrets"]:
            rest = {name: value for name, value in secret.items() if name != "source"}
            reference = {"type": "secretReference", "secretId": known(secret["source"], "secret"), **rest}
            references.append(reference)
        return {**part, "secrets": references}

    def balance(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """lbConfig with ids in the place of names. Raises UsageError for a certificate that Rancher does not have."""
        result = {name: value for name, value in given.items() if name not in ("portRules", "certs", "defaultCert")}
        if given.get("certs") or given.get("defaultCert"):
            known = self._ids("certificates")
            result["certificateIds"] = [known(name, "certificate") for name in given.get("certs", ())]
            if given.get("defaultCert"):
                result["defaultCertificateId"] = known(given["defaultCert"], "certificate")
        result["portRules"] = [self._rule(rule) for rule in given["portRules"]]
        return result

    def host_id(self, host: str) -> str:
        """The id of a host by its id or name. Raises UsageError."""
        rows = self.api.list(self._path("hosts"), removed_null="1")
        ids = [str(row["id"]) for row in rows if host in (row.get("id"), row.get("name"), row.get("hostname"))]
        if len(ids) != 1:
            names = ", ".join(sorted(str(row.get("hostname") or row["id"]) for row in rows)) or "none"
            raise UsageError(f"there is no one host called {host}", hint=f"There are: {names}.")
        return ids[0]

    def _rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in rule.items() if name != "service"}
        return {**found, "serviceId": self.id_of(rule["service"]) or None} if "service" in rule else found

    def _ids(self, kind: str) -> Callable[[str, str], str]:
        rows = {str(row.get("name")): str(row["id"]) for row in self.api.list(self._path(kind), removed_null="1")}

        def known(name: str, word: str) -> str:
            if name not in rows:
                raise UsageError(
                    f"there is no {word} called {name} in the environment {self.environment}",
                    hint=f"There are: {', '.join(sorted(rows)) or 'none'}.",
                )
            return rows[name]

        return known

    def _names_in(self, stack: str) -> dict[str, str]:
        rows = self.api.list(self._path("stacks"), removed_null="1")
        ids = [str(row["id"]) for row in rows if row.get("name") == stack]
        return {str(row["name"]): str(row["id"]) for found in ids for row in self._services_of(found)}

    def _services_of(self, stack_id: str) -> list[Row]:
        rows = self.api.list(self._path("services"), stackId=stack_id, removed_null="1")
        # The server ignores filters that it does not know.
        return [row for row in rows if row.get("stackId") == stack_id and not row.get("removed")]

    def _is_meant(self, row: Mapping[str, Any]) -> bool:
        return str(row.get("name")).lower() == self.name.lower() and not row.get("removed")

    def _path(self, rest: str) -> str:
        return f"projects/{self.project}/{rest}"

    def _of(self, service: str) -> str:
        return self._path(f"services/{self.services[service]['id']}")

    def _insist(self, request: Callable[[], Row], deadline: float) -> Row:
        """The answer; {} when it was lost and the same request is now refused as done already."""
        lost = False
        while True:
            try:
                return request()
            except (Refused, Unclear) as error:
                lost = lost or isinstance(error, Unclear)
                if time.monotonic() > deadline:
                    raise CannotRun(f"the server would not do it in time: {error.message}") from None
                time.sleep(PAUSE)
            except UsageError as error:
                if lost and "NotUnique" in error.message:
                    return {}
                raise
