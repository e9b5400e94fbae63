"""Where a repository is, and how git is asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gates.errors import CannotRun, UsageError
from gates.git.repository import Repository as Asked
from gates.git.repository import clean_environment
from tests.conftest import Repository


def test_find_from_the_top_and_from_below(repository: Repository) -> None:
    top = Asked.find(str(repository.path))
    below = Asked.find(str(repository.path / "src"))
    for found in (top, below):
        assert (found.root, found.git_dir) == (str(repository.path), str(repository.path / ".git"))
        assert found.common == found.git_dir
        assert found.state == str(repository.path / ".git/gateline")


def test_find_in_a_linked_worktree(repository: Repository) -> None:
    other = repository.path.parent / "other"
    repository.git("worktree", "add", "-q", str(other))
    found = Asked.find(str(other))
    assert found.root == str(other)
    assert found.git_dir == str(repository.path / ".git/worktrees/other")
    assert found.common == str(repository.path / ".git")


def test_find_in_a_submodule(repository: Repository) -> None:
    inner = repository.path.parent / "inner"
    subprocess.run(["git", "clone", "-q", str(repository.path), str(inner)], check=True)
    repository.git("submodule", "add", "-q", str(inner), "sub")
    found = Asked.find(str(repository.path / "sub"))
    assert (found.root, found.git_dir) == (str(repository.path / "sub"), str(repository.path / ".git/modules/sub"))


def test_find_where_the_environment_points(repository: Repository, tmp_path: Path) -> None:
    environ = {**os.environ, "GIT_DIR": str(repository.path / ".git"), "GIT_WORK_TREE": str(repository.path)}
    assert Asked.find(str(tmp_path), environ).root == str(repository.path)


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a git repository"):
        Asked.find(str(tmp_path))


def test_a_bare_repository_and_the_inside_of_a_git_dir(repository: Repository, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    with pytest.raises(UsageError, match="bare repository"):
        Asked.find(str(tmp_path / "bare"))
    with pytest.raises(UsageError, match="inside a git dir"):
        Asked.find(str(repository.path / ".git"))


def test_a_repository_that_git_refuses(repository: Repository) -> None:
    repository.write(".git/config", "[broken\n")
    with pytest.raises(UsageError, match="git cannot open the repository"):
        Asked.find(str(repository.path / "src"))


def test_asking(repository: Repository) -> None:
    asked = Asked.find(str(repository.path))
    assert asked.line("rev-parse", "HEAD") == repository.git("rev-parse", "HEAD")
    assert asked.try_line("rev-parse", "--verify", "--quiet", "nope") == ""
    with pytest.raises(CannotRun, match=r"`git rev-parse nope \.\.\.` failed: "):
        asked.line("rev-parse", "nope")
    both = asked.ask_all([("rev-parse", "HEAD"), ("hash-object", "--stdin")], stdin=b"x")
    assert [len(done.stdout.strip()) for done in both] == [40, 40]


def test_a_state_folder_that_cannot_be(repository: Repository) -> None:
    repository.write(".git/gateline", "in the way")
    with pytest.raises(OSError):
        Asked.find(str(repository.path)).state_folder("results")


def test_the_environment_of_gates_names_no_repository() -> None:
    environ = {
        "GIT_DIR": "/x",
        "GIT_INDEX_FILE": "/x/index",
        "GIT_PREFIX": "sub/",
        "GIT_QUARANTINE_PATH": "/q",
        "GIT_CONFIG_COUNT": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_SSH_COMMAND": "ssh -v",
        "HOME": "/h",
    }
    assert clean_environment(environ) == {"GIT_AUTHOR_NAME": "Ada", "GIT_SSH_COMMAND": "ssh -v", "HOME": "/h"}
