"""`gateline hook framework`: what pre-commit and prek call (.pre-commit-hooks.yaml).

They tell a hook by variables and arguments what git told them, some of it only. What is missing is found out here.
"""

from __future__ import annotations

import os

from gates.cli.hook import check_message, check_push, check_staged, run_chosen, say
from gates.config.tree import tree_settings
from gates.errors import UsageError
from gates.git.doors import between, is_checked_out, working
from gates.git.pushing import find_push, sources
from gates.git.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["run_framework"]

ZEROS = "0" * 40


def run_framework(repository: Repository, arguments: Sequence[str]) -> int:
    """Run the gates of whichever door the framework stands at; returns the exit code.

    arguments  `--kind KIND` for the gates of one kind only, then the files that the framework has chosen
    """
    kind, files = _parse(arguments)
    environ = os.environ
    if environ.get("PRE_COMMIT_REMOTE_NAME"):
        return check_push(repository, environ["PRE_COMMIT_REMOTE_NAME"], _lines(repository, environ), kind)
    if environ.get("PRE_COMMIT_FROM_REF") and environ.get("PRE_COMMIT_TO_REF"):
        change = between(repository, environ["PRE_COMMIT_FROM_REF"], environ["PRE_COMMIT_TO_REF"])
        settings = tree_settings(repository, change.tree)
        return run_chosen(repository, settings, change, lambda: is_checked_out(repository, change.tree), kind)
    message = _message_file(repository, files)
    if message:
        return check_message(repository, message, kind)
    if not _is_staged(repository, files):
        return _by_hand(repository, kind)
    doors = _doors(repository, environ)
    # Unstaged work was put aside as a patch, which may not fit on fixed files any more. Then the frameworks take the
    # files back from the index, so that must not have the fix.
    return check_staged(repository, doors[0], doors, kind=kind, stages=False)


def _parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    words = list(arguments)
    if words[:1] != ["--kind"]:
        return "", words
    if len(words) < 2:
        raise UsageError("--kind needs the kind of gate")
    return words[1], words[2:]


def _lines(repository: Repository, environ: Mapping[str, str]) -> list[str]:
    """What git had told on standard input, as far as it can be put together again."""
    local, remote_ref = environ["PRE_COMMIT_LOCAL_BRANCH"], environ["PRE_COMMIT_REMOTE_BRANCH"]
    commit = environ.get("PRE_COMMIT_TO_REF") or repository.line("rev-parse", "--verify", local)
    lines = [f"{local} {commit} {remote_ref} {environ.get('PRE_COMMIT_FROM_REF') or ZEROS}"]
    words = find_push(repository)
    if words is None:
        say(f"pre-commit tells of {local} only; whether this push sends more cannot be seen (`gateline install` can)")
        return lines
    for source in sources(repository, words, environ["PRE_COMMIT_REMOTE_NAME"]):
        found = repository.try_line("rev-parse", "--verify", "--quiet", "--end-of-options", source)
        if found and found != commit:
            name = repository.try_line("rev-parse", "--symbolic-full-name", source) or source
            lines.append(f"{name} {found} {name} {ZEROS}")
    return lines


def _message_file(repository: Repository, files: Sequence[str]) -> str:
    """At commit-msg the only argument is a file in the git dir; no file of a tree is there."""
    if len(files) != 1:
        return ""
    path = os.path.realpath(os.path.join(repository.root, files[0]))
    return files[0] if path.startswith(os.path.join(os.path.realpath(repository.git_dir), "")) else ""


def _doors(repository: Repository, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Git says in no variable that this is a merge, but `git merge` names what it merges in some."""
    if os.path.exists(os.path.join(repository.git_dir, "MERGE_HEAD")):
        return ("merge", "commit")
    return ("merge",) if any(name.startswith("GITHEAD_") for name in environ) else ("commit",)


def _is_staged(repository: Repository, files: Sequence[str]) -> bool:
    """Whether the files are what is staged, and not those of `--all-files` or `--files`."""
    if not files:
        return True
    raw = repository.ask("diff", "--cached", "--name-only", "-z", "--no-renames").stdout
    return set(map(os.fsencode, files)) <= set(raw.split(b"\0"))


def _by_hand(repository: Repository, kind: str) -> int:
    change, status = working(repository)
    settings = tree_settings(repository, change.tree, in_place=not status.hidden)
    return run_chosen(repository, settings, change, not status.hidden, kind)
