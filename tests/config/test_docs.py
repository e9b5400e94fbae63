"""The reference pages say what the schema says: every option, its default and its meaning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gates.config import load_settings
from gates.config.schema import common_options, gate_defaults, kind_options, kinds, schema
from gates.config.template import inline

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def row(name: str, option: dict[str, Any], default: Any) -> str:
    """A line of a table of options."""
    described = option.get("description", "").replace("|", "\\|")
    shown = "" if default is None else f"`{default if isinstance(default, str) else inline(default)}`"
    return f"| `{name}` | {shown} | {described} |"


def own_defaults(options: dict[str, Any]) -> dict[str, Any]:
    return {name: option["default"] for name, option in options.items() if "default" in option}


def target_tables() -> list[tuple[str, str, dict[str, Any]]]:
    target = schema()["$defs"]["target"]["properties"]
    return [
        ("target", "deploy.TARGET", target),
        *((name, f"deploy.TARGET.{name}", target[name]["properties"]) for name in ("rancher", "kubernetes", "verdict")),
    ]


def assert_rows(page: str, options: dict[str, Any], defaults: dict[str, Any]) -> None:
    lines = page.splitlines()
    for name, option in options.items():
        assert row(name, option, defaults.get(name)) in lines


def test_top_level() -> None:
    options = schema()["properties"]
    assert_rows((REFERENCE / "configuration.md").read_text(), options, own_defaults(options))


def test_ci() -> None:
    options = schema()["properties"]["ci"]["properties"]
    assert_rows((REFERENCE / "ci-options.md").read_text(), options, own_defaults(options))


def test_every_gate() -> None:
    page = (REFERENCE / "gate-options.md").read_text()
    assert_rows(page, common_options(), own_defaults(common_options()))


@pytest.mark.parametrize("kind", kinds())
def test_kinds(kind: str) -> None:
    page = (REFERENCE / "gate-kinds.md").read_text()
    section = page.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    defaults = gate_defaults(kind)
    assert f"Doors: {', '.join(defaults['doors'])}. Blocks: `{defaults['block']}`." in section
    assert_rows(section, kind_options(kind), defaults)


@pytest.mark.parametrize(("name", "path", "options"), target_tables())
def test_deploy_targets(name: str, path: str, options: dict[str, Any]) -> None:
    section = (REFERENCE / "deploy-targets.md").read_text().split(f"\n## `{path}`\n")[1].split("\n## ")[0]
    assert_rows(section, options, own_defaults(options))


@pytest.mark.parametrize(
    ("page", "language"), [("configuration.md", "yaml"), ("configuration.md", "toml"), ("gate-options.md", "yaml")]
)
def test_the_first_example_is_a_valid_configuration(page: str, language: str) -> None:
    example = (REFERENCE / page).read_text().split(f"```{language}\n")[1].split("```")[0]
    name = {"yaml": "gateline.yaml", "toml": "pyproject.toml"}[language]
    assert load_settings(None, {name: example.encode()}.get).source == name


@pytest.mark.parametrize("page", ["deploy-targets.md", "ci-options.md"])
def test_examples_of_parts_are_valid(page: str) -> None:
    data = yaml.safe_load((REFERENCE / page).read_text().split("```yaml\n")[1].split("```")[0])
    data["gates"] = {"lint": None, "tests": None}
    assert load_settings(None, {"gateline.yaml": yaml.safe_dump(data).encode()}.get).source == "gateline.yaml"


def test_the_mistakes_are_told_as_the_page_shows(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "gateline.yaml").write_text(
        "gates:\n  lint: {run: ruff check, tme_limit: 3m}\n  tets: {}\n  copypaste: {min_tokens: few}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "gates", "explain", "lint"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    shown = (REFERENCE / "configuration.md").read_text().split("```text\n")[1].split("```")[0]
    assert done.stderr == shown
