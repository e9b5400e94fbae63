"""`gateline run`: the gates, by hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gates.config.tree import tree_settings
from gates.errors import ExitCode, UsageError
from gates.git.change import Change
from gates.git.doors import between, is_checked_out, pushed, resolve, staged, whole, working
from gates.git.repository import Repository
from gates.interrupt import end_like_interrupt
from gates.plan import skipped_by_user
from gates.reports.progress import SilentProgress, progress_for
from gates.reports.results import render as render_json
from gates.reports.style import Style
from gates.reports.terminal import render
from gates.run import Options, run_gates
from gates.settings import Settings
from gates.trace import record
from gates.verdict import Verdict

if TYPE_CHECKING:
    from gates.reports.progress import Progress

__all__ = ["command"]


@click.command(short_help="Run the gates.")
@click.option(
    "--staged", "door", flag_value="staged", help="What `git commit` would record, by the gates of that door."
)
@click.option("--pushed", "door", flag_value="pushed", help="What `git push` would send, by the gates of that door.")
@click.option("--from", "base", metavar="REV", help="Compare with this revision.")
@click.option("--to", "head", metavar="REV", help="Check this revision. Default with --from: HEAD.")
@click.option("--all", "everything", is_flag=True, help="All files of the revision rather than those that differ.")
@click.option(
    "--gate", "-g", "gates", multiple=True, metavar="NAME", help="Only this gate. May be given several times."
)
@click.option("--files", "-f", "files", multiple=True, metavar="PATH", help="Only these files.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json instead of text.")
@click.option("--fail-fast", is_flag=True, help="Stop the others when one gate fails.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), default=None, help="How many processes at once. Default: the cores."
)
@click.option("--no-cache", is_flag=True, help="Check again what has passed before.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def command(
    door: str | None,
    base: str | None,
    head: str | None,
    everything: bool,
    gates: Sequence[str],
    files: Sequence[str],
    as_json: bool,
    fail_fast: bool,
    jobs: int | None,
    no_cache: bool,
    paths: Sequence[str],
) -> int:
    """Run the gates over exactly what is here now, unsaved commits and new files included.

    Without options every gate looks at everything, and what HEAD has already is told from what is new. With PATHs
    only those files are looked at.

    Exit codes: 0 passed, 1 a gate failed, 2 wrong usage or configuration, 3 a gate could not run.
    """
    end_like_interrupt()
    repository = Repository.find()
    if door and (base or head or everything):
        raise UsageError(f"--{door} already says what to check: leave out --from, --to and --all")
    options = Options(
        only=gates,
        skip=skipped_by_user(os.environ.get("SKIP", "")),
        files=_relative(repository, [*files, *paths]),
        jobs=jobs or 0,
        fail_fast=fail_fast,
        cache=not no_cache,
    )
    changes = _changes(repository, door, base, head, everything)
    verdicts = [_run(repository, change, identical, options, as_json) for change, identical in changes]
    return ExitCode.of_runs([verdict.exit_code for verdict in verdicts])


def _changes(
    repository: Repository, door: str | None, base: str | None, head: str | None, everything: bool
) -> list[tuple[Change, bool]]:
    """What to check, and whether the working tree is just that."""
    if door == "staged":
        change, status = staged(repository)
        return [(change, status.is_index)]
    if door == "pushed":
        changes = _to_push(repository)
    elif base or head:
        make = whole if everything else between
        changes = [make(repository, base=base or _parent(repository, head or "HEAD"), head=head or "HEAD")]
    else:
        change, status = working(repository)
        return [(change, not status.hidden)]
    return [(change, is_checked_out(repository, change.tree)) for change in changes]


def _parent(repository: Repository, head: str) -> str:
    """What a revision is compared with when nobody says: its first parent, nothing for the first commit."""
    return repository.try_line("rev-parse", "--quiet", "--verify", f"{resolve(repository, head)}^1")


def _to_push(repository: Repository) -> list[Change]:
    """What `git push` would send of the present branch."""
    branch = repository.try_line("symbolic-ref", "--quiet", "HEAD")
    if not branch:
        raise UsageError("HEAD is detached: no branch to push", hint="Name the commits with --from and --to.")
    there = repository.try_line("rev-parse", "--quiet", "--verify", "@{push}^{commit}")
    name = repository.try_line("config", f"branch.{branch.removeprefix('refs/heads/')}.remote") or "origin"
    line = f"{branch} {resolve(repository, 'HEAD')} {branch} {there or '0' * 40}"
    push = pushed(repository, [line], name)
    for note in push.notes:
        click.echo(f"gateline: {note}", err=True)
    return push.changes


def _relative(repository: Repository, files: Sequence[str]) -> list[str] | None:
    """Paths from the top of the repository; a folder stands for what is in it. Raises UsageError for what is absent."""
    if not files:
        return None
    found: list[str] = []
    for name in files:
        path = os.path.relpath(os.path.abspath(name), repository.root)
        if path.startswith(".."):
            raise UsageError(f"{name} is outside of the repository {repository.root}")
        if not os.path.lexists(name):
            raise UsageError(f"{name} does not exist")
        if os.path.isdir(name):
            below = repository.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", path)
            found += [os.fsdecode(entry) for entry in below.stdout.split(b"\0") if entry]
        else:
            found.append(path)
    return found


def _run(repository: Repository, change: Change, identical: bool, options: Options, as_json: bool) -> Verdict:
    settings = tree_settings(repository, change.tree, in_place=identical)
    names = [gate.name for gate in settings.gates if not options.only or gate.name in options.only]
    progress: Progress = SilentProgress() if as_json else progress_for(sys.stderr, os.environ, names)
    try:
        if not as_json and settings.source == "detected" and not options.only:
            _tell_choice(progress, settings)
        verdict = run_gates(repository, settings, change, progress, options, identical=identical)
    finally:
        progress.close()
    record(repository, verdict)
    if as_json:
        click.echo(render_json(verdict), nl=False)
    else:
        # What the progress has shown line by line is summed up only where something else was printed in between.
        text = render(verdict, Style.of(sys.stdout, os.environ), with_table=bool(verdict.exit_code))
        click.echo("\n" + text, nl=False)
    return verdict


def _tell_choice(progress: Progress, settings: Settings) -> None:
    progress.note("No gateline.yaml: these gates were chosen (`gateline init` writes them down):")
    width = max((len(name) for name in settings.chosen), default=0)
    for name, why in settings.chosen.items():
        progress.note(f"  {name:{width}}  {why}")
