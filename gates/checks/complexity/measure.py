"""Measuring one file with radon: blocks (functions, methods, classes) with their cyclomatic complexity."""

from __future__ import annotations

import ast
import io
import math
import sys
import tokenize
import warnings

import radon
from radon.complexity import add_inner_blocks, cc_rank, cc_visit_ast
from radon.visitors import Class

from gates.finding import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TOOL_VERSION", "Block", "Measured", "measure", "mi_rank", "rank", "severity", "step"]

TOOL_VERSION = radon.__version__
SIMPLE = 5
"""Up to here a block has rank A and cannot be too complex for any setting: only the others are kept one by one."""


class Block:
    """A function, method or class that is not of rank A."""

    __slots__ = ("complexity", "end_line", "kind", "line", "name", "source")

    def __init__(self, kind: str, name: str, line: int, end_line: int, complexity: int, source: str) -> None:
        self.kind = kind
        self.name = name
        self.line = line
        self.end_line = end_line
        self.complexity = complexity
        self.source = source


class Measured:
    """What was measured in one file.

    functions, blocks  how many functions and methods; how many blocks, classes included, the average is about
    total, peak        sum and maximum of the blocks' complexity
    index              maintainability index, None when it was not asked for
    complex            its blocks that are not of rank A, inner functions included
    error              why it cannot be understood ("3: invalid syntax"), "" when it can
    """

    __slots__ = ("blocks", "complex", "error", "functions", "index", "peak", "total")

    def __init__(self, *, error: str = "") -> None:
        self.functions = self.blocks = self.total = self.peak = 0
        self.index: float | None = None
        self.complex: list[Block] = []
        self.error = error

    def pack(self) -> tuple[Any, ...]:
        """As builtin types, for the store."""
        blocks = [tuple(getattr(block, name) for name in PACKED) for block in self.complex]
        return (self.functions, self.blocks, self.total, self.peak, self.index, blocks, self.error)

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> Measured:
        measured = cls(error=packed[6])
        measured.functions, measured.blocks, measured.total, measured.peak, measured.index = packed[:5]
        measured.complex = [Block(*block) for block in packed[5]]
        return measured


PACKED = ("kind", "name", "line", "end_line", "complexity", "source")


def measure(raw: bytes, *, index: bool) -> Measured:
    """Measure the bytes of a Python file; `index`: the maintainability index too, which takes as long again."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes; a linter's business
            tree = ast.parse(raw)
        found = cc_visit_ast(tree)
        measured = _summed(found, raw)
        if index:
            measured.index = _index(raw)
    except SyntaxError as error:
        return Measured(
            error=f"{error.lineno or 1}: Python {sys.version_info.major}.{sys.version_info.minor} "
            f"does not understand it: {error.msg}"
        )
    except (RecursionError, MemoryError):
        return Measured(error="1: it is nested too deeply")
    except (ValueError, UnicodeError, LookupError) as error:
        return Measured(error=f"1: {error}")
    return measured


def _summed(found: list[Any], raw: bytes) -> Measured:
    measured = Measured()
    measured.blocks = len(found)
    measured.functions = sum(not isinstance(block, Class) for block in found)
    measured.total = sum(block.complexity for block in found)
    every = _with_inner(found)
    measured.peak = max((block.complexity for block in every), default=0)
    if measured.peak > SIMPLE:
        lines = raw.decode("utf-8", "replace").split("\n")
        measured.complex = [_block(block, lines) for block in every if block.complexity > SIMPLE]
    return measured


def _with_inner(found: list[Any]) -> list[Any]:
    """All blocks, and what is defined inside them: a function must not hide its complexity in an inner one."""
    methods = [block for block in found if not isinstance(block, Class) and block.is_method]
    others = [block for block in found if isinstance(block, Class) or not block.is_method]
    inner = [
        block._replace(classname=None, name=f"{method.fullname}.{block.name}")
        for method in methods
        for block in add_inner_blocks(list(method.closures))
    ]
    return sorted([*methods, *add_inner_blocks(others), *inner], key=lambda block: (block.lineno, block.col_offset))


def _block(block: Any, lines: list[str]) -> Block:
    is_class = isinstance(block, Class)
    kind = "class" if is_class else "method" if block.is_method else "function"
    source = lines[block.lineno - 1].rstrip() if block.lineno <= len(lines) else ""
    return Block(kind, block.fullname, block.lineno, block.endline, block.complexity, source)


def _index(raw: bytes) -> float:
    from radon.metrics import mi_visit

    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return float(mi_visit(raw.decode(encoding), multi=True))


def rank(complexity: float) -> str:
    """A to F, as radon has it."""
    return str(cc_rank(complexity))


def mi_rank(index: float) -> str:
    """A to C, as radon has it."""
    from radon.metrics import mi_rank as radon_rank

    return str(radon_rank(index))


def step(complexity: float) -> int:
    """The rank as a number that goes on beyond F, one for each ten: a function of rank F can get worse as well."""
    return max(1, math.ceil(complexity / 10)) - (complexity <= SIMPLE)


def severity(letter: str) -> str:
    """D, the first that is too complex by default, is major; F is a blocker."""
    return SEVERITIES[{"D": 2, "E": 3, "F": 4}.get(letter, 1)]
