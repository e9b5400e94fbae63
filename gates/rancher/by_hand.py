"""Changes to a service that a person asks for directly, outside of a deploy: what `rollback` and `finish` share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from gates.rancher.connect import DURATION, LOCAL_PATH, Connection, find_place, history_path, open_driver
from gates.rancher.judge import Limits
from gates.rancher.narrator import Narrator
from gates.rancher.record import History
from gates.rancher.request import plain_request
from gates.rancher.session import run_recorded
from gates.rancher.upgrade import Upgrade

__all__ = ["by_hand_options", "change_by_hand"]

OPTIONS = (
    click.option("--deadline", type=DURATION, default="10m", show_default=True, help="How long it may take."),
    click.option("--grace", type=DURATION, default="60s", show_default=True, help="How long it may be unwell after."),
    click.option("--poll", type=DURATION, default="2s", help="Time between two looks without news from the server."),
    click.option("--history", type=LOCAL_PATH, default="", help="File to record in. Default: in the git dir."),
)


def by_hand_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that both verbs have."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def change_by_hand(
    verb: str,
    address: str,
    connection: Connection,
    action: Callable[[Upgrade], str],
    *,
    deadline: float,
    grace: float,
    poll: float,
    history: str,
) -> int:
    """Find the service, do `action` with it, recorded, and print what came of it. Returns 0, or raises."""
    place = find_place(address, "", os.environ)
    driver = open_driver(plain_request(place, os.environ), connection, os.environ)
    narrator = Narrator(driver.name, sys.stdout, os.environ)
    path = history_path(history, place.repository)
    upgrade = Upgrade(driver, Limits(deadline=deadline, bake=0.0, grace=grace, poll=poll), narrator)
    try:
        record = History(path) if path else None
        result = run_recorded(verb, upgrade, lambda: action(upgrade), record, {}, narrator, os.environ)
    finally:
        narrator.close()
        driver.close()
    click.echo(f"{driver.name}: {result}")
    return 0
