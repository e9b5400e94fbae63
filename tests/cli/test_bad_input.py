"""What a machine and a repository can do to a run: full disks, read-only folders, strange files, crashing tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository

RUN = [sys.executable, "-m", "gates", "run"]
LOOK = 'gates:\n  look: {kind: command, run: "grep -q staged file.txt"}\n'


def call(repository: Repository, command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=repository.path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done


def mounted(script: str, command: list[str]) -> list[str]:
    """The command in a mount namespace of its own, after `script` has mounted something there."""
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("needs root and unshare to mount")
    return ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh", *command]


def partly_staged(make_repository: Callable[..., Repository]) -> Repository:
    """A repository whose index needs a checkout of its own."""
    repository = make_repository(files={"gateline.yaml": LOOK, "file.txt": "old\n"})
    repository.write("file.txt", "staged\n")
    repository.git("add", "file.txt")
    repository.write("file.txt", "unstaged\n")
    return repository


def test_disk_full_in_the_cache_folder(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = partly_staged(make_repository)
    repository.write("big.bin", os.urandom(300_000))
    repository.git("add", "big.bin")
    cache = tmp_path / "full"
    cache.mkdir()
    script = f"mount -t tmpfs -o size=64k none {cache}"
    done = call(repository, mounted(script, [*RUN, "--staged"]), XDG_CACHE_HOME=str(cache))
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_object_that_is_lost(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = partly_staged(make_repository)
    blob = repository.git("rev-parse", ":file.txt")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = call(repository, [*RUN, "--staged"], XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 3
    assert blob in done.stderr


def test_a_cache_folder_that_is_none(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = partly_staged(make_repository)
    (tmp_path / "file").write_text("")
    assert call(repository, [*RUN, "--staged"], XDG_CACHE_HOME=str(tmp_path / "file")).returncode == 0


def test_a_read_only_git_dir(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    gate = 'gates:\n  look: {kind: command, run: "test -e file.txt"}\n'
    repository = make_repository(files={"gateline.yaml": gate, "file.txt": "x\n"})
    git_dir = repository.path / ".git"
    script = f"mount --bind {git_dir} {git_dir} && mount -o remount,bind,ro {git_dir}"
    done = call(repository, mounted(script, RUN), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cannot be kept" in done.stdout


def test_a_shallow_clone(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = make_repository(files={"gateline.yaml": LOOK, "file.txt": "staged\n"})
    repository.commit({"other.txt": "x\n"})
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repository.path}", tmp_path / "shallow"], check=True)
    clone = Repository(tmp_path / "shallow")
    assert call(clone, RUN).returncode == 0
    done = call(clone, [*RUN, "--from", "HEAD~1"])
    assert done.returncode == 2
    assert "git fetch --unshallow" in done.stderr


def test_names_and_contents_of_every_kind(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "gateline.yaml": (
            "gates:\n  complexity: {}\n  copypaste: {}\n  secrets: {}\n"
            "  names: {kind: command, run: sh look.sh, scope: files}\n"
        ),
        "look.sh": "for name; do test -e \"$name\" || exit 1; done; test $# -gt 8\n",
        "binary.py": b"\x00\x01\x02\xff" * 50,
        "latin.py": "# -*- coding: latin-1 -*-\nname = 'Jos\u00e9'\n".encode("latin-1"),
        "space and 'quote'.py": "a = 1\n",
        "line\nfeed.py": "b = 1\n",
        "-dash.py": "c = 1\n",
        "\u00fcml\u00e4ut.py": "d = 1\n",
        "empty.py": "",
    }
    repository = make_repository(files=files)
    (repository.path / os.fsdecode(b"not-utf8-\xff.py")).write_bytes(b"e = 1\n")
    (repository.path / "broken-link.py").symlink_to("nowhere")
    repository.git("add", "-A")
    done = call(repository, [*RUN, "--json"], XDG_CACHE_HOME=str(tmp_path / "cache"))
    outcomes = {outcome["gate"]: outcome for outcome in json.loads(done.stdout)["outcomes"]}
    assert outcomes["names"]["status"] == "passed", outcomes["names"]
    assert outcomes["copypaste"]["status"] == "passed", outcomes["copypaste"]
    assert outcomes["secrets"]["status"] == "passed", outcomes["secrets"]
    assert outcomes["complexity"]["status"] == "not run"
    assert any("binary.py" in error for error in outcomes["complexity"]["evidence"]["parse_errors"])
    assert call(repository, RUN, XDG_CACHE_HOME=str(tmp_path / "cache")).returncode == 3


def test_a_tool_that_crashes(make_repository: Callable[..., Repository]) -> None:
    gate = 'gates:\n  crash: {kind: command, run: "kill -SEGV $$"}\n'
    repository = make_repository(files={"gateline.yaml": gate})
    assert call(repository, RUN).returncode in (1, 3)


def test_a_worker_that_is_killed_has_not_run(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = make_repository(files={"gateline.yaml": "gates:\n  complexity: {}\n", "a.py": "def f(): pass\n"})
    code = (
        "import gates.worker as worker, gates.__main__ as main, sys\n"
        "worker.BOOT = 'import os; os.kill(os.getpid(), 9)'\n"
        "sys.argv = ['gateline', 'run']\n"
        "main.main()\n"
    )
    done = call(repository, [sys.executable, "-c", code])
    assert done.returncode == 3
    assert "broke off by signal 9" in done.stdout


def test_an_unreadable_file(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": "gates:\n  complexity: {}\n", "a.py": "def f(): pass\n"})
    (repository.path / "a.py").chmod(0)
    if os.geteuid():
        done = call(repository, RUN)
        assert done.returncode == 3
        return
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("needs setpriv to give up root's right to read everything")
    words = [
        setpriv,
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
        *RUN,
    ]
    done = call(repository, words)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "a.py" in done.stdout + done.stderr
