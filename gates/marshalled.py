"""Values of builtin types in files, in the form that loads fastest. Written by rename: a reader sees all or nothing."""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_marshal", "write_marshal"]


def read_marshal(path: str) -> object:
    """A stored value, or None when there is none that can be read (a torn or foreign file is as good as none)."""
    try:
        with open(path, "rb") as file:
            return marshal.load(file)  # noqa: S302 - from Gateline's own folder in the user's git dir
    except (OSError, EOFError, ValueError, TypeError):
        return None


def write_marshal(path: str, value: Any) -> None:
    """Store a value. Raises OSError."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            marshal.dump(value, file)
        os.replace(temporary, path)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
