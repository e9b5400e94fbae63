"""results.json: the whole verdict, for programs and for `gateline report` and `gateline ci merge`."""

from __future__ import annotations

import json

from gates.errors import UsageError
from gates.verdict import Verdict

__all__ = ["read", "render"]

READABLE = 1000
"""With more findings nobody reads it by eye; without indentation it is written five times as fast."""


def render(verdict: Verdict) -> str:
    """The verdict as JSON; the layout is docs/reference/results.schema.json."""
    count = sum(len(outcome.findings) for outcome in verdict.outcomes)
    return json.dumps(verdict.to_dict(), indent=1 if count <= READABLE else None, ensure_ascii=True) + "\n"


def read(path: str) -> Verdict:
    """The verdict in a results.json. Raises UsageError when the file is missing or is something else."""
    try:
        with open(path, encoding="utf-8") as file:
            return Verdict.from_dict(json.load(file))
    except OSError as error:
        hint = "`gateline ci` writes it; `gateline run --json` prints the same."
        raise UsageError(f"the results cannot be read: {error.strerror}", where=path, hint=hint) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise UsageError("this is not a results.json of Gateline", where=path) from None
