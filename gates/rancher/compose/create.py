"""`gateline deploy --create`: a service that is not there yet, described by options instead of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gates.errors import UsageError
from gates.rancher.cattle.find import normalised
from gates.rancher.compose.deploy import StackDeploy
from gates.rancher.compose.description import Config, Description, Link
from gates.rancher.compose.stack import Stack
from gates.rancher.connect import Connection, open_api
from gates.rancher.door import Passage
from gates.rancher.request import Place, Request

__all__ = ["create"]


def create(
    place: Place,
    request: Request,
    passage: Passage,
    options: dict[str, Any],
    connection: Connection,
    environ: Mapping[str, str],
) -> bool:
    """Make the service, and its stack where that is missing; returns False when the service is there already.

    Raises what `StackRun.run` raises, and UsageError for what cannot be.
    """
    api, environment = open_api(request.server, connection, request.environment, environ)
    try:
        stack = Stack(api, environment, request.stack)
        name = normalised(request.service)
        if any(found.lower() == name.lower() for found in stack.services):
            if options["links"] or options["secrets"] or options["host"]:
                click.echo("--link, --secret and --host say how the service is made, and it is there already")
            return False
        description = _described(stack, name, request, options)
        deploy = StackDeploy(place, request, options, stack, passage, environ)
        deploy.run([description], "as the options say")
        return True
    finally:
        api.close()


def _described(stack: Stack, name: str, request: Request, options: Mapping[str, Any]) -> Description:
    wish = request.wish
    if not wish.image:
        raise UsageError(f"{name} is not there, and can only be made of an image", hint="Give --image.")
    config: Config = {
        "imageUuid": f"docker:{wish.image}",
        "environment": {variable: value for variable, value in wish.env.items() if value is not None},
        "labels": {label: value for label, value in wish.labels.items() if value is not None},
    }
    if options["secrets"]:
        config["secrets"] = [{"source": secret, "name": secret} for secret in options["secrets"]]
    if options["host"]:
        config["requestedHostId"] = stack.host_id(options["host"])
    sidekicks = {part: {"imageUuid": f"docker:{image}"} for part, image in wish.sidekicks.items() if image}
    links = tuple(Link(*_link(text)) for text in options["links"])
    return Description(name, parts={"": config, **sidekicks}, links=links)


def _link(text: str) -> tuple[str, str]:
    """ "db:database", "other/db"."""
    target, _, alias = text.partition(":")
    if not target:
        raise UsageError(f"--link {text} is not SERVICE or SERVICE:ALIAS")
    return target, alias or target.rpartition("/")[2]
