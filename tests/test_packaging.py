"""What `pip install` brings: one import package, the shims as data, the command; in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Repository

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
    words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(checkout)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("gateline-*.whl"))


def test_the_wheel_has_one_package_and_the_shims(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gates"}
    for hook in ("pre-commit", "pre-merge-commit", "pre-push", "commit-msg"):
        assert f"gates/_shims/{hook}" in names
    assert "gates/py.typed" in names
    assert "gates/config/schema.json" in names


def test_the_wheel_works_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", str(wheel)], check=True, stdout=subprocess.DEVNULL)
    repository = Repository(tmp_path / "repository")
    repository.path.mkdir()
    repository.git("init", "-q")
    repository.write("gateline.yaml", "gates:\n  look: {kind: command, run: '! grep -q bad a.txt'}\n  secrets: {}\n")
    gateline = str(environment / "bin" / "gateline")
    subprocess.run([gateline, "install"], cwd=repository.path, check=True, stdout=subprocess.DEVNULL)
    repository.write("a.txt", "good\n")
    repository.git("add", "-A")
    # A client started from the desktop knows neither the environment nor the shell's PATH.
    bare = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}
    subprocess.run(["git", "commit", "-q", "-m", "good"], cwd=repository.path, env=bare, check=True)
    repository.write("a.txt", "bad\n")
    done = subprocess.run(
        ["git", "commit", "-q", "-a", "-m", "bad"], cwd=repository.path, env=bare, check=False, capture_output=True
    )
    assert done.returncode == 1
    assert b"look" in done.stderr
    keys = {"RANCHER_ACCESS_KEY": "a", "RANCHER_SECRET_KEY": "b", "RANCHER_URL": "http://127.0.0.1:9"}
    for words in (["logs", "stack/service"], ["keygen", str(tmp_path / "key")]):
        done = subprocess.run(
            [gateline, *words], cwd=repository.path, env={**bare, **keys}, check=False, capture_output=True
        )
        assert done.returncode in (2, 3)
        assert b"pip install" in done.stderr, done.stderr
        assert b"Traceback" not in done.stderr


def test_the_first_command_of_the_readme(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
    command = (ROOT / "README.md").read_text().split("```sh\n")[1].split("\n```")[0]
    assert command.startswith("python3 -m venv")
    done = subprocess.run(["bash", "-c", command], cwd=checkout, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 3 gates passed" in done.stdout
