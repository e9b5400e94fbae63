"""Collections: filters, sorting, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

__all__ = ["collection"]

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 3000
OPERATORS = ("eq", "ne", "lt", "lte", "gt", "gte", "prefix", "like", "notlike", "null", "notnull")
RESERVED = ("limit", "marker", "sort", "order", "include", "all", "projectid", "_format", "_method", "action")

Query = Sequence[tuple[str, str]]


def collection(kind: str, rows: list[dict[str, Any]], url: str, query: Query) -> dict[str, Any]:
    """The answer to a list: what passes all filters, sorted, one page of it."""
    filters, tests = _filters(rows, query)
    kept = [row for row in rows if all(test(row) for test in tests)]
    given = {name.lower(): value for name, value in query}
    _sort(kept, given.get("sort", ""), given.get("order", "asc"))
    limit = _limit(given.get("limit"))
    begin = _marker(given.get("marker", ""))
    page = kept[begin : begin + limit]
    following = begin + limit if begin + limit < len(kept) else None
    return {
        "type": "collection",
        "resourceType": kind,
        "links": {"self": url},
        "createTypes": {},
        "actions": {},
        "data": page,
        "sortLinks": {},
        "pagination": {
            "first": None,
            "previous": None,
            "next": _next(url, query, following) if following is not None else None,
            "limit": limit,
            "total": None,
            "partial": following is not None,
        },
        "sort": None,
        "filters": filters,
        "createDefaults": {},
    }


def _limit(text: str | None) -> int:
    try:
        limit = DEFAULT_LIMIT if text is None else int(text)
    except ValueError:
        limit = DEFAULT_LIMIT
    return limit if 0 < limit <= LARGEST_LIMIT else LARGEST_LIMIT


def _marker(text: str) -> int:
    found = re.fullmatch(r"m(\d+)", text)
    return int(found[1]) if found else 0


def _next(url: str, query: Query, begin: int) -> str:
    others = [(name, value) for name, value in query if name.lower() != "marker"]
    return f"{url}?{urlencode([*others, ('marker', f'm{begin}')])}"


def _sort(rows: list[dict[str, Any]], field: str, order: str) -> None:
    if not field or not any(field in row for row in rows):
        return
    rows.sort(key=lambda row: _sortable(row.get(field)), reverse=order.lower() == "desc")


def _sortable(value: object) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Numbers inside of ids count as numbers."""
    parts = re.findall(r"\d+|\D+", str(value))
    return value is not None, [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _filters(rows: list[dict[str, Any]], query: Query) -> tuple[dict[str, Any], list[Callable[[dict[str, Any]], bool]]]:
    """What is unknown is silently ignored, so that a typo lists everything."""
    known = {name for row in rows for name in row}
    shown: dict[str, Any] = {}
    tests = []
    for name, value in query:
        field, operator = _split(name, known)
        if field in known and name.lower() not in RESERVED:
            shown.setdefault(field, []).append({"value": value, "modifier": operator})
            tests.append(_test(field, operator, value))
    return shown, tests


def _split(name: str, known: set[str]) -> tuple[str, str]:
    if name in known:
        return name, "eq"
    field, _, operator = name.rpartition("_")
    return (field, operator) if operator in OPERATORS else (name, "eq")


def _test(field: str, operator: str, value: str) -> Callable[[dict[str, Any]], bool]:
    def text(row: dict[str, Any]) -> str:
        found = row.get(field)
        return str(found).lower() if isinstance(found, bool) else str(found)

    def number(row: dict[str, Any]) -> tuple[bool, list[tuple[bool, int, str]]]:
        return _sortable(row.get(field))

    pattern = re.compile("".join(".*" if letter == "%" else re.escape(letter) for letter in value), re.IGNORECASE)
    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        "eq": lambda row: row.get(field) is not None and text(row) == value,
        "ne": lambda row: text(row) != value,
        "lt": lambda row: number(row) < _sortable(value),
        "lte": lambda row: number(row) <= _sortable(value),
        "gt": lambda row: number(row) > _sortable(value),
        "gte": lambda row: number(row) >= _sortable(value),
        "prefix": lambda row: text(row).startswith(value),
        "like": lambda row: bool(pattern.fullmatch(text(row))),
        "notlike": lambda row: not pattern.fullmatch(text(row)),
        "null": lambda row: row.get(field) is None,
        "notnull": lambda row: row.get(field) is not None,
    }
    return tests[operator]
