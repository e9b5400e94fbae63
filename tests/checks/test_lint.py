"""The lint gate over real trees with real linters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.checks.registry import gate_for
from gates.errors import CannotRun
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from gates.settings import GateSettings
from tests.checks.driver import Look, context_for, look

Lint = Callable[..., Look]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of Python files: a.py is fine, b.py is not, c.py cannot be parsed."""
    root = tmp_path / "tree"
    root.mkdir()
    (root / "ruff.toml").write_text('extend-exclude = ["gen.py"]\n[lint]\nselect = ["F"]\n')
    (root / "a.py").write_text("x = 1\n")
    (root / "b.py").write_text("import os\nimport sys\n")
    (root / "c.py").write_text("def f(:\n")
    (root / "gen.py").write_text("import os\n")
    return root


@pytest.fixture
def lint(tree: Path, tmp_path: Path) -> Lint:
    def run(command: str | list[str] | None, files: list[str] | None = None, **arguments: Any) -> Look:
        return look("lint", tree, tmp_path / "scratch", command=command, files=files, **arguments)

    return run


def script(tree: Path, name: str, text: str) -> str:
    path = tree / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"./{name}"


def test_files_without_findings(lint: Lint) -> None:
    done = lint("ruff check", ["a.py"])
    assert (done.status, done.findings) == (PASSED, [])
    assert done.evidence.tool == "ruff"
    assert done.evidence.files == 1


def test_findings_have_place_source_and_documentation(lint: Lint) -> None:
    done = lint("ruff check", ["a.py", "b.py"])
    assert (done.status, done.reason) == (FAILED, "ruff found 2 problems")
    assert done.places == [("b.py:1:8", "F401"), ("b.py:2:8", "F401")]
    assert done.findings[0].source == "import os"
    assert done.findings[0].url.startswith("https://docs.astral.sh/ruff/")
    assert done.outcome.metrics == {"errors": 2.0, "warnings": 0.0}


def test_fingerprints_survive_moves(lint: Lint, tree: Path) -> None:
    before = lint("ruff check", ["b.py"])
    (tree / "moved.py").write_text("x = 1\n\n\n" + (tree / "b.py").read_text())
    after = lint("ruff check", ["moved.py"])
    assert [f.fingerprint for f in before.findings] == [f.fingerprint for f in after.findings]
    assert len({f.fingerprint for f in before.findings}) == 2


def test_equal_findings_are_numbered(lint: Lint, tree: Path) -> None:
    (tree / "twice.py").write_text("def f():\n    import os\n\n\ndef g():\n    import os\n")
    first, second = (f.fingerprint for f in lint("ruff check", ["twice.py"]).findings)
    assert second == f"{first}-2"


def test_a_file_that_cannot_be_parsed_is_a_finding_and_told(lint: Lint) -> None:
    done = lint("ruff check", ["c.py"])
    assert done.status == FAILED
    assert done.findings[0].rule == "invalid-syntax"
    assert done.evidence.parse_errors[0].startswith("c.py:1: ")


def test_ruff_excludes_hold_for_named_files(lint: Lint) -> None:
    done = lint("ruff check", ["gen.py"], everything=False)
    assert (done.status, done.reason) == (SKIPPED, "the configuration of ruff leaves out the file")
    assert lint("ruff check", ["gen.py", "a.py"], everything=False).status == PASSED


def test_an_empty_tree_has_not_passed(lint: Lint, tree: Path) -> None:
    (tree / "empty").mkdir()
    done = lint("ruff check empty")
    assert (done.status, done.reason) == (NOT_RUN, "ruff found no file to look at")
    assert lint("ruff check", ["gen.py"]).status == NOT_RUN


def test_a_path_that_is_not_there(lint: Lint) -> None:
    with pytest.raises(CannotRun, match="ruff is to look at nothere, which is not there"):
        lint("ruff check nothere")
    done = lint("ruff check --no-cache nothere.py")
    assert (done.status, done.reason) == (NOT_RUN, "ruff is to look at nothere.py, which is not there")


def test_a_configuration_that_cannot_be_read(lint: Lint, tree: Path) -> None:
    (tree / "ruff.toml").write_text("select = [")
    done = lint("ruff check", ["a.py"])
    assert done.status == NOT_RUN
    assert "ruff broke off with exit code 2: " in done.reason
    assert str(tree) not in done.reason


def test_formatting(lint: Lint, tree: Path) -> None:
    (tree / "u.py").write_text("x=1\n")
    assert lint("ruff format", ["a.py"]).status == PASSED
    done = lint("ruff format", ["a.py", "u.py"])
    assert (done.status, done.places) == (FAILED, [("u.py:1", "format")])
    assert (tree / "u.py").read_text() == "x=1\n"
    assert done.evidence.files == 2
    assert lint("ruff format --check", ["c.py"]).evidence.parse_errors


