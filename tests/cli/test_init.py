"""`gateline init`."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gates.cli.main import gateline
from gates.config import load_settings
from gates.config.files import known_files, working_tree
from gates.config.schema import SCHEMA_FILE
from gates.config.template import SCHEMA_COPY, inline
from gates.config.yaml_document import read_yaml
from gates.errors import CannotRun, ConfigError, UsageError
from gates.git.repository import Repository as GitRepository
from tests.conftest import Repository

FILES: dict[str, str | bytes] = {
    "pyproject.toml": "[tool.ruff]\n[tool.pytest]\n",
    "tests/test_a.py": "def test_a():\n    pass\n",
    "package.json": json.dumps(
        {"scripts": {"lint": "eslint ."}, "husky": {"hooks": {"pre-commit": "npm run lint", "post-merge": "npm ci"}}}
    ),
    "odd 'name\n: {x}/package.json": "{}",
}


@pytest.fixture
def project(make_repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = make_repository("project", FILES)
    monkeypatch.chdir(repository.path)
    return repository


def init(*arguments: str) -> int:
    return int(gateline.main(["init", *arguments], standalone_mode=False))


def test_the_file_fits_the_repository(project: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("--no-hooks") == 0
    settings = load_settings(str(project.path), working_tree(str(project.path)))
    assert settings.source == "gateline.yaml"
    assert [gate.name for gate in settings.gates] == [
        "lint",
        "lint-node",
        "tests",
        "complexity",
        "copypaste",
        "secrets",
    ]
    assert settings.gates[1].doors == ("commit", "ci")
    output = capsys.readouterr().out
    assert "ruff: [tool.ruff] in pyproject.toml" in output
    assert "husky.hooks in package.json: `npm ci` is not carried over: post-merge is not a door" in output


def test_the_file_says_what_detection_would_have_chosen(project: Repository) -> None:
    """Apart from the doors, which hook managers may change."""
    root = str(project.path)
    detected = load_settings(root, working_tree(root))
    init("--no-hooks")
    written = load_settings(root, working_tree(root))
    for before, after in zip(detected.gates, written.gates, strict=True):
        after.doors = before.doors
        assert after.to_dict() == before.to_dict()


def test_every_gate_is_commented_with_its_reason(project: Repository) -> None:
    init("--no-hooks")
    text = (project.path / "gateline.yaml").read_text()
    assert "  # pytest: [tool.pytest] in pyproject.toml\n  tests:\n    run: pytest -q\n" in text
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_COPY}\n")


def test_editors_find_the_schema_where_the_file_says(project: Repository) -> None:
    init("--no-hooks")
    assert (project.path / SCHEMA_COPY).read_bytes() == SCHEMA_FILE.read_bytes()
    assert project.git("status", "--porcelain") == "?? gateline.yaml"


def test_a_dry_run_shows_a_difference_and_writes_nothing(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in project.path.rglob("*"))
    assert init("--dry-run") == 0
    output = capsys.readouterr().out
    assert output.startswith("--- /dev/null\n+++ b/gateline.yaml\n@@ -0,0 +1,")
    assert "+    run: ruff check\n" in output
    assert "Would install the hooks pre-commit, pre-merge-commit, pre-push, commit-msg in .git/hooks.\n" in output
    assert output.endswith("Nothing was written.\n")
    assert sorted(path for path in project.path.rglob("*")) == before


def test_a_dry_run_tells_what_becomes_of_the_hooks(project: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(".git/hooks/pre-push", "#!/bin/sh\n").chmod(0o755)
    init("--dry-run")
    assert "in .git/hooks. What is there as pre-push would be kept and run first.\n" in capsys.readouterr().out
    init()
    capsys.readouterr()
    init("--dry-run")
    assert "The hooks in .git/hooks are Gateline's already.\n" in capsys.readouterr().out


def test_the_shown_difference_is_what_git_apply_would_write(
    project: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    init("--dry-run", "--no-hooks")
    patch = tmp_path / "patch"
    patch.write_text(capsys.readouterr().out.split("\nNot carried over:")[0])
    project.git("apply", str(patch))
    applied = (project.path / "gateline.yaml").read_text()
    (project.path / "gateline.yaml").unlink()
    init("--no-hooks")
    assert (project.path / "gateline.yaml").read_text() == applied


def test_nothing_is_overwritten(project: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    mine = "gates: {secrets: {}}  # mine\n"
    project.write("gateline.yaml", mine)
    assert init("--no-hooks") == 0
    assert (project.path / "gateline.yaml").read_text() == mine
    assert "gateline.yaml configures Gateline already; it stays as it is." in capsys.readouterr().out


def test_a_table_in_pyproject_counts_as_a_configuration(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("pyproject.toml", "[tool.gateline.gates.secrets]\n")
    init("--no-hooks")
    assert "pyproject.toml configures Gateline already" in capsys.readouterr().out
    assert not (project.path / "gateline.yaml").exists()


def test_a_broken_configuration_is_told(project: Repository) -> None:
    project.write("gateline.yaml", "gates: [\n")
    with pytest.raises(ConfigError, match=r"gateline\.yaml:2:1: is not valid YAML"):
        init("--no-hooks")


@pytest.mark.parametrize("kind", ["folder", "link to nowhere", "link out of the repository"])
def test_something_in_the_way_is_left_alone(project: Repository, tmp_path: Path, kind: str) -> None:
    path = project.path / "gateline.yaml"
    if kind == "folder":
        path.mkdir()
    else:
        outside = tmp_path / "outside.yaml"
        if kind.endswith("repository"):
            outside.write_text("gates: {secrets: {}}\n")
        path.symlink_to(outside)
    with pytest.raises(UsageError, match="exists and is no file that can be read"):
        init("--no-hooks")
    assert path.is_dir() or path.is_symlink()


def test_a_git_dir_that_cannot_be_written_costs_only_the_completion(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.path / ".git" / "gateline").write_text("in the way")
    assert init("--no-hooks") == 0
    assert "Editors will not complete gateline.yaml" in capsys.readouterr().out
    assert (project.path / "gateline.yaml").exists()


def test_in_a_folder_below_the_file_goes_to_the_top(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.path / "tests")
    init("--no-hooks")
    assert (project.path / "gateline.yaml").exists()


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is not in a git repository"):
        init()


@pytest.mark.skipif(importlib.util.find_spec("gates.cli.install") is None, reason="no `gateline install` yet")
def test_the_hooks_are_installed(project: Repository) -> None:
    init()
    for hook in ("pre-commit", "pre-merge-commit", "pre-push", "commit-msg"):
        assert (project.path / ".git" / "hooks" / hook).exists()


VALUES = [
    "plain",
    "two words",
    "ruff check --fix",
    "yes",
    "off",
    "null",
    "",
    " lead",
    "trail ",
    "a: b",
    "a #b",
    "[x]",
    "*.py",
    "@x",
    "1",
    "1.5",
    ".5",
    "-x",
    "0x1f",
    "quote \" and '",
    "line\nend",
    "tab\t",
    "ünï ☃ 😀",
    "\x07",
    "cd 'web app' && npm test",
    "~",
    "<<",
    "a,b",
    "...",
    "---",
    "2024-01-01",
    "12:30",
    "=",
]


@pytest.mark.parametrize("value", [*VALUES, VALUES, {"A-b": VALUES, "yes": {}}, 3, 2.5, True, None, [], {}])
def test_what_is_written_is_read_back(value: object) -> None:
    text = f"key: {inline(value)}\n"
    assert read_yaml(text.encode(), "x").data == {"key": value}
    assert yaml.safe_load(text) == {"key": value}, "other tools read YAML 1.1"


def test_reading_a_working_tree(project: Repository) -> None:
    read = working_tree(str(project.path))
    assert read("pyproject.toml") == b"[tool.ruff]\n[tool.pytest]\n"
    assert read("tests") is None
    assert read("nowhere") is None
    assert read("../outside") is None


def test_a_file_that_cannot_be_read_is_not_taken_for_none(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    # The one thing here that is not real: no mode of a file stops root.
    read = working_tree(str(project.path))

    def refuse(*arguments: object, **options: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(CannotRun, match=r"pyproject\.toml: cannot be read: Permission denied"):
        read("pyproject.toml")


def test_known_files_are_tracked_or_new_and_not_ignored(project: Repository) -> None:
    project.write(".gitignore", "ignored\n")
    project.write("ignored", "")
    project.write("new", "")
    names = known_files(GitRepository.find(str(project.path)))
    assert "odd 'name\n: {x}/package.json" in names
    assert {"new", "pyproject.toml"} <= set(names)
    assert "ignored" not in names
