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


class Planned:
    """One gate of the plan.

    files      what it is asked about, relative paths
    all_files  every file of the tree that it is about, for a gate that `needs_all_files`
    skip       why it does not run, "" when it does
    """

    __slots__ = ("all_files", "files", "gate", "settings", "skip")

    def __init__(self, settings: GateSettings, gate: CommandGate | AnalysisGate) -> None:
        self.settings = settings
        self.gate = gate
        self.files: list[str] = []
        self.all_files: list[str] | None = None
        self.skip = ""


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
    planned = Planned(settings, gate_for(settings.kind))
    if settings.name in skip:
        planned.skip = "skipped by SKIP; it runs at the next door all the same"
        return planned
    patterns = settings.files or getattr(planned.gate, "files", ())
    about = _Filter(patterns, (*top.exclude, *settings.exclude))
    whole = change.everything or _is_widened(planned.gate, change)
    candidates = [f.path for f in list_tree() if f.is_file] if whole else change.changed_files()
    if files is not None:
        wanted = set(files)
        candidates = [path for path in candidates if path in wanted]
    planned.files = [path for path in candidates if about.match(path)]
    if _scope(planned) == "files":
        planned.skip = "" if planned.files else _no_files(patterns, whole or files is not None)
    elif not _is_concerned(settings, change, top):
        planned.skip = "nothing that it reads has changed"
    if not planned.skip and getattr(planned.gate, "needs_all_files", False):
        planned.all_files = [f.path for f in list_tree() if f.is_file and about.match(f.path)]
    return planned


def _scope(planned: Planned) -> str:
    """ "files" or "project"; a `command` may say which in its options."""
    scope_of = getattr(planned.gate, "scope_of", None)
    scope: str = scope_of(planned.settings) if scope_of else planned.gate.scope
    return scope


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


def _no_files(patterns: Sequence[str], whole: bool) -> str:
    kind = f"file like {', '.join(patterns)}" if patterns else "file"
    return f"there is no {kind}" if whole else f"the change has no {kind}"


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
