"""The gates over JavaScript and TypeScript with the real tools from npm."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.detect import detect
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from tests.checks.driver import Look, look

PACKAGES = ["ava@6", "eslint@9", "jest@29", "mocha@11", "prettier@3", "stylelint@16", "typescript@5", "vitest@3"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed"),
]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages, installed once for this user, outside of every checkout."""
    folder = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "gateline-tests" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps(PACKAGES)
    done = folder / "installed.json"
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != wanted:
            (folder / "package.json").write_text('{"private": true}')
            command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES]
            if subprocess.run(command, cwd=folder, check=False, timeout=280).returncode:
                pytest.skip("the packages cannot be installed from npm")
            done.write_text(wanted)
    return folder / "node_modules"


Node = Callable[..., Look]


@pytest.fixture
def tree(tmp_path: Path, node_modules: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "node_modules").symlink_to(node_modules)
    package = {"name": "x", "scripts": {"test": "jest", "lint": "eslint .", "test:deps": "node deps.js"}}
    (root / "package.json").write_text(json.dumps(package))
    rules = '{"no-unused-vars": "error", "eqeqeq": "warn"}'
    (root / "eslint.config.js").write_text(
        f'module.exports = [{{ignores: ["gen.js"]}}, {{files: ["**/*.js"], rules: {rules}}}];\n'
    )
    (root / "add.js").write_text("module.exports = (a, b) => a + b;\n")
    return root


@pytest.fixture
def node(tree: Path, tmp_path: Path) -> Node:
    numbers = iter(range(99))

    def run(kind: str, command: str | None, **arguments: Any) -> Look:
        return look(kind, tree, tmp_path / f"scratch{next(numbers)}", command=command, **arguments)

    return run


class TestEslint:
    def test_files(self, node: Node, tree: Path) -> None:
        (tree / "bad.js").write_text("const a = 1;\nif (b == 2) { c(); }\n")
        done = node("lint", "eslint .", files=["add.js", "bad.js"])
        assert (done.status, done.places) == (FAILED, [("bad.js:1:7", "no-unused-vars")])
        assert (done.evidence.tool, done.evidence.files) == ("eslint", 2)
        assert done.evidence.version.startswith("9.")
        assert done.outcome.metrics == {"errors": 1.0, "warnings": 1.0}
        assert node("lint", "eslint .", files=["add.js"]).status == PASSED

    def test_warnings_are_only_reported(self, node: Node, tree: Path) -> None:
        (tree / "warn.js").write_text("if (b == 2) { c(); }\n")
        done = node("lint", "eslint", files=["warn.js"])
        assert (done.status, done.places) == (PASSED, [("warn.js:1:7", "eqeqeq")])
        done = node("lint", "eslint --max-warnings 0", files=["warn.js"])
        assert (done.status, done.places) == (FAILED, [("warn.js:1:7", "eqeqeq")])

    def test_ignored_files(self, node: Node, tree: Path) -> None:
        (tree / "gen.js").write_text("const a = 1;\n")
        done = node("lint", "eslint", files=["gen.js"], everything=False)
        assert (done.status, done.evidence.files) == (SKIPPED, 0)
        done = node("lint", "eslint --max-warnings 0", files=["gen.js", "add.js"], everything=False)
        assert (done.status, done.evidence.files) == (PASSED, 1)

    def test_a_file_that_cannot_be_parsed(self, node: Node, tree: Path) -> None:
        (tree / "bad.js").write_text("function {\n")
        done = node("lint", "eslint", files=["bad.js"])
        assert (done.status, done.places) == (FAILED, [("bad.js:1:10", "parse-error")])
        assert done.evidence.parse_errors == ["bad.js:1: Parsing error: Unexpected token {"]

    def test_no_configuration(self, node: Node, tree: Path) -> None:
        (tree / "eslint.config.js").unlink()
        done = node("lint", "eslint", files=["add.js"])
        assert done.status == NOT_RUN
        assert done.reason.startswith("eslint broke off with exit code 2: ")

    def test_no_files(self, node: Node) -> None:
        done = node("lint", "eslint 'src/*.js'")
        assert done.status == NOT_RUN
        assert "No files matching the pattern" in done.reason

    def test_a_script(self, node: Node, tree: Path) -> None:
        assert node("lint", "npm run lint").status == PASSED
        (tree / "bad.js").write_text("const a = 1;\n")
        done = node("lint", "npm run lint")
        assert (done.status, done.places) == (FAILED, [("bad.js:1:7", "no-unused-vars")])
        assert done.reason == "`npm run lint` found 1 problem"

    def test_in_a_folder(self, node: Node, tree: Path) -> None:
        (tree / "web").mkdir()
        (tree / "web" / "bad.js").write_text("const a = 1;\n")
        assert node("lint", "cd web && npx --no eslint .").places == [("web/bad.js:1:7", "no-unused-vars")]


