"""Lent dependency folders, and the two ways that would lead back past the tree under test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gates.git.links import editable_paths, link_dependencies, program_folders


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_workspaces_lead_to_the_snapshot(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in (source, target):
        make(folder, "package.json", "packages/a/package.json", "packages/b/package.json")
    make(source, "node_modules/dep/index.js", "node_modules/.bin/tool", "packages/a/node_modules/own/index.js")
    (source / "node_modules/a").symlink_to("../packages/a")
    (source / "node_modules/@scope").mkdir()
    (source / "node_modules/@scope/b").symlink_to("../../packages/b")
    for _ in range(2):  # the second time, what the first has made is in the way
        linked = link_dependencies(str(source), str(target), ["node_modules"])
        assert linked == ["node_modules", "packages/a/node_modules"]
        assert os.path.realpath(target / "node_modules/a") == str(target / "packages/a")
        assert os.path.realpath(target / "node_modules/@scope/b") == str(target / "packages/b")
        assert os.path.realpath(target / "node_modules/dep") == str(source / "node_modules/dep")
        assert (target / "packages/a/node_modules/own/index.js").exists()


def test_a_folder_of_the_tree_itself_is_not_replaced(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    make(source, ".venv/lib")
    make(target, ".venv/committed")
    assert link_dependencies(str(source), str(target), [".venv", "venv"]) == []
    assert (target / ".venv/committed").exists()


def test_what_is_gone_is_not_lent_any_more(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    make(source, ".venv/lib")
    target.mkdir()
    assert link_dependencies(str(source), str(target), [".venv"]) == [".venv"]
    (source / ".venv").rename(source / "elsewhere")
    assert link_dependencies(str(source), str(target), [".venv"]) == []
    assert not (target / ".venv").is_symlink()


def test_programs_of_the_project_come_first(tmp_path: Path) -> None:
    make(tmp_path, ".venv/bin/a", "node_modules/.bin/b")
    assert program_folders(str(tmp_path)) == [str(tmp_path / ".venv/bin"), str(tmp_path / "node_modules/.bin")]


def test_both_layouts_of_editable_installs(tmp_path: Path) -> None:
    source, site = tmp_path / "source", tmp_path / "site"
    make(source, "src/one/__init__.py", "flat/two/__init__.py")
    (tmp_path / "elsewhere").mkdir()
    site.mkdir()
    (site / "one.pth").write_text(f"import os\n{source}/src\n{tmp_path}/elsewhere\n{source}/missing\n")
    mapping = {"two": str(source / "flat/two")}
    (site / "__editable___two_finder.py").write_text(f"x = 1\nMAPPING: dict[str, str] = {mapping!r}\n")
    (site / "__editable___none_finder.py").write_text("x = 1\n")
    found = editable_paths(str(source), "/snapshot", [str(site)])
    assert found == ["/snapshot/flat", "/snapshot/src"]


def test_python_imports_from_the_snapshot(tmp_path: Path) -> None:
    """With a real editable install, made by a .pth as build backends write it."""
    source, target, site = tmp_path / "source", tmp_path / "target", tmp_path / "site"
    for folder, word in ((source, "folder"), (target, "snapshot")):
        make(folder, "src/thing.py")
        (folder / "src/thing.py").write_text(f"WHERE = {word!r}\n")
    site.mkdir()
    (site / "thing.pth").write_text(f"{source}/src\n")
    script = f"import site; site.addsitedir({str(site)!r}); import thing; print(thing.WHERE)"
    for paths, word in (([], "folder"), (editable_paths(str(source), str(target), [str(site)]), "snapshot")):
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert done.stdout == word + "\n"
