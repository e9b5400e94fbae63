"""Files and index are exchanged together or not at all, whoever else writes to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gates import exchange as exchange_module
from gates.exchange import FixedFile, InTheWay, exchange
from gates.git.repository import Repository as Asked
from tests.conftest import Repository
from tests.hooks.state import State

NAMES = ("a", "b", "c")


@pytest.fixture
def repository(make_repository: Callable[..., Repository]) -> Repository:
    """Files a, b, c, each staged with "staged" and, but c, with an unstaged line below it."""
    made = make_repository(files=dict.fromkeys(NAMES, "committed\n"))
    for name in NAMES:
        made.write(name, "staged\n")
    made.git("add", *NAMES)
    for name in "ab":
        made.write(name, "staged\nunstaged\n")
    (made.path / "a").chmod(0o754)
    made.git("add", "--chmod=+x", "a")
    return made


def trees(repository: Repository) -> tuple[str, str]:
    """What is staged, and the same with "fixed" in a, b, c."""
    before = repository.git("write-tree")
    index = {"GIT_INDEX_FILE": str(repository.path / ".git/other-index")}
    (repository.path / ".git/blob").write_text("fixed\n")
    blob = repository.git("hash-object", "-w", ".git/blob")
    lines = "".join(f"{'100755' if name == 'a' else '100644'} {blob}\t{name}\n" for name in NAMES)
    git = ["git", "-C", str(repository.path)]
    environ = {**os.environ, **index}
    subprocess.run([*git, "read-tree", before], env=environ, check=True)
    subprocess.run([*git, "update-index", "--index-info"], input=lines, text=True, env=environ, check=True)
    done = subprocess.run([*git, "write-tree"], env=environ, check=True, capture_output=True, text=True)
    return before, done.stdout.strip()


def fixed_files(repository: Repository, kind: type[FixedFile] = FixedFile) -> list[FixedFile]:
    root = str(repository.path)
    contents = {name: (repository.path / name).read_bytes() for name in NAMES}
    return [kind(root, name, was, was.replace(b"staged\n", b"fixed\n", 1)) for name, was in contents.items()]


def is_exchanged(repository: Repository) -> bool:
    files = [(repository.path / name).read_text() for name in NAMES]
    staged = [repository.git("show", f":{name}") for name in NAMES]
    return files == ["fixed\nunstaged\n", "fixed\nunstaged\n", "fixed\n"] and staged == ["fixed"] * 3


def left_behind(repository: Repository) -> list[str]:
    names = [str(path) for path in repository.path.rglob("*") if ".gateline" in path.name]
    state = repository.path / ".git/gateline"
    return names + [path.name for path in state.iterdir() if path.name.startswith(("fix-", "beside-"))]


def test_all_of_it(repository: Repository) -> None:
    exchange(Asked.find(str(repository.path)), fixed_files(repository), trees(repository))
    assert is_exchanged(repository)
    assert (repository.path / "a").stat().st_mode & 0o777 == 0o754
    assert repository.git("ls-files", "-s", "a").startswith("100755")
    assert left_behind(repository) == []


def test_files_only(repository: Repository) -> None:
    index = repository.git("ls-files", "-s")
    exchange(Asked.find(str(repository.path)), fixed_files(repository), None)
    assert (repository.path / "a").read_text() == "fixed\nunstaged\n"
    assert repository.git("ls-files", "-s") == index


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_was_saved_meanwhile(repository: Repository, name: str) -> None:
    files = fixed_files(repository)
    repository.write(name, "saved in an editor\n")
    before = State.of(repository)
    with pytest.raises(InTheWay, match=f"^{name} was changed meanwhile"):
        exchange(Asked.find(str(repository.path)), files, trees(repository))
    assert State.of(repository) == before
    assert left_behind(repository) == []


class SavedInTheMoment(FixedFile):
    """An editor has the file open and writes to it when it is exchanged already."""

    def take(self) -> None:
        super().take()
        if self.path == "b":
            Path(self.old).write_text("saved in the moment\n")


def test_a_file_that_is_saved_in_the_very_moment(repository: Repository) -> None:
    before = State.of(repository)
    with pytest.raises(InTheWay, match=r"^b was changed meanwhile"):
        exchange(Asked.find(str(repository.path)), fixed_files(repository, SavedInTheMoment), trees(repository))
    after = State.of(repository)
    assert after.files["b"][2] == b"saved in the moment\n"
    assert {**after.files, "b": None} == {**before.files, "b": None}
    assert after.index[0] == before.index[0]
    assert left_behind(repository) == []


def test_a_file_that_was_staged_meanwhile(repository: Repository) -> None:
    both = trees(repository)
    repository.write("c", "staged in another terminal\n")
    repository.git("add", "c")
    repository.write("c", "staged\n")
    before = State.of(repository)
    with pytest.raises(InTheWay, match=r"^what is staged was changed meanwhile"):
        exchange(Asked.find(str(repository.path)), fixed_files(repository), both)
    assert State.of(repository) == before


def test_another_file_that_was_staged_meanwhile(repository: Repository) -> None:
    both = trees(repository)
    repository.write("d", "staged in another terminal\n")
    repository.git("add", "d")
    exchange(Asked.find(str(repository.path)), fixed_files(repository), both)
    assert is_exchanged(repository)
    assert repository.git("show", ":d") == "staged in another terminal"


def test_an_index_that_another_git_has_locked(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "PATIENCE", 2)
    both, before = trees(repository), State.of(repository)
    lock = repository.write(".git/index.lock", "")
    with pytest.raises(InTheWay, match=r"^another git has locked the index"):
        exchange(Asked.find(str(repository.path)), fixed_files(repository), both)
    lock.unlink()
    assert State.of(repository) == before


@pytest.mark.parametrize("partial", [False, True])
def test_the_index_of_one_commit(repository: Repository, partial: bool) -> None:
    """It is written in place, and the index itself is not touched."""
    git_dir, index = repository.path / ".git", repository.git("ls-files", "-s")
    lent = [git_dir / "index.lock", *([git_dir / "next-index-7.lock"] if partial else [])]
    both, files = trees(repository), fixed_files(repository)
    for path in lent:
        shutil.copy(git_dir / "index", path)
    nodes = [path.stat().st_ino for path in lent]
    environ = {**os.environ, "GIT_INDEX_FILE": str(lent[-1])}
    exchange(Asked.find(str(repository.path), environ), files, both)
    assert [path.stat().st_ino for path in lent] == nodes
    assert repository.git("ls-files", "-s") == index
    for path in lent:
        path.rename(git_dir / "index")
        assert is_exchanged(repository)


class GitEnds(FixedFile):
    """Git was interrupted, and has removed its files, when the first file was exchanged already."""

    def take(self) -> None:
        super().take()
        Path(os.environ["GIT_INDEX_FILE"]).unlink(missing_ok=True)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_commit_that_has_ended_meanwhile(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    both, before = trees(repository), State.of(repository)
    files = fixed_files(repository, GitEnds)
    lock = repository.path / ".git/index.lock"
    shutil.copy(repository.path / ".git/index", lock)
    monkeypatch.setenv("GIT_INDEX_FILE", str(lock))
    asked = Asked.find(str(repository.path))
    if at_once:
        lock.unlink()
    with pytest.raises(InTheWay, match=r"the commit has ended|index\.lock: No such file"):
        exchange(asked, files, both)
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert not lock.exists()
    assert State.of(repository) == before


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system than the temporary one."""
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(tempfile.gettempdir()).st_dev:
        pytest.skip("there is no other file system here")
    folder = tempfile.mkdtemp(dir="/dev/shm")
    yield Path(folder)
    shutil.rmtree(folder)


