"""Real code to measure with, from the package registries; kept in a folder outside of the repository."""

from __future__ import annotations

import os
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
    "guava": ("debian", "guava-libraries", ".java"),
}
"""Name -> registry, package, ending of the files that are taken."""

MIRROR = "http://deb.debian.org/debian"
RELEASE = "bookworm"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def fetch(name: str, cache: Path) -> Path:
    """The folder with the files of a corpus, all of one language; fetched the first time."""
    registry, package, ending = CORPORA[name]
    folder = cache / name
    if folder.is_dir():
        return folder
    work = cache / f"{name}.part"
    shutil.rmtree(work, ignore_errors=True)
    (work / "all").mkdir(parents=True)
    FETCHED_FROM[registry](package, work)
    for path in sorted((work / "all").rglob(f"*{ending}")):
        target = work / "code" / path.relative_to(work / "all")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    (work / "code").rename(folder)
    shutil.rmtree(work)
    return folder


def from_pypi(package: str, work: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python"]
    subprocess.run([*pip, "--only-binary", ":all:", "-d", str(work), package], check=True)
    zipfile.ZipFile(next(work.glob("*.whl"))).extractall(work / "all")


def from_npm(package: str, work: Path) -> None:
    subprocess.run(["npm", "pack", "--silent", package], cwd=work, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(work.glob("*.tgz"))) as archive:
        archive.extractall(work / "all", filter="data")


def from_debian(package: str, work: Path) -> None:
    """The upstream source of a package, by an apt with a configuration of its own."""
    apt = (work / "apt").resolve()
    for part in ("state/lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    (apt / "sources.list").write_text(f"deb-src [signed-by={KEYS}] {MIRROR} {RELEASE} main\n")
    (apt / "apt.conf").write_text(
        f'Dir::State "{apt}/state";\nDir::Cache "{apt}/cache";\nDir::Etc::sourcelist "{apt}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\nAPT::Sandbox::User "root";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    subprocess.run(["apt-get", "-qq", "update"], env=environment, check=True)
    download = ["apt-get", "-qq", "source", "--download-only", package]
    subprocess.run(download, env=environment, cwd=work, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(work.glob("*.orig.tar.*"))) as archive:
        archive.extractall(work / "all", filter="data")


FETCHED_FROM = {"pypi": from_pypi, "npm": from_npm, "debian": from_debian}
