"""Which values are shown and which are not: when in doubt, not."""

from __future__ import annotations

import math
import re
from collections import Counter

__all__ = ["MASK", "masked"]

MASK = "******"

SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|key|credential|auth|private|cert|salt|cookie|session|dsn|signature|webhook|conn",
    re.IGNORECASE,
)
LOGIN_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s]+@", re.IGNORECASE)
RANDOM = re.compile(r"^(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_.-]{16,}$")
RANDOM_BITS = 3.5
"""Shannon entropy per character from which on a long word looks random: hex has up to 4, English text about 3."""


def masked(name: str, value: str | None) -> str | None:
    """The value of a field, or MASK where its name or its look says that it may be a secret.

    Images are shown, a digest too: everybody has to see what is deployed.
    """
    if value is None or value == "" or name == "image" or name.endswith(".image"):
        return value
    if SECRET_NAME.search(name) or LOGIN_IN_URL.match(value) or _looks_random(value) or "-----BEGIN" in value:
        return MASK
    return value


def _looks_random(value: str) -> bool:
    if not RANDOM.match(value):
        return False
    counts = Counter(value)
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    return bits >= RANDOM_BITS
