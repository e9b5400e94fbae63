"""Compose files as read: both layouts, and variables as Compose understands them."""

from __future__ import annotations

import pytest

from gates.compose_file import interpolate, interpolated, read_compose
from gates.errors import ConfigError

ENVIRON = {"TAG": "2", "EMPTY": "", "PRICE": "${TAG}"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("acme/parrot:$TAG", "acme/parrot:2"),
        ("${TAG}${TAG}", "22"),
        ("$TAG-$TAG.", "2-2."),
        ("costs $$5, $${TAG}", "costs $5, ${TAG}"),
        ("${NOT:-1}", "1"),
        ("${EMPTY:-1}", "1"),
        ("${EMPTY-1}", ""),
        ("${NOT-1}", "1"),
        ("${TAG:-1}", "2"),
        ("${NOT:-${TAG}}", "2"),
        # The first closing brace ends it, as in Compose; the second one stands as it is.
        ("${NOT:-{}}", "{}"),
        ("${NOT:-a}b}", "ab}"),
        ("${TAG:+yes}", "yes"),
        ("${EMPTY:+yes}", ""),
        ("${EMPTY+yes}", "yes"),
        ("${NOT+yes}", ""),
        ("${TAG:?needed}", "2"),
        ("${EMPTY?needed}", ""),
        ("${PRICE}", "${TAG}"),
    ],
)
def test_variables(text: str, value: str) -> None:
    assert interpolate(text, ENVIRON) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$NOT", "the variable NOT is not set"),
        ("${NOT}", "the variable NOT is not set"),
        ("${EMPTY:?give a tag}", "the variable EMPTY is not set: give a tag"),
        ("${NOT:?}", "the variable NOT is not set"),
        ("${NOT:-${ALSO}}", "the variable ALSO is not set"),
        ("$", "begins no variable"),
        ("$5", "begins no variable"),
        ("${}", "begins no variable"),
        ("${TAG", "begins no variable"),
        ("${TAG!x}", "begins no variable"),
        ("${1A}", "begins no variable"),
    ],
)
def test_what_is_no_variable_or_not_set(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("$", r"\$")):
        interpolate(text, ENVIRON)


@pytest.mark.parametrize(
    ("text", "version", "services"),
    [
        ("web: {image: a}\n.catalog: {name: x}\nx-common: {}\n", "1", ["web"]),
        ("version: '2'\nservices: {web: {image: a}}\nvolumes: {data: }\n", "2", ["web"]),
        ("version: 2.1\nservices: {web: {image: a}}\n", "2.1", ["web"]),
        ("services: {web: {image: a}, empty: }\n", "", ["web", "empty"]),
        ("services: {image: a, command: x}\n", "1", ["services"]),
        ("version: '1'\nweb: {image: a}\n", "1", ["web"]),
        ("version: {image: a}\n", "1", ["version"]),
        ("version: '2'\n", "2", []),
        ("", "1", []),
    ],
)
def test_layouts(text: str, version: str, services: list[str]) -> None:
    file = read_compose(text.encode(), "docker-compose.yml")
    assert (file.version, list(file.services)) == (version, services)


def test_sections_are_those_of_version_2() -> None:
    assert read_compose(b"version: '2'\nvolumes: {data: {external: true}}\n", "f").section("volumes") == {
        "data": {"external": True}
    }
    assert read_compose(b"volumes: {image: x}\n", "f").section("volumes") == {}
    assert read_compose(b"version: '2'\nvolumes: [a]\n", "f").section("volumes") == {}


@pytest.mark.parametrize("text", ["- a\n", "just a text\n"])
def test_a_file_that_is_no_mapping(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a mapping of services"):
        read_compose(text.encode(), "docker-compose.yml")


def test_each_missing_variable_is_told_with_its_place() -> None:
    text = b"""version: '2'
x-unused: ${NOT_USED}
services:
  web:
    image: acme/web:${TAG}
    environment:
      PASSWORD: ${DB_PASSWORD}
    ports: ["80:80", "${PORT}:81"]
"""
    file, mistakes = interpolated(read_compose(text, "docker-compose.yml"), ENVIRON)
    assert file.services["web"]["image"] == "acme/web:2"
    assert file.services["web"]["environment"] == {"PASSWORD": "${DB_PASSWORD}"}
    assert [(mistake.where(file.name), mistake.message) for mistake in mistakes] == [
        ("docker-compose.yml:7:17", "the variable DB_PASSWORD is not set"),
        ("docker-compose.yml:8:22", "the variable PORT is not set"),
    ]


def test_mistakes_of_a_service_find_their_place_in_both_layouts() -> None:
    for text in (b"web:\n  image: 5\n", b"services:\n  web: {image: 5}\n"):
        file = read_compose(text, "f")
        assert file.mistake(("web", "image"), "no").line == 2
        assert file.mistake(("web", "imgae"), "no", key=True).line == (1 if not file.path else 2)
