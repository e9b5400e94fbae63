"""A snapshot holds exactly one tree, and what happens in it stays in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.digest import digest
from gates.errors import CannotRun
from gates.git.change import Change
from gates.git.doors import between, whole
from gates.git.repository import Repository as Asked
from gates.git.repository import clean_environment
from gates.git.snapshot import SLOTS, Snapshot, cache_folder, forget_orphans, in_place, take
from tests.conftest import Repository
from tests.hooks.state import State

Make = Callable[..., Repository]


def asked(repository: Repository) -> Asked:
    return Asked.find(str(repository.path))


def head(repository: Repository, revision: str = "HEAD") -> Change:
    return whole(asked(repository), revision)


def take_head(repository: Repository, revision: str = "HEAD", links: tuple[str, ...] = ()) -> Snapshot:
    change = head(repository, revision)
    return take(asked(repository), change, change.tree, links)


def content(snapshot: Snapshot) -> dict[str, bytes]:
    """Every file of a snapshot but git's own."""
    found = {}
    for folder, folders, names in os.walk(snapshot.root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, snapshot.root)] = (
                os.fsencode(os.readlink(path)) if os.path.islink(path) else Path(path).read_bytes()
            )
    return found


def in_snapshot(snapshot: Snapshot, *words: str) -> str:
    """A git command as a gate would call it."""
    environ = clean_environment(os.environ)
    done = subprocess.run(
        ["git", *words], cwd=snapshot.root, env=environ, capture_output=True, text=True, check=True, errors="replace"
    )
    return done.stdout.strip()


def test_it_holds_the_tree_and_nothing_else(repository: Repository) -> None:
    repository.write("README.md", "not committed\n")
    repository.write("untracked", "x")
    before = State.of(repository)
    with take_head(repository) as snapshot:
        assert content(snapshot) == {"README.md": b"# Sample\n", "src/app.py": b"def add(a, b):\n    return a + b\n"}
        assert in_snapshot(snapshot, "status", "--porcelain") == ""
        assert in_snapshot(snapshot, "rev-parse", "HEAD") == repository.git("rev-parse", "HEAD")
        assert not snapshot.in_place
        assert os.path.basename(snapshot.root) == repository.path.name
    assert State.of(repository) == before


def test_only_what_differs_is_rewritten(repository: Repository) -> None:
    repository.commit({f"file{n}": f"{n}\n" for n in range(20)})
    repository.commit({"file3": "changed\n", "new": "new\n"})
    with take_head(repository, "HEAD~") as snapshot:
        times = {name: os.stat(os.path.join(snapshot.root, name)).st_mtime_ns for name in content(snapshot)}
    with take_head(repository) as again:
        assert again.root == snapshot.root
        assert content(again)["file3"] == b"changed\n"
        changed = {n for n in content(again) if os.stat(os.path.join(again.root, n)).st_mtime_ns != times.get(n)}
    assert changed == {"file3", "new"}


def test_what_a_gate_left_there_is_gone(repository: Repository) -> None:
    repository.commit({".gitignore": "*.log\n"})
    with take_head(repository) as snapshot:
        root = Path(snapshot.root)
        (root / "README.md").write_text("changed by a gate")
        (root / "src/app.py").unlink()
        (root / "left.txt").write_text("x")
        (root / "cache.log").write_text("kept: tools keep caches in ignored files")
        in_snapshot(snapshot, "checkout", "-q", "-b", "by-a-gate")
        (root / ".git/index.lock").write_text("")
        (root / ".git/hooks").mkdir()
    with take_head(repository) as again:
        assert again.root == snapshot.root
        assert sorted(content(again)) == [".gitignore", "README.md", "cache.log", "src/app.py"]
        assert content(again)["README.md"] == b"# Sample\n"
        assert "by-a-gate" not in in_snapshot(again, "branch", "--list", "by-a-gate")
        assert not (root / ".git/hooks").exists()


@pytest.mark.parametrize("mark", ["--skip-worktree", "--assume-unchanged"])
def test_a_gate_cannot_hide_a_file_from_git(repository: Repository, mark: str) -> None:
    with take_head(repository) as snapshot:
        in_snapshot(snapshot, "update-index", mark, "README.md")
        Path(snapshot.root, "README.md").write_text("changed by a gate")
    with take_head(repository) as again:
        assert again.root == snapshot.root
        assert content(again)["README.md"] == b"# Sample\n"
        assert in_snapshot(again, "ls-files", "-v") == "H README.md\nH src/app.py"


