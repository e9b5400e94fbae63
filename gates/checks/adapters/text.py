"""What the adapters for plain text share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.checks.adapters import Hit

__all__ = ["LONGEST", "plain", "severity_of", "with_notes"]

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\r(?=\n)")
"""Colours, cursor movements, links; some tools colour whatever they are told."""

LONGEST = 2000
"""Characters of a line that are looked at: some tools print whole minified files."""

WORDS = {
    "fatal": "critical",
    "critical": "critical",
    "blocker": "blocker",
    "error": "major",
    "err": "major",
    "failure": "major",
    "high": "major",
    "major": "major",
    "warning": "minor",
    "warn": "minor",
    "medium": "minor",
    "minor": "minor",
    "note": "info",
    "info": "info",
    "information": "info",
    "hint": "info",
    "style": "info",
    "low": "info",
}
LETTERS = {"f": "critical", "e": "major", "w": "minor", "c": "info", "r": "info", "i": "info", "n": "info"}


def plain(text: str) -> str:
    """The text without terminal escapes."""
    return ESCAPES.sub("", text) if "\x1b" in text or "\r" in text else text


def severity_of(word: str) -> str:
    """A tool's word ("error", "WARN", "E") as one of gates.finding.SEVERITIES, "" when it is none."""
    word = word.lower()
    return WORDS.get(word) or LETTERS.get(word, "")


def with_notes(hits: Iterator[Hit]) -> list[Hit]:
    """Notes go into the details of what they explain."""
    kept: list[Hit] = []
    for hit in hits:
        if hit.rule == "note" and kept:
            before = kept[-1]
            where = f"{hit.path}:{hit.line}: " if (hit.path, hit.line) != (before.path, before.line) else ""
            before.detail += f"{chr(10) if before.detail else ''}{where}{hit.message}"
        elif hit.rule != "note":
            kept.append(hit)
    return kept
