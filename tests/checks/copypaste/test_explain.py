"""Two copies side by side, and what to make of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.checks.copypaste.explain import Passage, compare, side_by_side, suggestion
from gates.errors import CannotRun
from gates.finding import Place
from gates.reports.style import Style

ONE = """\
def users(path):
    # read them
    for line in open(path):
        yield line.strip(), "user", 1
    log("done")
"""
OTHER = """\
    def groups(path):
        for line in open(path):
            yield line.strip(), "group", 2
"""


def passages(root: Path, one: str, other: str) -> tuple[Passage, Passage]:
    (root / "one.py").write_text(one)
    (root / "other.py").write_text(other)
    return tuple(  # type: ignore[return-value]
        Passage(str(root), Place(name, 1, text.count("\n"))) for name, text in (("one.py", one), ("other.py", other))
    )


def told(root: Path, one: str, other: str) -> list[str]:
    left, right = passages(root, one, other)
    return list(suggestion(left, right, compare(left, right)))


def test_what_differs_becomes_a_parameter(tmp_path: Path) -> None:
    assert told(tmp_path, ONE, OTHER) == [
        "Make one function of these 5 lines, with 2 parameters:",
        '  1. "user" here, "group" there: a text',
        "  2. 1 here, 2 there: a number",
        "Only in one.py: line 5.",
        "What only one copy has stays with its caller, before or after the call, or is handed over as a function.",
    ]


def test_a_name_that_differs_several_times_is_one_parameter(tmp_path: Path) -> None:
    assert told(tmp_path, "a = f(b)\nc = b\n", "a = f(d)\nc = d\n") == [
        "Make one function of these 2 lines, with 1 parameter:",
        "  1. b here, d there: a name, 2 times",
    ]


def test_equal_code_needs_no_parameter(tmp_path: Path) -> None:
    (line,) = told(tmp_path, "a = f(b)\nc = d\n", "a  =  f(b)  # why\nc = d\n")
    assert line == "The code is the same but for layout. Make one function of these 2 lines; call it 2 times."


def test_only_statements_differ(tmp_path: Path) -> None:
    found = told(tmp_path, "a = b\nc(d)\n", "a = b\nc(d)\ne(f)\ng(h)\n")
    assert found[0] == "Make one function of these 2 lines."
    assert found[1] == "Only in other.py: lines 3, 4."


def test_too_many_parameters(tmp_path: Path) -> None:
    one = "".join(f"f(a{n})\n" for n in range(12))
    found = told(tmp_path, one, one.replace("a", "b"))
    assert found[0].startswith("12 things differ: too many parameters for one function.")
    assert len(found) == 9


@pytest.mark.parametrize("width", [60, 80, 120])
def test_side_by_side_fits_the_terminal(tmp_path: Path, width: int) -> None:
    long = "    call(" + ", ".join(f"argument_{n}" for n in range(20)) + ")\n"
    left, right = passages(tmp_path, ONE + long, OTHER + long)
    lines = list(side_by_side(left, right, Style(width=width)))
    assert max(map(len, lines)) <= width
    assert lines[0].split() == ["one.py:1", "│", "other.py:1"]
    marks = [line.partition("│")[2][1] for line in lines[1:]]
    assert {"~", "<", " "} == set(marks)
    assert "# read them" in lines[2]


def test_without_unicode_and_with_colour(tmp_path: Path) -> None:
    left, right = passages(tmp_path, ONE, OTHER)
    text = "\n".join(side_by_side(left, right, Style(encoding="ascii", width=80)))
    assert text.isascii()
    assert "\x1b[33m" in "\n".join(side_by_side(left, right, Style(colour=True, width=80)))


def test_a_long_path_keeps_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "/".join(["folder"] * 12)
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("x = 1\n")
    passage = Passage(str(tmp_path), Place(str((folder / "a.py").relative_to(tmp_path)), 1, 1))
    head = next(iter(side_by_side(passage, passage, Style(width=60))))
    assert head.count("folder/a.py:1") == 2
    assert len(head) <= 60


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"a\.py"):
        Passage(str(tmp_path), Place("a.py", 1, 2))
