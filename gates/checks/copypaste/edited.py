"""The search for edited copies (type 3), from files to classes."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from gates.checks.copypaste.functions import Functions, functions_of
from gates.checks.copypaste.model import EDITED, CloneClass, Copy
from gates.checks.copypaste.reading import CHANGED, OLD
from gates.checks.copypaste.tokens import blind_names, tokenize_batch
from gates.checks.copypaste.type3 import SIMILARITY, Family, edited_copies, least_tokens
from gates.finding import NEW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gates.checks.copypaste.language import Language
    from gates.checks.copypaste.reading import Reader, Source
    from gates.checks.copypaste.tokens import Batch
    from gates.finding import Finding, Place

__all__ = ["EditedClass", "edited_classes", "said_once"]

BATCH = 1 << 20
"""Bytes of files that are cut into tokens in one go."""


class EditedClass:
    """A class of edited copies.

    clones   the class; its canonical copy is the one that the others were compared with
    brought  the places of the copies that the change brings or edits among the copies of the class
    content  the tokens of the canonical copy, names and literals apart: what the class is about
    """

    __slots__ = ("brought", "clones", "content")

    def __init__(self, clones: CloneClass, brought: list[int], content: bytes) -> None:
        self.clones = clones
        self.brought = brought
        self.content = content


def edited_classes(
    sources: Iterable[Source], reader: Reader, min_tokens: int, similar: float = SIMILARITY
) -> list[EditedClass]:
    """The classes of edited copies in the tree under test, by their canonical places.

    Files of the old side are in no class; they tell which functions of the changed files were there before.
    """
    least = least_tokens(min_tokens, similar)
    parts: list[Functions] = []
    files: list[tuple[Source, bytes]] = []
    lines: list[tuple[np.ndarray, np.ndarray]] = []
    counts: list[int] = []
    before: set[bytes] = set()
    for batch_sources, data, language in _batches(sources, reader):
        batch = tokenize_batch(data, language)
        found = functions_of(batch, blind_names(batch.kind, batch.exact, batch.grammar), data, language, least)
        old = np.array([source.side == OLD for source in batch_sources])
        before.update(_texts(found, np.flatnonzero(old[found.file])))
        part = _without(found, old[found.file])
        parts.append(part)
        counts.append(len(batch_sources))
        lines.append(_lines(batch, part, data))
        files += zip(batch_sources, data, strict=True)
    functions = Functions.joined(parts, counts)
    first = np.concatenate([pair[0] for pair in lines]) if lines else np.zeros(0, np.int64)
    last = np.concatenate([pair[1] for pair in lines]) if lines else np.zeros(0, np.int64)
    classes = []
    for family in edited_copies(functions, min_tokens, similar):
        copies = [
            Copy(
                files[functions.file[number]][0].path,
                int(first[number]),
                int(last[number]),
                int(functions.first[number]),
                int(functions.last[number]),
            )
            for number in family.members
        ]
        classes.append(_edited_class(functions, family, copies, files, before))
    classes.sort(key=lambda each: each.clones.sort_key())
    return classes


def said_once(equal: list[Finding], edited: list[Finding]) -> list[Finding]:
    """Both kinds of findings, without those whose places are all inside the places of one of the other kind.

    A class of edited copies says more than one of the equal pieces in them; a class that equal copies are in says
    nothing that these do not say.
    """
    kept = _uncovered(edited, equal)
    return _uncovered(equal, kept) + kept


def _uncovered(findings: list[Finding], others: list[Finding]) -> list[Finding]:
    """Those of which no other one has all places."""
    by_path: dict[str, list[Finding]] = {}
    for other in others:
        for path in {place.path for place in _places(other)}:
            by_path.setdefault(path, []).append(other)
    return [
        each
        for each in findings
        if each.place is None or not any(_covers(other, each) for other in by_path.get(each.place.path, ()))
    ]


def _places(finding: Finding) -> list[Place]:
    return [place for place in (finding.place, *finding.related) if place is not None]


def _covers(outer: Finding, inner: Finding) -> bool:
    """Whether every place of `inner` is in one of `outer`, but for a line at either end."""
    if outer.rule != inner.rule or (inner.status == NEW and outer.status != NEW):
        return False
    return all(
        any(
            other.path == place.path
            and other.start_line <= place.start_line + 1
            and other.end_line >= place.end_line - 1
            for other in _places(outer)
        )
        for place in _places(inner)
    )


def _edited_class(
    functions: Functions, family: Family, copies: list[Copy], files: Sequence[tuple[Source, bytes]], before: set[bytes]
) -> EditedClass:
    center = family.members[0]
    clones = CloneClass(copies, int(functions.length[center]), EDITED, min(family.similarity))
    new = {
        copy.as_tuple()
        for copy, number in zip(copies, family.members, strict=True)
        if files[functions.file[number]][0].side == CHANGED
        and functions.exact[functions.part(number)].tobytes() not in before
    }
    brought = [at for at, copy in enumerate(clones.copies) if copy.as_tuple() in new]
    return EditedClass(clones, brought, functions.blind[functions.part(center)].tobytes())


def _batches(sources: Iterable[Source], reader: Reader) -> Iterator[tuple[list[Source], list[bytes], Language]]:
    """Files of one language that are cut together, in an order that depends on their names alone."""
    read = ((source, found) for source in sources if (found := reader.read(source)) is not None)
    ordered = sorted(read, key=lambda item: (item[1][1].name, item[0].path, item[0].side))
    for _, same in groupby(ordered, key=lambda item: item[1][1].name):
        batch: list[Source] = []
        data: list[bytes] = []
        size = 0
        for source, (content, language) in same:
            batch.append(source)
            data.append(content)
            size += len(content)
            if size >= BATCH:
                yield batch, data, language
                batch, data, size = [], [], 0
        if batch:
            yield batch, data, language


def _texts(functions: Functions, numbers: np.ndarray) -> Iterator[bytes]:
    """The tokens of some functions, to be compared."""
    for number in numbers.tolist():
        yield functions.exact[functions.part(number)].tobytes()


def _without(functions: Functions, left_out: np.ndarray) -> Functions:
    """The functions but for some."""
    if not left_out.any():
        return functions
    tokens = ~np.repeat(left_out, functions.length)
    kept = ~left_out
    return Functions(
        functions.file[kept],
        functions.first[kept],
        functions.last[kept],
        functions.blind[tokens],
        functions.exact[tokens],
    )


def _lines(batch: Batch, functions: Functions, files: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last line of each function."""
    firsts, lasts = np.zeros(len(functions), np.int64), np.zeros(len(functions), np.int64)
    for number in np.unique(functions.file).tolist():
        here = functions.file == number
        newlines = np.flatnonzero(np.frombuffer(files[number], np.uint8) == 10)
        begin = int(batch.first[number])
        firsts[here] = np.searchsorted(newlines, batch.start[begin + functions.first[here]]) + 1
        lasts[here] = np.searchsorted(newlines, batch.start[begin + functions.last[here]]) + 1
    return firsts, lasts
