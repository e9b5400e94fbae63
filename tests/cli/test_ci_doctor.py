"""`gateline ci doctor` on files as they lie in a repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gates.ci.project import look_at
from gates.ci.scaffold import BUILDERS, component, github, gitlab
from gates.git.repository import Repository as Git
from tests.conftest import Repository


def doctor(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gates", "ci", "doctor", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_what_init_writes_mutes_nothing(repository: Repository) -> None:
    project = look_at(Git.find(str(repository.path)))
    for builder in BUILDERS:
        repository.write(".gitlab-ci.yml", gitlab(project, builder))
        done = doctor(repository.path)
        assert (done.returncode, done.stdout) == (0, "\nnothing mutes the gates in .gitlab-ci.yml\n")
    for name, text in {**github(project, 3), **component()}.items():
        repository.write(name, text)
    assert doctor(repository.path).returncode == 0
    done = doctor(repository.path / "src", "../templates/gateline/template.yml")
    assert (done.returncode, done.stdout) == (0, "\nnothing mutes the gates in templates/gateline/template.yml\n")


def test_everything_is_told_with_its_place(repository: Repository) -> None:
    repository.write(".gitlab-ci.yml", "include: more.yml\nunit:\n  script: [gateline ci]\n  allow_failure: true\n")
    repository.write(".github/workflows/w.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n")
    done = doctor(repository.path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "FAIL  .github/workflows  no workflow runs `gateline ci`",
        "note  .gitlab-ci.yml:1  more.yml is included, and is not seen here",
        "note  .gitlab-ci.yml:2  unit: GIT_DEPTH is not 0: history is fetched while the gates wait",
        "note  .gitlab-ci.yml:2  unit: its reports are not kept when it fails (`artifacts: when: always`)",
        "FAIL  .gitlab-ci.yml:4  unit: `allow_failure` lets the pipeline go on though the gates failed",
        "",
        "2 things would let a change past the gates in .gitlab-ci.yml, .github/workflows/w.yaml",
    ]


def test_a_commit_that_keeps_ci_away_is_told(repository: Repository) -> None:
    project = look_at(Git.find(str(repository.path)))
    repository.commit({".gitlab-ci.yml": gitlab(project, "docker")}, "release [skip ci]")
    done = doctor(repository.path)
    assert done.returncode == 1
    assert "FAIL  HEAD  the message of this commit keeps CI from running for it" in done.stdout


def test_what_cannot_be_read_is_told(repository: Repository) -> None:
    assert doctor(repository.path).returncode == 2
    assert "gateline ci init" in doctor(repository.path).stderr
    missing = doctor(repository.path, "nothing.yml")
    assert (missing.returncode, "No such file" in missing.stderr) == (3, True)
    repository.write(".gitlab-ci.yml", "a: [\n")
    assert doctor(repository.path).returncode == 2
    repository.write(".gitlab-ci.yml", b"\xff\xfe")
    assert "not UTF-8" in doctor(repository.path).stderr
