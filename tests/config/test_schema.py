"""The published schema: valid, complete, and the same judge as Gateline itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from gates.config.build import build_gate
from gates.config.document import Document
from gates.config.load import settings_of
from gates.config.schema import common_options, gate_defaults, kind_options, kinds, schema
from gates.settings import BLOCKS, DOORS, FIXES, GateSettings
from tests.config.mistakes import MISTAKES


def options(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every option that the schema describes, with its path."""
    if isinstance(node, dict):
        for name, option in node.get("properties", {}).items():
            if isinstance(option, dict) and set(option) - {"default", "if", "then", "else"}:
                yield f"{path}.{name}", option
        for key, below in node.items():
            yield from options(below, f"{path}.{key}")


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_every_option_has_a_description_and_a_title_for_messages() -> None:
    found = dict(options(schema()))
    assert len(found) > 80
    for path, option in found.items():
        if ".if." in path or ".named." in path or "const" in option:
            continue
        assert option.get("description"), path
        assert option.get("title") or "$ref" in option, path


def test_the_words_are_those_of_the_settings() -> None:
    assert tuple(schema()["$defs"]["door"]["enum"]) == DOORS
    assert tuple(common_options()["block"]["enum"]) == BLOCKS
    assert tuple(common_options()["fix"]["enum"]) == FIXES
    assert set(common_options()) | {"name", "options"} == set(GateSettings.__slots__)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_repeats_all_common_options_and_its_defaults_are_valid(kind: str) -> None:
    own = schema()["$defs"][f"kind_{kind}"]["properties"]
    assert set(common_options()) <= set(own)
    defaults = gate_defaults(kind)
    data = {"gates": {kind: {**defaults, "run": "x"}}}
    assert list(Draft202012Validator(schema()).iter_errors(data)) == []
    gate = build_gate(kind, {})
    assert set(gate.options) <= set(kind_options(kind))


@pytest.mark.parametrize("name", MISTAKES)
def test_editors_see_the_mistakes_that_gateline_tells(name: str) -> None:
    """A file that Gateline refuses for its content is refused by the bare schema too."""
    beyond_a_schema = {
        "deploy requires a gate that is not there",
        "duplicate gate",
        "bad glob",
        "bad regular expression",
        "merging a text",
        "a key that is a list",
        "a huge file",
        "rather deep",
        "YAML 1.1 boolean",
    }
    try:
        data = yaml.safe_load(MISTAKES[name][0])
    except (yaml.YAMLError, RecursionError, ValueError):
        return
    if name not in beyond_a_schema and name != "an alias of itself":
        assert not Draft202012Validator(schema()).is_valid(data)


def test_a_mistake_without_a_known_place_is_told_with_the_file_name() -> None:
    mistake = Document("gateline.yaml").mistake(("gates",), "is odd")
    assert mistake.where("gateline.yaml") == "gateline.yaml"


def test_settings_of_a_file_by_its_name() -> None:
    assert settings_of("gateline.yaml", b"gates: {secrets: }").source == "gateline.yaml"
