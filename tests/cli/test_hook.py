"""`gateline hook`: what the shims call, in this process; the shims themselves are driven by git in tests/hooks."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.cli.hook import HOOKS, run_hook
from gates.errors import UsageError
from tests.conftest import Repository


@pytest.fixture(autouse=True)
def cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def call(repository: Repository, *words: str, stdin: str = "") -> int:
        monkeypatch.chdir(repository.path)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        return run_hook(words)

    return call


def gates(*lines: str) -> str:
    return "gates:\n" + "".join(f"  {line}\n" for line in lines)


def test_commit_runs_the_gates_of_its_door(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    here = 'here: {kind: command, run: "! grep -q bad a.txt", doors: [commit]}'
    there = 'there: {kind: command, run: "false", doors: [push]}'
    repository = make_repository(files={"gateline.yaml": gates(here, there), "a.txt": "good\n"})
    repository.write("a.txt", "bad\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 1
    told = capsys.readouterr().err
    assert "gateline run --staged --gate here" in told
    assert "there" not in told
    repository.write("a.txt", "better\n")
    assert hook(repository, "pre-commit") == 1, "what is not staged is not what is committed"
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 0
    assert "gateline: the gate passed" in capsys.readouterr().err


def test_a_commit_without_a_change_has_nothing_to_check(repository: Repository, hook: Callable[..., int]) -> None:
    repository.commit({"gateline.yaml": gates('bad: {kind: command, run: "false"}')})
    assert hook(repository, "pre-commit") == 0


def test_no_gate_at_a_door_is_silent(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    repository = make_repository(files={"gateline.yaml": gates('a: {kind: command, run: "false", doors: [push]}')})
    repository.write("b.txt", "b\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 0
    assert capsys.readouterr().err == ""


def test_merge_is_a_door_of_its_own(make_repository: Callable[..., Repository], hook: Callable[..., int]) -> None:
    gate = 'a: {kind: command, run: "! test -e b.txt", doors: [merge]}'
    repository = make_repository(files={"gateline.yaml": gates(gate)})
    repository.write("b.txt", "b\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 0
    assert hook(repository, "pre-merge-commit") == 1


def test_push_checks_every_ref(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    gate = 'a: {kind: command, run: "! grep -q bad a.txt", doors: [push]}'
    repository = make_repository(files={"gateline.yaml": gates(gate), "a.txt": "good\n"})
    good = repository.git("rev-parse", "HEAD")
    bad = repository.commit({"a.txt": "bad\n"})
    repository.git("checkout", "-q", good)
    zero = "0" * 40
    lines = f"refs/heads/good {good} refs/heads/good {zero}\nrefs/heads/bad {bad} refs/heads/bad {zero}\n"
    assert hook(repository, "pre-push", "origin", "url", stdin=lines) == 1
    assert "whose history the remote does not have: all of it counts as new" in capsys.readouterr().err
    assert hook(repository, "pre-push", "origin", "url", stdin=lines.split("\n")[0] + "\n") == 0
    capsys.readouterr()
    assert hook(repository, "pre-push", "origin", "url", stdin=f"(delete) {zero} refs/heads/old {bad}\n") == 0
    assert "nothing to check" in capsys.readouterr().err
    assert hook(repository, "pre-push", "origin", "url") == 0


def test_push_runs_what_a_commit_left_out(
    make_repository: Callable[..., Repository],
    hook: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = 'a: {kind: command, run: "! grep -q bad a.txt", doors: [commit]}'
    repository = make_repository(files={"gateline.yaml": gates(gate), "a.txt": "good\n"})
    base = repository.git("rev-parse", "HEAD")
    repository.write("a.txt", "bad\n")
    repository.git("add", "-A")
    monkeypatch.setenv("SKIP", "a")
    assert hook(repository, "pre-commit") == 0
    monkeypatch.delenv("SKIP")
    head = repository.commit()
    line = f"refs/heads/main {head} refs/heads/main {base}\n"
    assert hook(repository, "pre-push", "origin", "url", stdin=line) == 1
    assert "a did not run at 1 commit of this push, so it runs now" in capsys.readouterr().err
    repository.git("reset", "-q", "--soft", base)
    repository.write("a.txt", "good too\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 0
    head = repository.commit()
    capsys.readouterr()
    assert hook(repository, "pre-push", "origin", "url", stdin=f"refs/heads/main {head} refs/heads/main {base}\n") == 0
    assert "did not run" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["pre-push", "--help"]])
def test_help(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gates", "hook", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: gateline hook HOOK")
    assert [name for name in HOOKS if name not in done.stdout] == []


def test_wrong_calls(repository: Repository, hook: Callable[..., int]) -> None:
    for words in ((), ("post-commit",), ("commit-msg",)):
        with pytest.raises(UsageError):
            hook(repository, *words)
    with pytest.raises(UsageError, match="a line that git does not write"):
        hook(repository, "pre-push", "origin", "url", stdin="nonsense\n")


FIXER = (
    'lower: {kind: command, run: "! grep -n \'[A-Z]\' a.txt", fix_run: "sed -i y/ABCDEFGH/abcdefgh/ a.txt", '
    "fix: %s, doors: [commit]}"
)


def fixable(make_repository: Callable[..., Repository], fix: str) -> Repository:
    lines = "".join(f"line {number}\n" for number in range(1, 10))
    return make_repository(files={"gateline.yaml": gates(FIXER % fix), "a.txt": lines, "b.txt": "b\n"})


def staged(repository: Repository, path: str) -> str:
    return repository.git("show", f":{path}") + "\n"


def test_a_fix_is_staged_and_the_gates_look_again(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    repository = fixable(make_repository, "stage")
    text = (repository.path / "a.txt").read_text().replace("line 2", "line BAD")
    repository.write("a.txt", text)
    repository.git("add", "-A")
    repository.write("a.txt", text.replace("line 8", "line 8, not staged"))
    assert hook(repository, "pre-commit") == 0
    assert "fixed and staged a.txt" in capsys.readouterr().err
    assert staged(repository, "a.txt") == text.replace("BAD", "bad")
    now = (repository.path / "a.txt").read_text()
    assert now == text.replace("BAD", "bad").replace("line 8", "line 8, not staged")


def test_a_fix_that_meets_unstaged_work_is_shown_and_refused(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    repository = fixable(make_repository, "stage")
    text = (repository.path / "a.txt").read_text().replace("line 2", "line BAD")
    repository.write("a.txt", text)
    repository.git("add", "-A")
    typed = text.replace("line BAD", "line BAD, and more that was typed")
    repository.write("a.txt", typed)
    assert hook(repository, "pre-commit") == 1
    told = capsys.readouterr().err
    assert "a.txt has unstaged work in the same lines" in told
    assert "+line bad" in told
    assert (repository.path / "a.txt").read_text() == typed
    assert staged(repository, "a.txt") == text


def test_a_fix_is_only_shown(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    repository = fixable(make_repository, "show")
    repository.write("a.txt", "A\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 1
    assert "+a" in capsys.readouterr().err
    assert (repository.path / "a.txt").read_text() == staged(repository, "a.txt") == "A\n"


def test_a_fix_that_changes_nothing_leaves_the_commit_refused(
    make_repository: Callable[..., Repository], hook: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    repository = fixable(make_repository, "stage")
    repository.write("a.txt", "X\n")
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 1
    assert "the fix changed nothing" in capsys.readouterr().err


def test_a_fix_keeps_the_mode_of_a_file(make_repository: Callable[..., Repository], hook: Callable[..., int]) -> None:
    repository = fixable(make_repository, "stage")
    repository.write("a.txt", "A\n").chmod(0o755)
    repository.git("add", "-A")
    assert hook(repository, "pre-commit") == 0
    assert (repository.path / "a.txt").stat().st_mode & 0o777 == 0o755
    assert repository.git("ls-files", "-s", "a.txt").startswith("100755")
