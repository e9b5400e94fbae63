"""The repository that a gate asks git about."""

from __future__ import annotations

import os

from gates.git.repository import Repository, clean_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext

__all__ = ["repository_of"]


def repository_of(context: GateContext) -> Repository:
    """The repository under test. A private snapshot borrows its objects but knows nothing of its history."""
    environ = clean_environment(os.environ)
    if not context.git_dir:
        return Repository.find(context.root, environ)
    return Repository(context.root, context.git_dir, context.git_dir, {**environ, "GIT_DIR": context.git_dir})
