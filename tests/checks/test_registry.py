"""Every kind has its gate, and a hook pays for none that it does not run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gates.checks.registry import gate_for
from gates.errors import CannotRun

COMMANDS = ("command", "lint", "tests", "types")
HEAVY = {"re", "json", "shlex", "subprocess", "typing", "dataclasses", "yaml", "pathlib", "importlib.util"}


@pytest.mark.parametrize("kind", [*COMMANDS, "coverage", "pre_commit"])
def test_the_gate_of_a_kind(kind: str) -> None:
    gate = gate_for(kind)
    assert gate.kind == kind
    assert gate.scope in ("files", "project")
    assert gate_for(kind) is gate


def test_a_kind_that_is_not_there() -> None:
    with pytest.raises(CannotRun, match="no check of the kind 'nothing'"):
        gate_for("nothing")


def test_what_a_broken_installation_says(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    import gates.checks

    (folder := tmp_path).joinpath("broken.py").write_text("import module_that_is_missing\n")  # type: ignore[attr-defined]
    monkeypatch.setattr(gates.checks, "__path__", [*gates.checks.__path__, str(folder)])
    with pytest.raises(CannotRun, match="'broken' needs the module 'module_that_is_missing'"):
        gate_for("broken")


def test_command_gates_import_nothing_heavy() -> None:
    asked = f"""
import sys
before = set(sys.modules)
from gates.checks.registry import gate_for
for kind in {COMMANDS}:
    gate_for(kind)
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-S", "-c", asked], capture_output=True, text=True, check=True, cwd=_top())
    loaded = set(done.stdout.split())
    assert "gates.checks.lint" in loaded
    assert not loaded & HEAVY


def _top() -> str:
    import gates

    return gates.__path__[0].rpartition("/")[0]
