"""Reading the YAML of pipelines: with the line of each key, and with the tags of GitLab."""

from __future__ import annotations

from typing import Any

import yaml

from gates.errors import UsageError

__all__ = ["Map", "Reference", "line_of", "maps_in", "read_documents"]

MAX_BYTES = 1024 * 1024


class Map(dict[Any, Any]):
    """A mapping that knows the line (from 1) of each of its keys; merged and aliased ones where they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Any, int] = {}
        self.line = 0


class Reference(list[str]):
    """GitLab's `!reference [job, key]`."""


class Loader(yaml.SafeLoader):
    """YAML as GitLab and GitHub read it, where `on` is a text and not a truth."""


def _mapping(loader: Loader, node: yaml.MappingNode) -> Map:
    loader.flatten_mapping(node)
    found = Map()
    found.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int, float, bool)):
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = key_node.start_mark.line + 1
    return found


def _tagged(loader: Loader, suffix: str, node: yaml.Node) -> Any:
    if suffix == "reference" and isinstance(node, yaml.SequenceNode):
        return Reference(str(item) for item in loader.construct_sequence(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else _mapping(loader, node)  # type: ignore[arg-type]


Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
Loader.add_multi_constructor("!", _tagged)
# "on" and "off" are words here, dates are texts.
Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and not (tag == "tag:yaml.org,2002:bool" and first in "oOyYnN")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_documents(text: str, where: str) -> list[Any]:
    """Every document of a file. Raises UsageError with the line where it is no YAML."""
    if len(text) > MAX_BYTES:
        raise UsageError("this is too big for a pipeline", where=where)
    try:
        return list(yaml.load_all(text, Loader))
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"this is no YAML that can be read: {error.problem}", where=where + line) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"this is no YAML that can be read: {str(error).splitlines()[0]}", where=where) from None


def line_of(data: Any, key: Any = None) -> int:
    """The line of a key, else that of the mapping, 0 when unknown."""
    if not isinstance(data, Map):
        return 0
    return data.lines.get(key, data.line)


def maps_in(value: Any) -> list[Map]:
    """The mappings of a list; none where it is no list."""
    return [item for item in value if isinstance(item, Map)] if isinstance(value, list) else []
