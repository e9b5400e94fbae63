"""`gateline init`: a commented gateline.yaml that fits the repository, and the hooks."""

from __future__ import annotations

import difflib
import importlib
import os

import click

from gates.config.files import known_files, working_tree
from gates.config.load import configuration_file, settings_of
from gates.config.schema import SCHEMA_FILE
from gates.config.template import write_yaml
from gates.detect import choose
from gates.detect.carried import Carried, carry_over
from gates.detect.survey import Survey
from gates.doctor.hooks import HOOKS, SIGN, hook_text, hooks_folder
from gates.errors import CannotRun, UsageError
from gates.git.repository import Repository

__all__ = ["command"]

NAME = "gateline.yaml"


@click.command(short_help="Write a commented gateline.yaml for this repository and install the hooks.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--no-hooks", is_flag=True, help="Leave the git hooks as they are.")
def command(dry_run: bool, no_hooks: bool) -> int:
    """Write gateline.yaml with the gates that fit this repository, and install the git hooks.

    What husky, lint-staged or lefthook run here is carried over. Nothing is ever overwritten.
    """
    repository = Repository.find()
    read = working_tree(repository.root)
    found = configuration_file(read)
    if found is not None:
        settings_of(*found)
        click.echo(f"{found[0]} configures Gateline already; it stays as it is.")
    else:
        survey = Survey(known_files(repository), read)
        carried = carry_over(survey, choose(survey))
        _write_configuration(repository, carried, dry_run)
    if dry_run:
        if not no_hooks:
            click.echo(f"\n{_hooks_to_come(repository)}")
        click.echo("\nNothing was written.")
        return 0
    _copy_schema(repository)
    if not no_hooks:
        for line in importlib.import_module("gates.cli.install").install_hooks(repository.root):
            click.echo(line)
    click.echo("\nNext: read gateline.yaml, then `gateline run`.")
    return 0


def _hooks_to_come(repository: Repository) -> str:
    """What installing the hooks would do."""
    folder = hooks_folder(repository)
    shown = os.path.relpath(folder, repository.root)
    there = {hook: hook_text(os.path.join(folder, hook)) for hook in HOOKS}
    missing = [hook for hook in HOOKS if SIGN not in there[hook]]
    if not missing:
        return f"The hooks in {shown} are Gateline's already."
    kept = [hook for hook in missing if there[hook]]
    also = f" What is there as {', '.join(kept)} would be kept and run first." if kept else ""
    return f"Would install the hooks {', '.join(missing)} in {shown}.{also}"


def _write_configuration(repository: Repository, carried: Carried, dry_run: bool) -> None:
    text = write_yaml(carried.choices)
    if dry_run:
        lines = difflib.unified_diff([], text.splitlines(keepends=True), "/dev/null", f"b/{NAME}")
        click.echo("".join(lines), nl=False)
    else:
        _write_new(os.path.join(repository.root, NAME), text)
        click.echo(f"Wrote {NAME} with {len(carried.choices)} gates:")
        width = max(len(choice.name) for choice in carried.choices)
        for choice in carried.choices:
            click.echo(f"  {choice.name:{width}}  {choice.why}")
    if carried.notes:
        click.echo("\nNot carried over:")
        for note in carried.notes:
            click.echo(f"  {note}")


def _write_new(path: str, text: str) -> None:
    try:
        # "x": something that appeared meanwhile, or a link to nowhere, is not overwritten either.
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists and is no file that can be read", hint="Look at it and remove it.") from None
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def _copy_schema(repository: Repository) -> None:
    """For editors, which find the schema by a path that is the same in every clone."""
    try:
        with open(os.path.join(repository.state_folder(), "schema.json"), "wb") as file:
            file.write(SCHEMA_FILE.read_bytes())
    except OSError as error:
        click.echo(f"Editors will not complete {NAME}: the schema cannot be written to the git dir ({error.strerror}).")
