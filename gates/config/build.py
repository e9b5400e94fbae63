"""Checked data → Settings, with the defaults of the schema filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.config.durations import seconds_of
from gates.config.schema import common_options, gate_defaults, schema
from gates.settings import GateSettings, Settings

__all__ = ["DURATIONS", "build_gate", "build_settings"]

DURATIONS = ("deadline", "bake", "grace", "interval", "max_age")
"""Options of a deploy target that are seconds in Settings and texts with a unit in the file."""


def build_settings(
    data: Mapping[str, Any], source: str, policy: str, chosen: Mapping[str, str] | None = None
) -> Settings:
    """Settings of data that the schema accepts."""
    top = {name: option["default"] for name, option in schema()["properties"].items() if "default" in option}
    top.update({name: value for name, value in data.items() if name in top})
    return Settings(
        [build_gate(name, options or {}) for name, options in data["gates"].items()],
        **top,
        deploy={name: _with_defaults(target, _target_schema()) for name, target in data.get("deploy", {}).items()},
        ci=_with_defaults(data.get("ci") or {}, schema()["properties"]["ci"]),
        source=source,
        chosen=dict(chosen or {}),
        policy=policy,
    )


def build_gate(name: str, options: Mapping[str, Any]) -> GateSettings:
    """One gate of its options; `kind` may be missing where the name is a kind."""
    kind = options.get("kind", name)
    values = {**gate_defaults(kind), **options, "kind": kind}
    common = {option: values.pop(option) for option in common_options() if option in values}
    common["time_limit"] = seconds_of(common["time_limit"])
    return GateSettings(name, **common, options=values)


def _target_schema() -> dict[str, Any]:
    target: dict[str, Any] = schema()["$defs"]["target"]
    return target


def _with_defaults(data: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with the schema's defaults at every level that is there, and its durations in seconds."""
    result: dict[str, Any] = {}
    for name, option in wanted["properties"].items():
        if name not in data and "default" not in option:
            continue
        value = data.get(name, option.get("default"))
        if isinstance(value, dict) and "properties" in option:
            value = _with_defaults(value, option)
        result[name] = seconds_of(value) if name in DURATIONS else value
    return result