def on_another_file_system(repository: Repository, elsewhere: Path) -> Repository:
    """A linked worktree there, with the same unfinished work."""
    tree = repository.git("write-tree")
    other = Repository(elsewhere / "other")
    repository.git("worktree", "add", "-q", "-b", "other", str(other.path))
    other.git("read-tree", "-u", "--reset", tree)
    for name in "ab":
        other.write(name, "staged\nunstaged\n")
    return other


def test_a_working_tree_on_another_file_system(repository: Repository, elsewhere: Path) -> None:
    other, both = on_another_file_system(repository, elsewhere), trees(repository)
    files = fixed_files(other)
    exchange(Asked.find(str(other.path)), files, both)
    assert is_exchanged(other)
    files = fixed_files(other)
    other.write("c", "saved in an editor\n")
    before = State.of(other)
    with pytest.raises(InTheWay, match=r"^c was changed meanwhile"):
        exchange(Asked.find(str(other.path)), files, both)
    assert State.of(other) == before
    assert left_behind(other if (other.path / ".git").is_dir() else repository) == []
    assert not list(other.path.glob(".gateline*"))


KILLED = """
import os, sys
from gates.exchange import FixedFile, exchange
from gates.git.repository import Repository

class Killed(FixedFile):
    def take(self):
        super().take()
        if self.path == sys.argv[2]:
            os.kill(os.getpid(), 9)

repository = Repository.find(sys.argv[1])
contents = {name: open(os.path.join(sys.argv[1], name), "rb").read() for name in "abc"}
files = [Killed(sys.argv[1], name, was, was.replace(b"staged", b"fixed", 1)) for name, was in contents.items()]
exchange(repository, files, (sys.argv[3], sys.argv[4]))
"""


@pytest.mark.parametrize("name", NAMES)
def test_killed_between_two_files(repository: Repository, elsewhere: Path, name: str) -> None:
    """Files are whole, the index is as it was, and the next run does the rest and tidies up."""
    both = trees(repository)
    for place in (repository, on_another_file_system(repository, elsewhere)):
        index = place.git("ls-files", "-s")
        words = [sys.executable, "-c", KILLED, str(place.path), name, *both]
        assert subprocess.run(words, check=False).returncode == -9
        texts = [(place.path / each).read_text() for each in NAMES]
        assert [text.startswith("fixed\n") for text in texts] == [each <= name for each in NAMES]
        assert place.git("ls-files", "-s") == index
        contents = {each: (place.path / each).read_bytes() for each in NAMES}
        files = [FixedFile(str(place.path), each, was, was.replace(b"staged\n", b"fixed\n", 1) if each > name else was)
                 for each, was in contents.items()]  # fmt: skip
        exchange(Asked.find(str(place.path)), files, both)
        assert is_exchanged(place)
        assert not list(place.path.glob(".gateline*"))
