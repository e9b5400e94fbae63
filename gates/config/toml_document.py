"""A table of pyproject.toml → Document.

`tomllib` reads the data but not where it stands, so the places come from a second, simple pass over the text. That pass
may rely on the text being valid TOML.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

from gates.config.document import Document, Path, decode
from gates.errors import ConfigError

__all__ = ["parse_toml", "read_table"]

LIMIT = 4 * 1024 * 1024
WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\])*"' + r"|'[^']*'",
    re.DOTALL,
)
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BARE_VALUE = re.compile(r"[^,\]}\n#]*")


def parse_toml(raw: bytes, name: str) -> dict[str, Any]:
    """The data of a TOML file. Raises ConfigError with line and column when it is not valid."""
    text = decode(raw, name, LIMIT)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = WHERE.search(str(error))
        last = f"{text.count(chr(10)) + 1}:1"
        place = f"{found[1]}:{found[2]}" if found and found[1] else last
        problem = WHERE.sub("", str(error))
        raise ConfigError(f"is not valid TOML: {problem[:1].lower()}{problem[1:]}", where=f"{name}:{place}") from None
    except RecursionError:
        raise ConfigError("is nested too deeply to be a configuration", where=name) from None


def read_table(raw: bytes, name: str, table: tuple[str, ...]) -> Document:
    """One table of a TOML file; paths in the document begin below that table."""
    data: Any = parse_toml(raw, name)
    for part in table:
        data = data[part]
    document = Document(name, data)
    scan = _Places(decode(raw, name, LIMIT).replace("\r\n", "\n"))
    scan.read()
    length = len(table)
    for found, places in ((scan.keys, document.keys), (scan.values, document.values)):
        places.update({path[length:]: place for path, place in found.items() if path[:length] == table})
    return document


class _Places:
    """Walks over valid TOML and notes line and column of every key and value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.array_lengths: dict[Path, int] = {}
        self._counted = (0, 1)

    def read(self) -> None:
        table: Path = ()
        self._skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANK)

    def _header(self) -> Path:
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path = self._key(())
        self.at += 2 if is_array else 1
        if is_array:
            index = self.array_lengths.get(path, -1) + 1
            self.array_lengths[path] = index
            path = (*path, index)
        return path

    def _pair(self, table: Path) -> None:
        path = self._key(table)
        self.at += 1  # "="
        self._value(path)

    def _key(self, table: Path) -> Path:
        """A dotted key; leaves the position at what follows it."""
        path = table
        while True:
            self._skip(BLANK)
            place = self._place()
            path = (*path, self._key_part())
            self.keys.setdefault(path, place)
            self._skip(BLANK)
            if self.text[self.at] != ".":
                return path
            self.at += 1
            if path in self.array_lengths:
                path = (*path, self.array_lengths[path])

    def _key_part(self) -> str:
        if self.text[self.at] in "\"'":
            quoted = self._take(STRING)
            return next(iter(tomllib.loads(f"{quoted} = 0")))
        return self._take(BARE_KEY)

    def _value(self, path: Path) -> None:
        self._skip(BLANK)
        self.values[path] = self._place()
        first = self.text[self.at]
        if first == "{":
            self._items("}", lambda index: self._pair(path))
        elif first == "[":
            self._items("]", lambda index: self._value((*path, index)))
        elif first in "\"'":
            self._take(STRING)
        else:
            self._take(BARE_VALUE)

    def _items(self, end: str, read: Callable[[int], None]) -> None:
        self.at += 1
        self._skip(BLANK)
        index = 0
        while self.text[self.at] != end:
            read(index)
            index += 1
            self._skip(BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(BLANK)
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None, "the text was parsed as TOML before"
        self.at = found.end()
        return found[0]

    def _place(self) -> tuple[int, int]:
        counted, line = self._counted
        line += self.text.count("\n", counted, self.at)
        self._counted = (self.at, line)
        return line, self.at - self.text.rfind("\n", 0, self.at)
