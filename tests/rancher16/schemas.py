"""Schemas: enough of them for the clients that refuse a server without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.rancher16.problems import not_found
from tests.rancher16.tables import KINDS

__all__ = ["answer", "root", "versions"]

OTHERS = ("subscribe", "schema")


def versions(base: str, known: Sequence[str]) -> dict[str, Any]:
    """What is at the bare address of the server."""
    data = [{"id": name, "type": "apiVersion", "links": {"self": f"{base}/{name}"}, "actions": {}} for name in known]
    return {
        "type": "collection",
        "resourceType": "apiVersion",
        "links": {"self": f"{base}/", "latest": f"{base}/{known[-1]}"},
        "actions": {},
        "data": data,
    }


def root(base: str, version: str) -> dict[str, Any]:
    """What is at the address of a version."""
    links = {kind.plural: f"{base}/{version}/{kind.plural}".lower() for kind in KINDS}
    return {"id": version, "type": "apiVersion", "links": {"self": f"{base}/{version}", **links}, "actions": {}}


def answer(url: str, rest: Sequence[str], version: str) -> dict[str, Any]:
    """All schemas, or one of them."""
    schemas = [_schema(url, name, plural) for name, plural in _names(version)]
    if not rest:
        return {
            "type": "collection",
            "resourceType": "schema",
            "links": {"self": url},
            "createTypes": {},
            "actions": {},
            "data": schemas,
        }
    found = [schema for schema in schemas if rest[0].lower() in (schema["id"].lower(), schema["pluralName"].lower())]
    if not found:
        raise not_found()
    return found[0]


def _names(version: str) -> list[tuple[str, str]]:
    names = [(kind.type, kind.plural) for kind in KINDS] + [(name, f"{name}s") for name in OTHERS]
    return [
        ("environment", "environments") if version == "v1" and name == "stack" else (name, plural)
        for name, plural in names
    ]


def _schema(url: str, name: str, plural: str) -> dict[str, Any]:
    methods = next((list(kind.methods) for kind in KINDS if kind.type == name), ["GET"])
    base = url.rpartition("/")[0]
    collection = f"{base}/subscribe" if name == "subscribe" else f"{base}/{plural}"
    return {
        "id": name,
        "type": "schema",
        "pluralName": plural,
        "links": {"self": f"{url}/{name}".lower(), "collection": collection.lower()},
        "actions": {},
        "collectionMethods": [method for method in methods if method in ("GET", "POST")],
        "resourceMethods": [method for method in methods if method != "POST"],
        "resourceFields": {},
        "resourceActions": {},
        "collectionActions": {},
        "collectionFields": {},
        "collectionFilters": {},
        "includeableLinks": [],
        "children": None,
        "parent": None,
    }
