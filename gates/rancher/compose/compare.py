"""Whether what runs is what is described, and what has to be sent when it is not.

The server completes and rewrites what it is given: it adds defaults, writes "80" as "49153:80/tcp", and gives load
balancers labels of its own. So a field that is described counts as equal when what was asked for is in it, and a
label keeps the digest of the whole description: by it we see that something was taken out of the files, which nobody
could tell from a default.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gates.rancher.compose.keys import FIELDS

__all__ = ["DIGEST_LABEL", "differs", "digest", "holds", "wanted"]

Config = dict[str, Any]

DIGEST_LABEL = "io.gateline.description"
OWN = "io.gateline."
SERVERS = "io.rancher."
"""Labels that begin so may come from the server or from Rancher's other tools."""

DEFAULTS: Mapping[str, Any] = {
    "networkMode": "managed",
    "restartPolicy": {"name": "always"},
    "logConfig": {"driver": "", "config": {}},
}


def digest(desired: Mapping[str, Any]) -> str:
    """Of a part as described. Variables are compared themselves and stay out: the digest is there for all to read."""
    facts = {name: value for name, value in desired.items() if name != "environment"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def differs(desired: Config, current: Config | None, *, balancer: bool) -> bool:
    """Whether this part has to be upgraded. `balancer`: of a load balancer, which gets a health check of its own."""
    if current is None:
        return True
    known = (current.get("labels") or {}).get(DIGEST_LABEL)
    if known is not None and known != digest(desired):
        return True
    if not all(_same(name, value, current.get(name)) for name, value in desired.items()):
        return True
    fields = FIELDS - {"healthCheck"} if balancer else FIELDS
    return known is None and any(_is_extra(name, desired, current) for name in fields)


def wanted(desired: Config, current: Config | None, *, name: str, balancer: bool) -> Config:
    """The whole part as it has to be sent: what is not described stays, what is equal keeps the server's words.

    name      of a sidekick, else ""
    balancer  whether labels and a health check that are not described are the server's own
    """
    result = copy.deepcopy(current) if current else {}
    same_description = (result.get("labels") or {}).get(DIGEST_LABEL) == digest(desired)
    for field in sorted(FIELDS | desired.keys()):
        if field in desired:
            if not _same(field, desired[field], result.get(field)) or field == "labels":
                result[field] = copy.deepcopy(desired[field])
        elif _is_extra(field, desired, result) and not same_description and not (balancer and field == "healthCheck"):
            result[field] = None
    kept = {label: value for label, value in _labels(current).items() if balancer and label.startswith(SERVERS)}
    result["labels"] = {**kept, **(result.get("labels") or {}), DIGEST_LABEL: digest(desired)}
    if name:
        result["name"] = name
    return result


def holds(current: object, asked: object) -> bool:
    """Whether all that is asked for is in what there is; numbers and texts that look alike are equal."""
    if isinstance(asked, dict):
        found = current if isinstance(current, dict) else {}
        return all(holds(found.get(name), value) for name, value in asked.items())
    if isinstance(asked, list):
        return (
            isinstance(current, list)
            and len(current) == len(asked)
            and all(holds(one, other) for one, other in zip(current, asked, strict=True))
        )
    if not asked and not current:
        return True
    return str(current) == str(asked)


def _same(field: str, asked: Any, current: Any) -> bool:
    if field == "labels":
        found = {label: str(value) for label, value in (current or {}).items()}
        extra = [label for label in found if label not in asked and not label.startswith((OWN, SERVERS))]
        return not extra and all(found.get(label) == value for label, value in asked.items())
    if field == "environment":
        return dict(asked) == {name: str(value) for name, value in (current or {}).items()}
    if field == "ports":
        return _ports(asked, asked) == _ports(current or [], asked)
    return holds(current, asked)


def _is_extra(field: str, desired: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Whether a field that is not described holds something that is no default."""
    value = current.get(field)
    if field in desired or not value:
        return False
    return not holds(DEFAULTS.get(field), _without_type(value))


def _without_type(value: Any) -> Any:
    return {name: inner for name, inner in value.items() if name != "type"} if isinstance(value, dict) else value


def _ports(ports: list[str], asked: list[str]) -> list[str]:
    """Sorted, with their protocols; a public port that nobody asked for is left out."""
    free = {_split(port)[1] for port in asked if not _split(port)[0]}
    found = []
    for port in ports:
        public, private = _split(str(port))
        found.append(private if private in free else f"{public}:{private}")
    return sorted(found)


def _split(port: str) -> tuple[str, str]:
    """ "8080:80" -> ("8080", "80/tcp"); ":80" asks for any public port, like "80"."""
    address, _, protocol = port.partition("/")
    public, _, private = address.rpartition(":")
    return public.rstrip(":"), f"{private}/{protocol or 'tcp'}"


def _labels(config: Config | None) -> dict[str, Any]:
    return (config or {}).get("labels") or {}
