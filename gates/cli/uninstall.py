"""`gateline uninstall`: take the shims away, and put back what was there before."""

from __future__ import annotations

import os

import click

from gates.cli.install import EARLIER, is_ours
from gates.doctor.hooks import HOOKS, hooks_folder
from gates.errors import CannotRun
from gates.git.repository import Repository

__all__ = ["command", "uninstall_hooks"]


@click.command(short_help="Take the git hooks away and put back what was there.")
def command() -> int:
    """Take Gateline's hooks away. What was there before them is put back as it was, to the byte."""
    for line in uninstall_hooks(Repository.find().root):
        click.echo(line)
    return 0


def uninstall_hooks(root: str) -> list[str]:
    """Undo `install_hooks`; returns what to tell the user. Hooks that are not Gateline's stay as they are."""
    folder = os.path.normpath(hooks_folder(Repository.find(root)))
    try:
        lines = [line for hook in HOOKS for line in _uninstall(os.path.join(folder, hook), hook)]
    except OSError as error:
        raise CannotRun(f"the hooks in {folder} cannot be changed: {error.strerror}") from error
    return lines or ["There are no hooks of Gateline's here; nothing to do."]


def _uninstall(path: str, hook: str) -> list[str]:
    lines = []
    if is_ours(path + ".legacy"):
        os.unlink(path + ".legacy")  # where pre-commit and prek move what they find
        lines.append(f"Removed {hook}.legacy.")
    kept = os.path.lexists(path + EARLIER)
    if not is_ours(path) and os.path.lexists(path):
        if kept:
            lines.append(f"{hook} is not Gateline's and stays; the hook before Gateline is in {hook}{EARLIER}.")
    elif kept:
        os.replace(path + EARLIER, path)
        lines.append(f"Put back the hook {hook} as it was.")
    elif os.path.lexists(path):
        os.unlink(path)
        lines.append(f"Removed the hook {hook}.")
    return lines
