"""The index: it only saves work. Whatever happens to it, the gate says the same."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gates.checks.copypaste import GATE
from gates.checks.copypaste import warm as warm_module
from gates.checks.copypaste.index import BrokenIndexError, Index, load, save
from gates.finding import NEW
from gates.outcome import FAILED, PASSED, Outcome
from tests.checks.copypaste.scene import examine_all, examine_commit, function, told
from tests.conftest import Repository


def index_of(repository: Repository) -> Path:
    return repository.path / ".git/gateline/copypaste/index-50"


@pytest.fixture
def indexed(repository: Repository) -> Repository:
    """A repository with an index of its one commit."""
    files = {f"src/file{number}.py": function(f"f{number}", seed=number) for number in range(30)}
    repository.commit({**files, "data.json": "{}", "old.py": "grüße = 1\n".encode("latin-1")})
    examine_all(repository)
    assert index_of(repository).exists()
    return repository


def without_index(repository: Repository) -> Outcome:
    """What the gate says when there is no index; the index that is there is kept."""
    index = index_of(repository)
    kept = index.read_bytes()
    index.unlink()
    outcome = examine_commit(repository)
    index.write_bytes(kept)
    return outcome


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes agree in all but the figures of the whole tree."""
    return (
        [finding.to_dict() for finding in one.findings] == [finding.to_dict() for finding in other.findings]
        and one.status == other.status
        and one.evidence.to_dict() == other.evidence.to_dict()
    )


