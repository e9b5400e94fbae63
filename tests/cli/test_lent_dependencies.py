"""Dependencies that git ignores reach a private checkout, and do not lead back out of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository

STAGED = [sys.executable, "-m", "gates", "run", "--staged"]


@pytest.fixture(autouse=True)
def cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def partly_staged(repository: Repository, path: str, staged: str, unstaged: str) -> None:
    """The index holds one content, the folder another, so that the folder cannot be what is tested."""
    repository.write(path, staged)
    repository.git("add", path)
    repository.write(path, unstaged)


def run(repository: Repository) -> subprocess.CompletedProcess[str]:
    return subprocess.run(STAGED, cwd=repository.path, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("style", ["path", "finder"])
def test_an_editable_install_is_imported_from_the_tree_under_test(
    make_repository: Callable[..., Repository], style: str
) -> None:
    files = {
        "gateline.yaml": "gates:\n  value: {kind: command, run: \"python -c 'import shop; assert shop.VALUE == 2'\"}\n",
        ".gitignore": ".venv/\n__pycache__/\n",
        "src/shop/__init__.py": "VALUE = 1\n",
    }
    repository = make_repository(files=files)
    venv.create(repository.path / ".venv")
    (packages,) = (repository.path / ".venv").glob("lib/python*/site-packages")
    source = repository.path / "src"
    if style == "path":
        (packages / "__editable__.shop-1.pth").write_text(f"{source}\n")
    else:
        finder = f"MAPPING: dict[str, str] = {{'shop': {str(source / 'shop')!r}}}\n"
        (packages / "__editable___shop_1_finder.py").write_text(finder + FINDER)
        (packages / "__editable__.shop-1.pth").write_text("import __editable___shop_1_finder as f; f.install()\n")
    partly_staged(repository, "src/shop/__init__.py", "VALUE = 2\n", "VALUE = 3\n")
    done = run(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    repository.git("add", "-A")
    assert run(repository).returncode == 1


FINDER = """
import sys
from importlib.util import spec_from_file_location


class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")


def install():
    sys.meta_path.append(Finder)
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_node_modules_are_lent_and_workspaces_are_those_of_the_tree(make_repository: Callable[..., Repository]) -> None:
    files = {
        "gateline.yaml": "gates:\n  value: {kind: command, run: node check.js}\n",
        ".gitignore": "node_modules/\n",
        "package.json": '{"name": "top", "workspaces": ["packages/*"]}\n',
        "packages/own/package.json": '{"name": "own", "main": "index.js"}\n',
        "packages/own/index.js": "module.exports = 1;\n",
        "check.js": "if (require('dep') !== 7 || require('own') !== 2) process.exit(1);\n",
    }
    repository = make_repository(files=files)
    repository.write("node_modules/dep/index.js", "module.exports = 7;\n")
    os.symlink("../packages/own", repository.path / "node_modules" / "own")
    partly_staged(repository, "packages/own/index.js", "module.exports = 2;\n", "module.exports = 3;\n")
    done = run(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert os.readlink(repository.path / "node_modules" / "own") == "../packages/own"
