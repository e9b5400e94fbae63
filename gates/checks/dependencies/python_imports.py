"""What Python files import, and which of that is their own."""

from __future__ import annotations

import ast
import os
import sys
import warnings
from collections.abc import Iterable

from gates.checks.dependencies.known import STANDARD_LIBRARY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FORM", "LATE", "OPTIONAL", "Roots", "imports_of"]

FORM = f"2 imports python {sys.version_info.major}.{sys.version_info.minor}"
OPTIONAL, LATE = 1, 2
"""Marks of an import: it need not work; it stands in a function."""

CATCHING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def imports_of(raw: bytes | None) -> tuple[Any, ...]:
    """(error, ((module, line, marks), ...)) of the bytes of a file: absolute imports of what is not Python's own.

    Optional is what stands in a `try` that catches ImportError, or is only there for type checkers.
    """
    if raw is None:
        return ("1: it is too big to be read", ())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(raw)
    except SyntaxError as error:
        return (f"{error.lineno or 1}: {error.msg}", ())
    except (ValueError, RecursionError, MemoryError) as error:
        return (f"1: {error or 'it is nested too deeply'}", ())
    found: list[tuple[str, int, int]] = []
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, marks = pending.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, marks) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module:
                found.append((node.module, node.lineno, marks))
        elif not isinstance(node, ast.expr):
            late = LATE if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else 0
            for child in ast.iter_child_nodes(node):
                pending.append((child, marks | late | (OPTIONAL if _is_guarded(node, child) else 0)))
    return ("", tuple(sorted({one for one in found if one[0].partition(".")[0] not in STANDARD_LIBRARY})))


def _is_guarded(node: ast.AST, child: ast.AST) -> bool:
    """Whether the child is a part of the node that need not work."""
    if isinstance(node, ast.Try):
        caught = {name for handler in node.handlers for name in _names(handler.type)}
        return bool(caught & CATCHING) and (child in node.body or isinstance(child, ast.ExceptHandler))
    return isinstance(node, ast.If) and child in node.body and "TYPE_CHECKING" in _names(node.test)


def _names(node: ast.expr | None) -> set[str]:
    if node is None:
        return {"BaseException"}  # a bare except
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    }


class Roots:
    """Which modules are the tree's own: found as Python finds them, from any folder it may be started in."""

    def __init__(self, files: Iterable[str]) -> None:
        modules = [path for path in files if path.endswith((".py", ".pyi", ".pyx", ".so"))]
        self.packages = {os.path.dirname(path) for path in modules if os.path.basename(path).startswith("__init__.")}
        self.folders = {folder for path in modules for folder in _above(path)}
        self.modules = {
            path.rpartition("/")[2].partition(".")[0] for path in modules if os.path.dirname(path) not in self.packages
        }
        self.modules |= {
            os.path.basename(folder) for folder in self.packages if os.path.dirname(folder) not in self.packages
        }
        self.paths = {path.partition(".")[0] if "/." not in path else path for path in modules}

    def own(self, module: str, importer: str) -> bool:
        """Whether the first part of `module` is in the tree, for a file at `importer`."""
        top = module.partition(".")[0]
        if top in self.modules:
            return True
        for folder in ("", "src", *_above(importer)):
            path = f"{folder}/{top}" if folder else top
            if path in self.folders or path in self.paths:
                return True
        return False


def _above(path: str) -> list[str]:
    """The folders that a file is in, the nearest first."""
    folders = []
    while path := os.path.dirname(path):
        folders.append(path)
    return folders
