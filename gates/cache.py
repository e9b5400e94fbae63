"""Results, kept so that the same input is never checked twice.

A result is named by the tree and the gate, and holds as text everything else it depends on: the gate's settings, the
files it was asked about, the base it was compared with, Gateline's version and the tools' (path, size and time of the
program and of the project's dependency folders). It is reused only when that text is equal, so no collision of a
digest can pass for a check. Of a tree under test only passed results are kept: whoever runs a failed gate again wants
it to run. Of a base tree every result is kept, for it only says what was there before.
"""

from __future__ import annotations

import os

from gates import __version__
from gates.digest import digest
from gates.marshalled import read_marshal, write_marshal
from gates.outcome import NOT_RUN, PASSED, Outcome
from gates.process import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gates.git.change import Change, FileChange
    from gates.git.repository import Repository
    from gates.plan import Planned

__all__ = ["Results", "tool_stamp"]

KEEP = 3000
"""Result files kept; beyond that the oldest half goes."""


class Results:
    """The stored results of one repository, for one run.

    change     what the run is about
    shard      (index, total)
    path       PATH of the gates, on which their programs are found
    list_tree  every file of the tree under test, for gates that say which part of it they read
    """

    __slots__ = ("change", "environment", "folder", "list_tree", "path", "root", "shard", "tools")

    def __init__(
        self,
        repository: Repository,
        change: Change,
        shard: tuple[int, int],
        links: Sequence[str],
        path: str,
        list_tree: Callable[[], list[FileChange]],
    ) -> None:
        self.folder = os.path.join(repository.state, "results")
        self.root = repository.root
        self.change = change
        self.shard = shard
        self.path = path
        self.list_tree = list_tree
        self.environment = [_folder_stamp(repository.root, name) for name in links]
        self.tools: dict[str, tuple[object, ...]] = {}

    def find(self, planned: Planned) -> Outcome | None:
        """The passed outcome for exactly this input; what passed with every file has passed with some of them too."""
        if not _is_kept(planned):
            return None
        for whole in (False, True) if not planned.whole else (True,):
            outcome = self._get(self._file(planned, "all" if whole else ""), self._key(planned, whole))
            if outcome is not None:
                outcome.cached = True
                return outcome
        return None

    def keep(self, planned: Planned, outcome: Outcome) -> None:
        """Keep a passed outcome. Raises OSError when the folder cannot be written."""
        if outcome.status == PASSED and _is_kept(planned):
            self._put(self._file(planned, "all" if planned.whole else ""), self._key(planned, planned.whole), outcome)

    def find_base(self, planned: Planned, files: Sequence[str]) -> Outcome | None:
        """What the gate came to on the base tree."""
        return self._get(self._base_file(planned), self._base_key(planned, files)) if _is_kept(planned) else None

    def keep_base(self, planned: Planned, files: Sequence[str], outcome: Outcome) -> None:
        """Keep what a gate came to on the base tree. Raises OSError when the folder cannot be written."""
        if outcome.status != NOT_RUN and _is_kept(planned):
            self._put(self._base_file(planned), self._base_key(planned, files), outcome)

    def prune(self) -> None:
        """Forget the oldest half when there are too many."""
        if not os.path.isdir(self.folder):
            return
        entries = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(self.folder)]
        if len(entries) > KEEP:
            for _, path in sorted(entries)[: len(entries) // 2]:
                os.unlink(path)

    def _key(self, planned: Planned, whole: bool) -> str:
        """Everything a result depends on besides the tree, as text."""
        settings, gate = planned.settings, planned.gate
        about: list[object] = [self.shard, None if whole or planned.is_project else planned.files]
        if settings.block == "new" or settings.ratchets or getattr(gate, "compares_itself", False):
            about.append(self.change.base_tree)
        if getattr(gate, "reads_change", False):
            about += [self.change.base_tree, self.change.base_commit, self.change.commit, self.change.everything]
        return repr((*self._tools(planned), about))

    def _base_key(self, planned: Planned, files: Sequence[str]) -> str:
        return repr((*self._tools(planned), None if planned.is_project else list(files)))

    def _tools(self, planned: Planned) -> tuple[object, ...]:
        """Settings and tool of a gate, as they were when this run began."""
        settings = planned.settings
        if settings.name not in self.tools:
            stamp = tool_stamp(settings.run, self.path, self.root)
            self.tools[settings.name] = (__version__, sorted(settings.to_dict().items()), self.environment, stamp)
        return self.tools[settings.name]

    def _file(self, planned: Planned, mark: str) -> str:
        # Gate names are restricted to words by the schema, so they are safe as file names.
        return os.path.join(self.folder, f"{self._part(planned)}.{planned.settings.name}{mark and '.' + mark}")

    def _base_file(self, planned: Planned) -> str:
        return os.path.join(self.folder, f"{self.change.base_tree}.{planned.settings.name}.base")

    def _part(self, planned: Planned) -> str:
        """Name of what the gate can see: the tree, or the files that it is said to read."""
        if not planned.settings.reads:
            return self.change.tree
        asked = set() if planned.is_project else set(planned.files)
        seen = [f for f in self.list_tree() if f.path in asked or planned.reads(f.path)]
        return "part-" + digest(*(f"{file.mode} {file.blob} {file.path}" for file in seen))

    def _get(self, path: str, key: str) -> Outcome | None:
        stored = read_marshal(path)
        if not isinstance(stored, dict) or stored.get("key") != key:
            return None
        return Outcome.from_dict(stored["outcome"])

    def _put(self, path: str, key: str, outcome: Outcome) -> None:
        os.makedirs(self.folder, exist_ok=True)
        write_marshal(path, {"key": key, "outcome": outcome.to_dict()})


def _is_kept(planned: Planned) -> bool:
    """Whether results of this gate may be reused: it depends on nothing but the tree, and the user does not mind."""
    return planned.settings.cache and getattr(planned.gate, "cacheable", True)


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
