"""The shape of a Compose file: the published schema decides, and each of its errors becomes a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator

from gates.checks.compose.issue import Issue, issue, meant
from gates.compose_file import ComposeFile
from gates.config.document import Path

__all__ = ["SPECIFICATION", "kind_of_file", "shape"]

SPECIFICATION, V1, V2, RANCHER = "compose-spec", "compose-v1", "compose-v2.4", "rancher-compose"

DRAFTS: Mapping[str, Any] = {
    SPECIFICATION: Draft202012Validator,
    V1: Draft4Validator,
    V2: Draft4Validator,
    RANCHER: Draft7Validator,
}
CONTAINER_KEYS_OF_RANCHER = frozenset({"secrets", "network_mode", "environment", "isolation", "logging"})
"""What Rancher takes in files of version 2 and docker-compose does not, or only in later versions."""

WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}

Broken = Any
"""A jsonschema ValidationError; its attributes are declared so widely that a type would only bring casts."""


def kind_of_file(file: ComposeFile) -> str:
    """Which schema a file must keep to."""
    if os.path.basename(file.name).startswith("rancher-compose"):
        return RANCHER
    if file.version.startswith("2"):
        return V2
    if file.version == "1" and not _is_specification(file):
        return V1
    return SPECIFICATION


def _is_specification(file: ComposeFile) -> bool:
    """Whether a file without `services` and `version` is of today's form, such as one that only includes others."""
    written = file.document.data if isinstance(file.document.data, dict) else {}
    sections = set(_schema(SPECIFICATION)["properties"])
    return bool(written) and all(name in sections or name.startswith("x-") for name in written)


