"""Fixes at commit: computed on a snapshot, and taken over only where nothing a user typed can get lost.

A gate that failed and has a `fix_run` fixes a private checkout of the tree under test. What it changed is then merged,
three-way, with the working tree: the tree under test is the common ancestor, the user's file is one side, the fixed
file the other. Only when every file merges without a conflict are working tree and index written, else the difference
is shown and the commit stays refused.
"""

from __future__ import annotations

import os

from gates.checks.calls import Call
from gates.errors import CannotRun
from gates.git.repository import Repository, decode
from gates.git.snapshot import Snapshot, slot_environment, take
from gates.plan import Planned, make_plan
from gates.process import run
from gates.reports.style import clean
from gates.surroundings import gate_environment
from gates.task import batches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from gates.git.change import Change, FileChange
    from gates.settings import GateSettings, Settings
    from gates.verdict import Verdict

__all__ = ["offer_fixes"]

SHOWN_LINES = 60
"""Lines of a difference that are printed."""


def offer_fixes(
    repository: Repository, settings: Settings, change: Change, verdict: Verdict, stream: TextIO
) -> bool:
    """Fix what failed and can be fixed; True when the index is another now, so that the gates must look again."""
    failed = {outcome.gate for outcome in verdict.with_status("failed")}
    gates = [gate for gate in settings.gates if gate.name in failed and gate.fix != "off" and gate.fix_run]
    with take(repository, change, change.tree, settings.links) as snapshot:
        staged = [gate for gate in gates if gate.fix == "stage"]
        shown = [gate for gate in gates if gate.fix == "show"]
        fix = Fix(repository, settings, change, snapshot, stream)
        taken = bool(staged) and fix.take_over(staged)
        if shown:
            fix.show(shown)
        return taken


