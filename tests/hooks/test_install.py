"""`gateline install` and `gateline uninstall`: what was there stays, and comes back to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.cli.install import install_hooks
from gates.cli.main import gateline
from gates.cli.uninstall import uninstall_hooks
from gates.doctor.hooks import HOOKS
from gates.errors import CannotRun, UsageError
from tests.conftest import Repository

ALL = ", ".join(HOOKS)
MINE = b"#!/bin/sh\n# \xff bytes that are no text\nexit 0\n"


def entries(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything in a folder: name -> mode and content (of a link: where it leads)."""
    return {
        path.name: (path.lstat().st_mode, os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes())
        for path in folder.iterdir()
    }


def hooks_of(repository: Repository) -> Path:
    return repository.path / ".git/hooks"


def test_install_names_this_python_and_its_packages(repository: Repository) -> None:
    lines = install_hooks(str(repository.path))
    assert lines == [f"Installed the hooks {ALL} in .git/hooks."]
    for name in HOOKS:
        path = hooks_of(repository) / name
        assert os.access(path, os.X_OK)
        text = path.read_text()
        assert f"\npython='{sys.executable}'\n" in text
        package = next(line for line in text.splitlines() if line.startswith("packages=")).split("'")[1].split(":")[0]
        assert (Path(package) / "gates/cli/install.py").is_file()


def test_install_twice_changes_nothing(repository: Repository) -> None:
    install_hooks(str(repository.path))
    before = entries(hooks_of(repository))
    assert install_hooks(str(repository.path)) == ["The hooks in .git/hooks are Gateline's already; nothing to do."]
    assert entries(hooks_of(repository)) == before


def test_install_renews_a_shim_of_another_environment(repository: Repository) -> None:
    install_hooks(str(repository.path))
    before = entries(hooks_of(repository))
    path = hooks_of(repository) / "pre-push"
    path.write_text(path.read_text().replace(sys.executable, "/gone/python"))
    (hooks_of(repository) / "pre-commit").chmod(0o644)
    assert install_hooks(str(repository.path)) == ["Installed the hooks pre-commit, pre-push in .git/hooks."]
    assert entries(hooks_of(repository)) == before


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o644])
def test_a_hook_comes_back_with_its_bytes_and_mode(repository: Repository, mode: int) -> None:
    for name in ("pre-commit", "commit-msg"):
        repository.write(f".git/hooks/{name}", MINE).chmod(mode)
    before = entries(hooks_of(repository))
    lines = install_hooks(str(repository.path))
    assert "The hook pre-commit is kept as pre-commit.before-gateline and runs first." in lines
    assert (hooks_of(repository) / "pre-commit.before-gateline").read_bytes() == MINE
    install_hooks(str(repository.path))
    lines = uninstall_hooks(str(repository.path))
    assert "Put back the hook pre-commit as it was." in lines
    assert "Removed the hook pre-push." in lines
    assert entries(hooks_of(repository)) == before


def test_a_hook_that_is_a_link_comes_back_as_one(repository: Repository) -> None:
    repository.write("tools/check", MINE).chmod(0o755)
    (hooks_of(repository) / "pre-commit").symlink_to("../../tools/check")
    (hooks_of(repository) / "pre-push").symlink_to("nowhere")
    before = entries(hooks_of(repository))
    install_hooks(str(repository.path))
    assert (repository.path / "tools/check").read_bytes() == MINE
    uninstall_hooks(str(repository.path))
    assert entries(hooks_of(repository)) == before


def test_install_where_there_is_no_hooks_folder(repository: Repository) -> None:
    for path in hooks_of(repository).iterdir():
        path.unlink()
    hooks_of(repository).rmdir()
    install_hooks(str(repository.path))
    assert sorted(path.name for path in hooks_of(repository).iterdir()) == sorted(HOOKS)


def test_uninstall_without_hooks(repository: Repository) -> None:
    assert uninstall_hooks(str(repository.path)) == ["There are no hooks of Gateline's here; nothing to do."]


def test_uninstall_leaves_the_hooks_of_others(repository: Repository) -> None:
    repository.write(".git/hooks/pre-commit", MINE)
    repository.write(".git/hooks/pre-commit.before-gateline", b"older")
    before = entries(hooks_of(repository))
    lines = uninstall_hooks(str(repository.path))
    assert lines == [
        "pre-commit is not Gateline's and stays; the hook before Gateline is in pre-commit.before-gateline."
    ]
    assert entries(hooks_of(repository)) == before


def test_uninstall_goes_on_where_an_installation_broke_off(repository: Repository) -> None:
    """Killed between moving the user's hook away and putting the shim in its place."""
    repository.write(".git/hooks/pre-commit.before-gateline", MINE).chmod(0o755)
    install_hooks(str(repository.path))
    assert (hooks_of(repository) / "pre-commit.before-gateline").read_bytes() == MINE
    (hooks_of(repository) / "pre-commit").unlink()
    uninstall_hooks(str(repository.path))
    assert (hooks_of(repository) / "pre-commit").read_bytes() == MINE


