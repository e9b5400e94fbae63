"""What is chosen for a repository without configuration, and why."""

from __future__ import annotations

import json

import pytest

from gates.config.check import check
from gates.config.document import Document
from gates.detect import choose, data_of, detect
from gates.detect.survey import Survey
from gates.settings import GateSettings, Settings

ALWAYS = {"copypaste", "secrets"}
PLACEHOLDER = 'echo "Error: no test specified" && exit 1'


def found(files: dict[str, str]) -> Settings:
    raw = {name: text.encode() for name, text in files.items()}
    return detect(list(raw), raw.get)


def gate(files: dict[str, str], name: str) -> GateSettings:
    chosen = found(files).gate(name)
    assert chosen is not None
    return chosen


def names(files: dict[str, str]) -> set[str]:
    return {item.name for item in found(files).gates} - ALWAYS


def package(**scripts: str) -> str:
    return json.dumps({"name": "sample", "scripts": {name.replace("_", ":"): text for name, text in scripts.items()}})


def test_an_empty_repository_still_has_the_gates_for_everybody() -> None:
    settings = found({})
    assert {item.name for item in settings.gates} == ALWAYS
    assert settings.source == "detected"


def test_every_gate_says_why() -> None:
    settings = found({"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n", "a.py": "", "test_a.py": "import pytest"})
    assert set(settings.chosen) == {item.name for item in settings.gates}
    assert settings.chosen["lint"] == "ruff: [tool.ruff] in pyproject.toml"


def test_the_order_is_that_of_feedback() -> None:
    settings = found({"tox.ini": "[pytest]\n[flake8]\n", "a.py": "", "tests/test_a.py": "", "compose.yaml": ""})
    assert [item.name for item in settings.gates] == [
        "lint",
        "tests",
        "complexity",
        "copypaste",
        "secrets",
        "compose",
    ]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "[tool.pytest] in pyproject.toml"),
        ({"pytest.ini": ""}, "pytest.ini is there"),
        ({"setup.cfg": "[tool:pytest]\n"}, "[tool:pytest] in setup.cfg"),
        ({"tox.ini": "[tox]\n[pytest]\n"}, "[pytest] in tox.ini"),
        ({"tests/conftest.py": ""}, "tests/conftest.py is there"),
        (
            {"pyproject.toml": '[dependency-groups]\ndev = ["PyTest>=8", {include-group = "x"}]\n'},
            "pyproject.toml asks",
        ),
        ({"pyproject.toml": '[project.optional-dependencies]\ntest = ["pytest[x] ~= 8"]\n'}, "pyproject.toml asks"),
        ({"pyproject.toml": '[tool.poetry.group.dev.dependencies]\npytest = "^8"\n'}, "pyproject.toml asks"),
        ({"pyproject.toml": '[tool.uv]\ndev-dependencies = ["pytest"]\n'}, "pyproject.toml asks"),
        ({"requirements-dev.txt": "-r requirements.txt\npytest==8\n"}, "requirements-dev.txt asks"),
        ({"requirements/test.txt": "pytest\n"}, "requirements/test.txt asks"),
        ({"Pipfile": '[dev-packages]\npytest = "*"\n'}, "Pipfile asks"),
        ({"setup.py": 'setup(tests_require=["pytest>=7"])\n'}, "setup.py asks"),
        ({"tests/test_b.py": "from pytest import raises\n"}, "tests/test_b.py imports it"),
    ],
)
def test_pytest_is_chosen_where_it_is_really_used(files: dict[str, str], why: str) -> None:
    files = {"tests/test_a.py": "", **files}
    assert gate(files, "tests").run == "pytest -q"
    assert why in found(files).chosen["tests"]


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({"test_a.py": "import unittest\n"}, "python -m unittest discover"),
        ({"tests/test_a.py": "import unittest\n"}, "python -m unittest discover -s tests"),
        ({"tests/test_a.py": "import unittest", "tests/__init__.py": ""}, "python -m unittest discover -s tests -t ."),
        ({"a/test_a.py": "from unittest import TestCase\n", "b/test_b.py": ""}, "python -m unittest discover"),
        ({"manage.py": "", "shop/tests.py": "from django.test import TestCase"}, "python manage.py test"),
        ({"tox.ini": "[tox]\n", "tests/test_a.py": "import unittest\n"}, "tox"),
        ({"noxfile.py": "", "tests/test_a.py": "import unittest\n"}, "nox"),
        ({"test_a.py": "def test_x():\n    assert True\n"}, "pytest -q"),
        ({"pyproject.toml": '[project]\ndependencies = ["pytest-cov-like"]\n', "test_a.py": "import unittest"},
         "python -m unittest discover"),
    ],
)  # fmt: skip
def test_other_runners(files: dict[str, str], run: str) -> None:
    assert gate(files, "tests").run == run


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[tool.pytest.ini_options]\n", "a.py": ""},
        {"requirements.txt": "pytest\n"},
        {"tests/test_a.py": "# nothing yet\n"},
        {"vendor/lib/test_a.py": "import pytest\n"},
        {"node_modules/x/test_a.py": "import pytest\n"},
    ],
)
def test_without_tests_there_is_no_tests_gate(files: dict[str, str]) -> None:
    assert "tests" not in names(files)


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({"ruff.toml": ""}, "ruff check"),
        ({"requirements.txt": "ruff\n"}, "ruff check"),
        ({".flake8": ""}, "flake8"),
        ({"setup.cfg": "[flake8]\n"}, "flake8"),
        ({".pylintrc": ""}, "pylint --recursive=y ."),
        ({"pyproject.toml": "[tool.pylint]\n[tool.ruff]\n"}, "ruff check"),
    ],
)
def test_linters(files: dict[str, str], run: str) -> None:
    assert gate({"setup.py": "", **files}, "lint").run == run


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({"mypy.ini": "[mypy]\nfiles = src\n"}, "mypy"),
        ({"setup.cfg": "[mypy]\nstrict = true\n"}, "mypy ."),
        ({"pyproject.toml": '[tool.mypy]\npackages = ["x"]\n'}, "mypy"),
        ({"pyrightconfig.json": "{}"}, "pyright"),
    ],
)
def test_type_checkers(files: dict[str, str], run: str) -> None:
    assert gate({"setup.py": "", **files}, "types").run == run


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({"pyproject.toml": "[tool.deptry]\n"}, "deptry ."),
        ({"requirements.txt": "pip_audit\n"}, "pip-audit --strict"),
    ],
)
def test_dependency_checkers(files: dict[str, str], run: str) -> None:
    assert gate(files, "dependencies").run == run


