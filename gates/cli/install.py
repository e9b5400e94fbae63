"""`gateline install`: put the shims where git looks for hooks. A hook that is there is kept and runs first."""

from __future__ import annotations

import os
import shlex
import site
import sys

import click

import gates
from gates.doctor.hooks import HOOKS, SIGN, hook_text, hooks_folder, manager_of
from gates.errors import CannotRun, UsageError
from gates.git.repository import Repository

__all__ = ["EARLIER", "command", "install_hooks", "is_ours"]

EARLIER = ".before-gateline"
"""What is added to the name of a hook that was there before; the shims know it too."""


@click.command(short_help="Install the git hooks.")
@click.option("--force", is_flag=True, help="Also into a hooks folder shared with other repositories or with others.")
def command(force: bool) -> int:
    """Put Gateline's hooks where git looks for them.

    A hook that is there already is kept: it runs first, and when it fails, that is that.
    `gateline uninstall` puts everything back as it was.
    """
    for line in install_hooks(Repository.find().root, force=force):
        click.echo(line)
    return 0


def install_hooks(root: str, *, force: bool = False) -> list[str]:
    """Install all hooks of the repository at `root`; returns what to tell the user.

    Raises UsageError where that needs a decision of the user, CannotRun where the folder cannot be written.
    """
    repository = Repository.find(root)
    folder = os.path.normpath(hooks_folder(repository))
    if not force:
        _check_folder(repository, folder)
    for hook in HOOKS:
        _check_hook(os.path.join(folder, hook))
    try:
        os.makedirs(folder, exist_ok=True)
        states = [(hook, _install(folder, hook)) for hook in HOOKS]
    except OSError as error:
        raise CannotRun(
            f"the hooks cannot be written to {folder}: {error.strerror}",
            hint="Make that folder writable and run `gateline install` again.",
        ) from error
    return _told(repository, folder, states)


def is_ours(path: str) -> bool:
    """Whether a hook is one of Gateline's shims."""
    return SIGN in hook_text(path)


def _check_folder(repository: Repository, folder: str) -> None:
    """Raise UsageError for a folder of hooks that is not this repository's alone."""
    if _inside(folder, repository.common):
        return
    if not _inside(folder, repository.root):
        raise UsageError(
            f"core.hooksPath leads to {folder}, outside of this repository: its hooks run in other repositories too",
            hint="`gateline install --force` installs there; `git config core.hooksPath .git/hooks` gives this"
            " repository hooks of its own.",
        )
    if os.path.basename(os.path.dirname(folder)) == ".husky":
        raise UsageError(
            "husky owns the hooks here (core.hooksPath) and writes them anew with every `npm install`",
            hint='Add `gateline hook pre-commit "$@"` to .husky/pre-commit (and so on for each of the hooks'
            f" {', '.join(HOOKS)}), or let husky go: `git config --unset core.hooksPath`, then `gateline install`.",
        )
    tracked = repository.ask("ls-files", "--", *(os.path.join(folder, hook) for hook in HOOKS)).stdout
    if tracked:
        name = tracked.split(b"\n")[0].decode("utf-8", "replace")
        hook = os.path.basename(name)
        raise UsageError(
            f"the hook {name} is committed in this repository (core.hooksPath)",
            hint=f'Add a line to it, `gateline hook {hook} "$@"`, or replace it here with `gateline install --force`.',
        )


def _inside(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def _check_hook(path: str) -> None:
    """Raise UsageError for a hook that cannot be kept, before anything is changed."""
    if not os.path.lexists(path) or is_ours(path):
        return
    if os.path.lexists(path + EARLIER) and not is_ours(path + ".legacy"):
        raise UsageError(
            f"{path} was replaced after Gateline had kept the hook before it as {os.path.basename(path)}{EARLIER}",
            hint="Look at both, remove the one that is not needed, and run `gateline install` again.",
        )
    if "husky.sh" in hook_text(path):
        raise UsageError(
            f"{path} is husky's, which does nothing under another name, so it cannot be kept beside Gateline's",
            hint="`gateline init` carries over what it runs. Then take husky out (`npm uninstall husky`, and remove"
            " its hooks) and run `gateline install`.",
        )


def _install(folder: str, hook: str) -> str:
    """Install one hook; returns what became of what was there: "new", "same", "renewed", "kept" or "called"."""
    path = os.path.join(folder, hook)
    if is_ours(path):
        state = "renewed"
    elif os.path.lexists(path):
        state = "kept"
    else:
        state = "new"
    if state == "kept" and is_ours(path + ".legacy"):
        return "called"  # pre-commit or prek was installed after Gateline, and calls what it found
    content = _shim(hook)
    if state == "renewed" and _read(path) == content and os.access(path, os.X_OK):
        return "same"
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o777), "wb") as file:
        file.write(content)
    if state == "kept":
        os.rename(path, path + EARLIER)
    os.rename(temporary, path)  # git may be reading the old one right now: it keeps that
    return state


def _shim(hook: str) -> bytes:
    """A shim with this Python and its packages written in."""
    text = _read(os.path.join(_shims_folder(), hook))
    for name, value in (("python", sys.executable), ("packages", ":".join(_packages()))):
        empty, filled = f"\n{name}=''\n", f"\n{name}={_quote(value)}\n"
        text = text.replace(empty.encode(), os.fsencode(filled), 1)
    return text


def _packages() -> list[str]:
    """The folder of this package, and those of installed ones: gates in workers import from them."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(gates.__file__)))
    users = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return list(dict.fromkeys([own, *filter(os.path.isdir, [*site.getsitepackages(), *users])]))


def _quote(path: str) -> str:
    return f"'{path}'" if "'" not in path else shlex.quote(path)


def _shims_folder() -> str:
    """In a wheel `gates/_shims`, in a checkout (and an editable install of it) `hooks` beside the package."""
    package = os.path.dirname(os.path.abspath(gates.__file__))
    for folder in (os.path.join(package, "_shims"), os.path.join(os.path.dirname(package), "hooks")):
        if os.path.isfile(os.path.join(folder, HOOKS[0])):
            return folder
    raise CannotRun("this installation of Gateline has no hooks in it", hint="Install Gateline again.")


def _told(repository: Repository, folder: str, states: list[tuple[str, str]]) -> list[str]:
    shown = os.path.relpath(folder, repository.root)
    shown = folder if shown.startswith("..") else shown
    written = [hook for hook, state in states if state in ("new", "kept", "renewed")]
    if written:
        lines = [f"Installed the hooks {', '.join(written)} in {shown}."]
    else:
        lines = [f"The hooks in {shown} are Gateline's already; nothing to do."]
    for hook, state in states:
        if state == "kept":
            manager = manager_of(hook_text(os.path.join(folder, hook + EARLIER)))
            whose = f"{manager.name}'s" if manager else "The"
            lines.append(f"{whose} hook {hook} is kept as {hook}{EARLIER} and runs first.")
        elif state == "called":
            lines.append(f"{hook} calls Gateline's hook as {hook}.legacy; left as it is.")
    if _inside(folder, repository.root) and not _inside(folder, repository.common):
        lines.append(f"Leave {shown} out of commits: the hooks name the Python of this machine.")
    return lines


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
