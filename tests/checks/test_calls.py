"""What a configured command calls."""

from __future__ import annotations

import pytest

from gates.checks.calls import parse
from gates.checks.tools import tool_named


@pytest.mark.parametrize(
    ("run", "tool", "args"),
    [
        ("ruff check", "ruff check", []),
        ("ruff format --check .", "ruff format", ["--check", "."]),
        (".venv/bin/ruff check src", "ruff check", ["src"]),
        ("uv run --group dev ruff check", "ruff check", []),
        ("poetry run mypy src", "mypy", ["src"]),
        ("python -m pytest -q", "pytest", ["-q"]),
        ("python3.12 -X dev -m unittest discover", "unittest", ["discover"]),
        ("coverage run -m pytest tests", "pytest", ["tests"]),
        ("CI=1 npx --no eslint .", "eslint", ["."]),
        ("env A=b jest --ci", "jest", ["--ci"]),
        ("cd web && yarn eslint 'src/**/*.ts'", "eslint", ["src/**/*.ts"]),
        ("node --test test/", "node --test", ["test/"]),
        ("node --import tsx --test", "node --test", []),
        (["go", "test", "./..."], "go test", ["./..."]),
        ('flake8 --select "E,F"', "flake8", ["--select", "E,F"]),
        ("ruff check  # the fast one", "ruff check", []),
        ("pylint src\\ code", "pylint", ["src code"]),
    ],
)
def test_known_tools(run: str | list[str], tool: str, args: list[str]) -> None:
    call = parse(run)
    assert call.tool is not None
    assert (call.tool.name, call.args) == (tool, args)


@pytest.mark.parametrize(
    "run",
    [
        "ruff",
        "ruff rule E501",
        "npm run eslint",
        "npm test",
        "make lint",
        "ruff check && ruff format --check",
        "eslint . | tee log",
        "python manage.py test",
        "python scripts/pytest.py",
        "node server.js",
        "echo 'unfinished",
        "cd $DIR && ruff check",
        "echo `ruff check`",
        'echo "`ruff check`"',
        "CI=1",
        "python -m",
        "npx",
    ],
)
def test_no_known_tool(run: str) -> None:
    assert parse(run).tool is None


@pytest.mark.parametrize(
    ("run", "argv"),
    [
        ("ruff check", ["ruff", "check", "--x"]),
        (["ruff", "check", "a b"], ["ruff", "check", "a b", "--x"]),
        ("flake8 'a b'", ["sh", "-c", "flake8 'a b' \"$@\"", "sh", "--x"]),
        ("A=1 mypy", ["sh", "-c", 'A=1 mypy "$@"', "sh", "--x"]),
        ("mypy *.py", ["sh", "-c", 'mypy *.py "$@"', "sh", "--x"]),
        ("exit 3", ["sh", "-c", 'exit 3 "$@"', "sh", "--x"]),
        ("mypy a # why", ["mypy", "a", "--x"]),
        ("echo '#' no comment", ["sh", "-c", "echo '#' no comment \"$@\"", "sh", "--x"]),
        ("one\ntwo # three", ["sh", "-c", 'one\ntwo # three "$@"', "sh", "--x"]),
    ],
)
def test_words_added(run: str | list[str], argv: list[str]) -> None:
    assert parse(run).with_words("--x").argv == argv


def test_nothing_added() -> None:
    assert parse("a && b").with_words().argv == ["sh", "-c", "a && b"]
    assert parse("npm test").with_words().argv == ["npm", "test"]


def test_files_go_where_the_whole_tree_stood() -> None:
    command = parse("eslint --ext .js,.ts .").with_words("-f", "json", files=["a.js", "-x.js"])
    assert command.argv == ["eslint", "--ext", ".js,.ts", "-f", "json"]
    assert command.batch == ["a.js", "./-x.js"]
    assert parse("codespell .").with_words(files=["a"]).argv == ["codespell"]
    assert parse("unknown .").with_words(files=["a"]).argv == ["unknown", "."]


@pytest.mark.parametrize(
    ("run", "takes"),
    [
        ("ruff check", True),
        ("ruff check .", True),
        ("ruff check --config ruff.toml --select E", True),
        ("ruff check --config=ruff.toml", True),
        ("ruff check src", False),
        ("ruff check -- src", False),
        ("cd web && eslint .", False),
        ("eslint '.'", False),
        ("mypy", False),
        ("make lint", False),
    ],
)
def test_whether_files_can_be_appended(run: str, takes: bool) -> None:
    assert parse(run).takes_files is takes


def test_the_folder_of_a_command() -> None:
    assert parse("cd web/ && npm test").folder == "web"
    assert parse('cd "my web" && npm test').folder == "my web"
    assert parse("npm test").folder == ""


def test_tools_by_name() -> None:
    for name, full in (("ruff", "ruff check"), ("ruff format", "ruff format"), ("eslint", "eslint")):
        tool = tool_named(name)
        assert tool is not None
        assert tool.name == full
    assert tool_named("unheard-of") is None
