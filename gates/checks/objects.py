"""What a gate asks git for: the contents of blobs, from the repository that its context names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from gates.git.repository import Repository, clean_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext

__all__ = ["read_blobs", "repository_of"]

BATCH = 256
"""Blobs asked for at once; the answer to one question is limited, see `gates.process`."""


def repository_of(context: GateContext) -> Repository:
    """The repository under test. A private snapshot borrows its objects but knows nothing of its history."""
    environ = clean_environment(os.environ)
    if not context.git_dir:
        return Repository.find(context.root, environ)
    return Repository(context.root, context.git_dir, context.git_dir, {**environ, "GIT_DIR": context.git_dir})


def read_blobs(repository: Repository, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """The content of each blob, None where it is too big to be read. Raises CannotRun when git fails."""
    for start in range(0, len(ids), BATCH):
        yield from _read(repository, ids[start : start + BATCH])


def _read(repository: Repository, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    done = repository.ask("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in ids).encode())
    if done.truncated and len(ids) == 1:
        yield ids[0], None
        return
    if done.truncated:
        middle = len(ids) // 2
        yield from _read(repository, ids[:middle])
        yield from _read(repository, ids[middle:])
        return
    raw, position = done.stdout, 0
    for blob in ids:
        end = raw.index(b"\n", position)
        size = raw[position:end].rsplit(b" ", 1)[1]
        if size == b"missing":
            yield blob, None
            position = end + 1
            continue
        yield blob, raw[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