def test_a_node_repository_without_any_python() -> None:
    files = {"package.json": package(test="mocha", lint="eslint .", test_deps="npm-check"), "index.js": ""}
    assert names(files) == {"tests", "lint", "dependencies"}
    runs = {item.name: item.run for item in found(files).gates}
    assert runs["tests"] == "npm test"
    assert runs["lint"] == "npm run lint"
    assert runs["dependencies"] == "npm run test:deps"


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ({"pnpm-lock.yaml": ""}, ["pnpm run lint", "pnpm test"]),
        ({"yarn.lock": ""}, ["yarn lint", "yarn test"]),
        ({"bun.lock": ""}, ["bun run lint", "bun run test"]),
        ({"package-lock.json": ""}, ["npm run lint", "npm test"]),
        ({}, ["npm run lint", "npm test"]),
    ],
)
def test_the_lock_file_tells_the_package_manager(more: dict[str, str], runs: list[str]) -> None:
    settings = found({"package.json": package(test="jest", lint="eslint"), **more})
    assert [item.run for item in settings.gates[:2]] == runs


def test_package_manager_of_package_json_beats_the_lock_file() -> None:
    manifest = json.dumps({"packageManager": "pnpm@9.1.0", "scripts": {"test": "jest"}})
    assert gate({"package.json": manifest, "yarn.lock": ""}, "tests").run == "pnpm test"


@pytest.mark.parametrize(
    ("scripts", "run"),
    [
        ({"test": PLACEHOLDER}, None),
        ({"test": "jest --watch"}, None),
        ({"test": "jest --watchAll=false"}, "npm test"),
        ({"test": "jest --watch", "test_ci": "jest"}, "npm run test:ci"),
        ({"test": PLACEHOLDER, "test_unit": "mocha"}, "npm run test:unit"),
        ({"unit": "nyc mocha"}, "npm run unit"),
    ],
)
def test_a_script_that_tests_nothing_or_never_ends_is_no_test(scripts: dict[str, str], run: str | None) -> None:
    chosen = found({"package.json": package(**scripts)}).gate("tests")
    assert (chosen.run if chosen else None) == run


def test_create_react_app_is_told_not_to_watch() -> None:
    assert gate({"package.json": package(test="react-scripts test")}, "tests").env == {"CI": "true"}


def test_a_runner_without_a_script() -> None:
    manifest = json.dumps({"devDependencies": {"vitest": "3"}})
    assert gate({"package.json": manifest, "src/a.test.ts": ""}, "tests").run == "vitest run"
    assert "tests" not in names({"package.json": manifest, "src/a.ts": ""})


def test_eslint_without_a_script() -> None:
    assert gate({"package.json": "{}", "eslint.config.mjs": ""}, "lint").run == "eslint ."
    assert gate({"package.json": '{"eslintConfig": {}}'}, "lint").run == "eslint ."


def test_typescript() -> None:
    manifest = json.dumps({"devDependencies": {"typescript": "5"}})
    assert gate({"package.json": manifest, "tsconfig.json": ""}, "types").run == "tsc --noEmit"
    assert gate({"package.json": package(typecheck="tsc -b")}, "types").run == "npm run typecheck"
    assert "types" not in names({"package.json": package(typecheck="tsc --watch")})


