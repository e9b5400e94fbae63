"""`gateline webhook create`: make a receiver that upgrades services when an image was pushed."""

from __future__ import annotations

import os

import click

from gates.errors import UsageError
from gates.rancher.connect import DURATION, LOCAL_PATH, Connection, connection_options, open_api

__all__ = ["command"]

FORMATS = ("dockerhub", "alicloud", "azure")


@click.group(short_help="Make a webhook receiver on Rancher.")
def command() -> None:
    """Make a webhook receiver on Rancher. `gateline deploy --webhook` calls one."""


@command.command()
@click.argument("name")
@click.option(
    "--label", "labels", multiple=True, required=True, metavar="NAME=VALUE", help="Label of the services to upgrade."
)
@click.option("--tag", default="latest", show_default=True, help="Only images with this tag.")
@click.option("--payload-format", type=click.Choice(FORMATS), default="dockerhub", show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=1, show_default=True, help="Replaced at a time.")
@click.option("--interval", type=DURATION, default="2s", show_default=True, help="Pause between two batches.")
@click.option("--start-first", is_flag=True, help="Start new containers before stopping old ones.")
@click.option("--show", is_flag=True, help="Print the URL, which is a secret.")
@click.option(
    "--output", type=LOCAL_PATH, metavar="FILE", default="", help="Write the URL to a new file that only you can read."
)
@connection_options
def create(
    name: str,
    labels: tuple[str, ...],
    tag: str,
    payload_format: str,
    batch_size: int,
    interval: float,
    start_first: bool,
    show: bool,
    output: str,
    connection: Connection,
) -> int:
    """Make the receiver NAME, which upgrades all services that have all these labels.

    Whoever knows its URL can deploy, so it is printed and written only where you ask for it.
    """
    api, environment = open_api({}, connection, "", os.environ)
    from gates.rancher.webhook import Wanted, make_receiver, new_secret_file

    wanted = Wanted(name, _labels(labels), tag, payload_format, batch_size, interval, start_first)
    with new_secret_file(output) as write:
        receiver, services = make_receiver(api.server, environment, wanted)
        write(receiver.url + "\n")
    click.echo(f"made the receiver {name}: images with the tag {tag} upgrade {', '.join(services)}")
    click.echo(receiver.url if show else f"its URL is {receiver.shown}")
    if output:
        click.echo(f"it is in {output}, which only you can read")
    elif not show:
        click.echo("the whole URL is in Rancher under API → Webhooks; --show or --output FILE would have given it")
    return 0


def _labels(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise UsageError(f"--label {pair} is not NAME=VALUE")
        found[name] = value
    return found
