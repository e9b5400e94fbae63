"""`gateline status STACK/SERVICE`: where a service stands, and who brought it there."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from gates.rancher.connect import Connection, find_place, open_driver
from gates.rancher.request import plain_request
from gates.rancher.target import Mark, Situation
from gates.reports.style import clean

__all__ = ["show"]


def show(address: str, connection: Connection, environ: Mapping[str, str], *, as_json: bool = False) -> int:
    """Print the state of a service: TARGET, STACK/SERVICE, or "" for the names of the CI project. Returns 0.

    Raises the errors of `find_place` and of the driver.
    """
    request = plain_request(find_place(address, "", environ), environ)
    driver = open_driver(request, connection, environ)
    try:
        situation = driver.read()
        facts = {**driver.where, **_facts(situation)}
    finally:
        driver.close()
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(driver.name, situation)))
    return 0


def _facts(situation: Situation) -> dict[str, object]:
    return {
        "state": situation.state,
        "phase": str(situation.phase),
        "health": situation.health,
        "error": situation.error,
        "unsettled": situation.unsettled,
        "images": dict(situation.images),
        "previous_images": dict(situation.previous),
        "deploy": vars(situation.owner) if situation.owner else None,
        "containers": [vars(container) for container in situation.containers],
    }


def _lines(name: str, situation: Situation) -> list[str]:
    lines = [_row("service", name), _row("state", situation.state), _row("health", situation.health or "not checked")]
    for part, image in situation.images.items():
        old = situation.previous.get(part)
        before = f" (before: {old})" if old and old != image else ""
        lines.append(_row(f"image {part}".strip(), image + before))
    lines.append(_row("last change", _whose(situation.owner)))
    if situation.error:
        lines.append(_row("error", situation.error))
    for container in situation.containers:
        age = "" if container.current else "old, "
        state = ", ".join(word for word in (container.state, container.health) if word)
        lines.append(_row("container", f"{container.name}: {age}{container.image}, {state}"))
    return lines


def _whose(owner: Mark | None) -> str:
    return str(owner) if owner else "not made by Gateline"


def _row(name: str, value: str) -> str:
    return f"{name:<14} {clean(value)}"