def test_the_script_inspect() -> None:
    settings = found({"package.json": package(inspect="jsinspect -t 30 src")})
    assert settings.chosen["copypaste"].startswith("in place of jsinspect")
    other = gate({"package.json": package(inspect="node inspect.js")}, "inspect")
    assert (other.kind, other.run, other.doors) == ("command", "npm run inspect", ("merge", "push", "ci"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"scripts": 3}', '{"scripts": {"test": 3}}', "[" * 100_000, "\x00"])
def test_a_broken_package_json_is_as_good_as_none(text: str) -> None:
    assert names({"package.json": text}) == set()


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.cfg", "tox.ini"])
@pytest.mark.parametrize("text", ["[", "a = ", "\xff\x00", "[a]\n[a]\nb\n b"])
def test_a_broken_python_manifest_is_as_good_as_none(name: str, text: str) -> None:
    raw = {name: text.encode("latin-1"), "a.py": b""}
    assert {choice.name for choice in choose(Survey(list(raw), raw.get))} == {*ALWAYS, "complexity"}


def test_a_manifest_of_odd_size_is_not_read() -> None:
    assert names({"package.json": package(test="jest") + " " * 2_000_000}) == set()


def test_a_mixed_repository_has_the_tests_of_both() -> None:
    manifest = package(test="jest", lint="eslint")
    files = {"pyproject.toml": "[tool.pytest]\n", "test_a.py": "", "package.json": manifest}
    settings = found(files)
    runs = {item.name: (item.kind, item.run) for item in settings.gates}
    assert runs["tests"] == ("tests", "pytest -q")
    assert runs["tests-node"] == ("tests", "npm test")
    assert runs["lint"] == ("lint", "npm run lint")


def test_projects_in_folders() -> None:
    files = {
        "backend/pyproject.toml": "[tool.pytest]\n[tool.ruff]\n",
        "backend/tests/test_a.py": "",
        "web app/package.json": package(test="jest"),
        "docs/examples/package.json": package(test="jest"),
        "web app/tests/data/package.json": package(test="jest"),
    }
    settings = found(files)
    assert names(files) == {"tests-backend", "lint-backend", "tests-web-app", "complexity"}
    tests = gate(files, "tests-web-app")
    assert (tests.kind, tests.run, tests.reads) == ("tests", "cd 'web app' && npm test", ("/web app/**",))
    assert settings.chosen["tests-backend"] == "pytest: [tool.pytest] in pyproject.toml, in backend"


def test_a_workspace_is_run_from_its_top() -> None:
    files = {"package.json": package(test="npm test --workspaces"), "packages/a/package.json": package(test="jest")}
    assert names(files) == {"tests"}


def test_a_monorepo_without_end_gets_a_bounded_number_of_gates() -> None:
    files = {f"p{number:02}/package.json": package(test="jest") for number in range(50)}
    assert len(names(files)) == 12


@pytest.mark.parametrize(
    "name",
    ["docker-compose.yml", "docker-compose.test.yaml", "deploy/compose.yml", "rancher-compose.yml", "compose.prod.yml"],
)
def test_compose_files(name: str) -> None:
    assert names({name: ""}) == {"compose"}


@pytest.mark.parametrize("name", ["composer.yml", "my-compose.txt", "compose/readme.md"])
def test_what_is_no_compose_file(name: str) -> None:
    assert names({name: ""}) == set()


def test_several_compose_files_are_told() -> None:
    files = {"docker-compose.yml": "", "docker-compose.test.yml": ""}
    assert found(files).chosen["compose"] == "docker-compose.yml is there, and 1 more"


@pytest.mark.parametrize(
    "files",
    [
        {"commitlint.config.js": ""},
        {".commitlintrc.json": ""},
        {"package.json": '{"commitlint": {}}'},
        {"pyproject.toml": "[tool.commitizen]\n"},
    ],
)
def test_conventional_commits(files: dict[str, str]) -> None:
    assert gate(files, "commit_message").options["conventional"] is True


def test_pre_commit() -> None:
    assert gate({".pre-commit-config.yaml": ""}, "pre_commit").options["config"] == ".pre-commit-config.yaml"


def test_what_is_detected_is_a_valid_configuration() -> None:
    files = {
        "pyproject.toml": "[tool.pytest]\n[tool.ruff]\n[tool.mypy]\n[tool.deptry]\n[tool.commitizen]\n",
        "test_a.py": "",
        "package.json": package(test="react-scripts test", lint="x", typecheck="y", test_deps="z", inspect="w"),
        "compose.yaml": "",
        ".pre-commit-config.yaml": "",
    }
    raw = {name: text.encode() for name, text in files.items()}
    data = data_of(choose(Survey(list(raw), raw.get)))
    assert len(data["gates"]) == 15
    assert check(Document("detected", data)) == []