def test_git_looks_at_files_in_it_whatever_the_user_has_set(repository: Repository) -> None:
    repository.git("config", "core.ignoreStat", "true")
    with take_head(repository) as snapshot:
        Path(snapshot.root, "README.md").write_text("changed by a gate")
    with take_head(repository) as again:
        assert content(again)["README.md"] == b"# Sample\n"


def test_a_gate_cannot_hide_a_file_by_ignoring_it(repository: Repository) -> None:
    repository.commit({".gitignore": "*.log\n"})
    with take_head(repository) as snapshot:
        Path(snapshot.root, ".gitignore").write_text("*\n")
        Path(snapshot.root, "left.txt").write_text("x")
    with take_head(repository) as again:
        assert sorted(content(again)) == [".gitignore", "README.md", "src/app.py"]


def test_what_is_not_ignored_any_more_is_gone(repository: Repository) -> None:
    repository.commit({".gitignore": "*.log\n"})
    repository.commit({".gitignore": "*.tmp\n"})
    with take_head(repository, "HEAD~") as snapshot:
        Path(snapshot.root, "a.log").write_text("ignored")
    with take_head(repository) as again:
        assert sorted(content(again)) == [".gitignore", "README.md", "src/app.py"]


def test_a_gate_that_went_to_another_commit(repository: Repository) -> None:
    repository.commit({"README.md": "other\n", "only/here": "x\n"})
    with take_head(repository, "HEAD~") as snapshot:
        in_snapshot(snapshot, "checkout", "-q", "main")
    with take_head(repository, "HEAD~") as again:
        assert content(again) == {"README.md": b"# Sample\n", "src/app.py": b"def add(a, b):\n    return a + b\n"}
        assert in_snapshot(again, "status", "--porcelain") == ""


@pytest.mark.parametrize("left", ["", "0" * 40, "not a mark at all", b"\xff\xfe"])
def test_a_slot_of_which_nothing_is_known(repository: Repository, left: str | bytes) -> None:
    """A run was killed, or the tree that the slot held is gone from the repository."""
    repository.commit({"a.txt": "1\n"})
    with take_head(repository) as snapshot:
        Path(snapshot.root, "a.txt").write_text("half")
        Path(snapshot.root, ".git/gateline-tree").write_bytes(left.encode() if isinstance(left, str) else left)
    for revision in ("HEAD", "HEAD~"):
        with take_head(repository, revision) as again:
            assert again.root == snapshot.root
            assert content(again).get("a.txt") == (b"1\n" if revision == "HEAD" else None)


def test_an_index_that_cannot_be_read_is_made_anew(repository: Repository) -> None:
    with take_head(repository) as snapshot:
        Path(snapshot.root, ".git/index").write_bytes(b"no index at all, and longer than its checksum")
        Path(snapshot.root, "README.md").write_text("changed by a gate")
    with take_head(repository) as again:
        assert again.root == snapshot.root
        assert content(again)["README.md"] == b"# Sample\n"


def test_nothing_is_added_to_its_objects(repository: Repository) -> None:
    repository.commit({"a": "a\n"})
    for revision in ("HEAD", "HEAD~", "HEAD"):
        with take_head(repository, revision) as snapshot:
            objects = Path(snapshot.root, ".git/objects")
            assert [path.name for path in objects.rglob("*") if path.is_file()] == ["alternates"]


def test_ids_of_64_digits(make_repository: Make) -> None:
    repository = make_repository("long-ids")
    shutil.rmtree(repository.path / ".git")
    repository.git("init", "-q", "--object-format=sha256")
    repository.commit({"a": "a\n"})
    repository.commit({"a": "b\n"})
    for revision, expected in (("HEAD", b"b\n"), ("HEAD~", b"a\n"), ("HEAD", b"b\n")):
        with take_head(repository, revision) as snapshot:
            assert content(snapshot) == {"a": expected}
            assert in_snapshot(snapshot, "status", "--porcelain") == ""


def test_what_a_gate_commits_stays_there(repository: Repository) -> None:
    before = State.of(repository)
    with take_head(repository) as snapshot:
        for words in (
            ["commit", "-q", "--allow-empty", "-m", "by a test"],
            ["tag", "by-a-test"],
            ["stash", "list"],
            ["update-ref", "refs/heads/main", "HEAD"],
            ["config", "user.name", "Nobody"],
            ["gc", "-q"],
        ):
            in_snapshot(snapshot, *words)
    assert State.of(repository) == before
    assert repository.git("config", "user.name") == "Ada"
    repository.git("fsck", "--strict")


