"""The index with functions: at a commit, edited copies are found among few files, and none is missed for that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gates.checks.copypaste import warm as warm_module
from gates.checks.copypaste.detect import Options
from gates.checks.copypaste.differing import differing_grams
from gates.checks.copypaste.function_index import FunctionIndex
from gates.checks.copypaste.index import Index, load
from gates.checks.copypaste.part import Part
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD, Reader, Source
from gates.finding import ALLOWED, NEW
from gates.outcome import FAILED, PASSED, Outcome
from tests.checks.copypaste.edited_samples import edited, varied
from tests.checks.copypaste.scene import examine_all, examine_commit, told
from tests.conftest import Repository

FILES = 60


@pytest.fixture
def indexed(repository: Repository) -> Repository:
    """A repository with an index of its one commit, for edited copies."""
    repository.commit({f"src/file{number}.py": varied(number) for number in range(FILES)})
    examine_all(repository, type=3)
    assert index_of(repository).exists()
    return repository


def index_of(repository: Repository) -> Path:
    return repository.path / ".git/gateline/copypaste/index-50-edited"


def loaded(repository: Repository) -> Index:
    import gates

    found = load(str(index_of(repository)), f"{gates.__version__} 50 3 {Options(type=3).wanted.function}")
    assert found is not None
    return found


def without_index(repository: Repository) -> Outcome:
    index = index_of(repository)
    kept = index.read_bytes()
    index.unlink()
    outcome = examine_commit(repository, type=3)
    index.write_bytes(kept)
    return outcome


def read_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are read from now on."""
    paths: list[str] = []
    read = Reader.read

    def noting(self: Reader, source: Source) -> object:
        paths.append(source.path)
        return read(self, source)

    monkeypatch.setattr(Reader, "read", noting)
    return paths


