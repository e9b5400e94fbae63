"""`gateline copypaste`, in real repositories."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.checks.copypaste.edited_samples import EDITED, LOAD
from tests.conftest import Repository


class Answer:
    def __init__(self, folder: Path, *arguments: str, columns: int = 100) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "gates", "copypaste", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": str(columns), "PYTHONUTF8": "1"},
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


@pytest.fixture
def copied(repository: Repository) -> Repository:
    """One function in two files."""
    repository.commit({"a.py": LOAD, "lib/b.py": "import os\n\n\n" + LOAD})
    return repository


def test_copies_are_told_with_their_places(copied: Repository) -> None:
    answer = Answer(copied.path)
    assert answer.code == 1
    assert "a.py:1-12" in answer.out
    assert "lib/b.py:4-15" in answer.out
    assert "1 finding" in answer.out


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_fit_the_terminal(copied: Repository, columns: int) -> None:
    assert max(map(len, Answer(copied.path, columns=columns).out.splitlines())) <= columns


def test_no_copies(repository: Repository) -> None:
    answer = Answer(repository.path)
    assert answer.code == 0
    assert "no copies, 1 file in" in answer.out


def test_new_and_unstaged_files_are_searched(repository: Repository) -> None:
    repository.write("a.py", LOAD)
    repository.write("b.py", LOAD)
    assert Answer(repository.path).code == 1


def test_against_a_revision_only_what_is_new_is_told(copied: Repository) -> None:
    assert Answer(copied.path, "--against", "HEAD").code == 0
    copied.write("c.py", LOAD)
    answer = Answer(copied.path, "--against", "HEAD")
    assert answer.code == 1
    assert "  1  new: 12 lines" in answer.out
    assert "c.py:1-12" in answer.out


def test_edited_copies_are_found_with_type_3(repository: Repository) -> None:
    repository.commit({"a.py": LOAD, "b.py": EDITED})
    assert Answer(repository.path, "--type", "1").code == 0
    answer = Answer(repository.path, "--type", "3")
    assert answer.code == 1
    assert "nearly the same code" in answer.out


def test_renamed_copies_may_be_blind_to_names(repository: Repository) -> None:
    lines = [f"    first = second(third, {number})\n" for number in range(12)]
    others = [f"    first{number} = second{number}(third{number}, 0)\n" for number in range(12)]
    repository.commit({"a.py": "".join(["def a():\n", *lines]), "b.py": "".join(["def b():\n", *others])})
    assert Answer(repository.path, "--type", "2").code == 0
    assert Answer(repository.path, "--type", "2", "--renaming", "blind").code == 1


def test_the_shortest_copy_and_paths(copied: Repository) -> None:
    assert Answer(copied.path, "--min-tokens", "500").code == 0
    assert Answer(copied.path, "--min-lines", "50").code == 0
    assert Answer(copied.path, "lib").code == 1
    assert Answer(copied.path, "src", "README.md").code == 0


def test_the_settings_of_the_gate_count(copied: Repository) -> None:
    copied.write("gateline.yaml", "gates:\n  copypaste: {exclude: [lib/]}\n")
    assert Answer(copied.path).code == 0
    copied.write("gateline.yaml", "gates:\n  copies: {kind: copypaste, min_tokens: 500}\n")
    assert Answer(copied.path).code == 0
    assert Answer(copied.path, "--min-tokens", "50").code == 1


def test_json_and_sarif(copied: Repository) -> None:
    result = json.loads(Answer(copied.path, "--format", "json").out)
    (finding,) = result["outcomes"][0]["findings"]
    assert [finding["place"]["path"], finding["related"][0]["path"]] == ["a.py", "lib/b.py"]
    assert result["exit_code"] == 1
    run = json.loads(Answer(copied.path, "--format", "sarif").out)["runs"][0]
    assert run["results"][0]["relatedLocations"]
    assert "<html" in Answer(copied.path, "--format", "html").out


@pytest.mark.parametrize("which", ["1", "lib/b.py:6", "./a.py:3"])
def test_explain(copied: Repository, which: str) -> None:
    answer = Answer(copied.path, "--explain", which)
    assert answer.code == 1
    assert "a.py:1" in answer.out
    assert "The code is the same but for layout. Make one function of these 12 lines; call it 2 times." in answer.out


def test_explain_names_the_other_places(copied: Repository) -> None:
    copied.commit({"c.py": LOAD})
    assert Answer(copied.path, "--explain", "1").out.endswith("Also at lib/b.py:4.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--explain", "7"), "there is no finding 7: there is 1"),
        (("--explain", "a.py"), "neither the number of a finding nor PATH:LINE"),
        (("--explain", "README.md:1"), "there is no copy at README.md:1"),
        (("nowhere",), "there is no nowhere"),
        (("..",), "is outside of"),
        (("--against", "nothing"), "nothing"),
    ],
)
def test_wrong_usage(copied: Repository, arguments: tuple[str, ...], told: str) -> None:
    answer = Answer(copied.path, *arguments)
    assert answer.code == 2
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_nothing_to_explain(repository: Repository) -> None:
    answer = Answer(repository.path, "--explain", "1")
    assert (answer.code, answer.err) == (2, "gateline: there are no copies to explain\n")


def test_a_plain_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.py").write_text(LOAD)
    (tmp_path / "sub" / "b.py").write_text(LOAD)
    assert Answer(tmp_path).code == 1
    answer = Answer(tmp_path, "--against", "HEAD")
    assert answer.code == 2
    assert "Traceback" not in answer.err


SARIF = Path(__file__).parent.parent / "data" / "reports" / "sarif-2.1.0.json"
REASON = "the old API is kept until June"


@pytest.fixture
def changed(repository: Repository) -> Repository:
    """What can be found against HEAD: a copy, one that is allowed, a missed twin, a comment that allows nothing."""
    other, third = (LOAD.replace("name", word).replace("rest", f"{word}_rest") for word in ("first", "second"))
    repository.commit({"a.py": LOAD, "b.py": other, "b2.py": other, "c.py": third})
    repository.write("a2.py", LOAD)
    repository.write("b2.py", other.replace("limit", "most"))
    repository.write("c2.py", third + "\n\n# gateline: allow-copy 12345678 long ago\n")
    listed = json.loads(Answer(repository.path, "--against", "HEAD", "--format", "json").out)["outcomes"][0]["findings"]
    (hint,) = [each["detail"] for each in listed if each["place"]["path"] == "c2.py" and each["rule"] == "copied-code"]
    comment = "# " + hint.partition("above it: ")[2].replace("<reason>", REASON)
    repository.write("c2.py", comment + "\n" + third + "\n\n# gateline: allow-copy 12345678 long ago\n")
    return repository


def test_everything_that_can_be_told(changed: Repository) -> None:
    lines = Answer(changed.path, "--against", "HEAD").out.splitlines()
    assert lines[0] == "  1  new: 12 lines (85 tokens) in 2 places: the same code"
    assert [line.split()[0] for line in lines[1:3]] == ["a2.py:1-12", "a.py:1-12"]
    assert "  2  missed twin: you changed this copy in lines 1, 9, and the other copy is as before" in lines
    assert f"c2.py:2-13 allowed: {REASON}" in lines
    assert any(line.startswith("c2.py:16 note: this comment allows nothing") for line in lines)
    assert lines[-1].startswith("2 findings, 1 allowed, ")
    assert (
        Answer(changed.path, "--against", "HEAD", "--explain", "3").err
        == "gateline: there is no finding 3: there are 2\n"
    )


def test_with_only_what_is_allowed_it_passes(changed: Repository) -> None:
    answer = Answer(changed.path, "--against", "HEAD", "c2.py")
    assert answer.code == 0
    assert "no copies, 1 allowed" in answer.out


def test_with_other_options_no_comment_is_called_idle(changed: Repository) -> None:
    assert "long ago" not in Answer(changed.path, "--against", "HEAD", "--type", "1").out
    assert "note: this comment" in Answer(changed.path).out
    assert "note: this comment" not in Answer(changed.path, "--type", "1").out


def test_explain_a_missed_twin(changed: Repository) -> None:
    out = Answer(changed.path, "--against", "HEAD", "--explain", "b2.py:3").out
    assert "Make the same edit in b.py:1. What differs now: lines 1, 9 here, lines 1, 9 there." in out
    assert "Better, make one of all 2 copies, so that it is edited once." in out


@pytest.mark.parametrize("arguments", [["--against", "HEAD"], ["--type", "2"], ["--type", "3"]])
def test_sarif_is_valid_by_its_schema(changed: Repository, arguments: list[str]) -> None:
    log = json.loads(Answer(changed.path, *arguments, "--format", "sarif").out)
    jsonschema.Draft7Validator(json.loads(SARIF.read_text())).validate(log)
    results = log["runs"][0]["results"]
    assert results
    suppressed = [each["suppressions"][0]["justification"] for each in results if each["suppressions"]]
    assert suppressed == [REASON]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("binary.py", "binary (has NUL bytes)"),
        ("README.md", "data or prose, not code"),
        ("empty", "no file that is searched"),
    ],
)
def test_nothing_to_look_at_is_not_passed(copied: Repository, name: str, why: str) -> None:
    copied.write("binary.py", b"a\0b")
    (copied.path / "empty").mkdir()
    answer = Answer(copied.path, name)
    assert answer.code == 3
    assert f"not run: there is nothing to look at in {name}: {why}" in answer.out


def test_no_code_at_all_is_not_passed(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "hook.py").write_text(LOAD)  # what git keeps is not looked at
    answer = Answer(tmp_path)
    assert (answer.code, answer.out) == (3, "not run: there is no code in a language that is known\n")


def test_explain_as_a_word_is_told_how(copied: Repository) -> None:
    answer = Answer(copied.path, "explain", "1")
    assert answer.code == 2
    assert "`gateline copypaste --explain 1`" in answer.err


def test_in_a_subfolder_a_place_may_be_named_from_there(copied: Repository) -> None:
    for place in ("b.py:5", "lib/b.py:5", "../a.py:5"):
        assert Answer(copied.path / "lib", "--explain", place).code == 1


def test_what_most_can_be_saved_of_comes_first(copied: Repository) -> None:
    small = LOAD.replace("name", "word").replace("rest", "other")
    copied.commit({f"z{number}.py": small for number in range(4)})
    out = Answer(copied.path).out
    assert out.index("z0.py:1-12") < out.index("a.py:1-12")


def test_explain_with_many_other_places(copied: Repository) -> None:
    copied.commit({f"z{number:02}.py": LOAD for number in range(15)})
    assert Answer(copied.path, "--explain", "1").out.endswith("Also at z09.py:1.\nAnd at 5 more places.\n")


def test_many_findings_are_cut(repository: Repository) -> None:
    """Each class is another function, so that there are several."""
    for number in range(4):
        text = LOAD.replace("result", f"result_{number}").replace("limit", f"limit_{number}")
        repository.write(f"a{number}.py", text)
        repository.write(f"b{number}.py", text)
    assert "... and 3 more: --limit 0 shows all" in Answer(repository.path, "--limit", "1").out
    assert "more: --limit" not in Answer(repository.path, "--limit", "0").out


def test_left_out_files_are_counted(copied: Repository) -> None:
    copied.commit({"c_pb2.py": LOAD, "data.json": "{}\n"})
    out = Answer(copied.path).out
    assert "left out: 1 file, generated" in out
    assert "c_pb2.py" not in out