def test_a_hook_replaced_after_installing_is_not_guessed_about(repository: Repository) -> None:
    repository.write(".git/hooks/pre-commit", MINE)
    install_hooks(str(repository.path))
    repository.write(".git/hooks/pre-commit", b"another\n")
    before = entries(hooks_of(repository))
    with pytest.raises(UsageError, match=r"pre-commit was replaced after Gateline had kept"):
        install_hooks(str(repository.path))
    assert entries(hooks_of(repository)) == before


def test_pre_commit_installed_later_calls_us(repository: Repository) -> None:
    install_hooks(str(repository.path))
    hooks = hooks_of(repository)
    (hooks / "pre-commit").rename(hooks / "pre-commit.legacy")
    repository.write(".git/hooks/pre-commit", MINE)
    assert "pre-commit calls Gateline's hook as pre-commit.legacy; left as it is." in install_hooks(
        str(repository.path)
    )
    assert (hooks / "pre-commit").read_bytes() == MINE
    assert "Removed pre-commit.legacy." in uninstall_hooks(str(repository.path))
    assert not (hooks / "pre-commit.legacy").exists()
    assert (hooks / "pre-commit").read_bytes() == MINE


def test_husky_4_is_not_renamed_into_doing_nothing(repository: Repository) -> None:
    repository.write(".git/hooks/pre-commit", '#!/bin/sh\n. "$(dirname "$0")/husky.sh"\n')
    before = entries(hooks_of(repository))
    with pytest.raises(UsageError, match="is husky's"):
        install_hooks(str(repository.path))
    assert entries(hooks_of(repository)) == before


def test_from_a_linked_worktree_the_shared_hooks_are_installed(repository: Repository) -> None:
    repository.git("worktree", "add", "-q", "../other")
    lines = install_hooks(str(repository.path.parent / "other"))
    assert str(hooks_of(repository)) in lines[0]
    assert sorted(HOOKS) == sorted(path.name for path in hooks_of(repository).iterdir() if "." not in path.name)


def test_hooks_path_inside_the_git_dir(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", ".git/my-hooks")
    assert install_hooks(str(repository.path)) == [f"Installed the hooks {ALL} in .git/my-hooks."]
    assert sorted(entries(repository.path / ".git/my-hooks")) == sorted(HOOKS)


def test_hooks_path_inside_the_working_tree(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", "scripts/hooks")
    lines = install_hooks(str(repository.path))
    assert lines[0] == f"Installed the hooks {ALL} in scripts/hooks."
    assert lines[1] == "Leave scripts/hooks out of commits: the hooks name the Python of this machine."


def test_committed_hooks_are_not_moved(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", "scripts/hooks")
    repository.commit({"scripts/hooks/pre-push": "#!/bin/sh\n"})
    with pytest.raises(UsageError, match="scripts/hooks/pre-push is committed") as caught:
        install_hooks(str(repository.path))
    assert 'gateline hook pre-push "$@"' in str(caught.value)
    assert not repository.git("status", "--porcelain")
    install_hooks(str(repository.path), force=True)
    assert (repository.path / "scripts/hooks/pre-push.before-gateline").read_text() == "#!/bin/sh\n"


def test_husky_9_rewrites_its_hooks(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", ".husky/_")
    with pytest.raises(UsageError, match="husky owns the hooks here") as caught:
        install_hooks(str(repository.path))
    assert 'gateline hook pre-commit "$@"' in str(caught.value)


def test_hooks_of_all_repositories_need_a_word(repository: Repository, tmp_path: Path) -> None:
    shared = tmp_path / "shared-hooks"
    repository.git("config", "core.hooksPath", str(shared))
    with pytest.raises(UsageError, match="outside of this repository"):
        install_hooks(str(repository.path))
    assert not shared.exists()
    install_hooks(str(repository.path), force=True)
    assert sorted(entries(shared)) == sorted(HOOKS)


def test_a_folder_that_cannot_be_written(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", ".git/config/hooks")  # below a file: not even root can
    with pytest.raises(CannotRun, match="the hooks cannot be written"):
        install_hooks(str(repository.path))
    hooks = repository.path / ".git/file"
    hooks.write_text("")
    repository.git("config", "core.hooksPath", ".git/file")
    with pytest.raises(CannotRun):
        install_hooks(str(repository.path))


def test_a_bare_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    with pytest.raises(UsageError, match="bare repository"):
        install_hooks(str(tmp_path / "bare"))


def test_on_the_command_line(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository.path / "src").mkdir(exist_ok=True)
    monkeypatch.chdir(repository.path / "src")
    assert gateline.main(["install"], standalone_mode=False) == 0
    assert capsys.readouterr().out == f"Installed the hooks {ALL} in .git/hooks.\n"
    assert gateline.main(["uninstall"], standalone_mode=False) == 0
    assert "Removed the hook pre-commit." in capsys.readouterr().out


def test_a_path_with_a_quote_in_it(make_repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository("it's here", {"a": "b"})
    monkeypatch.setattr(sys, "executable", "/opt/it's/python")
    install_hooks(str(repository.path))
    lines = (hooks_of(repository) / "pre-commit").read_text().splitlines()
    value = next(line for line in lines if line.startswith("python="))
    said = subprocess.run(["sh", "-c", f'{value}; printf %s "$python"'], capture_output=True, text=True, check=True)
    assert said.stdout == "/opt/it's/python"
