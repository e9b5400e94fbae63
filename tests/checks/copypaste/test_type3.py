"""Edited copies: how similar two functions are, which are found, and in which classes."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.checks.copypaste.alignment import common_of_pairs, common_tokens
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.edited import EditedClass, edited_classes, said_once
from gates.checks.copypaste.functions import Functions
from gates.checks.copypaste.languages import language
from gates.checks.copypaste.likely import least_tokens, longest_partner
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD, Reader, Source
from gates.checks.copypaste.tokens import tokenize
from gates.checks.copypaste.type3 import _cliques, similarity
from gates.finding import Finding, Place
from tests.checks.copypaste.edited_samples import EDITED, LOAD, edited, varied

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


@given(st.lists(st.tuples(ROWS, ROWS), max_size=8), st.integers(1, 40))
def test_many_pairs_at_once(pairs: list[tuple[list[int], list[int]]], times: int) -> None:
    """So many of one length that they are compared together, and so few that each is compared by itself."""
    rows = [row for pair in pairs for row in pair]
    functions = functions_with(rows)
    one = np.tile(np.arange(0, len(rows), 2), times)
    found = common_of_pairs(functions, functions.blind, one, one + 1)
    assert found.tolist() == [longest(*pair) for pair in pairs] * times


def test_many_long_pairs_at_once() -> None:
    chance = random.Random(5)
    rows = [[chance.randrange(20) for _ in range(chance.randrange(150, 190))] for _ in range(160)]
    functions = functions_with(rows)
    one, other = np.arange(80), np.arange(80, 160)
    expected = [common_tokens(rows[left], rows[left + 80]) for left in range(80)]
    assert common_of_pairs(functions, functions.exact, one, other).tolist() == expected


def functions_with(rows: list[list[int]]) -> Functions:
    """Functions of one file, one after the other, with these names."""
    after = np.cumsum([len(row) for row in rows], dtype=np.int64)
    first = after - np.array([len(row) for row in rows], np.int64)
    names = np.array([name for row in rows for name in row], np.uint32)
    none = np.zeros(len(rows), np.int64)
    return Functions(none, first, after - 1, np.zeros((len(rows), 2), np.int64), names, names)


def test_how_long_a_partner_may_be() -> None:
    lengths = np.arange(1, 2000)
    for similar in (0.5, 0.67, 0.7, 0.9, 1.0):
        for length, longest_one in zip(lengths.tolist(), longest_partner(lengths, similar).tolist(), strict=True):
            # All of the shorter one is in the longer one: that is as similar as they can be.
            assert 2 * length >= similar * (length + longest_one) - 1e-9
            assert 2 * length < similar * (length + longest_one + 1) + 1e-9


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
    for n in range(9):  # each is together with one that is most similar to it
        beside = {f"v{n - 1}.py", f"v{n + 1}.py"}
        assert any(f"v{n}.py" in paths and beside & paths for paths in found), n


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


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some hundred files, of which some have edited copies of functions of others."""
    root = tmp_path_factory.mktemp("many")
    for number in range(420):
        code = varied(number)
        if number % 7 == 0:
            code += "\n\n" + edited(varied(number // 2), number)
        if number % 30 == 0:
            code += "\n\n" + varied(number // 3).replace("first", "other")
        (root / f"m{number}.py").write_text(code)
    return root


def test_the_order_of_the_files_and_the_number_of_processes_do_not_matter(many: Path) -> None:
    chance = random.Random(3)
    paths = sorted(path.name for path in many.iterdir())
    expected: list[str] = []
    for workers in (1, 2, 3):
        found = Search(list(map(Source, paths)), Reader(str(many)), Options(type=3), workers=workers)
        classes = [f"{each.clones.similarity:.6f} {text}" for each, text in _said(found)]
        assert len(classes) > 60
        assert classes == (expected or classes)
        expected = classes
        chance.shuffle(paths)


def _said(search: Search) -> list[tuple[EditedClass, str]]:
    classes = edited_classes(search)
    return list(zip(classes, described(classes), strict=True))


def test_every_edited_copy_is_in_a_class(many: Path) -> None:
    found = Search([Source(path.name) for path in many.iterdir()], Reader(str(many)), Options(type=3))
    together = [{copy.path for copy in each.clones.copies} for each in edited_classes(found)]
    for number in range(14, 420, 7):
        assert any({f"m{number}.py", f"m{number // 2}.py"} <= paths for paths in together), number


def test_only_classes_of_the_change(many: Path) -> None:
    """What is asked for is a part of all there is, whatever else is there."""
    sides = {"m14.py": CHANGED, "m21.py": CHANGED}
    sources = [Source(path.name, sides.get(path.name, KEPT)) for path in many.iterdir()]
    sources.append(Source("m21.py", OLD, (many / "m21.py").read_bytes()))
    sources.append(Source("m14.py", OLD, varied(14).encode()))
    found = Search(sources, Reader(str(many)), Options(type=3))
    (brought,) = edited_classes(found, [])
    assert {copy.path for copy in brought.clones.copies} == {"m14.py", "m7.py"}
    assert [brought.clones.copies[at].path for at in brought.brought] == ["m14.py"]
    commented = described(edited_classes(found, ["m21.py", "m28.py"]))
    assert len(commented) > 1
    assert any("m21.py" in each and "m10.py" in each for each in commented)
    assert not edited_classes(Search(sources[:3], Reader(str(many)), Options(type=3)), [])


@pytest.mark.parametrize("files", [{}, {"a.py": ""}, {"a.py": "x = 1\n"}, {"a.py": LOAD}])
def test_little_has_no_copies(tmp_path: Path, files: dict[str, str]) -> None:
    assert search(tmp_path, files) == []


def test_many_variants_are_one_class(tmp_path: Path) -> None:
    """A row that many functions have pairs each with its neighbours only; the class holds them all the same."""
    variants = {f"v{n:02}.py": LOAD.replace("break", f"break\n            step_{n} = limit + {n}") for n in range(60)}
    variants |= {"w.py": EDITED}
    (found,) = search(tmp_path, variants)
    assert len(found.clones.copies) == 61
