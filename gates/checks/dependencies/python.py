"""The Python side: imports against declarations."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from gates.checks.dependencies.environment import Environment
from gates.checks.dependencies.finds import Finds, Project
from gates.checks.dependencies.known import IMPORTED_AS, NAMESPACES, TOOLS, canonical
from gates.checks.dependencies.python_imports import LATE, OPTIONAL, Roots
from gates.finding import Place

__all__ = ["check_python"]

Imports = Mapping[str, Iterable[tuple[str, int, int]]]
"""Path -> what it imports: module, line, marks."""

TEST = re.compile(r"(?:^|/)tests?/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")

PLUGINS = re.compile(r"^(?:types-|pytest-|flake8-|sphinx|mkdocs|pylint-|mypy-|.*-stubs$)|-plugin$")
TEXTS = (".py", ".toml", ".cfg", ".ini", ".yaml", ".yml", ".json", ".sh", ".txt", ".md", ".rst")


def check_python(
    root: str, files: list[str], projects: list[Project], imports: Imports, finds: Finds, ignore: set[str]
) -> None:
    """Compare the imports of all files with what the projects above them declare."""
    check = _Check(root, files, projects, finds, ignore)
    for path in sorted(imports):
        check.file(path, imports[path])
    check.unused()


class _Check:
    """used  distributions that some import may be of"""

    def __init__(self, root: str, files: list[str], projects: list[Project], finds: Finds, ignore: set[str]) -> None:
        self.root = root
        self.files = files
        self.projects = projects
        self.finds = finds
        self.environment = Environment(root, os.environ)
        self.roots = Roots(files)
        self.free = ignore.union(*(project.own for project in projects))
        self.used: set[str] = set()

    def file(self, path: str, imports: Iterable[tuple[str, int, int]]) -> None:
        above = [project for project in self.projects if project.holds(path)]
        declared = {name for project in above for name in project.declared}
        # A test may import in a function what it has just written to a folder.
        optional = OPTIONAL | LATE if TEST.search(path) else OPTIONAL
        for module, line, marks in imports:
            if self.roots.own(module, path):
                continue
            candidates = _candidates(module, self.environment, declared)
            self.used |= candidates
            if above and not marks & optional and not candidates & (declared | self.free):
                top = module.partition(".")[0]
                self.finds.undeclared(top, _message(top, self.environment), Place(path, line))

    def unused(self) -> None:
        every = [one for project in self.projects for one in project.declared.values() if one.needed]
        left = [one for one in every if not self._is_used(canonical(one.name))]
        words = _words(self.root, self.files) if left else set()
        for one in left:
            if not _is_named(canonical(one.name), self.environment, words):
                self.finds.add_unused(one)

    def _is_used(self, name: str) -> bool:
        return name in self.used or name in self.free or _is_tool(name, self.environment)


def _candidates(module: str, environment: Environment, declared: set[str]) -> set[str]:
    """The distributions that may bring a module."""
    top = module.partition(".")[0]
    found = set(environment.modules.get(top, ()))
    found |= set(IMPORTED_AS.get(top, ()))
    name = canonical(top)
    found |= {name, f"python-{name}", f"{name}-python", f"py{name}", f"py-{name}"}
    if top in NAMESPACES:
        found |= {other for other in declared if other.startswith(f"{name}-")}
    return found


def _message(module: str, environment: Environment) -> str:
    brought = sorted(environment.modules.get(module, ())) or list(IMPORTED_AS.get(module, ())[:1])
    if brought and brought[0] != canonical(module):
        return f"{module} is imported, and {' or '.join(brought)}, which brings it, is not declared"
    return f"{module} is imported and not declared"


def _is_tool(name: str, environment: Environment) -> bool:
    """Whether a package is there to be run, or to be found by another one."""
    return name in TOOLS or name in environment.commands or bool(PLUGINS.search(name))


def _words(root: str, files: Iterable[str]) -> set[str]:
    """All words of the tree's texts: a package may be named in settings instead of being imported."""
    words: set[str] = set()
    for path in files:
        name = os.path.basename(path)
        declares = name.startswith(("requirements", "pyproject.toml", "setup.", "Pipfile")) or name.endswith(".lock")
        if declares or not (path.endswith(TEXTS) or "." not in name):
            continue
        try:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                words.update(re.findall(r"[A-Za-z_][\w-]*", file.read()))
        except OSError:
            continue
    return words


def _is_named(name: str, environment: Environment, words: set[str]) -> bool:
    modules = environment.modules_of(name) or [name.replace("-", "_")]
    modules += [module for module, packages in IMPORTED_AS.items() if name in packages]
    return name in words or any(module in words for module in modules)
