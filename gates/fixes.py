"""Fixes at commit: computed on a snapshot, and taken over only where nothing a user typed can get lost.

A gate that failed and has a `fix_run` fixes a private checkout of the tree under test. What it changed is then merged,
three-way, with the working tree: the tree under test is the common ancestor, the user's file is one side, the fixed
file the other. Only when every file merges without a conflict are working tree and index written (`gates.exchange`),
else the difference is shown and the commit stays refused.
"""

from __future__ import annotations

import os

from gates.checks.calls import Call
from gates.errors import CannotRun
from gates.exchange import FixedFile, InTheWay, exchange, read
from gates.git.repository import Repository, decode
from gates.git.snapshot import Snapshot, slot_environment, take
from gates.git.trees import compare
from gates.plan import Planned, make_plan
from gates.process import run
from gates.reports.style import clean
from gates.surroundings import gate_environment
from gates.task import batches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gates.git.change import Change, FileChange
    from gates.settings import GateSettings, Settings
    from gates.verdict import Verdict

__all__ = ["offer_fixes"]

NOT_FOUND = (126, 127)
"""Exit codes of a shell that cannot start a program."""

SHOWN_LINES = 60
"""Lines of a difference that are printed."""

SHOWN_FILES = 10
"""Files that are named."""


def offer_fixes(
    repository: Repository, settings: Settings, change: Change, verdict: Verdict, *, stages: bool = True
) -> tuple[bool, str]:
    """Fix what failed and can be fixed.

    stages  whether fixes are staged as well; else only the files are fixed, which leaves the commit refused

    Returns whether the index is another now, so that the gates must look again; and what to tell the user.
    """
    failed = {outcome.gate for outcome in verdict.with_status("failed")}
    gates = [gate for gate in settings.gates if gate.name in failed and gate.fix != "off" and gate.fix_run]
    with take(repository, change, change.tree, settings.links) as snapshot:
        fix = Fix(repository, settings, change, snapshot, stages)
        taken = fix.take_over([gate for gate in gates if gate.fix == "stage"])
        fix.show([gate for gate in gates if gate.fix == "show"])
    return taken, "".join(fix.said)