class Fix:
    """The fixes of one commit."""

    def __init__(
        self, repository: Repository, settings: Settings, change: Change, snapshot: Snapshot, stream: TextIO
    ) -> None:
        self.repository = repository
        self.settings = settings
        self.change = change
        self.snapshot = snapshot
        self.stream = stream
        environ = slot_environment(repository, snapshot.root)
        dot_git = os.path.join(snapshot.root, ".git")
        self.slot = Repository(snapshot.root, dot_git, dot_git, environ)

    def take_over(self, gates: Sequence[GateSettings]) -> bool:
        """Let the gates fix, and take it over; False when that is not possible or nothing was changed."""
        before = {path: _read(os.path.join(self.snapshot.root, path)) for path in self._files(gates)}
        self._run(gates)
        paths = self._changed()
        names = ", ".join(gate.name for gate in gates)
        if not paths:
            self._say(f"{names}: the fix changed nothing")
            return False
        reason = self._obstacle(paths, before)
        merged: dict[str, bytes] = {}
        for path in paths if not reason else ():
            content = self._merge(path, before[path])
            if content is None:
                reason = f"{path} has unstaged work in the same lines"
                break
            merged[path] = content
        if reason:
            self._say(f"{names}: a fix is there, but it was not taken over: {reason}")
            self._print_difference()
            return False
        self._write(paths, merged)
        self._say(f"{names}: fixed and staged {', '.join(paths)}")
        return True

    def show(self, gates: Sequence[GateSettings]) -> None:
        """Print what the gates would fix."""
        self._run(gates)
        if self._changed():
            self._say(f"{', '.join(gate.name for gate in gates)}: this would fix it (`fix: stage` takes it over)")
            self._print_difference()

    def _files(self, gates: Sequence[GateSettings]) -> list[str]:
        return sorted({path for planned in self._plan(gates) for path in planned.files})

    def _plan(self, gates: Sequence[GateSettings]) -> list[Planned]:
        from gates.git.trees import list_tree

        names = [gate.name for gate in gates]

        def tree() -> list[FileChange]:
            return list_tree(self.repository, self.change.tree)

        return make_plan(self.settings, self.change, only=names, list_tree=tree)

    def _run(self, gates: Sequence[GateSettings]) -> None:
        """Run each gate's `fix_run` in the snapshot. Its exit code says nothing: linters fail while they fix."""
        environ = gate_environment(self.repository, self.snapshot, self.change.door)
        for planned in self._plan(gates):
            gate = planned.settings
            assert gate.fix_run is not None
            call = Call(gate.fix_run)
            is_asked_about_files = not planned.is_project and (call.tool is None or call.takes_files)
            command = call.with_words(files=planned.files if is_asked_about_files else None)
            for argv in batches(command):
                done = run(argv, cwd=self.snapshot.root, env={**environ, **gate.env}, limit=gate.time_limit)
                if done.timed_out:
                    raise CannotRun(f"{gate.name}: its fix_run did not end within its time limit")

    def _changed(self) -> list[str]:
        """Files of the tree that differ in the snapshot now."""
        raw = self.slot.ask("diff", "--name-only", "-z", self.change.tree).stdout
        return [decode(path) for path in raw.split(b"\0") if path]

    def _obstacle(self, paths: Sequence[str], before: dict[str, bytes | None]) -> str:
        """Why nothing can be taken over, "" when it can."""
        index = os.path.basename(self.repository.environ.get("GIT_INDEX_FILE", "index"))
        if index not in ("index", "index.lock"):
            return "only some files are being committed (git commit PATH), from an index of their own"
        for path in paths:
            if before.get(path) is None:
                return f"{path} is not one of the files that the gate was asked about"
            full = os.path.join(self.snapshot.root, path)
            if os.path.islink(full) or not os.path.isfile(full):
                return f"the fix removes or replaces {path}"
        return ""

    def _merge(self, path: str, base: bytes | None) -> bytes | None:
        """The user's file with the fix in it; None when both changed the same lines, or it is not there any more."""
        assert base is not None
        mine, fixed = os.path.join(self.repository.root, path), os.path.join(self.snapshot.root, path)
        content = None if os.path.islink(mine) else _read(mine)
        if content is None:
            return None
        if content == base:
            return _read(fixed)
        ancestor = fixed + ".gateline-base"
        with open(ancestor, "wb") as file:
            file.write(base)
        try:
            done = run(
                ["git", "merge-file", "-p", "--quiet", mine, ancestor, fixed],
                cwd=self.repository.root,
                env=self.repository.environ,
            )
        finally:
            os.unlink(ancestor)
        return done.stdout if done.code == 0 and not done.truncated else None

    def _write(self, paths: Sequence[str], merged: dict[str, bytes]) -> None:
        """The working tree first, each file by rename; then the index, all files in one step."""
        modes = {file.path: file.mode for file in self.change.files}
        entries = []
        for path in paths:
            _replace(os.path.join(self.repository.root, path), merged[path])
            fixed = os.path.join(self.snapshot.root, path)
            blob = self.repository.line("hash-object", "-w", f"--path={path}", fixed)
            entries.append(f"{modes.get(path) or self._mode(path)} {blob}\t{path}\0")
        words = "".join(entries).encode("utf-8", "surrogateescape")
        self.repository.ask("update-index", "-z", "--index-info", stdin=words)

    def _mode(self, path: str) -> str:
        return self.repository.line("ls-tree", self.change.tree, "--", path).partition(" ")[0]

    def _print_difference(self) -> None:
        raw = self.slot.ask("diff", "--no-color", "--no-ext-diff", self.change.tree).stdout
        lines = raw.decode("utf-8", "replace").splitlines()
        for line in lines[:SHOWN_LINES]:
            self.stream.write(f"  {clean(line)}\n")
        if len(lines) > SHOWN_LINES:
            self.stream.write(f"  ... and {len(lines) - SHOWN_LINES} more lines\n")

    def _say(self, text: str) -> None:
        self.stream.write(f"gateline: {clean(text)}\n")


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def _replace(path: str, content: bytes) -> None:
    temporary = f"{path}.gateline-{os.getpid()}"
    mode = os.stat(path).st_mode & 0o7777
    with open(temporary, "wb") as file:
        file.write(content)
    os.chmod(temporary, mode)
    os.replace(temporary, path)
