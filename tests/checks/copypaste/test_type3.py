"""Edited copies: how similar two functions are, which are found, and in which classes."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.checks.copypaste.alignment import common_tokens
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.edited import EditedClass, edited_classes, said_once
from gates.checks.copypaste.languages import language
from gates.checks.copypaste.likely import least_tokens
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD, Reader, Source
from gates.checks.copypaste.tokens import tokenize
from gates.checks.copypaste.type3 import _cliques, similarity
from gates.finding import Finding, Place
from tests.checks.copypaste.edited_samples import EDITED, LOAD

OTHER = """\
class Box:
    def area(self):
        width = self.right - self.left
        height = self.bottom - self.top
        if width < 0 or height < 0:
            raise ValueError(f"the box is turned: {width} {height}")
        return width * height

    def grown(self, by):
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by).clipped(self.page, self.margin)
"""


def longest(one: list[int], other: list[int]) -> int:
    """The textbook's table."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


ROWS = st.lists(st.integers(0, 5), max_size=70)


@given(ROWS, ROWS)
def test_common_tokens_are_the_longest_common_subsequence(one: list[int], other: list[int]) -> None:
    assert common_tokens(one, other) == longest(one, other)


def test_a_name_that_differs_counts_half() -> None:
    assert similarity(([1, 2, 3, 4], [1, 2, 3, 4]), ([1, 2, 3, 4], [1, 2, 3, 4])) == 1
    assert similarity(([1, 2, 3, 4], [1, 2, 3, 4]), ([1, 2, 3, 4], [1, 2, 9, 9])) == 0.75
    assert similarity(([], []), ([], [])) == 1


def test_a_shorter_one_may_be_a_copy() -> None:
    assert least_tokens(50, 0.7) == 26
    assert least_tokens(50, 1.0) == 50
    assert least_tokens(10, 0.5) == 13


def search(root: Path, files: dict[str, str], changed: str = "", old: str = "") -> list[EditedClass]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    sources = [Source(name, CHANGED if name == changed else KEPT) for name in files]
    if old:
        sources.append(Source(changed, OLD, old.encode()))
    return edited_classes(Search(sources, Reader(str(root)), Options(type=3)))


def described(classes: list[EditedClass]) -> list[str]:
    return [" ".join(map(repr, each.clones.copies)) for each in classes]


def test_an_edited_copy_is_found(tmp_path: Path) -> None:
    found = search(tmp_path, {"a.py": LOAD, "lib/b.py": "import os\n\n\n" + EDITED, "c.py": OTHER})
    assert described(found) == ["a.py:1-12 lib/b.py:4-15"]
    assert 0.7 < found[0].clones.similarity < 1
    assert found[0].clones.kind == 3
    assert found[0].brought == []


def test_functions_that_differ_in_names_alone_are_a_class(tmp_path: Path) -> None:
    found = search(tmp_path, {"a.py": LOAD, "b.py": LOAD.replace("user", "group"), "c.py": OTHER})
    assert described(found) == ["a.py:1-12 b.py:1-12"]


