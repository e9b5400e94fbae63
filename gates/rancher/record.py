"""The history of deploys: JSON lines, one when an upgrade begins and one when it ends.

A deploy that was killed leaves its first line without a second, which is how `gateline history` knows of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from gates.errors import CannotRun
from gates.git.locks import Lock

__all__ = ["Entry", "History"]

Entry = dict[str, Any]


class History:
    """One file; it may be shared by several processes."""

    def __init__(self, path: str) -> None:
        self.path = path

    def check(self) -> None:
        """Raises CannotRun when nothing could be written: better before the upgrade than after it."""
        try:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
            with open(self.path, "ab"):
                pass
        except OSError as error:
            raise CannotRun(
                f"the history cannot be written: {error.strerror}",
                where=self.path,
                hint="Name a file that can, with --history.",
            ) from None

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add one line and see it to the disk. Raises OSError."""
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with Lock(self.path + ".lock"), open(self.path, "ab+") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                # A process that was killed may have left half a line; ours must not become part of it.
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> Iterator[Entry]:
        """Each deploy once, oldest first: its beginning and, where there is one, its end in one mapping.

        Without an end, `result` is "unknown". Lines that are torn are passed over. Raises CannotRun.
        """
        deploys: dict[str, Entry] = {}
        for number, entry in enumerate(self._lines()):
            run = str(entry.get("run") or number)
            deploys[run] = {**deploys.get(run, {"result": "unknown"}), **entry}
        for entry in deploys.values():
            entry.pop("event", None)
            yield entry

    def _lines(self) -> Iterator[Entry]:
        try:
            with open(self.path, "rb") as file:
                for line in file:
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(entry, dict):
                        yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise CannotRun(f"the history cannot be read: {error.strerror}", where=self.path) from None
