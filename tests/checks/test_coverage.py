"""The coverage gate on real repositories, with data that real tools wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.checks.base import Finished, GateContext
from gates.checks.coverage import GATE
from gates.checks.coverage_data import locate, parse
from gates.checks.new_lines import new_lines
from gates.git.change import EMPTY_TREE
from gates.git.doors import whole
from gates.git.repository import Repository as Git
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome
from gates.settings import GateSettings
from tests.conftest import Repository

APP = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
TEST = "from src.app import add\n\nassert add(1, 2) == 3\n"
MORE = "\n\ndef mul(a, b):\n    c = a * b\n    return c\n\n\ndef div(a, b):\n    c = a / b\n    return c\n"


@pytest.fixture
def project(make_repository: Callable[..., Repository]) -> Repository:
    """A project with one covered and one uncovered function in its first commit."""
    files = {
        "src/__init__.py": "",
        "src/app.py": APP,
        "check.py": TEST,
        ".gitignore": "*.json\n*.xml\n*.info\n.coverage\n__pycache__/\n",
    }
    return make_repository("project", files)


def measure(project: Repository, *kind: str) -> None:
    """Run the project's test under coverage.py and write its data as json, xml or lcov."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    run = [sys.executable, "-m", "coverage"]
    for words in (["run", "--source=.", "check.py"], list(kind or ("json",))):
        done = subprocess.run(
            [*run, *words], cwd=project.path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def context(project: Repository, run: str | None = None, base: str = "HEAD~1", **options: object) -> GateContext:
    git = Git.find(str(project.path))
    change = whole(git, "HEAD", base=base, door="ci")
    files = [file.path for file in change.files if file.path.endswith((".py", ".js"))]
    settings = GateSettings("coverage", run=run, options=options)
    return GateContext(settings, str(project.path), change, files, all_files=files)


def judge(project: Repository, code: int = 0, **more: object) -> Outcome:
    return GATE.judge(context(project, **more), Finished(code, b"out", b""))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["json", "xml", "lcov"])
def test_new_lines_without_a_test_fail(project: Repository, kind: str) -> None:
    project.commit({"src/app.py": APP + MORE})
    measure(project, kind, *(["-o", "lcov.info"] if kind == "lcov" else []))
    outcome = judge(project)
    assert outcome.status == FAILED
    assert outcome.reason == "33.3 % of the new lines are covered, 80 % is asked for"
    assert [(str(finding.place), finding.place.end_line) for finding in outcome.findings] == [
        ("src/app.py:10", 11),
        ("src/app.py:15", 16),
    ]
    assert outcome.findings[0].message == "2 new lines that no test executes"
    assert outcome.findings[0].source == "    c = a * b"
    assert outcome.metrics["new_lines"] == 6
    assert outcome.evidence.files == 3
    assert outcome.evidence.tool


def test_new_lines_with_a_test_pass_whatever_the_old_ones(project: Repository) -> None:
    project.commit(
        {"src/app.py": APP + MORE, "check.py": TEST + "from src.app import mul, div\nmul(1, 2)\ndiv(1, 2)\n"}
    )
    measure(project)
    outcome = judge(project)
    assert (outcome.status, outcome.reason, outcome.findings) == (PASSED, "", [])
    assert outcome.metrics["new_coverage"] == 100
    assert 80 < outcome.metrics["coverage"] < 100


def test_a_small_change_is_not_judged_by_a_percentage(project: Repository) -> None:
    project.commit({"src/app.py": APP + "\n\ndef neg(a):\n    return -a\n"})
    measure(project)
    assert judge(project).status == PASSED
    assert judge(project, floor=2).status == FAILED
    assert judge(project, floor=0).status == FAILED


def test_the_share_of_all_lines_can_have_a_minimum(project: Repository) -> None:
    project.commit({"README.md": "words\n"})
    measure(project)
    assert judge(project, minimum=50).status == PASSED
    outcome = judge(project, minimum=95)
    assert outcome.status == FAILED
    assert "of all lines are covered, 95 % is asked for" in outcome.reason
    assert outcome.findings[0].rule == "coverage-too-low"


def test_moved_lines_are_not_new(project: Repository) -> None:
    body = "\n".join(f"    value_{n} = compute_something({n})" for n in range(8))
    code = f"\n\ndef big(a):\n{body}\n    return a\n"
    project.commit({"src/app.py": APP + code})
    moved = "if True:\n    pass\n" + code.replace("\n    ", "\n        ").replace("def big", "    def big")
    project.commit({"src/app.py": APP, "src/far.py": moved})
    measure(project)
    outcome = judge(project)
    assert outcome.status == PASSED
    assert outcome.metrics["new_lines"] == 2


