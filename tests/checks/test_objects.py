"""Reading blobs from git, and keeping what was found out about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gates.checks.kept import Kept
from gates.checks.new_lines import new_lines
from gates.errors import CannotRun
from gates.git.blobs import read_blobs
from gates.git.repository import Repository as Git
from tests.conftest import Repository


def blobs_of(repository: Repository, contents: dict[str, str]) -> tuple[Git, dict[str, bytes]]:
    """Blob id -> content."""
    repository.commit(dict(contents))
    ids = {repository.git("rev-parse", f"HEAD:{name}"): text.encode() for name, text in contents.items()}
    return Git.find(str(repository.path)), ids


def test_blobs_are_read_in_the_order_asked(repository: Repository) -> None:
    git, ids = blobs_of(repository, {f"{n}.txt": "line\n" * n for n in range(300)})
    asked = sorted(ids)
    assert list(read_blobs(git, asked)) == [(blob, ids[blob]) for blob in asked]
    assert list(read_blobs(git, [])) == []


def test_answers_that_are_too_long_are_asked_for_in_parts(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gates.process.OUTPUT_LIMIT", 1 << 16)
    contents = {f"{n}.txt": f"{n} " * 10_000 for n in range(10)} | {"huge.txt": "h" * 1_000_000}
    git, ids = blobs_of(repository, contents)
    huge = repository.git("rev-parse", "HEAD:huge.txt")
    read = dict(read_blobs(git, list(ids)))
    assert read.pop(huge) is None
    with pytest.raises(CannotRun, match=f"{huge} is too big"):
        list(read_blobs(git, list(ids), whole=True))
    del ids[huge]
    assert read == ids


def test_a_blob_that_is_not_there(repository: Repository) -> None:
    git, ids = blobs_of(repository, {"a.txt": "a"})
    (there,) = ids
    asked = ["0" * 40, there, "HEAD:not there", "HEAD^{tree}", "HEAD:a.txt"]
    assert list(read_blobs(git, asked)) == list(zip(asked, [None, b"a", None, None, b"a"], strict=True))


def test_new_lines_of_a_blob_that_git_has_lost(repository: Repository) -> None:
    base = repository.git("rev-parse", "HEAD^{tree}")
    git, ids = blobs_of(repository, {"a.txt": "a\n"})
    (blob,) = ids
    (repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(CannotRun):
        new_lines(git, base, repository.git("rev-parse", "HEAD^{tree}"))


Make = Callable[[], Kept]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda: Kept(str(tmp_path / "state"), "lengths", "form 1", lambda raw: (len(raw or b""),))


def test_what_is_known_is_not_read_again(repository: Repository, make: Make, tmp_path: Path) -> None:
    git, ids = blobs_of(repository, {"a.txt": "aaa"})
    first = make()
    first.fill(git, ids)
    first.save()
    second = make()
    assert second.missing(ids) == []
    assert list(second.found.values()) == [(3,)]
    other = Kept(str(tmp_path / "state"), "lengths", "form 2", lambda raw: ())
    assert other.missing(ids) == list(ids)


def test_a_folder_that_cannot_be_written_stops_nothing(repository: Repository, tmp_path: Path) -> None:
    git, ids = blobs_of(repository, {"a.txt": "aaa"})
    (tmp_path / "file").write_text("")
    for folder in (str(tmp_path / "file" / "below"), ""):
        kept = Kept(folder, "lengths", "form 1", lambda raw: (len(raw or b""),))
        kept.fill(git, ids)
        kept.save()
        assert list(kept.found.values()) == [(3,)]


def test_only_so_much_is_kept(repository: Repository, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.checks.kept.KEEP", 1)
    for number in range(4):
        git, ids = blobs_of(repository, {"a.txt": str(number)})
        kept = make()
        kept.fill(git, ids)
        kept.save()
    assert len(make().found) <= 2
