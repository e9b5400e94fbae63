"""The one state machine of a deploy: find → plan → apply → watch → bake → confirm | undo, for every kind of server.

It keeps nothing in memory that it could not read again from the service, so that it can be killed at any point and
started again: each round reads the state, decides, takes at most one step, and waits. A step whose answer is lost or
that the server refuses is no error in itself; the next reading tells what became of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gates.errors import CannotRun, DeployRunning, DeployUndone, NotUndone, UsageError
from gates.rancher.judge import Judge, Limits
from gates.rancher.target import Denied, Driver, Mark, Phase, Plan, Refused, Situation, Unclear, Unreachable
from gates.rancher.terms import LogFeed, Options, Progress

__all__ = ["OURS_TO_END", "UNDER_WAY", "Upgrade"]

OURS_TO_END = (Phase.UPGRADING, Phase.UPGRADED, Phase.CANCELING, Phase.CANCELED)
"""Phases of an upgrade that somebody has begun and has to bring to its end."""

WAY_BACK = (Phase.CANCELING, Phase.CANCELED, Phase.UNDOING)
UNDER_WAY = (*OURS_TO_END, Phase.UNDOING, Phase.FINISHING)

APPLY_TRIES = 8
LONGEST_REFUSAL = 3.0


class Failed(Exception):
    """The upgrade is to be undone; the message is the reason."""


@dataclass
class Upgrade:
    """One run over one service.

    transitions   what was seen, as (seconds since the start, the server's state)
    first, last   the first and the last reading
    touched       whether something was asked of the server that changes the service
    """

    driver: Driver
    limits: Limits
    progress: Progress
    options: Options = field(default_factory=Options)
    logs: LogFeed | None = None
    transitions: list[tuple[float, str]] = field(default_factory=list)
    first: Situation | None = None
    last: Situation | None = None
    plan: Plan | None = None
    mark: Mark | None = None
    touched: bool = False

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + self.limits.deadline
        self.refusals = 0
        self.undone_because = ""

    def deploy(self, make_plan: Callable[[Mark], Plan], mark: Mark) -> str:
        """Bring what is wished to the service; returns what came of it: deployed, unchanged, waiting, planned.

        Raises CannotRun when nothing was touched, DeployUndone, NotUndone, DeployRunning.
        """
        self.mark = mark
        if self.options.dry_run:
            self._show(make_plan(mark))
            return "planned"
        situation = self._clear_way(mark)
        if situation.phase in UNDER_WAY and situation.owner is not None:
            return self._resume(situation, situation.owner)
        plan = make_plan(mark)
        done = any(found.key == mark.key for found in situation.marks) and not plan.differences
        if done and not self.options.again:
            self._must_be_well("this deploy was made before, but")
            return "unchanged"
        self._show(plan)
        for image in plan.images if self.options.pull else ():
            self.progress.note(f"pulling {image} on all hosts")
            self.driver.pull(image, self.deadline)
        self._apply(plan, make_plan, mark)
        return self._follow(mark)

    def look(self) -> Situation:
        """One reading, told and recorded; a server that is down is waited for until the deadline."""
        return self._read(self.deadline)

    def complete(self, mark: Mark) -> str:
        """Confirm what `deploy` left waiting; returns "deployed". Raises what `deploy` raises once it has begun."""
        return self._through(mark, self._finish)

    def withdraw(self, mark: Mark, reason: str) -> str:
        """Undo what `deploy` left waiting. Raises DeployUndone when that is done and all is well, else NotUndone."""
        return self._undo(mark, reason)

    def return_to_previous(self, mark: Mark) -> str:
        """Undo whatever upgrade is under way, whoever began it; at rest, deploy again what ran before the last one.

        Returns "rolled back", or "unchanged" when the last thing that happened was such a rollback: once more would
        bring back what it was to get rid of. Raises NotUndone, or CannotRun when there is nothing to go back to.
        """
        situation = self._read(self.deadline)
        ours = situation.owner is not None and situation.owner.key == mark.key
        if situation.phase in UNDER_WAY and not ours:
            self._go_back(None)
        elif situation.phase == Phase.RESTING and ours:
            self._must_be_well("this rollback was made before, but")
            return "unchanged"
        else:
            self.deploy(self._previous_plan, mark)
        return "rolled back"

    def _previous_plan(self, mark: Mark) -> Plan:
        plan = self.driver.diff_previous(mark)
        if plan is None:
            raise CannotRun(f"the server remembers nothing that {self.driver.name} could go back to")
        return plan

    def confirm(self) -> str:
        """Finish an upgrade that waits, whoever began it; returns "finished", or "unchanged" when none waits.

        Raises CannotRun when it is not well, NotUndone or DeployRunning when finishing goes wrong.
        """
        situation = self._read(self.deadline)
        if situation.phase == Phase.RESTING:
            return "unchanged"
        if situation.phase not in (Phase.UPGRADED, Phase.FINISHING):
            raise CannotRun(f"{self.driver.name} is {situation.state}: there is no upgrade that could be finished")
        self._refuse_unsettled(situation)
        self._finish(None)
        return "finished"

    def _refuse_unsettled(self, situation: Situation) -> None:
        """What waits is not confirmed as long as it is not well: that would take the way back."""
        if situation.phase == Phase.UPGRADED and situation.unsettled:
            raise CannotRun(
                f"{self.driver.name} is not well, so its old containers are kept: {situation.unsettled}",
                hint=f"Wait, or go back with `gateline rollback {self.driver.name}`.",
            )

    def _show(self, plan: Plan) -> None:
        self.plan = plan
        self.progress.plan(plan)

    def _clear_way(self, mark: Mark) -> Situation:
        """Wait until an upgrade may begin; returns a reading at rest, or one of an upgrade that is ours."""
        told = ""
        while True:
            situation = self._read(self.deadline)
            ours = situation.owner is not None and situation.owner.key == mark.key
            if situation.phase == Phase.RESTING or (ours and situation.phase in UNDER_WAY):
                return situation
            if situation.phase in (Phase.GONE, Phase.STOPPED):
                raise CannotRun(
                    f"{self.driver.name} is {situation.state}: nothing runs that could be upgraded",
                    hint="Start the service first; a stopped one cannot show whether the upgrade works.",
                )
            if situation.phase in OURS_TO_END:
                self._adopt(situation)
            elif told != situation.state:
                told = situation.state
                self.progress.note(f"{self.driver.name} is {situation.state}; waiting until that is over")
            if time.monotonic() > self.deadline:
                untouched = "" if self.touched else "; nothing was changed"
                raise CannotRun(f"{self.driver.name} was still {situation.state} at the deadline{untouched}")
            self.driver.wait(self.limits.poll, self.deadline)

    def _adopt(self, situation: Situation) -> None:
        """One step for an upgrade of somebody else, and only as asked for."""
        whose = str(situation.owner) if situation.owner else "somebody who did not use Gateline"
        if not self.options.adopt:
            raise CannotRun(
                f"{self.driver.name} is {situation.state}, left so by {whose}; nothing was changed",
                hint="Look at it, then say --adopt finish or --adopt rollback.",
            )
        self.progress.note(f"adopting what {whose} left {situation.state}: {self.options.adopt}")
        if self.options.adopt == "rollback":
            self._go_back(None)
        elif situation.phase in (Phase.CANCELING, Phase.CANCELED):
            raise CannotRun(
                f"{self.driver.name} is {situation.state}: an upgrade that was cancelled half-way cannot be finished",
                hint="Say --adopt rollback.",
            )
        elif situation.phase == Phase.UPGRADED:
            self._refuse_unsettled(situation)
            self._step(self.driver.confirm)

    def _resume(self, situation: Situation, mark: Mark) -> str:
        self.progress.note(f"continuing an earlier run of this deploy, which was left {situation.state} ({mark})")
        self.mark, self.touched = mark, True
        if situation.phase in WAY_BACK:
            return self._undo(mark, "an earlier run of this deploy was undoing it")
        return self._follow(mark)

    def _apply(self, plan: Plan, make_plan: Callable[[Mark], Plan], mark: Mark) -> None:
        """Begin the upgrade exactly once. The server accepts only one at a time, so it also settles any race."""
        lost = ""
        for _ in range(APPLY_TRIES):
            try:
                situation = self._read(self.deadline)
            except Unreachable:
                break
            except Denied as error:
                if not lost:
                    raise
                lost = error.message
                break
            if situation.owner == mark and situation.phase in UNDER_WAY:
                return
            if situation.phase in UNDER_WAY:
                raise CannotRun(f"somebody else began to upgrade {self.driver.name} a moment ago; nothing was changed")
            if situation.version != plan.version:
                self.progress.note("the service was changed meanwhile; planning anew")
                plan = make_plan(mark)
                self._show(plan)
            try:
                self.touched = True  # from here on an interruption leaves open whether it has begun
                self.driver.apply(plan)
                return
            except (Refused, Unclear) as error:
                self.progress.note(f"not begun yet: {error.message}")
                lost = error.message if isinstance(error, Unclear) else lost
                self.touched = bool(lost)
                self._pause()
        if lost:
            raise NotUndone(f"it is not known whether the upgrade of {self.driver.name} has begun: {lost}")
        raise CannotRun(f"the server would not begin to upgrade {self.driver.name}; nothing was changed")

    def _follow(self, mark: Mark) -> str:
        """From the moment the upgrade has begun to its end."""
        if not self.options.wait:
            raise DeployRunning(f"the upgrade of {self.driver.name} has begun and is not watched, as asked")
        return self._through(mark, self._watch, *([self._finish] if self.options.finish else []))

    def _through(self, mark: Mark, *steps: Callable[[Mark], None]) -> str:
        """The steps, or all the way back when one of them fails."""
        try:
            for step in steps:
                step(mark)
        except Failed as failed:
            return self._undo(mark, str(failed))
        except Unreachable as error:
            return self._undo(mark, f"the server was not heard of any more: {error.message}")
        except Denied as error:
            raise NotUndone(f"the upgrade of {self.driver.name} goes on unwatched: {error.message}") from None
        return "deployed" if self._finish in steps else "waiting"

    def _watch(self, mark: Mark) -> None:
        """Until all is well in `upgraded` and has been for the time of the bake. Raises Failed."""
        judge = Judge(self.limits)
        while True:
            situation = self._read(self.deadline)
            now = time.monotonic()
            self._check_course(situation, mark)
            if self.logs is not None:
                self.logs.follow(situation)
            if reason := (self.logs.alarm if self.logs else "") or judge.failure(situation, now):
                raise Failed(reason)
            if situation.phase in (Phase.FINISHING, Phase.RESTING):
                self.progress.note("somebody else finished the upgrade")
                return
            if judge.baked(situation, now) and situation.phase == Phase.UPGRADED:
                return
            if now > self.deadline:
                state = situation.unsettled or f"it is {situation.state}"
                self._late(f"not done after {self.limits.deadline:g} s: {state}")
            self.driver.wait(self.limits.poll, min(self.deadline, judge.due(now)))

    def _late(self, reason: str) -> None:
        if not self.options.undo:
            raise DeployRunning(f"{self.driver.name}: {reason}", hint="It was left so, as asked (--no-undo).")
        raise Failed(reason)

    def _check_course(self, situation: Situation, mark: Mark) -> None:
        """The upgrade must still be ours, and still on its way forward. Raises Failed, NotUndone."""
        if situation.phase in (Phase.GONE, Phase.STOPPED):
            raise NotUndone(f"{self.driver.name} is {situation.state}: somebody took it away during the upgrade")
        if situation.phase in WAY_BACK or (situation.phase == Phase.RESTING and not situation.carries(mark)):
            raise Failed(f"somebody else cancelled or undid the upgrade (it is {situation.state})")
        self._refuse_stranger(situation, mark)

    def _refuse_stranger(self, situation: Situation, mark: Mark) -> None:
        if situation.phase in UNDER_WAY and situation.owner != mark:
            raise NotUndone(f"another upgrade of {self.driver.name} took the place of this one, and was not touched")

    def _finish(self, mark: Mark | None) -> None:
        """Confirm, and see it through; `mark` None stands for whatever upgrade it is."""
        judge = Judge(self.limits)
        while True:
            late = time.monotonic() > self.deadline
            situation = self._read_while_finishing(self.deadline)
            if mark is not None:
                self._check_course(situation, mark)
            if situation.phase == Phase.RESTING:
                break
            if mark is not None and (reason := judge.failure(situation, time.monotonic())):
                raise Failed(reason)  # the server finishes only what is well, and would wait for ever
            if late:
                words = f" ({situation.error})" if situation.error else ""
                raise DeployRunning(f"{self.driver.name} was still {situation.state}{words} at the deadline")
            if situation.phase == Phase.UPGRADED:
                self._step(self.driver.confirm)
            self.driver.wait(self.limits.poll, min(self.deadline, judge.due(time.monotonic())))
        self._must_be_well("the upgrade was finished, but", self._read_while_finishing)

    def _read_while_finishing(self, deadline: float) -> Situation:
        try:
            return self._read(deadline)
        except Unreachable as error:
            raise DeployRunning(f"{self.driver.name} was being finished when the server fell silent") from error

    def _must_be_well(self, before: str, read: Callable[[float], Situation] | None = None) -> None:
        """At rest all must be well within the grace. There is no instant way back any more."""
        end = time.monotonic() + self.limits.grace
        while reason := (read or self._read)(end).unsettled:
            if time.monotonic() > end:
                raise NotUndone(
                    f"{before} {self.driver.name} is not well: {reason}",
                    hint=f"Go back with `gateline rollback {self.driver.name}`.",
                )
            self.driver.wait(self.limits.poll, end)

    def _undo(self, mark: Mark, reason: str) -> str:
        """Raises DeployUndone when the old state is back and well, NotUndone when it is not."""
        if not self.options.undo:
            raise NotUndone(f"{self.driver.name}: {reason}", hint="It was left as it is, as asked (--no-undo).")
        self.undone_because = reason
        self.progress.note(f"going back: {reason}")
        self._go_back(mark, reason)
        raise DeployUndone(f"{self.driver.name} is back on its old containers and well: {reason}")

    def _go_back(self, mark: Mark | None, reason: str = "") -> None:
        """Step by step to rest, and then until it is well: the server itself does not wait for that."""
        end = time.monotonic() + self.limits.deadline
        because = f" (the upgrade had failed: {reason})" if reason else ""
        while True:
            late = time.monotonic() > end
            try:
                situation = self._read(end)
            except (Unreachable, Denied) as error:
                raise NotUndone(f"{self.driver.name} could not be undone{because}: {error.message}") from None
            if mark is not None:
                self._refuse_stranger(situation, mark)
            if situation.phase == Phase.RESTING:
                if mark is not None and situation.carries(mark):
                    raise NotUndone(f"{self.driver.name} was finished meanwhile, so it was not undone{because}")
                if not situation.unsettled:
                    return
            elif situation.phase in (Phase.GONE, Phase.STOPPED):
                raise NotUndone(f"{self.driver.name} is {situation.state}{because}")
            if late:
                state = f"{situation.state}, {situation.unsettled}".removesuffix(", ")
                raise NotUndone(f"{self.driver.name} could not be undone in time, it is {state}{because}")
            if situation.phase != Phase.RESTING:
                self._step(lambda found=situation: self.driver.undo(found))  # type: ignore[misc]
            self.driver.wait(self.limits.poll, end)

    def _step(self, action: Callable[[], None]) -> None:
        """One request that may be refused or lost: the next reading tells what became of it."""
        self.touched = True
        try:
            action()
            self.refusals = 0
        except (Refused, Unclear, UsageError) as error:  # also what it denies or does not accept: it may yet
            self.progress.note(f"asked again soon: {error.message}")
            self._pause()

    def _pause(self) -> None:
        self.refusals += 1
        time.sleep(min(LONGEST_REFUSAL, 0.1 * 2**self.refusals, self.limits.poll))

    def _read(self, deadline: float) -> Situation:
        """One reading, told and recorded. A server that is down is waited for until the deadline."""
        silent = False
        while True:
            try:
                situation = self.driver.read()
                break
            except Unreachable as error:
                if time.monotonic() > deadline:
                    raise
                if not silent:
                    self.progress.note(f"{error.message}; trying on")
                silent = True
                time.sleep(self.limits.poll)
        seconds = time.monotonic() - self.begun
        if situation.phase in UNDER_WAY or not self.transitions:
            for text in self.driver.notes():
                self.progress.note(f"server: {text}")
        if not self.transitions or self.transitions[-1][1] != situation.state:
            self.transitions.append((round(seconds, 3), situation.state))
        self.first, self.last = self.first or situation, situation
        self.progress.seen(situation, seconds)
        return situation
