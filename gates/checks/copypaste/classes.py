"""From equal rows of names to classes of copies: verified by the text, apart from each other, each said once."""

from __future__ import annotations

from itertools import chain
from math import log

import numpy as np

from gates.checks.copypaste.equality import CONSISTENT, verified
from gates.checks.copypaste.pieces import Group, Piece, covered_tokens
from gates.checks.copypaste.reading import CHANGED, OLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gates.checks.copypaste.corpus import Corpus, File
    from gates.checks.copypaste.match import Repeat

    Waiting = tuple[int, int, int, bool, list[int], list[int]]

__all__ = ["CONSISTENT", "Group", "Piece", "covered_tokens", "groups", "unfold", "verified"]

SLACK = 8
"""An eighth of a piece may stick out of a longer copy, and the piece still says no more than the copy does."""

ABOUT = log(SLACK / (SLACK - 1))
"""Of pieces of about one length those with more places are told first."""


def unfold(corpus: Corpus, repeat: Repeat) -> list[Piece]:
    """The places of a repeat with their files, by path and position."""
    files = corpus.files_at(repeat.places)
    pieces = [Piece(file, place, repeat.tokens) for file, place in zip(files, repeat.places, strict=True)]
    return sorted(pieces, key=Piece.sort_key)


def groups(
    corpus: Corpus,
    min_tokens: int,
    counts: Callable[[Group], bool],
    *,
    may_count: Callable[[int, Sequence[File]], bool],
    consistent: float = CONSISTENT,
    of_change: bool = False,
) -> list[Group]:
    """The groups of copies in the tree under test that the repeats come to, the longest first.

    counts      tells which groups are told; one that is not takes nothing from those inside of it
    may_count   tells from the tokens and the files of pieces that are not compared yet whether they can be told
    consistent  the share of names that must be replaced throughout in a renamed copy
    of_change   leave out what no changed file has a part in
    """
    files = _Files(corpus)
    said = _Said(files.length)
    result = []
    for _, _, tokens, renamed, places, numbers in files.waiting(corpus.repeats, min_tokens, of_change):
        tokens = -tokens
        if not may_count(tokens, [corpus.files[number] for number in numbers]) or not said.is_news(places, tokens):
            continue
        pieces = [files.piece(number, place, tokens) for number, place in zip(numbers, places, strict=True)]
        for group in verified(pieces, renamed, consistent):
            ours = [files.place(piece) for piece in group.pieces]
            if counts(group) and (len(ours) == len(places) or said.is_news(ours, tokens)):
                said.say(ours, tokens)
                result.append(group)
    return result


