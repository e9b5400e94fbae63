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
    environment = Environment(root, os.environ)
    roots = Roots(files)
    used: set[str] = set()
    own = {name for project in projects for name in project.own}
    for path in sorted(imports):
        declared = {name for project in projects if project.holds(path) for name in project.declared}
        # A test may import in a function what it has just written to a folder.
        free = OPTIONAL | LATE if TEST.search(path) else OPTIONAL
        for module, line, marks in imports[path]:
            if roots.own(module, path):
                continue
            candidates = _candidates(module, environment, declared)
            used |= candidates
            top = module.partition(".")[0]
            if candidates & (declared | own) or marks & free or candidates & ignore or canonical(top) in ignore:
                continue
            if any(project.holds(path) for project in projects):
                finds.undeclared(top, _message(top, environment), Place(path, line))
    unused = [
        declared
        for project in projects
        for name, declared in project.declared.items()
        if declared.needed and name not in used | own | ignore and not _is_tool(name, environment)
    ]
    if unused:
        texts = _words(root, files)
        for package in unused:
            if not _is_named(canonical(package.name), environment, texts):
                finds.add_unused(package)


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
