"""`gateline status STACK/SERVICE`: where a service stands, who brought it there, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from gates.rancher.connect import Connection, find_place, history_path, open_driver
from gates.rancher.record import Entry, History, line
from gates.rancher.request import plain_request
from gates.rancher.target import Container, Phase, Situation
from gates.reports.style import clean

__all__ = ["next_step", "show"]

RECORDED = 3
"""Deploys of the history shown at the most."""

MEANINGS = {
    Phase.UPGRADED: "waits to be confirmed, the old containers are kept",
    Phase.CANCELED: "stopped half-way, old and new containers are mixed",
    Phase.STOPPED: "switched off",
}


def show(
    address: str, connection: Connection, environ: Mapping[str, str], *, as_json: bool = False, history: str = ""
) -> int:
    """Print the state of a service: TARGET, STACK/SERVICE, or "" for the names of the CI project. Returns 0.

    history  file of recorded deploys, "" for the one in the git dir

    Raises the errors of `find_place` and of the driver.
    """
    place = find_place(address, "", environ)
    driver = open_driver(plain_request(place, environ), connection, environ)
    try:
        situation = driver.read()
    finally:
        driver.close()
    recorded = _recorded(history_path(history, place.repository), driver.where)
    if as_json:
        facts = {**driver.where, **_facts(situation), "next": next_step(driver.name, situation), "recorded": recorded}
        click.echo(json.dumps(facts, indent=2))
        return 0
    for name, value in _rows(driver.name, situation):
        click.echo(f"{name:<14} {clean(value)}")
    for entry in recorded:
        click.echo(f"{'recorded here':<14} {clean(line(entry))}")
    click.echo(f"{'next':<14} {next_step(driver.name, situation)}")
    return 0


def next_step(name: str, situation: Situation) -> str:
    """What a person can do now, in a sentence or two."""
    unsettled, back = situation.unsettled, f"`gateline rollback {name}`"
    match situation.phase:
        case Phase.RESTING if unsettled:
            return f"It is not well: {unsettled}. Look at `gateline logs {name}`; {back} deploys what ran before."
        case Phase.RESTING:
            return f"Nothing to do. {back} would deploy what ran before." if situation.previous else "Nothing to do."
        case Phase.UPGRADED if unsettled:
            return f"It is not well: {unsettled}. Wait, or go back at once with {back}."
        case Phase.UPGRADED:
            return f"Confirm with `gateline finish {name}`, or go back at once with {back}."
        case Phase.UPGRADING:
            why = f" It reports an error: {situation.error}." if situation.error else ""
            return f"The server goes on by itself.{why} Run the same deploy again to watch it, or go back with {back}."
        case Phase.CANCELED:
            return f"Go back with {back}."
        case Phase.STOPPED:
            return "Start it in Rancher; a service that is switched off cannot be upgraded."
        case Phase.GONE:
            return "It was removed; there is nothing to do here."
        case _:
            return "Wait until that is over, and look again."


def _recorded(path: str, where: Mapping[str, str]) -> list[Entry]:
    """The last deploys of the service that are recorded here."""
    entries = [entry for entry in History(path).entries() if entry.get("target") == dict(where)] if path else []
    return entries[-RECORDED:]


def _facts(situation: Situation) -> dict[str, Any]:
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


def _rows(name: str, situation: Situation) -> Iterator[tuple[str, str]]:
    yield "service", name
    meaning = MEANINGS.get(situation.phase)
    yield "state", f"{situation.state} ({meaning})" if meaning else situation.state
    yield "health", situation.health or "not checked"
    for part, image in situation.images.items():
        old = situation.previous.get(part)
        yield f"image {part}".strip(), f"{image} (before: {old})" if old and old != image else image
    yield "last change", str(situation.owner) if situation.owner else "not made by Gateline"
    if situation.error:
        yield "error", situation.error
    width = max((len(container.name) for container in situation.containers), default=0)
    for container in sorted(situation.containers, key=lambda container: (container.name, container.current)):
        yield "container", _container(container, width)


def _container(container: Container, width: int) -> str:
    words = [container.state, container.health or "not checked", "" if container.current else "old"]
    if container.restarts:
        words.append(f"restarted {container.restarts} times")
    words.append(container.message)
    return f"{container.name:<{width}}  {container.image}  {', '.join(word for word in words if word)}"
