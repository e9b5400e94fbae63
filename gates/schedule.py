"""Which process runs when: as many at once as there is room for, and a gate that reads what another writes after it."""

from __future__ import annotations

from gates.errors import CannotRun
from gates.outcome import NOT_RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gates.outcome import Outcome
    from gates.process import Job, Pool
    from gates.task import Task

__all__ = ["Schedule"]


class Schedule:
    """The tasks of one run, and their jobs that wait or run.

    must_wait  whether a task waits for the end of another gate
    started    called with a task when the first of its jobs starts
    ended      called with a task and its outcome when it has one; may add tasks, and may stop all
    """

    def __init__(
        self,
        pool: Pool,
        *,
        must_wait: Callable[[Task], bool],
        started: Callable[[Task], None],
        ended: Callable[[Task, Outcome], None],
    ) -> None:
        self.pool = pool
        self.must_wait = must_wait
        self.started = started
        self.ended = ended
        self.queue: list[tuple[Task, Job]] = []
        self.owners: dict[int, Task] = {}  # id of a job -> its task
        self.open: dict[int, int] = {}  # id of a task -> its jobs that have not ended

    def add(self, task: Task) -> None:
        """Take a task in; one that has an outcome before it starts ends at once."""
        outcome = task.prepare()
        if outcome is not None:
            self.ended(task, outcome)
            return
        self.open[id(task)] = len(task.jobs)
        for job in task.jobs:
            self.owners[id(job)] = task
            self.queue.append((task, job))

    def work(self, room: int) -> None:
        """Run all jobs, at most `room` at once."""
        while self.queue or self.pool.jobs:
            while len(self.pool.jobs) < room and (ready := self._next_ready()):
                self._start(*ready)
            for job in self.pool.wait():
                task = self.owners[id(job)]
                self.open[id(task)] -= 1
                if not self.open[id(task)]:
                    self.ended(task, task.judge())

    def stop(self) -> list[Task]:
        """End all jobs; the tasks that had not ended. Nothing more is heard of these."""
        tasks = {id(task): task for task in self.owners.values() if self.open[id(task)] > 0}
        self.queue.clear()
        self.pool.cancel()
        for number in tasks:
            self.open[number] = 0
        return list(tasks.values())

    def _next_ready(self) -> tuple[Task, Job] | None:
        """The next job whose gate need not wait for another one to end."""
        for position, (task, _) in enumerate(self.queue):
            if not self.must_wait(task):
                return self.queue.pop(position)
        return None

    def _start(self, task: Task, job: Job) -> None:
        if task.begin():
            self.started(task)
        try:
            self.pool.start(job)
        except CannotRun as error:
            self.queue = [item for item in self.queue if item[0] is not task]
            self.ended(task, task.context.outcome(NOT_RUN, error.line))
