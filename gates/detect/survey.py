"""What detection knows of a tree: its file names, and the few files it reads."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = ["Choice", "Survey", "table", "texts"]

FOREIGN = re.compile(r"(^|/)(node_modules|\.venv|venv|vendor|third_party|site-packages|dist|build)/")
READ_LIMIT = 1024 * 1024
"""A manifest bigger than this is not read: detection must stay cheap."""


@dataclass
class Choice:
    """One gate that was chosen.

    name     its name in the configuration
    options  its options as one would write them
    why      for a person, what in the repository speaks for it
    """

    name: str
    options: dict[str, Any]
    why: str
    kind: str = field(default="")

    def __post_init__(self) -> None:
        self.kind = self.kind or self.name


class Survey:
    """A tree, or a folder of it (then all paths are relative to that folder).

    Nothing here raises for what a repository may hold: a manifest that cannot be parsed is as good as none, because
    the tool that owns it will say so better.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | None], folder: str = "") -> None:
        self.folder = folder
        self._read = read
        self.paths = [path for path in paths if not FOREIGN.search(path)]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(self.paths)

    def below(self, folder: str) -> Survey:
        """The part of the tree in one folder."""
        prefix = folder + "/"
        inside = [path[len(prefix) :] for path in self.paths if path.startswith(prefix)]
        return Survey(inside, lambda path: self._read(prefix + path), folder)

    def first(self, *names: str) -> str:
        """The first of these files that is there, else ""."""
        return next((name for name in names if name in self.names), "")

    def matching(self, pattern: re.Pattern[str]) -> list[str]:
        return [path for path in self.paths if pattern.search(path)]

    def has_ending(self, *endings: str) -> bool:
        return any(path.endswith(endings) for path in self.paths)

    def text(self, name: str) -> str:
        """The text of a file, "" when it is not there or too big."""
        if name not in self.names:
            return ""
        raw = self._read(name)
        return "" if raw is None or len(raw) > READ_LIMIT else raw.decode("utf-8", "replace")

    def json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def toml(self, name: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}

    def ini(self, name: str) -> configparser.RawConfigParser:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error:
            return configparser.RawConfigParser()
        return parser


def table(data: Any, *names: str) -> dict[str, Any]:
    """A table inside nested tables, {} when anything on the way is missing or something else."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(value: Any) -> Sequence[str]:
    """The texts of a list, () when it is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else ()
