"""The version of a tool, from what its package manager has written beside it: no process is started for it."""

from __future__ import annotations

import os

from gates.git.links import program_folders
from gates.process import find_program

__all__ = ["installed_version"]


def installed_version(program: str, package: str, root: str) -> str:
    """The version of the distribution `package` that `program` belongs to, "" when nothing tells."""
    found = _node_version(package, root)
    if found:
        return found
    path = os.pathsep.join([*program_folders(root), os.environ.get("PATH", os.defpath)])
    where = find_program(program, path, root)
    if where is None:
        return ""
    # A virtual environment's bin holds the scripts themselves, ~/.local/bin may hold links to them.
    for folder in dict.fromkeys((os.path.dirname(where), os.path.dirname(os.path.realpath(where)))):
        found = _python_version(os.path.dirname(folder), package)
        if found:
            return found
    return ""


def _node_version(package: str, root: str) -> str:
    try:
        with open(os.path.join(root, "node_modules", package, "package.json"), encoding="utf-8") as file:
            text = file.read(1 << 20)
    except (OSError, UnicodeDecodeError):
        return ""
    from json import loads

    try:
        version = loads(text).get("version", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return version if isinstance(version, str) else ""


def _python_version(prefix: str, package: str) -> str:
    """From the name of the folder NAME-VERSION.dist-info."""
    start = package.lower().replace("-", "_") + "-"
    library = os.path.join(prefix, "lib")
    for python in _names(library):
        if python.startswith("python"):
            for name in _names(os.path.join(library, python, "site-packages")):
                if name.endswith(".dist-info") and name.lower().startswith(start):
                    return name[len(start) : -len(".dist-info")]
    return ""


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
