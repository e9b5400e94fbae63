"""Single lines: about a container whose image is replaced, and about a deploy in the history."""

from __future__ import annotations

from typing import Any

import pytest

from gates.rancher.narrator import _change
from gates.rancher.record import line, paragraph

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


ENTRY: dict[str, Any] = {
    "at": "2026-11-24T10:00:00Z",
    "verb": "deploy",
    "by": "ada (job 17)",
    "target": {"stack": "gf-chat", "service": "parrot-rest"},
    "commit": "0123456789abcdef",
    "verdict": {"signed_by": "SHA256:abc"},
    "result": "deployed",
    "old_images": {"": "acme/parrot:1"},
    "new_images": {"": "acme/parrot:2"},
    "seconds": 61.4,
}


def test_a_deploy_in_the_history() -> None:
    assert line(ENTRY) == (
        "2026-11-24T10:00:00Z  deploy gf-chat/parrot-rest  deployed  acme/parrot:1 -> acme/parrot:2  "
        "by ada (job 17)  commit 0123456789ab  verdict SHA256:abc  61 s"
    )
    assert paragraph(ENTRY) == [
        "2026-11-24T10:00:00Z  deploy gf-chat/parrot-rest  deployed  61 s",
        "    acme/parrot:1 -> acme/parrot:2",
        "    by ada (job 17), commit 0123456789ab, verdict SHA256:abc",
    ]


def test_a_deploy_without_an_end() -> None:
    entry = {name: ENTRY[name] for name in ("at", "verb", "by", "target")} | {"result": "unknown"}
    assert paragraph(entry) == [
        "2026-11-24T10:00:00Z  deploy gf-chat/parrot-rest  unknown  no end recorded: killed, or still running",
        "    by ada (job 17)",
    ]


def test_the_call_of_a_receiver() -> None:
    entry = ENTRY | {"verb": "webhook", "target": {}, "old_images": None, "result": "running", "reason": "nobody knows"}
    assert "  webhook  running  acme/parrot:2  by " in line(entry)
    assert paragraph(entry)[-1] == "    nobody knows"
