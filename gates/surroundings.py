"""The environment a gate starts with: the project's own tools first, and nothing that leads out of its snapshot."""

from __future__ import annotations

import os
import sys

from gates.git.links import editable_paths, program_folders
from gates.git.repository import Repository, clean_environment
from gates.git.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["gate_environment", "gate_path"]


def gate_environment(repository: Repository, snapshot: Snapshot, door: str) -> dict[str, str]:
    """Variables for every gate of a run.

    GIT_* variables that name a repository are gone; PATH begins with the project's .venv/bin and node_modules/.bin;
    in a private snapshot PYTHONPATH begins with the snapshot's side of each editable install, so that imports resolve
    to the tree under test; GATELINE_DOOR tells a script where it runs.
    """
    environ = clean_environment(repository.environ)
    for name in ("LC_ALL", "GIT_OPTIONAL_LOCKS"):
        if name in os.environ:
            environ[name] = os.environ[name]
        else:
            environ.pop(name, None)
    environ["PATH"] = gate_path(repository)
    environ["GATELINE_DOOR"] = door
    if not snapshot.in_place:
        _point_python(repository, snapshot, environ)
    return environ


def gate_path(repository: Repository) -> str:
    """PATH of the gates: the project's own tools first, those that were installed together with Gateline last."""
    path = repository.environ.get("PATH", os.defpath)
    return os.pathsep.join([*program_folders(repository.root), path, os.path.dirname(sys.executable)])


def _point_python(repository: Repository, snapshot: Snapshot, environ: dict[str, str]) -> None:
    folders = editable_paths(repository.root, snapshot.root, _site_packages(environ))
    if folders:
        before = [environ["PYTHONPATH"]] if environ.get("PYTHONPATH") else []
        environ["PYTHONPATH"] = os.pathsep.join(folders + before)


def _site_packages(environ: Mapping[str, str]) -> list[str]:
    """site-packages of the Python that gates will meet first: the one beside the first `python` on PATH."""
    for folder in environ["PATH"].split(os.pathsep):
        if os.path.exists(os.path.join(folder, "python")) or os.path.exists(os.path.join(folder, "python3")):
            library = os.path.join(os.path.dirname(os.path.realpath(folder)), "lib")
            names = os.listdir(library) if os.path.isdir(library) else []
            found = [os.path.join(library, name, "site-packages") for name in names if name.startswith("python")]
            return [path for path in found if os.path.isdir(path)]
    return []
