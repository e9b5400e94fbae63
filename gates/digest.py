"""One short digest for names and keys, without the cost of importing `hashlib` (which loads OpenSSL)."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

__all__ = ["blake2b", "digest"]


def digest(*parts: str | bytes) -> str:
    """32 hex digits that name this sequence of parts."""
    state = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        state.update(b"%d:" % len(data))
        state.update(data)
    return state.hexdigest()
