"""The dependencies gate on real repositories."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.checks.base import Finished, GateContext
from gates.checks.dependencies import GATE, RULES
from gates.checks.dependencies.node import scripts_imports
from gates.checks.dependencies.python_imports import imports_of
from gates.git.doors import whole
from gates.git.repository import Repository as Git
from gates.git.trees import list_tree
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.settings import GateSettings
from tests.conftest import Repository

Make = Callable[..., Repository]

PYPROJECT = """\
[project]
name = "acme-app"
dependencies = [
    "requests>=2",
    "PyYAML",
]
[project.optional-dependencies]
extra = ["numpy"]
[dependency-groups]
dev = ["pytest"]
"""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the environment that these tests run in."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def context(repository: Repository, run: str | None = None, block: str = "all", **options: object) -> GateContext:
    git = Git.find(str(repository.path))
    change = whole(git, "HEAD", door="ci")
    files = [file.path for file in list_tree(git, change.tree) if file.is_file]
    settings = GateSettings("dependencies", run=run, block=block, options=options)
    scratch = repository.path / ".git" / "scratch"
    scratch.mkdir(exist_ok=True)
    return GateContext(
        settings,
        str(repository.path),
        change,
        files,
        all_files=files,
        git_dir=git.common,
        state_dir=git.state,
        scratch=str(scratch),
    )


def examine(repository: Repository, **options: object) -> Outcome:
    return GATE.examine(context(repository, **options))  # type: ignore[arg-type]


def told(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(finding.rule, str(finding.place), finding.message) for finding in outcome.findings]


def install(repository: Repository, name: str, top_level: str, *, command: bool = False) -> None:
    """Put a distribution into the environment of the project."""
    folder = repository.path / ".venv" / "lib" / "python3.11" / "site-packages" / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    (folder / "top_level.txt").write_text(top_level)
    if command:
        (folder / "entry_points.txt").write_text(f"[console_scripts]\n{name} = {top_level}:main\n")


def test_what_is_imported_must_be_declared(make_repository: Make) -> None:
    code = "import os, yaml\nimport requests.sessions\nfrom attr import s\nimport rich\nfrom . import x\n"
    code += "import rich.table\n"
    repository = make_repository("a", {"pyproject.toml": PYPROJECT, "src/app/__init__.py": "", "src/app/main.py": code})
    repository.commit({"tests/test_it.py": "import pytest\nimport numpy\nimport app.main\nimport rich\n"})
    outcome = examine(repository)
    assert outcome.status == FAILED
    assert told(outcome) == [
        ("undeclared", "src/app/main.py:3", "attr is imported, and attrs, which brings it, is not declared"),
        ("undeclared", "src/app/main.py:4", "rich is imported and not declared"),
    ]
    assert [str(place) for place in outcome.findings[1].related] == ["src/app/main.py:6", "tests/test_it.py:4"]
    assert (outcome.reason, outcome.evidence.files) == ("2 findings", 3)
    assert outcome.metrics == {"undeclared": 2, "unused": 0}
    assert examine(repository, ignore=["attrs", "RICH"]).status == PASSED


def test_every_file_that_declares_is_read(make_repository: Make) -> None:
    names = [letter * 2 for letter in "abcdefghijklmnopqrs"]
    repository = make_repository(
        "a",
        {
            "code.py": "\n".join(f"import {name}" for name in names),
            "requirements.txt": "# comment\n-r more.txt\naa==1 ; python_version > '3'\n"
            "git+https://h/x#egg=bb\ncc @ https://h/c.whl\n",
            "dev-requirements.txt": "dd\n",
            "requirements/test.in": "ee[extra]\n",
            "setup.cfg": "[metadata]\nname = own\n[options]\ninstall_requires =\n    ff>1\n    gg\n"
            "[options.extras_require]\nx =\n    hh\n",
            "setup.py": "from setuptools import setup\nsetup(name='own2', install_requires=['ii'], "
            "extras_require={'x': ('jj',)})\n",
            "Pipfile": '[packages]\nkk = "*"\n[dev-packages]\nll = "*"\n',
            "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n'
            '[tool.poetry]\nname = "own3"\n[tool.poetry.dependencies]\npython = "^3"\nmm = "*"\n'
            '[tool.poetry.dev-dependencies]\nnn = "*"\n[tool.poetry.group.x.dependencies]\noo = "*"\n'
            '[tool.uv]\ndev-dependencies = ["pp"]\n[tool.pdm.dev-dependencies]\nx = ["qq"]\n'
            '[tool.hatch.envs.default]\ndependencies = ["rr"]\nextra-dependencies = ["ss"]\n',
        },
    )
    outcome = examine(repository)
    assert (outcome.status, told(outcome)) == (PASSED, [])


def test_optional_imports_need_no_declaration(make_repository: Make) -> None:
    code = """\
        try:
            import ujson
        except ImportError:
            import sjson
        else:
            import hard
        if TYPE_CHECKING:
            import types_only
        def late():
            import later
        try:
            import other
        except ValueError:
            pass
        """
    lines = "\n".join(line[8:] for line in code.splitlines())
    repository = make_repository("a", {"pyproject.toml": PYPROJECT, "app.py": lines})
    assert [message.split()[0] for _, _, message in told(examine(repository))] == ["hard", "later", "other"]


def test_tests_may_import_late_what_they_make(make_repository: Make) -> None:
    code = "def test_it():\n    import made_here\n"
    repository = make_repository("a", {"requirements.txt": "", "tests/test_it.py": code, "app.py": code})
    assert [place for _, place, _ in told(examine(repository))] == ["app.py:2"]


def test_what_the_tree_has_is_its_own(make_repository: Make) -> None:
    files = {
        "requirements.txt": "",
        "src/pkg/__init__.py": "",
        "src/pkg/deep/__init__.py": "",
        "src/pkg/deep/mod.py": "import pkg.deep, sibling, helpers, lib_a, spaced.inner, deep\n",
        "src/pkg/deep/sibling.py": "",
        "tests/helpers.py": "",
        "vendor/lib_a/__init__.py": "",
        "spaced/inner.py": "",
    }
    assert told(examine(make_repository("a", files))) == []


def test_projects_below_the_top_have_their_own_declarations(make_repository: Make) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "shared\n",
        "one/pyproject.toml": '[project]\nname = "one"\ndependencies = ["alpha"]\n',
        "one/main.py": "import alpha, shared, beta\n",
        "two/requirements.txt": "beta\n",
        "two/main.py": "import beta, one\n",
    }
    assert told(examine(make_repository("a", files))) == [
        ("undeclared", "one/main.py:1", "beta is imported and not declared")
    ]


def test_the_environment_knows_who_brings_a_module(make_repository: Make) -> None:
    repository = make_repository("a", {"requirements.txt": "strange-name\n", "app.py": "import odd\nimport chance\n"})
    install(repository, "Strange_Name", "odd\n")
    install(repository, "another", "chance\n")
    assert told(examine(repository)) == [
        ("undeclared", "app.py:2", "chance is imported, and another, which brings it, is not declared")
    ]


def test_an_environment_told_by_its_files(
    make_repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository("a", {"requirements.txt": "strange\n", "app.py": "import odd, single\n"})
    folder = tmp_path / "env" / "lib" / "python3.11" / "site-packages" / "strange-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: strange\nVersion: 1.0\n")
    (folder / "RECORD").write_text("odd/__init__.py,,\nsingle.py,,\nstrange-1.0.dist-info/METADATA,,\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    assert examine(repository).status == PASSED


def test_namespaces_are_shared(make_repository: Make) -> None:
    repository = make_repository(
        "a", {"requirements.txt": "google-cloud-storage\n", "a.py": "import google.cloud.storage\n"}
    )
    assert told(examine(repository)) == []
    repository.commit({"requirements.txt": "other\n"})
    assert examine(repository).status == FAILED


def test_unused_declarations_are_reported_and_block_nothing(make_repository: Make) -> None:
    repository = make_repository(
        "a",
        {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = [\n  "left",\n  "gunicorn",\n  "named",\n'
            '  "tool",\n  "types-x",\n]\n[project.optional-dependencies]\nx = ["optional"]\n',
            "settings.ini": "apps = named\n",
            "app.py": "import os\n",
        },
    )
    install(repository, "tool", "tool_module", command=True)
    outcome = examine(repository)
    assert (outcome.status, told(outcome)) == (
        PASSED,
        [("unused", "pyproject.toml:4", "left is declared and nothing imports it")],
    )
    assert (outcome.findings[0].severity, outcome.metrics["unused"]) == ("minor", 1)
    repository.commit({"app.py": "import missing\n"})
    outcome = examine(repository)
    assert ([finding.rule for finding in outcome.findings], outcome.metrics["unused"]) == (["undeclared"], 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("app.py", "import (\n", "app.py:1: "),
        ("pyproject.toml", "[project\n", "pyproject.toml: "),
        ("setup.cfg", "oops\n", "setup.cfg: "),
        ("setup.py", "setup(\n", "setup.py: "),
        ("package.json", "{", "package.json: "),
    ],
)
def test_what_cannot_be_read_is_no_pass(make_repository: Make, name: str, content: str, says: str) -> None:
    outcome = examine(make_repository("a", {"requirements.txt": "x\n", name: content}))
    assert outcome.status == NOT_RUN
    assert outcome.reason.startswith(says)


def test_errors_do_not_hide_findings(make_repository: Make) -> None:
    repository = make_repository("a", {"requirements.txt": "", "a.py": "import (\n", "b.py": "import gone\n"})
    assert examine(repository).status == FAILED
    assert examine(repository, block="none").status == NOT_RUN


def test_a_tree_that_declares_nothing(make_repository: Make) -> None:
    outcome = examine(make_repository("a", {"app.py": "import requests\n"}))
    assert outcome.status == SKIPPED
    assert "no file declares dependencies" in outcome.reason


def test_imports_are_kept_by_content(make_repository: Make) -> None:
    repository = make_repository("a", {"requirements.txt": "", "a.py": "import gone\n"})
    first = told(examine(repository))
    assert told(examine(repository)) == first == [("undeclared", "a.py:1", "gone is imported and not declared")]
    assert Path(Git.find(str(repository.path)).state, "python-imports").is_file()


@pytest.mark.parametrize("raw", [None, b"\0", b"-" * 5000 + b"1"])
def test_files_that_are_no_code(raw: bytes | None) -> None:
    error, found = imports_of(raw)
    assert error.startswith("1: ")
    assert found == ()


# Node


def package(**fields: object) -> str:
    return json.dumps({"name": "app", **fields}, indent=2)


def test_what_scripts_import() -> None:
    script = b"""\
