"""Python, git, and the repository Gateline was called in."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator

from gates import __version__
from gates.doctor.line import FAIL, OK, WARN, Line, first_line_of
from gates.git.repository import Repository, decode

__all__ = ["MINIMUM_GIT", "examine_git", "examine_python", "examine_repository"]

MINIMUM_GIT = (2, 31)
"""The first git whose rev-parse knows --path-format."""


def examine_python() -> Iterator[Line]:
    """Which Gateline and which Python."""
    yield Line(OK, f"Gateline {__version__} with Python {platform.python_version()} ({sys.executable})")


def examine_git(folder: str = ".") -> Iterator[Line]:
    """Whether git is there and new enough."""
    said = first_line_of(["git", "--version"], folder)
    found = re.search(r"(\d+)\.(\d+)\S*", said)
    wanted = ".".join(map(str, MINIMUM_GIT))
    if found is None:
        yield Line(FAIL, "git is not found on PATH", f"Install git {wanted} or newer.")
    elif (int(found[1]), int(found[2])) < MINIMUM_GIT:
        yield Line(FAIL, f"git {found[0]} is too old", f"Install git {wanted} or newer.")
    else:
        yield Line(OK, f"git {found[0]}")


def examine_repository(repository: Repository) -> Iterator[Line]:
    """The state folder, the depth of the clone, and its working trees."""
    yield _state_folder(repository)
    if repository.try_line("rev-parse", "--is-shallow-repository") == "true":
        yield Line(
            WARN,
            "this clone is shallow: what is new cannot be told where the base is missing",
            "Run `git fetch --unshallow`; in GitLab CI set GIT_DEPTH: 0, in GitHub Actions fetch-depth: 0.",
        )
    if not repository.try_line("rev-parse", "--verify", "--quiet", "HEAD"):
        yield Line(WARN, "there is no commit yet: everything counts as new until there is one")
    trees = decode(repository.ask("worktree", "list", "--porcelain", check=False).stdout).count("worktree ")
    if trees > 1:
        yield Line(OK, f"{trees} working trees share the hooks and the results of this repository")


def _state_folder(repository: Repository) -> Line:
    """Where results and settings are kept between runs: tried, because permissions alone do not tell."""
    try:
        with tempfile.TemporaryFile(dir=repository.state_folder()):
            return Line(OK, f"results are kept in {os.path.relpath(repository.state, repository.root)}")
    except OSError as error:
        return Line(
            WARN,
            f"{repository.state} cannot be written ({error.strerror}): every run starts from nothing",
            "Make the git dir writable, or free disk space.",
        )
