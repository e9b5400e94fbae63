"""JSON as tools print it: between other lines, several documents in a row, one on each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gates.checks.adapters import Output, UnreadableError

__all__ = ["documents", "entries", "number", "text_of"]

DECODER = json.JSONDecoder()


def documents(output: Output) -> list[Any]:
    """Every JSON list and object that starts a line of either output. Raises UnreadableError when there is none."""
    for text in (output.stdout, output.stderr):
        found = list(_decode(text))
        if found:
            return found
    raise UnreadableError("its output has no JSON")


def entries(output: Output) -> list[dict[str, Any]]:
    """The objects of all documents: those in lists, and those that stand alone."""
    found: list[dict[str, Any]] = []
    for document in documents(output):
        for item in document if isinstance(document, list) else [document]:
            if not isinstance(item, dict):
                raise UnreadableError("its JSON has something else than objects in its list")
            found.append(item)
    return found


def number(value: Any) -> int:
    """A line or column, 0 for null and for anything else that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _decode(text: str) -> Iterator[Any]:
    position = 0
    while position < len(text):
        start = _next_start(text, position)
        if start < 0:
            return
        try:
            value, position = DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            # A line like "[build] done" is no JSON; a document that is cut off is not to be taken for such a line.
            if text[start : start + 2] in ("[{", '{"', "[\n", "{\n"):
                raise UnreadableError("its JSON is broken or cut off") from None
            position = start + 1
            continue
        yield value


def _next_start(text: str, position: int) -> int:
    """Index of the next "[" or "{" that starts a line or follows the end of a document directly."""
    if position and text[position : position + 1] in ("[", "{"):
        return position
    candidates = [text.find(f"\n{mark}", max(0, position - 1)) + 1 for mark in "[{"]
    if position == 0 and text[:1] in ("[", "{"):
        return 0
    return min((found for found in candidates if found > 0), default=-1)