def test_a_second_copy_is_new(project: Repository) -> None:
    body = "\n".join(f"    value_{n} = compute_something({n})" for n in range(8))
    project.commit({"src/far.py": f"def big(a):\n{body}\n"})
    project.commit({"src/far.py": "", "src/one.py": f"def big(a):\n{body}\n", "src/two.py": f"def big(a):\n{body}\n"})
    git = Git.find(str(project.path))
    change = whole(git, "HEAD", base="HEAD~1")
    found = new_lines(git, change.base_tree, change.tree)
    assert sorted(found) == ["src/two.py"]
    assert len(found["src/two.py"]) == 9


def test_short_lines_that_happen_to_be_equal_are_new(project: Repository) -> None:
    project.commit({"src/far.py": "x = 1\n", "src/near.py": ""})
    project.commit({"src/far.py": "", "src/near.py": "x = 1\n"})
    git = Git.find(str(project.path))
    change = whole(git, "HEAD", base="HEAD~1")
    assert new_lines(git, change.base_tree, change.tree) == {"src/near.py": {1: "x = 1"}}


def test_new_lines_of_odd_files(project: Repository) -> None:
    project.commit({"src/ü b.py": "a = 1\n", "src/form.py": "a = 1\x0c\nb = 2", "data.bin": b"\0\1\2"})
    os.symlink("app.py", project.path / "src/link.py")
    project.commit({"src/ü b.py": "a = 1\nb = 2\n", "data.bin": b"\0\1\3", "src/form.py": "a = 1\x0c\nb = 3"})
    git = Git.find(str(project.path))
    change = whole(git, "HEAD", base="HEAD~1")
    assert new_lines(git, change.base_tree, change.tree) == {"src/ü b.py": {2: "b = 2"}, "src/form.py": {2: "b = 3"}}
    assert new_lines(git, change.tree, change.tree) == {}
    assert new_lines(git, EMPTY_TREE, change.tree)["src/app.py"][1] == "def add(a, b):"


