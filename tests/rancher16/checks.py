"""Checks of what clients send, with the codes of the real server."""

from __future__ import annotations

import re
from typing import Any

from tests.rancher16.configs import Config, is_absent
from tests.rancher16.problems import Problem, invalid

__all__ = ["check_config", "check_name", "check_scale", "check_strategy_numbers", "required", "text"]

PORT = re.compile(r"(?:(?:\d{1,3}(?:\.\d{1,3}){3}:)?(\d+):)?(\d+)(?:/(tcp|udp))?")
HEALTH_STRATEGIES = ("none", "recreate", "recreateOnQuorum")


def required(body: dict[str, Any], field: str) -> Any:
    """The value of a field that must be there and not be null."""
    if field not in body:
        raise invalid("MissingRequired", field)
    if body[field] is None:
        raise invalid("NotNullable", field)
    return body[field]


def text(body: dict[str, Any], field: str) -> str:
    value = required(body, field)
    if not isinstance(value, str):
        raise invalid("InvalidFormat", field)
    return value


def check_name(name: str, *, longest: int = 63) -> None:
    """Names of services and stacks: letters, digits, single hyphens inside."""
    if not name:
        raise invalid("MinLengthExceeded", "name")
    if len(name) > longest:
        raise invalid("MaxLengthExceeded", "name")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name) or name.startswith("-") or name.endswith("-") or "--" in name:
        raise invalid("InvalidCharacters", "name")


def check_config(config: object, *, sidekick: bool = False) -> Config:
    """A launch configuration as it may be stored."""
    if not isinstance(config, dict):
        raise invalid("InvalidFormat", "secondaryLaunchConfigs" if sidekick else "launchConfig")
    if sidekick:
        check_name(text(config, "name"))
    image = required(config, "imageUuid")
    named = isinstance(image, str) and re.fullmatch(r"docker:\S+", image)
    if not named and not is_absent(config):
        raise invalid("InvalidFormat", "imageUuid")
    for field in ("labels", "environment"):
        if not isinstance(config.get(field) or {}, dict):
            raise invalid("InvalidFormat", field)
    for port in config.get("ports") or ():
        _check_port(port)
    if config.get("healthCheck") is not None:
        _check_health(config["healthCheck"])
    return config


def _check_port(port: object) -> None:
    found = PORT.fullmatch(port) if isinstance(port, str) else None
    if found is None or not all(1 <= int(number) <= 65535 for number in (found[1], found[2]) if number):
        raise invalid("PortWrongFormat", "ports")


def _check_health(check: object) -> None:
    if not isinstance(check, dict):
        raise invalid("InvalidFormat", "healthCheck")
    limits(required(check, "port"), "port", 1, 65535)
    for field in ("interval", "responseTimeout", "healthyThreshold", "unhealthyThreshold"):
        if check.get(field) is not None:
            limits(check[field], field, 0, None)
    if (check.get("strategy") or "recreate") not in HEALTH_STRATEGIES:
        raise invalid("InvalidOption", "strategy")
    if check.get("strategy") == "recreateOnQuorum":
        config = check.get("recreateOnQuorumStrategyConfig") or {}
        limits(required(config, "quorum"), "quorum", 0, None)


def limits(value: object, field: str, low: int, high: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("InvalidFormat", field)
    if value < low:
        raise invalid("MinLimitExceeded", field)
    if high is not None and value > high:
        raise invalid("MaxLimitExceeded", field)
    return value


def check_scale(value: object) -> int:
    return limits(value, "scale", 0, None)


def check_strategy_numbers(strategy: object) -> tuple[int, int]:
    """batchSize and intervalMillis."""
    if not isinstance(strategy, dict):
        raise Problem(400, "InvalidBodyContent", "not an object")
    batch, interval = strategy.get("batchSize"), strategy.get("intervalMillis")
    return (
        limits(1 if batch is None else batch, "batchSize", 1, None),
        limits(2000 if interval is None else interval, "intervalMillis", 100, None),
    )
