"""Whatever a file holds, reading it ends in settings or in a ConfigError."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.config import load_settings
from gates.config.toml_document import read_table
from gates.config.yaml_document import read_yaml
from gates.errors import ConfigError

WORDS = ["gates", "lint", "run", "doors", "commit", "time_limit", "deploy", "rancher", "x", "1", "true", "~", "2s"]
SIGNS = [
    ":",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "&a ",
    "*a",
    "<<: ",
    '"',
    "'",
    "!t ",
    "|",
    "# ",
    "\t",
]
yaml_text = st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=40).map("".join)

key = st.one_of(st.sampled_from(["a", "b-c", '"d e"', "'f.g'", "a.b", '"a" . b']), st.integers(0, 99).map(str))
scalar = st.sampled_from(
    [
        "1",
        "1.5",
        "true",
        '"x"',
        '"a\\"b # ] }"',
        "'c:\\d'",
        '"""\na\n"b" ""\\""""',
        "'''x'y''z'''",
        '""""quoted"""""',
        '""',
        "1979-05-27 07:32:00",
        "[]",
        "{}",
        "0xff",
        "''''''",
    ]
)


def in_list(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, max_size=3).map(lambda items: "[ # list\n" + ",\n ".join(items) + "]")


def in_table(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(key, values), max_size=3)
    return pairs.map(lambda items: "{" + ", ".join(f"{name} = {value}" for name, value in items) + "}")


value = st.recursive(scalar, lambda inner: in_list(inner) | in_table(inner), max_leaves=6)
line = st.one_of(
    st.tuples(key, value).map(" = ".join),
    key.map(lambda name: f"[t.{name}]"),
    key.map(lambda name: f"[[ t . {name} ]] # more"),
    st.just("# comment"),
)
toml_text = st.lists(line, max_size=8).map(lambda lines: "[t]\n" + "\n".join(lines) + "\n")


any_text = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=80), yaml_text.map(str.encode), any_text))
def test_a_yaml_file(raw: bytes) -> None:
    try:
        document = read_yaml(raw, "gateline.yaml")
        load_settings(None, {"gateline.yaml": raw}.get)
    except ConfigError as error:
        assert "gateline.yaml" in str(error)
    else:
        assert isinstance(document.data, dict)


def paths(data: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    if isinstance(data, dict):
        for name, inner in data.items():
            found |= paths(inner, (*path, name))
    if isinstance(data, list):
        for index, inner in enumerate(data):
            found |= paths(inner, (*path, index))
    return found


@settings(max_examples=300, deadline=None)
@given(toml_text)
def test_a_toml_file_gives_a_place_to_every_key(text: str) -> None:
    try:
        data = tomllib.loads(text)["t"]
    except tomllib.TOMLDecodeError:
        return
    document = read_table(text.encode(), "pyproject.toml", ("t",))
    known = {*document.keys, *document.values}
    # An element of an array of tables is a header, which has no key of its own.
    wanted = {path for path in paths(data) if not isinstance(path[-1], int) or path in document.values}
    assert wanted <= known
    for line_number, column in document.keys.values():
        assert text.splitlines()[line_number - 1][column - 1 : column].strip()