@cache
def _schema(kind: str) -> dict[str, Any]:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemas", f"{kind}.json")
    with open(path, encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    # Its name of itself would be resolved against the network; references within it need none.
    return {key: value for key, value in schema.items() if key not in ("id", "$id")}


def shape(file: ComposeFile, *, with_rancher: bool) -> list[Issue]:
    """What does not fit the schema. `with_rancher`: a rancher-compose file stands beside it, so Rancher reads it."""
    kind = kind_of_file(file)
    schema = _schema(kind)
    if kind not in (V1, RANCHER):
        return _once(_Told(file, kind, (), with_rancher), DRAFTS[kind](schema).iter_errors(file.document.data))
    issues = list(_unknown_sections(file, kind))
    part = {"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": "#/definitions/service"}
    for name, service in file.services.items():
        if service is not None or kind == V1:
            told = _Told(file, kind, (*file.path, name), with_rancher)
            issues += _once(told, DRAFTS[kind](part).iter_errors(service))
    return issues


def _once(told: _Told, errors: Iterable[Broken]) -> list[Issue]:
    """An issue for each error; of a value of the wrong type nothing else is said, and nothing is said twice."""
    errors = list(errors)
    wrong = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    issues = [
        issue
        for error in errors
        if error.validator == "type" or tuple(error.absolute_path) not in wrong
        for issue in _tell(told, error)
    ]
    return list(dict.fromkeys(issues))


def _unknown_sections(file: ComposeFile, kind: str) -> Iterator[Issue]:
    if kind != RANCHER or not file.path:
        return
    known = [*_schema(RANCHER)["properties"], ".catalog"]
    for name in file.data:
        if name not in known and not name.startswith("x-"):
            yield _unknown(file, (name,), name, known)


class _Told:
    """What telling an error needs to know.

    base  where in the file the checked part begins
    """

    def __init__(self, file: ComposeFile, kind: str, base: Path, with_rancher: bool) -> None:
        self.file = file
        self.kind = kind
        self.base = base
        self.with_rancher = with_rancher

    def also_known(self, path: Path) -> frozenset[str]:
        """Keys at `path` that another file's schema knows and that Rancher, which reads both as one, takes here."""
        section = path[len(self.file.path) :]
        if len(section) == 1 and (self.kind == RANCHER or (self.with_rancher and self.kind in (V1, V2))):
            both = _schema(RANCHER)["definitions"]["service"]["properties"], _service_keys(V2), _service_keys(V1)
            return frozenset().union(*both) | CONTAINER_KEYS_OF_RANCHER
        if not path and self.with_rancher and self.kind == V2:
            return frozenset({"secrets", "catalog", ".catalog"})
        return frozenset()


def _service_keys(kind: str) -> set[str]:
    return set(_schema(kind)["definitions"]["service"]["properties"])


def _tell(told: _Told, error: Broken) -> Iterator[Issue]:
    path = (*told.base, *error.absolute_path)
    if _has_variable(error.instance):
        return  # what it will be is known when it is replaced
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        yield from _tell_unknown(told, error, path)
    elif error.validator in ("oneOf", "anyOf"):
        yield from _tell_alternatives(told, error, path)
    else:
        yield issue(told.file, "schema", path, f"{_name(path)} {_sentence(error)}", top=True)


def _has_variable(value: object) -> bool:
    return isinstance(value, str) and "$" in value


def _tell_unknown(told: _Told, error: Broken, path: Path) -> Iterator[Issue]:
    known, patterns = _known_keys(error.schema, _schema(told.kind))
    also = told.also_known(path)
    for key in error.instance:
        if key in known or key in also or any(_matches(pattern, key) for pattern in patterns):
            continue
        yield _unknown(told.file, (*path, key), key, [*known, *also])


def _unknown(file: ComposeFile, path: Path, key: str, known: list[str]) -> Issue:
    hint = meant(key, known)
    if not hint and key in _schema(RANCHER)["definitions"]["service"]["properties"]:
        hint = "It belongs into rancher-compose.yml."
    where = f" in {_name(path[:-1])}" if len(path) > 1 else ""
    return issue(file, "unknown-key", path, f"unknown key {key!r}{where}", hint, key=True, top=True)


def _known_keys(schema: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Names and patterns of the keys that a schema allows, those of the schemas it is made of included."""
    if "$ref" in schema:
        return _known_keys(root[str(schema["$ref"]).split("/")[1]][str(schema["$ref"]).split("/")[2]], root)
    known, patterns = list(schema.get("properties", ())), list(schema.get("patternProperties", ()))
    for part in schema.get("allOf", ()):
        more = _known_keys(part, root)
        known += more[0]
        patterns += more[1]
    return known, patterns


def _matches(pattern: str, key: str) -> bool:
    import re

    return re.search(pattern, key) is not None


def _tell_alternatives(told: _Told, error: Broken, path: Path) -> Iterator[Issue]:
    """Of several forms, tell the errors of the one that is meant by the type of what stands there."""
    branches: dict[int, list[Broken]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [inner for inner in branches.values() if not any(_is_wrong_type(one) for one in inner)]
    if len(fitting) == 1:
        for inner in fitting[0]:
            yield from _tell(_Told(told.file, told.kind, told.base, told.with_rancher), inner)
        return
    types = [WORDS[name] for inner in branches.values() for one in inner if _is_wrong_type(one) for name in _types(one)]
    wanted = " or ".join(dict.fromkeys(types))
    said = f"must be {wanted}, not {_shown(error.instance)}" if wanted and not fitting else "is not of any allowed form"
    yield issue(told.file, "schema", path, f"{_name(path)} {said}", top=True)


def _is_wrong_type(error: Broken) -> bool:
    return error.validator == "type" and not error.path


def _types(error: Broken) -> list[str]:
    return [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)


def _sentence(error: Broken) -> str:
    """What is wrong with a value. The value itself may be a secret, so only its type is told."""
    wanted = error.validator_value
    if error.validator == "type":
        return f"must be {' or '.join(WORDS[name] for name in _types(error))}, not {_shown(error.instance)}"
    if error.validator == "enum":
        choices = [str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in wanted]
        hint = meant(error.instance, choices)
        return f"must be one of {', '.join(dict.fromkeys(choices))}" + (
            f"; {hint[0].lower()}{hint[1:]}" if hint else ""
        )
    if error.validator == "required":
        missing = [name for name in wanted if name not in error.instance]
        return f"has no {' and no '.join(missing)}"
    if error.validator == "uniqueItems":
        return "names something twice"
    if error.validator == "pattern":
        return f"does not have the form {wanted}"
    if error.validator in ("dependencies", "dependentRequired"):
        return f"needs another key: {error.message.split(' is a dependency', 1)[0]}"
    return f"breaks the rule {error.validator}: {json.dumps(wanted)[:80]}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    for form, word in ((dict, "a mapping"), (list, "a list"), (str, "a text"), (int, "a whole number")):
        if isinstance(value, form):
            return word
    return "a number"


def _name(path: Path) -> str:
    """A place in the file for a person: services.web.ports[0]."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text[1:] or "the file"
