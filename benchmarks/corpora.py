"""Real code to measure with, from the package registries; kept in a folder outside of the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

__all__ = ["CORPORA", "fetch"]

CORPORA = {
    "django": ("pypi", "django==5.2.19", ".py"),
    "sympy": ("pypi", "sympy==1.14.0", ".py"),
    "home-assistant": ("pypi", "homeassistant==2026.2.3", ".py"),
    "lodash": ("npm", "lodash@4.17.21", ".js"),
    "typescript": ("npm", "typescript@5.9.3", ".js"),
}
"""Name -> registry, package, ending of the files that are taken."""


def fetch(name: str, cache: Path) -> Path:
    """The folder with the files of a corpus, all of one language; fetched the first time."""
    registry, package, ending = CORPORA[name]
    folder = cache / name
    if folder.is_dir():
        return folder
    work = cache / f"{name}.part"
    shutil.rmtree(work, ignore_errors=True)
    (work / "all").mkdir(parents=True)
    if registry == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python"]
        subprocess.run([*pip, "--only-binary", ":all:", "-d", str(work), package], check=True)
        zipfile.ZipFile(next(work.glob("*.whl"))).extractall(work / "all")
    else:
        subprocess.run(["npm", "pack", "--silent", package], cwd=work, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(work.glob("*.tgz"))) as archive:
            archive.extractall(work / "all", filter="data")
    for path in sorted((work / "all").rglob(f"*{ending}")):
        target = work / "code" / path.relative_to(work / "all")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    (work / "code").rename(folder)
    shutil.rmtree(work)
    return folder