def test_formatting_of_two_files_are_two_things(lint: Lint, tree: Path) -> None:
    for name in ("u.py", "v.py"):
        (tree / name).write_text("x=1\n")
    first, second = (f.fingerprint for f in lint("ruff format", ["u.py", "v.py"]).findings)
    assert first.partition("-")[0] != second.partition("-")[0]


@pytest.mark.parametrize("run", ["ruff check --fix", "eslint --fix .", "prettier --write ."])
def test_a_command_that_rewrites_files_is_refused(run: str, tree: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="rewrites files") as error:
        gate_for("lint").prepare(context_for("lint", tree, tmp_path, command=run))  # type: ignore[union-attr]
    assert "fix_run" in error.value.hint


def test_a_missing_tool(lint: Lint) -> None:
    done = lint("no-such-linter --all")
    assert (done.status, done.reason) == (NOT_RUN, "the program 'no-such-linter' was not found")
    done = lint("true && no-such-linter")
    assert done.status == NOT_RUN
    assert "no-such-linter: not found" in done.reason


def test_a_missing_python_module(lint: Lint) -> None:
    done = lint("python3 -S -m pylint a.py")
    assert (done.status, done.reason) == (NOT_RUN, "the Python module 'pylint' is not installed")


def test_a_tool_that_cannot_be_executed(lint: Lint, tree: Path) -> None:
    (tree / "lint.sh").write_text("#!/nothing/there\n")
    (tree / "lint.sh").chmod(0o644)
    assert lint("true; ./lint.sh").reason == "'true' cannot be executed"


def test_a_tool_that_is_killed(lint: Lint, tree: Path) -> None:
    assert lint(script(tree, "lint", "kill -9 $$")).reason == "it was ended by the signal KILL"
    assert lint("true; sh -c 'kill -11 $$'").reason == "it was ended by the signal SEGV"


def test_the_users_own_output_format(lint: Lint) -> None:
    done = lint("ruff check --output-format concise b.py")
    assert done.status == FAILED
    assert done.places == [("b.py:1:8", "F401"), ("b.py:2:8", "F401")]
    assert done.command is not None
    assert "--output-format=json" not in done.command.argv


def test_a_list_of_words_is_run_as_it_is(lint: Lint) -> None:
    done = lint(["ruff", "check", "--quiet"], ["b.py"])
    assert done.places == [("b.py:1:8", "F401"), ("b.py:2:8", "F401")]


def test_a_command_in_a_folder(lint: Lint, tree: Path) -> None:
    (tree / "part").mkdir()
    (tree / "part" / "d.py").write_text("import os\n")
    assert lint("cd part && ruff check").places == [("part/d.py:1:8", "F401")]
    assert lint("cd part && ruff check --output-format concise").places == [("part/d.py:1:8", "F401")]


def test_file_names_of_every_kind(lint: Lint, tree: Path) -> None:
    names = ["-x.py", "a b.py", "ü.py", "new\nline.py", "$HOME.py", "it's.py"]
    for name in names:
        (tree / name).write_text("import os\n")
    done = lint("ruff check", names)
    assert sorted(f.place.path for f in done.findings if f.place) == sorted(names)
    quoted = lint("ruff check --select 'F'", names)
    assert len(quoted.findings) == len(names)


class TestScripts:
    """Commands that nothing is known about."""

    def test_the_exit_code_decides(self, lint: Lint) -> None:
        done = lint("true")
        assert (done.status, done.evidence.tool) == (PASSED, "true")
        done = lint("sh -c 'echo no good; exit 4'")
        assert (done.status, done.findings) == (FAILED, [])
        assert done.reason == "`sh -c 'echo no good; exit 4'` ended with exit code 4"

    def test_findings_are_read_where_they_look_like_some(self, lint: Lint) -> None:
        done = lint("echo 'b.py:1:8: F401 unused'; echo 'nothere.py:1: no'; exit 1")
        assert done.places == [("b.py:1:8", "F401")]
        assert done.outcome.status == FAILED

    def test_nobody_can_say_that_guessed_findings_are_all(self, lint: Lint) -> None:
        done = lint("echo 'b.py:1:8: F401 unused'; exit 1", block="new")
        assert (done.status, done.findings) == (FAILED, [])

    def test_a_tool_that_is_named(self, lint: Lint) -> None:
        run = "ruff check --output-format=json b.py; exit 1"
        done = lint(run, block="new", tool="ruff")
        assert done.places == [("b.py:1:8", "F401"), ("b.py:2:8", "F401")]

    def test_only_errors_block_where_there_are_any(self, lint: Lint) -> None:
        both = "echo 'a.py:1:1: warning: w'; echo 'b.py:1:1: error: e'"
        assert lint(f"{both}; exit 1").places == [("b.py:1:1", "error")]
        assert lint("echo 'a.py:1:1: warning: w'; exit 1").places == [("a.py:1:1", "warning")]
        passed = lint(f"{both}; exit 0")
        assert (passed.status, len(passed.findings)) == (PASSED, 2)


