"""Declarations of data: what is noise besides when names and literals do not count.

Without its names, a list of objects at the top of a module looks like any other such list, and a row of constants like
any other row. Only what is outside of functions is looked at.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.layout import depth_of, firsts, name, one_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gates.checks.copypaste.language import Language
    from gates.checks.copypaste.tokens import Batch

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["declarations"]

CODE = frozenset(b"; function return while yield await def class fn func fun proc sub async".split())
"""Words and signs that are in no declaration of data."""

BEGIN_CODE = CODE | frozenset(b"@ if for while with try match else elif except finally case".split())
"""Words and signs that begin none."""

IN_CLASSES = frozenset(("java", "csharp"))
"""Languages in which all code is in a class."""

ROW = 20
"""Tokens in a row of constants that are noise."""


def declarations(
    batch: Batch, language: Language, starts: Flags, column: Ints, depth: Ints, begin: Ints, end: Ints
) -> tuple[Ints, Ints]:
    """Where declarations of data begin and end, both included.

    starts, column  the first tokens of lines, see `line_starts`
    depth           how many brackets are open before each token
    begin, end      brackets that are worth looking at
    """
    exact = batch.exact
    lines = np.flatnonzero(starts)
    if language.blocks == "braces":
        braces = depth_of(exact == name(b"{"), exact == name(b"}"), batch.first)
        braces -= exact == name(b"{")
        braces += exact == name(b"}")  # before each token
        outside = braces <= (language.name in IN_CLASSES)
        flat = outside & (depth <= braces)
        outer = outside[begin] & (exact[begin] != name(b"("))  # not what a function is given
    else:
        flat = (column == 0) & ~one_of(exact, BEGIN_CODE)
        line = lines[np.searchsorted(lines, begin, "right") - 1]
        outer = flat[line] & (depth[begin] == 0)
    code = np.append(0, np.cumsum(one_of(exact, CODE)))
    data = outer & (code[end] == code[begin])
    row_begin, row_end = _rows(batch, lines, flat[lines] & _are_constants(exact, lines))
    return np.concatenate([begin[data], row_begin]), np.concatenate([end[data], row_end])


def _are_constants(exact: NDArray[np.uint64], lines: Ints) -> Flags:
    """Which lines give something a name, or are directives, and have no brackets."""
    ends = np.append(lines[1:], len(exact))
    equals = np.append(0, np.cumsum(exact == name(b"=")))
    brackets = np.append(0, np.cumsum(one_of(exact, frozenset((b"(", b"[", b"{", b")", b"]", b"}")))))
    constant: Flags = (equals[ends] > equals[lines]) | (exact[lines] == name(b"#"))
    constant &= brackets[ends] == brackets[lines]
    return constant


def _rows(batch: Batch, lines: Ints, constant: Flags) -> tuple[Ints, Ints]:
    """Where long enough rows of such lines begin and end."""
    if not len(lines):
        return lines, lines
    ends = np.append(lines[1:], len(batch.exact)) - 1
    breaks = np.append(True, (constant[1:] != constant[:-1]) | firsts(batch)[lines[1:]])
    begin = np.flatnonzero(breaks)
    last = np.append(begin[1:], len(lines)) - 1
    rows = constant[begin] & (ends[last] - lines[begin] >= ROW)
    return lines[begin[rows]], ends[last[rows]]
