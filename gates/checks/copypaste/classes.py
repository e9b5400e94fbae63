"""From equal rows of names to classes of copies: verified by the text, apart from each other, each said once."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from math import log

import numpy as np

from gates.checks.copypaste.layout import name
from gates.checks.copypaste.model import EXACT, RENAMED, CloneClass, Copy
from gates.checks.copypaste.reading import CHANGED, OLD
from gates.checks.copypaste.tokens import IDENTIFIER, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gates.checks.copypaste.corpus import Corpus, File
    from gates.checks.copypaste.match import Repeat

    Waiting = tuple[int, int, int, bool, list[int], list[int]]

__all__ = ["CONSISTENT", "Group", "Piece", "covered_tokens", "groups", "unfold", "verified"]

EIGHT = 8
"""Bytes of a token that its name holds as they are."""

SLACK = 8
"""An eighth of a piece may stick out of a longer copy, and the piece still says no more than the copy does."""

ABOUT = log(SLACK / (SLACK - 1))
"""Of pieces of about one length those with more places are told first."""

CONSISTENT = 0.7
"""The share of the names in a renamed copy that stand for one and the same name throughout. Of copies that were
renamed at random all but 1 in 500 have it. What has less are mostly tables, in which any name may follow any other."""

SORTS = 16
"""So many ways to rename one piece of code are told apart."""

DOT = name(b".")

MEMBER = np.uint64(0x5851F42D4C957F2D)
"""What the name of a member (after a dot) is mixed with: `a.size` and `size` are two names, replaced by themselves."""


class Piece:
    """Some tokens in a row of one file; `first` is a place in the row of all tokens."""

    __slots__ = ("file", "first", "tokens")

    def __init__(self, file: File, first: int, tokens: int) -> None:
        self.file = file
        self.first = first
        self.tokens = tokens

    @property
    def part(self) -> slice:
        """Where its tokens are in the columns of its file."""
        first = self.first - self.file.first
        return slice(first, first + self.tokens)

    def texts(self) -> list[bytes]:
        """Its tokens as they are written."""
        file, part = self.file, self.part
        bounds = zip(file.start[part].tolist(), file.end[part].tolist(), strict=True)
        return [file.data[start:end] for start, end in bounds]

    def copy(self) -> Copy:
        """The piece with its lines."""
        file, part = self.file, self.part
        start, end = int(file.start[part.start]), int(file.end[part.stop - 1])
        line = file.data.count(b"\n", 0, start) + 1
        last_line = line + file.data.count(b"\n", start, end)
        return Copy(file.path, line, last_line, part.start, part.stop - 1)

    def sort_key(self) -> tuple[str, int]:
        return (self.file.path, self.first - self.file.first)


class Group:
    """Pieces that are equal; the canonical one first.

    tokens      length of the canonical piece
    kind        EXACT, RENAMED or EDITED
    similarity  how much is equal
    """

    __slots__ = ("kind", "pieces", "similarity", "tokens")

    def __init__(self, pieces: list[Piece], kind: int, similarity: float = 1.0) -> None:
        self.pieces = pieces
        self.tokens = pieces[0].tokens
        self.kind = kind
        self.similarity = similarity

    def clone_class(self) -> CloneClass:
        return CloneClass([piece.copy() for piece in self.pieces], self.tokens, self.kind, self.similarity)


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
    consistent: float = CONSISTENT,
    of_change: bool = False,
) -> list[Group]:
    """The groups of copies in the tree under test that the repeats come to, the longest first.

    counts      tells which groups are told; one that is not takes nothing from those inside of it
    consistent  the share of names that must be replaced throughout in a renamed copy
    of_change   leave out what no changed file has a part in
    """
    files = _Files(corpus)
    said = _Said(files.length)
    result = []
    for _, _, tokens, renamed, places, numbers in files.waiting(corpus.repeats, min_tokens, of_change):
        tokens = -tokens
        if not said.is_news(places, tokens):
            continue
        pieces = [files.piece(number, place, tokens) for number, place in zip(numbers, places, strict=True)]
        for group in verified(pieces, renamed, consistent):
            if counts(group):
                said.say([files.place(piece) for piece in group.pieces], tokens)
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


def verified(pieces: Sequence[Piece], renamed: bool, consistent: float = CONSISTENT) -> list[Group]:
    """The pieces in groups that are equal token by token; equal hashes of longer pieces are not enough.

    renamed     whether numbers, strings and identifiers may differ
    consistent  the share of the identifiers that stand for one and the same other one throughout, where they may
    """
    result = []
    for members in _sorts(pieces, consistent) if renamed else _equal(pieces):
        if len(members) > 1:
            exact = not renamed or all(_is_equal(members[0], piece) for piece in members[1:])
            result.append(Group(members, EXACT if exact else RENAMED))
    return result


def _equal(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces, those together that are equal."""
    found: list[list[Piece]] = []
    for piece in pieces:
        for members in found:
            if _is_equal(members[0], piece):
                members.append(piece)
                break
        else:
            found.append([piece])
    return found


