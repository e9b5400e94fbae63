"""The published JSON Schema, which is also where every default and every description comes from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["SCHEMA_FILE", "common_options", "gate_defaults", "kind_options", "kinds", "schema"]

SCHEMA_FILE = Path(__file__).with_name("schema.json")


@cache
def schema() -> dict[str, Any]:
    """The whole schema."""
    loaded: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


def kinds() -> list[str]:
    """The names of all kinds of gates."""
    names: list[str] = common_options()["kind"]["enum"]
    return names


def common_options() -> dict[str, dict[str, Any]]:
    """Option -> its schema, for the options that every gate has."""
    options: dict[str, dict[str, Any]] = schema()["$defs"]["gate"]["properties"]
    return options


def kind_options(kind: str) -> dict[str, dict[str, Any]]:
    """Option -> its schema, for the options that only this kind has."""
    properties = schema()["$defs"][f"kind_{kind}"]["properties"]
    return {name: option for name, option in properties.items() if name not in common_options()}


@cache
def gate_defaults(kind: str) -> dict[str, Any]:
    """Option -> default, of all options of this kind that have one; a kind's own default beats the common one."""
    own = schema()["$defs"][f"kind_{kind}"]["properties"]
    defaults: dict[str, Any] = {}
    for options in (common_options(), own):
        for name, option in options.items():
            if isinstance(option, dict) and "default" in option:
                defaults[name] = option["default"]
    return defaults
