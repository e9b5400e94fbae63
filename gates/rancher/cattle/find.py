"""From names to ids, as users of Rancher's other tools expect them, and never to somebody else's service."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gates.errors import UsageError
from gates.rancher.cattle.http import Api

__all__ = ["Found", "find_project", "find_service", "named", "normalised"]

UPGRADABLE = ("service", "loadBalancerService")


@dataclass(frozen=True)
class Found:
    """A service with the names that the server has for things, and the paths below `/v2-beta`."""

    environment: str
    project: str
    stack: str
    service: str
    service_id: str

    @property
    def name(self) -> str:
        return f"{self.stack}/{self.service}"

    def path(self, rest: str = "") -> str:
        """ "projects/1a5/<rest>"; without `rest` the path of the service itself."""
        return f"projects/{self.project}/{rest or 'services/' + self.service_id}"


def normalised(name: str) -> str:
    """A name as Rancher could have it: names of GitLab groups and projects may hold what Rancher does not allow."""
    return re.sub(r"[^A-Za-z0-9-]", "-", name.strip())


def find_service(api: Api, environment: str, stack: str, service: str) -> Found:
    """Look the three names up; `environment` may be "" when the key sees only one. Raises UsageError, Denied."""
    project = find_project(api, environment)
    place = f"in the environment {project['name']}"
    path = f"projects/{project['id']}"
    found_stack = named(api.list(f"{path}/stacks", removed_null="1"), normalised(stack), "stack", place)
    # The server ignores filters that it does not know, so the stack is compared again here.
    services = [
        row
        for row in api.list(f"{path}/services", stackId=found_stack["id"], removed_null="1")
        if row.get("stackId") == found_stack["id"]
    ]
    found = named(services, normalised(service), "service", f"in the stack {found_stack['name']}")
    if found.get("type") not in UPGRADABLE:
        raise UsageError(f"{found['name']} is a {found.get('type')}: it has no containers that could be upgraded")
    return Found(str(project["name"]), str(project["id"]), str(found_stack["name"]), str(found["name"]), found["id"])


def find_project(api: Api, wanted: str) -> Mapping[str, Any]:
    """The environment with that name or id; with "" the only one that the key sees. Raises UsageError."""
    projects = api.list("projects")
    if wanted:
        matches = [row for row in projects if wanted.lower() in (str(row.get("id")).lower(), _name(row).lower())]
        if len(matches) == 1:
            return matches[0]
        return named(projects, wanted, "environment", "that this key can see")
    if len(projects) != 1:
        seen = ", ".join(sorted(_name(row) for row in projects)) or "none"
        raise UsageError(
            f"this key sees {len(projects)} environments: {seen}",
            hint="Say which one with --environment, or use a key of one environment.",
        )
    return projects[0]


def named(rows: Sequence[Mapping[str, Any]], wanted: str, kind: str, place: str) -> Mapping[str, Any]:
    """The row with that name; where names differ only in case, the one that is exactly so."""
    exact = [row for row in rows if _name(row) == wanted]
    matches = exact or [row for row in rows if _name(row).lower() == wanted.lower()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"there are {len(matches)} {kind}s called {wanted} {place}; only ids could tell them apart")
    names = [_name(row) for row in rows]
    close = get_close_matches(wanted, names, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(names)) or 'none'}."
    raise UsageError(f"there is no {kind} called {wanted} {place}", hint=hint)


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or "")
