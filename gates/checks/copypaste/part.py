"""A part of the files that are searched, as far as one process looks at it."""

from __future__ import annotations

import gc

import numpy as np

from gates.checks.copypaste.arrays import distinct, is_in
from gates.checks.copypaste.grammar import grammar_of
from gates.checks.copypaste.match import window_hashes
from gates.checks.copypaste.noise import noises
from gates.checks.copypaste.sampling import candidates, choose, gram_length, spread
from gates.checks.copypaste.tokens import Batch, Tokens, blind_names, tokenize_batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions
    from gates.checks.copypaste.language import Language
    from gates.checks.copypaste.reading import Reader, Source

    Windows = tuple[NDArray[np.int64], NDArray[np.uint64]]

__all__ = ["File", "Part", "Summary", "Wanted"]

BATCH = 256 << 10
"""Bytes that are cut into tokens in one go: so many that Python hardly counts, so few that they stay in the cache."""


class File:
    """A file and its tokens.

    path, side   see `Source`
    data         its bytes
    first, last  its tokens in the row of all tokens: index of the first, and after the last
    start, end, kind, exact  of its tokens, see `Tokens`
    names        what is compared: `exact`, or names without identifiers, numbers and strings (`blind`)
    """

    __slots__ = (
        "data",
        "end",
        "exact",
        "first",
        "kind",
        "language",
        "last",
        "names",
        "path",
        "side",
        "start",
    )

    start: NDArray[np.uint32]
    end: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    exact: NDArray[np.uint64]
    names: NDArray[np.uint64]

    def __init__(
        self, path: str, side: str, data: bytes, language: Language, first: int, columns: Sequence[NDArray[Any]]
    ) -> None:
        self.path = path
        self.side = side
        self.data = data
        self.language = language
        self.first = first
        self.start, self.end, self.kind, self.exact, self.names = columns
        self.last = first + len(self.names)

    def tokens(self) -> Tokens:
        """Its tokens by themselves."""
        grammar = grammar_of(self.language)
        return Tokens(self.data, grammar, self.start, self.end, self.kind, self.exact)


class Wanted:
    """What is to be found in the files.

    min_tokens  how many tokens must have equal names
    renamed     whether copies are wanted too that differ in names, numbers and strings
    function    how many tokens a function has that may be an edited copy; 0 when none are looked for
    """

    __slots__ = ("function", "min_tokens", "renamed")

    def __init__(self, min_tokens: int, *, renamed: bool = False, function: int = 0) -> None:
        self.min_tokens = min_tokens
        self.renamed = renamed
        self.function = function

    @property
    def gram(self) -> int:
        """How many tokens an n-gram has."""
        return gram_length(self.min_tokens, renamed=self.renamed)


class Summary:
    """What a part tells when it has read all its files.

    hashes, owners         of its chosen n-grams: hash, and number of the file
    paths, sides, lengths  of its files: path, side, number of tokens
    left_out, marked, unreadable  see `Reader`
    """

    __slots__ = ("hashes", "left_out", "lengths", "marked", "owners", "paths", "sides", "unreadable")

    def __init__(
        self,
        hashes: NDArray[np.uint32],
        owners: NDArray[np.uint32],
        sources: list[Source],
        lengths: NDArray[np.int64],
        reader: Reader,
    ) -> None:
        self.hashes = hashes
        self.owners = owners
        self.paths = [source.path for source in sources]
        self.sides = [source.side for source in sources]
        self.lengths = lengths
        self.left_out = reader.left_out
        self.marked = reader.marked
        self.unreadable = reader.unreadable


class _Batch:
    """Files of one language that are cut together, and what was chosen of them.

    first  place of its first token in the part's row
    """

    __slots__ = ("data", "first", "functions", "hashes", "language", "names", "places", "size", "sources", "tokens")

    tokens: Batch
    functions: Functions
    names: NDArray[np.uint64]
    places: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    first: int

    def __init__(self, language: Language) -> None:
        self.sources: list[Source] = []
        self.data: list[bytes] = []
        self.language = language
        self.size = 0


class Chosen:
    """What was chosen of one file.

    names           of its tokens, see `File`
    places, hashes  of the chosen n-grams: where each begins in the file, and its hash
    """

    __slots__ = ("hashes", "names", "places", "source")

    def __init__(self, batch: _Batch, index: int) -> None:
        first, last = batch.tokens.first[index : index + 2]
        low, high = np.searchsorted(batch.places, (first, last))
        self.source = batch.sources[index]
        self.names = batch.names[first:last]
        self.places = batch.places[low:high] - first
        self.hashes = batch.hashes[low:high]


