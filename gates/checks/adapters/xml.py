"""XML as tools write it, read with care."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from gates.checks.adapters import UnreadableError

__all__ = ["parse_xml"]


def parse_xml(text: str) -> ElementTree.Element:
    """The root element, of what may begin with other lines. Raises UnreadableError."""
    start = text.find("<")
    try:
        # expat limits the expansion of entities, and external ones are not read
        return ElementTree.fromstring(text[max(start, 0) :])  # noqa: S314
    except ElementTree.ParseError as error:
        raise UnreadableError(f"its XML is broken: {error}") from None
