"""One gate at work on one tree: its processes, and what they come to."""

from __future__ import annotations

import os
import time

from gates.checks.base import Command, Finished, GateContext
from gates.errors import CannotRun
from gates.outcome import NOT_RUN, PASSED, Outcome
from gates.process import Job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gates.plan import Planned

__all__ = ["OUTPUT_SHOWN", "Task", "batches"]

BATCH_BYTES = 100_000
"""Bytes of paths given to one process; Linux allows 128 KiB for a single word and 2 MiB for all, macOS 1 MiB."""

OUTPUT_SHOWN = 64 * 1024
"""Bytes of a tool's output that are kept with an outcome: its end."""


class Task:
    """One planned gate on one side (head or base).

    jobs      its processes; all must end before it can be judged
    is_base   whether it looks at the base tree, to tell new findings from old ones
    started   when the first of its processes was started, 0 before
    """

    __slots__ = ("analyses", "context", "environ", "is_base", "jobs", "planned", "started")

    def __init__(self, planned: Planned, context: GateContext, environ: Mapping[str, str]) -> None:
        self.planned = planned
        self.context = context
        self.environ = environ
        self.is_base = context.side == "base"
        self.jobs: list[Job] = []
        self.started = 0.0
        gate = planned.gate
        # A kind that can do both (dependencies) looks itself unless it is told what to run.
        self.analyses = hasattr(gate, "examine") and not (planned.settings.run and hasattr(gate, "prepare"))

    def prepare(self) -> Outcome | None:
        """Make the jobs; an outcome when there is nothing to start. Never raises for what a gate may meet."""
        try:
            if self.analyses:
                from gates.worker import worker_command

                command: Command | Outcome = worker_command(self.context)
            else:
                command = self.planned.gate.prepare(self.context)  # type: ignore[union-attr]
        except CannotRun as error:
            return self.context.outcome(NOT_RUN, error.line)
        if isinstance(command, Outcome):
            return command
        environ = {**self.environ, **self.planned.settings.env, **command.env}
        limit = self.planned.settings.time_limit
        self.jobs = [
            Job(argv, cwd=self.context.root, env=environ, stdin=command.stdin, limit=limit)
            for argv in batches(command)
        ]
        return None if self.jobs else self.context.outcome(NOT_RUN, "there was no file to look at")

    def begin(self) -> bool:
        """Note that a process starts; whether it is the first one. What waits for a free core takes no time."""
        if self.started:
            return False
        self.started = time.monotonic()
        return True

    def judge(self) -> Outcome:
        """What the ended processes come to."""
        done = _joined([job.finished for job in self.jobs if job.finished is not None])
        if done.timed_out:
            outcome = self.context.outcome(NOT_RUN, f"ended after its time limit of {_limit(self.planned)}")
        elif self.analyses:
            outcome = self._read_worker(done)
        else:
            outcome = self.planned.gate.judge(self.context, done)  # type: ignore[union-attr]
        if outcome.status != PASSED and not outcome.output:
            outcome.output = _tail(done)
        outcome.seconds = time.monotonic() - self.started
        return _with_evidence(outcome)

    def _read_worker(self, done: Finished) -> Outcome:
        from gates.worker import read_outcome

        outcome = read_outcome(self.context)
        if outcome is not None and done.code == 0:
            return outcome
        how = f"by signal {-done.code}" if done.code < 0 else f"with exit code {done.code}"
        last = done.text().splitlines()[-1:] or ["it printed nothing"]
        return self.context.outcome(NOT_RUN, f"the gate itself broke off {how}: {last[0]}")


def _with_evidence(outcome: Outcome) -> Outcome:
    """A pass without anything that was looked at is none."""
    evidence = outcome.evidence
    if outcome.status == PASSED and not (evidence.tool or evidence.files or evidence.tests):
        outcome.status, outcome.reason = NOT_RUN, "it gave no evidence of having looked at anything"
    return outcome


def batches(command: Command) -> list[list[str]]:
    """The words of each process: the paths split so that no call is too long."""
    if command.batch is None:
        return [command.argv]
    if not command.batch:
        return []
    runs: list[list[str]] = [[]]
    size = 0
    for path in command.batch:
        size += len(os.fsencode(path)) + 1
        if size > BATCH_BYTES and runs[-1]:
            runs.append([])
            size = len(os.fsencode(path)) + 1
        runs[-1].append(path)
    return [command.argv + paths for paths in runs]


def _joined(parts: list[Finished]) -> Finished:
    """Outputs one after the other, the worst code: a signal, else the highest."""
    if len(parts) == 1:
        return parts[0]
    codes = [part.code for part in parts]
    return Finished(
        min(codes) if min(codes, default=0) < 0 else max(codes, default=0),
        b"".join(part.stdout for part in parts),
        b"".join(part.stderr for part in parts),
        max((part.seconds for part in parts), default=0.0),
        truncated=any(part.truncated for part in parts),
        timed_out=any(part.timed_out for part in parts),
    )


def _tail(done: Finished) -> str:
    text = done.text()
    return text if len(text) <= OUTPUT_SHOWN else "[...]\n" + text[-OUTPUT_SHOWN:]


def _limit(planned: Planned) -> str:
    from gates.config.durations import text_of

    return text_of(planned.settings.time_limit)
