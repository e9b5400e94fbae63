"""What each key of docker-compose.yml and rancher-compose.yml becomes in a launch configuration of Rancher 1.6.

A converter takes the value as written and gives the value of the field; it raises `Wrong` with a sentence.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = [
    "CONTAINER_KEYS",
    "FIELDS",
    "NOT_POSSIBLE",
    "NOT_USED",
    "Wrong",
    "camel",
    "duration",
    "env_lines",
    "flag",
    "link_texts",
    "mapping",
    "names",
    "number",
    "of_the_same",
    "only_texts",
    "pairs",
    "records",
    "secrets",
    "text",
    "texts",
]

SIZES = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}

NOT_POSSIBLE = {
    "build": "Rancher does not build images: build and push it, and name it with `image`",
    "extends": "extends is not followed: write the keys out, or use a YAML anchor",
    "deploy": "deploy is for Docker Swarm: scale and health_check belong into rancher-compose.yml",
    "configs": "configs is for Docker Swarm",
    "healthcheck": "Rancher does not use Docker's healthcheck: write health_check in rancher-compose.yml",
    "profiles": "profiles are not known to Rancher: leave the service out of the file",
    "load_balancer_config": "load_balancer_config is the form before Rancher 1.2: write lb_config",
    "default_cert": "default_cert is the form before Rancher 1.2: it belongs into lb_config",
    "certs": "certs is the form before Rancher 1.2: it belongs into lb_config",
    "storage_driver": "drivers are not services that a deploy could bring: use Rancher's catalogue",
    "network_driver": "drivers are not services that a deploy could bring: use Rancher's catalogue",
    "service_schemas": "service_schemas is for Rancher's catalogue",
    "vcpu": "virtual machines are not supported",
    "userdata": "virtual machines are not supported",
    "disks": "virtual machines are not supported",
    "memory": "virtual machines are not supported; a limit for a container is mem_limit",
}
"""Keys that would change what runs, and cannot be followed: better to say so than to leave them out."""

NOT_USED = ("container_name", "mac_address", "networks", "depends_on")
"""Keys that Rancher has no use for: it names containers itself, and all services of an environment share a network.

`depends_on` only gives the order in which services are brought up.
"""


class Wrong(Exception):
    """A value that is not what the key needs; the message is a sentence about it."""


def text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Wrong("must be a text")


def number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()):
        return int(value)
    raise Wrong("must be a whole number")


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Wrong("must be true or false")


def texts(value: object) -> list[str]:
    return [text(item) for item in value] if isinstance(value, list) else [text(value)]


def only_texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("must be a list")
    return [text(item) for item in value]


def words(value: object) -> list[str]:
    """A command: a list as it is, a text taken apart as a shell does."""
    if isinstance(value, list):
        return [text(item) for item in value]
    try:
        return shlex.split(text(value))
    except ValueError as error:
        raise Wrong(f"cannot be taken apart into words: {error}") from None


def mapping(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise Wrong("must be a mapping")


def records(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Wrong("must be a list of mappings")
    return [mapping(item) for item in value]


def pairs(value: object) -> dict[str, str | None]:
    """ "NAME=VALUE" in a list, or a mapping; None for a name alone."""
    if isinstance(value, dict):
        return {str(name): None if inner is None else text(inner) for name, inner in value.items()}
    found: dict[str, str | None] = {}
    for item in only_texts(value):
        name, equals, inner = item.partition("=")
        found[name] = inner if equals else None
    return found


def full_pairs(value: object) -> dict[str, str]:
    return {name: inner or "" for name, inner in pairs(value).items()}


def size(value: object) -> int:
    """ "512m" -> bytes."""
    found = re.fullmatch(r"(-?\d{1,15})([bkmg]?)b?", text(value).strip().lower())
    if not found:
        raise Wrong("must be a size such as 512m or 2g")
    return int(found[1]) * SIZES[found[2]]


def ports(value: object) -> list[str]:
    found = only_texts(value)
    for port in found:
        if not re.fullmatch(r"([0-9.]+:)?([0-9-]+:|:)?[0-9-]+(/(tcp|udp))?", port):
            raise Wrong(f"holds {port!r}, which is not [HOST:]CONTAINER[/PROTOCOL]")
    return found


def restart(value: object) -> dict[str, Any] | None:
    """ "on-failure:5"; a bare `no` may have been read as false."""
    name, _, count = ("no" if value is False else text(value)).partition(":")
    if name not in ("no", "always", "on-failure", "unless-stopped") or (count and not count.isdecimal()):
        raise Wrong("must be no, always, unless-stopped or on-failure[:COUNT]")
    if name == "no":
        return None
    return {"name": name, "maximumRetryCount": int(count)} if count else {"name": name}


def logging(value: object) -> dict[str, Any]:
    given = mapping(value)
    return {"driver": text(given.get("driver") or ""), "config": full_pairs(given.get("options") or {})}


def temporary(value: object) -> dict[str, str]:
    return {path: options for path, _, options in (item.partition(":") for item in texts(value))}


def limits(value: object) -> list[dict[str, Any]]:
    found = []
    for name, limit in mapping(value).items():
        both = limit if isinstance(limit, dict) else {"soft": limit, "hard": limit}
        found.append({"name": name, "soft": number(both.get("soft")), "hard": number(both.get("hard"))})
    return found


def devices(value: object) -> list[str]:
    return [item + ":rwm" if item.count(":") == 1 else item for item in only_texts(value)]


def duration(value: object) -> int:
    """Milliseconds, as Rancher writes them; "30s" is understood too."""
    found = re.fullmatch(r"(\d{1,9})(ms|s|m)?", text(value).strip())
    if not found:
        raise Wrong("must be a number of milliseconds, such as 2000")
    return int(found[1]) * {"s": 1000, "m": 60_000}.get(found[2] or "ms", 1)


HEALTH_FIELDS: dict[str, Callable[[object], Any]] = {
    "port": number,
    "request_line": text,
    "interval": duration,
    "response_timeout": duration,
    "healthy_threshold": number,
    "unhealthy_threshold": number,
    "initializing_timeout": duration,
    "reinitializing_timeout": duration,
    "strategy": text,
    "recreate_on_quorum_strategy_config": mapping,
}


def health_check(value: object) -> dict[str, Any]:
    given = mapping(value)
    for name in given:
        if name not in HEALTH_FIELDS:
            raise Wrong(f"has {name!r}, which is none of {', '.join(HEALTH_FIELDS)}")
    if "port" not in given:
        raise Wrong("needs a port")
    found = {camel(name): HEALTH_FIELDS[name](inner) for name, inner in given.items() if inner not in (None, "")}
    if found.get("strategy", "none") not in ("none", "recreate", "recreateOnQuorum"):
        raise Wrong("has a strategy that is none of none, recreate, recreateOnQuorum")
    return found


def names(value: object) -> list[str]:
    """`depends_on`, a list or a mapping with conditions."""
    return list(value) if isinstance(value, dict) else texts(value)


def link_texts(value: object) -> list[str]:
    """A list of "service:alias", or a mapping of them."""
    if isinstance(value, dict):
        return [f"{target}:{alias}" if alias else target for target, alias in pairs(value).items()]
    return only_texts(value)


def of_the_same(names: list[str], others: Iterable[str]) -> list[str]:
    known = sorted(others)
    for name in names:
        if name not in known:
            raise Wrong(
                f"names {name!r}, but only containers of the same service can share: "
                f"{', '.join(known) or 'it has no sidekicks'}"
            )
    return names


def secrets(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Wrong("must be a list")
    found = []
    for item in value:
        given = item if isinstance(item, dict) else {"source": text(item)}
        if not given.get("source"):
            raise Wrong("needs a source")
        name = str(given.get("target") or given["source"])
        rest = {key: text(given[key]) for key in ("uid", "gid", "mode") if given.get(key) is not None}
        found.append({"source": str(given["source"]), "name": name, **rest})
    return found


def env_lines(content: str) -> dict[str, str | None]:
    lines = [line.strip() for line in content.splitlines()]
    return pairs([line for line in lines if line and not line.startswith("#")])


def camel(name: str) -> str:
    """ "request_line" -> "requestLine"."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


