"""The command line as a person uses it, against a test server."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gates.__main__ import main
from tests.rancher16 import RancherServer

__all__ = ["CommandLine", "Done"]


@dataclass(frozen=True)
class Done:
    """Exit code and output."""

    code: int
    out: str
    err: str


class CommandLine:
    """`gateline` in a folder of its own, with the variables that a CI job has."""

    def __init__(
        self,
        server: RancherServer,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.server = server
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("RANCHER_URL", server.url)
        monkeypatch.setenv("RANCHER_ACCESS_KEY", server.access)
        monkeypatch.setenv("RANCHER_SECRET_KEY", server.secret)
        monkeypatch.setenv("CI", "true")

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content)

    def run(self, *arguments: str, **variables: str) -> Done:
        """In this process, which is quick and counts for coverage."""
        with self.monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["gateline", *arguments])
            self.capsys.readouterr()
            try:
                main()
                code: Any = 0
            except SystemExit as exit_:
                code = exit_.code
        out, err = self.capsys.readouterr()
        assert self.server.secret not in out + err
        return Done(code if isinstance(code, int) else int(bool(code)), out, err)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """As a process of its own, which can be killed."""
        return subprocess.Popen(
            [sys.executable, "-m", "gates", *arguments],
            cwd=self.folder,
            env={**os.environ, **variables, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
