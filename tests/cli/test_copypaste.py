"""`gateline copypaste`, in real repositories."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
    assert " new\n" in answer.out
    assert "c.py:1-12" in answer.out


def test_edited_copies_are_found_with_type_3(repository: Repository) -> None:
    repository.commit({"a.py": LOAD, "b.py": EDITED})
    assert Answer(repository.path, "--type", "1").code == 0
    answer = Answer(repository.path, "--type", "3")
    assert answer.code == 1
    assert "nearly the same code" in answer.out


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
