"""Launch configurations: how the server completes them, and what an upgrade makes of old and new ones."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

__all__ = [
    "ABSENT",
    "Config",
    "by_part",
    "completed",
    "is_global",
    "pulled_in",
    "successor",
    "with_ports",
]

Config = dict[str, Any]

ABSENT = "docker:rancher/none"
ABSENT_NAMES = (ABSENT, "rancher/none")
GLOBAL_LABEL = "io.rancher.scheduler.global"

KNOWN = frozenset(
    """
    accountId blkioDeviceOptions blkioWeight build capAdd capDrop cgroupParent command count cpuCount cpuPercent
    cpuPeriod cpuQuota cpuSet cpuSetMems cpuShares createIndex created data dataVolumeMounts dataVolumes
    dataVolumesFrom dataVolumesFromLaunchConfigs dependsOn deploymentUnitUuid description devices diskQuota disks
    dns dnsOpt dnsSearch domainName drainTimeoutMs entryPoint environment expose externalId extraHosts firstRunning
    groupAdd healthCheck healthCmd healthInterval healthRetries healthState healthTimeout hostId hostname imageUuid
    instanceLinks ioMaximumBandwidth ioMaximumIOps ip ip6 ipcMode isolation kernelMemory kind labels logConfig
    lxcConf memory memoryMb memoryReservation memorySwap memorySwappiness milliCpuReservation mounts name
    nativeContainer netAlias networkContainerId networkIds networkLaunchConfig networkMode oomKillDisable
    oomScoreAdj pidMode pidsLimit ports prePullOnUpgrade primaryIpAddress primaryNetworkId privileged
    publishAllPorts readOnly registryCredentialId removeTime removed requestedHostId requestedIpAddress
    restartPolicy retainIp runInit secrets securityOpt serviceId serviceIds shmSize stackId startCount startOnCreate
    state stdinOpen stopSignal stopTimeout storageOpt sysctls system tmpfs tty type ulimits user userdata usernsMode
    uts uuid vcpu version volumeDriver workingDir
    """.split()  # noqa: SIM905
)
"""Members that the server keeps; it drops what it does not know."""

DEFAULTS: Config = {
    "kind": "container",
    "networkMode": "managed",
    "privileged": False,
    "publishAllPorts": False,
    "readOnly": False,
    "startOnCreate": True,
    "stdinOpen": False,
    "system": False,
    "tty": False,
    "runInit": False,
    "vcpu": 1,
    "drainTimeoutMs": 0,
    "environment": {},
    "labels": {},
    "ports": [],
    "dataVolumes": [],
    "dataVolumesFrom": [],
    "dataVolumesFromLaunchConfigs": [],
    "secrets": [],
    "healthCheck": None,
    "networkLaunchConfig": None,
    "logConfig": {"type": "logConfig", "config": {}, "driver": ""},
    "command": None,
    "entryPoint": None,
    "restartPolicy": None,
    "capAdd": [],
    "devices": [],
    "dns": [],
    "expose": None,
    "memory": None,
    "user": None,
    "workingDir": None,
}


def completed(config: Config, *, sidekick: bool, version: str = "0") -> Config:
    """What is stored of a configuration that a client has sent: known members, defaults, type and version."""
    kept = {name: copy.deepcopy(value) for name, value in config.items() if name in KNOWN}
    result = {**copy.deepcopy(DEFAULTS), **{name: value for name, value in kept.items() if value is not None}}
    result["type"] = "secondaryLaunchConfig" if sidekick else "launchConfig"
    result["version"] = version
    if result["healthCheck"]:
        result["healthCheck"] = {"type": "instanceHealthCheck", "strategy": "recreate", **result["healthCheck"]}
    return result


def by_part(primary: Config | None, sidekicks: Iterable[Config | None] | None) -> dict[str, Config]:
    """ "" for the primary one, else the sidekick's name."""
    found = {"": primary} if primary else {}
    return found | {str(config["name"]): config for config in sidekicks or () if config}


def is_global(config: Config | None) -> bool:
    return str(((config or {}).get("labels") or {}).get(GLOBAL_LABEL)).lower() == "true"


def is_absent(config: Config) -> bool:
    return config.get("imageUuid") in ABSENT_NAMES


def pulled_in(current: dict[str, Config], changed: Iterable[str]) -> set[str]:
    """The configurations that share volumes or network with a changed one, and those that do with them."""
    result = set(changed)
    while True:
        more = {part for part, config in current.items() if part not in result and _needs(config) & _names(result)}
        if not more:
            return result
        result |= more


PRIMARY_NAME = "io.rancher.service.primary.launch.config"


def _names(parts: set[str]) -> set[str]:
    return parts | ({PRIMARY_NAME} if "" in parts else set())


def _needs(config: Config) -> set[str]:
    needs = set(config.get("dataVolumesFromLaunchConfigs") or ())
    return needs | ({config["networkLaunchConfig"]} if config.get("networkLaunchConfig") else set())


def successor(current: dict[str, Config], wanted: dict[str, Config], free_port: Callable[[], int]) -> dict[str, Config]:
    """The configurations after an upgrade; all that are upgraded in one call get one new version."""
    version = str(uuid.uuid4())
    result = {part: copy.deepcopy(config) for part, config in current.items()}
    for part, config in wanted.items():
        if is_absent(config):
            result.pop(part, None)
            continue
        result[part] = completed(config, sidekick=bool(part), version=version)
        old_ports = (current.get(part) or {}).get("ports") or []
        result[part]["ports"] = with_ports(result[part].get("ports") or [], old_ports, free_port)
    for part in pulled_in(result, wanted) - set(wanted):
        result[part]["version"] = version
    return result


def with_ports(ports: list[str], old: list[str], free_port: Callable[[], int]) -> list[str]:
    """A random public port for each that names none: the one that its private port had before."""
    before = {private: public for public, private in map(_split_port, old) if public}
    result = []
    for port in ports:
        public, private = _split_port(port)
        result.append(f"{public or before.get(private) or free_port()}:{private}")
    return result


def _split_port(port: str) -> tuple[str, str]:
    """ "8080:80" -> ("8080", "80/tcp")."""
    found = re.fullmatch(r"(?:(.*):)?(\d+)(?:/(tcp|udp))?", port)
    assert found is not None, "checked before"
    return found[1] or "", f"{found[2]}/{found[3] or 'tcp'}"
