"""docker-compose.yml and rancher-compose.yml → what the services of a stack shall be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from gates.compose_file import ComposeFile
from gates.config.document import Mistake, Path, raise_mistakes
from gates.errors import ConfigError
from gates.rancher.compose.balancer import balancer
from gates.rancher.compose.keys import (
    CONTAINER_KEYS,
    NOT_POSSIBLE,
    NOT_USED,
    Wrong,
    duration,
    env_lines,
    flag,
    link_texts,
    mapping,
    names,
    number,
    of_the_same,
    only_texts,
    pairs,
    secrets,
    text,
    texts,
)

__all__ = ["Config", "Description", "Link", "describe"]

Config = dict[str, Any]
"""The fields of a launch configuration that the files speak of."""

ReadText = Callable[[str], str]
"""The text of a file by its path as the Compose file writes it. Raises Wrong."""

EXTERNAL_IMAGE, ALIAS_IMAGE = "rancher/external-service", "rancher/dns-service"
OLD_BALANCER_IMAGE = "rancher/load-balancer-service"
SIDEKICKS_LABEL = "io.rancher.sidekicks"
SELECTORS = {
    "io.rancher.service.selector.container": "selectorContainer",
    "io.rancher.service.selector.link": "selectorLink",
}
SERVICE_NAME = re.compile(r"(?!.*--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

SETTINGS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "scale": ("scale", number),
    "scale_policy": ("scalePolicy", lambda value: {name: number(inner) for name, inner in mapping(value).items()}),
    "metadata": ("metadata", mapping),
    "retain_ip": ("retainIp", flag),
    "external_ips": ("externalIpAddresses", texts),
}
"""Keys that say something of the service and not of its containers: they change without an upgrade."""

STRATEGY: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "batch_size": ("batch_size", number),
    "interval_millis": ("interval", lambda value: duration(value) / 1000),
    "start_first": ("start_first", flag),
}

OTHER_KEYS = (
    "image",
    "environment",
    "env_file",
    "labels",
    "links",
    "external_links",
    "volumes_from",
    "network_mode",
    "net",
    "log_driver",
    "log_opt",
    "secrets",
    "start_on_create",
    "lb_config",
    "upgrade_strategy",
)
KNOWN_KEYS = (*CONTAINER_KEYS, *SETTINGS, *OTHER_KEYS, *NOT_USED)


@dataclass(frozen=True)
class Link:
    """target: "name" of the same stack, or "stack/name". alias: the name it is reached by."""

    target: str
    alias: str


@dataclass(frozen=True)
class Description:
    """What one service shall be.

    kind      the server's type: service, loadBalancerService, externalService, dnsService
    parts     part -> fields, "" being the service itself and the others its sidekicks
    settings  the service's own fields, only those that are given
    links     of both kinds
    balance   lbConfig, with names where the server wants ids
    start     whether it is started when it is made
    strategy  batch_size, interval, start_first, as far as given
    after     services of the same files that have to be there first
    where     file and line
    """

    name: str
    kind: str = "service"
    parts: Mapping[str, Config] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    balance: Mapping[str, Any] | None = None
    start: bool = True
    strategy: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    where: str = ""

    @property
    def images(self) -> list[str]:
        return [config["imageUuid"].removeprefix("docker:") for config in self.parts.values()]


def describe(
    compose: ComposeFile, rancher: ComposeFile | None, environ: Mapping[str, str], read_text: ReadText
) -> list[Description]:
    """The services in an order in which each comes after those it needs, as far as they do not need each other.

    Variables must be replaced already. Raises ConfigError with every mistake of both files.
    """
    builder = _Builder(compose, rancher, environ, read_text)
    found = builder.build()
    builder.raise_mistakes()
    return _in_order(found)


class _Builder:
    """Builds the descriptions, and collects mistakes by file."""

    def __init__(
        self, compose: ComposeFile, rancher: ComposeFile | None, environ: Mapping[str, str], read_text: ReadText
    ) -> None:
        self.files = [compose] + ([rancher] if rancher is not None else [])
        self.environ = environ
        self.read_text = read_text
        self.mistakes: dict[str, list[Mistake]] = {file.name: list(file.document.mistakes) for file in self.files}
        self.keys: dict[str, dict[str, tuple[Any, ComposeFile]]] = {}
        self.owner: dict[str, str] = {}

    def build(self) -> list[Description]:
        for file in self.files:
            self._check_file(file)
            for name, service in file.services.items():
                self._add(file, name, service)
        for name in self.keys:
            for sidekick in self._sidekicks(name):
                self.owner[sidekick] = name
        return [self._service(name) for name in self.keys if name not in self.owner]

    def raise_mistakes(self) -> None:
        errors = []
        for name, mistakes in self.mistakes.items():
            try:
                raise_mistakes(name, mistakes)
            except ConfigError as error:
                errors.append(error)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ConfigError("\n".join(str(error) for error in errors))

    def _check_file(self, file: ComposeFile) -> None:
        if file.version.startswith("3"):
            self._wrong(
                file, ("version",), "version 3 is for Docker Swarm", "Rancher 1.6 knows version 1 and 2.", top=True
            )
        for name, volume in file.section("volumes").items():
            if isinstance(volume, dict) and not volume.get("external") and set(volume) & {"driver", "per_container"}:
                hint = f"Make the volume in Rancher, and write {name}: {{external: true}}."
                self._wrong(
                    file, ("volumes", name), f"the volume {name} with a driver cannot be made here", hint, top=True
                )

    def _add(self, file: ComposeFile, name: str, service: object) -> None:
        first = self.files[0]
        if file is not first and name not in first.services:
            close = get_close_matches(name, list(first.services), n=1)
            hint = f"Did you mean {close[0]}?" if close else ""
            self._wrong(file, (name,), f"there is no service {name} in {first.name}", hint, key=True)
            return
        if not SERVICE_NAME.fullmatch(name):
            hint = "Letters, digits and single hyphens, at most 63."
            self._wrong(file, (name,), f"{name!r} is no name for a service in Rancher", hint, key=True)
            return
        if service is not None and not isinstance(service, dict):
            self._wrong(file, (name,), "a service must be a mapping")
            return
        keys = self.keys.setdefault(name, {})
        for key, value in (service or {}).items():
            self._check_key(file, name, key)
            if value is not None:
                keys[key] = (value, file)

    def _check_key(self, file: ComposeFile, name: str, key: str) -> None:
        if key in NOT_POSSIBLE:
            self._wrong(file, (name, key), NOT_POSSIBLE[key], key=True)
        elif key not in KNOWN_KEYS and not key.startswith("x-"):
            close = get_close_matches(key, KNOWN_KEYS, n=1)
            hint = f"Did you mean {close[0]}?" if close else ""
            self._wrong(file, (name, key), f"the key {key!r} is not known", hint, key=True)

    def _wrong(
        self, file: ComposeFile, path: Path, message: str, hint: str = "", *, key: bool = False, top: bool = False
    ) -> None:
        tell = file.document.mistake if top else file.mistake
        self.mistakes[file.name].append(tell(path, message, hint, key=key))

    def _get(self, name: str, key: str, convert: Callable[[object], Any], default: Any = None) -> Any:
        """The converted value of a key; `default` when it is not there or wrong."""
        if key not in self.keys[name]:
            return default
        value, file = self.keys[name][key]
        try:
            return convert(value)
        except Wrong as wrong:
            self._wrong(file, (name, key), f"{key} {wrong}")
            return default

    def _sidekicks(self, name: str) -> list[str]:
        label = (self._get(name, "labels", pairs) or {}).get(SIDEKICKS_LABEL) or ""
        found = [part.strip() for part in label.split(",") if part.strip()]
        for sidekick in found:
            if sidekick not in self.keys:
                file = self.keys[name]["labels"][1]
                self._wrong(file, (name, "labels"), f"the sidekick {sidekick} is not described as a service")
        return [sidekick for sidekick in found if sidekick in self.keys]

    def _service(self, name: str) -> Description:
        sidekicks = [part for part, owner in self.owner.items() if owner == name]
        kind = self._kind(name)
        parts = {} if kind in ("externalService", "dnsService") else {"": self._part(name, sidekicks)}
        parts.update({part: self._part(part, sidekicks) for part in sidekicks})
        links = self._links(name)
        balance = self._get(name, "lb_config", balancer)
        rules = balance["portRules"] if balance else []
        needed = [link.target for link in links] + [rule["service"] for rule in rules if "service" in rule]
        needed += self._get(name, "depends_on", names, [])
        owners = [self.owner.get(target, target) for target in needed]
        strategy = self._get(name, "upgrade_strategy", mapping, {})
        return Description(
            name=name,
            kind=kind,
            parts=parts,
            settings=self._settings(name, kind),
            links=links,
            balance=balance,
            start=self._get(name, "start_on_create", flag, True),
            strategy=self._fields(name, "upgrade_strategy", strategy, STRATEGY),
            after=tuple(dict.fromkeys(target for target in owners if target in self.keys and target != name)),
            where=self._where(name),
        )

    def _kind(self, name: str) -> str:
        image = self._get(name, "image", text, "")
        if image == OLD_BALANCER_IMAGE:
            hint = "Write lb_config in rancher-compose.yml, and the image rancher/lb-service-haproxy."
            self._wrong(self.keys[name]["image"][1], (name, "image"), "this is the form before Rancher 1.2", hint)
        if "external_ips" in self.keys[name] or self._outside(name) or image == EXTERNAL_IMAGE:
            return "externalService"
        if image == ALIAS_IMAGE:
            return "dnsService"
        if not image:
            self._wrong(self.files[0], (name,), f"{name} has no image", key=True)
        rules = (self._get(name, "lb_config", balancer) or {}).get("portRules") or []
        return "loadBalancerService" if any("sourcePort" in rule for rule in rules) else "service"

    def _outside(self, name: str) -> bool:
        """In rancher-compose.yml a hostname is that of something outside, in docker-compose.yml the container's."""
        return "hostname" in self.keys[name] and self.keys[name]["hostname"][1] is not self.files[0]

    def _settings(self, name: str, kind: str) -> dict[str, Any]:
        given = {key: value for key, (value, _) in self.keys[name].items()}
        found = self._fields(name, "", given, SETTINGS)
        if kind == "externalService":
            found["hostname"] = self._get(name, "hostname", text)
            found["healthCheck"] = self._get(name, "health_check", CONTAINER_KEYS["health_check"][1])
            found = {key: value for key, value in found.items() if value is not None}
        labels = self._get(name, "labels", pairs, {})
        return {**found, **{SELECTORS[label]: value for label, value in labels.items() if label in SELECTORS}}

    def _fields(
        self,
        name: str,
        inside: str,
        given: Mapping[str, Any],
        table: Mapping[str, tuple[str, Callable[[object], Any]]],
    ) -> dict[str, Any]:
        """The keys of a table that are given; `inside` is the key whose mapping they stand in."""
        found = {}
        for key, (target, convert) in table.items():
            if given.get(key) is None:
                continue
            try:
                found[target] = convert(given[key])
            except Wrong as wrong:
                path = (name, inside, key) if inside else (name, key)
                self._wrong(self.keys[name][inside or key][1], path, f"{key} {wrong}")
        return found

    def _links(self, name: str) -> tuple[Link, ...]:
        found = []
        for key in ("links", "external_links"):
            for link in self._get(name, key, link_texts, []):
                target, _, alias = link.partition(":")
                target = self.owner.get(target.strip(), target.strip())
                found.append(Link(target, alias.strip() or target.rpartition("/")[2]))
        return tuple(found)

    def _part(self, name: str, sidekicks: Iterable[str]) -> Config:
        owner = self.owner.get(name, name)
        others = {owner, *sidekicks} - {name}
        config: Config = {}
        for key, (target, convert) in CONTAINER_KEYS.items():
            value = self._get(name, key, convert)
            if value not in (None, "", [], {}):
                config[target] = value
        config["imageUuid"] = f"docker:{self._get(name, 'image', text, '')}"
        config["environment"] = self._environment(name)
        config["labels"] = {label: value or "" for label, value in self._get(name, "labels", pairs, {}).items()}
        config.update(self._network(name, others))
        config.update(self._old_logging(name))
        if taken := self._get(name, "volumes_from", lambda value: of_the_same(only_texts(value), others)):
            config["dataVolumesFromLaunchConfigs"] = taken
        if wanted := self._get(name, "secrets", secrets):
            config["secrets"] = wanted
        return config

    def _environment(self, name: str) -> dict[str, str]:
        found: dict[str, str | None] = {}
        for path in self._get(name, "env_file", texts, []):
            found.update(self._env_file(name, path))
        found.update(self._get(name, "environment", pairs, {}))
        for variable, value in found.items():
            if value is None and variable in self.environ:
                found[variable] = self.environ[variable]
            elif value is None:
                key = "environment" if "environment" in self.keys[name] else "env_file"
                file = self.keys[name][key][1]
                self._wrong(file, (name, key, variable), f"the variable {variable} is not set", key=True)
        return {variable: value or "" for variable, value in found.items()}

    def _env_file(self, name: str, path: str) -> dict[str, str | None]:
        found: dict[str, str | None] = self._get(name, "env_file", lambda _: env_lines(self.read_text(path)), {})
        return found

    def _network(self, name: str, others: Iterable[str]) -> Config:
        mode = self._get(name, "network_mode", text) or self._get(name, "net", text) or ""
        kind, colon, target = mode.partition(":")
        if not colon or kind not in ("container", "service"):
            return {"networkMode": mode} if mode else {}
        key = "network_mode" if "network_mode" in self.keys[name] else "net"
        taken = self._get(name, key, lambda _: of_the_same([target], others))
        return {"networkMode": "container", "networkLaunchConfig": taken[0]} if taken else {}

    def _old_logging(self, name: str) -> Config:
        driver, options = self._get(name, "log_driver", text), self._get(name, "log_opt", mapping)
        return {"logConfig": {"driver": driver or "", "config": options or {}}} if driver or options else {}

    def _where(self, name: str) -> str:
        file = self.files[0]
        return file.mistake((name,), "", key=True).where(file.name).rpartition(":")[0] or file.name


def _in_order(services: list[Description]) -> list[Description]:
    known = {service.name: service for service in services}
    ordered: dict[str, Description] = {}
    visiting: set[str] = set()

    def visit(service: Description) -> None:
        if service.name in ordered or service.name in visiting:
            return  # those that need each other come in the order of the file; their links are set in the end
        visiting.add(service.name)
        for name in service.after:
            visit(known[name])
        ordered[service.name] = service

    for service in services:
        visit(service)
    return list(ordered.values())
