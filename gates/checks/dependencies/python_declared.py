"""What a Python project declares, in any of the files that people declare in."""

from __future__ import annotations

import ast
import configparser
import os
import re
import tomllib
from collections.abc import Iterable, Iterator

from gates.checks.dependencies.finds import Declared, Project, line_of, table
from gates.checks.dependencies.known import canonical
from gates.globs import Globs

__all__ = ["python_projects"]

FILES = Globs(
    (
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "Pipfile",
        "requirements*.txt",
        "requirements*.in",
        "*-requirements.txt",
        "*_requirements.txt",
        "requirements/*.txt",
        "requirements/*.in",
    )
)
NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
EGG = re.compile(r"#egg=([A-Za-z0-9._-]+)")


class _Reader:
    """Reads one file into a project."""

    def __init__(self, root: str, path: str, project: Project) -> None:
        self.path = path
        self.project = project
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            self.text = file.read()

    def read(self) -> None:
        name = os.path.basename(self.path)
        reader = {"pyproject.toml": self._pyproject, "setup.cfg": self._setup_cfg, "setup.py": self._setup_py}
        reader.get(name, self._pipfile if name == "Pipfile" else self._requirements)()

    def _add(self, requirements: Iterable[object], *, needed: bool) -> None:
        for requirement in requirements:
            match = NAME.match(requirement) if isinstance(requirement, str) else None
            if match:
                self._declare(match[1], needed=needed)

    def _declare(self, name: str, *, needed: bool) -> None:
        known = self.project.declared.get(canonical(name))
        if known is None or (needed and not known.needed):
            declared = Declared(name, self.path, line_of(self.text, name), needed)
            self.project.declared[canonical(name)] = declared

    def _pyproject(self) -> None:
        """Raises ValueError where it is no TOML."""
        data = tomllib.loads(self.text)
        project = table(data, "project")
        self._own(project.get("name"))
        self._add(_texts(project.get("dependencies")), needed=True)
        self._add(_texts(table(data, "build-system").get("requires")), needed=False)
        for group in (table(data, "project", "optional-dependencies"), table(data, "dependency-groups")):
            for requirements in group.values():
                self._add(_texts(requirements), needed=False)
        self._tools(data)

    def _tools(self, data: object) -> None:
        """The tables of poetry, pdm, uv and hatch."""
        poetry = table(data, "tool", "poetry")
        self._own(poetry.get("name"))
        self._add((name for name in table(poetry, "dependencies") if name != "python"), needed=True)
        self._add(table(poetry, "dev-dependencies"), needed=False)
        for group in table(poetry, "group").values():
            self._add(table(group, "dependencies"), needed=False)
        self._add(_texts(table(data, "tool", "uv").get("dev-dependencies")), needed=False)
        for requirements in table(data, "tool", "pdm", "dev-dependencies").values():
            self._add(_texts(requirements), needed=False)
        for environment in table(data, "tool", "hatch", "envs").values():
            for key in ("dependencies", "extra-dependencies"):
                self._add(_texts(table(environment).get(key)), needed=False)

    def _own(self, name: object) -> None:
        if isinstance(name, str):
            self.project.own.add(canonical(name))

    def _setup_cfg(self) -> None:
        """Raises ValueError where it cannot be read."""
        config = configparser.RawConfigParser(strict=False)
        try:
            config.read_string(self.text)
        except configparser.Error as error:
            raise ValueError(str(error).splitlines()[0]) from None
        self._own(config.get("metadata", "name", fallback=None))
        self._add(config.get("options", "install_requires", fallback="").splitlines(), needed=True)
        for key in ("setup_requires", "tests_require"):
            self._add(config.get("options", key, fallback="").splitlines(), needed=False)
        if config.has_section("options.extras_require"):
            for _, lines in config.items("options.extras_require"):
                self._add(lines.splitlines(), needed=False)

    def _setup_py(self) -> None:
        """Lists that are written out; what is computed is not known. Raises ValueError (SyntaxError is one)."""
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    value = keyword.value
                    if keyword.arg == "name" and isinstance(value, ast.Constant):
                        self._own(value.value)
                    elif keyword.arg in ("install_requires", "setup_requires", "tests_require", "extras_require"):
                        self._add(_constants(value), needed=keyword.arg == "install_requires")

    def _pipfile(self) -> None:
        data = tomllib.loads(self.text)
        self._add(table(data, "packages"), needed=True)
        self._add(table(data, "dev-packages"), needed=False)

    def _requirements(self) -> None:
        stem = os.path.basename(self.path).rsplit(".", 1)[0]
        needed = stem in ("requirements", "base", "prod", "production", "main", "common")
        for line in self.text.splitlines():
            if egg := EGG.search(line):
                self._declare(egg[1], needed=needed)
            elif not line.lstrip().startswith(("-", "#", ".", "/", "http:", "https:", "git+")):
                self._add([line], needed=needed)


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _constants(node: ast.AST) -> Iterator[object]:
    """The texts in a list, a tuple or the values of a mapping."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _constants(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield item.value if isinstance(item, ast.Constant) else None


def python_projects(root: str, files: Iterable[str], errors: list[str]) -> list[Project]:
    """Every folder with files that declare; a sentence in `errors` for each that cannot be read."""
    projects: dict[str, Project] = {}
    for path in files:
        if not FILES.match(path):
            continue
        folder = os.path.dirname(path)
        if os.path.basename(folder) == "requirements":
            folder = os.path.dirname(folder)
        project = projects.setdefault(folder, Project(folder))
        try:
            _Reader(root, path, project).read()
        except (OSError, ValueError, SyntaxError) as error:
            errors.append(f"{path}: {error}")
    return list(projects.values())
