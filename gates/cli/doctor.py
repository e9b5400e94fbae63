"""`gateline doctor`: what is well with this installation and this repository, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import click

from gates.config.files import working_tree_settings
from gates.doctor.hooks import examine_hooks
from gates.doctor.installation import examine_git, examine_python, examine_repository
from gates.doctor.line import FAIL, OK, WARN, Line
from gates.doctor.tools import examine_tools
from gates.errors import ConfigError, ExitCode, GatelineError
from gates.git.repository import Repository
from gates.reports.plain import counted
from gates.settings import Settings

__all__ = ["command"]

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command(short_help="Check this installation and say what is wrong.")
def command() -> int:
    """Examine Gateline, git, the hooks, the configuration and the tools of the gates.

    Exit code 0: nothing is broken (there may be warnings). 1: something is. 3: it was not possible to look.
    """
    counts = {OK: 0, WARN: 0, FAIL: 0}
    git = list(examine_git())
    can_look = all(line.level != FAIL for line in git)
    here = _examine_here() if can_look else ()
    for line in chain(examine_python(), git, here):  # outside of a repository the first lines are still told
        counts[line.level] += 1
        _print(line)
    click.echo(f"\n{counts[OK]} ok, {counted(counts[WARN], 'warning')}, {counts[FAIL]} broken")
    if not can_look:
        return ExitCode.NOT_RUN
    return ExitCode.FAILED if counts[FAIL] else ExitCode.PASSED


def _examine_here() -> Iterator[Line]:
    repository = Repository.find()
    yield from _guarded("the repository", lambda: examine_repository(repository))
    yield from _guarded("the hooks", lambda: examine_hooks(repository))
    yield from _guarded("the configuration", lambda: _examine_configuration(repository))


def _examine_configuration(repository: Repository) -> Iterator[Line]:
    try:
        settings = working_tree_settings(repository)
    except ConfigError as error:
        yield Line(FAIL, f"the configuration has mistakes: {error}", "Correct them; `gateline explain GATE` helps.")
        return
    yield Line(OK, f"configuration: {_summary(settings)}")
    yield from examine_tools(repository, settings)


def _summary(settings: Settings) -> str:
    names = ", ".join(gate.name for gate in settings.gates)
    if settings.source == "detected":
        return f"none, so the gates were detected ({names})"
    return f"{settings.source} ({names})"


def _guarded(subject: str, examine: Callable[[], Iterable[Line]]) -> Iterator[Line]:
    """One part that cannot be examined does not keep the others from being."""
    try:
        yield from examine()
    except (GatelineError, OSError) as error:
        yield Line(FAIL, f"{subject} cannot be examined: {error}")


def _print(line: Line) -> None:
    mark = click.style(f"{line.level:4}", fg=COLOURS[line.level])
    click.echo(f"{mark}  {line.text}")
    if line.advice:
        click.echo(f"      {line.advice}")
