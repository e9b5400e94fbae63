"""Which `git push` is going on around this process, for hook managers that tell of one ref only.

Git tells its pre-push hook every ref. pre-commit and prek pass on the first that has something new, so the others are
read from the command itself, which is one of this process's ancestors.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gates.git.repository import Repository

__all__ = ["find_push", "sources"]

GENERATIONS = 12
"""Ancestors looked at: git, its hook, the manager, a shell or two."""

GIT_VALUES = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"})
"""Options of git itself that have their value in the next word."""

PUSH_VALUES = frozenset({"-o", "--push-option", "--repo", "--receive-pack", "--exec"})
"""The same of `git push`."""

ALL_HEADS = frozenset({"--all", "--branches"})


def find_push(repository: Repository, pid: int = 0) -> list[str] | None:
    """The words after `push` of the nearest ancestor that is a `git push`, None when there is none to be seen."""
    for words in _ancestors(pid or os.getppid()):
        if words and os.path.basename(words[0]) == "git":
            verb, rest = _verb(words[1:])
            alias = repository.try_line("config", f"alias.{verb}").split() if verb and verb != "push" else []
            if alias[:1] == ["push"]:
                return alias[1:] + rest
            if verb == "push":
                return rest
    return None


def sources(repository: Repository, words: Sequence[str], remote: str) -> list[str]:
    """The local refs (or revisions) that a push with these words may send; more than it sends in the end do no harm.

    Empty where the words name none, so that git sends the present branch only.
    """
    flags, named = _sort(words)
    refspecs = named[1:]
    if not refspecs:
        refspecs = repository.ask("config", "--get-all", f"remote.{remote}.push", check=False).text().split()
    found = [source for source in map(_source, refspecs) if source]
    if "--mirror" in flags:
        found += _refs(repository, "refs/")
    if flags & ALL_HEADS or ":" in refspecs or (not named[1:] and _is_matching(repository)):
        found += _refs(repository, "refs/heads/")
    if "--tags" in flags:
        found += _refs(repository, "refs/tags/")
    patterns = [source for source in found if "*" in source]
    for pattern in patterns:
        found += _refs(repository, pattern)
    return list(dict.fromkeys(source for source in found if "*" not in source))


def _ancestors(pid: int) -> Iterator[list[str]]:
    """The command lines of a process, its parent, and so on."""
    for _ in range(GENERATIONS):
        if pid <= 1:
            return
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
            with open(f"/proc/{pid}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            yield from _ancestors_by_ps(pid)
            return
        yield words
        pid = parent


def _ancestors_by_ps(pid: int) -> Iterator[list[str]]:
    """The same where there is no /proc (macOS); words with spaces in them are not told apart there."""
    from gates.errors import CannotRun
    from gates.process import run

    for _ in range(GENERATIONS):
        try:
            done = run(["ps", "-o", "ppid=,args=", "-p", str(pid)], cwd="/", env=dict(os.environ))
        except CannotRun:
            return
        parent, _, command = done.text().strip().partition(" ")
        if not parent.isdecimal():
            return
        yield command.split()
        pid = int(parent)


def _verb(words: Sequence[str]) -> tuple[str, list[str]]:
    """The verb of a git command line and what follows it."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            return word, rest
        if word in GIT_VALUES and rest:
            rest.pop(0)
    return "", []


def _sort(words: Sequence[str]) -> tuple[set[str], list[str]]:
    """The options and the other words of a `git push`."""
    flags: set[str] = set()
    named: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return flags, named + rest
        if not word.startswith("-"):
            named.append(word)
            continue
        flags.add(word)
        if word in PUSH_VALUES and rest:
            value = rest.pop(0)
            if word == "--repo" and not named:
                named.append(value)
    return flags, named


def _source(refspec: str) -> str:
    """The left side of a refspec: "" for a deletion, a negative one, and `:` alone."""
    return "" if refspec.startswith("^") else refspec.removeprefix("+").partition(":")[0] if refspec != "tag" else ""


def _refs(repository: Repository, pattern: str) -> list[str]:
    return repository.ask("for-each-ref", "--format=%(refname)", pattern).text().split()


def _is_matching(repository: Repository) -> bool:
    return repository.try_line("config", "push.default") == "matching"