class _Files:
    """The files at hand by their paths, all their tokens in one row. Those of the old side come last.

    Unlike the row of the corpus it does not depend on who was faster.
    """

    __slots__ = ("_changed", "_numbers", "_old", "_shift", "corpus", "length")

    def __init__(self, corpus: Corpus) -> None:
        files = corpus.files
        self.corpus = corpus
        self._old = np.array([file.side == OLD for file in files], bool)
        self._changed = np.array([file.side == CHANGED for file in files], bool)
        order = sorted(range(len(files)), key=lambda number: (files[number].side == OLD, files[number].path))
        lengths = np.array([file.last - file.first for file in files], np.int64)
        base = np.zeros(len(files), np.int64)
        base[order] = np.cumsum(lengths[order]) - lengths[order]
        self.length = int(lengths.sum())
        self._numbers = {id(file): number for number, file in enumerate(files)}
        self._shift: list[int] = (np.array([file.first for file in files], np.int64) - base).tolist()

    def piece(self, number: int, place: int, tokens: int) -> Piece:
        return Piece(self.corpus.files[number], place + self._shift[number], tokens)

    def waiting(self, repeats: Sequence[Repeat], min_tokens: int, of_change: bool) -> list[Waiting]:
        """The repeats in the tree under test, in the order in which they are looked at.

        Of each: tokens (as a negative number), number of places (too), whether it is renamed, places, their files.
        """
        counts = np.array([len(repeat.places) for repeat in repeats], np.int64)
        tokens = np.array([repeat.tokens for repeat in repeats], np.int64)
        places = np.fromiter(chain.from_iterable(repeat.places for repeat in repeats), np.int64, int(counts.sum()))
        owners = np.repeat(np.arange(len(repeats)), counts)
        numbers = self.corpus.numbers_at(places)
        kept = np.flatnonzero(~self._old[numbers])
        if of_change:
            asked = np.zeros(len(repeats), bool)
            asked[owners[self._changed[numbers]]] = True
            kept = kept[asked[owners[kept]]]
        places, owners, numbers = places[kept], owners[kept], numbers[kept]
        places -= np.array(self._shift, np.int64)[numbers]
        order = np.argsort(owners * max(self.length, 1) + places)
        places, owners, numbers = places[order], owners[order], numbers[order]
        same = (owners[1:] == owners[:-1]) & (numbers[1:] == numbers[:-1])
        overlapping = np.zeros(len(repeats), bool)
        overlapping[owners[1:][same & (np.diff(places) < tokens[owners[1:]])]] = True
        bounds = np.searchsorted(owners, np.arange(len(repeats) + 1)).tolist()
        all_places, all_numbers = places.tolist(), numbers.tolist()
        found: list[Waiting] = []
        for owner, (repeat, overlap) in enumerate(zip(repeats, overlapping.tolist(), strict=True)):
            part = slice(bounds[owner], bounds[owner + 1])
            ours, theirs, length = all_places[part], all_numbers[part], repeat.tokens
            if overlap:
                ours, theirs, length = _apart(ours, theirs, length, min_tokens)
            if len(ours) > 1:
                found.append((-int(log(length) / ABOUT), -len(ours), -length, repeat.renamed, ours, theirs))
        found.sort()
        return found

    def place(self, piece: Piece) -> int:
        """Where a piece is in the row."""
        return piece.first - self._shift[self._numbers[id(piece.file)]]


class _Said:
    """What is known to be a copy of what: for each token how far the copy reaches that it is in, and whence it is."""

    __slots__ = ("_back", "_backs", "_end", "_ends")

    def __init__(self, length: int) -> None:
        self._end = np.zeros(length + 1, np.int64)
        self._back = np.zeros(length + 1, np.int64)
        self._ends, self._backs = self._end.data, self._back.data  # read one by one, these are quicker

    def _origin(self, place: int, tokens: int) -> int:
        """Where the piece stands that the one at a place is known to be a copy of, or the place itself."""
        slack = tokens // SLACK
        if self._ends[place + slack] < place + tokens - slack:
            return place
        return place - int(self._backs[place + slack])

    def is_news(self, places: Sequence[int], tokens: int) -> bool:
        """Whether one of these is in no longer copy, and not all are known to be copies of each other."""
        origins = [self._origin(place, tokens) for place in places]
        own = [place for place, origin in zip(places, origins, strict=True) if place == origin]
        return len(own) > 1 or (len(own) == 1 and any(origin != own[0] for origin in origins))

    def say(self, places: Sequence[int], tokens: int) -> None:
        """Remember that the pieces at some places are copies of the first."""
        origin = self._origin(places[0], tokens)
        for place in places[1:]:
            last = place + tokens
            ends, backs = self._end[place:last], self._back[place:last]
            further = ends < last
            backs[further] = place - origin
            ends[further] = last


def _apart(
    places: Sequence[int], numbers: Sequence[int], tokens: int, min_tokens: int
) -> tuple[list[int], list[int], int]:
    """One of each row of pieces that overlap, their files, and how long they are now.

    Such a row repeats something short, like the lines of a table: it is one piece, not a copy of itself. Where what
    it repeats is long enough to be a copy, such as a function, each piece is one of these.
    """
    kept, files, length = [places[0]], [numbers[0]], tokens
    for before, place, earlier, number in zip(places, places[1:], numbers, numbers[1:], strict=False):
        step = place - before
        if number == earlier and step < tokens:
            if step < min_tokens:
                continue
            length = min(length, step)
        kept.append(place)
        files.append(number)
    return kept, files, length
