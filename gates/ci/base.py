"""What a commit in CI is compared with, and fetching the history for it when the clone is shallow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gates.ci.system import System
from gates.errors import CannotRun, UsageError
from gates.git.repository import Repository

__all__ = ["Base", "fetch_branch", "find_base", "is_shallow"]

STEPS = ("--deepen=50", "--deepen=500", "--unshallow")
"""How history is fetched: most branches are short, and the whole of it comes only when nothing less will do."""

DEPTH_HINT = "Give the job the whole history: GIT_DEPTH: 0 on GitLab, fetch-depth: 0 for actions/checkout on GitHub."


@dataclass(frozen=True)
class Base:
    """`commit`: what to compare with, "" for nothing. `why`: how it was found, for a person."""

    commit: str
    why: str


@dataclass(frozen=True)
class Candidate:
    """A revision that may be the base. `fetch` is what to ask the remote for when it is not here."""

    revision: str
    why: str
    fetch: str = ""
    must: bool = False


def find_base(repository: Repository, system: System, told: str = "", *, deepen: bool = True) -> Base:
    """The commit to compare HEAD with: told, else the merge request's target, else the branch's previous commit.

    It is the newest commit that both have: what others have brought to the target meanwhile is not this change's.
    A branch's first push is compared with where it left the default branch. Raises UsageError when the told base does
    not exist, CannotRun when the history that is needed is not in the clone.
    """
    head = repository.line("rev-parse", "HEAD")
    for candidate in _candidates(system, told):
        commit = _resolve(repository, candidate, deepen)
        if not commit:
            if candidate.must:
                raise _missing(repository, candidate, deepen)
            continue
        meeting = _meeting(repository, commit, head, candidate, deepen)
        if meeting and (candidate.must or meeting != head):
            return Base(meeting, candidate.why)
    return _previous(repository, head, deepen)


def _candidates(system: System, told: str) -> Iterator[Candidate]:
    if told:
        branch = told.removeprefix("origin/") if told.startswith("origin/") else ""
        yield Candidate(told, f"{told} (as told)", f"refs/heads/{branch}" if branch else "", must=True)
        return
    if system.target:
        why = f"{system.target} (target of the merge request)"
        for commit in system.target_commits:
            yield Candidate(commit, why, commit)
        branch = f"refs/heads/{system.target}"
        yield Candidate(f"refs/remotes/origin/{system.target}", why, branch, must=True)
        return
    if system.before:
        yield Candidate(system.before, "the branch before this push", system.before)
    if system.default_branch and not system.on_default_branch:
        why = f"{system.default_branch} (where the branch left it)"
        yield Candidate(f"refs/remotes/origin/{system.default_branch}", why, f"refs/heads/{system.default_branch}")


def _resolve(repository: Repository, candidate: Candidate, deepen: bool) -> str:
    words = ("rev-parse", "--quiet", "--verify", "--end-of-options", candidate.revision + "^{commit}")
    commit = repository.try_line(*words)
    if commit or not (deepen and candidate.fetch):
        return commit
    if candidate.fetch.startswith("refs/heads/"):
        fetch_branch(repository, candidate.fetch.removeprefix("refs/heads/"))
    else:
        _fetch(repository, *_depth(repository), "origin", candidate.fetch)
    return repository.try_line(*words)


def fetch_branch(repository: Repository, branch: str) -> bool:
    """Bring refs/remotes/origin/<branch> up to date; False when the remote cannot be asked or has no such branch."""
    return _fetch(repository, *_depth(repository), "origin", f"+refs/heads/{branch}:refs/remotes/origin/{branch}")


def _depth(repository: Repository) -> tuple[str, ...]:
    """A complete clone stays complete."""
    return ("--depth=1",) if is_shallow(repository) else ()


def is_shallow(repository: Repository) -> bool:
    return os.path.exists(os.path.join(repository.common, "shallow"))


def _meeting(repository: Repository, commit: str, head: str, candidate: Candidate, deepen: bool) -> str:
    """The newest commit that both have, fetching history as far as need be; "" when they have none in common."""
    meeting = repository.try_line("merge-base", commit, head)
    if meeting or not is_shallow(repository):
        return meeting
    if not deepen:
        raise _too_shallow(candidate.why)
    for step in STEPS:
        wanted = [head, candidate.fetch] if candidate.fetch else [head]
        if not _fetch(repository, step, "origin", *wanted) and not _fetch(repository, step, "origin"):
            raise _too_shallow(candidate.why)
        meeting = repository.try_line("merge-base", commit, head)
        if meeting or not is_shallow(repository):
            return meeting
    return ""


def _previous(repository: Repository, head: str, deepen: bool) -> Base:
    """The commit before; nothing before the first one."""
    words = ("rev-parse", "--quiet", "--verify", "HEAD^1")
    parent = repository.try_line(*words)
    if not parent and is_shallow(repository):
        if deepen and _fetch(repository, "--deepen=1", "origin", head):
            parent = repository.try_line(*words)
        if not parent and b"\nparent " in repository.ask("cat-file", "commit", "HEAD").stdout.partition(b"\n\n")[0]:
            raise _too_shallow("the previous commit")
    return Base(parent, "the previous commit") if parent else Base("", "nothing: this is the first commit")


def _fetch(repository: Repository, *words: str) -> bool:
    # Nobody is there to type a password, and one in the output would be in the log.
    environ = {**repository.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = repository.ask(
        "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *words, check=False, environ=environ
    )
    return not done.code


def _missing(repository: Repository, candidate: Candidate, deepen: bool) -> UsageError | CannotRun:
    if not candidate.fetch and not is_shallow(repository):
        return UsageError(f"{candidate.revision!r} names no commit in this repository")
    tried = "could not be fetched" if deepen else "is not in this clone, and fetching is switched off"
    return CannotRun(f"the base {_plain(candidate.why)} {tried}", hint=DEPTH_HINT)


def _too_shallow(why: str) -> CannotRun:
    return CannotRun(f"the clone is too shallow to compare with {_plain(why)}", hint=DEPTH_HINT)


def _plain(text: str) -> str:
    """Text without the user and password that a URL may hold."""
    return re.sub(r"://[^@/\s]*@", "://", text)
