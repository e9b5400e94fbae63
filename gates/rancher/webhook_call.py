"""`gateline deploy --webhook`: a receiver begins the upgrade instead of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import click

from gates.errors import DeployRunning, GatelineError
from gates.rancher.connect import Connection, open_api
from gates.rancher.door import Passage
from gates.rancher.record import History
from gates.rancher.request import CONTENT, Place, Request, refuse
from gates.rancher.session import Recording, result_of
from gates.rancher.target import Driver, Unclear, Wish
from gates.rancher.webhook import Receiver, WebhookDriver, payload_of, receiver_of

__all__ = ["call_blindly", "check", "open_webhook_driver", "receiver_for"]

HOW = {
    "pull": "--pull",
    "batch_size": "--batch-size",
    "interval": "--interval",
    "start_first": "--start-first",
}
"""Options that say what the receiver says."""


def receiver_for(webhook: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> Receiver:
    """The receiver of a URL or of the variable with that name. Raises UsageError."""
    refuse(options, {**CONTENT, **HOW}, "with a webhook receiver, which changes the image only")
    if "://" in options["webhook"]:
        click.echo(
            "gateline: the URL of a receiver is a secret, and the list of processes shows it; "
            "put it into a variable and write --webhook NAME",
            err=True,
        )
    return receiver_of(webhook, environ)


def check(wish: Wish) -> None:
    """Raises UsageError for what a receiver cannot be told."""
    payload_of(wish.image)


def open_webhook_driver(
    receiver: Receiver, request: Request, connection: Connection, environ: Mapping[str, str]
) -> Driver:
    """The service, found by API keys; the environment is the receiver's unless it is said."""
    api, environment = open_api(request.server, connection, request.environment, environ)
    from gates.rancher.cattle.find import find_service

    found = find_service(api, environment or receiver.project, request.stack, request.service)
    return WebhookDriver(api, found, receiver, request.wish.image, request.limits.grace)


def call_blindly(
    receiver: Receiver,
    place: Place,
    request: Request,
    passage: Passage,
    connection: Connection,
    history: str,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
) -> int:
    """Call it without keys. Raises DeployRunning when it was called: nothing of what comes of it can be known."""
    click.echo(passage.words)
    if options["dry_run"]:
        click.echo(f"{receiver.shown} would be called for {request.wish.image}; nothing was done (--dry-run)")
        return 0
    parts = urlsplit(receiver.shown)
    where = {"server": f"{parts.scheme}://{parts.netloc}", "environment": receiver.project}
    where |= {"stack": request.stack, "service": request.service}
    facts = {"commit": place.commit, "verdict": passage.record, "new_images": {"": request.wish.image}}
    recording = Recording(History(history) if history else None, "webhook", where, facts, click.echo, environ)
    ended: dict[str, Any] = {"result": "failed", "exit_code": 1}
    try:
        ca_file = connection.ca_file or request.server.get("ca_file", "")
        receiver.call(request.wish.image, ca_file=ca_file, insecure=connection.insecure, timeout=connection.timeout)
        raise DeployRunning(
            f"{receiver.shown} was called for {request.wish.image}; what comes of it cannot be known without API keys",
            hint="Set RANCHER_URL, RANCHER_ACCESS_KEY and RANCHER_SECRET_KEY, and the upgrade is watched.",
        )
    except Unclear as error:
        unclear = DeployRunning(f"it is not known whether the receiver was reached: {error.message}")
        ended = result_of(unclear)
        raise unclear from None
    except GatelineError as error:
        ended = result_of(error)
        raise
    finally:
        recording.end(ended)
