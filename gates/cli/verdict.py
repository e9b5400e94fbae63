"""`gateline verdict`: show a verdict, or add the image that was built from it."""

from __future__ import annotations

import click

from gates.attest import add_image, signing_key
from gates.attest.keys import SIGNING_KEY_VARIABLE
from gates.attest.show import summary
from gates.errors import UsageError

__all__ = ["command"]

DEFAULT = "reports/verdict.dsse.json"


@click.group(short_help="Show a verdict, or add a subject to it.")
def command() -> None:
    """Show a verdict, or add a subject to it."""


@command.command()
@click.argument("file", default=DEFAULT)
def show(file: str) -> int:
    """Print what the verdict in FILE says. This does not check the signature: use `gateline verify`."""
    click.echo(summary(file))
    return 0


@command.command("add-subject")
@click.argument("file", default=DEFAULT)
@click.option("--image-digest", required=True, help="sha256:... of the image that was built from this commit.")
@click.option("--name", default="", help="The image's name: registry.example.org/group/project:1.2.3.")
@click.option("--key", default="", help=f"File with the private key. Default: the variable {SIGNING_KEY_VARIABLE}.")
def add_subject(file: str, image_digest: str, name: str, key: str) -> int:
    """Let the verdict in FILE vouch for a container image as well, and sign it again with the same key."""
    private = signing_key(key)
    if private is None:
        raise UsageError(f"there is no signing key: set {SIGNING_KEY_VARIABLE} or give --key FILE")
    add_image(file, image_digest, private, name=name)
    click.echo(f"{file} now vouches for {image_digest}")
    return 0
