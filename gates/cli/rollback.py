"""`gateline rollback`: bring a service back to what ran before, whether its upgrade still waits or was finished."""

from __future__ import annotations

import os
from typing import Any

import click

from gates.rancher.by_hand import by_hand_options, change_by_hand
from gates.rancher.connect import Connection, address_argument, connection_options
from gates.rancher.marks import rollback_mark
from gates.rancher.upgrade import Upgrade

__all__ = ["command"]


@click.command(short_help="Bring a service back to what ran before.")
@address_argument
@by_hand_options
@connection_options
def command(address: str, connection: Connection, **options: Any) -> int:
    """Bring a service back, and wait until it is well.

    An upgrade that is under way or waits is undone, whoever began it. After one that was finished, what ran before is
    deployed again: that needs no verdict, since it has been deployed before.
    """

    def action(upgrade: Upgrade) -> str:
        return upgrade.return_to_previous(rollback_mark(upgrade.driver, os.environ))

    return change_by_hand("rollback", address, connection, action, **options)
