"""Contents of files, read from git's objects without checking anything out."""

from __future__ import annotations

from gates.errors import CannotRun
from gates.git.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["TreeReader", "read_blobs"]

BATCH = 256
"""Blobs asked for at once; the answer to one question is limited, see `gates.process`."""


class TreeReader:
    """A `read` for the files of one tree: their bytes, or None for what is no file there. Raises CannotRun.

    A path with a line feed in it cannot be asked for and counts as absent.

    `ahead` names files that are all fetched with the first call, so that several cost one process.
    """

    __slots__ = ("ahead", "known", "repository", "tree")

    def __init__(self, repository: Repository, tree: str, ahead: Sequence[str] = ()) -> None:
        self.repository = repository
        self.tree = tree
        self.ahead = list(ahead)
        self.known: dict[str, bytes | None] = {}

    def __call__(self, path: str) -> bytes | None:
        if path not in self.known:
            wanted = list(dict.fromkeys([path, *self.ahead]))
            self.ahead = []
            asked = [f"{self.tree}:{name}" for name in wanted]
            answers = dict(read_blobs(self.repository, [name for name in asked if "\n" not in name], whole=True))
            self.known.update((path, answers.get(name)) for path, name in zip(wanted, asked, strict=True))
        return self.known[path]


def read_blobs(
    repository: Repository, names: Sequence[str], *, whole: bool = False
) -> Iterator[tuple[str, bytes | None]]:
    """The content of each blob, None for a name that is none, and for a blob too big to be read.

    names  object ids, or "<tree>:<path>"; without line feeds
    whole  whether a blob that is too big is an error

    Raises CannotRun when git fails.
    """
    for start in range(0, len(names), BATCH):
        yield from _read(repository, names[start : start + BATCH], whole)


def _read(repository: Repository, names: Sequence[str], whole: bool) -> Iterator[tuple[str, bytes | None]]:
    lines = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    done = repository.ask("cat-file", "--batch", stdin=lines)
    if done.truncated and len(names) > 1:
        middle = len(names) // 2
        yield from _read(repository, names[:middle], whole)
        yield from _read(repository, names[middle:], whole)
    elif done.truncated:
        if whole:
            raise CannotRun(f"{names[0]} is too big to be read")
        yield names[0], None
    else:
        yield from _answers(done.stdout, names)


def _answers(raw: bytes, names: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """What `git cat-file --batch` said of each name."""
    position = 0
    for name in names:
        end = raw.find(b"\n", position)
        words = raw[position:end].split(b" ") if end >= 0 else []
        position = end + 1
        if len(words) != 3 or not words[2].isdigit():
            yield name, None  # "<name> missing" or "ambiguous"; a name with spaces never looks like an answer
            continue
        size = int(words[2])
        if position + size > len(raw):
            raise CannotRun(f"git cat-file ended before {name} was read")
        yield name, raw[position : position + size] if words[1] == b"blob" else None
        position += size + 1