def test_stylelint(node: Node, tree: Path) -> None:
    (tree / ".stylelintrc.json").write_text('{"rules": {"color-no-invalid-hex": true}}')
    (tree / "a.css").write_text("a { color: #12; }\n")
    (tree / "b.css").write_text("a { color:\n")
    done = node("lint", "stylelint", files=["a.css", "b.css"])
    assert (done.status, done.evidence.files) == (FAILED, 2)
    assert done.places == [("a.css:1:12", "color-no-invalid-hex"), ("b.css:1:1", "CssSyntaxError")]
    (tree / "a.css").write_text("a { color: #123; }\n")
    assert node("lint", "stylelint", files=["a.css"]).status == PASSED


def test_prettier(node: Node, tree: Path) -> None:
    assert node("lint", "prettier add.js").status == PASSED
    (tree / "add.js").write_text("module.exports = (a,b) => a+b\n")
    assert node("lint", "prettier add.js").places == [("add.js:1", "format")]


def test_tsc(node: Node, tree: Path) -> None:
    (tree / "tsconfig.json").write_text('{"compilerOptions": {"strict": true}, "include": ["*.ts"]}')
    (tree / "a.ts").write_text('const x: number = "a";\nexport {};\n')
    done = node("types", "tsc")
    assert (done.status, done.places) == (FAILED, [("a.ts:1:7", "TS2322")])
    assert done.evidence.version.startswith("5.")
    assert not (tree / "a.js").exists()
    (tree / "a.ts").write_text("export const x: number = 1;\n")
    assert node("types", "tsc").status == PASSED
    (tree / "a.ts").unlink()
    done = node("types", "tsc")
    assert done.status == NOT_RUN
    assert "No inputs were found" in done.reason


RUNNERS = {
    "jest": ("jest", "a.test.js", "", "test"),
    "vitest": ("vitest run", "a.test.mjs", "import {test, expect} from 'vitest';\n", "test"),
    "mocha": ("mocha a.js", "a.js", "", "it"),
    "ava": ("ava a.mjs", "a.mjs", "import test from 'ava';\n", "test"),
}


@pytest.mark.parametrize("name", RUNNERS)
def test_runners(name: str, node: Node, tree: Path) -> None:
    run, file, head, word = RUNNERS[name]
    body = "t => t.pass()" if name == "ava" else "() => {}"
    bad = "t => { t.is(1, 2); }" if name == "ava" else "() => { throw new Error('no'); }"
    (tree / file).write_text(f"{head}{word}('one', {body});\n{word}('two', {body});\n")
    done = node("tests", run)
    assert (done.status, done.evidence.tests, done.evidence.tool) == (PASSED, 2, name)
    (tree / file).write_text(f"{head}{word}('one', {body});\n{word}('bad', {bad});\n{word}.skip('later', {body});\n")
    done = node("tests", run)
    assert (done.status, done.reason) == (FAILED, "1 test failed")
    assert (done.evidence.tests, done.evidence.tests_failed, done.evidence.tests_skipped) == (2, 1, 1)
    (finding,) = done.findings
    assert finding.place is not None
    assert (finding.place.path, finding.place.start_line) == (file, 3 if head else 2)
    (tree / file).unlink()
    assert node("tests", run).status == NOT_RUN


def test_jest_with_nothing_to_do(node: Node) -> None:
    done = node("tests", "jest --passWithNoTests")
    assert (done.status, done.reason) == (NOT_RUN, "no test was executed: jest found none")


def test_a_repository_without_python(node: Node, tree: Path) -> None:
    (tree / "deps.js").write_text("process.exit(0);\n")
    (tree / "add.test.js").write_text("test('adds', () => { expect(require('./add')(1, 2)).toBe(3); });\n")
    paths = [path.name for path in tree.iterdir() if path.is_file()]
    settings = detect(paths, lambda path: (tree / path).read_bytes() if (tree / path).exists() else None)
    runs = {gate.name: gate.run for gate in settings.gates if gate.run}
    assert runs == {"lint": "npm run lint", "tests": "npm test", "dependencies": "npm run test:deps"}
    lint, tests, dependencies = (
        node("lint", runs["lint"]),
        node("tests", "npm test"),
        node("command", "npm run test:deps"),
    )
    assert [lint.status, tests.status, dependencies.status] == [PASSED, PASSED, PASSED]
    assert (tests.evidence.tests, tests.evidence.tool) == (1, "jest")
