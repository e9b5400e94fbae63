"""Every command in the README and the docs is run: `$` lines of ```console blocks, each page in a folder of its own.

A command must end with 0, or with the code named behind it: `$ gateline run  # exit 1`. Output that a page shows below
a command must be what comes out, where the page shows any; a line `...` stands for whatever comes there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\s+# exit (\d+)$")


def commands(page: Path) -> list[tuple[str, int, list[str]]]:
    """(command, exit code, lines shown below it) of a page, in order."""
    found: list[tuple[str, int, list[str]]] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                code = CODE.search(line)
                found.append((CODE.sub("", line[2:]), int(code[1]) if code else 0, []))
            elif found:
                found[-1][2].append(line)
    return found


@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_COLOR": "1"}
    for command, code, shown in commands(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}"
        if shown:
            assert_shown(shown, done.stdout, command)


def assert_shown(shown: list[str], output: str, command: str) -> None:
    """The shown lines come in that order; times differ from run to run."""
    timed = re.compile(r"\d+(\.\d+)? s\b")
    lines = iter([timed.sub("T s", line.rstrip()) for line in output.splitlines()])
    for line in shown:
        wanted = timed.sub("T s", line.rstrip())
        if wanted and wanted != "...":
            assert any(wanted == got for got in lines), f"{command}: no line {wanted!r} in\n{output}"


def links(page: Path) -> list[str]:
    """What a page links to within the repository."""
    return re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in links(page):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        for target in (page.parent.joinpath(link).resolve() for link in links(page)):
            if target.suffix == ".md" and target.is_file() and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_the_readme_tells_the_commands_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 tests/run.py" in readme
    assert "python3 tests/run.py --all" in (ROOT / ".ci" / "run").read_text()
