"""The lines that a change really brings: added ones, less those that it only moves.

A run of added lines is moved when the same run, indentation aside, was removed elsewhere in the change, and has enough
letters and digits to be told from chance: git's rule for `--color-moved`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gates.errors import CannotRun
from gates.git.blobs import read_blobs
from gates.git.change import EMPTY_TREE, FileChange
from gates.git.repository import Repository
from gates.git.trees import compare, line_ranges

__all__ = ["new_lines"]

MOVED_LETTERS = 20
"""Letters and digits that a moved run must have."""

CANDIDATES = 50
"""Removed lines tried as the beginning of a moved run: an empty line may have been removed thousands of times."""

Ranges = Mapping[str, Sequence[tuple[int, int]]]


def new_lines(repository: Repository, base: str, tree: str) -> dict[str, dict[int, str]]:
    """The new lines of `tree` against `base`: path -> line number -> text. Raises CannotRun when git fails."""
    if base == tree:
        return {}
    files = compare(repository, base, tree)
    added = _runs(line_ranges(repository, base, tree), _contents(repository, files, new=True))
    removed: list[list[str]] = []
    if base != EMPTY_TREE:
        gone = _runs(line_ranges(repository, tree, base), _contents(repository, files, new=False))
        removed = [[text.strip() for _, text in run] for _, run in gone]
    moves = _Moves(removed)
    lines: dict[str, dict[int, str]] = {}
    for path, run in added:
        moved = moves.take([text.strip() for _, text in run])
        fresh = {number: text for index, (number, text) in enumerate(run) if index not in moved}
        if fresh:
            lines.setdefault(path, {}).update(fresh)
    return lines


def _contents(repository: Repository, files: Sequence[FileChange], *, new: bool) -> dict[str, list[str]]:
    """The lines of each changed file on one side of the change."""
    sides = [
        (file.path, file.blob, file.mode) if new else (file.old_path, file.old_blob, file.old_mode) for file in files
    ]
    wanted = [(path, blob) for path, blob, mode in sides if blob and mode.startswith("100")]
    contents = {}
    for blob, content in read_blobs(repository, sorted({blob for _, blob in wanted}), whole=True):
        if content is None:
            raise CannotRun(f"git has lost the blob {blob}", hint="`git fsck` shows what is missing.")
        # Split as git and editors count lines: form feeds and the like do not end one.
        contents[blob] = content.decode("utf-8", "surrogateescape").split("\n")
    return {path: contents[blob] for path, blob in wanted}


def _runs(ranges: Ranges, contents: Mapping[str, list[str]]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each range of lines with its path and texts, in path and line order."""
    for path in sorted(ranges):
        if path in contents:
            for first, last in ranges[path]:
                yield path, list(enumerate(contents[path][first - 1 : last], first))


class _Moves:
    """The removed runs; each removed line accounts for one moved line only, so that a second copy is new."""

    def __init__(self, removed: list[list[str]]) -> None:
        self.removed = removed
        self.used: set[tuple[int, int]] = set()
        self.starts: dict[str, list[tuple[int, int]]] = {}
        for number, run in enumerate(removed):
            for index, text in enumerate(run):
                self.starts.setdefault(text, []).append((number, index))

    def take(self, texts: list[str]) -> set[int]:
        """Indexes of the texts that were moved here."""
        moved: set[int] = set()
        index = 0
        while index < len(texts):
            run, start, length = max(
                ((run, start, self._length(run, start, texts, index)) for run, start in self._open(texts[index])),
                key=lambda match: match[2],
                default=(0, 0, 0),
            )
            if sum(c.isalnum() for text in texts[index : index + length] for c in text) >= MOVED_LETTERS:
                self.used.update((run, start + offset) for offset in range(length))
                moved.update(range(index, index + length))
                index += length
            else:
                index += 1
        return moved

    def _open(self, text: str) -> list[tuple[int, int]]:
        return [place for place in self.starts.get(text, ()) if place not in self.used][:CANDIDATES]

    def _length(self, run: int, start: int, texts: list[str], index: int) -> int:
        """How many lines are equal from there on."""
        old = self.removed[run]
        length = 0
        while (
            start + length < len(old)
            and index + length < len(texts)
            and old[start + length] == texts[index + length]
            and (run, start + length) not in self.used
        ):
            length += 1
        return length