def test_a_warm_run_says_the_same_and_reads_less(indexed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed.write("new.py", function("copy", seed=7))
    indexed.write("src/file3.py", function("f3", seed=3).replace("+ 4 *", "- 4 *"))
    indexed.git("rm", "-q", "src/file4.py")
    indexed.git("mv", "src/file5.py", "src/moved.py")
    warm = examine_commit(indexed)
    assert told(warm) == [("copied-code", "new.py:1-12", ["src/file7.py:1-12"], NEW)]
    assert same(warm, without_index(indexed))
    assert warm.metrics == {}
    assert warm.evidence.left_out == {"data or prose, not code": 2, "not UTF-8 (read as bytes)": 1}
    for number in range(8, 30):
        os.unlink(indexed.path / f"src/file{number}.py")  # it would be NOT_RUN if it were read
    monkeypatch.setattr("tests.checks.copypaste.scene.staged", lambda git: (_change(indexed), None))
    assert told(GATE.examine(_context(indexed))) == told(warm)


def _change(repository: Repository):  # type: ignore[no-untyped-def]
    from gates.git.change import Change
    from gates.git.repository import Repository as Git
    from gates.git.trees import compare

    base, tree = repository.git("rev-parse", "HEAD^{tree}"), repository.git("write-tree")
    git = Git.find(str(repository.path))
    return Change("commit", tree, base_tree=base, files=compare(git, base, tree))


def _context(repository: Repository):  # type: ignore[no-untyped-def]
    from tests.checks.copypaste.scene import context

    return context(repository, _change(repository))


def test_a_missed_twin_is_found_by_the_index(indexed: Repository) -> None:
    indexed.commit({"a.py": function("same", seed=99), "b.py": function("same", seed=99)})
    indexed.write("a.py", function("same", seed=99).replace("+ 4 *", "- 4 *"))
    assert told(examine_commit(indexed)) == [("missed-twin", "a.py:1-12", ["b.py:1-12"], NEW)]


def test_commits_that_the_index_has_not_seen_are_taken_into_account(indexed: Repository) -> None:
    indexed.commit({"later.py": function("later", seed=50)})
    indexed.commit({"src/file1.py": "x = 1\n"})
    before = index_of(indexed).read_bytes()
    indexed.write("new.py", function("later", seed=50) + function("f1", seed=1) + function("f2", seed=2))
    outcome = examine_commit(indexed)
    assert [(place, others) for _, place, others, _ in told(outcome)] == [
        ("new.py:1-12", ["later.py:1-12"]),
        ("new.py:25-36", ["src/file2.py:1-12"]),
    ]
    assert same(outcome, without_index(indexed))
    assert index_of(indexed).read_bytes() == before


def test_the_same_commit_twice(indexed: Repository) -> None:
    indexed.write("new.py", function("copy", seed=7))
    first = examine_commit(indexed)
    index_of(indexed).unlink()
    examine_commit(indexed)  # leaves an index of the very tree under test
    assert same(examine_commit(indexed), first)


def test_the_index_follows_when_much_has_changed(indexed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_module, "UPDATED", 3)
    for number in range(4):
        indexed.write(f"more{number}.py", function("more", seed=100 + number))
    indexed.git("rm", "-q", "src/file9.py")
    before = index_of(indexed).read_bytes()
    assert examine_commit(indexed).status == PASSED
    updated = load(str(index_of(indexed)), _key())
    assert updated is not None
    assert index_of(indexed).read_bytes() != before
    indexed.commit()
    index_of(indexed).unlink()
    examine_all(indexed)
    anew = load(str(index_of(indexed)), _key())
    assert anew is not None
    assert (updated.tree, updated.paths, updated.reasons) == (anew.tree, anew.paths, anew.reasons)
    assert updated.hashes.tolist() == anew.hashes.tolist()
    assert updated.owners.tolist() == anew.owners.tolist()


def _key() -> str:
    import gates

    return f"{gates.__version__} 50 1 0"


def test_when_nearly_everything_differs_everything_is_read(
    indexed: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_module, "UPDATED", 3)
    for number in range(30):
        indexed.write(f"src/file{number}.py", function(f"f{number}", seed=200 + number))
    outcome = examine_commit(indexed)
    assert "clone_classes" in outcome.metrics


def spoil(index: Path, how: str) -> None:
    data = index.read_bytes()
    if how == "torn":
        index.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        index.write_bytes(b"")
    elif how == "altered":
        index.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
    elif how == "foreign":
        index.write_bytes(b"something else entirely, and longer than the head of an index would be: " * 9)
    elif how == "short":
        index.write_bytes(data[:10])
    elif how == "a folder":
        index.unlink()
        index.mkdir()
    elif how == "another version":
        found = load(str(index), _key())
        assert found is not None
        save(found, str(index), "0.0.0 50 1")


@pytest.mark.parametrize("how", ["torn", "empty", "altered", "foreign", "short", "another version", "a folder"])
def test_a_broken_index_is_made_anew_and_counted(indexed: Repository, how: str) -> None:
    indexed.write("new.py", function("copy", seed=7))
    sound = examine_commit(indexed)
    spoil(index_of(indexed), how)
    outcome = examine_commit(indexed)
    assert told(outcome) == told(sound)
    assert outcome.metrics["index_rebuilt"] == 1
    if how != "a folder":
        assert examine_commit(indexed).metrics == {}


def test_an_index_of_a_tree_that_is_gone(indexed: Repository) -> None:
    found = load(str(index_of(indexed)), _key())
    assert found is not None
    save(Index("1" * 40, found.paths, found.reasons, found.hashes, found.owners), str(index_of(indexed)), _key())
    indexed.write("new.py", function("copy", seed=7))
    assert examine_commit(indexed).status == FAILED


def test_without_a_place_for_an_index_the_gate_works(indexed: Repository) -> None:
    folder = index_of(indexed).parent
    index_of(indexed).unlink()
    folder.rmdir()
    folder.write_text("in the way")
    indexed.write("new.py", function("copy", seed=7))
    assert examine_commit(indexed).status == FAILED
    assert folder.read_text() == "in the way"


def test_each_measure_has_an_index_of_its_own(indexed: Repository) -> None:
    indexed.write("new.py", function("copy", seed=7, word="amount"))
    assert examine_commit(indexed).status == PASSED
    assert examine_commit(indexed, type=2).status == FAILED
    assert examine_commit(indexed, type=2).status == FAILED
    assert examine_commit(indexed, min_tokens=40).status == PASSED
    names = sorted(path.name for path in index_of(indexed).parent.iterdir())
    assert names == ["index-40", "index-50", "index-50-renamed"]


def test_readers_and_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = str(tmp_path / "deep/index")
    indexes = [Index("t" * 40, [f"{n}-{i}.py" for i in range(500)], [""] * 500, *_grams(n)) for n in range(4)]
    save(indexes[0], path, "key")
    stop = threading.Event()
    failures: list[BaseException] = []

    def write(index: Index) -> None:
        while not stop.is_set():
            save(index, path, "key")

    writer = subprocess.Popen([sys.executable, "-c", _WRITER, path])
    threads = [threading.Thread(target=write, args=(index,)) for index in indexes[:1]]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            found = load(path, "key")
            assert found is not None
            assert len(found.paths) in (500, 3)
    except BaseException as error:
        failures.append(error)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        writer.kill()
        writer.wait()
    assert failures == []


_WRITER = """
import sys, numpy as np
from gates.checks.copypaste.index import Index, save
index = Index("u" * 40, ["a", "b", "c"], ["", "x", ""], np.arange(9, dtype=np.uint32), np.zeros(9, np.uint32))
while True:
    save(index, sys.argv[1], "key")
"""


def _grams(seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return np.sort(chance.integers(0, 1 << 32, 2000, np.uint32)), chance.integers(0, 500, 2000).astype(np.uint32)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "index")
    assert load(path, "key") is None
    odd = ["", "ü.py", "with\nline.py", "\udcff.py"]
    save(Index("t" * 40, odd, ["", "some reason", "", "other"], *_grams(1)), path, "key")
    found = load(path, "key")
    assert found is not None
    assert (found.tree, found.paths, found.reasons) == ("t" * 40, odd, ["", "some reason", "", "other"])
    assert found.hashes.tolist() == _grams(1)[0].tolist()
    assert found.owners.tolist() == _grams(1)[1].tolist()
    with pytest.raises(BrokenIndexError):
        load(path, "other key")
    save(Index("t" * 40, [], [], *(part[:0] for part in _grams(1))), path, "key")
    empty = load(path, "key")
    assert empty is not None
    assert (empty.paths, empty.related(_grams(1)[0])) == ([], [])
    assert sorted(os.listdir(tmp_path)) == ["index"]


def test_an_index_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(OSError, match="directory"):
        save(Index("t" * 40, [], [], *(part[:0] for part in _grams(1))), str(tmp_path / "index"), "key")
    assert os.listdir(tmp_path) == ["index"]
