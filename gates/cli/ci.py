"""`gateline ci`: the gates of the ci door over the commit that is checked out, its reports and its verdict."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from tempfile import TemporaryDirectory
from typing import Any

import click
from click.core import ParameterSource

from gates.attest import SigningKey, signing_key
from gates.attest.keys import SIGNING_KEY_VARIABLE
from gates.ci.doctor.files import examine, pipeline_files
from gates.ci.door import Door, Wish, judge, judge_rules, must_be_about, open_door
from gates.ci.init import differences, gitlab_files, next_steps, write
from gates.ci.merge import merge as merge_shards
from gates.ci.merge import read_all
from gates.ci.project import Project, look_at
from gates.ci.publish import Log, clear, save
from gates.ci.scaffold import BUILDERS, component, github
from gates.ci.shard import parse
from gates.ci.system import detect
from gates.errors import CannotRun, ExitCode, GatelineError, UsageError
from gates.git.repository import Repository
from gates.interrupt import end_like_interrupt
from gates.outcome import PASSED
from gates.reports.plain import counted
from gates.reports.progress import progress_for
from gates.reports.style import clean
from gates.verdict import Verdict

__all__ = ["command"]

EMPTY_HINT = "See the reasons above, and `gateline explain` for what a gate needs."

WHERE = (
    click.option(
        "--reports",
        default="",
        metavar="FOLDER",
        help="Where reports are written. Default: as configured, else reports.",
    ),
    click.option(
        "--base",
        default="",
        metavar="REV",
        help="What to compare with. Default: the merge request's target, else before.",
    ),
    click.option(
        "--policy-from",
        default="",
        metavar="REV",
        help="Revision whose configuration counts. Default: the target branch.",
    ),
    click.option(
        "--key",
        default="",
        metavar="FILE",
        help=f"File with the private key. Default: the variable {SIGNING_KEY_VARIABLE}.",
    ),
    click.option("--no-deepen", is_flag=True, help="Fetch nothing, however shallow the clone is."),
)


def where_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(WHERE):
        function = option(function)
    return function


@click.group(invoke_without_command=True, short_help="Run the gates of the ci door, write reports and a verdict.")
@where_options
@click.option("--shard", default="1/1", show_default=True, metavar="I/N", help="Do the share I of N parallel jobs.")
@click.option(
    "--gate", "gates", multiple=True, metavar="NAMES", help="Only these gates: lint,tests. Default: all of the ci door."
)
@click.pass_context
def command(
    context: click.Context,
    reports: str,
    base: str,
    policy_from: str,
    key: str,
    no_deepen: bool,
    shard: str,
    gates: tuple[str, ...],
) -> int:
    """Run the gates of the ci door on the commit that is checked out, write reports and a verdict.

    Exits 0 when all gates passed, 1 when one failed, 3 when one could not run or nothing was checked.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return 0
    only = tuple(name.strip() for value in gates for name in value.split(",") if name.strip())
    wish = Wish(os.getcwd(), base, policy_from, reports, only, parse(shard), False if no_deepen else None)
    return _logged(lambda log: _run(wish, key, log))


def _refuse_options(context: click.Context) -> None:
    """What stands before a further verb would be lost without a word."""
    given = [name for name in context.params if context.get_parameter_source(name) == ParameterSource.COMMANDLINE]
    if given:
        verb = context.invoked_subcommand
        option = "--" + given[0].replace("_", "-").replace("gates", "gate")
        raise UsageError(f"{option} belongs behind {verb}", hint=f"gateline ci {verb} {option} ...")


def _logged(work: Callable[[Log], int]) -> int:
    """Do the work with a log that is put in order whatever happens, and that shows what went wrong."""
    end_like_interrupt()
    log = Log(sys.stdout, detect(os.environ), os.environ)
    try:
        return work(log)
    except GatelineError as error:
        log.problem(str(error))
        raise
    finally:
        log.end()


def _run(wish: Wish, key_file: str, log: Log) -> int:
    key = _take_key(key_file)
    with _state(fresh=key is not None or wish.shard[1] > 1) as state:
        door = open_door(wish, os.environ, state)
        clear(door.reports)
        log.begin()
        log.line(_introduction(door, wish))
        progress = progress_for(sys.stdout, log.environ, [gate.name for gate in door.rules.settings.gates])
        try:
            verdict = judge(door, wish, progress)
            failed = judge_rules(door, verdict) if wish.shard[1] == 1 else None
            if failed is not None:
                progress.finished(failed)
        finally:
            progress.close()
        return _finish(verdict, door, key, log)


def _state(*, fresh: bool) -> AbstractContextManager[str]:
    """A folder for results and indexes, "" for the usual one.

    What is signed must not rest on what an earlier job left in the git dir: runners keep it from job to job, and the
    code of any branch can write to it.
    """
    return TemporaryDirectory(prefix="gateline-") if fresh else nullcontext("")


