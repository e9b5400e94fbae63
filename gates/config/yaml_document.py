"""gateline.yaml → Document.

Read from PyYAML's nodes rather than with its constructors: nodes know their line and column, a key written twice is
seen, nothing is ever built from a tag, and words keep to YAML 1.2, where `on`, `off`, `yes` and `no` are texts.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from gates.config.document import Document, Mistake, Path, decode
from gates.errors import ConfigError

__all__ = ["read_yaml"]

LIMIT = 256 * 1024
MAX_NODES = 50_000
"""Aliases may repeat parts of a file; beyond this many values it is an attack or an accident."""

MAX_DEPTH = 40
STRING = "tag:yaml.org,2002:str"
MAPPING = "tag:yaml.org,2002:map"
SEQUENCE = "tag:yaml.org,2002:seq"
MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """SafeLoader with the words of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _words, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    # PyYAML looks a text up by its first character; None stands for the empty text.
    _firsts: list[str | None] = [*_first, ""] if _tag == "null" else list(_first)
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_words})$"), _firsts)


def read_yaml(raw: bytes, name: str) -> Document:
    """Read a YAML file. Raises ConfigError where it cannot be read at all; lesser mistakes are in the document."""
    text = decode(raw, name, LIMIT)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, name, text) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"the character U+{ord(text[error.position]):04X} is not allowed in YAML", where=f"{name}:{line}"
        ) from None
    except RecursionError:
        raise _too_deep(name) from None
    document = Document(name)
    if node is not None:
        document.data = _Builder(document).build(node, (), 0)
    return document


def _too_deep(name: str) -> ConfigError:
    return ConfigError("is nested too deeply to be a configuration", where=name)


def _syntax_error(error: yaml.MarkedYAMLError, name: str, text: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return ConfigError(f"is not valid YAML: {error.problem}", where=name)
    problem = error.problem or error.context or "cannot be understood"
    hint = ""
    line = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    if "\\t" in problem or "\t" in line[: mark.column + 1]:
        problem, hint = "a tab", "Indent with spaces: YAML allows no tabs there."
    elif "single document" in (error.context or ""):
        problem, hint = "a second document begins", "A configuration is one document: take the line `---` out."
    elif "mapping values are not allowed" in problem:
        hint = "Look at the indentation, or put a text that holds a colon in quotes."
    elif error.context and error.context_mark is not None and error.problem:
        hint = f"It happened {error.context}, which begins in line {error.context_mark.line + 1}."
    return ConfigError(f"is not valid YAML: {problem}", where=f"{name}:{mark.line + 1}:{mark.column + 1}", hint=hint)


class _Builder:
    """Builds data from nodes, notes places, and counts what it builds."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.built = 0

    def build(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self.built += 1
        if self.built > MAX_NODES:
            raise ConfigError(
                f"holds more than {MAX_NODES:,} values once its aliases are written out", where=self.document.name
            )
        if depth > MAX_DEPTH:
            raise _too_deep(self.document.name)
        # Of an alias that stands in several places the first one is told.
        self.document.values.setdefault(path, _place(node))
        if isinstance(node, yaml.CollectionNode) and node.tag not in (MAPPING, SEQUENCE):
            self._wrong(node, f"the tag {node.tag!r} is not understood here", "Take it out.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                merged = {**self._merge(value_node, path, depth), **merged}
                continue
            key = self._key(key_node)
            here = (*path, key)
            if key in data:
                first = self.document.keys[here][0]
                self._wrong(key_node, f"the key {key!r} stands here a second time", f"The first is in line {first}.")
            self.document.keys[here] = _place(key_node)
            data[key] = self.build(value_node, here, depth + 1)
        return {**merged, **data}

    def _merge(self, node: yaml.Node, path: Path, depth: int) -> dict[str, Any]:
        """`<<: *common`, or a list of such, of which the earlier wins."""
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        data: dict[str, Any] = {}
        for part in parts:
            if isinstance(part, yaml.MappingNode):
                data = {**self.build(part, path, depth + 1), **data}
            else:
                self._wrong(part, "`<<` takes in mappings only", "Write <<: *name, where &name marks a mapping.")
        return data

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, "a key must be a word, not a list or a mapping")
            return ""
        return str(node.value)

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        kind = node.tag.rpartition(":")[2] if node.tag.startswith("tag:yaml.org,2002:") else ""
        try:
            if kind == "int":
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            if kind == "float":
                return float(text)
        except ValueError:
            # `!!int one`, or a number with thousands of digits
            kind = ""
        if kind == "bool":
            return text.lower() == "true"
        if kind == "null":
            return None
        if node.tag not in (STRING, MERGE):
            self._wrong(node, f"a value with the tag {node.tag!r} is not understood here", "Put a text in quotes.")
        return text

    def _wrong(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.document.mistakes.append(Mistake(*_place(node), message, hint))


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
