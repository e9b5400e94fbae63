"""Files of a tree, read from git's objects without checking anything out."""

from __future__ import annotations

from gates.errors import CannotRun
from gates.git.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TreeReader", "read_objects"]


class TreeReader:
    """A `read` for the files of one tree: their bytes, or None for what is no file there.

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
            answers = read_objects(self.repository, [f"{self.tree}:{name}" for name in wanted])
            self.known.update(zip(wanted, answers, strict=True))
        return self.known[path]


def read_objects(repository: Repository, names: Sequence[str]) -> list[bytes | None]:
    """The contents of blobs, one process for all of them; None for a name that is no blob.

    names  object ids, or "<tree>:<path>"; a path with a line feed in it cannot be asked for and counts as absent
    """
    asked = [name for name in names if "\n" not in name]
    lines = "".join(f"{name}\n" for name in asked).encode("utf-8", "surrogateescape")
    raw = repository.ask("cat-file", "--batch", stdin=lines).stdout if asked else b""
    answers: dict[str, bytes | None] = {}
    position = 0
    for name in asked:
        head, _, _ = raw[position : position + 4096].partition(b"\n")
        position += len(head) + 1
        words = head.split(b" ")
        if len(words) != 3 or not words[2].isdigit():
            answers[name] = None  # "<name> missing" or "ambiguous"; a name with spaces never looks like an answer
            continue
        size = int(words[2])
        if position + size > len(raw):
            raise CannotRun(f"git cat-file ended before {name} was read")
        answers[name] = raw[position : position + size] if words[1] == b"blob" else None
        position += size + 1
    return [answers.get(name) for name in names]