def test_the_history_is_there_for_gates_that_look_at_it(repository: Repository) -> None:
    repository.git("tag", "v1.2.3")
    repository.commit({"a": "a\n"})
    with take_head(repository) as snapshot:
        assert in_snapshot(snapshot, "describe", "--tags").startswith("v1.2.3-1-g")
        assert in_snapshot(snapshot, "rev-list", "--count", "HEAD") == "2"
        assert in_snapshot(snapshot, "rev-parse", "main") == repository.git("rev-parse", "main")


def test_of_a_base(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"README.md": "second\n"})
    change = between(asked(repository), first, "HEAD")
    with take(asked(repository), change, change.base_tree, ()) as snapshot:
        assert content(snapshot)["README.md"] == b"# Sample\n"
        assert in_snapshot(snapshot, "rev-parse", "HEAD") == first


def test_several_at_once_have_slots_of_their_own(repository: Repository) -> None:
    taken = [take_head(repository) for _ in range(SLOTS + 1)]
    try:
        assert len({snapshot.root for snapshot in taken}) == SLOTS + 1
        assert all(content(snapshot) == content(taken[0]) for snapshot in taken)
        assert taken[-1].temporary
    finally:
        for snapshot in taken:
            snapshot.__exit__()
    assert not os.path.exists(taken[-1].root)
    with take_head(repository) as again:
        assert again.root == taken[0].root


def test_a_slot_that_holds_the_tree_already_is_preferred(repository: Repository) -> None:
    repository.commit({"a": "a\n"})
    first, second = take_head(repository, "HEAD~"), take_head(repository)
    first.__exit__()
    second.__exit__()
    with take_head(repository) as again:
        assert again.root == second.root != first.root


def test_a_cache_folder_that_cannot_be_made(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with take_head(repository) as snapshot:
        assert content(snapshot)["README.md"] == b"# Sample\n"
        root = snapshot.root
    assert not os.path.exists(root)


def test_links_modes_and_odd_names(repository: Repository) -> None:
    names = ["a b", "line\nfeed", "-leading", "ünï", os.fsdecode(b"\xff")]
    for name in names:
        (repository.path / name).write_text("x\n")
    (repository.path / "tool").write_text("#!/bin/sh\n")
    (repository.path / "tool").chmod(0o755)
    (repository.path / "live").symlink_to("tool")
    (repository.path / "broken").symlink_to("nowhere/at/all")
    repository.commit()
    with take_head(repository) as snapshot:
        found = content(snapshot)
        assert {*names, "tool", "live", "broken"} <= set(found)
        assert (found["live"], found["broken"]) == (b"tool", b"nowhere/at/all")
        assert os.access(os.path.join(snapshot.root, "tool"), os.X_OK)


def test_filters_and_line_endings_are_the_users(repository: Repository) -> None:
    repository.git("config", "filter.shout.smudge", "tr a-z A-Z")
    repository.commit({".gitattributes": "*.shout filter=shout\n*.crlf text eol=crlf\n"})
    repository.commit({"a.shout": "loud\n", "b.crlf": "1\n2\n"})
    with take_head(repository) as snapshot:
        assert content(snapshot)["a.shout"] == b"LOUD\n"
        assert content(snapshot)["b.crlf"] == b"1\r\n2\r\n"


def test_files_are_written_anew_when_filters_or_line_endings_change(repository: Repository) -> None:
    repository.commit({"a.txt": "1\n2\n", "other": "x\n"})
    repository.commit({".gitattributes": "*.txt text eol=crlf\n"})
    for revision, expected in (("HEAD~", b"1\n2\n"), ("HEAD", b"1\r\n2\r\n"), ("HEAD~", b"1\n2\n")):
        with take_head(repository, revision) as snapshot:
            assert content(snapshot)["a.txt"] == expected


def test_of_a_sparse_checkout_it_is_whole(repository: Repository) -> None:
    repository.commit({"docs/page.md": "page\n"})
    repository.git("sparse-checkout", "set", "src")
    assert not (repository.path / "docs").exists()
    with take_head(repository) as snapshot:
        assert content(snapshot)["docs/page.md"] == b"page\n"


def test_of_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a": "a\n"})
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repository.path}", str(clone)], check=True)
    with take_head(Repository(clone)) as snapshot:
        assert content(snapshot)["a"] == b"a\n"
        assert in_snapshot(snapshot, "status", "--porcelain") == ""


