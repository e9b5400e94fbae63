"""Reading a pipeline's file as text, with what is wrong told in a sentence."""

from __future__ import annotations

from gates.errors import CannotRun, UsageError

__all__ = ["read_text"]


def read_text(path: str, name: str) -> str:
    """The text with its line ends as they are. `name` is for a person. Raises UsageError or CannotRun."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        raise UsageError("this is not UTF-8 text", where=name) from None
    except OSError as error:
        raise CannotRun(f"it cannot be read: {error.strerror}", where=name) from None
