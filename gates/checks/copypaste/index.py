"""The index of a tree: which files have which chosen n-grams, so that a commit is compared with those that matter.

Where edited copies are looked for, it also holds the functions of the files, see `function_index`.

It only ever says where to look: what is a copy is decided on the files themselves. It is named by the id of the tree
whose blobs it has read, so files that differ from it are known from git. One file holds it, which is written beside
and renamed, and mapped into memory. One that is torn, altered, or of another version counts as broken and is made anew.
"""

from __future__ import annotations

import mmap
import os
import struct
from zlib import crc32

import numpy as np

from gates.checks.copypaste.arrays import distinct, distinct_pairs
from gates.checks.copypaste.sampling import spread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.corpus import Corpus
    from gates.checks.copypaste.function_index import FunctionIndex

__all__ = ["BrokenIndexError", "Index", "load", "save"]

FORMAT = b"gateline copypaste index 04\n"
"""Changes with the layout of the file, and with what the tokens are called. Its length is a multiple of 4, so that the
arrays are aligned."""

_HEAD = struct.Struct("<IIIIIIII")
"""Check sum of all that follows, sizes of the texts, numbers of files, n-grams, functions and their rows."""


class BrokenIndexError(Exception):
    """There is an index, and it cannot be used."""


class Index:
    """The files of one tree and their chosen n-grams.

    tree     id of the tree
    paths    of its files, ascending
    reasons  of each file why it is left out, "" for one that is searched
    hashes, owners  the n-grams, by hash: hash, and number of the file
    functions  of the files; None where there are none, or none are looked for
    """

    __slots__ = ("functions", "hashes", "owners", "paths", "reasons", "tree")

    def __init__(
        self,
        tree: str,
        paths: list[str],
        reasons: list[str],
        hashes: NDArray[np.uint32],
        owners: NDArray[np.uint32],
        functions: FunctionIndex | None = None,
    ) -> None:
        self.tree = tree
        self.paths = paths
        self.reasons = reasons
        self.hashes = hashes
        self.owners = owners
        self.functions = functions

    @classmethod
    def of(cls, tree: str, corpus: Corpus, left_out: dict[str, str], ours: Collection[str]) -> Index:
        """From what a search has read; `ours` are the sides that belong to the tree."""
        known: dict[str, NDArray[np.uint32]] = {path: np.zeros(0, np.uint32) for path in left_out}
        for summary in corpus.summaries:
            order = np.argsort(summary.owners, kind="stable")
            bounds = np.searchsorted(summary.owners[order], np.arange(len(summary.paths) + 1))
            hashes = summary.hashes[order]
            for number, path in enumerate(summary.paths):
                if summary.sides[number] in ours:
                    known[path] = hashes[bounds[number] : bounds[number + 1]]
        paths = sorted(known)
        counts = [len(known[path]) for path in paths]
        owners = np.repeat(np.arange(len(paths), dtype=np.uint32), counts)
        hashes = np.concatenate([known[path] for path in paths]) if paths else np.zeros(0, np.uint32)
        functions = _functions(corpus, paths, ours)
        return cls(tree, paths, [left_out.get(path, "") for path in paths], *distinct_pairs(hashes, owners), functions)

    def merged(self, fresh: Index, gone: Collection[str]) -> Index:
        """This index without the files that are `gone`, and with those of `fresh` in place of its own."""
        stale = set(gone) | set(fresh.paths)
        kept = [number for number, path in enumerate(self.paths) if path not in stale]
        rows = sorted(
            [(self.paths[number], 0, number) for number in kept]
            + [(path, 1, number) for number, path in enumerate(fresh.paths)]
        )
        renumbered = [np.full(len(index.paths), len(rows), np.uint32) for index in (self, fresh)]
        for row, (_, which, number) in enumerate(rows):
            renumbered[which][number] = row
        owners = np.concatenate([renumbered[0][self.owners], renumbered[1][fresh.owners]])
        hashes = np.concatenate([self.hashes, fresh.hashes])
        left = owners < len(rows)
        reasons = [(self, fresh)[which].reasons[number] for _, which, number in rows]
        paths = [path for path, _, _ in rows]
        functions = _joined(
            index.functions.with_files(np.where(number < len(rows), number.astype(np.int64), -1))
            for index, number in zip((self, fresh), renumbered, strict=True)
            if index.functions is not None
        )
        return Index(fresh.tree, paths, reasons, *distinct_pairs(hashes[left], owners[left]), functions)

    def related(self, hashes: NDArray[np.uint32]) -> list[str]:
        """The files that have one of some n-grams, by path."""
        wanted = distinct(hashes)
        low, high = (np.searchsorted(self.hashes, wanted, side) for side in ("left", "right"))
        found = low < high
        numbers = distinct(self.owners[spread(low[found], high[found] - 1)])
        return [self.paths[number] for number in numbers.tolist()]


