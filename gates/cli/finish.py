"""`gateline finish`: confirm an upgrade that waits, and give up its old containers."""

from __future__ import annotations

from typing import Any

import click

from gates.rancher.by_hand import by_hand_options, change_by_hand
from gates.rancher.connect import Connection, address_argument, connection_options
from gates.rancher.upgrade import Upgrade

__all__ = ["command"]


@click.command(short_help="Confirm an upgrade that is waiting.")
@address_argument
@by_hand_options
@connection_options
def command(address: str, connection: Connection, **options: Any) -> int:
    """Confirm an upgrade that waits, when all its containers are well. After that there is no instant way back."""
    return change_by_hand("finish", address, connection, Upgrade.confirm, **options)
