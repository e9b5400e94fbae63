"""Renamed copies (type 2): what they are, and that they are found wherever exact ones are."""

from __future__ import annotations

import random
import re
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.arrays import in_order, numbered
from gates.checks.copypaste.classes import SLACK
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.model import Copy
from gates.checks.copypaste.reading import Reader, Source

LINES = """\
def work({a}, {b}):
    {c} = [{a}.first, 1]
    for {d} in {b}.rows("x"):
        if {d} > {a} and not {c}:
            {c}.append({d} - {a})
        elif {d}.skip:
            continue
    while {c}:
        {a} += {c}.pop().size
    return {a} / {b}.size
"""
NAMES = {"a": "first", "b": "second", "c": "result", "d": "each"}


def search(files: dict[str, str], **options: object) -> Search:
    sources = [Source(path, data=text.encode()) for path, text in files.items()]
    return Search(sources, Reader("."), Options(**options), workers=1)  # type: ignore[arg-type]


def said(found: Search) -> list[tuple[int, list[str]]]:
    return [(each.kind, [repr(copy) for copy in each.copies]) for each in found.classes()]


def told(files: dict[str, str], **options: object) -> list[tuple[int, list[str]]]:
    return said(search(files, **{"type": 2, **options}))


ONE = LINES.format(**NAMES)
OTHER = LINES.format(a="x", b="y", c="found", d="row").replace("1]", "2]").replace('"x"', '"rows"')


def test_names_and_literals_may_differ() -> None:
    files = {"a.py": ONE, "b.py": "import os\n" + OTHER}
    assert told(files) == [(2, ["a.py:1-10", "b.py:2-11"])]
    assert told(files, type=1) == []


def test_equal_copies_are_told_to_be_equal() -> None:
    assert told({"a.py": ONE, "b.py": ONE}) == [(1, ["a.py:1-10", "b.py:1-10"])]


def test_a_member_is_another_name_than_the_variable_of_the_same_word() -> None:
    size = LINES.format(a="size", b="skip", c="result", d="first")
    assert told({"a.py": ONE, "b.py": size}) == [(2, ["a.py:1-10", "b.py:1-10"])]


def test_two_names_may_become_one_here_and_there() -> None:
    assert told({"a.py": ONE, "b.py": LINES.format(a="x", b="y", c="found", d="y")})[0][0] == 2


def mixed(seed: int) -> str:
    """The same, in which every name may stand for any other each time."""
    chance = random.Random(seed)
    return re.sub(r"\b(first|second|result|each)\b", lambda _: chance.choice("xyzuvw"), ONE)


def test_where_names_follow_no_rule_only_blind_renaming_finds_a_copy() -> None:
    files = {"a.py": ONE, "b.py": mixed(1)}
    assert told(files) == []
    assert told(files, renaming="blind") == [(2, ["a.py:1-10", "b.py:1-10"])]


def test_ways_of_renaming_are_told_apart() -> None:
    files = {"a.py": ONE, "b.py": mixed(1), "c.py": mixed(1), "d.py": OTHER, "e.py": mixed(2)}
    assert told(files) == [(2, ["a.py:1-10", "d.py:1-10"]), (1, ["b.py:1-10", "c.py:1-10"])]


def test_functions_in_a_row_are_told_once_even_where_some_are_renamed_otherwise() -> None:
    third = LINES.format(a="k", b="l", c="m", d="n").replace("1]", "3]")
    row = [mixed(1), ONE, mixed(2), OTHER, mixed(3), third, mixed(4)]
    assert [len(places) for _, places in told({"a.py": "".join(row)})] == [3]


def test_words_that_are_keywords_in_places_only_are_names() -> None:
    assert told({"a.py": ONE, "b.py": LINES.format(a="match", b="case", c="found", d="row")})[0][0] == 2
    script = "function work(%s, b) {\n  const c = [b.size];\n" + "  c.push(%s.first(b), %s.get(1) - 2);\n" * 6 + "}\n"
    assert told({"a.js": script.replace("%s", "set"), "b.js": script.replace("%s", "node")})[0][0] == 2


def test_a_renamed_copy_does_not_begin_among_imports() -> None:
    imports = "".join(f"from {'' if n % 2 else '.'}module{n} import name{n}\n" for n in range(9))
    files = {"a.py": imports + ONE, "b.py": imports.replace("name", "other") + OTHER}
    assert told(files) == [(2, ["a.py:10-19", "b.py:10-19"])]


@pytest.mark.parametrize(("word", "line"), [("protected", 1), ("transient", 2)])
def test_a_long_keyword_is_no_name(word: str, line: int) -> None:
    body = "".join(f"  f{n}(a, b);\n" for n in range(12))
    java = "class A { protected\nvoid work(int a, int b) {\n" + body + "}\n}\n"
    files = {"A.java": java, "B.java": java.replace("A {", "B {").replace("protected", word).replace("f3", "g")}
    assert told(files) == [(2, [f"A.java:{line}-16", f"B.java:{line}-16"])]


