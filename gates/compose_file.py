"""docker-compose.yml and rancher-compose.yml as read: where the services stand, and what `${NAME}` stands for.

Shared by the gate that checks these files and by the deploy that follows them. Nothing here knows what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gates.config.document import Document, Mistake, Path
from gates.config.yaml_document import read_yaml
from gates.errors import ConfigError

__all__ = ["ComposeFile", "interpolate", "interpolated", "read_compose"]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = re.compile(r":?[-?+]")


@dataclass(frozen=True)
class ComposeFile:
    """One file.

    document  data, and the place of each key and value
    version   "1" where services stand at the top; else as written, "" where it is not
    path      where the services stand: () or ("services",)
    """

    document: Document
    version: str = ""
    path: Path = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def services(self) -> dict[str, Any]:
        """Each service as it is written; None and other things that are no mapping stay what they are."""
        found = self.data if not self.path else self.data.get("services")
        if not isinstance(found, dict):
            return {}
        return {name: value for name, value in found.items() if self.path or not _is_extension(name)}

    def section(self, name: str) -> dict[str, Any]:
        """`volumes`, `networks`, `secrets`; empty in the layout of version 1, which has none."""
        found = self.data.get(name) if self.path else None
        return found if isinstance(found, dict) else {}

    def mistake(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Mistake:
        """A mistake in a service: `path` begins with its name."""
        return self.document.mistake((*self.path, *path), message, hint, key=key)


def read_compose(raw: bytes, name: str) -> ComposeFile:
    """Read a file of either kind. Raises ConfigError where it is no YAML or no mapping; lesser mistakes are kept."""
    document = read_yaml(raw, name)
    return _laid_out(document, {} if document.data is None else document.data)


def interpolated(file: ComposeFile, environ: Mapping[str, str]) -> tuple[ComposeFile, list[Mistake]]:
    """The file with its variables replaced as Compose does it, and a mistake for each that cannot be.

    A variable that is not set is a mistake here, where Compose goes on with nothing in its place and a warning.
    """
    mistakes: list[Mistake] = []

    def replaced(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: replaced(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [replaced(inner, (*path, index)) for index, inner in enumerate(value)]
        if not isinstance(value, str) or "$" not in value:
            return value
        try:
            return interpolate(value, environ)
        except ConfigError as error:
            mistakes.append(file.document.mistake(path, error.message, error.hint))
            return value

    data = {name: value if _is_extension(name) else replaced(value, (name,)) for name, value in file.data.items()}
    return _laid_out(file.document, data), mistakes


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+instead}` (without ":" empty counts as
    set) and `$$` for one dollar sign. Raises ConfigError, which names the variable and never a value.
    """
    result, position = [], 0
    while (found := text.find("$", position)) >= 0:
        result.append(text[position:found])
        value, position = _variable(text, found + 1, environ)
        result.append(value)
    return "".join(result) + text[position:]


def _variable(text: str, start: int, environ: Mapping[str, str]) -> tuple[str, int]:
    """The value of what begins after a dollar sign, and where the text goes on."""
    if text.startswith("$", start):
        return "$", start + 1
    if not text.startswith("{", start):
        plain = NAME.match(text, start)
        if not plain:
            raise _unclear()
        return _value(plain[0], environ), plain.end()
    end = _closing(text, start + 1)
    inner = text[start + 1 : end]
    name = NAME.match(inner)
    if not name:
        raise _unclear()
    rest = inner[name.end() :]
    if not rest:
        return _value(name[0], environ), end + 1
    operator = OPERATOR.match(rest)
    if not operator:
        raise _unclear()
    return _conditional(name[0], operator[0], rest[operator.end() :], environ), end + 1


def _conditional(name: str, operator: str, argument: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name)
    there = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return interpolate(argument, environ) if there else ""
    if there:
        return value or ""
    if operator.endswith("-"):
        return interpolate(argument, environ)
    raise ConfigError(f"the variable {name} is not set: {argument}".removesuffix(": "))


def _value(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise ConfigError(
            f"the variable {name} is not set", hint=f"Set it, or write ${{{name}:-}} where nothing will do."
        )
    return environ[name]


def _closing(text: str, start: int) -> int:
    """Where the brace that was opened before `start` closes; defaults may hold variables of their own."""
    depth = 1
    for position in range(start, len(text)):
        if text[position] == "}":
            depth -= 1
            if not depth:
                return position
        elif text.startswith("${", position):
            depth += 1
    raise _unclear()


def _unclear() -> ConfigError:
    return ConfigError(
        "a dollar sign that begins no variable", hint="Write $$ for a dollar sign, ${NAME} for a variable."
    )


def _laid_out(document: Document, data: Any) -> ComposeFile:
    if not isinstance(data, dict):
        raise ConfigError("is not a mapping of services", where=document.name)
    version = data.get("version")
    written = "" if version is None or isinstance(version, dict) else str(version)
    # A service of version 1 may be called `services`; it then has keys of a service, and no services in it.
    sectioned = bool(written and written != "1") or _holds_services(data.get("services"))
    if sectioned:
        return ComposeFile(document, written, ("services",), data)
    return ComposeFile(
        document, "1", (), {name: value for name, value in data.items() if name != "version" or not written}
    )


def _holds_services(found: object) -> bool:
    return isinstance(found, dict) and all(value is None or isinstance(value, dict) for value in found.values())


def _is_extension(name: str) -> bool:
    return name.startswith(("x-", "."))
