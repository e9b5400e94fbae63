"""Edited copies (type 3), from the functions of a search to classes."""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.functions import asking_ones, fresh_ones
from gates.checks.copypaste.model import EDITED, CloneClass, Copy
from gates.checks.copypaste.reading import OLD
from gates.checks.copypaste.type3 import Family, edited_copies
from gates.finding import NEW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.detect import Search
    from gates.checks.copypaste.functions import Functions
    from gates.finding import Finding, Place

__all__ = ["EditedClass", "edited_classes", "said_once"]


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


def edited_classes(search: Search, marked: Collection[str] | None = None) -> list[EditedClass]:
    """The classes of edited copies in the tree under test, by their canonical places.

    marked  the files with comments for the gate: only classes are wanted of which one copy is brought or edited by the
            change, or is in a changed file with a comment, which may be about it; None: all classes are wanted
    """
    functions, names = search.corpus.functions, search.corpus.names
    assert functions is not None, "functions are there after a search by type 3 only"
    fresh = fresh_ones(functions, names)
    asking = None if marked is None else asking_ones(functions, names, marked)
    if asking is not None and not asking.any():
        return []
    kept = np.flatnonzero(np.array([side != OLD for _, side in names], bool)[functions.file])
    if len(kept) < len(functions):  # old files are in no class
        functions, fresh, asking = functions.only(kept), fresh[kept], None if asking is None else asking[kept]
    options = search.options
    families = edited_copies(functions, options.min_tokens, options.similarity, asking)
    classes = [_edited_class(functions, family, names, fresh) for family in families]
    return sorted(classes, key=lambda each: each.clones.sort_key())


def said_once(equal: list[Finding], edited: list[Finding]) -> list[Finding]:
    """Both kinds of findings, without those whose places are all inside the places of one of the other kind.

    A class of edited copies says more than one of the equal pieces in them; a class that equal copies are in says
    nothing that these do not say.
    """
    kept = _uncovered(edited, equal)
    return _uncovered(equal, kept) + kept


def _uncovered(findings: list[Finding], others: list[Finding]) -> list[Finding]:
    """Those of which no other one has all places."""
    spans: dict[str, list[tuple[int, int, Finding]]] = {}
    for other in others:
        for place in other.places:
            spans.setdefault(place.path, []).append((place.start_line - 1, place.end_line + 1, other))
    return [each for each in findings if each.place is None or not _is_covered(each, each.place, spans)]


def _is_covered(finding: Finding, place: Place, spans: Mapping[str, Sequence[tuple[int, int, Finding]]]) -> bool:
    first, last = place.start_line, place.end_line
    return any(
        begin <= first and last <= end and _covers(other, finding) for begin, end, other in spans.get(place.path, ())
    )


def _covers(outer: Finding, inner: Finding) -> bool:
    """Whether every place of `inner` is in one of `outer`, but for a line at either end."""
    if outer.rule != inner.rule or (inner.status == NEW and outer.status != NEW):
        return False
    return all(
        any(
            other.path == place.path
            and other.start_line <= place.start_line + 1
            and other.end_line >= place.end_line - 1
            for other in outer.places
        )
        for place in inner.places
    )


def _edited_class(
    functions: Functions, family: Family, names: Sequence[tuple[str, str]], fresh: NDArray[np.bool_]
) -> EditedClass:
    center = family.members[0]
    copies = [_copy(functions, number, names) for number in family.members]
    clones = CloneClass(copies, int(functions.length[center]), EDITED, min(family.similarity))
    new = {copy.as_tuple() for copy, number in zip(copies, family.members, strict=True) if fresh[number]}
    brought = [at for at, copy in enumerate(clones.copies) if copy.as_tuple() in new]
    return EditedClass(clones, brought, functions.blind[functions.part(center)].tobytes())


def _copy(functions: Functions, number: int, names: Sequence[tuple[str, str]]) -> Copy:
    """A function with its place."""
    path, _ = names[functions.file[number]]
    first_line, last_line = functions.lines[number].tolist()
    return Copy(path, first_line, last_line, int(functions.first[number]), int(functions.last[number]))
