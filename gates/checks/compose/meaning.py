"""What a Compose file means: services named that do not exist, images that change under one's feet, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gates.checks.compose.issue import Issue, issue, meant
from gates.compose_file import ComposeFile, interpolate
from gates.config.document import Path
from gates.errors import ConfigError

__all__ = ["Stack", "compose_meaning", "rancher_meaning"]

PULL_LABEL = "io.rancher.container.pull_image"
SIDEKICKS_LABEL = "io.rancher.sidekicks"
START_ONCE_LABEL = "io.rancher.container.start_once"
NO_IMAGES = re.compile(r"(?:^|/)rancher/(?:none|external-service|dns-service|load-balancer-service)$")
"""Names that mean something to Rancher and are never pulled."""

ACCEPTED_PULLS = ("always", "daily", "weekly", "every")


class Stack:
    """A Compose file with what belongs to it.

    compose  docker-compose.yml, None where only a rancher-compose file is there
    rancher  rancher-compose.yml beside it
    bases    files that it overrides, so their services are there as well
    """

    def __init__(self, compose: ComposeFile | None, rancher: ComposeFile | None, bases: list[ComposeFile]) -> None:
        self.compose = compose
        self.rancher = rancher
        self.bases = bases
        files = [file for file in (compose, *bases) if file is not None]
        self.known = {name for file in files for name in file.services}
        self.open = any("include" in file.data for file in files)
        """Whether services may come from files that are not read."""

    def service(self, name: str) -> dict[str, Any]:
        """All that is said of a service, by both files."""
        found: dict[str, Any] = {}
        for file in (*self.bases, self.compose, self.rancher):
            part = file.services.get(name) if file is not None else None
            found.update(part if isinstance(part, dict) else {})
        return found

    def sidekicks(self) -> set[str]:
        return {name for service in self.known for name in _words(_labels(self.service(service)).get(SIDEKICKS_LABEL))}


def compose_meaning(
    stack: Stack, file: ComposeFile, *, allow_latest: bool, require_health_check: bool
) -> Iterator[Issue]:
    """What is wrong in the Compose file of a stack."""
    for name, service in file.services.items():
        if isinstance(service, dict):
            yield from _references(stack, file, name, service)
            if not allow_latest:
                yield from _image(stack, file, name, service)
            if require_health_check:
                yield from _health(stack, file, name)
    yield from _undeclared(stack, file)


def _references(stack: Stack, file: ComposeFile, name: str, service: dict[str, Any]) -> Iterator[Issue]:
    """Services named in links and the like."""
    for path, target, what in _targets(service, has_rancher=stack.rancher is not None):
        if target in stack.known or stack.open or not target or "$" in target:
            continue
        hint = meant(target, stack.known)
        yield issue(file, "unknown-service", (name, *path), f"{what} {target}, which is no service here", hint)
    if stack.rancher is None:
        return
    for path, text in _texts(service.get("external_links"), ("external_links",)):
        target = text.partition(":")[0]
        if "/" not in target and "$" not in target:
            hint = "It is a service of this file: use links." if target in stack.known else ""
            message = f"the external link {target} names no stack: Rancher asks for stack/service"
            yield issue(file, "external-link", (name, *path), message, hint)


def _targets(service: dict[str, Any], *, has_rancher: bool) -> Iterator[tuple[Path, str, str]]:
    """Where a service is named, its name, and the words before it."""
    for path, text in _texts(service.get("links"), ("links",)):
        yield path, text.partition(":")[0], "links to"
    for path, text in _texts(service.get("depends_on"), ("depends_on",)):
        yield path, text, "depends on"
    for path, text in _texts(service.get("volumes_from"), ("volumes_from",)):
        if not text.startswith("container:"):
            yield path, text.partition(":")[0], "takes volumes from"
    for key in ("network_mode", "net", "ipc", "pid"):
        form, _, target = str(service.get(key) or "").partition(":")
        if form == "service" or (form == "container" and (has_rancher or key == "net")):
            yield (key,), target, f"has its {key} from"
    extends = service.get("extends")
    if isinstance(extends, str):
        yield ("extends",), extends, "extends"
    elif isinstance(extends, dict) and not extends.get("file"):
        yield ("extends", "service"), str(extends.get("service") or ""), "extends"
    for target in _words(_labels(service).get(SIDEKICKS_LABEL)):
        yield ("labels", SIDEKICKS_LABEL), target, "has the sidekick"


def _image(stack: Stack, file: ComposeFile, name: str, service: dict[str, Any]) -> Iterator[Issue]:
    """An image whose tag moves: what runs tomorrow is not what was tested today."""
    image = service.get("image")
    if not isinstance(image, str) or "build" in service or NO_IMAGES.search(image):
        return
    written = _with_defaults(image)
    if written is None or "@" in written:
        return
    tag = written.rpartition("/")[2].partition(":")[2]
    everything = stack.service(name)
    pulls = (everything.get("pull_policy"), _labels(everything).get(PULL_LABEL))
    if tag not in ("", "latest") or any(str(pull).startswith(ACCEPTED_PULLS) for pull in pulls if pull):
        return
    what = "the tag latest" if tag else "no tag"
    hint = f"Name a version, or pull at every start: pull_policy: always, on Rancher the label {PULL_LABEL}: always."
    message = f"the image of {name} has {what}, so a host may run any version it has"
    yield issue(file, "moving-tag", (name, "image"), message, hint)


def _with_defaults(image: str) -> str | None:
    """The image with what its variables have as default; None where only the time of use decides."""
    if "$" not in image:
        return image
    try:
        return interpolate(image, {})
    except ConfigError:
        return None


def _health(stack: Stack, file: ComposeFile, name: str) -> Iterator[Issue]:
    """A service of which nobody can tell whether it works."""
    everything = stack.service(name)
    labels = _labels(everything)
    image = str(everything.get("image") or "")
    if NO_IMAGES.search(image) or name in stack.sidekicks() or str(labels.get(START_ONCE_LABEL)).lower() == "true":
        return
    docker = everything.get("healthcheck")
    is_off = isinstance(docker, dict) and (docker.get("disable") or docker.get("test") in ("NONE", ["NONE"]))
    if everything.get("health_check") or "lb_config" in everything or (docker and not is_off):
        return
    key = "health_check in rancher-compose.yml" if stack.rancher is not None else "healthcheck"
    message = f"the service {name} has no health check"
    yield issue(file, "no-health-check", (name,), message, f"Add {key}.", key=True)


def _undeclared(stack: Stack, file: ComposeFile) -> Iterator[Issue]:
    """Networks, volumes, secrets and configs that are used and not declared at the top of the file."""
    if not file.path or stack.open or stack.rancher is not None:
        return
    for section in ("networks", "volumes", "secrets", "configs"):
        declared = {name for part in (file, *stack.bases) for name in part.section(section)}
        for name, service in file.services.items():
            for path, used in _used(service, section):
                if used not in declared and "$" not in used:
                    message = f"uses {used}, which is not declared under {section}"
                    hint = meant(used, declared) or f"Add {section}: {{{used}: {{}}}} at the top."
                    yield issue(file, "undeclared", (name, *path), message, hint)


def _used(service: object, section: str) -> Iterator[tuple[Path, str]]:
    found = service.get(section) if isinstance(service, dict) else None
    if section == "networks":
        for path, name in _texts(found, (section,)):
            if name != "default":
                yield path, name
        return
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if section == "volumes":
            name = _volume(item)
        else:
            name = str(item.get("source") or "") if isinstance(item, dict) else str(item)
        if name:
            yield (section, index), name


def _volume(item: object) -> str:
    """The name of a named volume, "" for a folder of the host or one without a name."""
    if isinstance(item, dict):
        return str(item.get("source") or "") if item.get("type") == "volume" else ""
    source, colon, _ = str(item).partition(":")
    return source if colon and re.fullmatch(r"[A-Za-z0-9][\w.-]+", source) else ""


def rancher_meaning(stack: Stack, file: ComposeFile) -> Iterator[Issue]:
    """What is wrong in the rancher-compose file of a stack."""
    for name, service in file.services.items():
        if stack.compose is not None and name not in stack.known and not stack.open:
            message = f"there is no service {name} in {stack.compose.name}"
            yield issue(file, "unknown-service", (name,), message, meant(name, stack.known), key=True)
        balancer = service.get("lb_config") if isinstance(service, dict) else None
        rules = balancer.get("port_rules") if isinstance(balancer, dict) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            target = str(rule.get("service") or "") if isinstance(rule, dict) else ""
            if stack.compose is None or not target or "/" in target or "$" in target or target in stack.known:
                continue
            path = (name, "lb_config", "port_rules", index, "service")
            message = f"balances {target}, which is no service here"
            yield issue(file, "unknown-service", path, message, meant(target, stack.known))


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Each item of a list or key of a mapping, with where it stands."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), str(item)
    elif isinstance(value, dict):
        for key in value:
            yield (*path, key), str(key)
    elif isinstance(value, str):
        yield path, value


def _labels(service: dict[str, Any]) -> dict[str, Any]:
    """Labels as a mapping, whichever way they are written."""
    labels = service.get("labels")
    if isinstance(labels, list):
        return {name: value for name, _, value in (str(item).partition("=") for item in labels)}
    return labels if isinstance(labels, dict) else {}


def _words(value: object) -> list[str]:
    return [word.strip() for word in str(value or "").split(",") if word.strip()]
