"""Copies that a comment in the source allows: with a reason, told, and only as long as the code stays."""

from __future__ import annotations

import json
import re

import pytest

from gates.finding import ALLOWED, NEW
from gates.outcome import FAILED, PASSED, Outcome
from tests.checks.copypaste.edited_samples import EDITED, LOAD
from tests.checks.copypaste.scene import examine_all, examine_commit, function, told, without_index
from tests.conftest import Repository

REASON = "the drivers are kept apart"
CHANGED = ("+ 4 *", "- 4 *")


def wanted(outcome: Outcome, number: int = 0) -> str:
    """The comment that a finding says would allow its copy."""
    found = re.search(r"gateline: allow-copy [0-9a-f]{8}", outcome.findings[number].detail)
    assert found is not None, outcome.findings[number].detail
    return f"{found[0]} {REASON}"


def start(repository: Repository, **files: str) -> None:
    repository.commit({f"{name}.py": text for name, text in files.items()}, "base")


def allowed(outcome: Outcome) -> list[tuple[str, str]]:
    """Place and reason of what is allowed."""
    return [(str(f.place), f.detail) for f in outcome.findings if f.status == ALLOWED]


def idle(outcome: Outcome) -> list[str]:
    return [f"{f.place}: {f.message}" for f in outcome.findings if f.rule == "idle-comment"]


