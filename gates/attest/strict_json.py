"""JSON as it must be where trust hangs on it: one meaning only, whoever reads it.

Two parsers that disagree (the first or the last of two equal keys, NaN, lone surrogates) are a known way to have one
document checked and another one used. So whatever is ambiguous is refused.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from gates.errors import VerdictError

__all__ = ["dump", "parse_object", "read_file"]

MAX_BYTES = 16 * 1024 * 1024
"""More than any verdict needs, little enough to be read at once."""


def dump(value: object) -> bytes:
    """One line of JSON: sorted keys, no spaces, ASCII only, so that equal values have equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def parse_object(raw: bytes, what: str) -> dict[str, Any]:
    """The JSON object in `raw`; `what` names it in the sentence of the VerdictError for everything else."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise VerdictError(f"{what} has the key {key!r} twice, so it can be read in two ways")
            found[key] = value
        return found

    def no_constant(word: str) -> NoReturn:
        raise VerdictError(f"{what} holds {word}, which is not JSON")

    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise VerdictError(f"{what} is not JSON ({_first_line(error)})") from None
    if not isinstance(value, dict):
        raise VerdictError(f"{what} is not a JSON object")
    return value


def read_file(path: str, what: str) -> bytes:
    """The bytes of a file that must be there; VerdictError when it is missing, empty, too large or not a file."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise VerdictError(f"{what} is missing: there is no file {path}") from None
    except OSError as error:
        raise VerdictError(f"{what} cannot be read: {path}: {error.strerror}") from None
    if not raw.strip():
        raise VerdictError(f"{what} is empty: {path}")
    if len(raw) > MAX_BYTES:
        raise VerdictError(f"{what} is larger than {MAX_BYTES // 1024 // 1024} MB: {path}")
    return raw


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
