"""The shims themselves: which Python they start, what they hand on, and what they decide alone."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from gates.cli.install import EARLIER, install_hooks
from gates.doctor.hooks import HOOKS
from gates.git.doors import staged
from gates.git.repository import Repository as Asked
from gates.git.status import STATUS
from tests.hooks.conftest import Guard, Guarded

ZEROS = "0" * 40
STAGED = ("pre-commit", "pre-merge-commit")
"""Hooks that git gives nothing to; their shims ask git at once what is staged, and hand that on."""
TELL = '#!/bin/sh\necho "earlier: $*" >>"$SEEN"\ncat >>"$SEEN"\n'


def hook(guarded: Guarded, name: str, content: str) -> Path:
    path = guarded.path / ".git/hooks" / name
    path.write_text(content)
    path.chmod(0o755)
    return path


def run_hook(guarded: Guarded, name: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [f".git/hooks/{name}", *arguments], cwd=guarded.path, input=stdin, capture_output=True, text=True, check=False
    )


def point_at(guarded: Guarded, name: str, *, python: str) -> None:
    """Write another interpreter into an installed shim."""
    path = guarded.path / ".git/hooks" / name
    path.write_text(re.sub(r"^python=.*$", f"python='{python}'", path.read_text(), count=1, flags=re.M))


@pytest.mark.parametrize("name", HOOKS)
def test_a_shim_is_valid_for_every_shell_that_is_here(guarded: Guarded, name: str) -> None:
    for shell in ("sh", "dash", "bash", "busybox"):
        if any(os.access(os.path.join(folder, shell), os.X_OK) for folder in os.environ["PATH"].split(":")):
            words = [shell, "sh"] if shell == "busybox" else [shell]
            subprocess.run([*words, "-n", f".git/hooks/{name}"], cwd=guarded.path, check=True)


@pytest.mark.parametrize("name", HOOKS)
def test_python_gets_the_hook_its_arguments_and_its_input(guarded: Guarded, tmp_path: Path, name: str) -> None:
    install_hooks(str(guarded.path))
    fake = tmp_path / "it's python"
    fake.write_text('#!/bin/sh\nfor word; do printf "<%s>" "$word"; done\ncat\n')
    fake.chmod(0o755)
    path = guarded.path / ".git/hooks" / name
    path.write_text(re.sub(r"^python=.*$", 'python="' + str(fake) + '"', path.read_text(), count=1, flags=re.M))
    done = run_hook(guarded, name, "a b", "$c", stdin="one two three four\nlast line here too\n")
    assert done.returncode == 0
    assert done.stdout.startswith("<-I><-S><-X><utf8><-c>")
    if name in STAGED:
        told = subprocess.run(["git", *STATUS], cwd=guarded.path, capture_output=True, text=True, check=True).stdout
        tree = guarded.git("rev-parse", "HEAD^{tree}")
        assert done.stdout.endswith(f"<hook><{name}><told><{os.getpid()}>{told}exit 0\0{tree}\n")
    else:
        assert f"<hook><{name}><a b><$c>one two three four\nlast line here too\n" in done.stdout


@pytest.mark.parametrize("name", STAGED)
def test_git_is_asked_in_the_same_words_as_elsewhere(guarded: Guarded, name: str) -> None:
    text = (guarded.path / ".git/hooks" / name).read_text().replace("\\\n", "")
    assert " ".join(STATUS) in " ".join(text.split())


@pytest.mark.parametrize("broken", ["", "# branch.oid x\0exit 128\0", "? exit 0\0exit 128\0tree\n", "? exit 0\0"])
def test_an_answer_of_git_that_is_not_whole_is_not_used(guarded: Guarded, broken: str) -> None:
    guarded.write("good.txt", "BAD\n")
    guarded.git("add", "-A")
    repository = Asked.find(str(guarded.path))
    change, status = staged(repository, told=broken.encode)
    again, _ = staged(repository)
    assert change.to_dict() == again.to_dict()
    assert [file.path for file in status.staged] == ["good.txt"]


@pytest.mark.parametrize("name", HOOKS)
def test_python_gone_falls_back_to_the_command(guarded: Guarded, tmp_path: Path, name: str) -> None:
    point_at(guarded, name, python="/nowhere/python")
    fake = tmp_path / "gateline"
    fake.write_text('#!/bin/sh\necho "called: $*"\ncat\n')
    fake.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    words = [f".git/hooks/{name}", "x"]
    done = subprocess.run(
        words, cwd=guarded.path, env={**os.environ, "PATH": path}, input="a b c d\n", capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"called: hook {name} x\na b c d\n")


@pytest.mark.parametrize("name", HOOKS)
def test_python_gone_and_no_command_is_not_a_pass(guarded: Guarded, name: str) -> None:
    point_at(guarded, name, python="/nowhere/python")
    words = [f".git/hooks/{name}", "x"]
    done = subprocess.run(
        words,
        cwd=guarded.path,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
        input="a b c d\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert "gateline: not checked: the Python in this hook (/nowhere/python) is gone" in done.stderr
    assert "Run `gateline install` again" in done.stderr


def test_package_gone_is_not_a_pass(guarded: Guarded) -> None:
    path = guarded.path / ".git/hooks/pre-commit"
    path.write_text(re.sub(r"^packages=.*$", "packages='/nowhere'", path.read_text(), count=1, flags=re.M))
    done = guarded.call("commit", "-q", "--allow-empty", "-m", "x", environ={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1
    assert "is gone" in done.stdout


@pytest.mark.parametrize("name", HOOKS)
def test_an_earlier_hook_runs_first_with_all_it_had(guard: Guard, seen: Path, name: str) -> None:
    guarded = guard()
    hook(guarded, name + EARLIER, TELL)
    point_at(guarded, name, python="/bin/echo")
    done = run_hook(guarded, name, "a b", "c", stdin="r1 s1 r2 s2\n")
    assert done.returncode == 0
    assert seen.read_text() == "earlier: a b c\nr1 s1 r2 s2\n"
    assert f"hook {name} {'told' if name in STAGED else 'a b c'}" in done.stdout


@pytest.mark.parametrize("name", HOOKS)
def test_an_earlier_hook_that_fails_stops_with_its_own_code(guarded: Guarded, name: str) -> None:
    hook(guarded, name + EARLIER, "#!/bin/sh\nexit 7\n")
    point_at(guarded, name, python="/bin/echo")
    done = run_hook(guarded, name, stdin="r1 s1 r2 s2\n")
    assert (done.returncode, done.stdout) == (7, "")


def test_an_earlier_hook_that_is_not_executable_stays_unused(guarded: Guarded) -> None:
    hook(guarded, "pre-commit" + EARLIER, "#!/bin/sh\nexit 7\n").chmod(0o644)
    point_at(guarded, "pre-commit", python="/bin/echo")
    assert run_hook(guarded, "pre-commit").returncode == 0


def test_deletions_alone_need_no_python(guarded: Guarded) -> None:
    point_at(guarded, "pre-push", python="/bin/false")
    lines = f"(delete) {ZEROS} refs/heads/a {'1' * 40}\n(delete) {ZEROS}{'0' * 24} refs/heads/b {'2' * 64}\n"
    done = run_hook(guarded, "pre-push", "origin", "url", stdin=lines)
    assert (done.returncode, done.stderr) == (0, "gateline: only deletes refs: nothing to check\n")


def test_an_empty_push_needs_no_python(guarded: Guarded) -> None:
    point_at(guarded, "pre-push", python="/bin/false")
    done = run_hook(guarded, "pre-push", "origin", "url")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("count", [1, 3000])
def test_every_ref_is_handed_on(guarded: Guarded, seen: Path, earlier: bool, count: int) -> None:
    """Also those after and before a deletion, and more of them than a pipe holds."""
    if earlier:
        hook(guarded, "pre-push" + EARLIER, TELL)
    path = guarded.path / "cat-input"
    path.write_text("#!/bin/sh\nexec cat\n")
    path.chmod(0o755)
    point_at(guarded, "pre-push", python=str(path))
    deletion = f"(delete) {ZEROS} refs/heads/gone {'1' * 40}\n"
    lines = deletion + "".join(f"refs/heads/{n} {'3' * 40} refs/heads/{n} {ZEROS}\n" for n in range(count)) + deletion
    done = run_hook(guarded, "pre-push", "origin", "url", stdin=lines)
    assert done.returncode == 0
    assert done.stdout == lines
    if earlier:
        assert seen.read_text() == "earlier: origin url\n" + lines


def test_the_message_hook_trusts_only_a_note_of_the_same_git(guarded: Guarded) -> None:
    point_at(guarded, "commit-msg", python="/bin/echo")
    note = guarded.path / ".git/gateline/no-message-gate"
    note.parent.mkdir(exist_ok=True)
    note.write_text("1\n")
    assert "hook commit-msg" in run_hook(guarded, "commit-msg", "MSG").stdout
    note.write_text(f"{os.getpid()}\n")
    assert run_hook(guarded, "commit-msg", "MSG").stdout == ""
