"""A verdict for a person to read. Reading is not verifying, and the text says so."""

from __future__ import annotations

from typing import Any

from gates.attest.dsse import open_envelope
from gates.attest.sign import evidence_path
from gates.attest.strict_json import parse_object, read_file
from gates.errors import VerdictError

__all__ = ["summary"]


def summary(path: str) -> str:
    """Some lines about the verdict in `path`, signed or unsigned. Raises VerdictError when it cannot be read."""
    raw = read_file(path, "the verdict")
    outer = parse_object(raw, "the verdict")
    if "signatures" in outer:
        envelope = open_envelope(raw)
        statement = parse_object(envelope.payload, "the statement")
        signature = f"claims to be signed by {envelope.keyid}; not checked here, use `gateline verify`"
    else:
        statement, signature = outer, "none: nothing can be deployed with it"
    try:
        lines = _lines(statement)
    except (KeyError, TypeError, AttributeError) as error:
        raise VerdictError(f"this is not laid out as a verdict ({type(error).__name__}: {error})", where=path) from None
    return "\n".join([*lines, _row("signature", signature), *_gates(path)])


def _lines(statement: dict[str, Any]) -> list[str]:
    predicate = statement["predicate"]
    rows = [
        ("result", predicate["verificationResult"]),
        ("repository", predicate["resourceUri"]),
        *((_kind(subject), value) for subject in statement["subject"] for value in subject["digest"].values()),
        *(
            ("ref", ref)
            for subject in statement["subject"]
            for ref in subject.get("annotations", {}).get("sourceRefs", [])
        ),
        ("time", predicate["timeVerified"]),
        ("policy", "sha256:" + predicate["policy"]["digest"]["sha256"]),
    ]
    return [_row(name, value) for name, value in rows]


def _kind(subject: dict[str, Any]) -> str:
    return {"gitCommit": "commit", "gitTree": "tree"}.get(next(iter(subject["digest"])), "image")


def _gates(path: str) -> list[str]:
    """One line for each gate from the evidence beside the verdict."""
    try:
        raw = read_file(evidence_path(path), "the evidence of the verdict")
        pieces = [parse_object(line, "the evidence") for line in raw.splitlines()]
        notes = [piece["predicate"]["configuration"][0]["annotations"] for piece in pieces]
        return [_row("gate", f"{note['gate']}: {_with_reason(note)}") for note in notes]
    except (VerdictError, KeyError, TypeError, IndexError) as error:
        return [_row("gates", f"unknown, {error}")]


def _with_reason(note: dict[str, Any]) -> str:
    return f"{note['status']} ({note['reason']})" if note["reason"] else str(note["status"])


def _row(name: str, value: object) -> str:
    # A verdict is foreign text: what it holds must not move the cursor or colour the terminal.
    text = "".join(character if character.isprintable() else "?" for character in str(value))
    return f"{name:<11}{text}"