def test_an_edited_copy_is_found_among_few_files(indexed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed.write("new.py", edited(varied(7)))
    indexed.write("src/file3.py", varied(3) + "\n\n" + edited(varied(11)))
    paths = read_by(monkeypatch)
    warm = examine_commit(indexed, type=3)
    assert {"src/file7.py", "src/file11.py", "src/file3.py", "new.py"} <= set(paths)
    assert len(set(paths)) < FILES // 3
    assert warm.status == FAILED
    assert [(place, others, status) for _, place, others, status in told(warm)] == [
        ("new.py:1-17", ["src/file7.py:1-15"], NEW),
        ("src/file3.py:18-34", ["src/file11.py:1-15"], NEW),
    ]
    cold = without_index(indexed)
    assert [finding.to_dict() for finding in cold.findings] == [finding.to_dict() for finding in warm.findings]
    assert cold.evidence.to_dict() == warm.evidence.to_dict()


def test_an_edited_copy_that_is_edited_again(indexed: Repository) -> None:
    indexed.commit({"new.py": edited(varied(7))})
    examine_all(indexed, type=3)
    indexed.write("new.py", edited(varied(7)) + "\n\nx = 1\n")
    assert examine_commit(indexed, type=3).status == PASSED


def test_a_comment_about_an_edited_copy_is_not_idle(indexed: Repository) -> None:
    """Also when the change does not touch the copy: the file of its original is read all the same."""
    indexed.write("new.py", edited(varied(7)))
    (finding,) = examine_commit(indexed, type=3).findings
    allow = finding.detail[finding.detail.index("gateline: allow-copy") :].split("<")[0] + "a test"
    indexed.write("new.py", f"# {allow}\n{edited(varied(7))}")
    assert [finding.status for finding in examine_commit(indexed, type=3).findings] == [ALLOWED]
    indexed.commit()
    indexed.write("new.py", f"# {allow}\n{edited(varied(7))}\n\nx = 1\n")
    assert [finding.rule for finding in examine_commit(indexed, type=3).findings] == []


def described(index: Index) -> list[tuple[int, str, int]]:
    """Every row with the path and the length of its function."""
    functions = index.functions
    assert functions is not None
    return sorted(
        (row, index.paths[functions.files[owner]], int(functions.lengths[owner]))
        for row, owner in zip(functions.rows.tolist(), functions.owners.tolist(), strict=True)
    )


def test_the_functions_follow_when_much_has_changed(indexed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_module, "UPDATED", 3)
    for number in range(4):
        indexed.write(f"more{number}.py", varied(100 + number) + "\n\n" + varied(200 + number))
    indexed.write("src/file4.py", varied(300))
    indexed.git("rm", "-q", "src/file9.py")
    assert examine_commit(indexed, type=3).status == PASSED
    updated = described(loaded(indexed))
    indexed.commit()
    index_of(indexed).unlink()
    examine_all(indexed, type=3)
    assert updated == described(loaded(indexed))


def test_no_functions_where_none_are_looked_for(indexed: Repository) -> None:
    examine_all(indexed, type=2)
    name = index_of(indexed).with_name("index-50-renamed")
    assert name.stat().st_size < index_of(indexed).stat().st_size / 2
    indexed.git("rm", "-q", "-r", "src")
    indexed.commit({"a.py": "x = 1\n"})
    examine_all(indexed, type=3)
    assert loaded(indexed).functions is None
    indexed.write("b.py", varied(1))
    assert examine_commit(indexed, type=3).status == PASSED


def test_what_has_nothing_in_common_is_not_related(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number}.py").write_text(varied(number))
    (tmp_path / "copy.py").write_text(edited(varied(5)))
    part = Part(Reader(str(tmp_path)), Options(type=3).wanted)
    part.read(Source(f"f{number}.py") for number in range(20))
    part.summary()
    index = FunctionIndex.of(part.functions())
    asking = Part(Reader(str(tmp_path)), Options(type=3).wanted)
    asking.read([Source("copy.py")])
    asking.summary()
    assert 5 in index.related(asking.functions(), 50, 0.7)
    assert len(index.related(asking.functions(), 50, 0.7)) < 10
    kept = index.with_files(np.array([number if number != 5 else -1 for number in range(20)]))
    assert 5 not in kept.related(asking.functions(), 50, 0.7)


def asked(root: Path, new: str, old: str, *others: Source) -> set[int]:
    """The n-grams that are looked up for a change of one file."""
    (root / "a.py").write_text(new)
    part = Part(Reader(str(root)), Options().wanted)
    part.read([Source("a.py", CHANGED), Source("a.py", OLD, old.encode()), *others])
    part.summary()
    return set(differing_grams(part).tolist())


def all_of(root: Path, code: str) -> set[int]:
    (root / "b.py").write_text(code)
    part = Part(Reader(str(root)), Options().wanted)
    part.read([Source("b.py")])
    return set(part.summary().hashes.tolist())


def test_only_what_differs_is_looked_up(tmp_path: Path) -> None:
    before = "\n\n".join(varied(number) for number in range(12))
    every = all_of(tmp_path, before)
    assert asked(tmp_path, before, before) == set()
    assert not asked(tmp_path, "\n\n" + before + "# one\n", before)
    added = asked(tmp_path, before + "\n\n" + varied(50), before)
    assert all_of(tmp_path, varied(50)) <= added
    assert len(added & every) < len(every) / 3
    gone = asked(tmp_path, before.replace(varied(6), ""), before)
    assert all_of(tmp_path, varied(6)) <= gone
    assert len(gone) < len(every) / 2
    moved = Source("c.py", CHANGED, varied(6).encode())
    assert len(asked(tmp_path, before.replace(varied(6), ""), before, moved)) < len(gone)
    kept = Source("c.py", KEPT, varied(60).encode())
    assert asked(tmp_path, before, before, kept) == set()
    assert every <= asked(tmp_path, f"{before}\n# gateline: allow-copy\n", before)
