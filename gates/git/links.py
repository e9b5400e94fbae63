"""Dependency folders that git ignores (.venv, node_modules) are lent to a snapshot by symbolic links.

Two things would lead back from there to the user's working tree, past the tree under test: links inside node_modules
to the repository's own workspaces, and editable installs in a virtual environment. The first are re-pointed to the
snapshot, for the second the snapshot's folders are put first on PYTHONPATH.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["editable_paths", "link_dependencies", "program_folders"]


def link_dependencies(source: str, target: str, names: Sequence[str]) -> list[str]:
    """Link what exists below `source` into `target`; returns the links' paths relative to `target`.

    A name without "/" is linked at the top, and "node_modules" also beside every package.json of the tree.
    """
    linked = []
    for name in names:
        for path in _candidates(source, target, name):
            if _link(source, target, path):
                linked.append(path)
    return linked


def _candidates(source: str, target: str, name: str) -> list[str]:
    if name != "node_modules" or not os.path.exists(os.path.join(target, "package.json")):
        return [name]
    folders = {""} | _workspaces(target)
    return sorted(os.path.join(folder, name) for folder in folders if os.path.isdir(os.path.join(source, folder, name)))


def _workspaces(root: str) -> set[str]:
    """Folders of the tree with a package.json, not looking into dependencies."""
    found = set()
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", "node_modules", ".venv", "venv")]
        if "package.json" in files:
            found.add(os.path.relpath(folder, root) if folder != root else "")
    return found


def _link(source: str, target: str, path: str) -> bool:
    there, here = os.path.join(source, path), os.path.join(target, path)
    if not os.path.isdir(there):
        if os.path.islink(here):
            os.unlink(here)
        return False
    if os.path.lexists(here) and not os.path.islink(here) and not os.path.isdir(os.path.join(here, ".gateline")):
        return False  # the tree has such a folder itself
    own = _own_packages(there, source) if os.path.basename(path) == "node_modules" else []
    if own:
        _link_each(there, here, source, target)
    elif not os.path.islink(here) or os.readlink(here) != there:
        _forget(here)
        os.makedirs(os.path.dirname(here), exist_ok=True)
        os.symlink(there, here)
    return True


def _own_packages(modules: str, source: str) -> list[str]:
    """Entries of a node_modules (scopes included) that link into the repository itself."""
    own = []
    for entry in _entries(modules):
        path = os.path.join(modules, entry)
        if os.path.islink(path) and _inside(os.path.realpath(path), source):
            own.append(entry)
    return own


def _entries(modules: str) -> list[str]:
    entries = []
    for entry in sorted(os.listdir(modules)):
        if entry.startswith("@"):
            entries += [f"{entry}/{name}" for name in sorted(os.listdir(os.path.join(modules, entry)))]
        else:
            entries.append(entry)
    return entries


def _inside(path: str, root: str) -> bool:
    return path.startswith(os.path.join(root, "")) and "/node_modules/" not in path[len(root) :]


def _link_each(there: str, here: str, source: str, target: str) -> None:
    """A node_modules of links, one an entry, those into the repository re-pointed to the snapshot."""
    _forget(here)
    os.makedirs(os.path.join(here, ".gateline"))
    for entry in _entries(there):
        path = os.path.join(there, entry)
        goal = os.path.realpath(path) if os.path.islink(path) else path
        if _inside(goal, source):
            goal = os.path.join(target, os.path.relpath(goal, source))
        os.makedirs(os.path.dirname(os.path.join(here, entry)), exist_ok=True)
        os.symlink(goal, os.path.join(here, entry))


def _forget(path: str) -> None:
    if os.path.islink(path):
        os.unlink(path)
    elif os.path.isdir(os.path.join(path, ".gateline")):
        import shutil

        shutil.rmtree(path)


def program_folders(root: str) -> list[str]:
    """Folders of the project's own tools, to be searched before the rest of PATH."""
    folders = [os.path.join(root, name) for name in (".venv/bin", "venv/bin", "node_modules/.bin")]
    return [folder for folder in folders if os.path.isdir(folder)]


def editable_paths(source: str, target: str, site_packages: Sequence[str]) -> list[str]:
    """Folders of the snapshot to put first on PYTHONPATH, one for each editable install that points into `source`.

    Both layouts of setuptools are read: plain `.pth` lines, and the MAPPING of an `__editable__*_finder.py`; other
    build backends (hatchling, flit, poetry, pdm) write `.pth` lines too.
    """
    found: list[str] = []
    for folder in site_packages:
        for name in sorted(os.listdir(folder)):
            if name.endswith(".pth"):
                found += _pth_lines(os.path.join(folder, name))
            elif name.startswith("__editable__") and name.endswith("_finder.py"):
                found += _finder_roots(os.path.join(folder, name))
    inside = dict.fromkeys(os.path.realpath(path) for path in found)
    root = os.path.realpath(source)
    return [
        os.path.normpath(os.path.join(target, os.path.relpath(path, root)))
        for path in inside
        if path == root or _inside(path, root)
    ]


def _pth_lines(path: str) -> list[str]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if os.path.isabs(line) and os.path.isdir(line)]


def _finder_roots(path: str) -> list[str]:
    """Parents of the packages in a finder's `MAPPING: dict[str, str] = {...}`."""
    import ast

    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            if line.startswith("MAPPING"):
                mapping = ast.literal_eval(line.partition("= ")[2].strip())
                return [os.path.dirname(folder) for folder in mapping.values()]
    return []
