"""Launch configurations of Rancher 1.6: what an upgrade sends, and what it changes.

An upgrade *replaces* a launch configuration, so the whole current one is sent, with the wanted changes in it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.errors import UsageError
from gates.rancher.masks import masked
from gates.rancher.target import Difference, Mark, Wish

__all__ = [
    "ABSENT_IMAGE",
    "Configs",
    "configs_of",
    "differences",
    "image_name",
    "leaves",
    "marks_of",
    "previous_configs",
    "restored",
    "sign",
    "strategy",
    "upgraded_configs",
    "wished",
]

Config = dict[str, Any]
Configs = dict[str, Config]
"""Launch configurations by part: "" for the service itself, else the sidekick's name."""

ABSENT_IMAGE = "rancher/none"
"""The image that tells the server to take a sidekick away."""

PULL_LABEL = "io.rancher.container.pull_image"
MARK = "io.gateline."
MARK_FIELDS = ("deploy", "commit", "by", "at")
NOT_SHOWN = frozenset({"type", "version", "name"})


def image_name(image_uuid: object) -> str:
    """ "docker:acme/parrot:1" -> "acme/parrot:1"."""
    return str(image_uuid or "").removeprefix("docker:")


def configs_of(service: Mapping[str, Any]) -> Configs:
    """The configurations a service has now. Null entries among the sidekicks happen, and count for nothing."""
    return _configs(service.get("launchConfig"), service.get("secondaryLaunchConfigs"))


def previous_configs(service: Mapping[str, Any]) -> Configs:
    """What the server remembers from before the last upgrade; empty when there was none."""
    strategy = _strategy(service)
    return _configs(strategy.get("previousLaunchConfig"), strategy.get("previousSecondaryLaunchConfigs"))


def upgraded_configs(service: Mapping[str, Any]) -> Configs:
    """What the last upgrade sent; empty when there was none."""
    strategy = _strategy(service)
    return _configs(strategy.get("launchConfig"), strategy.get("secondaryLaunchConfigs"))


def marks_of(configs: Configs) -> tuple[Mark, ...]:
    """The marks of Gateline in these configurations, each once."""
    marks = []
    for config in configs.values():
        labels = config.get("labels") or {}
        fields = {name: str(labels.get(MARK + name) or "") for name in MARK_FIELDS}
        if fields["deploy"]:
            marks.append(Mark(**fields))
    return tuple(dict.fromkeys(marks))


def wished(current: Configs, wish: Wish, mark: Mark) -> Configs:
    """The configurations to send: only those that are to be replaced. Raises UsageError."""
    result: Configs = {}
    if wish.only_sidekicks and (wish.image or wish.env or wish.labels):
        raise UsageError("image, variables and labels are of the service itself, which only_sidekicks leaves alone")
    if not wish.only_sidekicks:
        result[""] = _changed_primary(current[""], wish)
    for name, image in wish.sidekicks.items():
        result[name] = _changed_sidekick(current, name, image)
    if wish.all_sidekicks:
        result.update({name: copy.deepcopy(config) for name, config in current.items() if name and name not in result})
    if not result:
        raise UsageError("only sidekicks are to be upgraded, but none is named", hint="Name one with --sidekick.")
    if _only_removes(result):
        raise UsageError(
            "nothing would be left to carry the mark of a deploy that only removes sidekicks",
            hint="Leave out --only-sidekicks, or change another sidekick along with it.",
        )
    for config in result.values():
        sign(config, mark, pull=wish.pull == "always")
    return result


def differences(current: Configs, wanted: Configs) -> tuple[Difference, ...]:
    """Field by field, in the order of the parts; secrets masked."""
    found = []
    for part, config in wanted.items():
        old = dict(_fields(current.get(part, {})))
        new = {} if config.get("imageUuid") == ABSENT_IMAGE else dict(_fields(config))
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                prefix = f"{part}." if part else ""
                found.append(
                    Difference(prefix + name, masked(name, old.get(name)), masked(name, new.get(name))),
                )
    return tuple(found)


