"""What has to be done to each service of a description, and how that is shown. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gates.errors import CannotRun, UsageError
from gates.rancher.cattle import launch
from gates.rancher.cattle.driver import GLOBAL_LABEL, PHASES
from gates.rancher.compose import compare
from gates.rancher.compose.description import Description
from gates.rancher.compose.stack import Stack
from gates.rancher.marks import described_mark
from gates.rancher.masks import masked
from gates.rancher.target import Difference, Mark, Phase
from gates.rancher.upgrade import OURS_TO_END, UNDER_WAY

__all__ = ["BEFORE", "Step", "make_steps"]

BEFORE = "io.gateline.before"
"""Key in a service's metadata: what it was like before the last change that needed no upgrade.

The server remembers that of an upgrade itself. Of other changes only this does, so that a job that was killed and
started again can still undo them.
"""

OTHERS_METADATA = "io.rancher."
ONLY_WHEN_MADE = ("retainIp", "selectorContainer", "selectorLink")
"""Fields that the server takes when a service is made, and does not change afterwards."""


@dataclass
class Step:
    """One service.

    desired   the configurations as described, by part
    parts     what has to be sent of them now, those that differ only; of a new service all
    update    fields to set that need no upgrade, and `before`, what they were
    links     alias -> "name" or "stack/name", None when they stay as they are
    start     whether it is to be started
    resumed   whether this very deploy has an upgrade under way there
    awaited   whether something that is no upgrade is still going on there
    there     whether the service exists
    again     whether everything is sent, also what does not differ
    """

    description: Description
    mark: Mark
    desired: launch.Configs = field(default_factory=dict)
    parts: launch.Configs = field(default_factory=dict)
    update: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] | None = None
    start: bool = False
    resumed: bool = False
    awaited: bool = False
    there: bool = True
    again: bool = False
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def word(self) -> str:
        """What is done, in one word."""
        if not self.there:
            return "create"
        if self.resumed:
            return "continue"
        if self.parts:
            return "upgrade"
        if self.update or self.links is not None:
            return "change"
        if self.start:
            return "start"
        return "continue" if self.awaited or self.before else "unchanged"

    @property
    def changes(self) -> list[str]:
        """What is set without an upgrade; the metadata is set for the memory's sake too, which is not told."""
        told = [name for name in self.update if name != "metadata" or "metadata" in self.description.settings]
        return told + (["links"] if self.links is not None else [])

    def configs(self, current: launch.Configs) -> launch.Configs:
        """What has to be sent to a service with these configurations."""
        balancer = self.description.kind == "loadBalancerService"
        found = {
            name: compare.wanted(part, current.get(name), name=name, balancer=balancer)
            for name, part in self.desired.items()
            if self.again or compare.differs(part, current.get(name), balancer=balancer)
        }
        gone = [name for name in current if name not in self.desired]
        return {**found, **{name: {"name": name, "imageUuid": launch.ABSENT_IMAGE} for name in gone}}


def make_steps(
    stack: Stack, descriptions: list[Description], commit: str, environ: Mapping[str, str], *, again: bool, adopt: str
) -> list[Step]:
    """A step for each service, in order.

    again   replace all containers, also where nothing differs
    adopt   what to do with an upgrade that somebody else left behind, "" to refuse

    Raises UsageError for what cannot be, CannotRun when somebody is in the way.
    """
    described = {description.name for description in descriptions}
    steps = []
    for description in descriptions:
        _check_targets(stack, description, described)
        parts = {name: stack.secrets(part) for name, part in description.parts.items()}
        asked = [parts, description.settings, description.balance]
        mark = described_mark(stack.where(description.name), stack.api.server.keys[1], asked, commit, environ)
        step = Step(description, mark, parts, again=again)
        if description.name in stack.services:
            _Difference(stack, step).fill(adopt)
        else:
            _create(stack, step)
        steps.append(step)
    return steps


def _check_targets(stack: Stack, description: Description, described: set[str]) -> None:
    rules = description.balance["portRules"] if description.balance else []
    needed = [link.target for link in description.links] + [rule["service"] for rule in rules if "service" in rule]
    for target in needed:
        if target not in described and not stack.id_of(target):
            raise UsageError(
                f"{description.name} leads to {target}, which is neither described nor there", hint=description.where
            )


def _create(stack: Stack, step: Step) -> None:
    description = step.description
    step.there, step.start, step.parts = False, description.start, step.configs({})
    step.links = {link.alias: link.target for link in description.links} or None
    step.differences += launch.differences({}, step.parts)
    step.differences += _told({}, {**description.settings, **_named_links(step.links)})
    if description.balance is not None:
        stack.balance(description.balance)  # raises for what is missing, before anything is touched
        step.differences += _told({}, {"lbConfig": description.balance})


