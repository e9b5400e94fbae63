"""`gateline report`: results in another format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gates.reports.write import FILES, FORMATS, write_reports
from tests.reports.samples import mixed


def report(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "gates", "report", *words], cwd=folder, capture_output=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_reports(mixed(), str(tmp_path / "reports"))
    return tmp_path


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_what_ci_wrote(folder: Path, name: str) -> None:
    written = (folder / "reports" / FILES[name]).read_bytes()
    assert report(folder, name).stdout == written
    done = report(folder, name, "reports/results.json", "-o", "deep/file")
    assert (done.returncode, done.stdout) == (0, b"")
    assert (folder / "deep" / "file").read_bytes() == written


def test_for_a_terminal_and_for_github(folder: Path) -> None:
    assert b"4 failed, 1 not run, 1 passed, 1 skipped" in report(folder, "terminal").stdout
    assert report(folder, "github").stdout.startswith(b"::error title=types::could not run")


def test_what_is_wrong_is_told(folder: Path) -> None:
    missing = report(folder, "html", "nothing.json")
    assert (missing.returncode, missing.stdout) == (2, b"")
    assert b"the results cannot be read" in missing.stderr
    (folder / "other.json").write_text(json.dumps({"some": "thing"}))
    assert b"not a results.json of Gateline" in report(folder, "html", "other.json").stderr
    assert report(folder, "pdf").returncode == 2
