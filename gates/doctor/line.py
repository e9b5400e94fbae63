"""One line of the doctor's report."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from gates.git.links import program_folders
from gates.git.repository import clean_environment

__all__ = ["FAIL", "OK", "WARN", "Line", "first_line_of", "project_path"]

OK = "ok"
WARN = "warn"
FAIL = "fail"
SECONDS = 15


@dataclass(frozen=True)
class Line:
    """`level` OK, WARN or FAIL; `advice` is what to do, "" when there is nothing to do."""

    level: str
    text: str
    advice: str = ""


def project_path(root: str, path: str | None = None) -> str:
    """PATH as gates have it: the project's own tools first."""
    return os.pathsep.join([*program_folders(root), os.environ.get("PATH", os.defpath) if path is None else path])


def first_line_of(argv: list[str], cwd: str, path: str | None = None) -> str:
    """The first line that a program prints, "" when it fails, hangs or prints nothing."""
    environ = {**clean_environment(os.environ), **({"PATH": path} if path else {})}
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return said[0].strip() if said and done.returncode == 0 else ""
