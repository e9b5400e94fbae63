"""What was found out about each blob, kept on disk: a warm run reads only contents that have never been seen."""

from __future__ import annotations

import os

from gates.git.blobs import read_blobs
from gates.marshalled import read_marshal, write_marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gates.git.repository import Repository

__all__ = ["KEEP", "Kept"]

KEEP = 20_000
"""Blobs kept besides those of the present run."""


class Kept:
    """Blob -> what was found out, as a tuple of builtin types.

    form  what the tuples mean and which tools made them; a file of another form is as good as none
    seen  blobs asked for in this run
    """

    def __init__(self, folder: str, name: str, form: str, find_out: Callable[[bytes | None], tuple[Any, ...]]) -> None:
        """`find_out` gets the content, None when it is too big to be read."""
        self.path = os.path.join(folder, name) if folder else ""
        self.form = form
        self.find_out = find_out
        self.seen: set[str] = set()
        self.grown = False
        data = read_marshal(self.path) if self.path else None
        self.found: dict[str, tuple[Any, ...]] = {}
        if isinstance(data, dict) and data.get("form") == form:
            self.found = data["blobs"]

    def missing(self, blobs: Iterable[str]) -> list[str]:
        """Those that nothing is known of yet."""
        wanted = dict.fromkeys(blobs)
        self.seen.update(wanted)
        return [blob for blob in wanted if not self.has(blob)]

    def has(self, blob: str) -> bool:
        return blob in self.found

    def fill(self, repository: Repository, blobs: Iterable[str]) -> None:
        """Find out what is missing."""
        for blob, raw in read_blobs(repository, self.missing(blobs)):
            self.found[blob] = self.find_out(raw)
            self.grown = True

    def save(self) -> None:
        """Keep it for the next run; a folder that cannot be written costs time, nothing else."""
        if not self.grown or not self.path:
            return
        if len(self.found) > len(self.seen) + KEEP:
            self.found = {blob: found for blob, found in self.found.items() if blob in self.seen}
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            write_marshal(self.path, {"form": self.form, "blobs": self.found})
        except OSError:
            return
