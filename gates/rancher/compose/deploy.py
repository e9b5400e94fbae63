"""`gateline deploy --compose`: from the command line to the run over a stack, and what is shown of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import click

from gates.errors import UsageError
from gates.rancher.cattle.driver import CattleDriver
from gates.rancher.compose.description import Description
from gates.rancher.compose.files import Source, read_description
from gates.rancher.compose.plan import Step, make_steps
from gates.rancher.compose.run import StackRun
from gates.rancher.compose.stack import Stack
from gates.rancher.connect import Connection, history_path, open_api
from gates.rancher.door import Passage, pass_door
from gates.rancher.lock import deploy_lock
from gates.rancher.log_view import LogView
from gates.rancher.logs import Alarm
from gates.rancher.narrator import Narrator
from gates.rancher.record import History
from gates.rancher.request import CONTENT, Place, Request, merged, refuse
from gates.rancher.session import Recording, terminable
from gates.rancher.target import Difference, Mark, Plan
from gates.rancher.terms import Options
from gates.reports.style import Style, clean

__all__ = ["StackDeploy", "deploy_stack"]

WORDS = {
    "deployed": "deployed and well",
    "unchanged": "nothing to do, all services are as described and well",
    "waiting": "upgraded and well; the upgrades wait for `gateline finish` or `gateline rollback`",
}


class _Quiet(Narrator):
    """The plan of the whole stack was shown already."""

    def plan(self, plan: Plan) -> None:
        self.batch_size = plan.batch_size


def deploy_stack(place: Place, options: dict[str, Any], connection: Connection, environ: Mapping[str, str]) -> int:
    """Bring a stack to what its files describe. Returns 0, or raises what `StackRun.run` raises.

    options  of `gateline deploy`, tidied; without `compose` the files are the target's
    """
    refuse(options, {"image": "--image", **CONTENT}, "with Compose files, which describe that")
    for name in ("image", "env", "labels"):
        if place.target.get(name):
            raise UsageError(f"{name} of the target is for one service; Compose files describe that themselves")
    if not options["wait"]:
        raise UsageError("--no-wait cannot be given with Compose files: services are brought up one after the other")
    request = merged(place, options, environ, needed=("stack",))
    reason = options["without_verdict"]
    source = Source(place.repository, "" if reason is not None else place.commit)
    descriptions = _descriptions(place, source, request, options, environ)
    images = [image for description in descriptions for image in description.images]
    passage = pass_door(place.repository, place.commit, request.proof, place.settings, reason=reason, images=images)
    api, environment = open_api(request.server, connection, request.environment, environ)
    try:
        stack = Stack(api, environment, request.stack)
        deploy = StackDeploy(place, request, options, stack, passage, environ)
        deploy.run(descriptions, f"files {source.words}")
    finally:
        api.close()
    return 0


def _descriptions(
    place: Place, source: Source, request: Request, options: dict[str, Any], environ: Mapping[str, str]
) -> list[Description]:
    named = options if options["compose"] else place.target["rancher"]
    paths = [named.get(name) or "" for name in ("compose", "rancher_compose")]
    compose, rancher = (path and source.path(path) for path in paths)
    found = read_description(source, compose, rancher, environ)
    if not request.service:
        return found
    wanted = [description for description in found if description.name == request.service]
    if not wanted:
        known = ", ".join(description.name for description in found)
        raise UsageError(f"no service called {request.service} is described", hint=f"There are: {known}.")
    return wanted


class StackDeploy:
    """One call of the command: what it was asked for, and what it shows."""

    def __init__(
        self,
        place: Place,
        request: Request,
        options: dict[str, Any],
        stack: Stack,
        passage: Passage,
        environ: Mapping[str, str],
    ) -> None:
        self.place = place
        self.request = request
        self.options = options
        self.stack = stack
        self.passage = passage
        self.environ = environ
        self.style = Style.of(sys.stdout, environ)
        self.history: History | None = None

    def run(self, descriptions: list[Description], words: str) -> None:
        """Show the plan, and carry it out. `words` say where the descriptions come from."""
        self.note(self.passage.words)
        steps = make_steps(
            self.stack,
            descriptions,
            self.place.commit,
            self.environ,
            again=self.options["again"],
            adopt=self.options["adopt"] or "",
        )
        self._show(steps, words)
        if self.options["dry_run"]:
            self.note(f"{self.stack.name}: nothing was changed (--dry-run)")
            return
        self._open_history()
        with ExitStack() as held:
            for step in sorted(steps, key=lambda step: step.name):
                held.enter_context(deploy_lock(self.stack.where(step.name)))
            held.enter_context(terminable())
            result = self._stack_run(steps).run()
        self.note(f"{self.stack.name}: {WORDS[result]}")

    def note(self, text: str) -> None:
        click.echo(self.style.safe(clean(text)))

    def _open_history(self) -> None:
        path = history_path(self.options["history"], self.place.repository)
        if not path:
            self.note("this deploy is recorded nowhere: there is no repository here, and no --history")
            return
        self.history = History(path)
        self.history.check()

    def _stack_run(self, steps: list[Step]) -> StackRun:
        rancher = self.place.target.get("rancher") or {}
        wish, asked = self.request.wish, {**rancher, **{k: v for k, v in self.options.items() if v is not None}}
        return StackRun(
            stack=self.stack,
            steps=steps,
            limits=self.request.limits,
            options=Options(
                undo=self.options["undo"], finish=self.options["finish"], adopt=self.options["adopt"] or ""
            ),
            strategy={name: getattr(wish, name) for name in ("batch_size", "interval", "start_first") if name in asked},
            pull=wish.pull,
            note=self.note,
            narrator=lambda name: _Quiet(name, sys.stdout, self.environ),
            alarm=self._alarm,
            record=self._record,
        )

    def _record(self, where: Mapping[str, str], mark: Mark) -> Recording | None:
        if self.history is None:
            return None
        facts = {"commit": self.place.commit, "verdict": self.passage.record, "deploy": mark.deploy}
        return Recording(self.history, "deploy", where, facts, self.note, self.environ)

    def _alarm(self, driver: CattleDriver, narrator: Narrator) -> Alarm | None:
        shown, pattern = self.options["logs"], self.request.abort_on_log
        if not shown and not pattern:
            return None
        view = LogView(narrator.line, self.style, grep=None, times=False, as_json=False)
        return Alarm(driver, pattern, view.show if shown else None)

    def _show(self, steps: list[Step], words: str) -> None:
        self.note(f"plan for the stack {self.stack.name}, {words}:")
        if not self.stack.id:
            self.note("  the stack is not there and will be made")
        width = max(len(step.name) for step in steps)
        for step in steps:
            word = self.style.paint(step.word, "dim" if step.word == "unchanged" else "bold")
            click.echo(self.style.safe(f"  {step.name:<{width}}  {word}"))
            for difference in step.differences:
                self._show_difference(difference, max(len(one.field) for one in step.differences))
            for note in step.notes:
                self.note(f"    {note}")
        described = {step.name for step in steps}
        others = sorted(set(self.stack.services) - described)
        if others and not self.request.service:
            self.note(f"  not described and left alone: {', '.join(others)}")

    def _show_difference(self, difference: Difference, width: int) -> None:
        arrow = "→" if self.style.unicode else "->"
        old, new = ("(none)" if value is None else value or '""' for value in (difference.old, difference.new))
        self.note(f"    {difference.field:<{width}}  {old} {arrow} {new}")