class Part:
    """Reads files, chooses n-grams, and then tells of those that occur elsewhere too what stands around them."""

    __slots__ = ("batches", "length", "reader", "waiting", "wanted")

    def __init__(self, reader: Reader, wanted: Wanted) -> None:
        self.reader = reader
        self.wanted = wanted
        self.batches: list[_Batch] = []
        self.length = 0
        self.waiting: dict[str, _Batch] = {}

    def read(self, sources: Iterable[Source]) -> None:
        """Read some files; those of one language are cut together."""
        for source in sources:
            found = self.reader.read(source)
            if found is None:
                continue
            data, language = found
            batch = self.waiting.get(language.name)
            if batch is None:
                batch = self.waiting[language.name] = _Batch(language)
            batch.sources.append(source)
            batch.data.append(data)
            batch.size += len(data)
            if batch.size >= BATCH:
                self._cut(language.name)

    def summary(self) -> Summary:
        """What there is, once all files are read."""
        for name in list(self.waiting):
            self._cut(name)
        sources: list[Source] = []
        owners, lengths = [], []
        for batch in self.batches:
            first = batch.tokens.first
            owners.append((np.searchsorted(first, batch.places, "right") - 1 + len(sources)).astype(np.uint32))
            lengths.append(np.diff(first))
            sources += batch.sources
        hashes = _joined([batch.hashes for batch in self.batches], np.uint32)
        return Summary(hashes, _joined(owners, np.uint32), sources, _joined(lengths, np.int64), self.reader)

    def chosen(self) -> Iterator[Chosen]:
        """What was chosen of each file, in the order of the summary."""
        return (Chosen(batch, index) for batch in self.batches for index in range(len(batch.sources)))

    def functions(self) -> Functions:
        """The functions that may be edited copies; files are numbered as in the summary."""
        from gates.checks.copypaste.functions import Functions

        parts = [batch.functions for batch in self.batches]
        return Functions.joined(parts, [len(batch.sources) for batch in self.batches])

    def windows(self, repeated: NDArray[np.uint32]) -> list[Windows]:
        """Where pieces of `min_tokens` tokens begin that may have a copy, in this part's row, and their hashes.

        First for exact copies; then, if they are asked for, for renamed ones.
        repeated  the hashes that were chosen more than once in all parts, ascending
        """
        found = [self._windows_of(batch, repeated) for batch in self.batches]
        return [
            (
                _joined([each[kind][0] for each in found], np.int64),
                _joined([each[kind][1] for each in found], np.uint64),
            )
            for kind in range(2 if self.wanted.renamed else 1)
        ]

    def files(self, numbers: Sequence[int], first: int) -> list[File]:
        """Some files with their tokens, by their number in the summary. The part's row begins at `first` of all."""
        wanted = set(numbers)
        result = []
        number = 0
        for batch in self.batches:
            for index in range(len(batch.sources)):
                if number in wanted:
                    result.append(self._file(batch, index, first))
                number += 1
        return result

    def _cut(self, name: str) -> None:
        batch = self.waiting.pop(name)
        gc.disable()  # what is made here in masses has no cycles
        tokens = batch.tokens = tokenize_batch(batch.data, batch.language)
        gc.enable()
        batch.names = tokens.exact
        if self.wanted.renamed:
            batch.names = blind_names(tokens.kind, tokens.exact, tokens.grammar)
        if self.wanted.function:
            from gates.checks.copypaste.functions import functions_of  # no other search looks for functions

            batch.functions = functions_of(tokens, batch.names, batch.data, batch.language, self.wanted.function)
        batch.places, batch.hashes = choose(batch.names, tokens.first, self.wanted.min_tokens, self.wanted.gram)
        batch.first = self.length
        self.length += len(batch.names)
        self.batches.append(batch)

    def _windows_of(self, batch: _Batch, repeated: NDArray[np.uint32]) -> list[Windows]:
        min_tokens = self.wanted.min_tokens
        is_repeated = is_in(batch.hashes, repeated)
        windows = candidates(batch.places, batch.hashes, is_repeated, min_tokens, self.wanted.gram)
        numbers = np.searchsorted(batch.tokens.first, windows, "right")
        windows = windows[windows + min_tokens <= np.append(batch.tokens.first, 0)[numbers]]
        found = []
        for names, quiet in _without_noise(batch, windows, min_tokens, self.wanted.renamed):
            found.append((quiet + batch.first, window_hashes(names, quiet, min_tokens)))
        return found

    def _file(self, batch: _Batch, index: int, first: int) -> File:
        tokens, source = batch.tokens, batch.sources[index]
        low, high = tokens.first[index : index + 2].tolist()
        columns = [column[low:high] for column in (tokens.start, tokens.end, tokens.kind, tokens.exact, batch.names)]
        return File(source.path, source.side, batch.data[index], batch.language, first + batch.first + low, columns)


def _without_noise(
    batch: _Batch, windows: NDArray[np.int64], length: int, renamed: bool
) -> list[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """What is compared (exact names, and if asked for blind ones), and the windows without a token of noise for each.

    Only the files of the windows are looked at.
    """
    compared = [batch.tokens.exact, batch.names] if renamed else [batch.names]
    if not len(windows):
        return [(names, windows) for names in compared]
    first = batch.tokens.first
    numbers = distinct(np.searchsorted(first, windows, "right") - 1)
    low, high = first[numbers], first[numbers + 1]
    at = spread(low, high - 1)
    tokens = batch.tokens
    columns = (tokens.start[at], tokens.end[at], tokens.kind[at], tokens.exact[at])
    part = Batch(tokens.grammar, np.append(0, np.cumsum(high - low)), *columns)
    data = [batch.data[number] for number in numbers.tolist()]
    found = []
    for names, noisy in zip(compared, noises(part, data, batch.language, renamed=renamed), strict=True):
        before = np.zeros(len(batch.names) + 1, np.int64)
        before[at + 1] = noisy
        before = np.cumsum(before)
        found.append((names, windows[before[windows + length] == before[windows]]))
    return found


def _joined(arrays: list[Any], kind: type) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)
