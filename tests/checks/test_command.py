"""The command gate: any program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.checks.registry import gate_for
from gates.outcome import FAILED, NOT_RUN, PASSED
from gates.settings import GateSettings
from tests.checks.driver import Look, context_for, look

Command = Callable[..., Look]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "web").mkdir(parents=True)
    (root / "notes.txt").write_text("one\nTODO two\n")
    (root / "web" / "page.txt").write_text("TODO three\n")
    return root


@pytest.fixture
def command(tree: Path, tmp_path: Path) -> Command:
    def run(command: str | list[str], **arguments: Any) -> Look:
        return look("command", tree, tmp_path / "scratch", command=command, **arguments)

    return run


def test_exit_code(command: Command) -> None:
    done = command("true")
    assert (done.status, done.evidence.tool) == (PASSED, "true")
    done = command("echo 'notes.txt:2: TODO'; exit 9")
    assert (done.status, done.findings) == (FAILED, [])
    assert done.reason == "`echo 'notes.txt:2: TODO'; exit 9` ended with exit code 9"


def test_a_list_is_run_without_a_shell(command: Command) -> None:
    assert command(["test", "$HOME", "=", "$HOME"]).status == PASSED
    assert command(["sh", "-c", "exit 2"]).reason == "`sh -c exit 2` ended with exit code 2"


def test_a_long_command_is_not_quoted_in_full(command: Command) -> None:
    assert command("false " + "x " * 60).reason == "the command ended with exit code 1"
    assert command("true\nfalse").reason == "the command ended with exit code 1"


def test_files_are_appended(command: Command, tree: Path) -> None:
    files = ["notes.txt", "web/page.txt"]
    assert command("grep -q TODO", scope="files", files=files).status == PASSED
    assert command("test $# = 0; test", scope="files", files=["x"]).status == PASSED
    shell = command("printf '%s\\n' >out", scope="files", files=files)
    assert shell.status == PASSED
    assert (tree / "out").read_text().split() == files


def test_files_as_a_folder_sees_them(command: Command, tree: Path) -> None:
    command("cd web && printf '%s\\n' >out", scope="files", files=["notes.txt", "web/page.txt"])
    assert (tree / "web" / "out").read_text().split() == ["../notes.txt", "page.txt"]


def test_findings_by_a_pattern(command: Command) -> None:
    pattern = r"^(?P<path>[^:]+):(?P<line>\d+):(?P<message>.*TODO.*)$"
    done = command("grep -rn TODO . || true", format="regex", pattern=pattern, severity="minor")
    assert done.status == FAILED
    assert done.places == [("notes.txt:2", "match"), ("web/page.txt:1", "match")]
    assert {finding.severity for finding in done.findings} == {"minor"}
    assert done.findings[0].source == "TODO two"


def test_findings_that_only_inform_do_not_block(command: Command) -> None:
    options = {"format": "regex", "pattern": r"^(?P<path>[^:]+):(?P<line>\d+)", "severity": "info"}
    done = command("grep -rn TODO . || true", **options)
    assert (done.status, len(done.findings)) == (PASSED, 2)
    assert command("grep -rn TODO .; exit 1", **options).status == FAILED


def test_paths_outside_of_the_tree_are_not_told(command: Command, tree: Path) -> None:
    options = {"format": "regex", "pattern": r"^(?P<path>\S+):(?P<line>\d+) (?P<message>.*)$"}
    done = command(f"echo /etc/passwd:1 in {tree}/web; echo ../up.txt:2 b; echo {tree}/notes.txt:2 c", **options)
    assert [(str(f.place or ""), f.message) for f in done.findings] == [
        ("", "b"),
        ("", "in web"),
        ("notes.txt:2", "c"),
    ]


def test_known_tools_are_left_as_they_are(command: Command, tree: Path) -> None:
    (tree / "a.py").write_text("import os\n")
    done = command("ruff check --isolated a.py")
    assert done.command is not None
    assert done.command.argv == ["ruff", "check", "--isolated", "a.py"]
    assert (done.status, done.findings) == (FAILED, [])
    assert command("ruff check --isolated a.py", format="auto").places == [("a.py:1:8", "F401")]


def test_a_missing_program(command: Command) -> None:
    assert command("no-such-program").status == NOT_RUN
    assert "no-such-program: not found" in command("true | no-such-program").reason


def test_output_that_is_too_long(tree: Path, tmp_path: Path) -> None:
    from gates.checks.base import Finished

    gate: Any = gate_for("command")
    context = context_for("command", tree, tmp_path / "s", command="scan", format="sarif")
    outcome = gate.judge(context, Finished(0, b'{"runs": []}', b"", truncated=True))
    assert (outcome.status, outcome.reason) == (NOT_RUN, "scan: it printed more than Gateline keeps")


def test_bytes_that_are_no_text(command: Command) -> None:
    done = command(r"printf '\377\376 notes.txt:2: bad \377\n'; exit 1", format="auto")
    assert done.status == FAILED


def test_the_scope_is_the_options(tree: Path) -> None:
    gate: Any = gate_for("command")
    assert gate.scope_of(GateSettings("x", "command", run="true")) == "project"
    assert gate.scope_of(GateSettings("x", "command", run="true", options={"scope": "files"})) == "files"
