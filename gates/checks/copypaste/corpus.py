"""The code that is searched: files read, told apart from what is no code, and cut into one long row of tokens."""

from __future__ import annotations

import os

import numpy as np

from gates.checks.copypaste.languages import language_of
from gates.checks.copypaste.sampling import choose
from gates.checks.copypaste.tokens import Tokens, blind_names, tokenize_batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.grammar import Grammar
    from gates.checks.copypaste.language import Language

__all__ = ["BATCH", "CHANGED", "KEPT", "LARGEST", "OLD", "Corpus", "File", "Reader"]

KEPT, CHANGED, OLD = "kept", "changed", "old"
"""Sides of a change: files of both trees, files of the tree under test that differ, and what these were before."""

BATCH = 256 << 10
"""Bytes that are cut into tokens in one go: so many that Python hardly counts, so few that they stay in the cache."""

LARGEST = 64 << 20
"""A file larger than this is not read."""

BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class File:
    """A file of the row.

    path         relative to the tree
    first, last  its tokens in the row: index of the first, and after the last
    data         its bytes
    language, grammar  how it is written, and how it was cut
    side         KEPT, CHANGED or OLD
    """

    __slots__ = ("data", "first", "grammar", "language", "last", "path", "side")

    def __init__(self, path: str, data: bytes, language: Language, side: str = KEPT) -> None:
        self.path = path
        self.side = side
        self.data = data
        self.language = language
        self.first = self.last = 0
        self.grammar: Grammar | None = None


class Reader:
    """Reads files and counts what is not read.

    left_out    reason -> number of files
    unreadable  one sentence for each file that is there and cannot be read
    """

    __slots__ = ("left_out", "root", "unreadable")

    def __init__(self, root: str) -> None:
        self.root = root
        self.left_out: dict[str, int] = {}
        self.unreadable: list[str] = []

    def read(self, path: str, side: str = KEPT) -> File | None:
        """A file of code, or None for one that is left out."""
        try:
            data = self._bytes(path)
        except OSError as error:
            self.unreadable.append(f"{path}: {error.strerror}")
            return None
        if data is None:
            return self._leave_out(f"larger than {LARGEST >> 20} MB")
        return self.accept(path, data, side)

    def accept(self, path: str, data: bytes, side: str = KEPT) -> File | None:
        """The same for bytes that are at hand."""
        for mark, encoding in BYTE_ORDER_MARKS:
            if data.startswith(mark):
                data = data.decode(encoding, "replace").encode("utf-8", "replace")
        language = language_of(path, data[:4096])
        if language is None:
            return self._leave_out("in no known language")
        if language.data:
            return self._leave_out("data or prose, not code")
        if b"\0" in data:
            return self._leave_out("binary (has NUL bytes)")
        if not data.isascii() and not _is_utf8(data):
            self.left_out["not UTF-8 (read as bytes)"] = self.left_out.get("not UTF-8 (read as bytes)", 0) + 1
        return File(path, data, language, side)

    def _bytes(self, path: str) -> bytes | None:
        descriptor = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            size = os.fstat(descriptor).st_size
            if size > LARGEST:
                return None
            data = os.read(descriptor, size + 1)
            while len(data) < size and (more := os.read(descriptor, size - len(data))):
                data += more
            return data
        finally:
            os.close(descriptor)

    def _leave_out(self, reason: str) -> File | None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Corpus:
    """Files as one row of tokens.

    files   in the order of the row
    start, end, kind, exact  of all tokens, see `Tokens`
    names   what is compared: `exact`, or the blind names
    places, hashes  the chosen n-grams, see `sampling`
    """

    __slots__ = ("_firsts", "end", "exact", "files", "hashes", "kind", "names", "places", "start")

    def __init__(self, files: Iterable[File], min_tokens: int, *, blind: bool) -> None:
        self.files: list[File] = []
        parts: list[tuple[NDArray[np.generic], ...]] = []
        count = 0
        for batch in _batches(files):
            tokens = tokenize_batch([file.data for file in batch], batch[0].language)
            names = blind_names(tokens.kind, tokens.exact, tokens.grammar) if blind else tokens.exact
            places, hashes = choose(names, tokens.first, min_tokens)
            parts.append((tokens.start, tokens.end, tokens.kind, tokens.exact, names, places + count, hashes))
            for number, file in enumerate(batch):
                file.grammar = tokens.grammar
                file.first, file.last = (int(at) + count for at in tokens.first[number : number + 2])
            self.files += batch
            count += len(names)
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else _nothing()
        self.start, self.end, self.kind, self.exact, self.names, self.places, self.hashes = columns
        self._firsts = np.array([file.first for file in self.files], np.int64)

    def __len__(self) -> int:
        """The number of all tokens."""
        return len(self.names)

    def file_at(self, place: int) -> File:
        """The file of a token."""
        return self.files[int(np.searchsorted(self._firsts, place, "right")) - 1]

    def files_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of the files of some tokens."""
        return np.searchsorted(self._firsts, places, "right") - 1

    def within_files(self, places: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """Those places from which on `length` tokens are in one file."""
        lasts = np.array([file.last for file in self.files], np.int64)
        return places[places + length <= lasts[self.files_at(places)]] if len(places) else places

    def tokens(self, file: File) -> Tokens:
        """The tokens of one file."""
        part = slice(file.first, file.last)
        assert file.grammar is not None
        return Tokens(file.data, file.grammar, self.start[part], self.end[part], self.kind[part], self.exact[part])


def _batches(files: Iterable[File]) -> Iterable[Sequence[File]]:
    """Files of one language, as many as make a good batch."""
    waiting: dict[str, list[File]] = {}
    sizes: dict[str, int] = {}
    for file in files:
        name = file.language.name
        waiting.setdefault(name, []).append(file)
        sizes[name] = sizes.get(name, 0) + len(file.data)
        if sizes[name] >= BATCH:
            yield waiting.pop(name)
            del sizes[name]
    yield from waiting.values()


def _nothing() -> list[NDArray[np.generic]]:
    kinds = (np.uint32, np.uint32, np.uint8, np.uint64, np.uint64, np.int64, np.uint32)
    return [np.zeros(0, kind) for kind in kinds]
