"""The ci door: what is compared with what, by which rules, and what the gates came to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gates.attest.policy import read_only_repository
from gates.ci.base import Base, find_base
from gates.ci.policy import ACCEPT_VARIABLE, loosened, settled
from gates.ci.policy import outcome as policy_outcome
from gates.ci.rules import Rules, rules_in_force
from gates.ci.system import System, detect
from gates.config.tree import tree_settings
from gates.errors import ConfigError, UsageError, VerdictError
from gates.git.change import Change
from gates.git.doors import whole
from gates.git.repository import Repository
from gates.git.snapshot import CACHE_VARIABLE
from gates.git.status import LISTING, STATUS, hides_files, parse_status
from gates.git.trees import tree_of
from gates.outcome import Outcome
from gates.settings import Settings
from gates.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.reports.progress import Progress

__all__ = ["Door", "Wish", "judge", "judge_rules", "must_be_about", "open_door"]


@dataclass(frozen=True)
class Wish:
    """What the caller of `gateline ci` said.

    base, policy_from   revisions, "" for the default
    here                the folder where it was called; git and the gates are asked in others
    reports             folder, "" for the configured one
    only                gates asked for, empty for all of the ci door
    shard               (index, total)
    deepen              whether history may be fetched; None for what is configured
    """

    here: str
    base: str = ""
    policy_from: str = ""
    reports: str = ""
    only: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)
    deepen: bool | None = None


@dataclass(frozen=True)
class Door:
    """Everything that is known before a gate runs. `reports` is an absolute path, `shown` the same for a person."""

    repository: Repository
    system: System
    rules: Rules
    base: Base
    change: Change
    identical: bool
    reports: str
    shown: str
    notes: tuple[str, ...]


def open_door(wish: Wish, environ: Mapping[str, str], state: str = "") -> Door:
    """Find out what HEAD is to be compared with, and by which rules.

    state  folder for what Gateline keeps, "" for the usual ones in the git dir and in the user's cache

    Raises UsageError, ConfigError or CannotRun when that cannot be told: nothing is guessed.
    """
    repository = read_only_repository()
    if state:
        repository.state = repository.environ[CACHE_VARIABLE] = state
    system = detect(environ)
    if not repository.try_line("rev-parse", "--quiet", "--verify", "HEAD^{commit}"):
        raise UsageError(
            "there is no commit here yet", hint="`gateline ci` looks at a commit, `gateline run` at files."
        )
    own = tree_settings(repository, tree_of(repository, "HEAD"))
    deepen = bool(own.ci.get("deepen", True)) if wish.deepen is None else wish.deepen
    told = wish.base or str(own.ci.get("base") or "")
    base = find_base(repository, system, told, deepen=deepen)
    rules = rules_in_force(
        repository, system, told=wish.policy_from, accepted=environ.get(ACCEPT_VARIABLE, "").strip(), deepen=deepen
    )
    in_force = str(rules.settings.ci.get("base") or "")
    if not wish.base and in_force != told:
        base = find_base(repository, system, in_force, deepen=deepen)
    reports = os.path.join(wish.here, wish.reports) if wish.reports else _configured_folder(repository, own)
    change = whole(repository, "HEAD", door="ci", base=base.commit, ref=system.ref)
    differing = _differing(repository, [reports, *_coverage_reports(repository, rules.settings)])
    return Door(
        repository,
        system,
        rules,
        base,
        change,
        not differing,
        reports,
        os.path.relpath(reports, wish.here),
        (
            f"compared with {base.why}",
            *rules.notes,
            *_looser_than(repository, base, rules),
            *_surprises(environ, change, differing),
        ),
    )


def _looser_than(repository: Repository, base: Base, rules: Rules) -> list[str]:
    """A note where rules that nobody compares, such as those of the default branch itself, are looser than before."""
    if rules.looser or not base.commit:
        return []
    try:
        looser = loosened(tree_settings(repository, tree_of(repository, base.commit)), rules.settings)
    except ConfigError:
        return []
    told = [f"{name}: {words}" if name else words for name, sentences in looser.items() for words in sentences]
    return [f"the configuration is looser than that of {base.why}: {'; '.join(told)}"] if told else []


def _configured_folder(repository: Repository, own: Settings) -> str:
    return os.path.join(repository.root, str(own.ci.get("reports") or "reports"))


def judge(door: Door, wish: Wish, progress: Progress) -> Verdict:
    """Run the gates."""
    from gates.run import Options, run_gates

    options = Options(only=wish.only, shard=wish.shard)
    verdict = run_gates(door.repository, door.rules.settings, door.change, progress, options, identical=door.identical)
    verdict.notes = [*door.notes, *verdict.notes]
    return verdict


def judge_rules(door: Door, verdict: Verdict) -> Outcome | None:
    """A failed gate where the change makes the configuration looser; it is added to the verdict.

    Some of it shows only when all gates have run, so that a single shard cannot tell.
    """
    versions = {outcome.gate: outcome.evidence.version for outcome in verdict.outcomes}
    looser = settled(door.rules.looser, versions)
    if not looser:
        return None
    failed = policy_outcome(looser, door.rules.source, door.rules.own)
    verdict.outcomes.insert(0, failed)
    return failed


def must_be_about(verdict: Verdict, door: Door) -> None:
    """Refuse results of another commit, or by other rules, than those of this door. Raises VerdictError."""
    facts = (
        ("commit", verdict.change.commit, door.change.commit),
        ("tree", verdict.change.tree, door.change.tree),
        ("base", verdict.change.base_tree, door.change.base_tree),
        ("ref", verdict.change.ref, door.change.ref),
        ("door", verdict.change.door, door.change.door),
        ("configuration", verdict.policy, door.rules.settings.policy),
    )
    for what, theirs, ours in facts:
        if theirs != ours:
            raise VerdictError(
                f"the results are of another {what} than this job's: {theirs or 'none'}, not {ours or 'none'}"
            )


def _coverage_reports(repository: Repository, settings: Settings) -> list[str]:
    """Where an earlier job may have left coverage data, which the gate reads from where it is."""
    from gates.checks.coverage import REPORTS

    names = {
        name
        for gate in settings.gates
        if gate.kind == "coverage"
        for name in ([gate.options["report"]] if "report" in gate.options else REPORTS)
    }
    return [os.path.join(repository.root, name) for name in sorted(names)]


def _differing(repository: Repository, expected: Sequence[str]) -> list[str]:
    """What makes the working tree another than HEAD's, apart from expected paths. Ignored files do not count."""
    if hides_files(repository, repository.ask(*LISTING).stdout):
        return ["files that git was told not to look at"]
    status = parse_status(repository.ask(*STATUS).stdout)
    top = os.path.realpath(repository.root)
    known = [os.path.relpath(os.path.realpath(path), top) for path in expected]
    untracked = [path for path in status.untracked if not any(_is_expected(path, name) for name in known)]
    return [*(file.path for file in status.staged), *status.unstaged, *status.unmerged, *untracked]


def _is_expected(path: str, name: str) -> bool:
    """Whether an untracked path is the expected one or in it; git tells no more of a folder that is untracked whole."""
    return path == name or path.startswith(f"{name}/") or f"{name}/".startswith(path)


def _surprises(environ: Mapping[str, str], change: Change, differing: list[str]) -> list[str]:
    """What is not as a person would expect."""
    notes = []
    if differing:
        more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
        notes.append(f"the working tree differs from the commit ({differing[0]}{more}): the gates see the commit")
    told = environ.get("CI_COMMIT_SHA") or environ.get("GITHUB_SHA") or ""
    if told and told != change.commit:
        notes.append(f"HEAD is {change.commit[:12]}, though this job was started for {told[:12]}")
    if environ.get("SKIP"):
        notes.append("SKIP is not heeded here: the ci door is where what was skipped runs")
    return notes
