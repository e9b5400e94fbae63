"""Matching against a search that compares everything with everything."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.match import Repeat, repeats, window_hashes
from gates.checks.copypaste.sampling import candidates, choose, gram_length

ROWS = st.lists(st.integers(0, 3), min_size=1, max_size=120)
LENGTHS = st.integers(4, 12)


def names_of(row: list[int]) -> np.ndarray:
    return (np.array(row, np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)


def found_in(row: list[int], length: int) -> list[Repeat]:
    names = names_of(row)
    windows = np.arange(max(0, len(row) - length + 1))
    return repeats(windows, window_hashes(names, windows, length), length)


def has_table(row: list[int], length: int) -> bool:
    """Whether a window overlaps an equal one."""
    return any(
        second - first < length
        for where in repeated_windows(row, length).values()
        for first, second in pairwise(where)
    )


def repeated_windows(row: list[int], length: int) -> dict[tuple[int, ...], list[int]]:
    places = defaultdict(list)
    for place in range(len(row) - length + 1):
        places[tuple(row[place : place + length])].append(place)
    return {window: where for window, where in places.items() if len(where) > 1}


@given(ROWS, LENGTHS)
@settings(max_examples=400, deadline=None)
def test_every_repeated_window_is_in_a_class_with_all_its_places(row: list[int], length: int) -> None:
    assume(not has_table(row, length))
    classes = found_in(row, length)
    for places in repeated_windows(row, length).values():
        assert any(
            {place - offset for place in places} == set(each.places)
            for each in classes
            for offset in range(each.tokens - length + 1)
        )


@given(ROWS, LENGTHS)
@settings(max_examples=400, deadline=None)
def test_classes_are_equal_and_as_long_as_they_can_be(row: list[int], length: int) -> None:
    for each in found_in(row, length):
        pieces = {tuple(row[place : place + each.tokens]) for place in each.places}
        assert len(pieces) == 1
        assert len(each.places) > 1
        assert each.tokens >= length
        assert each.places == sorted(set(each.places))
        if has_table(row, length):
            continue
        before = {row[place - 1] if place else ("edge", place) for place in each.places}
        after = {row[place + each.tokens] if place + each.tokens < len(row) else ("edge",) for place in each.places}
        assert len(before) > 1
        assert len(after) > 1 or after == {("edge",)}


def test_tables_are_compared_row_by_row() -> None:
    rows = [1, 2, 3] * 20
    assert found_in([9, *rows, 8], 6) == []
    both = [9, *rows, 8, *rows[:45], 7]
    assert [(each.tokens, each.places) for each in found_in(both, 6)] == [(45, [1, 62])]
    out_of_step = [9, *rows, 8, *rows[1:45], 7]
    assert max(each.tokens for each in found_in(out_of_step, 6)) >= 40


@given(ROWS, LENGTHS)
@settings(max_examples=400, deadline=None)
def test_no_class_is_said_twice(row: list[int], length: int) -> None:
    said = [(each.tokens, tuple(each.places)) for each in found_in(row, length)]
    assert len(said) == len(set(said))


@given(st.lists(ROWS, min_size=1, max_size=5), LENGTHS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_sampling_loses_no_repeated_window(rows: list[list[int]], length: int, renamed: bool) -> None:
    row = [token for each in rows for token in each]
    first = np.cumsum([0, *map(len, rows)])
    gram = gram_length(length, renamed=renamed)
    places, hashes = choose(names_of(row), first, length, gram)
    values, counts = np.unique(hashes, return_counts=True)
    repeated = np.isin(hashes, values[counts > 1])
    kept = set(candidates(places, hashes, repeated, length, gram).tolist())
    ends = [int(first[np.searchsorted(first, place, "right")]) for place in range(len(row))]
    for where in repeated_windows(row, length).values():
        inside = [place for place in where if place + length <= ends[place]]
        assert len(inside) < 2 or kept.issuperset(inside)


def test_hashes_of_windows_are_those_of_their_content() -> None:
    names = names_of([n % 7 for n in range(500)])
    some = np.array([0, 3, 7, 14, 100, 107, 400, 450])
    hashes = window_hashes(names, some, 50)
    assert hashes[0] == hashes[2] == hashes[3]
    assert hashes[4] == hashes[5]
    assert hashes[0] != hashes[1]
    assert len(window_hashes(names, some[:0], 50)) == 0
