"""What was measured of each blob, kept on disk: a warm run reads only files that have never been seen."""

from __future__ import annotations

import os
import sys

from gates.checks.complexity.measure import TOOL_VERSION, Measured, measure
from gates.checks.objects import read_blobs
from gates.marshalled import read_marshal, write_marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gates.git.repository import Repository

__all__ = ["Store"]

FORM = f"1 radon {TOOL_VERSION} python {sys.version_info.major}.{sys.version_info.minor}"
"""A file of another form is as good as none."""

KEEP = 20_000
"""Blobs kept besides those of the present run."""


class Store:
    """Measured blobs.

    seen   those asked for in this run
    index  whether the maintainability index is needed
    """

    def __init__(self, folder: str, *, index: bool) -> None:
        self.path = os.path.join(folder, "complexity") if folder else ""
        self.index = index
        self.seen: set[str] = set()
        self.grown = False
        data = read_marshal(self.path) if self.path else None
        self.packed: dict[str, tuple[Any, ...]] = {}
        if isinstance(data, dict) and data.get("form") == FORM:
            self.packed = data["blobs"]

    def missing(self, blobs: Iterable[str]) -> list[str]:
        """Those that have not been measured yet."""
        wanted = dict.fromkeys(blobs)
        self.seen.update(wanted)
        return [blob for blob in wanted if not self._has(blob)]

    def _has(self, blob: str) -> bool:
        packed = self.packed.get(blob)
        return packed is not None and not (self.index and packed[4] is None and not packed[6])

    def fill(self, repository: Repository, blobs: Iterable[str]) -> None:
        """Measure what is missing."""
        for blob, raw in read_blobs(repository, self.missing(blobs)):
            measured = Measured(error="1: it is too big to be read") if raw is None else measure(raw, index=self.index)
            self.packed[blob] = measured.pack()
            self.grown = True

    def packed_of(self, blob: str) -> tuple[Any, ...]:
        """(functions, blocks, total, peak, index, complex, error), without making objects of them."""
        return self.packed[blob]

    def get(self, blob: str) -> Measured:
        return Measured.unpack(self.packed_of(blob))

    def save(self) -> None:
        """Keep it for the next run; a folder that cannot be written costs time, nothing else."""
        if not self.grown or not self.path:
            return
        if len(self.packed) > len(self.seen) + KEEP:
            self.packed = {blob: packed for blob, packed in self.packed.items() if blob in self.seen}
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            write_marshal(self.path, {"form": FORM, "blobs": self.packed})
        except OSError:
            return
