"""Passed results, kept so that the same input is never checked twice.

A result is named by the tree and the gate, and holds as text everything else it depends on: the gate's settings, the
files it was asked about, the base it was compared with, Gateline's version and the tools' (path, size and time of the
program and of the project's dependency folders). It is reused only when that text is equal, so no collision of a
digest can pass for a check. Only passed results are kept: whoever runs a failed gate again wants it to run.
"""

from __future__ import annotations

import marshal
import os

from gates import __version__
from gates.git.change import Change
from gates.outcome import PASSED, Outcome
from gates.plan import Planned
from gates.process import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gates.git.repository import Repository

__all__ = ["Results", "read_marshal", "tool_stamp", "write_marshal"]

KEEP = 3000
"""Result files kept; beyond that the oldest half goes."""


class Results:
    """The stored results of one repository."""

    __slots__ = ("environment", "folder", "path")

    def __init__(self, repository: Repository, links: Sequence[str], environ: Mapping[str, str]) -> None:
        self.folder = os.path.join(repository.state, "results")
        self.path = environ.get("PATH", os.defpath)
        self.environment = [_folder_stamp(repository.root, name) for name in links]

    def key(self, planned: Planned, change: Change, shard: tuple[int, int], root: str) -> str:
        """Everything a result depends on besides the tree, as text."""
        base = change.base_tree if planned.settings.block == "new" or planned.settings.ratchets else ""
        files = None if planned.gate.scope == "project" and change.everything else planned.files
        parts = (
            __version__,
            sorted(planned.settings.to_dict().items()),
            files,
            base,
            shard,
            self.environment,
            tool_stamp(planned.settings.run, self.path, root),
        )
        return repr(parts)

    def get(self, planned: Planned, tree: str, key: str) -> Outcome | None:
        """The stored outcome for exactly this, or None."""
        stored = read_marshal(self._file(planned, tree))
        if not isinstance(stored, dict) or stored.get("key") != key:
            return None
        outcome = Outcome.from_dict(stored["outcome"])
        outcome.cached = True
        return outcome

    def put(self, planned: Planned, tree: str, key: str, outcome: Outcome) -> None:
        """Keep a passed outcome. Raises OSError when the folder cannot be written."""
        if outcome.status == PASSED and planned.settings.cache:
            os.makedirs(self.folder, exist_ok=True)
            write_marshal(self._file(planned, tree), {"key": key, "outcome": outcome.to_dict()})

    def prune(self) -> None:
        """Forget the oldest half when there are too many."""
        if not os.path.isdir(self.folder):
            return
        entries = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(self.folder)]
        if len(entries) > KEEP:
            for _, path in sorted(entries)[: len(entries) // 2]:
                os.unlink(path)

    def _file(self, planned: Planned, tree: str) -> str:
        # Gate names are restricted to words by the schema, so they are safe as file names.
        return os.path.join(self.folder, f"{tree}.{planned.settings.name}")


def tool_stamp(run: str | list[str] | None, path: str, root: str) -> str:
    """Identity of the program a command starts with: its real path, size and time; "" when there is none."""
    if not run:
        return ""
    first = run.split(None, 1)[0] if isinstance(run, str) else run[0]
    program = find_program(first, path, root)
    if program is None:
        return ""
    program = os.path.realpath(program)
    facts = os.stat(program)
    return f"{program} {facts.st_size} {facts.st_mtime_ns}"


def _folder_stamp(root: str, name: str) -> str:
    """What tells that dependencies were installed: npm's lock copy, or the time of each site-packages."""
    stamps = []
    for path in (os.path.join(root, name, ".package-lock.json"), *_site_packages(os.path.join(root, name))):
        if os.path.exists(path):
            stamps.append(f"{path} {os.stat(path).st_mtime_ns}")
    return ";".join(stamps)


def _site_packages(prefix: str) -> list[str]:
    library = os.path.join(prefix, "lib")
    if not os.path.isdir(library):
        return []
    return [os.path.join(library, name, "site-packages") for name in os.listdir(library) if name.startswith("python")]


def read_marshal(path: str) -> object:
    """A stored value, or None when there is none that can be read (a torn or foreign file is as good as none)."""
    try:
        with open(path, "rb") as file:
            return marshal.load(file)
    except (OSError, EOFError, ValueError, TypeError):
        return None


def write_marshal(path: str, value: object) -> None:
    """Store a value of builtin types so that a reader sees all of it or nothing."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        marshal.dump(value, file)
    os.replace(temporary, path)
