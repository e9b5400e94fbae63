"""The runner: plan → cache → snapshot → gates in parallel → outcomes → verdict.

Whatever a gate does, it ends in an outcome; only an interruption by the user leaves a run without a verdict.
"""

from __future__ import annotations

import os
import time

from gates import __version__
from gates.cache import Results
from gates.checks.base import GateContext
from gates.git.change import EMPTY_TREE, Change, FileChange
from gates.git.doors import changed_since
from gates.git.snapshot import Snapshot, in_place, take
from gates.git.trees import line_ranges, list_tree
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.plan import Planned, make_plan
from gates.process import Pool
from gates.schedule import Schedule
from gates.scratch import Scratch
from gates.settle import needs_base, settle
from gates.surroundings import gate_environment, gate_path
from gates.task import Task
from gates.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from gates.git.repository import Repository
    from gates.reports.progress import Progress
    from gates.settings import Settings

__all__ = ["Options", "run_gates", "selector"]

MESSAGE_AGAIN = 'git commit -e -F "$(git rev-parse --git-path COMMIT_EDITMSG)"'
"""A message that was refused is still in git's file: this is how to go on with it."""

SETTLED_AFTER = 0.5
"""Seconds after which a run in the working tree makes sure that nobody changed it meanwhile."""


class Options:
    """How to run.

    only       names of the gates asked for, empty for all of the door
    skip       names of gates that the user wants skipped
    files      only these files, None for all that the change is about
    jobs       how many processes at once, 0 as configured
    fail_fast  stop the others when one gate fails (also where the configuration says so)
    cache      whether stored results may be used
    shard      (index, total), 1-based
    """

    __slots__ = ("cache", "fail_fast", "files", "jobs", "only", "shard", "skip")

    def __init__(
        self,
        *,
        only: Collection[str] = (),
        skip: Collection[str] = (),
        files: Sequence[str] | None = None,
        jobs: int = 0,
        fail_fast: bool = False,
        cache: bool = True,
        shard: tuple[int, int] = (1, 1),
    ) -> None:
        self.only = only
        self.skip = skip
        self.files = files
        self.jobs = jobs
        self.fail_fast = fail_fast
        self.cache = cache
        self.shard = shard


def run_gates(
    repository: Repository,
    settings: Settings,
    change: Change,
    progress: Progress,
    options: Options | None = None,
    *,
    identical: bool | Callable[[], bool] = False,
) -> Verdict:
    """Run the gates of a change.

    identical  whether the working tree holds exactly the tree under test, or a way to find out, used only when needed

    Raises UsageError for a gate name that is none; CannotRun where git cannot make a snapshot.
    """
    with Scratch(repository) as scratch, Pool() as pool:
        run = Run(repository, settings, change, progress, options or Options(), scratch, pool)
        try:
            return run.verdict(identical)
        finally:
            run.close()