class _Difference:
    """What is described against what is there."""

    def __init__(self, stack: Stack, step: Step) -> None:
        self.stack = stack
        self.step = step
        self.description = step.description
        self.row = stack.services[step.name]
        self.phase = PHASES.get(str(self.row.get("state")), Phase.BUSY)
        self.current = launch.configs_of(self.row)

    def fill(self, adopt: str) -> None:
        self._check_kind()
        self._whose(adopt)
        self._parts()
        self._settings()
        self._balance()
        self._links()
        self._remember()
        self.step.awaited = self.phase == Phase.BUSY
        if self.row.get("state") == "inactive":
            self.step.start = self.description.start
            if not self.step.start:
                self.step.parts = {}
                self.step.notes.append("it is stopped, and its containers are left alone")

    def _check_kind(self) -> None:
        if self.row.get("type") != self.description.kind:
            raise UsageError(
                f"{self.stack.name}/{self.step.name} is a {self.row.get('type')}, and is described as a "
                f"{self.description.kind}: remove it first, or give it another name",
                hint=self.description.where,
            )

    def _whose(self, adopt: str) -> None:
        """Whether an upgrade that is under way is one of this very deploy."""
        marks = [mark for mark in launch.marks_of(self.current) if mark.key == self.step.mark.key]
        before = launch.marks_of(launch.previous_configs(self.row))
        if self.phase in UNDER_WAY and set(marks) - set(before):
            self.step.resumed, self.step.mark = True, marks[0]
        elif self.phase in OURS_TO_END and not adopt:
            raise CannotRun(
                f"{self.stack.name}/{self.step.name} is {self.row['state']} by an upgrade that is not of this deploy; "
                "nothing was changed",
                hint="Look at it, then say --adopt finish or --adopt rollback.",
            )
        elif self.phase in OURS_TO_END:
            self.step.again = True

    def _parts(self) -> None:
        if self.step.resumed:
            return
        self.step.parts = self.step.configs(self.current)
        told = launch.differences(self.current, self.step.parts)
        self.step.differences += told
        if self.step.parts and not told and not self.step.again:
            self.step.notes.append("a field that the server fills in was taken out of the description, or put in")

    def _settings(self) -> None:
        for name, value in self.description.settings.items():
            current = self.row.get(name)
            if name == "metadata":
                current = {key: one for key, one in (current or {}).items() if not _is_foreign(key)}
            if compare.holds(current, value) and (name != "metadata" or current == value):
                continue
            if name == "scale" and self._scale_is_not_ours():
                continue
            if name in ONLY_WHEN_MADE:
                self.step.notes.append(f"{name} differs, and can only be given when a service is made")
                continue
            self.step.update[name] = value
            self.step.before[name] = self.row.get(name)
            self.step.differences += _told({name: current}, {name: value})

    def _scale_is_not_ours(self) -> bool:
        labels = self.step.desired.get("", {}).get("labels") or {}
        return labels.get(GLOBAL_LABEL) == "true" or "scalePolicy" in self.description.settings

    def _balance(self) -> None:
        """Rules are compared by ids, and shown by names."""
        if self.description.balance is None:
            return
        wanted = self.stack.balance(self.description.balance)
        current = self.row.get("lbConfig") or {}
        unknown = any(rule.get("serviceId", "") is None for rule in wanted["portRules"])
        if not unknown and compare.holds(current, wanted):
            return
        self.step.update["lbConfig"] = wanted
        self.step.before["lbConfig"] = self.row.get("lbConfig")
        old = {name: current.get(name) for name in wanted if name != "portRules"}
        old["portRules"] = [self._rule(rule) for rule in current.get("portRules") or ()]
        self.step.differences += _told({"lbConfig": old}, {"lbConfig": self.description.balance})

    def _rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in rule.items() if value is not None and name not in ("type", "serviceId")}
        return {**found, "service": self.stack.name_of(rule["serviceId"])} if rule.get("serviceId") else found

    def _links(self) -> None:
        if self.row.get("type") == "externalService" or self.row.get("selectorLink"):
            return
        current = self.stack.links_of(self.step.name)
        wanted = {link.alias: link.target for link in self.description.links}
        if {alias: self.stack.id_of(target) for alias, target in wanted.items()} == current:
            return
        self.step.links = wanted
        self.step.before["links"] = current
        named = {alias: self.stack.name_of(target) for alias, target in current.items()}
        self.step.differences += _told(_named_links(named), _named_links(wanted))

    def _remember(self) -> None:
        """What was before goes into the metadata; of an earlier run of this deploy it is there already."""
        metadata = self.row.get("metadata") or {}
        known = metadata.get(BEFORE)
        if isinstance(known, dict) and known.get("deploy") == self.step.mark.key:
            self.step.before = {**(known.get("fields") or {}), **self.step.before}
        if self.step.update or self.step.links is not None:
            described = self.step.update.get("metadata", self.description.settings.get("metadata", metadata))
            others = {key: value for key, value in metadata.items() if key.startswith(OTHERS_METADATA)}
            self.step.before.setdefault("metadata", {key: metadata[key] for key in metadata if key != BEFORE})
            memory = {"deploy": self.step.mark.key, "fields": self.step.before}
            self.step.update["metadata"] = {**others, **described, BEFORE: memory}


def _is_foreign(key: str) -> bool:
    return key == BEFORE or key.startswith(OTHERS_METADATA)


def _named_links(links: Mapping[str, str] | None) -> dict[str, Any]:
    return {"links": dict(links)} if links else {}


def _told(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Field by field, as `launch.differences` does it."""
    before, after = (dict(_fields(side)) for side in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Difference(name, masked(name, before.get(name)), masked(name, after.get(name)))


def _fields(side: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in side.items():
        yield from launch.leaves(name, value)
