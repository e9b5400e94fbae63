"""How a line about a container says which image takes the place of which."""

from __future__ import annotations

import pytest

from gates.rancher.narrator import _change

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("acme/parrot:1", "acme/parrot:2", "acme/parrot:1 -> 2"),
        ("registry:5000/acme/parrot:1", "registry:5000/acme/parrot:2", "registry:5000/acme/parrot:1 -> 2"),
        ("registry:5000/parrot", "registry:5000/parrot:2", "registry:5000/parrot -> registry:5000/parrot:2"),
        ("acme/parrot:1", "acme/owl:1", "acme/parrot:1 -> acme/owl:1"),
        (f"acme/parrot@{A}", f"acme/parrot@{B}", "acme/parrot@sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb"),
        ("acme/parrot:1", f"acme/parrot@{B}", "acme/parrot:1 -> acme/parrot@sha256:bbbbbbbbbbbb"),
        ("", "acme/parrot:1", "acme/parrot:1"),
        ("acme/parrot:1", "acme/parrot:1", "acme/parrot:1"),
    ],
)  # fmt: skip
def test_images(old: str, new: str, shown: str) -> None:
    assert _change(old, new, "->") == shown
