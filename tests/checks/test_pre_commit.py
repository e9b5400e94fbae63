"""The pre_commit gate with the real pre-commit and prek."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.checks.registry import gate_for
from gates.errors import CannotRun
from gates.git.change import EMPTY_TREE, Change
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from tests.checks.driver import VENV, Look, context_for, look

CONFIG = r"""
repos:
- repo: local
  hooks:
  - {id: nofoo, name: no foo, entry: "sh -c '! grep -Hn foo -- \"$@\"' sh", language: system, files: '\.txt$'}
  - {id: mute, name: says nothing, entry: "sh -c 'exit 3'", language: system, files: '\.mute$'}
  - {id: fixer, name: bar to baz, entry: sed -i s/bar/baz/, language: system, files: '\.fix$'}
  - {id: fine, name: always fine, entry: "true", language: system, types: [text], files: '\.(txt|fix)$'}
  - {id: at-push, name: at push, entry: "sh -c 'exit 1'", language: system, files: '\.push$', stages: [pre-push]}
  - {id: always, name: always runs, entry: "test ! -e gone.needed", language: system, always_run: true,
     pass_filenames: false, stages: [manual]}
"""

Hooks = Callable[..., Look]


@pytest.fixture(params=["prek", "pre-commit"])
def hooks(
    request: pytest.FixtureRequest, make_repository: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Hooks:
    """Call with files (name -> content) to run the hooks over a repository of them."""
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PATH", f"{VENV}{os.pathsep}{os.environ['PATH']}")
    numbers = iter(range(9))

    def run(tree: dict[str, str], config: str = CONFIG, **arguments: Any) -> Look:
        number = next(numbers)
        repository = make_repository(f"r{number}", {".pre-commit-config.yaml": config, **tree})
        options = {"runner": request.param, "files": sorted(tree), **arguments}
        return look("pre_commit", repository.path, tmp_path / f"scratch{number}", **options)

    return run


def test_hooks_that_pass(hooks: Hooks) -> None:
    done = hooks({"a.txt": "ok\n", "b.fix": "ok\n"})
    assert (done.status, done.findings) == (PASSED, [])
    assert done.evidence.tool in ("prek", "pre-commit")
    assert done.evidence.version
    assert done.evidence.files == 2
    assert done.evidence.left_out == {"hooks skipped: no files to check": 2}
    assert done.outcome.metrics == {"hooks": 3.0}


def test_places_that_a_hook_prints_are_findings(hooks: Hooks) -> None:
    done = hooks({"a.txt": "ok\nfoo\n", "b.txt": "foo\n"})
    assert (done.status, done.reason) == (FAILED, "1 of 2 hooks failed: nofoo")
    assert done.places == [("a.txt:2", "nofoo"), ("b.txt:1", "nofoo")]
    assert done.findings[0].source == "foo"


def test_a_hook_without_places_is_a_finding(hooks: Hooks) -> None:
    done = hooks({"a.mute": "x\n"})
    assert (done.status, done.places) == (FAILED, [("", "mute")])
    assert done.findings[0].message == "says nothing: failed"
    assert hooks({"a.mute": "x\n"}, block="new").findings == []


def test_rewritten_files_are_findings_with_what_was_changed(hooks: Hooks) -> None:
    done = hooks({"a.fix": "1\nbar\n3\n", "b.fix": "fine\n"})
    assert (done.status, done.reason) == (FAILED, "1 of 2 hooks failed: fixer")
    assert done.places == [("a.fix:1", "fixer")]
    assert "-bar\n+baz" in done.findings[0].detail


def test_hooks_chosen(hooks: Hooks) -> None:
    files = {"a.txt": "foo\n", "b.fix": "bar\n"}
    assert hooks(files, hooks=["fine"]).status == PASSED
    done = hooks(files, hooks=["nofoo", "fine"])
    assert (done.status, done.reason) == (FAILED, "1 of 2 hooks failed: nofoo")
    done = hooks(files, hooks=["no-such-hook"])
    assert done.status == NOT_RUN
    assert "broke off with exit code 1" in done.reason


def test_hooks_for_pushes_count_in_ci_too(hooks: Hooks) -> None:
    done = hooks({"a.push": "x\n"})
    assert (done.status, done.places) == (FAILED, [("", "at-push")])


def test_no_hook_for_these_files(hooks: Hooks) -> None:
    files = {"a.other": "x\n"}
    assert hooks(files, everything=False).status == SKIPPED
    done = hooks(files)
    assert (done.status, done.reason) == (NOT_RUN, "none of its hooks is about these files at this stage")


def test_a_change_that_only_deletes(hooks: Hooks) -> None:
    config = CONFIG.replace(", stages: [manual]", "")
    done = hooks({"gone.needed": "x\n"}, config, files=[], everything=False)
    assert (done.status, done.places) == (FAILED, [("", "always")])


def test_skip_does_not_leave_out_a_hook(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIP", "nofoo")
    monkeypatch.setenv("PREK_SKIP", "nofoo")
    assert hooks({"a.txt": "foo\n"}).status == FAILED


def test_a_broken_configuration(hooks: Hooks) -> None:
    done = hooks({"a.txt": "x\n"}, "repos: [")
    assert done.status == NOT_RUN
    assert "broke off with exit code" in done.reason


def test_file_names_of_every_kind(hooks: Hooks) -> None:
    names = ["-x.txt", "a b.txt", "it's.txt", "ü.txt"]
    done = hooks(dict.fromkeys(names, "foo\n"))
    assert sorted(f.place.path for f in done.findings if f.place) == sorted(names)


def test_more_files_than_fit_are_all_files(hooks: Hooks) -> None:
    done = hooks({"a.txt": "foo\n"}, files=[f"{'long' * 60}{number}.txt" for number in range(2000)])
    assert done.places == [("a.txt:1", "nofoo")]


@pytest.mark.parametrize(
    ("door", "stage"),
    [("commit", "pre-commit"), ("merge", "pre-merge-commit"), ("push", "pre-push"), ("ci", "pre-commit")],
)
def test_the_stage_is_that_of_the_door(door: str, stage: str, make_repository: Any, tmp_path: Path) -> None:
    repository = make_repository("r", {".pre-commit-config.yaml": "repos: []\n"})
    context = context_for("pre_commit", repository.path, tmp_path / "s", files=["a"], runner="auto")
    context.change = Change(door, base_tree=EMPTY_TREE, tree="0" * 40)
    gate: Any = gate_for("pre_commit")
    assert f"--hook-stage {stage} " in gate.prepare(context).argv[2]


def test_what_is_missing(make_repository: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository("r", {"a.txt": "x\n"})
    gate: Any = gate_for("pre_commit")
    with pytest.raises(CannotRun, match=r"no \.pre-commit-config\.yaml in the tree"):
        gate.prepare(context_for("pre_commit", repository.path, tmp_path / "s"))
    repository.commit({".pre-commit-config.yaml": "repos: []\n"})
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match="neither prek nor pre-commit is installed") as error:
        gate.prepare(context_for("pre_commit", repository.path, tmp_path / "s"))
    assert "gateline[pre-commit]" in error.value.hint
    with pytest.raises(CannotRun, match="prek is not installed"):
        gate.prepare(context_for("pre_commit", repository.path, tmp_path / "s", runner="prek"))


def test_what_hooks_rewrite_nobody_else_sees(make_repository: Any, tmp_path: Path) -> None:
    """Neither the user's files nor the tree that the other gates look at meanwhile."""
    go_on = tmp_path / "go-on"
    wait = f"while ! test -e {go_on}; do sleep 0.1; done; grep bar a.fix"
    repository = make_repository(
        "r",
        {
            ".pre-commit-config.yaml": CONFIG.replace("sed -i s/bar/baz/", "sh fix.sh"),
            "fix.sh": f'sed -i s/bar/baz/ "$@"\ntouch {go_on}\n',
            "a.fix": "bar\n",
            "gateline.yaml": "jobs: 2\ngates:\n  pre_commit:\n"
            f"  probe: {{kind: command, time_limit: 2m, run: '{wait}'}}\n",
        },
    )
    done = subprocess.run(
        [sys.executable, "-m", "gates", "run", "--json"],
        cwd=repository.path,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PRE_COMMIT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    outcomes = {outcome["gate"]: outcome["status"] for outcome in json.loads(done.stdout)["outcomes"]}
    assert outcomes == {"pre_commit": "failed", "probe": "passed"}
    assert (repository.path / "a.fix").read_text() == "bar\n"
