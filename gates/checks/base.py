"""What every gate is: a process prepared, and its result judged.

A gate never starts a process itself. It says what to run (`prepare`), the runner runs it in a process group of its own
with a time limit, and the gate reads what came out (`judge`). A gate that analyses files in Python instead has
`examine`, which the runner calls in a worker process (`gates.worker`), so that one mechanism gives time limits,
cancellation, crash isolation and parallelism to both.

A gate module `gates/checks/<kind>.py` has one attribute `GATE`, an instance of `CommandGate` or `AnalysisGate`.
"""

from __future__ import annotations

from gates.evidence import Evidence
from gates.finding import Finding
from gates.git.change import Change
from gates.outcome import Outcome
from gates.settings import GateSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    class CommandGate(Protocol):
        """A gate that is a program: linters, test runners, any command.

        scope "files": the program gets the changed files; "project": it runs on the whole tree whenever anything that
        it reads has changed, deletions and renames included.
        """

        kind: str
        scope: str

        def prepare(self, context: GateContext) -> Command:
            """Say what to run. Raises CannotRun when the tool is missing."""
            ...

        def judge(self, context: GateContext, done: Finished) -> Outcome:
            """Read what came out. Never raises for what a tool may print: unreadable output is NOT_RUN."""
            ...

    class AnalysisGate(Protocol):
        """A gate that reads files in Python, in a worker process."""

        kind: str
        scope: str

        def examine(self, context: GateContext) -> Outcome:
            """Look at `context.files` below `context.root`."""
            ...


__all__ = ["Command", "Finished", "GateContext"]


class GateContext:
    """All a gate may know.

    settings   its part of the configuration
    root       absolute path of the snapshot: holds exactly the tree under test; read it, do not write to it
    change     what the run is about
    files      paths relative to root that the gate is asked about, filtered by its globs: at a door with a change the
               changed regular files, else every file of the tree
    all_files  every regular file of the tree that passes the gate's globs (what copy-paste compares with);
               filled for gates whose class has `needs_all_files = True`, else the same as `files`
    git_dir    the repository's common git dir (for objects: `git --git-dir=<git_dir> cat-file --batch`)
    state_dir  Gateline's own folder under the git dir, for caches and indexes; may be on a read-only disk
    scratch    an empty private folder for reports of this one gate
    shard      (index, total), 1-based; (1, 1) when not sharded
    side       "head", or "base" when the same gate runs on the base tree to tell new findings from existing ones
    color      whether the tool may colour its output
    """

    __slots__ = (
        "all_files",
        "change",
        "color",
        "files",
        "git_dir",
        "root",
        "scratch",
        "settings",
        "shard",
        "side",
        "state_dir",
    )

    def __init__(
        self,
        settings: GateSettings,
        root: str,
        change: Change,
        files: list[str],
        *,
        all_files: list[str] | None = None,
        git_dir: str = "",
        state_dir: str = "",
        scratch: str = "",
        shard: tuple[int, int] = (1, 1),
        side: str = "head",
        color: bool = False,
    ) -> None:
        self.settings = settings
        self.root = root
        self.change = change
        self.files = files
        self.all_files = files if all_files is None else all_files
        self.git_dir = git_dir
        self.state_dir = state_dir
        self.scratch = scratch
        self.shard = tuple(shard)
        self.side = side
        self.color = color

    def outcome(
        self,
        status: str,
        reason: str = "",
        *,
        findings: list[Finding] | None = None,
        metrics: dict[str, float] | None = None,
        evidence: Evidence | None = None,
        output: str = "",
    ) -> Outcome:
        """An outcome of this gate."""
        return Outcome(
            self.settings.name,
            status,
            reason,
            findings=findings,
            metrics=metrics,
            evidence=evidence,
            output=output,
        )

    def to_dict(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in sorted(self.__slots__)}
        data["settings"] = self.settings.to_dict()
        data["change"] = self.change.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GateContext:
        fields = dict(data)
        fields["settings"] = GateSettings.from_dict(data["settings"])
        fields["change"] = Change.from_dict(data["change"])
        fields["shard"] = tuple(data["shard"])
        return cls(**fields)


class Command:
    """A program to run in the snapshot.

    argv   the words; argv[0] is looked up on the gate's PATH (the project's .venv/bin and node_modules/.bin first)
    env    variables added to the gate's environment
    stdin  bytes for its standard input; nothing else is ever connected to it
    batch  paths to append to argv, split over several runs when they exceed the system's limit
    """

    __slots__ = ("argv", "batch", "env", "stdin")

    def __init__(
        self,
        argv: list[str],
        *,
        env: dict[str, str] | None = None,
        stdin: bytes = b"",
        batch: list[str] | None = None,
    ) -> None:
        self.argv = argv
        self.env = dict(env or {})
        self.stdin = stdin
        self.batch = batch


class Finished:
    """What came out of a command (of all its batches: outputs joined, the worst code).

    code     exit code; negative: ended by that signal
    stdout, stderr  bytes, each cut in the middle beyond a limit (`truncated` says so)
    seconds  wall time
    timed_out  ended by the runner because its time limit had passed
    """

    __slots__ = ("code", "seconds", "stderr", "stdout", "timed_out", "truncated")

    def __init__(
        self,
        code: int,
        stdout: bytes,
        stderr: bytes,
        seconds: float = 0.0,
        *,
        truncated: bool = False,
        timed_out: bool = False,
    ) -> None:
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        self.truncated = truncated
        self.timed_out = timed_out

    def text(self) -> str:
        """Both outputs as text, standard output first; undecodable bytes are replaced."""
        parts = [part.decode("utf-8", "replace").rstrip() for part in (self.stdout, self.stderr)]
        return "\n".join(part for part in parts if part)
