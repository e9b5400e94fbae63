"""The types gate with the real mypy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.outcome import FAILED, NOT_RUN, PASSED
from tests.checks.driver import Look, look

Types = Callable[..., Look]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "mypy.ini").write_text("[mypy]\ncache_dir = /dev/null\npretty = true\n")
    (root / "good.py").write_text("x: int = 1\n")
    return root


@pytest.fixture
def types(tree: Path, tmp_path: Path) -> Types:
    def run(command: str | None, **arguments: Any) -> Look:
        return look("types", tree, tmp_path / "scratch", command=command, **arguments)

    return run


def test_no_errors(types: Types) -> None:
    done = types("mypy .")
    assert (done.status, done.evidence.files, done.evidence.tool) == (PASSED, 1, "mypy")
    assert done.outcome.metrics == {"errors": 0.0, "warnings": 0.0}


def test_errors_and_their_notes(types: Types, tree: Path) -> None:
    (tree / "bad.py").write_text("a: list[float] = [1]\nb: list[int] = [2]\na = b\nreveal_type(a)\n")
    done = types("mypy .")
    assert (done.status, done.reason) == (FAILED, "mypy found 1 problem")
    (finding,) = done.findings
    assert (str(finding.place), finding.rule, finding.source) == ("bad.py:3:5", "assignment", "a = b")
    assert "invariant" in finding.detail
    assert done.evidence.files == 2


def test_a_file_that_cannot_be_parsed_hides_the_others(types: Types, tree: Path) -> None:
    (tree / "broken.py").write_text("def f(:\n")
    done = types("mypy .")
    assert (done.status, done.places[0]) == (FAILED, ("broken.py:1:8", "syntax"))
    assert done.evidence.parse_errors
    hidden = types("mypy .", block="new")
    assert hidden.status == NOT_RUN
    assert hidden.reason.startswith("mypy broke off with exit code 2: ")
    assert hidden.findings


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ("mypy", "mypy: error: Missing target module, package, files, or command."),
        ("mypy nothere.py", "nothere.py"),
        ("mypy empty", "There are no .py[i] files in directory 'empty'"),
        ("mypy --no-such-option .", "unrecognized arguments"),
    ],
)
def test_nothing_was_checked(run: str, reason: str, types: Types, tree: Path) -> None:
    (tree / "empty").mkdir()
    done = types(run)
    assert done.status == NOT_RUN
    assert reason in done.reason


def test_json_that_the_user_asked_for(types: Types, tree: Path) -> None:
    (tree / "bad.py").write_text('x: int = "a"\n')
    assert types("mypy --output=json .").places == [("bad.py:1:10", "assignment")]
    (tree / "bad.py").unlink()
    assert types("mypy --output=json .").status == PASSED


def test_a_script_that_runs_it(types: Types, tree: Path) -> None:
    (tree / "bad.py").write_text('x: int = "a"\n')
    done = types("true && mypy --no-pretty .")
    assert (done.status, done.places) == (FAILED, [("bad.py:1", "assignment")])


def test_the_command_is_detected(make_repository: Any, tmp_path: Path) -> None:
    repository = make_repository("r", {"mypy.ini": "[mypy]\n", "a.py": 'x: int = "a"\n'})
    done = look("types", repository.path, tmp_path / "scratch")
    assert done.places == [("a.py:1:10", "assignment")]