class Run:
    """One run, from plan to verdict."""

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        change: Change,
        progress: Progress,
        options: Options,
        scratch: Scratch,
        pool: Pool,
    ) -> None:
        self.repository = repository
        self.settings = settings
        self.change = change
        self.progress = progress
        self.options = options
        self.scratch = scratch
        self.outcomes: dict[str, Outcome] = {}
        self.heads: dict[str, Outcome] = {}  # outcomes that wait for the gate's look at the base
        self.pending: list[Planned] = []  # what really runs
        self.schedule = Schedule(pool, must_wait=self._must_wait, started=self._started, ended=self._ended)
        self.snapshots: dict[str, Snapshot] = {}
        self.trees: dict[str, list[FileChange]] = {}
        self.ranges: dict[str, list[tuple[int, int]]] | None = None
        self.notes: list[str] = []
        self.stopped = ""
        self.keeps = True  # whether what passed may be used again
        self.results: Results | None = None

    def verdict(self, identical: bool | Callable[[], bool]) -> Verdict:
        started, clock = time.time(), time.monotonic()
        plan = self._plan()
        self._look_up(plan)
        self.pending = pending = [planned for planned in plan if planned.settings.name not in self.outcomes]
        if pending:
            if identical() if callable(identical) else identical:
                self.snapshots["head"] = in_place(self.repository, self.change.tree)
            for planned in pending:
                self._enqueue(planned, self._context(planned, "head"))
            self.schedule.work(self.options.jobs or self.settings.jobs or os.cpu_count() or 1)
            self._check_working_tree(pending, time.monotonic() - clock)
        self._keep(pending)
        return Verdict(
            self.change,
            [self.outcomes[planned.settings.name] for planned in plan],
            policy=self.settings.policy,
            started=started,
            seconds=time.monotonic() - clock,
            notes=self.notes,
            version=__version__,
            shard=self.options.shard,
        )

    def close(self) -> None:
        for snapshot in self.snapshots.values():
            snapshot.__exit__()

    # What runs, and what need not

    def _plan(self) -> list[Planned]:
        options = self.options
        plan = make_plan(
            self.settings,
            self.change,
            only=options.only,
            skip=options.skip,
            files=options.files,
            list_tree=lambda: self._list(self.change.tree),
        )
        if options.shard[1] > 1:
            _share(plan, options.shard)
        return plan

    def _look_up(self, plan: Sequence[Planned]) -> None:
        """Outcomes of the gates that have nothing to do, or have done it before."""
        for planned in plan:
            if planned.skip:
                self._end(Outcome(planned.settings.name, SKIPPED, planned.skip))
        self.results = Results(
            self.repository,
            self.change,
            self.options.shard,
            self.settings.links,
            gate_path(self.repository),
            lambda: self._list(self.change.tree),
        )
        if not self.options.cache:
            return
        found = {p.settings.name: self.results.find(p) for p in plan if not p.skip}
        # What a gate reads that another one writes is not there when that other one's result comes from the cache.
        writers = {kind for p in plan if found.get(p.settings.name, p) is None for kind in getattr(p.gate, "after", ())}
        for planned in plan:
            outcome = found.get(planned.settings.name)
            if outcome is not None and planned.settings.kind not in writers:
                self._end(outcome)

    def _keep(self, ran: Sequence[Planned]) -> None:
        assert self.results is not None
        try:
            for planned in ran if self.keeps else ():
                self.results.keep(planned, self.outcomes[planned.settings.name])
            if ran and self.change.everything:
                self.results.prune()
        except OSError as error:
            self.notes.append(f"results cannot be kept for the next time: {error.strerror}")

    def _list(self, tree: str) -> list[FileChange]:
        """Every path of a tree, asked for once."""
        if tree == self.change.tree and self.change.everything:
            return list(self.change.files)
        if tree not in self.trees:
            self.trees[tree] = list_tree(self.repository, tree)
        return self.trees[tree]

    # Where the gates look

    def _snapshot(self, planned: Planned, side: str) -> Snapshot:
        """Where a gate looks: what all gates of that side share, or its own when it rewrites files."""
        writes = getattr(planned.gate, "writes", False)
        place = f"{side} {planned.settings.name}" if writes else side
        if place not in self.snapshots:
            tree = self.change.tree if side == "head" else self.change.base_tree
            self.snapshots[place] = take(self.repository, self.change, tree, self.settings.links)
        return self.snapshots[place]

    def _context(self, planned: Planned, side: str) -> GateContext:
        head = side == "head"
        return GateContext(
            planned.settings,
            self._snapshot(planned, side).root,
            self.change,
            planned.files if head else self._base_files(planned),
            all_files=planned.all_files if head or planned.all_files is None else self._all_base_files(planned),
            git_dir=self.repository.common,
            state_dir=self.repository.state,
            scratch=self.scratch.make(),
            shard=self.options.shard,
            side=side,
        )

    def _base_files(self, planned: Planned) -> list[str]:
        """What the base has of the files asked about, and of the deleted ones, whose content may have moved."""
        if planned.whole or self.change.everything:
            found = self._all_base_files(planned)
            wanted = None if self.options.files is None else set(self.options.files)
            return found if wanted is None else [path for path in found if path in wanted]
        return [
            file.old_path
            for file in self.change.files
            if file.old_blob and file.old_mode.startswith("100") and planned.about.match(file.old_path)
        ]

    def _all_base_files(self, planned: Planned) -> list[str]:
        return [f.path for f in self._list(self.change.base_tree) if f.is_file and planned.about.match(f.path)]

    # The gates at work

    def _enqueue(self, planned: Planned, context: GateContext) -> None:
        environ = gate_environment(self.repository, self._snapshot(planned, context.side), self.change.door)
        self.schedule.add(Task(planned, context, environ))

    def _must_wait(self, task: Task) -> bool:
        """Whether the gate reads what one that has not ended writes."""
        kinds = getattr(task.planned.gate, "after", ())
        return any(p.settings.kind in kinds and p.settings.name not in self.outcomes for p in self.pending)

    def _started(self, task: Task) -> None:
        if not task.is_base:
            self.progress.started(task.planned.settings.name)

    def _ended(self, task: Task, outcome: Outcome) -> None:
        """One side of a gate has been looked at."""
        planned = task.planned
        if task.is_base:
            assert self.results is not None
            self._keep_base(planned, task.context.files, outcome)
            self._settle(planned, self.heads.pop(planned.settings.name), outcome)
            return
        compares_itself = getattr(planned.gate, "compares_itself", False)
        if self._has_base() and needs_base(planned.settings, outcome, compares_itself=compares_itself):
            self._look_at_base(planned, outcome)
        else:
            self._settle(planned, outcome, None)

    def _look_at_base(self, planned: Planned, outcome: Outcome) -> None:
        assert self.results is not None
        files = self._base_files(planned)
        base = self.results.find_base(planned, files) if self.options.cache else None
        if base is None and not files and not planned.is_project:
            base = Outcome(planned.settings.name, PASSED)
        if base is not None:
            self._settle(planned, outcome, base)
            return
        self.heads[planned.settings.name] = outcome
        self._enqueue(planned, self._context(planned, "base"))

    def _keep_base(self, planned: Planned, files: Sequence[str], outcome: Outcome) -> None:
        assert self.results is not None
        try:
            self.results.keep_base(planned, files, outcome)
        except OSError as error:
            self.notes.append(f"results of the base cannot be kept: {error.strerror}")

    def _settle(self, planned: Planned, outcome: Outcome, base: Outcome | None) -> None:
        settled = settle(
            planned.settings,
            outcome,
            base,
            same_tree=self.change.base_tree == self.change.tree,
            compares_itself=getattr(planned.gate, "compares_itself", False),
            ranges=self._line_ranges if self._has_base() else None,
        )
        self._end(settled)

    def _has_base(self) -> bool:
        """Whether there is another tree to compare with."""
        return self.change.base_tree not in ("", EMPTY_TREE, self.change.tree)

    def _line_ranges(self) -> dict[str, list[tuple[int, int]]]:
        if self.ranges is None:
            self.ranges = line_ranges(self.repository, self.change.base_tree, self.change.tree)
        return self.ranges

    def _end(self, outcome: Outcome) -> None:
        """A gate has come to its end."""
        if outcome.status in (FAILED, NOT_RUN):
            outcome.command = self._again(outcome)
        self.outcomes[outcome.gate] = outcome
        self.progress.finished(outcome)
        if outcome.status == FAILED and (self.options.fail_fast or self.settings.fail_fast):
            self._stop(outcome.gate)

    def _again(self, outcome: Outcome) -> str:
        """The command that runs this gate again over the same."""
        gate = self.settings.gate(outcome.gate)
        if gate and gate.kind == "commit_message" and self.change.door == "commit":
            return MESSAGE_AGAIN
        return f"gateline run {selector(self.change)}--gate {outcome.gate}"

    def _stop(self, name: str) -> None:
        """End the others, because one has failed."""
        if self.stopped:
            return
        self.stopped = name
        for task in self.schedule.stop():
            if task.planned.settings.name not in self.outcomes:
                self._end(task.context.outcome(NOT_RUN, f"stopped, because {name} failed (fail_fast)"))

    def _check_working_tree(self, pending: Sequence[Planned], seconds: float) -> None:
        """What passed in the working tree while somebody changed it has not been looked at as it is.

        Files that git does not track are mostly what tools leave behind; for those it is enough to keep no result.
        """
        head = self.snapshots.get("head")
        if head is None or not head.in_place or seconds < SETTLED_AFTER:
            return
        tracked, others = changed_since(self.repository, self.change.tree)
        if not tracked and others:
            self.notes.append(f"files changed while the gates ran ({others[0]}), so no result is kept")
            self.keeps = False
        for planned in pending if tracked else ():
            outcome = self.outcomes[planned.settings.name]
            if outcome.status == PASSED:
                outcome.status = NOT_RUN
                outcome.reason = f"files changed in the working tree while it ran ({tracked[0]}); run it again"


