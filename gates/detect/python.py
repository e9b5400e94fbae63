"""Gates for a Python project, chosen by what its configuration and its tests really use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.detect.survey import Choice, Survey, table, texts

__all__ = ["detect_python", "is_python_project"]

MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "tox.ini", "noxfile.py")
TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$")
REQUIREMENTS = re.compile(r"^(requirements|dev-requirements|test-requirements)[^/]*\.txt$|^requirements/[^/]+\.txt$")
REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
IMPORTS = re.compile(r"^\s*(?:import|from)\s+(pytest|unittest)\b", re.MULTILINE)
PLAIN_TEST = re.compile(r"^(?:async )?def test_", re.MULTILINE)
TESTS_READ = 20
"""How many test files are looked into to tell pytest from unittest."""


def is_python_project(survey: Survey) -> bool:
    """Whether a Python project has its root here."""
    return bool(survey.first(*MANIFESTS))


def detect_python(survey: Survey) -> list[Choice]:
    """The gates that this project's Python side uses: tests, lint, types, dependencies."""
    finders = (_tests, _lint, _types, _dependencies)
    return [choice for finder in finders if (choice := finder(survey)) is not None]


def _tests(survey: Survey) -> Choice | None:
    files = survey.matching(TEST_FILE)
    if not files:
        return None
    for reason in _pytest_reasons(survey, files):
        return Choice("tests", {"run": "pytest -q"}, f"pytest: {reason}")
    if survey.first("manage.py"):
        return Choice("tests", {"run": "python manage.py test"}, "Django's test runner: manage.py is there")
    if survey.first("tox.ini") or "tox" in table(survey.toml("pyproject.toml"), "tool"):
        return Choice("tests", {"run": "tox"}, "tox is configured")
    if survey.first("noxfile.py"):
        return Choice("tests", {"run": "nox"}, "noxfile.py is there")
    return _tests_by_content(survey, files)


def _pytest_reasons(survey: Survey, files: list[str]) -> Iterator[str]:
    """What speaks for pytest, the cheapest to find first."""
    if "pytest" in table(survey.toml("pyproject.toml"), "tool"):
        yield "[tool.pytest] in pyproject.toml"
    if name := survey.first("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"):
        yield f"{name} is there"
    for name, section in (("setup.cfg", "tool:pytest"), ("tox.ini", "pytest")):
        if survey.ini(name).has_section(section):
            yield f"[{section}] in {name}"
    if name := next((path for path in survey.paths if path.endswith("conftest.py")), ""):
        yield f"{name} is there"
    if name := _declared(survey, "pytest"):
        yield f"{name} asks for it"
    for path in files[:TESTS_READ]:
        if "pytest" in IMPORTS.findall(survey.text(path)):
            yield f"{path} imports it"


def _tests_by_content(survey: Survey, files: list[str]) -> Choice | None:
    """No configuration speaks: the tests themselves tell which runner finds them."""
    for path in files[:TESTS_READ]:
        text = survey.text(path)
        if "unittest" in IMPORTS.findall(text):
            return Choice("tests", {"run": _unittest(survey, files)}, f"unittest: {path} imports it")
        if PLAIN_TEST.search(text):
            return Choice("tests", {"run": "pytest -q"}, f"pytest: {path} has plain functions named test_...")
    return None


def _unittest(survey: Survey, files: list[str]) -> str:
    """unittest needs to be told the folder, and the top when that folder is a package."""
    folder = files[0].split("/")[0] if all("/" in path for path in files) else ""
    if not folder or not all(path.startswith(folder + "/") for path in files):
        return "python -m unittest discover"
    top = " -t ." if f"{folder}/__init__.py" in survey.names else ""
    return f"python -m unittest discover -s {folder}{top}"


def _lint(survey: Survey) -> Choice | None:
    tool = table(survey.toml("pyproject.toml"), "tool")
    for name, command, files, sections in (
        ("ruff", "ruff check", ("ruff.toml", ".ruff.toml"), ()),
        ("flake8", "flake8", (".flake8",), (("setup.cfg", "flake8"), ("tox.ini", "flake8"))),
        ("pylint", "pylint --recursive=y .", (".pylintrc", "pylintrc"), (("setup.cfg", "pylint"),)),
    ):
        if reason := _configured(survey, name, name in tool, files, sections) or _asked_for(survey, name):
            return Choice("lint", {"run": command}, f"{name}: {reason}")
    return None


def _types(survey: Survey) -> Choice | None:
    tool = table(survey.toml("pyproject.toml"), "tool")
    mypy_files = ("mypy.ini", ".mypy.ini")
    if reason := _configured(survey, "mypy", "mypy" in tool, mypy_files, (("setup.cfg", "mypy"),)):
        targets = table(tool, "mypy").keys() & {"files", "packages", "modules"} or any(
            survey.ini(name).has_option("mypy", option)
            for name in (*mypy_files, "setup.cfg")
            for option in ("files", "packages", "modules")
        )
        return Choice("types", {"run": "mypy" if targets else "mypy ."}, f"mypy: {reason}")
    if reason := _configured(survey, "pyright", "pyright" in tool, ("pyrightconfig.json",), ()):
        return Choice("types", {"run": "pyright"}, f"pyright: {reason}")
    return None


def _dependencies(survey: Survey) -> Choice | None:
    if "deptry" in table(survey.toml("pyproject.toml"), "tool"):
        return Choice("dependencies", {"run": "deptry ."}, "deptry: [tool.deptry] in pyproject.toml")
    if reason := _asked_for(survey, "pip-audit"):
        return Choice("dependencies", {"run": "pip-audit --strict"}, f"pip-audit: {reason}")
    return None


def _configured(
    survey: Survey, tool: str, in_pyproject: bool, files: tuple[str, ...], sections: tuple[tuple[str, str], ...]
) -> str:
    """Where a tool is configured, "" when it is not."""
    if in_pyproject:
        return f"[tool.{tool}] in pyproject.toml"
    if name := survey.first(*files):
        return f"{name} is there"
    return next((f"[{section}] in {name}" for name, section in sections if survey.ini(name).has_section(section)), "")


def _asked_for(survey: Survey, tool: str) -> str:
    name = _declared(survey, tool)
    return f"{name} asks for it" if name else ""


def _declared(survey: Survey, package: str) -> str:
    """The file that declares a package as a dependency of any kind, else ""."""
    if package in _pyproject_packages(survey):
        return "pyproject.toml"
    for path in survey.matching(REQUIREMENTS):
        if package in _names(survey.text(path).splitlines()):
            return path
    quoted = re.compile(rf"""^\s*{re.escape(package)}\s*=|["']{re.escape(package)}["'<>=~\[ ]""", re.MULTILINE)
    return next((name for name in ("Pipfile", "setup.py") if quoted.search(survey.text(name))), "")


def _pyproject_packages(survey: Survey) -> set[str]:
    data = survey.toml("pyproject.toml")
    lines = list(texts(table(data, "project").get("dependencies")))
    for group in (table(data, "project", "optional-dependencies"), table(data, "dependency-groups")):
        for packages in group.values():
            lines += texts(packages)
    lines += texts(table(data, "tool", "uv").get("dev-dependencies"))
    poetry = table(data, "tool", "poetry")
    lines += [*table(poetry, "dependencies"), *table(poetry, "dev-dependencies")]
    for group in table(poetry, "group").values():
        lines += table(group, "dependencies")
    return _names(lines)


def _names(requirements: list[str]) -> set[str]:
    """Normalised package names of requirement lines."""
    found = (REQUIREMENT_NAME.match(line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", match[1]).lower() for match in found if match}