def test_one_that_is_in_no_longer_copy_is_told_with_those_that_are() -> None:
    """Of the three the first two are copies of each other over a longer stretch, and the third of their middle."""
    middle = "".join(f"    a{n} = f{n}(b{n}) + {n}\n" for n in range(8))
    head, tail = ("".join(f"    {word}{n}({n}, {word})\n" for n in range(6)) for word in ("g", "h"))
    both = "def f():\n" + head + middle + tail
    files = {"a.py": both, "b.py": both, "c.py": "def g():\n" + middle + "    return 1\n"}
    assert [places for _, places in told(files, type=1)] == [
        ["a.py:1-21", "b.py:1-21"],
        ["a.py:8-15", "b.py:8-15", "c.py:2-9"],
    ]


STATEMENTS = [
    "{0} = {1}({2})",
    "{0}.add({1}, 1)",
    "if {0}: {1} = 'a'",
    "return {0} + {1}",
    "{0}[{1}] = {2} - 2",
    "import {0}",
]
PARTS = st.lists(
    st.tuples(st.sampled_from(STATEMENTS), st.tuples(*[st.sampled_from("abcxyz")] * 3)), min_size=1, max_size=14
)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """Files that are put together from a few pieces of code, some of them renamed."""
    pieces = draw(st.lists(PARTS, min_size=1, max_size=4))
    files = {}
    for number in range(draw(st.integers(1, 4))):
        lines = []
        for piece in draw(st.lists(st.integers(0, len(pieces) - 1), min_size=1, max_size=4)):
            alphabet = str.maketrans("abcxyz", draw(st.sampled_from(["abcxyz", "xyzabc", "aabcxx", "uvwrst"])))
            lines += [text.format(*(name.translate(alphabet) for name in names)) for text, names in pieces[piece]]
        files[f"f{number}.py"] = "\n".join(["def f():", *(f"    {line}" for line in lines), ""])
    return files


@given(trees(), st.integers(10, 24), st.sampled_from([1, 4]), st.sampled_from(["consistent", "blind"]))
@settings(max_examples=300, deadline=None)
def test_what_is_found_without_renaming_is_found_with_it(
    files: dict[str, str], min_tokens: int, min_lines: int, renaming: str
) -> None:
    options = {"min_tokens": min_tokens, "min_lines": min_lines}
    check_found(search(files, type=1, **options), search(files, type=2, renaming=renaming, **options))


def test_what_is_found_without_renaming_in_real_code_is_found_with_it() -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    names = ("asyncio", "ctypes", "email", "http", "json", "logging", "multiprocessing", "unittest", "xml")
    files = {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for name in names
        for path in sorted((folder / name).rglob("*.py"))
        if "test" not in path.parts
    }
    exact = search(files, type=1, min_tokens=30)
    assert len(exact.groups) > 10
    check_found(exact, search(files, type=2, min_tokens=30))


def check_found(exact: Search, renamed: Search) -> None:
    """Every exact copy is in a copy of the other search, but for an eighth at either end."""
    assert exact.share() - 100 / SLACK <= renamed.share() <= 100
    there: dict[str, list[Copy]] = {}
    for clones in renamed.classes():
        for copy in clones.copies:
            there.setdefault(copy.path, []).append(copy)
    for each in exact.classes():
        for copy in each.copies:
            slack = (copy.last_token - copy.first_token + 1) // SLACK
            assert any(
                other.first_token <= copy.first_token + slack and other.last_token >= copy.last_token - slack
                for other in there.get(copy.path, [])
            ), copy


@given(trees(), st.integers(10, 24), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_files_does_not_matter(files: dict[str, str], min_tokens: int, chance: random.Random) -> None:
    paths = list(files)
    chance.shuffle(paths)
    options = {"type": 2, "min_tokens": min_tokens, "min_lines": 1}
    assert said(search(files, **options)) == said(search({path: files[path] for path in paths}, **options))


@pytest.mark.parametrize("low", [False, True])
def test_numbers_of_values_that_differ_in_their_last_bits_only(low: bool) -> None:
    values = np.array([5, 4, 5, 7, 4, 6, 1 << 40] * 9, np.uint64)
    if not low:
        values <<= np.uint64(20)
    order, ordered = in_order(values)
    assert (values[order] == ordered).all()
    assert (ordered == np.sort(values)).all()
    numbers, count = numbered(values)
    assert count == 5
    assert numbers[:7].tolist() == [1, 0, 1, 3, 0, 2, 4]
    assert len(in_order(values[:0])[0]) == 0
