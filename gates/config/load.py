"""Where a tree's configuration is: gateline.yaml, else [tool.gateline] in pyproject.toml, else it is detected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from gates.config.build import build_settings
from gates.config.check import check
from gates.config.document import Document, raise_mistakes
from gates.errors import ConfigError
from gates.settings import Settings

__all__ = ["DETECTED_POLICY", "configuration_file", "load", "settings_of"]

YAML = "gateline.yaml"
TOML = "pyproject.toml"
DETECTED_POLICY = "sha256:" + hashlib.sha256(b"detected").hexdigest()
"""What a verdict says of a run without configuration. It is a constant, which `gateline verify` can compute as well."""

Read = Callable[[str], "bytes | None"]


def load(read: Read, paths: Callable[[], Sequence[str]]) -> Settings:
    """The settings of a tree; see `gates.config.load_settings`."""
    found = configuration_file(read)
    if found is not None:
        return settings_of(*found)
    from gates.detect import detect

    return detect(paths(), read)


def configuration_file(read: Read) -> tuple[str, bytes] | None:
    """Name and bytes of the file that configures Gateline, None when there is none.

    Raises ConfigError when there are two, or one with a name that is not read.
    """
    raw, pyproject = read(YAML), read(TOML)
    if raw is None and read("gateline.yml") is not None:
        raise ConfigError(
            "is not read: the configuration is called gateline.yaml", where="gateline.yml", hint="Rename it."
        )
    if raw is None:
        return (TOML, pyproject) if pyproject is not None and _has_table(pyproject) else None
    if pyproject is not None and b"gateline" in pyproject and _is_configured_twice(pyproject):
        raise ConfigError(
            "gateline.yaml and [tool.gateline] in pyproject.toml both configure Gateline",
            hint="Keep one of them, so that nobody has to know which one wins.",
        )
    return YAML, raw


def settings_of(name: str, raw: bytes) -> Settings:
    """Settings of one configuration file. Raises ConfigError with all its mistakes."""
    if name == TOML:
        from gates.config.toml_document import read_table

        document = read_table(raw, name, ("tool", "gateline"))
    else:
        from gates.config.yaml_document import read_yaml

        document = read_yaml(raw, name)
    return _checked(document, raw)


def _checked(document: Document, raw: bytes) -> Settings:
    raise_mistakes(document.name, check(document))
    return build_settings(document.data, document.name, "sha256:" + hashlib.sha256(raw).hexdigest())


def _has_table(pyproject: bytes) -> bool:
    """Whether there is a [tool.gateline]. A pyproject.toml that cannot be parsed is told: it may hold one."""
    from gates.config.toml_document import parse_toml

    tool = parse_toml(pyproject, TOML).get("tool")
    return isinstance(tool, dict) and "gateline" in tool


def _is_configured_twice(pyproject: bytes) -> bool:
    """As `_has_table`; but beside a gateline.yaml a broken pyproject.toml is not Gateline's to complain about."""
    try:
        return _has_table(pyproject)
    except ConfigError:
        return False
