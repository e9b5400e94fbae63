"""Missed twins: one copy was edited and the others were not; and what only looks like it."""

from __future__ import annotations

import json

import pytest

from gates.finding import NEW
from tests.checks.copypaste.scene import examine_all, examine_commit, examine_push, function, told, without_index
from tests.conftest import Repository

EDIT = ("+ 4 *", "- 4 *")
OTHER = function("other", seed=2)


def start(repository: Repository, **files: str) -> None:
    repository.commit({f"{name}.py": text for name, text in files.items()}, "base")
    repository.git("tag", "start")


def edited(text: str) -> str:
    return text.replace(*EDIT)


@pytest.mark.parametrize("lines", [7, 12, 30])
def test_both_copies_edited_in_the_same_way_are_neither_missed_nor_new(repository: Repository, lines: int) -> None:
    """Also where they are so short that each of their pieces has the edit in it."""
    start(repository, one=function("same", lines), two=function("same", lines))
    for name in ("one.py", "two.py"):
        repository.write(name, edited(function("same", lines)))
    assert told(examine_commit(repository)) == []


@pytest.mark.parametrize("lines", [7, 12, 30])
def test_two_of_three_edited_is_one_missed_twin(repository: Repository, lines: int) -> None:
    text = function("same", lines)
    start(repository, one=text, two=text, three=text)
    repository.write("one.py", edited(text))
    repository.write("two.py", edited(text))
    span = f"1-{lines}"
    assert told(examine_commit(repository)) == [("missed-twin", f"one.py:{span}", [f"three.py:{span}"], NEW)]


def test_two_edited_differently_are_two_missed_twins(repository: Repository) -> None:
    text = function("same")
    start(repository, one=text, two=text, three=text)
    repository.write("one.py", edited(text))
    repository.write("two.py", text.replace("+ 2 *", "- 2 *"))
    assert told(examine_commit(repository)) == [
        ("missed-twin", "one.py:1-12", ["three.py:1-12", "two.py:4-12"], NEW),
        ("missed-twin", "two.py:1-6", ["one.py:1-6", "three.py:1-6"], NEW),
    ]


def test_two_copies_in_one_file(repository: Repository) -> None:
    text = function("one") + "\n\n" + function("two")
    start(repository, a=text)
    repository.write("a.py", edited(function("one")) + "\n\n" + function("two"))
    assert told(examine_commit(repository)) == [("missed-twin", "a.py:1-12", ["a.py:15-26"], NEW)]
    repository.write("a.py", function("one") + "\n\n" + edited(function("two")))
    assert told(examine_commit(repository)) == [("missed-twin", "a.py:15-26", ["a.py:1-12"], NEW)]


