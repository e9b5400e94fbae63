"""Everything that must hold before a change lands: `python3 tests/run.py`.

On a fresh machine this is the only command needed: it makes a virtual environment of its own (kept outside the
checkout, one for each content of pyproject.toml), and runs the linter, the type checker, the tests with their coverage,
and Gateline's own gates over Gateline.

    python3 tests/run.py            without the slow tests
    python3 tests/run.py --all      everything, as in CI
    python3 tests/run.py -k hooks   words for pytest, without coverage and gates
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gateline-tests"


def main(arguments: Sequence[str]) -> int:
    python = environment()
    words = [word for word in arguments if word != "--all"]
    pytest = [python, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"]
    if words:
        return call([*pytest, *words])
    steps = {
        "ruff": [python, "-m", "ruff", "check"],
        "mypy": [python, "-m", "mypy"],
        "tests": [*pytest, "-m", "not slow", "--cov", "--cov-report=", "--cov-fail-under=0"],
        "coverage": [python, "-m", "coverage", "report", "--fail-under=90"],
        "gates": [python, "-m", "gates", "ci", "--reports", str(CACHE / "reports")],
    }
    if "--all" in arguments:
        os.environ["GATELINE_TEST_NETWORK"] = "1"  # the tests that build environments from the package registry too
        # Not measured: real servers, pipelines and fuzzing are slow enough without it.
        steps["slow tests"] = [*pytest, "-m", "slow", "--durations=15"]
    failed = [name for name, command in steps.items() if call(command)]
    print(f"failed: {', '.join(failed)}" if failed else "all is well", flush=True)
    return 1 if failed else 0


def environment() -> str:
    """The Python of a virtual environment with Gateline (editable) and all that its tests need."""
    text = (ROOT / "pyproject.toml").read_bytes()
    folder = CACHE / f"venv-{hashlib.sha256(text + str(ROOT).encode() + sys.version.encode()).hexdigest()[:16]}"
    python = str(folder / "bin" / "python")
    if not (folder / "ready").exists():
        print(f"making a virtual environment in {folder}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        groups = tomllib.loads(text.decode())["dependency-groups"]
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--editable", f"{ROOT}[all]", *groups["dev"]], check=True)
        (folder / "ready").touch()
    return python


def call(command: Sequence[str]) -> int:
    print(f"\n$ {' '.join(command)}", flush=True)
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
