"""`gateline keygen`: a key pair that signs verdicts."""

from __future__ import annotations

import os

import click

from gates.attest.keys import SIGNING_KEY_VARIABLE, generate
from gates.errors import CannotRun, UsageError

__all__ = ["command"]


@click.command(short_help="Make a key pair that signs verdicts.")
@click.argument("file", type=click.Path())
def command(file: str) -> int:
    """Write a private key to FILE (mode 0600) and the public one to FILE.pub, in the formats of OpenSSH.

    Nothing is ever overwritten, and FILE must not be inside a git working tree.
    """
    public_file = file + ".pub"
    for path in (file, public_file):
        if os.path.lexists(path):
            raise UsageError(f"{path} exists, and a key is never overwritten", hint="Choose another name.")
    _refuse_working_tree(file)
    key = generate()
    _write_new(file, key.to_openssh(), 0o600)
    _write_new(public_file, f"{key.public.line} gateline\n".encode(), 0o644)
    click.echo(f"private key  {file}")
    click.echo(f"public key   {public_file}")
    click.echo(f"fingerprint  {key.public.keyid}")
    click.echo(f"\n{key.public.line} gateline\n")
    click.echo(f"1. Put the content of {file} into the CI variable {SIGNING_KEY_VARIABLE}: protected, of type file.")
    click.echo("2. Put the public key where the repository cannot change it, such as another protected variable,")
    click.echo('   and verify with: gateline verify --key "$GATELINE_PUBLIC_KEY" ...')
    click.echo(f"3. Delete {file} here.")
    return 0


def _refuse_working_tree(file: str) -> None:
    """In a working tree the private key would be one `git add` away from being public."""
    folder = os.path.realpath(os.path.dirname(file) or ".")
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            raise UsageError(
                f"{file} would be inside the git working tree {folder}, from where a key is soon committed",
                hint="Name a file outside of it.",
            )
        if folder == os.path.dirname(folder):
            return
        folder = os.path.dirname(folder)


def _write_new(path: str, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise CannotRun(f"the key cannot be written: {error.strerror}", where=path) from None
