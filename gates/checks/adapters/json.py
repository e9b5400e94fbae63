"""JSON of any tool that Gateline knows, told apart by its shape, for `format: json` and `report`."""

from __future__ import annotations

from typing import Any

from gates.checks.adapters import Output, Report, UnreadableError, reader
from gates.checks.adapters.documents import documents

__all__ = ["read"]

SHAPES = (
    ("sarif", "runs"),
    ("eslint", "filePath"),
    ("ruff", "end_location"),
    ("pyright", "generalDiagnostics"),
    ("pylint", "statistics"),
    ("pylint", "message-id"),
    ("stylelint", "parseErrors"),
    ("shellcheck", "comments"),
    ("shellcheck", "endColumn"),
    ("code_quality", "check_name"),
)
"""Adapter, and a name that only its objects have."""


def read(output: Output) -> Report:
    first = _first(documents(output))
    if first is None:
        return Report()  # an empty list: nothing was found, whatever tool it was
    for name, mark in SHAPES:
        if mark in first:
            return reader(name)(output)
    raise UnreadableError("its JSON is of no known tool; `format: sarif` or `format: regex` may help")


def _first(found: list[Any]) -> dict[str, Any] | None:
    for document in found:
        for item in document if isinstance(document, list) else [document]:
            if isinstance(item, dict):
                return item
    return None