def _functions(corpus: Corpus, paths: Sequence[str], ours: Collection[str]) -> FunctionIndex | None:
    """Those that a search has read, by the numbers of the files in `paths`."""
    if corpus.functions is None:
        return None
    from gates.checks.copypaste.function_index import FunctionIndex

    place = {path: number for number, path in enumerate(paths)}
    numbers = np.array([place[path] if side in ours else -1 for path, side in corpus.names], np.int64)
    return FunctionIndex.of(corpus.functions).with_files(numbers)


def _joined(parts: Iterable[FunctionIndex]) -> FunctionIndex | None:
    """The functions of at most two indexes."""
    found = list(parts)
    return found[0].joined(found[1]) if len(found) > 1 else found[0] if found else None


def save(index: Index, path: str, key: str) -> None:
    """Write an index; whoever reads meanwhile has the old one or the new one. Raises OSError.

    key  what else it depends on: the version of Gateline, and what is compared
    """
    codes = {reason: number for number, reason in enumerate(sorted({*index.reasons, ""}))}
    texts = [
        "\0".join([key, index.tree, *codes]).encode(),
        "\0".join(index.paths).encode("utf-8", "surrogateescape"),
        bytes([codes[reason] for reason in index.reasons]),
    ]
    texts[-1] += b"\0" * (-sum(map(len, texts)) % 4)
    columns = [index.hashes, index.owners]
    counts = [len(index.hashes), 0, 0]
    if index.functions is not None:
        functions = index.functions
        columns += [functions.files, functions.lengths, functions.rows, functions.owners]
        counts[1:] = len(functions.files), len(functions.rows)
    arrays = [column.astype("<u4").tobytes() for column in columns]
    sizes = _HEAD.pack(0, *map(len, texts), len(index.paths), *counts)[4:]
    total = crc32(sizes)
    for part in (*texts, *arrays):
        total = crc32(part, total)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = f"{path}.{os.getpid()}"
    try:
        with open(beside, "wb") as file:
            file.write(FORMAT + struct.pack("<I", total) + sizes)
            for part in (*texts, *arrays):
                file.write(part)
        os.replace(beside, path)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def load(path: str, key: str) -> Index | None:
    """The index in a file, None when there is none. Raises BrokenIndexError."""
    try:
        with open(path, "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # not readable, or empty
        raise BrokenIndexError from None
    head = len(FORMAT) + _HEAD.size
    if len(content) < head or content[: len(FORMAT)] != FORMAT:
        raise BrokenIndexError
    total, *sizes, files, grams, functions, rows = _HEAD.unpack_from(content, len(FORMAT))
    counts = (grams, grams, functions, functions, rows, rows)
    with memoryview(content) as view:
        if crc32(view[len(FORMAT) + 4 :]) != total or len(view) != head + sum(sizes) + 4 * sum(counts):
            raise BrokenIndexError
        texts = []
        for size in sizes:
            texts.append(bytes(view[head : head + size]))
            head += size
    own_key, tree, *reasons = texts[0].decode().split("\0")
    if own_key != key:
        raise BrokenIndexError
    columns = [np.frombuffer(content, "<u4", count, head + 4 * sum(counts[:at])) for at, count in enumerate(counts)]
    paths = texts[1].decode("utf-8", "surrogateescape").split("\0") if files else []
    index = Index(tree, paths, [reasons[code] for code in texts[2][:files]], columns[0], columns[1])
    if functions:
        from gates.checks.copypaste.function_index import FunctionIndex

        index.functions = FunctionIndex(*columns[2:])
    return index
