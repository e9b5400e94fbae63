"""The plan: which gates run at this door for this change, on which files, and why the others do not."""

from __future__ import annotations

from gates.checks.registry import gate_for
from gates.errors import UsageError
from gates.git.change import Change, FileChange
from gates.globs import Globs
from gates.settings import GateSettings, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from gates.checks.base import AnalysisGate, CommandGate

__all__ = ["Planned", "make_plan", "skipped_by_user"]

PATTERNS_SHOWN = 3
"""Globs named when there is no file that they match."""


class Planned:
    """One gate of the plan.

    files      what it is asked about, relative paths
    all_files  every file of the tree that it is about, for a gate that `needs_all_files`
    skip       why it does not run, "" when it does
    whole      whether `files` are all files of the tree that the gate is about
    """

    __slots__ = ("about", "all_files", "files", "gate", "settings", "skip", "whole")

    def __init__(self, settings: GateSettings, gate: CommandGate | AnalysisGate, exclude: Sequence[str] = ()) -> None:
        self.settings = settings
        self.gate = gate
        self.about = _Filter(patterns_of(settings, gate), (*exclude, *settings.exclude))
        self.files: list[str] = []
        self.all_files: list[str] | None = None
        self.skip = ""
        self.whole = False

    @property
    def is_project(self) -> bool:
        """Whether the gate concerns the whole project; a `command` may say so in its options."""
        scope_of = getattr(self.gate, "scope_of", None)
        scope: str = scope_of(self.settings) if scope_of else self.gate.scope
        return scope == "project"

    def reads(self, path: str) -> bool:
        """Whether the gate is said to read this file (any, when it does not say)."""
        return not self.settings.reads or Globs(self.settings.reads).match(path)


def patterns_of(settings: GateSettings, gate: CommandGate | AnalysisGate) -> Sequence[str]:
    """Globs of the files a gate is about: as configured, else the kind's own."""
    files_of = getattr(gate, "files_of", None)
    own: Sequence[str] = files_of(settings) if files_of else getattr(gate, "files", ())
    return settings.files or own


def skipped_by_user(value: str) -> list[str]:
    """The gate names in the variable SKIP: separated by commas, white space ignored."""
    return [name.strip() for name in value.split(",") if name.strip()]


def make_plan(
    settings: Settings,
    change: Change,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    files: Sequence[str] | None = None,
    list_tree: Callable[[], list[FileChange]],
) -> list[Planned]:
    """Plan a run.

    only       names of the gates asked for; empty: all of this door (`manual` is every door)
    skip       names the user wants skipped
    files      narrow the files that gates are asked about to these
    list_tree  every file of the tree under test; called only when a gate needs it

    Raises UsageError for a name that is no gate.
    """
    _check_names(settings, only)
    chosen = [gate for gate in settings.gates if _is_asked(gate, change.door, only)]
    return [_plan_gate(gate, settings, change, skip, files, list_tree) for gate in chosen]


def _check_names(settings: Settings, names: Collection[str]) -> None:
    known = [gate.name for gate in settings.gates]
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise UsageError(f"there is no gate {name!r}", hint=f"{meant}Configured: {', '.join(known) or 'none'}.")


def _is_asked(gate: GateSettings, door: str, only: Collection[str]) -> bool:
    if only:
        return gate.name in only
    return door == "manual" or door in gate.doors


def _plan_gate(
    settings: GateSettings,
    top: Settings,
    change: Change,
    skip: Collection[str],
    files: Sequence[str] | None,
    list_tree: Callable[[], list[FileChange]],
) -> Planned:
    planned = Planned(settings, gate_for(settings.kind), top.exclude)
    if settings.name in skip:
        planned.skip = "by SKIP; it runs at the next door all the same"
        return planned
    planned.whole = files is None and (change.everything or _is_widened(planned.gate, change))
    candidates = _candidates(planned, change, files, list_tree)
    planned.files = [path for path in candidates if planned.about.match(path)]
    if not planned.is_project:
        planned.skip = "" if planned.files else _no_files(planned, change, files is not None)
    elif not getattr(planned.gate, "reads_change", False) and not _is_concerned(settings, change, top):
        planned.skip = "nothing that it reads has changed"
    if not planned.skip and getattr(planned.gate, "needs_all_files", False):
        planned.all_files = [f.path for f in list_tree() if f.is_file and planned.about.match(f.path)]
    return planned


def _candidates(
    planned: Planned, change: Change, files: Sequence[str] | None, list_tree: Callable[[], list[FileChange]]
) -> list[str]:
    """The files that may be what the gate is asked about: all of the tree, those that differ, or those named."""
    whole = change.everything or _is_widened(planned.gate, change)
    candidates = [file.path for file in list_tree() if file.is_file] if whole else change.changed_files()
    if files is None:
        return candidates
    wanted = set(files)
    return [path for path in candidates if path in wanted]


def _is_widened(gate: CommandGate | AnalysisGate, change: Change) -> bool:
    """Whether the change touches what configures the gate, so that every file may now be judged differently."""
    globs = getattr(gate, "widened_by", ())
    if not globs:
        return False
    configures = Globs(globs)
    return any(configures.match(path) for file in change.files for path in (file.path, file.old_path))


def _is_concerned(settings: GateSettings, change: Change, top: Settings) -> bool:
    """Whether anything the gate reads differs, deleted and renamed files included."""
    if change.everything:
        return True
    reads = _Filter(settings.reads, top.exclude if settings.reads else ())
    return any(reads.match(path) for file in change.files for path in (file.path, file.old_path))


def _no_files(planned: Planned, change: Change, narrowed: bool) -> str:
    patterns = patterns_of(planned.settings, planned.gate)
    more = " and so on" if len(patterns) > PATTERNS_SHOWN else ""
    kind = f"file like {', '.join(patterns[:PATTERNS_SHOWN])}{more}" if patterns else "file"
    return f"there is no {kind}" if change.everything or narrowed else f"the change has no {kind}"


class _Filter:
    """Paths that match some globs (all, when there are none) and none of the excluded ones."""

    __slots__ = ("exclude", "include")

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self.include = Globs(include) if include else None
        self.exclude = Globs(exclude) if exclude else None

    def match(self, path: str) -> bool:
        if self.include is not None and not self.include.match(path):
            return False
        return self.exclude is None or not self.exclude.match(path)