def strategy(configs: Configs, wish: Wish) -> dict[str, Any]:
    """The body of the action `upgrade`."""
    return {
        "inServiceStrategy": {
            "batchSize": wish.batch_size,
            "intervalMillis": round(wish.interval * 1000),
            "startFirst": wish.start_first,
            "launchConfig": configs.get(""),
            "secondaryLaunchConfigs": [config for part, config in configs.items() if part],
        },
        "toServiceStrategy": None,
    }


def restored(service: Mapping[str, Any], mark: Mark) -> Configs:
    """What an upgrade must send to bring the configurations from before the last one back; empty when unknown."""
    current, previous = configs_of(service), previous_configs(service)
    result = {part: copy.deepcopy(config) for part, config in previous.items() if config != current.get(part)}
    for part in upgraded_configs(service):
        # A sidekick that the last upgrade added was not there before.
        if previous and part and part in current and part not in previous:
            result[part] = {"name": part, "imageUuid": ABSENT_IMAGE}
    if _only_removes(result):
        result[""] = copy.deepcopy(current[""])  # something has to carry the mark
    for config in result.values():
        sign(config, mark, pull=False)
    return result


def _only_removes(configs: Configs) -> bool:
    return bool(configs) and all(config.get("imageUuid") == ABSENT_IMAGE for config in configs.values())


def _strategy(service: Mapping[str, Any]) -> Mapping[str, Any]:
    upgrade = service.get("upgrade")
    found = upgrade.get("inServiceStrategy") if isinstance(upgrade, dict) else None
    return found if isinstance(found, dict) else {}


def _configs(primary: object, sidekicks: object) -> Configs:
    configs = {"": primary} if isinstance(primary, dict) else {}
    for sidekick in sidekicks if isinstance(sidekicks, list) else ():
        if isinstance(sidekick, dict) and sidekick.get("name"):
            configs[str(sidekick["name"])] = sidekick
    return configs


def _changed_primary(config: Config, wish: Wish) -> Config:
    config = copy.deepcopy(config)
    if wish.image:
        config["imageUuid"] = f"docker:{wish.image}"
    config["environment"] = _merged(config.get("environment"), wish.env)
    config["labels"] = _merged(config.get("labels"), wish.labels)
    return config


def _changed_sidekick(current: Configs, name: str, image: str | None) -> Config:
    if image is None:
        if name not in current:
            known = ", ".join(part for part in current if part) or "none at all"
            raise UsageError(f"there is no sidekick {name!r} to remove", hint=f"The service has: {known}.")
        return {"name": name, "imageUuid": ABSENT_IMAGE}
    config = copy.deepcopy(current.get(name)) or {"name": name}
    config["imageUuid"] = f"docker:{image}"
    return config


def _merged(old: Mapping[str, Any] | None, changes: Mapping[str, str | None]) -> dict[str, Any]:
    both: dict[str, Any] = {**(old or {}), **changes}
    return {name: value for name, value in both.items() if not (name in changes and value is None)}


def sign(config: Config, mark: Mark, *, pull: bool) -> None:
    """Write the mark into a configuration, so that a later job knows whose it is."""
    if config.get("imageUuid") == ABSENT_IMAGE:
        return
    labels = _merged(config.get("labels"), {MARK + name: getattr(mark, name) or None for name in MARK_FIELDS})
    if pull:
        labels[PULL_LABEL] = "always"
    config["labels"] = labels


def _fields(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """ "environment.LOG_LEVEL" -> "info", for every field with a value."""
    for name, value in config.items():
        if name in NOT_SHOWN:
            continue
        if name == "imageUuid":
            yield "image", image_name(value)
        else:
            yield from leaves(name, value)


def leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """ "a.b.0" -> text, for everything below a path that has a value; the marks are left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not (path == "labels" and str(name).startswith(MARK)):
                yield from leaves(f"{path}.{name}", inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from leaves(f"{path}.{index}", inner)
    elif value is not None:
        yield path, str(value)
