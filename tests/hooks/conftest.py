"""Repositories with Gateline's hooks in them and a remote to push to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.cli.install import install_hooks
from gates.doctor.hooks import HOOKS
from tests.conftest import Repository

NO_BAD = """\
gates:
  no_bad: {kind: command, run: "! grep -rl BAD --include=*.txt .", doors: [commit, merge, push]}
"""
"""One gate, which finds the word BAD in the text files of the tree that it is given."""


class Guarded(Repository):
    """A repository whose commits and pushes Gateline stands before. `remote` is bare and empty at first."""

    def __init__(self, path: Path, remote: Path) -> None:
        super().__init__(path)
        self.remote = remote

    def call(self, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """One git command with all its hooks; stdout and stderr together in `stdout`."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    def passes(self, *arguments: str, environ: dict[str, str] | None = None) -> str:
        """The command succeeds; returns what it said."""
        done = self.call(*arguments, environ=environ)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def is_stopped(self, *arguments: str, by: str = "✗ no_bad", environ: dict[str, str] | None = None) -> str:
        """The command fails and says why, as it should be; returns what it said."""
        done = self.call(*arguments, environ=environ)
        assert done.returncode != 0, done.stdout
        assert by in done.stdout, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def head(self, revision: str = "HEAD") -> str:
        return self.git("rev-parse", revision)

    def remote_refs(self) -> dict[str, str]:
        """What the remote has: ref -> object id."""
        listed = self.git("ls-remote", str(self.remote))
        pairs = [line.split("\t") for line in listed.splitlines()]
        return {name: commit for commit, name in pairs if name != "HEAD"}


def measure(path: Path) -> None:
    """Where coverage is measured, it must begin in hooks as well: that takes `site`, which they leave out."""
    if any(name.startswith("COVERAGE_PROCESS") for name in os.environ):
        for hook in HOOKS:
            shim = path / ".git/hooks" / hook
            shim.write_text(shim.read_text().replace(" -I -S ", " -I "))


Guard = Callable[..., Guarded]


@pytest.fixture
def guard(make_repository: Callable[..., Repository], tmp_path: Path) -> Guard:
    """Call with files (and a configuration) to get a guarded repository with one commit, and that commit pushed."""

    def make(
        files: dict[str, str | bytes] | None = None, *, config: str = NO_BAD, name: str = "work", push: bool = True
    ) -> Guarded:
        start: dict[str, str | bytes] = {"gateline.yaml": config, "good.txt": "good\n", **(files or {})}
        path = make_repository(name, start).path
        remote = tmp_path / f"{name}.remote"
        subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
        guarded = Guarded(path, remote)
        guarded.git("remote", "add", "origin", str(remote))
        if push:
            guarded.git("push", "-q", "origin", "main")
        install_hooks(str(path))
        measure(path)
        return guarded

    return make


@pytest.fixture
def guarded(guard: Guard) -> Guarded:
    """A guarded repository with gateline.yaml (one gate: no BAD in text files) and good.txt, pushed."""
    return guard()


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file named by $SEEN, for gates to tell what they met."""
    path = tmp_path / "seen"
    path.touch()
    monkeypatch.setenv("SEEN", str(path))
    return path
