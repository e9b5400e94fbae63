"""What a block is."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["BLOCK", "CLASS", "FUNCTION", "LITERAL", "Blocks"]

FUNCTION = 1
CLASS = 2
BLOCK = 3
LITERAL = 4
"""What is bounded: a function or method, a type or namespace, statements, or the entries of a literal."""


class Blocks:
    """The blocks of a batch of files, by position; arrays of one length.

    first  index of the first token of the header (`def`, the type of a function)
    body   index of the first token inside
    last   index of the last token, the closing one included
    kind   FUNCTION, CLASS, BLOCK or LITERAL (uint8)
    """

    __slots__ = ("body", "first", "kind", "last")

    def __init__(self, first: Ints, body: Ints, last: Ints, kind: NDArray[np.uint8]) -> None:
        order = np.lexsort((-last, first))
        self.first = first[order]
        self.body = body[order]
        self.last = last[order]
        self.kind = kind[order]

    def __len__(self) -> int:
        return len(self.first)

    @classmethod
    def none(cls) -> Blocks:
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, empty, np.zeros(0, dtype=np.uint8))
