"""Lengths of time as people write them in a configuration: "500ms", "30s", "10m", "1h", "2d"."""

from __future__ import annotations

from gates.errors import ConfigError

__all__ = ["seconds_of", "text_of"]

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float:
    """ "10m" -> 600.0. Raises ConfigError for anything that is not one number with one unit."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :]
    plain = number.replace(".", "", 1)
    if unit not in UNITS or not (plain.isascii() and plain.isdigit()) or not number[0].isdigit():
        raise ConfigError(f"{text!r} is not a length of time", hint="Write 500ms, 30s, 10m, 1h or 2d.")
    return float(number) * UNITS[unit]


def text_of(seconds: float) -> str:
    """600.0 -> "10m": the largest unit that needs no fraction, for a person."""
    if seconds and seconds < 1:
        return f"{seconds / UNITS['ms']:g}ms"
    unit = next((name for name in ("d", "h", "m") if seconds and seconds % UNITS[name] == 0), "s")
    return f"{seconds / UNITS[unit]:g}{unit}"
