"""What git's status says, and what it does not see."""

from __future__ import annotations

from gates.git.repository import Repository as Asked
from gates.git.status import STATUS, hides_files, parse_status
from tests.conftest import Repository


def asked(repository: Repository) -> Asked:
    return Asked.find(str(repository.path))


def test_a_copy_has_its_original(repository: Repository) -> None:
    repository.commit({"one": "line\n" * 60})
    repository.write("two", "line\n" * 60)
    repository.write("one", "line\n" * 59 + "other\n")
    repository.git("add", "-A")
    raw = asked(repository).ask("-c", "status.renames=copies", *STATUS[:-1]).stdout
    (copy,) = (file for file in parse_status(raw).staged if file.path == "two")
    assert (copy.status, copy.old_path) == ("C", "one")


def test_a_changed_submodule_is_not_the_index(repository: Repository) -> None:
    inner = repository.path / "inner"
    repository.git("clone", "-q", str(repository.path), str(inner))
    repository.git("submodule", "add", "-q", str(repository.path), "sub")
    repository.commit({".gitignore": "inner\n"})
    assert parse_status(asked(repository).ask(*STATUS).stdout).is_index
    repository.write("sub/README.md", "changed\n")
    assert parse_status(asked(repository).ask(*STATUS).stdout).unstaged == ["sub"]


def test_files_out_of_sight(repository: Repository) -> None:
    def hidden() -> bool:
        return hides_files(asked(repository), asked(repository).ask("ls-files", "-v", "-z").stdout)

    assert not hidden()
    for flag in ("assume-unchanged", "skip-worktree"):
        repository.git("update-index", f"--{flag}", "README.md")
        assert hidden()
        repository.git("update-index", f"--no-{flag}", "README.md")
    assert not hidden()
    repository.git("sparse-checkout", "set", "src")
    assert hidden()