def _is_equal(one: Piece, other: Piece) -> bool:
    """Whether two pieces are equal.

    The name of a token of up to 8 bytes is its text in other bits. Longer ones are compared as text.
    """
    left, right = one.part, other.part
    first, second = one.file, other.file
    low, high = int(first.start[left.start]), int(first.end[left.stop - 1])
    other_low, other_high = int(second.start[right.start]), int(second.end[right.stop - 1])
    if first.data[low:high] == second.data[other_low:other_high]:
        return True
    if not ((first.exact[left] == second.exact[right]).all() and (first.kind[left] == second.kind[right]).all()):
        return False
    return _texts_are_equal(one, other, np.flatnonzero(first.end[left] - first.start[left] > EIGHT).tolist())


def _texts_are_equal(one: Piece, other: Piece, some: Iterable[int]) -> bool:
    """Whether some tokens of two pieces are written alike, but for the indentation of strings over several lines."""
    first, second, left, right = one.file, other.file, one.part.start, other.part.start
    return all(
        folded(first.data[first.start[left + at] : first.end[left + at]])
        == folded(second.data[second.start[right + at] : second.end[right + at]])
        for at in some
    )


def _sorts(pieces: Sequence[Piece], consistent: float) -> Iterator[list[Piece]]:
    """The pieces that are equal but for numbers, strings and identifiers, those together that are renamed alike."""
    shape = _Shape(pieces[0])
    others = []
    sorts: list[tuple[list[int], list[Piece]]] = []
    for piece in pieces:
        names = shape.names(piece)
        if names is None:
            others.append(piece)
            continue
        for first, members in sorts[:SORTS]:
            if not consistent or _share(first, names) >= consistent:
                members.append(piece)
                break
        else:
            sorts.append((names, [piece]))
    yield from (members for _, members in sorts)
    if others:
        yield from _sorts(others, consistent)


class _Shape:
    """What pieces have in common that are equal but for numbers, strings and identifiers."""

    __slots__ = ("_blind", "_identifiers", "_long", "_members", "piece")

    def __init__(self, piece: Piece) -> None:
        file, part = piece.file, piece.part
        self.piece = piece
        self._blind = file.names[part]
        self._identifiers = (self._blind == IDENTIFIER).nonzero()[0]
        dots = self._blind[self._identifiers - 1] == DOT  # that of the first token is the last one, which is as good
        self._members = dots * MEMBER
        long = (file.end[part] - file.start[part] > EIGHT).nonzero()[0]
        self._long: list[int] = long[self._blind[long] == file.exact[part][long]].tolist()

    def names(self, piece: Piece) -> list[int] | None:
        """What stands for each identifier, members apart from others; None where the piece is not of this shape."""
        file = piece.file
        first = piece.first - file.first
        last = first + piece.tokens
        if piece is not self.piece:
            if not (self._blind == file.names[first:last]).all():
                return None
            if self._long and not _texts_are_equal(self.piece, piece, self._long):
                return None
        names: list[int] = (file.exact[first:last][self._identifiers] ^ self._members).tolist()
        return names


def _share(one: list[int], other: list[int]) -> float:
    """The share of names that stand for one and the same other name, and it for them: for the one they mostly do."""
    if one == other:
        return 1.0
    pairs = set(zip(one, other, strict=True))
    if len(pairs) == len(set(one)) == len(set(other)):
        return 1.0
    forth: dict[int, int] = {}
    back: dict[int, int] = {}
    for (first, second), count in Counter(zip(one, other, strict=True)).items():
        forth[first] = max(count, forth.get(first, 0))
        back[second] = max(count, back.get(second, 0))
    return min(sum(forth.values()), sum(back.values())) / len(one)


def covered_tokens(found: Iterable[Group]) -> int:
    """How many tokens are in a copy; a token in several copies counts once."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for group in found:
        for piece in group.pieces:
            spans.setdefault(piece.file.path, []).append((piece.part.start, piece.part.stop))
    return sum(map(_length, spans.values()))


def _length(spans: list[tuple[int, int]]) -> int:
    """How much some ranges cover together."""
    covered = reached = 0
    for first, last in sorted(spans):
        covered += max(0, last - max(first, reached))
        reached = max(reached, last)
    return covered