def _finish(verdict: Verdict, door: Door, key: SigningKey | None, log: Log, *, with_table: bool = False) -> int:
    note = save(door.repository, verdict, door.reports, key, door.rules.settings.source, os.environ)
    log.tell(verdict, door.shown, with_table=with_table)
    log.line(f"\nreports: {door.shown}\nverdict: {note.replace(door.reports, door.shown)}")
    if not verdict.exit_code and verdict.shard[1] == 1 and not verdict.with_status(PASSED):
        raise CannotRun("nothing was checked: no gate of the ci door had anything to look at", hint=EMPTY_HINT)
    return verdict.exit_code


@command.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@where_options
def merge(folders: tuple[str, ...], reports: str, base: str, policy_from: str, key: str, no_deepen: bool) -> int:
    """Join the results of parallel jobs into one verdict.

    Each FOLDER is the reports folder of one shard, or holds them. A shard that is missing has not run, and exits 3.
    """
    wish = Wish(os.getcwd(), base, policy_from, reports, (), (1, 1), False if no_deepen else None)
    return _logged(lambda log: _merge(wish, folders, key, log))


def _merge(wish: Wish, folders: tuple[str, ...], key_file: str, log: Log) -> int:
    key = _take_key(key_file)
    with _state(fresh=True) as state:
        door = open_door(wish, os.environ, state)
        shards = read_all(os.path.join(wish.here, folder) for folder in folders)
        verdict = merge_shards(shards)
        must_be_about(verdict, door)
        judge_rules(door, verdict)
        clear(door.reports)
        log.begin()
        log.line(f"Gateline joins the results of {counted(len(shards), 'job')} for commit {door.change.commit[:12]}")
        return _finish(verdict, door, key, log, with_table=True)


def _take_key(key_file: str) -> SigningKey | None:
    """The signing key, which the gates, who run the project's own code, need not see in their environment."""
    key = signing_key(key_file)
    os.environ.pop(SIGNING_KEY_VARIABLE, None)
    return key


def _introduction(door: Door, wish: Wish) -> str:
    index, total = wish.shard
    share = f", shard {index} of {total}" if total > 1 else ""
    return f"Gateline looks at commit {door.change.commit[:12]}{share}, {door.notes[0]}"


@command.command(short_help="Write a pipeline for GitLab or GitHub.")
@click.option("--gitlab", "system", flag_value="gitlab", help="A pipeline: gates, publish, deploy.")
@click.option("--github", "system", flag_value="github", help="A composite action and a workflow.")
@click.option("--component", "system", flag_value="component", help="A GitLab CI/CD component for many projects.")
@click.option(
    "--builder",
    type=click.Choice(BUILDERS),
    default="docker",
    show_default=True,
    help="Builds the image; none: only gates.",
)
@click.option("--target", default="", metavar="NAME", help="Deploy target of gateline.yaml. Default: the first.")
@click.option("--parallel", type=click.IntRange(1, 50), default=1, show_default=True, help="Parallel jobs on GitHub.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def init(system: str | None, builder: str, target: str, parallel: int, dry_run: bool) -> int:
    """Write a pipeline in which nothing is built or deployed that the gates have not let through.

    Jobs are added to a .gitlab-ci.yml that is there; other files are never overwritten. Secrets are named, not written.
    """
    if system is None:
        raise UsageError("say for which system", hint="--gitlab, --github or --component")
    repository = Repository.find()
    project = look_at(repository, target)
    files = _files(system, repository.root, project, builder, parallel)
    if dry_run:
        click.echo(differences(repository.root, files), nl=False)
        click.echo("\nNothing was written.")
        return 0
    write(repository.root, files, merged=system == "gitlab")
    for name in files:
        click.echo(f"Wrote {name}")
    click.echo("\nNext:")
    for step in next_steps(project, system):
        click.echo(f"  {step}")
    return 0


def _files(system: str, root: str, project: Project, builder: str, parallel: int) -> dict[str, str]:
    if system == "github":
        return github(project, parallel)
    return component() if system == "component" else gitlab_files(root, project, builder)


@command.command(short_help="Read the pipeline and say what would let a change past the gates.")
@click.argument("files", nargs=-1, metavar="[FILE]...")
def doctor(files: tuple[str, ...]) -> int:
    """Read .gitlab-ci.yml and .github/workflows, and say what would let a change past the gates.

    Exits 1 when something does. What is included from elsewhere is told as not seen.
    """
    here = os.getcwd()
    repository = Repository.find()
    paths = [os.path.relpath(os.path.join(here, name), repository.root) for name in files]
    paths = paths or pipeline_files(repository.root)
    if not paths:
        raise UsageError("there is no pipeline here", hint="`gateline ci init --gitlab` (or --github) writes one.")
    remarks = examine(repository, paths)
    for remark in remarks:
        mark = click.style("FAIL", fg="red") if remark.mutes else click.style("note", fg="yellow")
        click.echo(f"{mark}  {remark.where}  {clean(remark.text)}")
    mutes = sum(remark.mutes for remark in remarks)
    told = f"{counted(mutes, 'thing')} would let a change past the gates" if mutes else "nothing mutes the gates"
    click.echo(f"\n{told} in {', '.join(paths)}")
    return ExitCode.FAILED if mutes else ExitCode.PASSED
