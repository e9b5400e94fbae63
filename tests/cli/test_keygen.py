"""`gateline keygen`."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from gates.attest.keys import load_public_key, signing_key
from gates.cli.main import gateline
from gates.errors import CannotRun, UsageError
from tests.conftest import Repository


def keygen(path: Path) -> int:
    return gateline.main(["keygen", str(path)], standalone_mode=False)


def test_a_pair_that_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key"
    assert keygen(path) == 0
    private = signing_key(str(path))
    assert private is not None
    public = load_public_key(f"{path}.pub")
    assert private.public.keyid == public.keyid
    output = capsys.readouterr().out
    assert public.line in output
    assert "GATELINE_SIGNING_KEY" in output
    assert "PRIVATE" not in output


def test_only_the_owner_can_read_the_private_key(tmp_path: Path) -> None:
    keygen(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_ssh_keygen_reads_it(tmp_path: Path) -> None:
    keygen(tmp_path / "key")
    done = subprocess.run(["ssh-keygen", "-y", "-f", tmp_path / "key"], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == (tmp_path / "key.pub").read_text().split()[:2]


@pytest.mark.parametrize("name", ["key", "key.pub"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(UsageError, match="never overwritten"):
        keygen(tmp_path / "key")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_a_broken_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="never overwritten"):
        keygen(tmp_path / "key")


def test_not_in_a_working_tree(repository: Repository) -> None:
    with pytest.raises(UsageError, match="inside the git working tree"):
        keygen(repository.path / "src" / "key")
    assert not (repository.path / "src" / "key").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot be written"):
        keygen(tmp_path / "none" / "key")
