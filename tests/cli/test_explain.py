"""`gateline explain`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import gates.checks
from gates.cli.main import gateline
from gates.config.schema import common_options, kind_options, kinds
from gates.errors import ConfigError, UsageError
from gates.rules import explain_own_rule, explain_tool_rule
from tests.conftest import Repository

Explain = Callable[..., str]


@pytest.fixture
def explain(repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    monkeypatch.chdir(repository.path)
    repository.write(
        "gateline.yaml", "gates: {lint: {run: ruff check, time_limit: 90s}, docs: {kind: command, run: x}}\n"
    )

    def call(*arguments: str) -> str:
        assert gateline.main(["explain", *arguments], standalone_mode=False) == 0
        return capsys.readouterr().out

    return call


def test_a_gate_as_it_is_set_here(explain: Explain) -> None:
    output = explain("lint")
    assert "Set here (gateline.yaml):" in output
    assert "  run              ruff check\n" in output
    assert "  time_limit       90s\n" in output
    assert "  doors            [commit, merge, push, ci]  (default)\n" in output
    assert "docs/reference/gates/lint.md" in output


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("200", 100)])
def test_no_line_of_the_options_is_wider_than_the_terminal(
    explain: Explain, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = explain("lint").partition("Options and what they mean:")[2].partition("\n\n")[0]
    assert widest - 20 < max(map(len, told.splitlines())) <= widest


def test_a_gate_with_a_name_of_its_own(explain: Explain) -> None:
    assert explain("docs").startswith("docs: Runs any command.")


def test_a_detected_gate_says_why(explain: Explain, repository: Repository) -> None:
    (repository.path / "gateline.yaml").unlink()
    assert "Chosen because: there are Python files.\n" in explain("complexity")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_names_all_its_options(explain: Explain, kind: str) -> None:
    output = explain(kind)
    for option in (*common_options(), *kind_options(kind)):
        assert f"\n  {option:16} " in output


def test_a_kind_that_is_not_used_here(explain: Explain) -> None:
    assert "No gate here is of this kind." in explain("tests")
    assert "Gates of this kind here: docs." in explain("command")


def test_the_list_of_what_can_be_explained(explain: Explain) -> None:
    output = explain()
    assert "Gates of this repository (gateline.yaml):\n  lint " in output
    for kind in kinds():
        assert f"\n  {kind:16} " in output


def test_a_name_that_means_nothing(explain: Explain) -> None:
    with pytest.raises(UsageError, match=r"'lnit' is no gate here") as caught:
        explain("lnit")
    assert "Did you mean 'lint'?" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_broken_configuration_is_told(explain: Explain, repository: Repository) -> None:
    repository.write("gateline.yaml", "gates: 3\n")
    with pytest.raises(ConfigError, match=r"gateline\.yaml:1:8"):
        explain("lint")


def test_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert gateline.main(["explain", "secrets"], standalone_mode=False) == 0
    assert capsys.readouterr().out.startswith("secrets: Looks for passwords")
    assert gateline.main(["explain"], standalone_mode=False) == 0
    with pytest.raises(UsageError, match="is no gate here"):
        gateline.main(["explain", "nothing-at-all"], standalone_mode=False)


class TestRules:
    @pytest.fixture
    def checks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A module of a kind, found before any other of that name, with rules of its own."""
        (tmp_path / "compose.py").write_text(
            'RULES = {"unknown-key": {"meaning": "A key that Compose does not know.", "fix": "Correct it."}}\n'
        )
        monkeypatch.setattr(gates.checks, "__path__", [str(tmp_path), *gates.checks.__path__])
        monkeypatch.delitem(__import__("sys").modules, "gates.checks.compose", raising=False)

    @pytest.mark.usefixtures("checks")
    @pytest.mark.parametrize("name", ["unknown-key", "compose/unknown-key"])
    def test_a_rule_of_a_gate(self, explain: Explain, name: str) -> None:
        assert explain(name) == (
            "unknown-key, a rule of the gate compose\n\n"
            "  meaning   A key that Compose does not know.\n"
            "  fix       Correct it.\n\n"
            "Documentation: docs/reference/gates/compose.md\n"
        )

    @pytest.mark.usefixtures("checks")
    def test_the_kind_lists_its_rules_and_a_typo_is_understood(self, explain: Explain) -> None:
        assert "Rules: unknown-key." in explain("compose")
        with pytest.raises(UsageError, match="Did you mean 'unknown-key'"):
            explain("unknow-key")

    @pytest.mark.usefixtures("checks")
    def test_a_rule_of_another_gate(self) -> None:
        assert explain_own_rule("lint/unknown-key") == ""

    @pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not on PATH")
    def test_ruff_explains_its_rules(self, explain: Explain) -> None:
        assert explain("E501").startswith("# line-too-long (E501)")
        with pytest.raises(UsageError):
            explain("ZZZ999")

    def test_the_project_s_own_tool_is_asked(self, tmp_path: Path) -> None:
        program = tmp_path / ".venv" / "bin" / "pylint"
        program.parent.mkdir(parents=True)
        program.write_text('#!/bin/sh\necho "asked: $@"\n')
        program.chmod(0o755)
        assert explain_tool_rule("C0114", str(tmp_path)) == "asked: --help-msg C0114"
        program.write_text('#!/bin/sh\necho "No such message id or symbol"\n')
        assert explain_tool_rule("C0114", str(tmp_path)) == ""
        program.write_text("not a program")
        assert explain_tool_rule("C0114", str(tmp_path)) == ""

    def test_rules_with_a_page(self, tmp_path: Path) -> None:
        assert "https://www.shellcheck.net/wiki/SC2086" in explain_tool_rule("SC2086", str(tmp_path))
        assert explain_tool_rule("no-undef", str(tmp_path)) == ""
        rule = tmp_path / "node_modules/eslint/lib/rules/no-undef.js"
        rule.parent.mkdir(parents=True)
        rule.write_text("")
        assert "https://eslint.org/docs/latest/rules/no-undef" in explain_tool_rule("no-undef", str(tmp_path))