class TestFormats:
    """The options format, pattern and report."""

    def test_regex(self, lint: Lint) -> None:
        pattern = r"^(?P<path>\S+) line (?P<line>\d+): (?P<message>.*)$"
        done = lint("echo 'b.py line 2: bad'", format="regex", pattern=pattern)
        assert (done.status, done.places) == (FAILED, [("b.py:2", "match")])
        assert lint("echo fine", format="regex", pattern=pattern).status == PASSED
        assert lint("exit 1", format="regex", pattern=pattern).status == FAILED

    def test_sarif(self, lint: Lint) -> None:
        done = lint("ruff check --output-format=sarif a.py b.py c.py", format="sarif")
        assert [place for place, rule in done.places if rule == "F401"] == ["b.py:1:8", "b.py:2:8"]
        assert done.evidence.version

    def test_findings_count_whatever_the_exit_code_says(self, lint: Lint) -> None:
        assert lint("ruff check --exit-zero --output-format=sarif b.py", format="sarif").status == FAILED
        assert lint("ruff check --exit-zero --output-format=json b.py", format="json").status == FAILED

    def test_junit(self, lint: Lint) -> None:
        assert len(lint("ruff check --output-format=junit b.py", format="junit").findings) == 2

    def test_output_that_is_not_in_the_format(self, lint: Lint) -> None:
        done = lint("echo hello", format="sarif")
        assert (done.status, done.reason) == (NOT_RUN, "echo: its output has no JSON")
        done = lint("echo '[3]'", format="sarif")
        assert done.status == NOT_RUN

    def test_a_report(self, lint: Lint, tree: Path) -> None:
        done = lint("ruff check --output-format=json -o out.json b.py", report="out.json", format="json")
        assert (done.status, len(done.findings)) == (FAILED, 2)
        done = lint(
            "ruff check --output-format=json -o $GATELINE_SCRATCH/out.json b.py", report="out.json", tool="ruff"
        )
        assert (done.status, len(done.findings)) == (FAILED, 2)

    def test_a_report_that_was_not_written(self, lint: Lint, tree: Path) -> None:
        done = lint("true", report="out.json", format="json")
        assert (done.status, done.reason) == (NOT_RUN, "true: its report out.json was not written")
        (tree / "old.json").write_text("[]")
        done = lint("true", report="old.json", format="json")
        assert done.reason == "true: its report old.json was not written by this run: it was there before"

    def test_exit_code_alone(self, lint: Lint) -> None:
        done = lint("ruff check", ["b.py"], format="exit-code")
        assert (done.status, done.findings) == (FAILED, [])


class TestPlan:
    """What the plan asks the gate."""

    @pytest.mark.parametrize(
        ("run", "scope", "files"),
        [
            ("ruff check", "files", ("*.py", "*.pyi", "*.ipynb")),
            ("ruff check src", "project", ()),
            ("npm run lint", "project", ()),
            (None, "project", ()),
        ],
    )
    def test_scope_and_files(self, run: str | None, scope: str, files: tuple[str, ...]) -> None:
        gate: Any = gate_for("lint")
        settings = GateSettings("lint", run=run)
        assert (gate.scope_of(settings), gate.files_of(settings)) == (scope, files)

    def test_what_configures_linters_widens(self) -> None:
        globs = gate_for("lint").widened_by  # type: ignore[union-attr]
        assert {"pyproject.toml", "ruff.toml", "eslint.config.*", "package.json"} <= set(globs)


class TestDetected:
    """A gate without `run` takes the command that would be detected."""

    def test_ruff(self, make_repository: Any, tmp_path: Path) -> None:
        repository = make_repository("r", {"ruff.toml": "", "a.py": "import os\n"})
        done = look("lint", repository.path, tmp_path / "scratch")
        assert done.command is not None
        assert done.command.argv[:2] == ["ruff", "check"]
        assert done.places == [("a.py:1:8", "F401")]

    def test_nothing(self, make_repository: Any, tmp_path: Path) -> None:
        repository = make_repository("r", {"README.md": "# x\n"})
        with pytest.raises(CannotRun, match="which lint it uses"):
            gate_for("lint").prepare(context_for("lint", repository.path, tmp_path / "s"))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "run", "argv"),
    [
        ("lint", "ruff format --check", ["ruff", "format", "--check", "--force-exclude"]),
        ("lint", "eslint json", ["eslint", "json", "--format", "json"]),
        ("types", "tsc --pretty", ["tsc", "--pretty", "--noEmit", "--pretty", "false"]),
        ("types", "tsc --build", ["tsc", "--build"]),
        ("lint", "npm run lint", ["npm", "run", "lint"]),
    ],
)
def test_words_that_are_there_already(kind: str, run: str, argv: list[str], tree: Path, tmp_path: Path) -> None:
    (tree / "json").mkdir()
    gate: Any = gate_for(kind)
    command = gate.prepare(context_for(kind, tree, tmp_path / "scratch", command=run))
    assert command.argv == argv
    assert command.env["GATELINE_SCRATCH"] == str(tmp_path / "scratch")
