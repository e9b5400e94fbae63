"""The deploy of a whole stack: every service brought to what is described, or the stack brought back to what it was.

Services are made, changed and upgraded in the order of what they need. Upgrades are left waiting, with their old
containers kept, until all services are well and have been for the time of the bake; only then they are confirmed. So
until that moment everything that was done can be undone, and it is, from the last service to the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from gates.errors import CannotRun, DeployRunning, DeployUndone, GatelineError, NotUndone
from gates.rancher.cattle import launch
from gates.rancher.cattle.driver import CattleDriver
from gates.rancher.compose.plan import BEFORE, Step
from gates.rancher.compose.stack import Stack
from gates.rancher.judge import Judge, Limits
from gates.rancher.logs import Alarm
from gates.rancher.narrator import Narrator
from gates.rancher.session import Recording, result_of, seen
from gates.rancher.target import Mark, Phase, Plan, Situation, Wish
from gates.rancher.terms import Options
from gates.rancher.upgrade import UNDER_WAY, Upgrade

__all__ = ["StackRun"]


class Failed(GatelineError):
    """The stack is to be brought back; the message is the reason."""


@dataclass
class Member:
    """A service that this run has touched. `upgrade` also reads it where nothing is upgraded."""

    step: Step
    driver: CattleDriver
    upgrade: Upgrade
    judge: Judge
    alarm: Alarm | None
    changed: bool = False

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def mark(self) -> Mark:
        """Of the upgrade that is under way: an earlier run may have begun it."""
        return self.upgrade.mark or self.step.mark

    @property
    def upgraded(self) -> bool:
        return self.step.there and bool(self.step.parts or self.step.resumed)


@dataclass
class StackRun:
    """One run. `left`: it stopped among the confirmations, and nothing more is undone.

    strategy  batch_size, interval and start_first as asked for; what is not here the description says
    pull      as in `Wish`
    narrator  makes what tells of one service
    alarm     makes what watches its output, None for nothing
    record    begins the recording of one service
    """

    stack: Stack
    steps: list[Step]
    limits: Limits
    options: Options
    strategy: Mapping[str, Any]
    pull: str
    note: Callable[[str], None]
    narrator: Callable[[str], Narrator]
    alarm: Callable[[CattleDriver, Narrator], Alarm | None]
    record: Callable[[Mapping[str, str], Mark], Recording | None]
    members: list[Member] = field(default_factory=list)
    recordings: dict[str, Recording | None] = field(default_factory=dict)
    linked: dict[str, dict[str, str]] = field(default_factory=dict)
    made_stack: bool = False
    left: bool = False

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + self.limits.deadline

    def run(self) -> str:
        """Returns deployed, unchanged or waiting. Raises CannotRun when nothing was touched, DeployUndone, NotUndone,
        DeployRunning.
        """
        result = "unchanged"
        if any(step.word != "unchanged" for step in self.steps):
            result = self._carry_out()
        self._check_unchanged()
        return result

    def _carry_out(self) -> str:
        ended: dict[str, Any] = {"result": "failed", "exit_code": 1}
        try:
            self._forward()
            result = "waiting"
            if self.options.finish:
                self._finish()
                result = "deployed"
            ended = {"result": result, "exit_code": 0}
            return result
        except GatelineError as error:
            final = self._back(error)
            ended = result_of(final)
            raise final from None
        except KeyboardInterrupt as error:
            ended = result_of(error)
            self._tell_interrupted()
            raise
        finally:
            self._end(ended)

    def _forward(self) -> None:
        """Everything up to the moment from which on there is no instant way back."""
        for image in self._images() if self.pull == "before" else ():
            self.note(f"pulling {image} on all hosts")
            self.stack.pull(image, self.deadline)
        if not self.stack.id:
            self.note(f"making the stack {self.stack.name}")
            self.made_stack = True
            self.stack.make()
        for step in self.steps:
            if step.word != "unchanged":
                self._bring(step)
        for step in (member.step for member in self.members if member.name in self.linked):
            if self.linked[step.name] != self._targets(step):
                self._link(step)
        self._bake()

    def _images(self) -> list[str]:
        configs = [config for step in self.steps for config in step.parts.values()]
        images = [launch.image_name(config.get("imageUuid")) for config in configs]
        return [image for image in dict.fromkeys(images) if image != launch.ABSENT_IMAGE]

    def _bring(self, step: Step) -> None:
        """One service to what is described; an upgrade is left waiting."""
        narrator = self.narrator(f"{self.stack.name}/{step.name}")
        narrator.seconds = time.monotonic() - self.begun
        self.recordings[step.name] = self.record(self.stack.where(step.name), step.mark)
        try:
            if not step.there:
                narrator.note(f"making {narrator.name}")
                self._make(step)
            member = self._member(step, narrator)
            if step.there:
                self._change(member, narrator)
            if member.upgraded:
                self._upgrade(member)
            else:
                self._until_well(member)
        finally:
            narrator.close()

    def _member(self, step: Step, narrator: Narrator) -> Member:
        driver = self.stack.driver(step.name)
        options = replace(self.options, finish=False, pull=False, again=True)
        alarm = self.alarm(driver, narrator)
        upgrade = Upgrade(driver, replace(self.limits, bake=0.0), narrator, options, alarm)
        upgrade.begun, upgrade.deadline, upgrade.mark = self.begun, self.deadline, step.mark
        member = Member(step, driver, upgrade, Judge(self.limits), alarm)
        self.members.append(member)
        return member

    def _make(self, step: Step) -> None:
        configs = self._signed(step, {}, step.mark)
        body: dict[str, Any] = dict(step.description.settings)
        if configs:
            body["launchConfig"] = configs[""]
            body["secondaryLaunchConfigs"] = [config for part, config in configs.items() if part]
        if step.description.balance is not None:
            body["lbConfig"] = self.stack.balance(step.description.balance)
        self.stack.make_service(step.description, body, self.deadline)
        if step.links:
            self._link(step)

    def _change(self, member: Member, narrator: Narrator) -> None:
        """What needs no upgrade."""
        step = member.step
        member.upgrade.look()
        if step.update:
            narrator.note(f"changing {', '.join(step.changes)}")
            member.changed = True
            balance = step.description.balance
            late = {"lbConfig": self.stack.balance(balance)} if balance and "lbConfig" in step.update else {}
            self.stack.change(step.name, {**step.update, **late}, self.deadline)
            if step.links is not None:
                self._link(step)
        if step.start:
            narrator.note(f"starting {narrator.name}")
            self.stack.start(step.name, self.deadline)

    def _link(self, step: Step) -> None:
        self.linked[step.name] = self._targets(step)
        self.stack.link(step.name, self.linked[step.name], self.deadline)

    def _targets(self, step: Step) -> dict[str, str]:
        """Those that are there: services that need each other get their links when both are."""
        found = {alias: self.stack.id_of(target) for alias, target in (step.links or {}).items()}
        return {alias: target for alias, target in found.items() if target}

    def _upgrade(self, member: Member) -> None:
        """With the state machine of every deploy."""
        step = member.step
        wish = Wish(**{**step.description.strategy, **self.strategy})

        def make_plan(mark: Mark) -> Plan:
            return member.driver.diff_to(lambda current: self._signed(step, current, mark), wish)

        member.upgrade.deploy(make_plan, step.mark)

    def _signed(self, step: Step, current: launch.Configs, mark: Mark) -> launch.Configs:
        configs = step.configs(current)
        for config in configs.values():
            launch.sign(config, mark, pull=self.pull == "always")
        return configs

    def _until_well(self, member: Member) -> None:
        """Wait for a service that is made, changed or started."""
        while True:
            situation = member.upgrade.look()
            if self._at_rest(member, situation):
                return
            self._judge(member, situation)
            member.driver.wait(self.limits.poll, min(self.deadline, member.judge.due(time.monotonic())))

    def _at_rest(self, member: Member, situation: Situation) -> bool:
        """Whether nothing goes on there any more, and all is well."""
        if situation.phase == Phase.STOPPED:
            return not member.step.start
        return situation.phase == Phase.RESTING and not situation.unsettled

    def _judge(self, member: Member, situation: Situation) -> None:
        now = time.monotonic()
        if member.alarm is not None:
            member.alarm.follow(situation)
        if reason := (member.alarm.alarm if member.alarm else "") or member.judge.failure(situation, now):
            raise Failed(f"{member.driver.name}: {reason}")
        if situation.phase == Phase.GONE:
            raise Failed(f"{member.driver.name} is {situation.state}: somebody took it away")
        if now > self.deadline:
            state = situation.unsettled or f"it is {situation.state}"
            raise Failed(f"{member.driver.name} not done after {self.limits.deadline:g} s: {state}")

    def _bake(self) -> None:
        """Until all are well and have been for the time of the bake."""
        if self.limits.bake:
            self.note(f"all services are there; watching them for {self.limits.bake:g} s")
        while any([not self._baked(member) for member in self.members]):  # noqa: C419 (each is looked at each time)
            time.sleep(self.limits.poll)

    def _baked(self, member: Member) -> bool:
        situation = member.upgrade.look()
        if situation.phase == Phase.STOPPED and not member.step.start:
            return True
        self._judge(member, situation)
        if member.upgraded and not situation.carries(member.mark):
            raise Failed(f"somebody else undid the upgrade of {member.driver.name}")
        return member.judge.baked(situation, time.monotonic())

    def _finish(self) -> None:
        """Confirm all upgrades, and forget what was before."""
        waiting = [member for member in self.members if member.upgraded]
        for number, member in enumerate(waiting):
            try:
                member.upgrade.complete(member.mark)
            except GatelineError as error:
                self._stopped(error, waiting[:number], waiting[number:])
        for member in self.members:
            if member.changed or member.step.before:
                self._forget(member)

    def _stopped(self, error: GatelineError, done: list[Member], left: list[Member]) -> None:
        """An upgrade could not be confirmed. As long as none was, all can go back; then it is better to leave it."""
        if isinstance(error, DeployUndone) and not done:
            raise error
        self.left = True
        lists = [("confirmed", done), ("not confirmed", left)]
        told = "; ".join(f"{word}: {', '.join(member.name for member in some)}" for word, some in lists if some)
        kind = DeployRunning if isinstance(error, DeployRunning) else NotUndone
        raise kind(f"{error.message} ({told})", hint="Run the same again to confirm the rest.")

    def _forget(self, member: Member) -> None:
        """The memory of what was before is for this deploy only."""
        metadata = {**self.stack.metadata_of(member.name)}
        if metadata.pop(BEFORE, None) is not None:
            self.stack.change(member.name, {"metadata": metadata}, self.deadline)

    def _check_unchanged(self) -> None:
        """What needed nothing must be well too, or this deploy would end well over a service that is down."""
        end = time.monotonic() + self.limits.grace
        for step in self.steps:
            if step.word != "unchanged" or not step.description.parts or not step.description.start:
                continue
            driver = self.stack.driver(step.name)
            while reason := driver.read().unsettled:
                if time.monotonic() > end:
                    raise NotUndone(f"nothing had to be changed there, but {driver.name} is not well: {reason}")
                time.sleep(self.limits.poll)

    def _end(self, ended: Mapping[str, Any]) -> None:
        for member in self.members:
            if member.alarm is not None:
                member.alarm.close()
            member.driver.close()
        upgrades = {member.name: member.upgrade for member in self.members}
        for name, recording in self.recordings.items():
            if recording is not None:
                recording.end({**ended, **(seen(upgrades[name]) if name in upgrades else {})})

    # The way back

    def _back(self, error: GatelineError) -> GatelineError:
        """Undo everything; gives the error that says what came of it."""
        if self.left or not (self.members or self.made_stack):
            return error
        name = f"the stack {self.stack.name}"
        if not self.options.undo:
            return NotUndone(f"{name}: {error.message}", hint="It was left as it is, as asked (--no-undo).")
        reason = self._reason(error)
        self.note(f"{name} goes back: {reason}")
        wrong = [error.message] if isinstance(error, NotUndone) else []
        end = time.monotonic() + self.limits.deadline
        for member in reversed(self.members):
            try:
                self._undo(member, reason, end)
            except GatelineError as problem:
                wrong.append(f"{member.name}: {problem.message}")
        try:
            if self.made_stack and self.stack.id and not wrong:
                self.stack.remove_stack(end)
        except GatelineError as problem:
            wrong.append(problem.message)
        if wrong:
            return NotUndone(f"{name} could not be brought back: {'; '.join(dict.fromkeys(wrong))}")
        return DeployUndone(f"{name} is what it was before, and well: {reason}")

    def _reason(self, error: GatelineError) -> str:
        """Without the words about how one service was brought back: this is told of the whole stack."""
        because = [member for member in self.members if member.upgrade.undone_because]
        if isinstance(error, DeployUndone) and because:
            return f"{because[-1].driver.name}: {because[-1].upgrade.undone_because}"
        return error.message

    def _undo(self, member: Member, reason: str, end: float) -> None:
        """One service back to what it was. Raises an error that says why not."""
        if not member.step.there:
            self.note(f"removing {self.stack.name}/{member.name}, which was made here")
            self.stack.remove(member.name, end)
            return
        member.upgrade.deadline = end
        situation = member.upgrade.look()
        if situation.phase in UNDER_WAY and situation.carries(member.mark):
            with suppress(DeployUndone):
                member.upgrade.withdraw(member.mark, reason)
        before = dict(member.step.before)
        if member.changed or before:
            links = before.pop("links", None)
            self.note(f"putting back {', '.join(member.step.changes) or 'what was changed'} of {member.name}")
            self.stack.change(member.name, before, end)
            if links is not None:
                self.stack.link(member.name, links, end)
        was_stopped = member.step.start
        if was_stopped:
            self.stack.stop(member.name, end)
        while not self._is_back(situation := member.upgrade.look(), stopped=was_stopped):
            if time.monotonic() > end:
                state = situation.unsettled or f"it is {situation.state}"
                raise CannotRun(f"is not well after it was brought back: {state}")
            member.driver.wait(self.limits.poll, end)

    def _is_back(self, situation: Situation, *, stopped: bool) -> bool:
        if stopped or situation.phase == Phase.STOPPED:
            return situation.phase == Phase.STOPPED
        return situation.phase == Phase.RESTING and not situation.unsettled

    def _tell_interrupted(self) -> None:
        if not self.members:
            self.note("interrupted; nothing was changed")
            return
        touched = ", ".join(member.name for member in self.members)
        self.note(f"interrupted; touched were {touched}. Run the same again to continue.")