def test_of_a_linked_worktree(repository: Repository) -> None:
    other = Repository(repository.path.parent / "other")
    repository.git("worktree", "add", "-q", "-b", "topic", str(other.path))
    other.commit({"a": "a\n"})
    with take_head(other) as snapshot:
        assert content(snapshot)["a"] == b"a\n"
    assert not repository.git("status", "--porcelain")


@pytest.fixture
def with_submodule(repository: Repository, make_repository: Make) -> Repository:
    inner = make_repository("inner", {"lib.py": "one\n"})
    repository.git("submodule", "add", "-q", str(inner.path), "vendor/inner")
    repository.commit()
    return repository


def test_submodules_at_their_recorded_commit(with_submodule: Repository) -> None:
    inner = Repository(with_submodule.path / "vendor/inner")
    recorded = inner.git("rev-parse", "HEAD")
    inner.commit({"lib.py": "two\n"})  # not recorded in the outer repository
    with take_head(with_submodule) as snapshot:
        assert content(snapshot)["vendor/inner/lib.py"] == b"one\n"
    assert inner.git("rev-parse", "HEAD~") == recorded
    assert inner.git("status", "--porcelain") == ""
    assert (inner.path / "lib.py").read_text() == "two\n"


def test_a_submodule_that_was_never_fetched_is_an_empty_folder(with_submodule: Repository) -> None:
    clone = with_submodule.path.parent / "clone"
    subprocess.run(["git", "clone", "-q", str(with_submodule.path), str(clone)], check=True)
    with take_head(Repository(clone)) as snapshot:
        assert os.listdir(os.path.join(snapshot.root, "vendor/inner")) == []


def test_a_submodule_whose_commit_is_missing_cannot_be_looked_at(with_submodule: Repository) -> None:
    with_submodule.git("update-index", "--cacheinfo", f"160000,{'1' * 40},vendor/inner")
    with_submodule.git("commit", "-q", "-m", "a commit that nobody has")
    with pytest.raises(CannotRun, match="submodule vendor/inner cannot be checked out"):
        take_head(with_submodule)
    with_submodule.git("reset", "-q", "--hard", "HEAD~")
    with take_head(with_submodule) as snapshot:  # the slot was given free
        assert content(snapshot)["vendor/inner/lib.py"] == b"one\n"


def test_dependency_folders_are_lent(repository: Repository) -> None:
    repository.commit({".gitignore": "node_modules\n.venv\n", "package.json": "{}"})
    repository.write("node_modules/left-pad/index.js", "x")
    repository.write(".venv/bin/tool", "x")
    with take_head(repository, links=(".venv", "node_modules", "absent")) as snapshot:
        assert sorted(snapshot.links) == [".venv", "node_modules"]
        assert os.path.exists(os.path.join(snapshot.root, "node_modules/left-pad/index.js"))
        assert in_snapshot(snapshot, "status", "--porcelain") == ""
    with take_head(repository, links=(".venv", "node_modules")) as snapshot:
        assert os.path.exists(os.path.join(snapshot.root, ".venv/bin/tool"))
    assert (repository.path / "node_modules/left-pad/index.js").exists()


def test_the_working_tree_itself(repository: Repository) -> None:
    with in_place(asked(repository), "t") as snapshot:
        assert (snapshot.in_place, snapshot.root) == (True, str(repository.path))
    assert (repository.path / "README.md").exists()


def test_slots_of_repositories_that_are_gone(make_repository: Make) -> None:
    kept, gone = make_repository("kept", {"a": "a"}), make_repository("gone", {"a": "a"})
    for repository in (kept, gone):
        take_head(repository).__exit__()
    folder = Path(cache_folder(os.environ)) / "snapshots"
    (folder / "something-else").mkdir()
    assert forget_orphans(os.environ) == 0
    (gone.path / ".git").rename(gone.path / "git-is-gone")
    assert forget_orphans(os.environ) == 1
    left = sorted([digest(str(kept.path / ".git")), "something-else"])
    assert sorted(path.name for path in folder.iterdir()) == left


def test_no_slots_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "never-used"))
    assert forget_orphans(os.environ) == 0