def _share(plan: Sequence[Planned], shard: tuple[int, int]) -> None:
    """Leave each planned gate only what belongs to this shard."""
    from gates.ci.shard import pick

    index, total = shard
    for number, planned in enumerate(plan):
        if planned.skip or getattr(planned.gate, "shards", False):
            continue
        # Two equal findings of which the base has one are told apart only by a shard that sees both; ratchets are sums.
        undivided = planned.is_project or planned.settings.block == "new" or planned.settings.ratchets
        if undivided:
            home = number % total + 1
            planned.skip = "" if home == index else f"it runs in shard {home} of {total}"
        else:
            planned.files = pick(planned.files, index, total)
            planned.whole = False
            planned.skip = "" if planned.files else "this shard has none of its files"


def selector(change: Change) -> str:
    """The words of `gateline run` that name this change again, with a space behind; "" for all that is here now."""
    if change.door in ("commit", "merge"):
        return "--staged "
    if change.commit and change.base_commit and not change.everything:
        return f"--from {change.base_commit[:12]} --to {change.commit[:12]} "
    if change.commit and (change.door != "manual" or change.commit != change.base_commit):
        base = f"--from {change.base_commit[:12]} " if change.base_commit else ""
        return f"--all {base}--to {change.commit[:12]} "
    return ""
