"""`gateline logs`: the output of all containers of a service, merged in time order."""

from __future__ import annotations

import os
import re
import sys
import time

import click

from gates.errors import CannotRun, UsageError
from gates.rancher.connect import (
    DURATION,
    Connection,
    address_argument,
    connection_options,
    find_place,
    open_driver,
)
from gates.rancher.log_view import LogView
from gates.rancher.logs import LogStream
from gates.rancher.request import plain_request
from gates.rancher.target import Driver, Unreachable
from gates.reports.style import Style

__all__ = ["command"]

PAUSE = 0.1
"""Seconds between two looks at what has come in."""

LOGGED = ("running", "stopping", "stopped", "ran once")
"""States in which the server gives access to a container's output."""


@click.command(short_help="Show the logs of a service, all containers merged in time order.")
@address_argument
@click.option("-f", "--follow", is_flag=True, help="Go on, also with the containers that an upgrade adds.")
@click.option("-t", "--timestamps", is_flag=True, help="Show the time of each line, UTC.")
@click.option("--since", type=DURATION, help="Only lines of the last 30s, 10m, 1h...")
@click.option(
    "--tail", type=click.IntRange(0), default=100, show_default=True, help="Lines per container at first."
)
@click.option("--grep", metavar="REGEX", help="Only lines that match.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines: time, container, stream, text.")
@click.option("--poll", type=DURATION, default="2s", help="Time between two looks for new containers.")
@connection_options
def command(
    address: str,
    connection: Connection,
    follow: bool,
    timestamps: bool,
    since: float | None,
    tail: int,
    grep: str | None,
    as_json: bool,
    poll: float,
) -> int:
    """Show the output of every container of a service, `|` for stdout and `!` for stderr."""
    pattern = _pattern(grep)
    driver = open_driver(plain_request(find_place(address, "", os.environ), os.environ), connection, os.environ)
    stream = LogStream(driver, since=time.time() - since if since else 0.0, tail=tail, follow=follow)
    style = Style.of(sys.stdout, os.environ)
    view = LogView(click.echo, style, grep=pattern, times=timestamps, as_json=as_json)
    try:
        if not _show(driver, stream, view, poll, follow=follow):
            raise CannotRun(f"not all logs of {driver.name} could be read")
    finally:
        stream.close()
        driver.close()
    return 0


def _show(driver: Driver, stream: LogStream, view: LogView, poll: float, *, follow: bool) -> bool:
    """Show until there is no more; returns whether everything could be read."""
    looked, told = 0.0, False
    while True:
        if not looked or (follow and time.monotonic() - looked >= poll):
            looked = time.monotonic()
            told = _look(driver, stream, first=not stream.known) or told
        active = stream.active
        for line in stream.ready():
            view.show(line)
        told = _problems(stream) or told
        if not follow and not active:
            return not told
        time.sleep(PAUSE)


def _look(driver: Driver, stream: LogStream, *, first: bool) -> bool:
    """Find the containers; returns whether that went wrong. Only the first look must succeed."""
    try:
        containers = [container for container in driver.read().containers if container.state in LOGGED]
    except Unreachable as error:
        if first:
            raise
        click.echo(f"gateline: {error.message}; trying on", err=True)
        return True
    stream.follow(containers)
    return False


def _problems(stream: LogStream) -> bool:
    told = False
    while (problem := stream.problem()) is not None:
        click.echo(f"gateline: {problem}", err=True)
        told = True
    return told


def _pattern(grep: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(grep) if grep is not None else None
    except re.error as error:
        raise UsageError(f"--grep {grep!r} is not a regular expression: {error}") from None
