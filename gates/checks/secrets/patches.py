"""What a change adds and removes, line by line: git's patches, read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gates.git.blobs import read_blobs
from gates.git.trees import unquote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.git.repository import Repository

__all__ = ["BINARY_START", "Patch", "commit_patches", "tree_patches"]

BINARY_START = 8000
"""A file with a zero byte in its beginning is binary: git's own rule."""

OPTIONS = (
    "-p",
    "-U0",
    "-M",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--full-index",
    "--submodule=short",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
CONFIG = ("-c", "core.quotePath=false", "-c", "log.showSignature=false")

BATCH = 200
"""Commits whose patches are in memory at once: a first push may bring a long history."""

COMMIT = b"\x01commit "
HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Patch:
    """What happens to one file.

    commit   the commit that does it, "" between two trees
    path     its path afterwards, before when it is deleted
    created  whether there was no such file before
    added    its added lines, joined; numbers: the number of each in the file
    removed  its removed lines, joined
    binary   whether it is no text, so that it has no lines
    blobs    its contents before and after, by their ids
    """

    __slots__ = ("added", "binary", "blobs", "commit", "created", "numbers", "path", "removed")

    def __init__(self, commit: str, path: str) -> None:
        self.commit = commit
        self.path = path
        self.created = False
        self.binary = False
        self.blobs = ("", "")
        self.added = b""
        self.removed = b""
        self.numbers: list[int] = []


def tree_patches(repository: Repository, base: str, tree: str) -> list[Patch]:
    """From one tree to another."""
    words = (*CONFIG, "diff-tree", "-r", *OPTIONS, base, tree)
    return _with_texts(repository, _parse(_output(repository, words)))


def commit_patches(repository: Repository, base: str, commit: str) -> Iterator[Patch]:
    """Of each commit that `commit` has and `base` ("" for none) has not, the oldest first.

    A merge is compared with its first parent, so that what only the merge itself adds is seen as well.
    """
    wanted = (commit, "--not", base) if base else (commit,)
    commits = _output(repository, ("rev-list", "--reverse", "--topo-order", *wanted)).split()
    words = (*CONFIG, "log", "--no-walk=unsorted", "--stdin", "--format=%x01commit %H", "--diff-merges=first-parent")
    for start in range(0, len(commits), BATCH):
        asked = b"\n".join([*commits[start : start + BATCH], b""])
        yield from _with_texts(repository, _parse(_output(repository, (*words, *OPTIONS), asked)))


def _with_texts(repository: Repository, patches: Iterable[Patch]) -> list[Patch]:
    """The patches; of files that only an attribute calls binary, with all their lines.

    Otherwise a line in .gitattributes would be enough to hide a file.
    """
    patches = list(patches)
    wanted = {blob for patch in patches if patch.binary for blob in patch.blobs if blob.strip("0")}
    texts = {
        blob: raw
        for blob, raw in read_blobs(repository, sorted(wanted))
        if raw is not None and b"\0" not in raw[:BINARY_START]
    }
    for patch in patches:
        old, new = patch.blobs
        if patch.binary and new in texts:
            patch.binary = False
            patch.added, patch.removed = texts[new], texts.get(old, b"")
            patch.numbers = list(range(1, texts[new].count(b"\n") + 2))
    return patches


def _output(repository: Repository, words: tuple[str, ...], stdin: bytes = b"") -> bytes:
    """All that git prints: a patch of any length, where other answers are cut."""
    done = repository.ask(*words, stdin=stdin)
    if not done.truncated:
        return done.stdout
    import subprocess

    return subprocess.run(
        ["git", *words], cwd=repository.root, env=repository.environ, input=stdin, stdout=subprocess.PIPE, check=True
    ).stdout


def _parse(raw: bytes) -> Iterator[Patch]:
    lines = iter(raw.split(b"\n"))
    commit = ""
    patch: Patch | None = None
    added: list[bytes] = []
    removed: list[bytes] = []
    for line in lines:
        if line.startswith((b"diff --git ", COMMIT)):
            yield from _finished(patch, added, removed)
            patch = None
            if line.startswith(COMMIT):
                commit = line[len(COMMIT) :].decode()
            else:
                patch, added, removed = Patch(commit, _path_of(line)), [], []
        elif patch is not None and (hunk := HUNK.match(line)):
            _read_hunk(lines, hunk, patch, added, removed)
        elif patch is not None:
            _read_header(line, patch)
    yield from _finished(patch, added, removed)


def _finished(patch: Patch | None, added: list[bytes], removed: list[bytes]) -> Iterator[Patch]:
    if patch is not None:
        patch.added, patch.removed = b"\n".join(added), b"\n".join(removed)
        yield patch


def _path_of(line: bytes) -> str:
    """The path in `diff --git a/x b/x`, right where both are the same; renamed files say it again further down."""
    names = line[len(b"diff --git ") :]
    if names.endswith(b'"'):
        return unquote(names[names.rindex(b' "') + 1 :])[2:]
    return unquote(names[len(names) // 2 + 1 :])[2:]


def _read_header(line: bytes, patch: Patch) -> None:
    if line.startswith(b"new file mode "):
        patch.created = True
    elif line.startswith(b"rename to "):
        patch.path = unquote(line[len(b"rename to ") :])
    elif line.startswith((b"+++ b/", b'+++ "b/')):
        patch.path = unquote(line[4:])[2:]
    elif line.startswith(b"index "):
        old, _, new = line.split()[1].decode().partition("..")
        patch.blobs = (old, new)
    elif line.startswith(b"Binary files "):
        patch.binary = True


def _read_hunk(
    lines: Iterator[bytes], hunk: re.Match[bytes], patch: Patch, added: list[bytes], removed: list[bytes]
) -> None:
    """Count by the header: lines of a hunk may look like headers."""
    removals = int(hunk[1]) if hunk[1] else 1
    first, additions = int(hunk[2]), int(hunk[3]) if hunk[3] else 1
    removed += [next(lines)[1:] for _ in range(removals)]
    for offset in range(additions):
        line = next(lines)
        if line.startswith(b"\\"):  # "No newline at end of file", of the removed lines before
            line = next(lines)
        added.append(line[1:])
        patch.numbers.append(first + offset)