def test_no_data_is_not_passed(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    outcome = judge(project)
    assert outcome.status == NOT_RUN
    assert "there is no coverage data: none of coverage.json, coverage.xml" in outcome.reason
    assert judge(project, report="out/mine.xml").reason == "there is no coverage data: out/mine.xml was not written"


def test_data_of_an_earlier_state_is_not_passed(project: Repository) -> None:
    measure(project)
    project.commit({"src/app.py": APP + MORE})
    os.utime(project.path / "coverage.json", (1, 1))
    outcome = judge(project)
    assert outcome.status == NOT_RUN
    assert "coverage.json is older than" in outcome.reason


def test_in_ci_the_named_report_of_an_earlier_job_counts(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    measure(project)
    later = time.time() + 60
    for path in project.path.glob("**/*.py"):
        os.utime(path, (later, later))
    assert "is older than" in judge(project).reason
    assert judge(project, report="coverage.json").status == FAILED, "it was read"
    os.utime(project.path / "coverage.json", (1, 1))
    assert "is older than" in judge(project, report="coverage.json").reason, "it is older than the commit"


def test_committed_data_is_not_passed(project: Repository) -> None:
    measure(project)
    project.git("add", "-f", "coverage.json")
    project.commit({"src/app.py": APP + MORE})
    asked = context(project)
    asked.all_files = [*asked.all_files, "coverage.json"]
    outcome = GATE.judge(asked, Finished(0, b"", b""))
    assert outcome.status == NOT_RUN
    assert "is committed" in outcome.reason


def test_data_about_another_project_is_not_passed(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    project.write("lcov.info", "SF:/elsewhere/other.py\nDA:1,1\nend_of_record\n")
    outcome = judge(project)
    assert outcome.status == NOT_RUN
    assert outcome.reason == "none of the 1 files in lcov.info is in this tree"


def test_a_new_file_that_the_tool_does_not_know_is_not_passed(project: Repository) -> None:
    project.commit({"src/deep/forgotten.py": MORE, "docs/conf.py": "x = 1\n", "src/empty.py": ""})
    project.write("lcov.info", "SF:src/app.py\nDA:1,1\nend_of_record\n")
    outcome = judge(project)
    assert outcome.status == NOT_RUN
    assert outcome.evidence.parse_errors == ["src/deep/forgotten.py: it has new lines and is not in the coverage data"]
    assert "let the tool list files that no test loads" in outcome.reason


def test_files_that_the_globs_leave_out_are_not_asked_for(project: Repository) -> None:
    project.commit({"src/generated.py": MORE})
    project.write("lcov.info", "SF:src/app.py\nDA:1,1\nend_of_record\n")
    asked = context(project)
    asked.all_files = ["src/app.py"]
    assert GATE.judge(asked, Finished(0, b"", b"")).status == PASSED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither coverage.py JSON, nor Cobertura XML, nor LCOV"),
        (b"{", "not what `coverage json` writes"),
        (b'{"meta": {"version": 1}, "files": {"a": []}}', "not what `coverage json` writes"),
        (b"<coverage>", "not well-formed"),
        (b"<html/>", "not Cobertura's"),
        (
            b"<coverage><packages><package><classes><class/></classes></package></packages></coverage>",
            "lacks file names",
        ),
        (b"SF:a.py\nDA:x\n", "line 2 of this LCOV file"),
    ],
)
def test_data_that_cannot_be_read_is_not_passed(project: Repository, content: bytes, words: str) -> None:
    project.commit({"src/app.py": APP + MORE})
    project.write("lcov.info", content)
    outcome = judge(project)
    assert outcome.status == NOT_RUN
    assert words in outcome.reason


def test_a_folder_in_place_of_the_report_is_not_passed(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    (project.path / "coverage.json").mkdir()
    assert judge(project).status == NOT_RUN


def test_a_command_that_fails_is_told(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    assert judge(project, code=1).status == FAILED
    assert judge(project, code=127).reason == "its command was not found"
    done = Finished(-15, b"", b"", timed_out=True)
    assert GATE.judge(context(project), done).status == NOT_RUN


def test_what_it_runs(project: Repository) -> None:
    project.commit({"src/app.py": APP + MORE})
    assert GATE.prepare(context(project)).argv == ["true"]
    assert GATE.prepare(context(project, run="make coverage")).argv == ["sh", "-c", "make coverage"]
    asked = context(project, run=["make", "coverage"])  # type: ignore[arg-type]
    asked.scratch = "/somewhere"
    command = GATE.prepare(asked)
    assert (command.argv, command.env) == (["make", "coverage"], {"GATELINE_SCRATCH": "/somewhere"})


def test_data_in_the_scratch_folder_counts_first(project: Repository, tmp_path: Path) -> None:
    project.commit({"src/app.py": APP + MORE})
    project.write("lcov.info", "nonsense")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "lcov.info").write_text("SF:src/app.py\nDA:9,1\nDA:10,1\nDA:11,1\nDA:14,1\nDA:15,1\nDA:16,1\n")
    asked = context(project, report="lcov.info")
    asked.scratch = str(scratch)
    assert GATE.judge(asked, Finished(0, b"", b"")).status == PASSED


def test_names_of_other_machines_are_found_by_their_endings(tmp_path: Path) -> None:
    files = ["src/app.py", "src/util/app.py", "lib/only.py", "app.py"]
    lcov = "".join(
        f"SF:{name}\nDA:{line},1\nend_of_record\n"
        for line, name in enumerate(
            [
                "/builds/group/project/src/app.py",
                "C:\\work\\src\\util\\app.py",
                "only.py",
                "./app.py",
                "/usr/lib/site-packages/src/app.py",
                "/elsewhere/app.py",
            ],
            1,
        )
    )
    found = locate(parse(lcov.encode()), str(tmp_path), files)
    assert found == {
        "src/app.py": {1: True},
        "src/util/app.py": {2: True},
        "lib/only.py": {3: True},
        "app.py": {4: True},
    }


def test_sources_of_cobertura_are_followed(tmp_path: Path) -> None:
    xml = (
        f"<coverage><sources><source>{tmp_path}/src</source></sources><packages><package><classes>"
        '<class filename="app.py"><lines><line number="1" hits="0"/></lines></class>'
        '<class filename="app.py"><lines><line number="1" hits="2"/><line number="2" hits="0"/></lines></class>'
        "</classes></package></packages></coverage>"
    )
    assert locate(parse(xml.encode()), str(tmp_path), ["app.py", "src/app.py"]) == {"src/app.py": {1: True, 2: False}}
    assert locate(parse(xml.encode()), "/other", ["app.py", "src/app.py"]) == {"app.py": {1: True, 2: False}}
    elsewhere = xml.replace(str(tmp_path), "/builds/group")
    assert locate(parse(elsewhere.encode()), "/other", ["src/app.py"]) == {"src/app.py": {1: True, 2: False}}


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_lcov_of_nodes_own_test_runner(make_repository: Callable[..., Repository]) -> None:
    code = "exports.add = (a, b) => {\n  return a + b;\n};\n"
    project = make_repository("web", {"lib/app.js": code, ".gitignore": "*.info\n"})
    lines = "".join(f"  total += {n};\n" for n in range(6))
    project.commit(
        {
            "lib/app.js": code + f"exports.sum = () => {{\n  let total = 0;\n{lines}  return total;\n}};\n",
            "test/app.test.js": "const test = require('node:test');\nconst app = require('../lib/app.js');\n"
            "test('add', () => { if (app.add(1, 2) !== 3) throw new Error('no'); });\n",
        }
    )
    words = ["--test", "--experimental-test-coverage", "--test-reporter=lcov", "--test-reporter-destination=lcov.info"]
    subprocess.run(["node", *words, "test/app.test.js"], cwd=project.path, check=True, capture_output=True)
    outcome = judge(project)
    assert outcome.status == FAILED, outcome.reason
    assert outcome.findings[0].place.path == "lib/app.js"
