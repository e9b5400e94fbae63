"""The copypaste gate on real repositories: what counts as new, and what is said of it."""

from __future__ import annotations

import os

import pytest

from gates.checks.copypaste import GATE, RULES
from gates.finding import EXISTING, NEW
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from tests.checks.copypaste.scene import examine_all, examine_commit, examine_push, function, told
from tests.conftest import Repository


def start(repository: Repository, **files: str) -> None:
    repository.commit({name.replace("__", "/") + ".py": text for name, text in files.items()}, "base")
    repository.git("tag", "start")


def test_a_copy_that_the_commit_brings_is_found_at_its_place(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", "import os\n\n\n" + function("two"))
    outcome = examine_commit(repository)
    assert outcome.status == FAILED
    assert told(outcome) == [("copied-code", "two.py:4-15", ["one.py:1-12"], NEW)]
    assert "12 lines" in outcome.findings[0].message
    assert outcome.findings[0].source == "def two(first, second):"


def test_a_copy_in_the_file_of_its_original_is_found_where_it_was_added(repository: Repository) -> None:
    start(repository, a=function("one") + "\n\n" + function("other", seed=5))
    repository.write("a.py", function("one") + "\n\n" + function("other", seed=5) + "\n\n" + function("two"))
    (finding,) = examine_commit(repository).findings
    assert finding.place is not None
    assert finding.source == "def two(first, second):"
    repository.write("a.py", function("zero") + "\n\n" + function("one") + "\n\n" + function("other", seed=5))
    (finding,) = examine_commit(repository).findings
    assert finding.source == "def zero(first, second):"


def test_layout_and_comments_do_not_hide_a_copy(repository: Repository) -> None:
    text = function("one")
    start(repository, one=text)
    spaced = text.replace("\n", "  # why\n\n").replace(" = ", "   =    ").replace("(", "( ")
    repository.write("two.py", spaced)
    assert [rule for rule, *_ in told(examine_commit(repository))] == ["copied-code"]


def test_three_copies_are_one_finding(repository: Repository) -> None:
    start(repository, one=function("same"))
    repository.write("a/two.py", function("same"))
    repository.write("b/three.py", function("same"))
    outcome = examine_commit(repository)
    assert told(outcome) == [("copied-code", "a/two.py:1-12", ["b/three.py:1-12", "one.py:1-12"], NEW)]
    assert outcome.metrics == {"clone_classes": 1.0, "duplicated_share": pytest.approx(95, abs=6)}


def test_a_third_copy_enlarges_a_class(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.write("three.py", function("same"))
    assert told(examine_commit(repository)) == [("copied-code", "three.py:1-12", ["one.py:1-12", "two.py:1-12"], NEW)]


def test_what_was_there_before_is_not_told_at_a_commit(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.write("two.py", function("same") + "\n\nprint('hello')\n")
    outcome = examine_commit(repository)
    assert (outcome.status, outcome.findings) == (PASSED, [])
    assert outcome.evidence.files == 3


def test_moves_and_renames_are_no_copies(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"), three=function("other", seed=3))
    repository.git("mv", "two.py", "moved.py")
    repository.write("three.py", "x = 1\n")
    repository.write("four.py", "y = 2\n\n" + function("other", seed=3))
    assert told(examine_commit(repository)) == []


def test_a_move_that_leaves_the_original_behind_is_a_copy(repository: Repository) -> None:
    start(repository, one=function("other", seed=3))
    repository.write("two.py", function("other", seed=3))
    repository.write("one.py", "x = 1\n" + function("other", seed=3))
    assert [(rule, status) for rule, _, _, status in told(examine_commit(repository))] == [("copied-code", NEW)]


def test_a_missed_twin(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"), three=function("same"))
    repository.write("two.py", function("same").replace("+ 4 *", "- 4 *"))
    assert told(examine_commit(repository)) == [("missed-twin", "two.py:1-12", ["one.py:1-12", "three.py:1-12"], NEW)]
    assert told(examine_commit(repository, missed_twins=False)) == []


def test_a_twin_that_was_edited_in_the_same_way_is_not_missed(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    for name in ("one.py", "two.py"):
        repository.write(name, function("same").replace("+ 4 *", "- 4 *"))
    assert told(examine_commit(repository)) == []


def test_a_copy_that_is_taken_away_has_no_missed_twin(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"), three=function("same"))
    repository.write("two.py", "from one import same\n")
    repository.git("rm", "-q", "three.py")
    assert told(examine_commit(repository)) == []


def test_a_missed_twin_in_a_renamed_file(repository: Repository) -> None:
    other = function("other", seed=2)
    start(repository, one=function("same"), two=function("same") + other)
    repository.git("mv", "two.py", "new.py")
    repository.write("new.py", function("same").replace("+ 4 *", "- 4 *") + other)
    assert told(examine_commit(repository)) == [("missed-twin", "new.py:1-12", ["one.py:1-12"], NEW)]


def test_a_push_is_about_all_its_commits(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.commit({"two.py": function("two")})
    repository.commit({"README.md": "more\n"})
    assert [status for *_, status in told(examine_push(repository, "start"))] == [NEW]


def test_the_whole_tree_against_a_base(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"), three=function("other", seed=3))
    repository.commit({"four.py": function("other", seed=3)})
    outcome = examine_all(repository, "start")
    assert told(outcome) == [
        ("copied-code", "four.py:1-12", ["three.py:1-12"], NEW),
        ("copied-code", "one.py:1-12", ["two.py:1-12"], EXISTING),
    ]


def test_the_whole_tree_without_a_base_is_not_classified(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    assert told(examine_all(repository)) == [("copied-code", "one.py:1-12", ["two.py:1-12"], "")]


def test_renamed_copies_are_type_2(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", function("two", word="amount").replace("first", "left"))
    assert told(examine_commit(repository)) == []
    outcome = examine_commit(repository, type=2)
    assert told(outcome) == [("copied-code", "two.py:1-12", ["one.py:1-12"], NEW)]
    assert "but for names" in outcome.findings[0].message


def test_fingerprints_say_what_is_copied_and_not_where(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    first = examine_all(repository).findings[0].fingerprint
    repository.git("mv", "one.py", "zzz.py")
    repository.write("zzz.py", "# moved\n\n" + function("same"))
    repository.git("add", "-A")
    repository.commit()
    assert examine_all(repository).findings[0].fingerprint == first


def test_bad_files_are_counted(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("data.json", "{}")
    repository.write("thing.unknown", "what")
    repository.write("binary.py", b"a\0b")
    repository.write("old.py", "grüße = 1\n".encode("latin-1"))
    repository.write("utf16.py", ("x = 'text'\n" * 9).encode("utf-16"))
    outcome = examine_commit(repository)
    assert outcome.status == PASSED
    assert outcome.evidence.left_out == {
        "binary (has NUL bytes)": 1,
        "data or prose, not code": 2,
        "in no known language": 1,
        "not UTF-8 (read as bytes)": 1,
    }


def test_a_file_that_cannot_be_read_is_never_passed(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", function("two"))
    repository.git("add", "-A")
    os.unlink(repository.path / "one.py")
    os.mkdir(repository.path / "one.py")
    repository.git("update-index", "--assume-unchanged", "one.py")
    outcome = examine_push_of_index(repository)
    assert outcome.status == NOT_RUN
    assert outcome.evidence.parse_errors == ["one.py: Is a directory"]


def examine_push_of_index(repository: Repository):  # type: ignore[no-untyped-def]
    from gates.git.change import Change
    from tests.checks.copypaste.scene import context

    tree = repository.git("write-tree")
    change = Change("commit", tree, base_tree=repository.git("rev-parse", "HEAD^{tree}"))
    return GATE.examine(context(repository, change))


def test_without_code_it_is_skipped(make_repository) -> None:  # type: ignore[no-untyped-def]
    repository = make_repository("texts", {"README.md": "hello\n"})
    repository.write("more.md", "text\n")
    outcome = examine_commit(repository)
    assert (outcome.status, outcome.reason) == (SKIPPED, "there is no code in a language that is known")


def test_copies_among_tests_have_a_measure_of_their_own(repository: Repository) -> None:
    short = function("case", 8)
    start(repository, tests__test_one=short)
    repository.write("tests/test_two.py", short)
    assert told(examine_commit(repository, test_min_tokens=400)) == []
    assert len(told(examine_commit(repository, test_min_tokens=40))) == 1
    repository.write("app.py", short)
    assert len(told(examine_commit(repository, test_min_tokens=400))) == 1


def test_rules_are_explained() -> None:
    assert all(set(parts) == {"meaning", "why", "fix", "suppress"} for parts in RULES.values())


def test_edited_copies_are_type_3(repository: Repository) -> None:
    start(repository, one=function("one", 20))
    lines = function("two", 20).splitlines()
    edited = [*lines[:5], "    first = other(second)", *lines[5:11], "    log.write(first)", *lines[13:]]
    repository.write("two.py", "\n".join(edited) + "\n")
    assert told(examine_commit(repository, min_tokens=120)) == []
    outcome = examine_commit(repository, min_tokens=120, type=3)
    assert told(outcome) == [("copied-code", "two.py:1-20", ["one.py:1-20"], NEW)]
    assert "nearly the same code" in outcome.findings[0].message
    repository.commit()
    assert [status for *_, status in told(examine_all(repository, "start", min_tokens=120, type=3))] == [NEW]
    assert [status for *_, status in told(examine_all(repository, min_tokens=120, type=3))] == [""]


def test_what_gitattributes_calls_generated_is_left_out(repository: Repository) -> None:
    start(repository, one=function("one"))
    examine_all(repository)
    repository.write(".gitattributes", "made/* linguist-generated\n")
    repository.write("made/two.py", function("two"))
    outcome = examine_commit(repository)
    assert (outcome.status, outcome.evidence.left_out["generated"]) == (PASSED, 1)
    repository.write(".gitattributes", "made/* -linguist-generated\n")
    assert [rule for rule, *_ in told(examine_commit(repository))] == ["copied-code"]


def test_the_base_side_is_searched_without_comparing(repository: Repository) -> None:
    from gates.git.change import Change
    from tests.checks.copypaste.scene import context

    start(repository, one=function("same"), two=function("same"))
    tree = repository.git("rev-parse", "HEAD^{tree}")
    outcome = GATE.examine(context(repository, Change("push", tree, base_tree=tree), side="base"))
    assert told(outcome) == [("copied-code", "one.py:1-12", ["two.py:1-12"], "")]
    assert outcome.metrics["clone_classes"] == 1


def test_more_places_than_a_message_has_room_for(repository: Repository) -> None:
    start(repository, **{f"f{number}": function("same") for number in range(9)})
    outcome = examine_all(repository)
    assert len(outcome.findings) == 1
    assert "f1.py:1, f2.py:1, f3.py:1 and 5 more places" in outcome.findings[0].message


def test_a_condition_around_imports_is_no_edited_copy(repository: Repository) -> None:
    def block(*names: str) -> str:
        return "if TYPE_CHECKING:\n" + "".join(f"    from some.{name} import {name.title()}, Other\n" for name in names)

    one, two = ("a", "b", "c", "d", "e", "f", "g"), ("a", "b", "x", "d", "e", "f", "h")
    start(repository, one=block(*one), two=block(*two))
    assert told(examine_all(repository, min_tokens=20, type=3)) == []
    lines = "".join(f"    value_{n} = compute_{n}(value)\n" for n in range(9))
    repository.commit({"one.py": f"if A:\n{lines}", "two.py": f"if A:\n{lines}".replace("compute_4", "other.some")})
    assert [rule for rule, *_ in told(examine_all(repository, min_tokens=40, type=3))] == ["copied-code"]
