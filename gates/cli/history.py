"""`gateline history`: the deploys recorded here."""

from __future__ import annotations

import json
import os
import sys

import click

from gates.errors import UsageError
from gates.git.repository import Repository
from gates.rancher.connect import LOCAL_PATH, history_path
from gates.rancher.record import History, line, paragraph, service_of
from gates.reports.style import clean

__all__ = ["command"]


@click.command(short_help="Show the deploys recorded here.")
@click.argument("service", metavar="[STACK/SERVICE]", default="")
@click.option("--history", type=LOCAL_PATH, default="", help="The file to read. Default: the one in the git dir.")
@click.option("-n", "--last", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines with everything that was recorded.")
def command(service: str, history: str, last: int, as_json: bool) -> int:
    """Show who deployed what, with which verdict, and what came of it."""
    path = history_path(history, None if history else Repository.find())
    entries = [entry for entry in History(path).entries() if service in ("", service_of(entry))][-last:]
    if history and not os.path.exists(path):
        raise UsageError(f"there is no history at {path}")
    for entry in entries:
        if as_json:
            click.echo(json.dumps(entry, ensure_ascii=True))
        else:
            shown = paragraph(entry) if sys.stdout.isatty() else [line(entry)]
            click.echo("\n".join(map(clean, shown)))
    if not entries and not as_json:
        click.echo("Nothing is recorded.")
    return 0
