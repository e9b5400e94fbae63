"""The tests gate with real test runners."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from tests.checks.driver import VENV, Look, look

Tests = Callable[..., Look]

GOOD = "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n"
BAD = "def test_bad():\n    x = 1\n    assert x == 2, 'not two'\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    return root


@pytest.fixture
def tests(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tests:
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "NODE_TEST_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PATH", f"{VENV}{os.pathsep}{os.environ['PATH']}")
    numbers = iter(range(100))

    def run(command: str | list[str] | None, **arguments: Any) -> Look:
        return look("tests", tree, tmp_path / f"scratch{next(numbers)}", command=command, **arguments)

    return run


class TestPytest:
    def test_counts(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text(GOOD + "import pytest\n@pytest.mark.skip\ndef test_c(): pass\n")
        done = tests("pytest -q")
        assert (done.status, done.reason) == (PASSED, "")
        evidence = done.evidence
        assert (evidence.tool, evidence.tests, evidence.tests_failed, evidence.tests_skipped) == ("pytest", 2, 0, 1)
        assert evidence.version
        assert done.outcome.metrics == {"tests": 2.0, "skipped": 1.0}

    def test_failures(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text(GOOD)
        (tree / "test_b.py").write_text(BAD + "\n\n" + BAD.replace("test_bad", "test_worse"))
        done = tests("pytest -q")
        assert (done.status, done.reason) == (FAILED, "2 tests failed")
        assert done.places == [("test_b.py:3", "test-failed"), ("test_b.py:8", "test-failed")]
        finding = done.findings[0]
        assert finding.message == "test_b.test_bad: AssertionError: not two"
        assert finding.source == "    assert x == 2, 'not two'"
        assert "assert 1 == 2" in finding.detail
        assert (done.evidence.tests, done.evidence.tests_failed) == (4, 2)

    def test_fingerprints_are_those_of_the_tests(self, tests: Tests, tree: Path) -> None:
        (tree / "test_b.py").write_text(BAD)
        (first,) = tests("pytest -q").findings
        (tree / "test_b.py").write_text("\n\n" + BAD.replace("not two", "another reason"))
        (second,) = tests("pytest -q").findings
        assert first.fingerprint == second.fingerprint
        assert first.place != second.place

    def test_a_file_that_cannot_be_imported(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text(GOOD)
        (tree / "test_b.py").write_text("import nothing_like_that\n")
        done = tests("pytest -q")
        assert done.status == FAILED
        assert done.places == [("test_b.py:1", "collection-error")]
        assert "nothing_like_that" in done.findings[0].message

    def test_no_test_is_no_pass(self, tests: Tests, tree: Path) -> None:
        done = tests("pytest -q")
        assert (done.status, done.reason) == (NOT_RUN, "no test was executed: pytest found none")
        (tree / "test_a.py").write_text(GOOD)
        assert tests("pytest -q -k nothing").status == NOT_RUN
        assert tests("pytest -q --collect-only").status == NOT_RUN

    def test_tests_that_are_all_skipped(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text("import pytest\npytestmark = pytest.mark.skip\n" + GOOD)
        done = tests("pytest -q")
        assert (done.status, done.reason) == (NOT_RUN, "no test was executed: all 2 were skipped")

    def test_min_tests(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text(GOOD)
        assert tests("pytest -q", min_tests=2).status == PASSED
        done = tests("pytest -q", min_tests=3)
        assert (done.status, done.reason) == (NOT_RUN, "2 tests were executed, and at least 3 are asked for")

    @pytest.mark.parametrize(
        ("run", "reason"),
        [
            ("pytest -q nothere.py", "pytest broke off with exit code 4: ERROR: file or directory not found"),
            ("pytest --no-such-option", "pytest broke off with exit code 4: "),
            ("python3 -S -m pytest", "the Python module 'pytest' is not installed"),
            ("pytest-of-nowhere", "the program 'pytest-of-nowhere' was not found"),
            ("pytest -q -p no:junitxml", "pytest broke off with exit code 4: "),
        ],
    )
    def test_what_could_not_run(self, run: str, reason: str, tests: Tests) -> None:
        done = tests(run)
        assert done.status == NOT_RUN
        assert done.reason.startswith(reason)

    def test_an_interpreter_that_dies(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text("import os\ndef test_a():\n    os._exit(3)\n")
        assert tests("pytest -q").status == NOT_RUN
        (tree / "test_a.py").write_text("import os\ndef test_a():\n    os._exit(0)\n")
        done = tests("pytest -q")
        assert (done.status, done.reason) == (NOT_RUN, "pytest: its report junit.xml was not written")
        (tree / "test_a.py").write_text("import os\ndef test_a():\n    os.kill(os.getpid(), 11)\n")
        assert tests("pytest -q").reason == "it was ended by the signal SEGV"

    def test_in_a_folder(self, tests: Tests, tree: Path) -> None:
        (tree / "part").mkdir()
        (tree / "part" / "pytest.ini").write_text("[pytest]\n")
        (tree / "part" / "test_b.py").write_text(BAD)
        done = tests("cd part && python -m pytest -q -p no:cacheprovider")
        assert done.places == [("part/test_b.py:3", "test-failed")]

    def test_the_users_own_report(self, tests: Tests, tree: Path) -> None:
        (tree / "test_b.py").write_text(BAD)
        for run in ("pytest -q --junitxml=own.xml", "pytest -q --junitxml own.xml"):
            done = tests(run)
            assert done.command is not None
            assert done.command.argv == run.split()
            assert done.findings[0].message == "test_b.test_bad: AssertionError: not two"

    def test_a_command_that_hides_its_failures(self, tests: Tests, tree: Path) -> None:
        (tree / "test_b.py").write_text(BAD)
        done = tests("pytest -q || true")
        assert (done.status, done.reason) == (FAILED, "1 test failed, though the command ended with exit code 0")

    def test_a_coverage_threshold(self, tests: Tests, tree: Path) -> None:
        (tree / "test_a.py").write_text(GOOD)
        done = tests("sh -c 'pytest -q; exit 2'")
        assert (done.status, done.findings) == (FAILED, [])
        assert done.reason == "pytest ended with exit code 2 although no test failed"


class TestShards:
    @pytest.fixture
    def three_files(self, tree: Path) -> None:
        for name in ("test_a.py", "test_b.py", "test_c.py"):
            (tree / name).write_text(GOOD)

    @pytest.mark.usefixtures("three_files")
    @pytest.mark.parametrize("run", ["pytest -q", "python -m pytest -q -k 'test'"])
    def test_every_file_runs_in_one_shard(self, tests: Tests, run: str) -> None:
        counts = [tests(run, shard=(index, 2)).evidence.tests for index in (1, 2)]
        assert counts == [4, 2]

    @pytest.mark.usefixtures("three_files")
    def test_a_shard_that_gets_no_file(self, tests: Tests) -> None:
        done = tests("pytest -q", shard=(4, 4))
        assert done.status == SKIPPED
        assert done.reason == "there are fewer test files than shards: none fell to shard 4 of 4"

    def test_no_tests_at_all_are_no_pass_in_any_shard(self, tests: Tests) -> None:
        assert [tests("pytest -q", shard=(index, 2)).status for index in (1, 2)] == [NOT_RUN, NOT_RUN]

    @pytest.mark.usefixtures("three_files")
    def test_min_tests_is_about_all_shards(self, tests: Tests) -> None:
        assert tests("pytest -q", shard=(1, 2), min_tests=6).status == PASSED

    def test_what_cannot_be_split_runs_in_the_first(self, tests: Tests, tree: Path) -> None:
        (tree / "test_u.py").write_text("import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n")
        assert tests("python -m unittest", shard=(1, 3)).status == PASSED
        done = tests("python -m unittest", shard=(2, 3))
        assert (done.status, done.command) == (SKIPPED, None)
        assert done.reason == "unittest cannot be split, so all of it runs in shard 1 of 3"
        assert tests("make test", shard=(2, 3)).reason.startswith("this command cannot be split")

    @pytest.mark.usefixtures("three_files")
    def test_the_plugin_leaves_pythonpath_alone(self, tests: Tests, tree: Path, monkeypatch: Any) -> None:
        (tree / "library").mkdir()
        (tree / "library" / "helper_of_tests.py").write_text("")
        (tree / "test_a.py").write_text("import helper_of_tests\n" + GOOD)
        monkeypatch.setenv("PYTHONPATH", str(tree / "library"))
        assert tests("pytest -q", shard=(1, 2)).status == PASSED


class TestOthers:
    def test_unittest(self, tests: Tests, tree: Path) -> None:
        text = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 2)\n"
        (tree / "test_u.py").write_text(text)
        done = tests("python -m unittest")
        assert (done.status, done.places) == (FAILED, [("test_u.py:3", "test-failed")])
        (tree / "test_u.py").write_text(text.replace("2", "1"))
        assert tests("python -m unittest").evidence.tests == 1
        (tree / "test_u.py").unlink()
        done = tests("python -m unittest discover")
        assert (done.status, done.reason) == (NOT_RUN, "no test was executed: unittest found none")

    def test_a_known_runner_without_a_summary(self, tests: Tests) -> None:
        done = tests("python -m unittest --help")
        assert done.status == NOT_RUN
        assert done.reason == "unittest printed no summary, so nobody knows whether it executed a test"

    def test_a_command_whose_tests_cannot_be_counted(self, tests: Tests) -> None:
        done = tests("true")
        assert (done.status, done.evidence.tests, done.evidence.tool) == (PASSED, None, "true")
        assert tests("true", min_tests=1).status == NOT_RUN
        assert tests("sh -c 'exit 3'").reason == "sh ended with exit code 3"

    def test_failures_that_cannot_all_be_read(self, tests: Tests) -> None:
        done = tests("echo '3 examples, 2 failures'; exit 1", block="new")
        assert (done.status, done.reason, done.findings) == (FAILED, "2 tests failed", [])

    def test_a_junit_report_of_the_commands_own(self, tests: Tests, tree: Path) -> None:
        (tree / "old.xml").write_text("<testsuite><testcase name='a'/></testsuite>")
        assert tests("cp old.xml new.xml", junit="new.xml").evidence.tests == 1
        done = tests("true", junit="old.xml")
        assert (done.status, done.reason) == (
            NOT_RUN,
            "true: its report old.xml was not written by this run: it was there before",
        )
        assert tests("true", junit="none.xml").status == NOT_RUN
        done = tests("echo '<html>' >bad.xml; false", junit="bad.xml")
        assert (done.status, done.reason) == (NOT_RUN, "echo broke off with exit code 1")

    def test_the_command_is_detected(self, make_repository: Any, tmp_path: Path) -> None:
        repository = make_repository("r", {"test_a.py": GOOD})
        assert look("tests", repository.path, tmp_path / "scratch").evidence.tests == 2


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
class TestNode:
    def test_node_test(self, tests: Tests, tree: Path) -> None:
        (tree / "a.test.js").write_text(
            "const test = require('node:test');\nconst assert = require('assert');\n"
            "test('fine', () => {});\ntest('bad', () => {\n  assert.equal(1, 2);\n});\n"
        )
        for reporter in ("tap", "spec"):
            done = tests(f"node --test --test-reporter={reporter}")
            assert (done.status, done.evidence.tests, done.evidence.tests_failed) == (FAILED, 2, 1)
            assert done.places == [("a.test.js:4", "test-failed")]

    def test_a_file_without_tests(self, tests: Tests, tree: Path) -> None:
        (tree / "a.test.js").write_text("require('node:test');\n")
        assert tests("node --test").status == NOT_RUN

    @pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
    @pytest.mark.parametrize(
        ("script", "status", "reason"),
        [
            ("node --test", PASSED, ""),
            ("jest", NOT_RUN, "a program was not found ("),
            ('echo "Error: no test specified" && exit 1', NOT_RUN, "the script is the placeholder"),
            (None, NOT_RUN, "package.json has no such script"),
        ],
    )
    def test_npm(self, tests: Tests, tree: Path, script: str | None, status: str, reason: str) -> None:
        import json

        (tree / "package.json").write_text(json.dumps({"name": "x", "scripts": {"test": script} if script else {}}))
        (tree / "a.test.js").write_text("require('node:test')('fine', () => {});\n")
        done = tests("npm test")
        assert done.status == status
        assert done.reason.startswith(reason)
        assert ("npm ci" in done.reason) is (script == "jest")
        assert done.evidence.tests == (1 if status == PASSED else None)