class Fix:
    """The fixes of one commit. `tree` is what the snapshot holds but for a fix that is being computed."""

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        change: Change,
        snapshot: Snapshot,
        stages: bool,
    ) -> None:
        self.repository = repository
        self.settings = settings
        self.change = change
        self.snapshot = snapshot
        self.said: list[str] = []
        self.stages = stages
        self.tree = change.tree
        environ = slot_environment(repository, snapshot.root)
        dot_git = os.path.join(snapshot.root, ".git")
        self.slot = Repository(snapshot.root, dot_git, dot_git, environ)

    def take_over(self, gates: Sequence[GateSettings]) -> bool:
        """Let the gates fix, and take it over; True when it is staged."""
        if not gates:
            return False
        before = {path: read(os.path.join(self.snapshot.root, path)) for path in self._files(gates)}
        changed = self._run(gates)
        paths = [path for path in changed if path in before]
        names = ", ".join(gate.name for gate in gates)
        if not paths:
            self._say(f"{names}: the fix changed nothing" + (" that is in this commit" if changed else ""))
            return False
        try:
            tree = self._exchange([self._merge(path, before[path]) for path in paths])
        except InTheWay as obstacle:
            self._say(f"{names}: a fix is there, but it was not taken over: {obstacle}")
            self._print_difference(paths)
            self.slot.ask("read-tree", "--reset", "-u", "--no-recurse-submodules", self.tree)
            return False
        self.tree = tree
        done = "fixed and staged" if self.stages else "fixed, for you to look at and stage:"
        more = len(changed) - len(paths)
        other = f" ({more} more left as they are: not in this commit)" if more else ""
        self._say(f"{names}: {done} {_list(paths)}{other}")
        return self.stages

    def show(self, gates: Sequence[GateSettings]) -> None:
        """Print what the gates would fix."""
        asked = set(self._files(gates)) if gates else set()
        paths = [path for path in self._run(gates) if path in asked] if gates else []
        if paths:
            self._say(f"{', '.join(gate.name for gate in gates)}: this would fix it (`fix: stage` takes it over)")
            self._print_difference(paths)

    def _files(self, gates: Sequence[GateSettings]) -> list[str]:
        return sorted({path for planned in self._plan(gates) for path in planned.files})

    def _plan(self, gates: Sequence[GateSettings]) -> list[Planned]:
        from gates.git.trees import list_tree

        names = [gate.name for gate in gates]

        def tree() -> list[FileChange]:
            return list_tree(self.repository, self.change.tree)

        return make_plan(self.settings, self.change, only=names, list_tree=tree)

    def _run(self, gates: Sequence[GateSettings]) -> list[str]:
        """Run each gate's `fix_run` in the snapshot; returns the files that it changed.

        Its exit code says nothing: linters fail while they fix.
        """
        # Git may see a file as changed from the start: one whose line ends are not as .gitattributes says.
        strange = {path: read(os.path.join(self.snapshot.root, path)) for path in self._changed()}
        environ = gate_environment(self.repository, self.snapshot, self.change.door)
        for planned in self._plan(gates):
            gate = planned.settings
            assert gate.fix_run is not None
            call = Call(gate.fix_run)
            is_asked_about_files = not planned.is_project and (call.tool is None or call.takes_files)
            command = call.with_words(files=planned.files if is_asked_about_files else None)
            for argv in batches(command):
                done = run(argv, cwd=self.snapshot.root, env={**environ, **gate.env}, limit=gate.time_limit, guard=True)
                if done.timed_out:
                    raise CannotRun(f"{gate.name}: its fix_run did not end within its time limit")
                if done.code in NOT_FOUND:
                    words = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.code}"]
                    raise CannotRun(f"{gate.name}: its fix_run could not run: {clean(words[-1])}")
        now = ((path, read(os.path.join(self.snapshot.root, path))) for path in self._changed())
        return [path for path, content in now if path not in strange or strange[path] != content]

    def _changed(self) -> list[str]:
        """Files of the tree that differ in the snapshot now."""
        raw = self.slot.ask("diff", "--name-only", "--no-renames", "-z", self.tree).stdout
        return [decode(path) for path in raw.split(b"\0") if path]

    def _merge(self, path: str, base: bytes | None) -> FixedFile:
        """The user's file with the fix in it."""
        mine, fixed = os.path.join(self.repository.root, path), os.path.join(self.snapshot.root, path)
        if base is None:
            raise InTheWay(f"{path} cannot be read")
        becomes, was = (None if os.path.islink(full) else read(full) for full in (fixed, mine))
        if becomes is None:
            raise InTheWay(f"the fix removes or replaces {path}")
        if was is None or self._is_below_a_link(path):
            raise InTheWay(f"{path} is not there in the working tree")
        if was not in (base, becomes):
            merged = self._merge_lines(was, base, fixed)
            if merged is None:
                raise InTheWay(f"{path} has unstaged work in the same lines")
            becomes = merged
        return FixedFile(self.repository.root, path, was, becomes)

    def _merge_lines(self, was: bytes, base: bytes, fixed: str) -> bytes | None:
        mine, ancestor = (os.path.join(self.slot.git_dir, "info", name) for name in ("gateline-mine", "gateline-base"))
        for name, content in ((mine, was), (ancestor, base)):
            with open(name, "wb") as file:
                file.write(content)
        done = self.slot.ask("merge-file", "-p", "--quiet", mine, ancestor, fixed, check=False)
        return done.stdout if done.code == 0 and not done.truncated else None

    def _exchange(self, files: Sequence[FixedFile]) -> str:
        """Exchange the user's files (and what is staged of them) for the fixed ones; returns the fixed tree."""
        environ = {**self.slot.environ, "GIT_OBJECT_DIRECTORY": self.repository.objects}
        names = b"".join(os.fsencode(file.path) + b"\0" for file in files)
        self.slot.ask("update-index", "-z", "--stdin", stdin=names, environ=environ)
        tree = self.slot.line("write-tree", environ=environ)
        bits = {
            file.path: file.mode == "100755"
            for file in compare(self.repository, self.tree, tree)
            if file.mode != file.old_mode
        }
        for file in files:
            file.executable = bits.get(file.path)
        exchange(self.repository, files, (self.tree, tree) if self.stages else None)
        return tree

    def _is_below_a_link(self, path: str) -> bool:
        """Whether a folder on the way is a symbolic link now, perhaps to the outside."""
        folders = path.split("/")[:-1]
        links = ("/".join(folders[: n + 1]) for n in range(len(folders)))
        return any(os.path.islink(os.path.join(self.repository.root, name)) for name in links)

    def _print_difference(self, paths: Sequence[str]) -> None:
        shown = (f":(top,literal){path}" for path in paths[:SHOWN_LINES])
        raw = self.slot.ask("diff", "--no-color", "--no-ext-diff", self.tree, "--", *shown).stdout
        lines = raw.decode("utf-8", "replace").splitlines()
        for line in lines[:SHOWN_LINES]:
            self.said.append(f"  {clean(line)}\n")
        if len(lines) > SHOWN_LINES:
            self.said.append(f"  ... and {len(lines) - SHOWN_LINES} more lines\n")

    def _say(self, text: str) -> None:
        self.said.append(f"gateline: {clean(text)}\n")


def _list(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - SHOWN_FILES} more" if len(paths) > SHOWN_FILES else ""
    return ", ".join(paths[:SHOWN_FILES]) + more