def version(number: int) -> str:
    """A function of 40 statements; three or four of them are others in the next version."""
    chance = random.Random(1)
    signs = [*"+-*/%<>.", "==", "and", "or", "is", "in", "if 1 else", '"a",', "(2) +", "[3] *", "** not"]
    lines = []
    for place in range(80):
        words = [f"b{place}_{n} {chance.choice(signs)}" for n in range(5)]
        lines.append(f"    a{place} = {' '.join(words)} c{place}\n")
    return "def work(first, second):\n" + "".join(lines[7 * number // 2 : 7 * number // 2 + 40])


def test_a_chain_of_copies_does_not_make_its_ends_copies(tmp_path: Path) -> None:
    files = {f"v{number}.py": version(number) for number in range(9)}
    rows = [tokenize(files[name].encode(), language("python")) for name in ("v0.py", "v8.py")]
    blind, exact = ([getattr(each, column).tolist() for each in rows] for column in ("blind", "exact"))
    assert similarity(tuple(blind), tuple(exact)) < Options().similarity  # type: ignore[arg-type]
    found = [{copy.path for copy in each.clones.copies} for each in search(tmp_path, files)]
    assert not any({"v0.py", "v8.py"} <= paths for paths in found)
    assert all(any({f"v{n}.py", f"v{n + 1}.py"} <= paths for paths in found) for n in range(8))


@given(st.integers(1, 9), st.randoms(use_true_random=False))
def test_any_two_of_a_family_are_similar(count: int, chance: random.Random) -> None:
    value = np.identity(count)
    for one, other in combinations(range(count), 2):
        value[one, other] = value[other, one] = chance.choice([0, 0.7, 0.8, 0.9])
    families = [found.tolist() for found in _cliques(value)]
    assert {number for family in families for number in family} == set(range(count))
    for family in families:
        assert all(value[one, other] > 0 for one, other in combinations(family, 2))
    nearest = (value - np.identity(count)).max(initial=0)
    if nearest:
        assert any(value[a, b] == nearest for family in families for a, b in combinations(family, 2))


FIELDS = ["name", "size", "kind", "first", "last", "owner", "parent", "limit", "offset", "state", "target", "source"]


def test_code_that_repeats_itself_must_be_more_similar(tmp_path: Path) -> None:
    def constructor(names: list[str], values: list[str]) -> str:
        lines = [f"    self.{name} = {value}\n" for name, value in zip(names, values, strict=True)]
        return "def __init__(self, " + ", ".join(names) + "):\n    super().__init__()\n" + "".join(lines)

    one = constructor(FIELDS, FIELDS)
    others = [name + "_id" for name in FIELDS[:6]] + FIELDS[6:8]
    other = constructor(others, [f"{name} or None" for name in others[:4]] + others[4:])
    rows = [tokenize(text.encode(), language("python")) for text in (one, other)]
    blind, exact = ([getattr(each, column).tolist() for each in rows] for column in ("blind", "exact"))
    assert similarity(tuple(blind), tuple(exact)) > Options().similarity  # type: ignore[arg-type]
    assert search(tmp_path, {"a.py": one, "b.py": other}) == []
    assert len(search(tmp_path, {"a.py": one, "b.py": one.replace("size", "length")})) == 1


def finding(*places: tuple[str, int, int], status: str = "", rule: str = "copied-code") -> Finding:
    first, *others = (Place(*place) for place in places)
    return Finding("copypaste", rule, "", place=first, related=others, status=status)


def test_what_is_in_another_class_is_said_once() -> None:
    whole = finding(("a.py", 1, 20), ("b.py", 11, 30))
    part = finding(("a.py", 2, 9), ("b.py", 12, 19))
    wider = finding(("a.py", 2, 9), ("c.py", 1, 8))
    assert said_once([part, wider], [whole]) == [wider, whole]
    assert said_once([whole], [part]) == [whole]
    new = finding(("a.py", 2, 9), ("b.py", 12, 19), status="new")
    assert said_once([new], [whole]) == [new, whole]
    twin = finding(("a.py", 2, 9), rule="missed-twin")
    assert said_once([twin], [whole]) == [twin, whole]


def test_an_equal_function_joins_the_class_of_an_edited_one(tmp_path: Path) -> None:
    found = search(tmp_path, {"a.py": LOAD, "b.py": LOAD, "c.py": EDITED})
    (copies,) = described(found)
    assert sorted(copies.split()) == ["a.py:1-12", "b.py:1-12", "c.py:1-12"]


def test_the_change_brings_a_copy(tmp_path: Path) -> None:
    files = {"a.py": LOAD, "b.py": OTHER + "\n\n" + EDITED}
    (found,) = search(tmp_path, files, changed="b.py", old=OTHER)
    (brought,) = found.brought
    assert found.clones.copies[brought].path == "b.py"
    (found,) = search(tmp_path, files, changed="b.py", old=EDITED)
    assert found.brought == []


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    chance = random.Random(3)
    files = {f"f{number}.py": text for number, text in enumerate([LOAD, EDITED, OTHER, LOAD.replace("limit", "most")])}
    expected = described(search(tmp_path, files))
    for _ in range(3):
        names = list(files)
        chance.shuffle(names)
        assert described(search(tmp_path, {name: files[name] for name in names})) == expected


@pytest.mark.parametrize("files", [{}, {"a.py": ""}, {"a.py": "x = 1\n"}, {"a.py": LOAD}])
def test_little_has_no_copies(tmp_path: Path, files: dict[str, str]) -> None:
    assert search(tmp_path, files) == []


def test_many_variants_are_one_class(tmp_path: Path) -> None:
    """A row that many functions have pairs each with its neighbours only; the class holds them all the same."""
    variants = {f"v{n:02}.py": LOAD.replace("break", f"break\n            step_{n} = limit + {n}") for n in range(60)}
    variants |= {"w.py": EDITED}
    (found,) = search(tmp_path, variants)
    assert len(found.clones.copies) == 61
