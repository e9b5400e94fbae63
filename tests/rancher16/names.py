"""Ids as the server makes them: `1`, the short type, the number in the table."""

from __future__ import annotations

import re

__all__ = ["id_of", "number_of", "short_type"]

EXCEPTIONS = {"stack": "st", "secret": "se"}


def short_type(base: str) -> str:
    """ "serviceExposeMap" -> "sem"."""
    return EXCEPTIONS.get(base) or (base[0] + "".join(letter for letter in base if letter.isupper())).lower()


def id_of(base: str, number: int | None) -> str | None:
    return None if number is None else f"1{short_type(base)}{number}"


def number_of(text: object) -> int | None:
    """The number in an id. The server drops the letters, whatever they are; None when it cannot be read."""
    found = re.fullmatch(r"1[a-zA-Z]+(\d+)", str(text))
    return int(found[1]) if found else None
