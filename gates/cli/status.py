"""`gateline status`: what was checked here and what was skipped; or where a service on Rancher stands."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from gates.config.files import working_tree_settings
from gates.git.history import Commit, commits
from gates.git.repository import Repository
from gates.rancher.connect import LOCAL_PATH, Connection, address_argument, connection_options
from gates.reports.plain import counted
from gates.reports.style import clean
from gates.settings import Settings
from gates.trace import Entry, read_trace

__all__ = ["command"]

SHOWN = 20
"""Commits shown at the most."""

NOT_PUSHED = "@{upstream}..HEAD"


@click.command(short_help="Show what was checked here and what was skipped; or a service on Rancher.")
@address_argument
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--history", type=LOCAL_PATH, default="", help="File of recorded deploys. Default: in the git dir.")
@connection_options
def command(address: str, connection: Connection, as_json: bool, history: str) -> int:
    """Show which commits that are not pushed yet were checked, and by which gates.

    With a TARGET or STACK/SERVICE, show where that service on Rancher stands.
    """
    if address:
        from gates.rancher.status import show

        return show(address, connection, os.environ, as_json=as_json, history=history)
    repository = Repository.find()
    facts = _facts(repository, working_tree_settings(repository))
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(facts)))
    return 0


def _facts(repository: Repository, settings: Settings) -> dict[str, Any]:
    upstream = repository.try_line("rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}")
    head = repository.try_line("rev-parse", "--quiet", "--verify", "HEAD")
    last = {(entry.tree, entry.door): entry for entry in read_trace(repository)}
    at_commit = [gate.name for gate in settings.gates if "commit" in gate.doors and gate.kind != "commit_message"]
    found = list(commits(repository, NOT_PUSHED if upstream else "HEAD", SHOWN)) if head else []
    return {
        "branch": repository.try_line("symbolic-ref", "--quiet", "--short", "HEAD"),
        "upstream": upstream,
        "commits": [_commit(commit, last, at_commit) for commit in found],
    }


def _commit(commit: Commit, last: Mapping[tuple[str, str], Entry], gates: list[str]) -> dict[str, Any]:
    """One commit, with what each gate of the commit door came to over its tree, at whatever door that was."""
    entries = [entry for (tree, _), entry in last.items() if tree == commit.tree]
    statuses: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.time):
        statuses.update({name: status for name, status in entry.statuses.items() if status != "skipped"})
        for name, status in entry.statuses.items():
            statuses.setdefault(name, status)
    return {
        "commit": commit.commit,
        "tree": commit.tree,
        "subject": commit.subject,
        "checked": max((entry.time for entry in entries), default=0),
        "gates": statuses,
        "unchecked": [name for name in gates if statuses.get(name, "") not in ("passed", "skipped")],
    }


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    branch = facts["branch"] or "a detached HEAD"
    found = facts["commits"]
    if facts["upstream"]:
        yield f"On {branch}: {counted(len(found), 'commit')} not in {facts['upstream']}."
    elif not found:
        yield f"On {branch}: there is no commit yet."
    else:
        yield f"On {branch}, which follows no branch of a remote: the last {counted(len(found), 'commit')}."
    for commit in found:
        yield ""
        yield f"{commit['commit'][:10]} {clean(commit['subject'])}"
        yield f"  {_checked(commit)}"
    missing = sorted({name for commit in found for name in commit["unchecked"]})
    if missing:
        yield ""
        yield f"Not passed at every commit: {', '.join(missing)}. They run at the push, and in CI."


def _checked(commit: Mapping[str, Any]) -> str:
    if not commit["gates"]:
        return "not checked here: made with --no-verify, without hooks, or elsewhere"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(commit["checked"]))
    words = [f"{name} {'skipped by SKIP' if status == 'SKIP' else status}" for name, status in commit["gates"].items()]
    return f"checked {when}: {', '.join(words)}"
