"""The commits of a range, walked by GitPython."""

from __future__ import annotations

from gates.errors import CannotRun
from gates.git.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Commit", "commits"]


class Commit:
    """One commit: its id, the id of its tree, the first line of its message, and how many parents it has."""

    __slots__ = ("commit", "parents", "subject", "tree")

    def __init__(self, commit: str, tree: str, subject: str, parents: int) -> None:
        self.commit = commit
        self.tree = tree
        self.subject = subject
        self.parents = parents


def commits(repository: Repository, revisions: str, limit: int) -> Iterator[Commit]:
    """The commits that `git rev-list REVISIONS` names, newest first, at most `limit`. Raises CannotRun."""
    import git  # half as much again as the rest of a hook's start, so no hook comes here

    try:
        with git.Repo(repository.root) as walked:
            for found in walked.iter_commits(revisions, max_count=limit):
                subject = str(found.summary)
                yield Commit(found.hexsha, found.tree.hexsha, subject, len(found.parents))
    except (git.GitError, ValueError) as error:
        raise CannotRun(f"the history of {revisions} cannot be read: {error}") from error
