"""Two copies side by side, and what to make of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.checks.copypaste.explain import Difference, compare, missed, suggestion
from gates.checks.copypaste.model import EDITED, EXACT, RENAMED
from gates.checks.copypaste.passages import Passage, rows
from gates.checks.copypaste.side_by_side import side_by_side
from gates.errors import CannotRun
from gates.finding import Place
from gates.reports.style import Style
from tests.checks.copypaste.edited_samples import EDITED as EDITED_LOAD
from tests.checks.copypaste.edited_samples import LOAD

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


def passages(root: Path, one: str, other: str, names: tuple[str, str] = ("one.py", "other.py")) -> list[Passage]:
    result = []
    for name, text in zip(names, (one, other), strict=True):
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text)
        result.append(Passage(str(root), Place(name, 1, text.count("\n"))))
    return result


def told(root: Path, one: str, other: str, kind: int = EDITED, copies: int = 2, width: int = 200) -> list[str]:
    left, right = passages(root, one, other)
    return list(suggestion(left, right, compare(left, right, kind), copies, width))


def marks(root: Path, one: str, other: str) -> list[str]:
    return [f"{mark}{here}{there}".replace("None", "-") for mark, here, there in rows(*passages(root, one, other))]


def columns(root: Path, one: str, other: str, style: Style) -> list[str]:
    left, right = passages(root, one, other)
    return list(side_by_side(left, right, compare(left, right).rows, style))


# --- what to extract


def test_what_differs_becomes_a_parameter(tmp_path: Path) -> None:
    assert told(tmp_path, ONE, OTHER) == [
        "Make one function of these 5 lines, with 2 parameters:",
        '  1. "user" here, "group" there: a text',
        "  2. 1 here, 2 there: a number",
        "Only on the left, in one.py: line 5.",
        "What only one copy has stays with its caller, before or after the call, or is handed over as a function.",
    ]


def test_a_name_that_differs_several_times_is_one_parameter(tmp_path: Path) -> None:
    assert told(tmp_path, "a = f(b)\nc = b\n", "a = f(d)\nc = d\n") == [
        "Make one function of these 2 lines, with 1 parameter:",
        "  1. b here, d there: a name, 2 times",
    ]


def test_values_and_expressions_are_parameters(tmp_path: Path) -> None:
    assert told(tmp_path, "run(a, True)\nwait(b + 1, c)\nend()\n", "run(a, None)\nwait(e(d, 2), c)\nend()\n") == [
        "Make one function of these 3 lines, with 2 parameters:",
        "  1. True here, None there: an expression",
        "  2. b+1 here, e(d, 2) there: an expression",
    ]


def test_another_operator_is_no_parameter(tmp_path: Path) -> None:
    found = told(tmp_path, "a = b\nif a == 1:\n    c(a)\nd()\n", "a = b\nif a != 1:\n    c(a)\nd()\n")
    assert found[0] == "Make one function of these 4 lines."
    assert found[1:3] == ["Only on the left, in one.py: line 2.", "Only on the right, in other.py: line 2."]


def test_equal_code_needs_no_parameter(tmp_path: Path) -> None:
    (line,) = told(tmp_path, "a = f(b)\nc = d\n", "a  =  f(b)  # why\nc = d\n", copies=3)
    assert line == "The code is the same but for layout. Make one function of these 2 lines; call it 3 times."


def test_heads_and_docstrings_may_differ(tmp_path: Path) -> None:
    one = 'def one(a, b=1):\n    """One."""\n    return f(a)\n'
    other = 'def two(a, *, c):\n    """Two.\n\n    Really.\n    """\n    return f(a)\n'
    assert told(tmp_path, one, other)[0].startswith("The code is the same but for layout.")


def test_only_statements_differ(tmp_path: Path) -> None:
    found = told(tmp_path, "a = b\nc(d)\nx()\n", "a = b\nc(d)\nx()\n e.f = g[h]\n")
    assert found[0] == "Make one function of these 3 lines."
    assert found[1] == "Only on the right, in other.py: line 4."


def test_when_much_differs_the_longest_part_in_common_is_named(tmp_path: Path) -> None:
    common = "".join(f"    value = step_{n}(value, {n})\n" for n in range(5))
    one = "def one(value):\n" + "".join(f"    if value.a{n}: continue\n" for n in range(6)) + common
    other = (
        "def two(value):\n" + common.replace("3", "7") + "".join(f"    yield [x{n} for x{n} in y]\n" for n in range(6))
    )
    found = told(tmp_path, one, other)
    assert found[:2] == [
        "Much differs. Most in a row is common to one.py:8-12 and other.py:2-6.",
        "Make one function of that, with 2 parameters:",
    ]
    assert found[-1] == "Only on the right, in other.py: lines 7-12."


def test_too_many_parameters(tmp_path: Path) -> None:
    one = "".join(f"f(a{n})\n" for n in range(12))
    found = told(tmp_path, one, one.replace("a", "b"))
    assert found[0].startswith("12 things differ: too many parameters for one function.")
    assert len(found) == 9


def test_a_place_for_it_is_named(tmp_path: Path) -> None:
    left, right = passages(tmp_path, "a = 1\n", "a = 1\n", ("lib/x/one.py", "lib/y/two.py"))
    (found,) = suggestion(left, right, compare(left, right), 2, 200)
    assert found.endswith("Make one function of this line in a file of lib; call it 2 times.")


@pytest.mark.parametrize("width", [40, 80])
def test_sentences_fit_the_terminal(tmp_path: Path, width: int) -> None:
    assert max(map(len, told(tmp_path, ONE, OTHER, width=width))) <= width


@pytest.mark.parametrize("kind", [EXACT, RENAMED])
def test_only_a_part_of_the_first_and_last_line_may_belong_to_a_copy(tmp_path: Path, kind: int) -> None:
    code = "a = f(b)\nc = g(d)\ne = h(c)\n"
    left, right = passages(tmp_path, f"x = [1, 2]\n{code}y(3)\n", f"z()\n{code}if z: w = 4\n")
    assert compare(left, right, kind).own == ([], [])
    assert (str(left.place), left.place.end_line, str(right.place)) == ("one.py:2", 4, "other.py:2")


def test_what_to_edit_again(tmp_path: Path) -> None:
    left, right = passages(tmp_path, "a = 1\nb(c)\nd(e)\nf()\n", "a = 1\nd(g)\nf()\n")
    difference = compare(left, right)
    assert list(missed(left, right, difference, 2, 200)) == [
        "Make the same edit in other.py:1. What differs now: lines 2-3 here, line 2 there.",
        "Better, make one of all 2 copies, so that it is edited once.",
    ]
    assert next(missed(left, right, difference, 5, 200)).startswith("Make the same edit in other.py:1 and 3 more. ")
    nothing = Difference([])
    assert next(missed(left, right, nothing, 2, 200)) == "Make the same edit in other.py:1."


# --- side by side


def test_lines_that_are_alike_stand_side_by_side(tmp_path: Path) -> None:
    one = "start()\nvalue = first(a, 1)\nother = second(b)\nend()\n"
    other = "start()\nlog(x)\nvalue = first(c, 2)\nreturn [1, 2]\nend()\n"
    assert marks(tmp_path, one, other) == [" 00", ">-1", "~12", "<2-", ">-3", " 34"]


def test_comments_and_empty_lines_are_no_difference(tmp_path: Path) -> None:
    assert marks(tmp_path, "a()\n# one\n\nb()\n", "a()\n# two\nb()\n") == [" 00", " 11", " 2-", " 32"]


def test_parts_of_a_long_string_differ_line_by_line(tmp_path: Path) -> None:
    assert marks(tmp_path, 'a("""x\n  same\n  one\n""")\n', 'a("""x\n  same\n  two\n""")\n')[1] == " 11"
    assert " 22" not in marks(tmp_path, 'a("""x\n  same\n  one\n""")\n', 'a("""x\n  same\n  two\n""")\n')


def test_very_much_that_differs_is_put_side_by_side_as_it_comes(tmp_path: Path) -> None:
    one = "".join(f"a{n}.b(c)\n" for n in range(150))
    other = "".join(f"return [{n}]\n" for n in range(150))
    assert set(marks(tmp_path, one, other)) == {f"~{n}{n}" for n in range(150)}


@pytest.mark.parametrize("width", [60, 80, 120])
def test_side_by_side_fits_the_terminal(tmp_path: Path, width: int) -> None:
    long = "    call(" + ", ".join(f"argument_{n}" for n in range(20)) + ")\n"
    lines = columns(tmp_path, ONE + long, OTHER + long, Style(width=width))
    assert max(map(len, lines)) <= width
    assert lines[0].split() == ["one.py:1", "│", "other.py:1"]
    assert {f"{line.partition('│')[2]}  "[1] for line in lines[1:]} == {"~", "<", " "}
    assert "# read them" in lines[2]


def test_long_lines_are_cut_between_words(tmp_path: Path) -> None:
    text = "call(first_argument, second_argument, third_argument)\n"
    lines = columns(tmp_path, text, text, Style(width=74))
    cells = [line.partition("│")[0].strip() for line in lines[1:]]
    assert cells == ["1 call(first_argument,", "second_argument, third_argument)"]


def test_many_equal_lines_are_cut_short(tmp_path: Path) -> None:
    text = "".join(f"a{n} = f({n})\n" for n in range(40))
    lines = columns(tmp_path, text, text.replace("f(39)", "g(39)"), Style(width=80))
    assert len(lines) == 11
    assert "⋮ 31 equal lines" in lines[5]
    assert lines[-1].split()[0] == "40"


def test_without_unicode_and_with_colour(tmp_path: Path) -> None:
    text = "".join(f"a{n} = f({n})\n" for n in range(40))
    assert "\n".join(columns(tmp_path, ONE + text, OTHER + text, Style(encoding="ascii", width=80))).isascii()
    assert "\x1b[33m" in "\n".join(columns(tmp_path, ONE, OTHER, Style(colour=True, width=80)))


def test_a_long_path_keeps_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "/".join(["folder"] * 12)
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("x = 1\n")
    passage = Passage(str(tmp_path), Place(str((folder / "a.py").relative_to(tmp_path)), 1, 1))
    head = next(iter(side_by_side(passage, passage, [], Style(width=60))))
    assert head.count("folder/a.py:1") == 2
    assert len(head) <= 60


# --- all kinds of files


def test_edited_copies(tmp_path: Path) -> None:
    found = told(tmp_path, LOAD, EDITED_LOAD)
    assert found[0] == "Make one function of these 12 lines."
    assert found[1:3] == ["Only on the left, in one.py: lines 9-10.", "Only on the right, in other.py: lines 9-10."]


def test_code_in_a_page_is_compared_as_the_code_it_is(tmp_path: Path) -> None:
    page = "<p>one</p>\n<script>\n// why\nlet a = f(1);\n</script>\n"
    left, right = passages(tmp_path, page, page.replace("one", "two").replace("f(1)", "f(2)"), ("a.html", "b.html"))
    difference = compare(left, right)
    assert list(difference.parameters(range(9)).values()) == [1]
    assert difference.own == ([], [])
    assert left.lines[0] == "<p>one</p>"


def test_a_file_in_no_known_language(tmp_path: Path) -> None:
    left, right = passages(tmp_path, "a b\n", "a c\n", ("a.unknown", "b.unknown"))
    assert compare(left, right).rows == [("~", 0, 0)]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"a\.py"):
        Passage(str(tmp_path), Place("a.py", 1, 2))