def test_the_finding_tells_the_comment_and_the_comment_allows_the_copy(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", function("two"))
    comment = wanted(examine_commit(repository))
    repository.write("two.py", f"# {comment}\n" + function("two"))
    outcome = examine_commit(repository)
    assert outcome.status == PASSED
    assert told(outcome) == [("copied-code", "two.py:2-13", ["one.py:1-12"], ALLOWED)]
    assert allowed(outcome) == [("two.py:2", REASON)]
    assert outcome.metrics["allowed_copies"] == 1
    repository.commit()
    assert allowed(examine_all(repository)) == [("two.py:2", REASON)]


def test_when_the_code_changes_the_permission_ends(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", function("two"))
    comment = wanted(examine_commit(repository))
    repository.write("two.py", f"# {comment}\n" + function("two").replace(*CHANGED))
    repository.write("one.py", function("one").replace(*CHANGED))
    outcome = examine_commit(repository)
    assert outcome.status == FAILED
    assert [rule for rule, *_ in told(outcome)] == ["copied-code"]
    assert "two.py:1: the code has changed since this copy was allowed" in outcome.findings[0].detail
    assert "allowed_copies" not in outcome.metrics
    assert wanted(outcome) != comment


def test_one_comment_does_not_hide_another_new_copy(repository: Repository) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", function("two"))
    comment = wanted(examine_commit(repository))
    repository.write("two.py", f"# {comment}\n" + function("two"))
    repository.write("three.py", function("three"))
    outcome = examine_commit(repository)
    assert told(outcome) == [
        ("copied-code", "three.py:1-12", ["one.py:1-12"], NEW),
        ("copied-code", "two.py:2-13", ["one.py:1-12", "three.py:1-12"], ALLOWED),
    ]
    assert outcome.status == FAILED


def test_a_copy_of_allowed_copies_is_new(repository: Repository) -> None:
    """Both are allowed; that says nothing about the third."""
    start(repository, one=function("same"))
    repository.write("two.py", function("same"))
    text = f"# {wanted(examine_commit(repository))}\n" + function("same")
    repository.commit({"one.py": text, "two.py": text})
    assert told(examine_commit(repository)) == []
    repository.write("three.py", function("same"))
    assert told(examine_commit(repository)) == [("copied-code", "three.py:1-12", ["one.py:2-13", "two.py:2-13"], NEW)]


def test_an_edited_copy_is_allowed_too(repository: Repository) -> None:
    start(repository, a=LOAD)
    repository.write("b.py", EDITED)
    repository.write("c.py", EDITED.replace("counter += 1", "counter -= 1"))
    outcome = examine_commit(repository, type=3)
    assert [status for *_, status in told(outcome)] == [NEW]
    first = str(outcome.findings[0].place)
    comment = wanted(outcome)
    name, code = ("b.py", EDITED) if first == "b.py:1" else ("c.py", EDITED.replace("counter += 1", "counter -= 1"))
    other = "c.py:1" if name == "b.py" else "b.py:1"
    repository.write(name, f"# {comment}\n{code}")
    without_index(repository)
    outcome = examine_commit(repository, type=3)
    assert allowed(outcome) == [(f"{name}:2", REASON)]
    assert [str(f.place) for f in outcome.findings if f.status == NEW] == [other]
    repository.write(name, f"# {comment}\n{code}".replace("counter", "number"))
    without_index(repository)
    outcome = examine_commit(repository, type=3)
    assert allowed(outcome) == []
    (new,) = [f for f in outcome.findings if f.status == NEW]
    assert f"{name}:1: the code has changed since this copy was allowed" in new.detail


def test_a_missed_twin_is_allowed_too(repository: Repository) -> None:
    start(repository, one=function("same"), two=function("same"))
    repository.write("two.py", function("same").replace(*CHANGED))
    outcome = examine_commit(repository)
    assert outcome.status == FAILED
    repository.write("two.py", f"# {wanted(outcome)}\n" + function("same").replace(*CHANGED))
    outcome = examine_commit(repository)
    assert outcome.status == PASSED
    assert told(outcome) == [("missed-twin", "two.py:2-13", ["one.py:1-12"], ALLOWED)]
    assert allowed(outcome) == [("two.py:2", REASON)]
    assert idle(outcome) == []


def test_a_comment_at_the_other_copy_does_not_hide_a_missed_twin(repository: Repository) -> None:
    start(repository, one=function("same"))
    repository.write("two.py", function("same"))
    comment = wanted(examine_commit(repository))
    repository.commit({"two.py": f"# {comment}\n" + function("same")})
    repository.write("one.py", function("same").replace(*CHANGED))
    assert [(rule, status) for rule, _, _, status in told(examine_commit(repository))] == [("missed-twin", NEW)]


def test_a_part_of_a_function_is_allowed_above_the_function(repository: Repository) -> None:
    body = function("same", 14)
    start(repository, one=body)
    lines = body.splitlines()
    long = "\n".join(
        ["def other(first, second):", "    print(first)", *lines[1:-1], "    print(second)", "    return 1"]
    )
    repository.write("two.py", long + "\n")
    outcome = examine_commit(repository)
    assert [place for _, place, _, _ in told(outcome)] == ["two.py:3-14"]
    repository.write("two.py", f"# {wanted(outcome)}\n{long}\n")
    assert allowed(examine_commit(repository)) == [("two.py:4", REASON)]


def test_decorators_may_stand_between(repository: Repository) -> None:
    start(repository, one=function("same"))
    repository.write("two.py", "@cached\n@logged\n@checked(1)\n" + function("same"))
    comment = wanted(examine_commit(repository))
    repository.write("two.py", f"# {comment}\n@cached\n@logged\n@checked(1)\n" + function("same"))
    assert len(allowed(examine_commit(repository))) == 1
    repository.write("two.py", f"# {comment}\nprint(1)\nprint(2)\nprint(3)\n" + function("same"))
    assert allowed(examine_commit(repository)) == []


def test_more_is_copied_than_the_comment_allows(repository: Repository) -> None:
    both = function("one") + "\n\n" + function("other", seed=5)
    start(repository, one=both)
    repository.write("two.py", function("one"))
    comment = wanted(examine_commit(repository))
    repository.write("two.py", f"# {comment}\n{both}")
    (finding,) = examine_commit(repository).findings
    assert "two.py:1: more is copied here than the comment allows" in finding.detail


@pytest.mark.parametrize("words", ["", " 12345678", " because", " 12345678 because"])
def test_a_comment_that_is_wrong_allows_nothing_and_is_told_with_the_copy(repository: Repository, words: str) -> None:
    start(repository, one=function("one"))
    repository.write("two.py", f"# gateline: allow-copy{words}\n" + function("two"))
    outcome = examine_commit(repository)
    assert [(rule, status) for rule, _, _, status in told(outcome)] == [("copied-code", NEW)]
    assert outcome.findings[0].detail.startswith("two.py:1: the co")
    assert idle(outcome) == []


# --- comments that allow nothing


@pytest.fixture
def commented(repository: Repository) -> str:
    """A commit with a copy that is allowed; the comment."""
    start(repository, one=function("one"), other="x = 1\n")
    repository.write("two.py", function("two"))
    comment = f"# {wanted(examine_commit(repository))}\n"
    repository.commit({"two.py": comment + function("two")})
    return comment


GONE = "this comment allows nothing: there is no copy here any more; take it away"


def test_a_comment_is_idle_when_there_is_no_copy_any_more(repository: Repository, commented: str) -> None:
    repository.write("two.py", commented + function("two", seed=7))
    outcome = examine_commit(repository)
    assert (outcome.status, idle(outcome)) == (PASSED, [f"two.py:1: {GONE}"])
    (finding,) = outcome.findings
    assert (finding.severity, finding.status) == ("info", NEW)
    assert outcome.metrics["idle_comments"] == 1
    repository.commit()
    assert idle(examine_all(repository)) == [f"two.py:1: {GONE}"]


def test_a_comment_is_idle_when_the_other_copy_is_gone(repository: Repository, commented: str) -> None:
    repository.write("one.py", "import two\n")
    outcome = examine_commit(repository)
    assert idle(outcome) == []  # the commit does not touch the file of the comment
    repository.commit()
    assert idle(examine_all(repository)) == [f"two.py:1: {GONE}"]


def test_a_commit_is_told_idle_comments_of_its_own_files_only(repository: Repository, commented: str) -> None:
    repository.commit({"one.py": "import two\n"})
    repository.write("other.py", "x = 2\n")
    assert idle(examine_commit(repository)) == []
    repository.write("two.py", commented + function("two") + "\n\nprint('more')\n")
    assert idle(examine_commit(repository)) == [f"two.py:1: {GONE}"]


def test_a_comment_that_allows_something_old_is_not_idle(repository: Repository, commented: str) -> None:
    repository.write("two.py", commented + function("two") + "\n\nprint('more')\n")
    outcome = examine_commit(repository)
    assert (outcome.findings, outcome.metrics.get("allowed_copies")) == ([], None)


def test_a_wrong_hash_on_an_old_copy_is_told(repository: Repository, commented: str) -> None:
    repository.write("two.py", "# gateline: allow-copy 12345678 why\n" + function("two"))
    outcome = examine_commit(repository)
    assert outcome.status == PASSED
    (told_,) = idle(outcome)
    assert told_.startswith("two.py:1: the code has changed since this copy was allowed")
    repository.commit()
    outcome = examine_all(repository)
    assert idle(outcome) == []  # told with the copy
    assert "two.py:1: the code has changed" in outcome.findings[0].detail


def test_what_only_looks_like_a_comment_is_none(repository: Repository) -> None:
    text = '"""Write `gateline: allow-copy 12345678 why`."""\nx = "# gateline: allow-copy 12345678 why"\n'
    start(repository, one=text)
    repository.write("two.py", text)
    repository.write("README.md", "# gateline: allow-copy 12345678 why\n")
    assert examine_commit(repository).findings == []


def test_an_idle_comment_does_not_make_old_copies_block(repository: Repository, commented: str) -> None:
    start(repository, three=function("three", seed=3), four=function("four", seed=3))
    repository.git("tag", "before")
    repository.commit({"one.py": "import two\n"})
    outcome = examine_all(repository, "before")
    assert outcome.status == FAILED
    assert {finding.status for finding in outcome.findings} == {"existing"}
    assert idle(outcome) == [f"two.py:1: {GONE}"]


# --- comments in other kinds of files


def test_a_comment_in_a_page_is_read(repository: Repository) -> None:
    lines = "\n".join(f"  total += compute{n}(first, second) + {n} * factor;" for n in range(10))
    script = f"<script>\nfunction sum(first, second) {{\n  let total = 0;\n{lines}\n  return total;\n}}\n</script>\n"
    repository.commit({"one.html": f"<p>one</p>\n{script}"})
    repository.write("two.html", f"<p>two</p>\n\n{script}")
    comment = wanted(examine_commit(repository))
    repository.write("two.html", f"<p>two</p>\n<!-- {comment} -->\n{script}")
    assert allowed(examine_commit(repository)) == [("two.html:4", REASON)]


def test_a_comment_in_a_notebook_is_read(repository: Repository) -> None:
    def notebook(*lines: str) -> str:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": [line + "\n" for line in lines]}
        return json.dumps({"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4}, indent=1)

    code = function("same").splitlines()
    repository.commit({"one.ipynb": notebook("print(1)", *code)})
    repository.write("two.ipynb", notebook("x = 2", *code))
    comment = wanted(examine_commit(repository))
    repository.write("two.ipynb", notebook("x = 2", f"# {comment}", *code))
    assert [reason for _, reason in allowed(examine_commit(repository))] == [REASON]