def test_a_copy_in_a_file_that_was_changed_elsewhere(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same") + OTHER, three=function("same"))
    repository.write("one.py", edited(function("same")))
    repository.write("two.py", function("same") + OTHER + "\nprint(1)\n")
    assert told(examine_commit(repository)) == [("missed-twin", "one.py:1-12", ["three.py:1-12", "two.py:1-12"], NEW)]


def test_edited_and_moved_into_another_file(repository: Repository) -> None:
    start(repository, one=function("same"), two=OTHER + "\n\n" + function("same"), three="x = 1\n")
    repository.write("two.py", OTHER)
    repository.write("three.py", "x = 1\n\n\n" + edited(function("same")))
    assert told(examine_commit(repository)) == [("missed-twin", "three.py:4-15", ["one.py:1-12"], NEW)]


def test_edited_and_moved_into_a_new_file(repository: Repository) -> None:
    start(repository, one=function("same"), two=OTHER + "\n\n" + function("same"))
    repository.write("two.py", OTHER)
    repository.write("new.py", edited(function("same")))
    assert told(examine_commit(repository)) == [("missed-twin", "new.py:1-12", ["one.py:1-12"], NEW)]


def test_moved_without_an_edit_misses_nothing(repository: Repository) -> None:
    start(repository, one=function("same"), two=OTHER + "\n\n" + function("same"))
    repository.write("two.py", OTHER)
    repository.write("new.py", function("same"))
    assert told(examine_commit(repository)) == []


def test_a_file_renamed_with_an_edit(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same") + OTHER)
    repository.git("mv", "two.py", "new.py")
    repository.write("new.py", edited(function("same")) + OTHER)
    assert told(examine_commit(repository)) == [("missed-twin", "new.py:1-12", ["one.py:1-12"], NEW)]


def test_layout_and_comments_are_no_edit(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.write("two.py", function("same").replace("\n", "  # why\n\n").replace(" = ", "   =  "))
    assert told(examine_commit(repository)) == []
    wrapped = "def outer():\n" + "".join(f"    {line}\n" for line in function("same").splitlines())
    repository.write("two.py", wrapped)
    assert told(examine_commit(repository)) == []


@pytest.mark.parametrize("left", ["", "from one import same\n", "def same(first, second):\n    return 1\n"])
def test_a_copy_taken_away_misses_nothing(repository: Repository, left: str) -> None:
    start(repository, one=function("same"), two=function("same"), three=function("same"))
    repository.write("two.py", left)
    assert told(examine_commit(repository)) == []
    repository.git("rm", "-qf", "two.py")
    assert told(examine_commit(repository)) == []


def test_a_copy_that_was_taken_out_of_an_edited_file_is_not_found_in_another_copy(repository: Repository) -> None:
    """The lines of the copy that is gone are those of the one that stays; it was not moved there."""
    start(repository, one=function("same"), two=function("same") + "\n\n" + OTHER, three=OTHER)
    repository.write("two.py", OTHER)
    repository.write("one.py", function("same") + "\n\nprint(1)\n")
    assert told(examine_commit(repository)) == []


def test_an_edit_beside_a_copy_misses_nothing(repository: Repository) -> None:
    start(repository, one=function("same") + "\n\nprint(1)\n", two=function("same") + "\n\nprint(2)\n")
    repository.write("two.py", "import os\n\n\n" + function("same") + "\n\nprint(os.name)\n")
    assert told(examine_commit(repository)) == []


def test_an_inserted_and_a_deleted_line_are_edits(repository: Repository) -> None:
    lines = function("same").splitlines(keepends=True)
    start(repository, one="".join(lines), two="".join(lines))
    repository.write("two.py", "".join([*lines[:6], "    check(first)\n", *lines[6:]]))
    assert told(examine_commit(repository)) == [("missed-twin", "two.py:1-13", ["one.py:1-12"], NEW)]
    repository.write("two.py", "".join([*lines[:6], *lines[7:]]))
    assert told(examine_commit(repository)) == [("missed-twin", "two.py:1-11", ["one.py:1-12"], NEW)]


def test_a_class_of_fifty_copies_is_one_finding(repository: Repository) -> None:
    start(repository, **{f"f{number:02}": function("same") for number in range(50)})
    repository.write("f07.py", edited(function("same")))
    (finding,) = examine_commit(repository).findings
    assert (finding.rule, str(finding.place), len(finding.related)) == ("missed-twin", "f07.py:1", 49)
    assert finding.message.endswith("f00.py:1, f01.py:1, f02.py:1 and 46 more places")
    repository.commit()
    for number in range(10, 40):
        repository.write(f"f{number}.py", edited(function("same")).replace("+ 2 *", "- 2 *"))
    (finding,) = examine_commit(repository).findings
    assert (str(finding.place), len(finding.related)) == (
        "f10.py:1",
        20,
    )  # the one that was edited before misses one of the edits


def test_copies_among_tests_have_a_measure_of_their_own(repository: Repository) -> None:
    text = function("case", 8)
    repository.commit({"tests/test_one.py": text, "tests/test_two.py": text})
    repository.write("tests/test_two.py", edited(text))
    assert told(examine_commit(repository, test_min_tokens=400)) == []
    assert [rule for rule, *_ in told(examine_commit(repository, test_min_tokens=40))] == ["missed-twin"]


def test_copies_that_are_too_short_in_lines_miss_nothing(repository: Repository) -> None:
    text = function("same", 4)
    start(repository, one=text, two=text)
    repository.write("two.py", text.replace("+ 1 *", "- 1 *"))
    assert told(examine_commit(repository, min_tokens=20, min_lines=9)) == []
    assert len(told(examine_commit(repository, min_tokens=20, min_lines=2))) == 1


def test_in_a_notebook(repository: Repository) -> None:
    def notebook(text: str) -> str:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": text.splitlines(keepends=True)}
        return json.dumps({"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4}, indent=1)

    repository.commit({"one.ipynb": notebook(function("same")), "two.py": function("same")})
    repository.write("one.ipynb", notebook(edited(function("same"))))
    (finding,) = examine_commit(repository).findings
    assert (finding.rule, [str(place) for place in finding.related]) == ("missed-twin", ["two.py:1"])
    assert finding.place is not None
    lines = (repository.path / "one.ipynb").read_text().splitlines()
    assert "def same(" in lines[finding.place.start_line - 1]
    assert "return total_0" in lines[finding.place.end_line - 1]


def test_in_pages(repository: Repository) -> None:
    lines = "\n".join(f"  total += compute{n}(first, second) + {n} * factor;" for n in range(10))
    page = f"<p>one</p>\n<script>\nfunction sum(first, second) {{\n{lines}\n  return total;\n}}\n</script>\n"
    repository.commit({"one.html": page, "two.vue": page})
    repository.write("two.vue", edited(page))
    assert told(examine_commit(repository)) == [("missed-twin", "two.vue:3-15", ["one.html:3-15"], NEW)]


def test_renamed_copies(repository: Repository) -> None:
    start(repository, one=function("one"), two=function("two", word="amount"))
    repository.write("two.py", edited(function("two", word="amount")))
    assert told(examine_commit(repository)) == []
    assert told(examine_commit(repository, type=2)) == [("missed-twin", "two.py:1-12", ["one.py:1-12"], NEW)]


def test_with_an_index_it_is_the_same(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"), three=OTHER)
    repository.write("three.py", OTHER + "\n")
    examine_commit(repository)  # makes the index
    repository.write("two.py", edited(function("same")))
    assert told(examine_commit(repository)) == [("missed-twin", "two.py:1-12", ["one.py:1-12"], NEW)]


def test_at_a_push_and_for_the_whole_tree(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.commit({"two.py": edited(function("same"))})
    repository.commit({"three.py": "x = 1\n"})
    missed = [("missed-twin", "two.py:1-12", ["one.py:1-12"], NEW)]
    assert told(examine_push(repository, "start")) == missed
    assert told(examine_all(repository, "start", min_tokens=80)) == missed
    assert told(examine_all(repository, min_tokens=80)) == []


def test_a_later_commit_that_edits_the_twin_settles_it(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.commit({"two.py": edited(function("same"))})
    repository.commit({"one.py": edited(function("same"))})
    assert told(examine_push(repository, "start")) == []


# --- with type 3: copies that were edited before

NEAR = function("near", 20)
LINES = NEAR.splitlines(keepends=True)
FAR = "".join(
    [*LINES[:4], "    first = other(second)\n", *LINES[4:9], "    log.write(first)\n", *LINES[10:15], *LINES[16:]]
)


@pytest.fixture
def near(repository: Repository) -> Repository:
    """Two functions that are nearly the same; no piece of them that is equal is a copy by itself."""
    start(repository, one=NEAR, two=FAR)
    assert told(examine_all(repository, min_tokens=120)) == []
    assert [rule for rule, *_ in told(examine_all(repository, min_tokens=120, type=3))] == ["copied-code"]
    return repository


def examined(repository: Repository) -> list[tuple[str, str, list[str], str]]:
    without_index(repository)
    return told(examine_commit(repository, min_tokens=120, type=3))


def test_an_edit_in_what_edited_copies_have_in_common(near: Repository) -> None:
    near.write("two.py", FAR.replace("+ 5 *", "- 5 *"))
    assert examined(near) == [("missed-twin", "two.py:1-20", ["one.py:1-20"], NEW)]
    near.write("two.py", FAR.replace("    log.write", "    check(first)\n    log.write"))
    assert examined(near) == []  # beside what is its own already
    near.write("two.py", FAR.replace("    total_12", "    check(first)\n    total_12"))
    assert examined(near) == [("missed-twin", "two.py:1-21", ["one.py:1-20"], NEW)]
    near.write("two.py", FAR.replace(LINES[6], ""))
    assert examined(near) == [("missed-twin", "two.py:1-19", ["one.py:1-20"], NEW)]


def test_an_edit_in_what_an_edited_copy_has_alone_misses_nothing(near: Repository) -> None:
    near.write("two.py", FAR.replace("log.write(first)", "log.write(second, first)"))
    assert examined(near) == []


def test_an_edit_that_makes_copies_more_equal_misses_nothing(near: Repository) -> None:
    near.write("two.py", FAR.replace(LINES[16], LINES[15] + LINES[16]))
    assert examined(near) == []


def test_edited_copies_edited_alike_miss_nothing(near: Repository) -> None:
    near.write("one.py", NEAR.replace("+ 5 *", "- 5 *"))
    near.write("two.py", FAR.replace("+ 5 *", "- 5 *"))
    assert examined(near) == []


def test_an_edit_that_makes_a_function_a_copy_brings_the_copy(repository: Repository) -> None:
    other = [f"    if check_{number}(second): emit(first[{number}])\n" for number in range(20)]
    start(repository, one=NEAR, two="".join([*LINES[:8], *other[8:]]))
    repository.write("two.py", "".join([*LINES[:9], other[9], *LINES[10:16], *other[16:]]))
    assert examined(repository) == [("copied-code", "two.py:1-20", ["one.py:1-20"], NEW)]


def test_an_edited_copy_that_comes_with_an_edit_of_the_original_is_new(near: Repository) -> None:
    near.write("one.py", NEAR.replace("+ 5 *", "- 5 *"))
    near.write("three.py", NEAR.replace("+ 6 *", "- 6 *").replace("+ 9 *", "- 9 *"))
    assert [(rule, place, status) for rule, place, _, status in examined(near)] == [
        ("missed-twin", "one.py:1-20", NEW),
        ("copied-code", "three.py:1-20", NEW),
    ]


def test_missed_twins_of_edited_copies_can_be_turned_off(near: Repository) -> None:
    near.write("two.py", FAR.replace("+ 5 *", "- 5 *"))
    assert told(examine_commit(near, min_tokens=120, type=3, missed_twins=False)) == []


def test_edited_copies_have_the_least_lengths_of_all_copies(near: Repository) -> None:
    assert told(examine_all(near, min_tokens=120, type=3, min_lines=21)) == []
    near.commit({"tests/test_one.py": NEAR, "tests/test_two.py": FAR, "one.py": "x = 1\n", "two.py": "x = 1\n"})
    assert told(examine_all(near, min_tokens=120, type=3)) == []
    assert len(told(examine_all(near, min_tokens=120, type=3, test_min_tokens=120))) == 1


def test_all_that_miss_an_edit_are_in_one_finding(repository: Repository) -> None:
    """One has the whole function, one a part of it, and one is an edited copy."""
    part = "".join(["def part(first, second):\n", *LINES[1:15]])
    start(repository, one=NEAR, two=NEAR, part=part, far=FAR)
    repository.write("two.py", NEAR.replace("+ 6 *", "- 6 *"))
    without_index(repository)
    ((rule, place, others, _),) = told(examine_commit(repository, min_tokens=100, type=3))
    assert (rule, place) == ("missed-twin", "two.py:1-20")
    assert [other.split(":")[0] for other in others] == ["far.py", "one.py", "part.py"]


def test_the_lines_that_were_edited_are_named(repository: Repository) -> None:
    text = function("same", 30)
    start(repository, one=text, two=text)
    repository.write("two.py", edited(text).replace("+ 9 *", "- 9 *").replace("+ 10 *", "- 10 *"))
    (finding,) = examine_commit(repository).findings
    assert finding.message == "you changed this copy in lines 6, 11-12, and the other copy is as before: one.py:1"
    lines = text.splitlines(keepends=True)
    repository.write("two.py", "".join([*lines[:9], *lines[10:]]))
    (finding,) = examine_commit(repository).findings
    assert finding.message == "you changed this copy, and the other copy is as before: one.py:1"
