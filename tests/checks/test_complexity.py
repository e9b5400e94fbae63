"""The complexity gate on real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gates.checks.base import GateContext
from gates.checks.complexity import GATE, RULES
from gates.checks.complexity.measure import measure, step
from gates.finding import EXISTING, FIXED, NEW
from gates.git.change import EMPTY_TREE, Change
from gates.git.doors import between, staged, whole
from gates.git.repository import Repository as Git
from gates.git.trees import list_tree
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome
from gates.settings import GateSettings
from tests.conftest import Repository

Make = Callable[..., Repository]


def branches(name: str, count: int) -> str:
    """A function of complexity `count`."""
    ifs = "".join(f"    if a == {n}:\n        return {n}\n" for n in range(count - 1))
    return f"def {name}(a):\n{ifs}    return a\n\n\n"


def context(
    repository: Repository,
    change: Change,
    *,
    block: str = "new",
    side: str = "head",
    ratchets: dict[str, str] | None = None,
    exclude: str = "",
    **options: object,
) -> GateContext:
    git = Git.find(str(repository.path))
    tree = change.tree if side == "head" else change.base_tree
    every = [file.path for file in list_tree(git, tree) if file.is_file and file.path.endswith(".py")]
    every = [path for path in every if not exclude or not path.startswith(exclude)]
    asked = every if change.everything or side == "base" else [path for path in change.changed_files() if path in every]
    settings = GateSettings("complexity", block=block, options=options, ratchets=ratchets)
    return GateContext(
        settings,
        str(repository.path),
        change,
        asked,
        all_files=every,
        git_dir=git.common,
        state_dir=git.state,
        side=side,
    )


def examine_all(repository: Repository, base: str = "", **more: object) -> Outcome:
    change = whole(Git.find(str(repository.path)), "HEAD", base=base)
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def examine_push(repository: Repository, **more: object) -> Outcome:
    change = between(Git.find(str(repository.path)), "HEAD~1", "HEAD", door="push")
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def examine_commit(repository: Repository, **more: object) -> Outcome:
    change, _ = staged(Git.find(str(repository.path)))
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def told(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(f.rule, str(f.place), f.status) for f in outcome.findings]


def test_a_complex_function_is_told_with_its_lines_and_rank(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": "x = 1\n" + branches("easy", 10) + branches("hard", 25)})
    outcome = examine_all(repository)
    assert outcome.status == FAILED
    assert outcome.reason == "1 finding, 1 of them new"
    (finding,) = outcome.findings
    assert finding.message == "the function hard has complexity 25 (rank D, C is allowed)"
    assert (str(finding.place), finding.place.end_line, finding.status) == ("a.py:24", 73, NEW)  # type: ignore[union-attr]
    assert (finding.source, finding.severity, finding.rule) == ("def hard(a):", "major", "too-complex")
    assert outcome.evidence.files == 1
    assert (outcome.evidence.tool, outcome.evidence.version) == ("radon", "6.0.1")


@pytest.mark.parametrize(("count", "severity"), [(21, "major"), (31, "critical"), (41, "blocker")])
def test_severity_by_rank(make_repository: Make, count: int, severity: str) -> None:
    repository = make_repository("a", {"a.py": branches("f", count)})
    assert [finding.severity for finding in examine_all(repository).findings] == [severity]
    assert [finding.severity for finding in examine_all(repository, max="A").findings] == [severity]


def test_max_is_the_worst_rank_allowed(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 6)})
    assert examine_all(repository, max="B").status == PASSED
    outcome = examine_all(repository, max="A")
    assert (outcome.status, outcome.findings[0].severity) == (FAILED, "minor")


def test_inner_functions_and_methods_hide_nothing(make_repository: Make) -> None:
    def indented(text: str, levels: int) -> str:
        return "".join("    " * levels + line + "\n" for line in text.rstrip().split("\n"))

    hard = branches("hard", 22)
    code = (
        f"class Outer:\n    class Inner:\n{indented(hard, 2)}\n    def method(self):\n{indented(hard, 2)}\n"
        f"def wrap():\n{indented(hard, 1)}    return hard\n"
    )
    repository = make_repository("a", {"a.py": code})
    messages = [finding.message.split(" has ")[0] for finding in examine_all(repository).findings]
    assert messages == [
        "the class Outer.Inner",
        "the method Outer.Inner.hard",
        "the function Outer.method.hard",
        "the function wrap.hard",
    ]


def test_what_the_change_brings_is_new_and_the_rest_is_not(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("old", 25), "b.py": branches("far", 30)})
    repository.commit({"a.py": "# moved down\n" + branches("old", 26) + branches("fresh", 22)})
    outcome = examine_push(repository)
    assert outcome.status == FAILED
    assert told(outcome) == [("too-complex", "a.py:2", EXISTING), ("too-complex", "a.py:56", NEW)]
    assert ("too-complex", "b.py:1", EXISTING) in told(examine_all(repository, base="HEAD~1"))


def test_a_worse_rank_is_new_also_beyond_the_last(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("old", 25), "b.py": branches("f", 45)})
    repository.commit({"a.py": branches("old", 31), "b.py": branches("f", 51)})
    outcome = examine_push(repository)
    assert [finding.status for finding in outcome.findings] == [NEW, NEW]
    assert outcome.findings[0].message.endswith("(rank E, C is allowed); it was 25 before")
    assert [step(n) for n in (1, 5, 6, 10, 11, 41, 51)] == [0, 0, 1, 1, 2, 5, 6]


def test_renamed_and_moved_code_is_not_new_and_simplified_code_is_fixed(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("one", 25), "b.py": branches("two", 25)})
    repository.git("mv", "a.py", "c.py")
    repository.commit({"b.py": branches("two", 3), "d.py": "x = 1\n"})
    outcome = examine_push(repository)
    assert told(outcome) == [("too-complex", "c.py:1", EXISTING), ("too-complex", "b.py:1", FIXED)]
    repository.commit({"c.py": branches("one", 3)})
    outcome = examine_push(repository)
    assert (outcome.status, outcome.reason, told(outcome)) == (PASSED, "", [("too-complex", "c.py:1", FIXED)])


def test_a_copied_complex_function_is_new(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("one", 25)})
    repository.commit({"b.py": branches("one", 25)})
    assert told(examine_push(repository)) == [("too-complex", "b.py:1", NEW)]


def test_a_file_that_cannot_be_parsed_is_no_pass(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": "def f(:\n", "b.py": "x = 1\n"})
    outcome = examine_all(repository)
    assert outcome.status == NOT_RUN
    assert outcome.reason.startswith("a.py:1: Python 3.")
    assert outcome.evidence.parse_errors == [outcome.reason]
    repository.commit({"c.py": branches("f", 25), "d.py": "\0"})
    outcome = examine_all(repository)
    assert outcome.status == FAILED
    assert len(outcome.evidence.parse_errors) == 2
    assert examine_all(repository, block="none").reason.endswith("(and 1 more)")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"# -*- coding: klingon -*-\n", "klingon"),
        (b"x = '\xff'\n", "utf-8"),
        (b"-" * 5000 + b"1", "nested too deeply"),
        (b"print 'two'\n", "Missing parentheses"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(raw: bytes, says: str) -> None:
    error = measure(raw, index=True).error
    assert says in error
    assert error.startswith("1: ")


def test_other_encodings_are_understood() -> None:
    measured = measure("# coding: latin-1\ndef f():\n    return 'é'\n".encode("latin-1"), index=True)
    assert (measured.error, measured.functions) == ("", 1)
    assert measured.index is not None
    assert measured.index > 50


def test_unparsable_files_that_the_change_does_not_touch_do_not_matter(make_repository: Make) -> None:
    repository = make_repository("a", {"bad.py": "def f(:\n"})
    repository.commit({"a.py": "x = 1\n"})
    outcome = examine_push(repository, average="A")
    assert (outcome.status, outcome.evidence.parse_errors) == (PASSED, [])


def test_the_average_is_about_the_whole_tree(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 9)})
    repository.commit({"b.py": branches("g", 3)})
    outcome = examine_push(repository, average="A")
    assert [finding.rule for finding in outcome.findings] == ["average-too-complex"]
    (finding,) = outcome.findings
    assert finding.message == "all functions together have complexity 6.00 on average (rank B, A is allowed)"
    assert (finding.place, finding.status) == (None, EXISTING)
    assert outcome.metrics == {"average_complexity": 6, "functions": 2, "max_complexity": 9}
    assert examine_push(repository, average="B").status == PASSED
    assert examine_push(repository).metrics == {}


def test_an_average_that_the_change_makes_worse_is_new(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 1)})
    repository.commit({"b.py": branches("g", 20), "a.py": branches("f", 2)})
    assert [f.status for f in examine_push(repository, average="A").findings] == [NEW]
    assert [f.status for f in examine_all(repository, average="A").findings] == [NEW]
    repository.git("rm", "-q", "b.py")
    repository.commit({"c.py": branches("g", 20)})
    assert [f.status for f in examine_push(repository, average="A").findings] == [EXISTING]


def test_a_commit_does_not_wait_for_the_average_of_files_never_seen(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 19), "c.py": "def f(:\n"})
    repository.write("b.py", branches("g", 3))
    repository.git("add", "-A")
    first = examine_commit(repository, average="A")
    assert (first.status, first.metrics) == (PASSED, {})
    assert first.evidence.left_out == {"not measured yet, so this commit is not judged by the average": 2}
    assert examine_commit(repository, average="A", ratchets={"average_complexity": "down"}).metrics
    again = examine_commit(repository, average="A")
    assert [finding.rule for finding in again.findings] == ["average-too-complex"]
    assert again.evidence.left_out == {}


def test_the_average_of_a_file(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 12), "pack/b.py": branches("g", 5)})
    outcome = examine_all(repository, modules="B")
    assert told(outcome) == [("module-too-complex", "a.py:1", NEW)]
    assert outcome.findings[0].message == "its functions have complexity 12.0 on average (rank C, B is allowed)"


def test_maintainability(make_repository: Make) -> None:
    long = "".join(f"def f{n}(a, b, c):\n    x{n} = a * {n} + b / {n + 1} - c\n    return x{n}\n" for n in range(300))
    repository = make_repository("a", {"a.py": long, "b.py": "x = 1\n"})
    assert examine_all(repository).status == PASSED  # measured without the index, and kept
    outcome = examine_all(repository, maintainability="A")
    assert told(outcome) == [("hard-to-maintain", "a.py:1", NEW)]
    assert "(rank C, A is allowed)" in outcome.findings[0].message
    assert examine_all(repository, maintainability="C").status == PASSED


def test_files_that_the_configuration_leaves_out_are_not_read(make_repository: Make) -> None:
    repository = make_repository("a", {"data/bad.py": "def f(:\n"})
    repository.commit({"data/bad.py": "def f(::\n", "a.py": "x = 1\n"})
    outcome = examine_push(repository, exclude="data/", average="A")
    assert (outcome.status, outcome.evidence.files) == (PASSED, 1)


def test_the_base_side_measures_the_base(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": branches("f", 9)})
    repository.commit({"a.py": branches("f", 3)})
    outcome = examine_push(repository, side="base", ratchets={"average_complexity": "down"})
    assert outcome.metrics["average_complexity"] == 9


def test_the_numbers_do_not_depend_on_the_store(make_repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository("a", {"a.py": branches("f", 25), "b.py": "def f(:\n", "c.py": branches("g", 7)})
    first = examine_all(repository, max="A").to_dict()
    assert examine_all(repository, max="A").to_dict() == first
    store = Path(Git.find(str(repository.path)).state, "complexity")
    store.write_bytes(b"torn")
    assert examine_all(repository, max="A").to_dict() == first
    store.unlink()
    store.mkdir()  # cannot be written
    assert examine_all(repository, max="A").to_dict() == first


def test_the_store_does_not_grow_for_ever(make_repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.checks.kept.KEEP", 2)
    repository = make_repository("a", {"a.py": "x = 0\n"})
    for number in range(1, 6):
        repository.commit({"a.py": f"x = {number}\n"})
        examine_all(repository)
    from gates.marshalled import read_marshal

    stored = read_marshal(str(Path(Git.find(str(repository.path)).state, "complexity")))
    assert isinstance(stored, dict)
    assert len(stored["blobs"]) <= 3


def test_nothing_examined_is_no_pass(repository: Repository) -> None:
    change = between(Git.find(str(repository.path)), "", "HEAD")
    asked = context(repository, change)
    asked.files = ["gone.py"]
    outcome = GATE.examine(asked)
    assert (outcome.status, outcome.reason) == (NOT_RUN, "none of the files asked about is in the tree")


def test_without_a_git_dir_the_folder_tells(repository: Repository) -> None:
    change = between(Git.find(str(repository.path)), "", "HEAD")
    assert change.base_tree == EMPTY_TREE
    asked = context(repository, change)
    asked.git_dir = asked.state_dir = ""
    assert GATE.examine(asked).status == PASSED


def test_every_rule_is_explained() -> None:
    assert set(RULES) == {"too-complex", "module-too-complex", "average-too-complex", "hard-to-maintain"}
    assert all(set(parts) == {"meaning", "why", "fix", "suppress"} for parts in RULES.values())
