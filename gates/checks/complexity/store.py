"""What was measured of each blob."""

from __future__ import annotations

import sys

from gates.checks.complexity.measure import TOOL_VERSION, Measured, measure
from gates.checks.kept import Kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Store"]

FORM = f"1 radon {TOOL_VERSION} python {sys.version_info.major}.{sys.version_info.minor}"


class Store(Kept):
    """Measured blobs.

    index  whether the maintainability index is needed
    """

    def __init__(self, folder: str, *, index: bool) -> None:
        super().__init__(folder, "complexity", FORM, self._measure)
        self.index = index

    def has(self, blob: str) -> bool:
        packed = self.found.get(blob)
        return packed is not None and not (self.index and packed[4] is None and not packed[6])

    def packed_of(self, blob: str) -> tuple[Any, ...]:
        """(functions, blocks, total, peak, index, complex, error), without making objects of them."""
        return self.found[blob]

    def get(self, blob: str) -> Measured:
        return Measured.unpack(self.packed_of(blob))

    def _measure(self, raw: bytes | None) -> tuple[Any, ...]:
        measured = Measured(error="1: it is too big to be read") if raw is None else measure(raw, index=self.index)
        return measured.pack()
