"""`gateline history`: the deploys recorded here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import click

from gates.errors import UsageError
from gates.git.repository import Repository
from gates.rancher.connect import history_path
from gates.rancher.record import History
from gates.reports.style import clean

__all__ = ["command"]


@click.command(short_help="Show the deploys recorded here.")
@click.argument("service", metavar="[STACK/SERVICE]", default="")
@click.option("--history", default="", help="The file to read. Default: the one in the git dir.")
@click.option("-n", "--last", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines with everything that was recorded.")
def command(service: str, history: str, last: int, as_json: bool) -> int:
    """Show who deployed what, with which verdict, and what came of it."""
    path = history_path(history, None if history else Repository.find())
    entries = [entry for entry in History(path).entries() if service in ("", _service(entry))][-last:]
    if history and not os.path.exists(path):
        raise UsageError(f"there is no history at {path}")
    for entry in entries:
        click.echo(json.dumps(entry, ensure_ascii=True) if as_json else clean(_line(entry)))
    if not entries and not as_json:
        click.echo("Nothing is recorded.")
    return 0


def _service(entry: Mapping[str, Any]) -> str:
    target = entry.get("target") or {}
    return f"{target.get('stack')}/{target.get('service')}"


def _line(entry: Mapping[str, Any]) -> str:
    old, new = (_images(entry.get(name)) for name in ("old_images", "new_images"))
    images = f"{old} -> {new}" if old != new else new
    seconds = f"{entry['seconds']:.0f} s" if "seconds" in entry else "no end recorded: killed, or still running"
    words = [
        str(entry.get("at")),
        f"{entry.get('verb')} {_service(entry)}",
        str(entry.get("result")),
        images,
        f"by {entry.get('by')}",
        _commit(entry),
        _verdict(entry.get("verdict")),
        seconds,
        str(entry.get("reason") or ""),
    ]
    return "  ".join(word for word in words if word)


def _images(images: Mapping[str, str] | None) -> str:
    return ", ".join(images.values()) if images else ""


def _commit(entry: Mapping[str, Any]) -> str:
    return f"commit {entry['commit'][:12]}" if entry.get("commit") else ""


def _verdict(verdict: Mapping[str, Any] | None) -> str:
    if not verdict:
        return ""
    return f"without a verdict ({verdict['without']})" if "without" in verdict else f"verdict {verdict['signed_by']}"
