"""Lengths of time as people write them in a configuration: "500ms", "30s", "10m", "1h", "2d"."""

from __future__ import annotations

from gates.errors import ConfigError

__all__ = ["seconds_of"]

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float:
    """ "10m" -> 600.0. Raises ConfigError for anything that is not one number with one unit."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :]
    plain = number.replace(".", "", 1)
    if unit not in UNITS or not (plain.isascii() and plain.isdigit()) or not number[0].isdigit():
        raise ConfigError(f"{text!r} is not a length of time", hint="Write 500ms, 30s, 10m, 1h or 2d.")
    return float(number) * UNITS[unit]