CONTAINER_KEYS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "blkio_weight": ("blkioWeight", number),
    "cap_add": ("capAdd", only_texts),
    "cap_drop": ("capDrop", only_texts),
    "cgroup_parent": ("cgroupParent", text),
    "command": ("command", words),
    "cpu_period": ("cpuPeriod", number),
    "cpu_quota": ("cpuQuota", number),
    "cpu_shares": ("cpuShares", number),
    "cpuset": ("cpuSet", text),
    "devices": ("devices", devices),
    "dns": ("dns", texts),
    "dns_opt": ("dnsOpt", only_texts),
    "dns_search": ("dnsSearch", texts),
    "domainname": ("domainName", text),
    "drain_timeout_ms": ("drainTimeoutMs", number),
    "entrypoint": ("entryPoint", words),
    "expose": ("expose", only_texts),
    "extra_hosts": ("extraHosts", only_texts),
    "group_add": ("groupAdd", only_texts),
    "health_check": ("healthCheck", health_check),
    "hostname": ("hostname", text),
    "ipc": ("ipcMode", text),
    "isolation": ("isolation", text),
    "logging": ("logConfig", logging),
    "mem_limit": ("memory", size),
    "mem_reservation": ("memoryReservation", size),
    "mem_swappiness": ("memorySwappiness", number),
    "memswap_limit": ("memorySwap", size),
    "milli_cpu_reservation": ("milliCpuReservation", number),
    "oom_kill_disable": ("oomKillDisable", flag),
    "oom_score_adj": ("oomScoreAdj", number),
    "pid": ("pidMode", text),
    "ports": ("ports", ports),
    "privileged": ("privileged", flag),
    "read_only": ("readOnly", flag),
    "restart": ("restartPolicy", restart),
    "security_opt": ("securityOpt", only_texts),
    "shm_size": ("shmSize", size),
    "stdin_open": ("stdinOpen", flag),
    "stop_signal": ("stopSignal", text),
    "sysctls": ("sysctls", full_pairs),
    "tmpfs": ("tmpfs", temporary),
    "tty": ("tty", flag),
    "ulimits": ("ulimits", limits),
    "user": ("user", text),
    "uts": ("uts", text),
    "volume_driver": ("volumeDriver", text),
    "volumes": ("dataVolumes", only_texts),
    "working_dir": ("workingDir", text),
}
"""Keys that say something of a container by themselves: the field, and the converter."""

FIELDS = frozenset(
    {field for field, _ in CONTAINER_KEYS.values()}
    | {"imageUuid", "environment", "labels", "networkMode", "networkLaunchConfig"}
    | {"dataVolumesFromLaunchConfigs", "secrets"}
)
"""Every field that a description decides; all others of a service stay as they are."""
