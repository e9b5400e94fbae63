"""A configuration as read, with the place of each key and value in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gates.errors import ConfigError

__all__ = ["Document", "Mistake", "Path", "decode", "raise_mistakes"]

Path = tuple[str | int, ...]
"""Where in the data: ("gates", "lint", "doors", 0)."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing wrong at a line and column (both 1-based; 0 when not known)."""

    line: int
    column: int
    message: str
    hint: str = ""

    def where(self, name: str) -> str:
        return f"{name}:{self.line}:{self.column}" if self.line else name


@dataclass
class Document:
    """name      file name for messages
    data      plain Python data
    keys      path -> line and column of the key that leads there
    values    path -> line and column of the value
    mistakes  what reading it already found wrong
    """

    name: str
    data: Any = None
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Mistake:
        """A mistake at the value of `path` (with `key`: at its key), or at the nearest known place above it."""
        places = (self.keys, self.values) if key else (self.values, self.keys)
        for end in range(len(path), -1, -1):
            for known in places:
                if path[:end] in known:
                    return Mistake(*known[path[:end]], message, hint)
        return Mistake(0, 0, message, hint)


def decode(raw: bytes, name: str, limit: int) -> str:
    """The text of a configuration file. Raises ConfigError when it is too big or not UTF-8."""
    if len(raw) > limit:
        raise ConfigError(
            f"is {len(raw) // 1024:,} KiB long; a configuration has at most {limit // 1024:,} KiB", where=name
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        byte = raw[error.start]
        raise ConfigError(
            f"is not UTF-8 text: byte 0x{byte:02x} does not belong there",
            where=f"{name}:{line}:{column}",
            hint="Save the file as UTF-8.",
        ) from None


def raise_mistakes(name: str, mistakes: Sequence[Mistake]) -> None:
    """Raise one ConfigError that tells all mistakes in the order of the file; nothing when there are none."""
    ordered = sorted(set(mistakes))
    if not ordered:
        return
    if len(ordered) == 1:
        raise ConfigError(ordered[0].message, where=ordered[0].where(name), hint=ordered[0].hint)
    lines = [f"{name} has {len(ordered)} mistakes"]
    for mistake in ordered:
        lines.append(f"  {mistake.where(name)}: {mistake.message}")
        if mistake.hint:
            lines.append(f"    {mistake.hint}")
    raise ConfigError("\n".join(lines))