import a from 'a'
import {b} from "b/sub/path.js"
import '@scope/c'
import type {T} from 'd'
export * from 'e'
const f = require('f'), g = await import(`g`)
// import h from 'h'
/* require('i') */
const text = "import j from j // not a comment"
import fs from 'fs'; import path from 'node:path'; import k from './k'; import l from '@/l'; import m from '#m'
import {
  n
} from 'n'
import o from 'virtual:o'
jest.mock('p'); require.resolve('q')
const url = 'https://x.test/' + require('r')
import t from `${name}`
"""
    error, found = scripts_imports(script)
    assert error == ""
    assert [name for name, _, _ in found] == ["@scope/c", "a", "b", "d", "e", "f", "g", "n", "p", "q", "r"]
    assert {name: line for name, line, _ in found}["n"] == 13
    assert [name for name, _, type_only in found if type_only] == ["d"]


def test_undeclared_packages_of_node(make_repository: Make) -> None:
    files: dict[str, str | bytes] = {
        "package.json": package(
            dependencies={"left": "^1", "named": "1"},
            devDependencies={"@types/shapes": "1"},
            peerDependencies={"peer": "*"},
            scripts={"x": "named --run"},
        ),
        "src/index.ts": "import 'left'\nimport type {S} from 'shapes'\nimport 'peer'\nimport 'gone/deep'\n"
        "import 'components/button'\nimport 'app/self'\nimport '@alias/x'\n",
        "src/components/button.ts": "",
        "tsconfig.json": '{"compilerOptions": {"paths": {"@alias/*": ["src/*"]}}}',
        "node_modules/x/index.js": "import 'never'\n",
    }
    outcome = examine(make_repository("a", files))
    assert told(outcome) == [("undeclared", "src/index.ts:4", "gone is imported and not declared")]
    assert outcome.evidence.files == 2


def test_workspaces_know_each_other(make_repository: Make) -> None:
    files: dict[str, str | bytes] = {
        "package.json": package(workspaces=["packages/*"], devDependencies={"tool": "1"}),
        "packages/one/package.json": json.dumps({"name": "@acme/one", "dependencies": {"left": "1"}}),
        "packages/one/index.js": "import 'left'; import '@acme/two'; import 'tool'\n",
        "packages/two/package.json": json.dumps({"name": "@acme/two"}),
        "packages/two/index.js": "import 'left'\n",
    }
    assert told(examine(make_repository("a", files))) == [
        ("undeclared", "packages/two/index.js:1", "left is imported and not declared")
    ]


def test_unused_packages_of_node(make_repository: Make) -> None:
    files: dict[str, str | bytes] = {
        "package.json": package(dependencies={"left": "1", "used": "1", "named": "1"}, devDependencies={"dev": "1"}),
        "index.js": "import 'used'\n",
        "config.json": '{"plugins": ["named"]}',
    }
    outcome = examine(make_repository("a", files))
    assert (outcome.status, told(outcome)) == (
        PASSED,
        [("unused", "package.json:4", "left is declared and nothing imports it")],
    )


def lock(root: dict[str, object], *names: str, **more: object) -> str:
    packages = {"": root, **{f"node_modules/{name}": {"version": "1.0.0"} for name in names}, **more}
    return json.dumps({"lockfileVersion": 3, "packages": packages})


@pytest.mark.parametrize(
    ("locked", "says"),
    [
        (lock({"dependencies": {"left": "^1"}}, "left"), []),
        (lock({"dependencies": {"left": "^2"}}, "left"), ["left is declared as ^1 and locked as ^2"]),
        (lock({}, "left"), ["left is declared and not locked"]),
        (lock({"dependencies": {"left": "^1"}}), ["left is declared and no version of it is locked"]),
        (
            lock({"dependencies": {"left": "^1"}, "devDependencies": {"old": "1"}}, "left", "old"),
            ["old is locked and not declared any more"],
        ),
        (
            lock({"dependencies": {"left": "^1"}}, "left", gone={"name": "x"}),
            ["it locks the workspace gone, which is not there"],
        ),
        ('{"lockfileVersion": 1, "dependencies": {"left": {}}}', []),
        ('{"lockfileVersion": 1, "dependencies": {}}', ["left is declared and not locked"]),
    ],
)
def test_lock_files_fit(make_repository: Make, locked: str, says: list[str]) -> None:
    files: dict[str, str | bytes] = {
        "package.json": package(dependencies={"left": "^1"}),
        "package-lock.json": locked,
        "index.js": "import 'left'\n",
    }
    outcome = examine(make_repository("a", files))
    assert [message for _, _, message in told(outcome)] == says
    assert {rule for rule, _, _ in told(outcome)} <= {"lock-out-of-date"}


def test_lock_files_of_workspaces(make_repository: Make) -> None:
    inner = {"packages/one": {"dependencies": {"left": "1", "far": "1"}}, "packages/one/node_modules/left": {}}
    files: dict[str, str | bytes] = {
        "package.json": package(),
        "package-lock.json": lock({}, "far", **inner),
        "packages/one/package.json": json.dumps({"dependencies": {"left": "1", "far": "2"}}),
        "packages/one/index.js": "import 'left'; import 'far'\n",
    }
    assert [message for _, _, message in told(examine(make_repository("a", files)))] == [
        "far of packages/one is declared as 2 and locked as 1"
    ]


def test_a_shrinkwrap_counts_before_a_lock(make_repository: Make) -> None:
    files: dict[str, str | bytes] = {
        "package.json": package(),
        "package-lock.json": lock({"dependencies": {"left": "1"}}),
        "npm-shrinkwrap.json": lock({}),
    }
    assert examine(make_repository("a", files)).status == PASSED


def test_a_broken_lock_is_no_pass(make_repository: Make) -> None:
    outcome = examine(make_repository("a", {"package.json": package(), "package-lock.json": "[]"}))
    assert (outcome.status, outcome.reason) == (NOT_RUN, "package-lock.json: it is not a mapping")


# Audits


def tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stdout: str, stderr: str = "", code: int = 1
) -> None:
    """A program of that name that says what is given, first on PATH: the real ones need a network."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / name
    says = f"sys.stdout.write({stdout!r})\nsys.stderr.write({stderr!r})\nsys.exit({code})\n"
    program.write_text(f"#!{sys.executable}\nimport sys\n{says}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


PIP_AUDIT = json.dumps(
    {
        "dependencies": [
            {"name": "good", "version": "1", "vulns": []},
            {"name": "bad", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"], "aliases": ["CVE-1"]}]},
            {"name": "skipped", "skip_reason": "not on PyPI"},
        ]
    }
)


def test_the_audit_of_python(make_repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository("a", {"requirements.txt": "bad\n", "a.py": "import bad\n"})
    tool(tmp_path, monkeypatch, "pip-audit", PIP_AUDIT)
    outcome = examine(repository, audit=True)
    assert outcome.status == FAILED
    assert told(outcome) == [("vulnerable", "requirements.txt:1", "bad 1 has PYSEC-1, which is mended in 2")]
    assert examine(repository, audit=True, ignore=["CVE-1"]).status == PASSED


NPM_AUDIT = json.dumps(
    {
        "vulnerabilities": {
            "bad": {
                "via": [
                    "other",
                    {"url": "https://github.com/advisories/GHSA-1", "title": "Oops", "severity": "high", "range": "<2"},
                ]
            }
        }
    }
)


def test_the_audit_of_node(make_repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository("a", {"package.json": package(), "package-lock.json": lock({})})
    tool(tmp_path, monkeypatch, "npm", NPM_AUDIT)
    outcome = examine(repository, audit=True)
    assert told(outcome) == [("vulnerable", "package-lock.json:1", "bad <2: Oops (GHSA-1)")]
    assert (outcome.findings[0].severity, outcome.findings[0].url) == (
        "critical",
        "https://github.com/advisories/GHSA-1",
    )
    assert examine(repository, audit=True, ignore=["ghsa-1"]).status == PASSED


@pytest.mark.parametrize(
    ("name", "stdout", "stderr", "says"),
    [
        (
            "pip-audit",
            "",
            "Traceback\nConnectionError: no route\n",
            "pip-audit could not look: ConnectionError: no route",
        ),
        ("pip-audit", "", "", "pip-audit could not look: it printed nothing"),
        ("pip-audit", "[]", "", "pip-audit printed something that is no report"),
        ("npm", '{"message": "request failed, getaddrinfo ENOTFOUND"}', "", "npm audit could not look: request failed"),
        ("other", "", "", "the audit needs pip-audit, which is not installed"),
    ],
)
def test_an_audit_without_an_answer_is_no_pass(
    make_repository: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    stdout: str,
    stderr: str,
    says: str,
) -> None:
    node: dict[str, str | bytes] = {"package.json": package(), "package-lock.json": lock({})}
    repository = make_repository("a", node if name == "npm" else {"requirements.txt": "bad\n", "a.py": "import bad\n"})
    tool(tmp_path, monkeypatch, name, stdout, stderr)
    outcome = examine(repository, audit=True)
    assert outcome.status == NOT_RUN
    assert outcome.reason.startswith(says)


def test_an_audit_of_nothing_is_no_pass(make_repository: Make) -> None:
    outcome = examine(make_repository("a", {"package.json": package()}), audit=True)
    assert (outcome.status, outcome.reason[:33]) == (NOT_RUN, "the audit has nothing to look at:")


# With a command


def test_a_configured_command_is_run_and_judged(make_repository: Make) -> None:
    asked = context(make_repository("a", {"a": ""}), run="npm run test:deps")
    command = GATE.prepare(asked)
    assert "npm run test:deps" in " ".join(command.argv)
    assert GATE.judge(asked, Finished(0, b"all good\n", b"")).status == PASSED
    assert GATE.judge(asked, Finished(1, b"unused: left-pad\n", b"")).status == FAILED


@pytest.mark.parametrize(
    "said", [b"requests.exceptions.ConnectionError: Max retries", b"npm ERR! audit endpoint returned an error"]
)
def test_a_command_without_a_network_has_not_looked(make_repository: Make, said: bytes) -> None:
    asked = context(make_repository("a", {"a": ""}), run="pip-audit --strict")
    GATE.prepare(asked)
    outcome = GATE.judge(asked, Finished(1, b"", said))
    assert outcome.status == NOT_RUN
    assert outcome.reason.startswith("it could not ask")


def test_every_rule_is_explained() -> None:
    assert all(set(parts) == {"meaning", "why", "fix", "suppress"} for parts in RULES.values())
