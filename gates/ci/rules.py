"""By which rules a commit in CI is judged: those of the target branch, or stricter ones, never looser ones of its own.

What the target branch has tightened since the branch left it is in force, and is not held against the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gates.attest.policy import resolve
from gates.ci.base import DEPTH_HINT, fetch_branch
from gates.ci.policy import loosened, strictest
from gates.ci.system import System
from gates.config.tree import tree_settings
from gates.errors import CannotRun, ConfigError, UsageError
from gates.git.repository import Repository
from gates.git.trees import tree_of
from gates.settings import Settings

__all__ = ["Rules", "rules_in_force"]

BRANCHES = "refs/remotes/origin/"


@dataclass(frozen=True)
class Rules:
    """settings  what is in force
    looser    what the change itself makes looser: gate name ("" for the top level) -> sentences
    own       digest of the commit's own configuration, which a person may accept though it is looser
    source    the file that the commit's own configuration is in
    notes     sentences for a person
    """

    settings: Settings
    looser: Mapping[str, Sequence[str]]
    own: str
    source: str
    notes: tuple[str, ...] = ()


def rules_in_force(
    repository: Repository, system: System, *, told: str = "", accepted: str = "", deepen: bool = True
) -> Rules:
    """The rules for HEAD.

    told      revision whose configuration counts; default: the target branch, and on that branch HEAD itself
    accepted  digest of a configuration that is accepted though it is looser
    deepen    whether the target branch may be fetched

    Raises ConfigError for a mistake in HEAD's own configuration, UsageError or CannotRun without the revision.
    """
    head = tree_settings(repository, tree_of(repository, "HEAD"))
    revision, notes = _revision(repository, system, told or _configured(system, head), deepen)
    if not revision:
        return Rules(head, {}, head.policy, head.source)
    try:
        target = tree_settings(repository, tree_of(repository, revision))
        elsewhere = target.ci.get("policy_from")
        if elsewhere and not told:
            revision, notes = _revision(repository, system, elsewhere, deepen)
            target = tree_settings(repository, tree_of(repository, revision))
            target.ci["policy_from"] = elsewhere  # that the target branch says so is not for the other to repeat
    except ConfigError:
        sentence = f"the configuration of {short(revision)} has mistakes: nobody can tell whether this one is as strict"
        return _judged(head, head, {"": [sentence]}, accepted, (*notes, f"{sentence}; it is fixed by this change"))
    if target.source == "detected":
        return Rules(head, {}, head.policy, head.source, (*notes, f"{short(revision)} has no configuration yet"))
    looser = loosened(target, head)
    own_doing = _brought(repository, revision, head) if looser else looser
    brought = {name: words for name, words in looser.items() if name in own_doing}
    if looser and not brought:
        notes += (
            f"{short(revision)} has stricter rules than this branch, which has an older state; they are in force",
        )
    return _judged(target, head, looser, accepted, notes, brought)


def _judged(
    target: Settings,
    head: Settings,
    looser: Mapping[str, Sequence[str]],
    accepted: str,
    notes: tuple[str, ...],
    brought: Mapping[str, Sequence[str]] | None = None,
) -> Rules:
    if not looser:
        return Rules(head, {}, head.policy, head.source, notes)
    if accepted == head.policy:
        return Rules(head, {}, head.policy, head.source, (*notes, "the looser configuration is accepted by its digest"))
    if target is head:
        return Rules(head, looser, head.policy, head.source, notes)
    settings = strictest(target, head)
    settings.policy, settings.source = target.policy, target.source
    return Rules(settings, looser if brought is None else brought, head.policy, head.source, notes)


def _configured(system: System, head: Settings) -> str:
    """Outside of the known systems nothing but the configuration can name the target branch."""
    return "" if system.name else str(head.ci.get("policy_from") or "")


def _revision(repository: Repository, system: System, told: str, deepen: bool) -> tuple[str, tuple[str, ...]]:
    """The revision whose configuration counts ("" for HEAD's own), and what a person must know about it."""
    branch = system.target or ("" if system.on_default_branch else system.default_branch)
    if told:
        branch = told.removeprefix("origin/") if told.startswith("origin/") else ""
    revision = BRANCHES + branch if branch else told
    if not revision:
        return "", ()
    fresh = bool(branch) and deepen and fetch_branch(repository, branch)
    if not resolve(repository, revision, "commit"):
        if told and not branch:
            raise UsageError(f"{told!r}, whose configuration is to count, names no commit in this repository")
        raise CannotRun(
            f"the configuration of {short(revision)} cannot be read: it is not in this clone", hint=DEPTH_HINT
        )
    stale = bool(branch) and not fresh
    return revision, (f"{short(revision)} was not fetched again, and may be old",) if stale else ()


def _brought(repository: Repository, revision: str, head: Settings) -> Mapping[str, Sequence[str]]:
    """What HEAD makes looser than where it left the target: what the target has tightened since is not its doing."""
    fork = repository.try_line("merge-base", revision, "HEAD") or revision
    try:
        before = tree_settings(repository, tree_of(repository, fork))
    except ConfigError:
        before = tree_settings(repository, tree_of(repository, revision))
    return loosened(before, head)


def short(revision: str) -> str:
    """ "refs/remotes/origin/main" -> "origin/main"."""
    return revision.removeprefix("refs/remotes/")
