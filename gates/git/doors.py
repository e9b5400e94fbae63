"""From a door to its changes: what git is about to commit, merge or push, or what a person names."""

from __future__ import annotations

import os

from gates.errors import CannotRun, UsageError
from gates.git.change import EMPTY_TREE, Change
from gates.git.repository import Repository, decode
from gates.git.status import LISTING, STATUS, Status, hides_configuration, hides_files, parse_status
from gates.git.trees import compare, list_tree, tree_of
from gates.scratch import is_alive, remove_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gates.checks.base import Finished

__all__ = ["Push", "between", "changed_since", "is_checked_out", "pushed", "resolve", "staged", "whole", "working"]

BASE = ("rev-parse", "--quiet", "--verify", "HEAD^{tree}")


class PrivateIndex:
    """A link to (or copy of) an index, so that git may write its cache without touching the user's."""

    def __init__(self, repository: Repository, *, copy: bool = False) -> None:
        self.source = repository.index
        self.copy = copy
        self.name = f"index-{os.getpid()}-{id(self)}"
        self.folder = repository.state
        self.repository = repository
        self.path = ""

    def __enter__(self) -> dict[str, str]:
        """The environment that makes git use it."""
        self.path = self._make()
        return {**self.repository.environ, "GIT_INDEX_FILE": self.path}

    def __exit__(self, *_: object) -> None:
        remove_file(self.path)
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            if name.startswith(("index-", "fix-")) and not is_alive(int(name.split("-")[1])):
                remove_file(os.path.join(self.folder, name))  # of a run that was killed

    def _make(self) -> str:
        try:
            path = os.path.join(self.repository.state_folder(), self.name)
            if not self.copy and os.path.exists(self.source):
                os.link(self.source, path)  # git replaces an index by renaming, so the original stays as it is
                return path
        except OSError:
            import tempfile  # the git dir is read-only, full, or on a file system without links

            path = os.path.join(tempfile.gettempdir(), f"gateline-{self.name}")
        if os.path.exists(self.source):
            import shutil

            shutil.copy2(self.source, path)  # with its time: git tells a racily changed file by it
        return path


def staged(
    repository: Repository, door: str = "commit", told: Callable[[], bytes] | None = None
) -> tuple[Change, Status]:
    """What `git commit` is about to record: HEAD → index.

    told  gives what a shim has asked git already: the output of `git status`, "exit 0", a zero byte, the tree of HEAD
    """
    with PrivateIndex(repository) as private:
        listing, written = repository.ask_all([LISTING, ("write-tree",)], check=False, environ=private)
    raw, _, base = told().rpartition(b"\0") if told else (b"", b"", b"")
    if not raw.endswith(b"\0exit 0"):
        done, head = repository.ask_all([STATUS, BASE], check=False)
        if done.code:
            raise CannotRun(f"git status failed: {done.stderr.decode('utf-8', 'replace').strip()}")
        raw, base = done.stdout, head.stdout
    status = parse_status(raw.removesuffix(b"exit 0"))
    status.hidden = listing.code != 0 or _is_hiding(repository, status, listing.stdout)
    if status.unmerged:
        raise UsageError(
            f"{status.unmerged[0]} still has conflicts",
            hint="Resolve them and `git add` the file; a tree with conflicts cannot be checked.",
        )
    if written.code:
        raise CannotRun(f"git write-tree failed: {written.stderr.decode('utf-8', 'replace').strip()}")
    change = Change(
        door,
        decode(written.stdout).strip(),
        base_tree=decode(base).strip() or EMPTY_TREE,
        base_commit=status.head,
        ref=status.branch,
        files=sorted(status.staged, key=lambda file: file.path),
    )
    return change, status


def _status(repository: Repository, raw: Finished, listing: Finished) -> Status:
    if raw.code:
        raise CannotRun(f"git status failed: {raw.stderr.decode('utf-8', 'replace').strip()}")
    status = parse_status(raw.stdout)
    status.hidden = listing.code != 0 or _is_hiding(repository, status, listing.stdout)
    return status


def _is_hiding(repository: Repository, status: Status, listing: bytes) -> bool:
    return hides_files(repository, listing) or hides_configuration(repository, status, listing)


def is_checked_out(repository: Repository, tree: str) -> bool:
    """Whether the working tree holds exactly this tree now."""
    raw, listing, head = repository.ask_all([STATUS, LISTING, BASE], check=False)
    if raw.code or decode(head.stdout).strip() != tree:
        return False
    status = _status(repository, raw, listing)
    return status.is_index and not status.staged


def working(repository: Repository) -> tuple[Change, Status]:
    """Everything in the working tree as it is now, unstaged and untracked files included: an exact tree of it all."""
    status = _status(repository, *repository.ask_all([STATUS, LISTING], check=False))
    if status.unmerged:
        raise UsageError(f"{status.unmerged[0]} still has conflicts", hint="Resolve them first.")
    base = tree_of(repository, "HEAD") if status.head else EMPTY_TREE
    commit = ""
    if status.is_index and not status.staged and status.head:
        tree, commit = base, status.head
    else:
        tree = _tree_of_all(repository, status)
    files = list_tree(repository, tree)
    change = Change(
        "manual",
        tree,
        base_tree=base,
        commit=commit,
        base_commit=status.head,
        ref=status.branch,
        everything=True,
        files=files,
    )
    return change, status


def _tree_of_all(repository: Repository, status: Status) -> str:
    """Id of a tree of all that is in the working tree and not ignored, but folders of dependencies."""
    with PrivateIndex(repository, copy=True) as private:
        left_out = [f":(exclude,literal){path.removesuffix('/')}" for path in status.lent]
        repository.ask("add", "--all", "--", ".", *left_out, environ=private)
        return repository.line("write-tree", environ=private)


def changed_since(repository: Repository, tree: str) -> tuple[list[str], list[str]]:
    """The files of `tree` that differ in the working tree now: tracked ones, and others. New files do not count."""
    now = _tree_of_all(repository, _status(repository, *repository.ask_all([STATUS, LISTING], check=False)))
    changed = [file.old_path for file in compare(repository, tree, now) if file.status != "A"]
    if not changed:
        return [], []
    tracked = {decode(path) for path in repository.ask("ls-files", "-z").stdout.split(b"\0")}
    return [path for path in changed if path in tracked], [path for path in changed if path not in tracked]


def resolve(repository: Repository, revision: str) -> str:
    """The commit a revision names. Raises UsageError when there is none."""
    commit = repository.try_line("rev-parse", "--quiet", "--verify", "--end-of-options", revision + "^{commit}")
    if not commit:
        raise UsageError(f"{revision!r} names no commit in this repository", hint=_missing_hint(repository))
    return commit


def _missing_hint(repository: Repository) -> str:
    if not repository.try_line("rev-parse", "--quiet", "--verify", "HEAD"):
        return "There is no commit yet: `gateline run` checks what is here."
    if os.path.exists(os.path.join(repository.common, "shallow")):
        return "The clone is shallow: `git fetch --unshallow` brings the rest of the history."
    return ""


def between(repository: Repository, base: str, head: str, *, door: str = "manual", ref: str = "") -> Change:
    """From one revision to another; an empty `base` compares with nothing."""
    commit = resolve(repository, head)
    base_commit = resolve(repository, base) if base else ""
    tree = tree_of(repository, commit)
    base_tree = tree_of(repository, base_commit) if base_commit else EMPTY_TREE
    return Change(
        door,
        tree,
        base_tree=base_tree,
        commit=commit,
        base_commit=base_commit,
        ref=ref,
        files=compare(repository, base_tree, tree),
    )


def whole(repository: Repository, head: str, *, door: str = "manual", base: str = "", ref: str = "") -> Change:
    """The whole tree of a revision; `base` only tells new findings from existing ones."""
    change = between(repository, base, head, door=door, ref=ref)
    change.everything = True
    change.files = tuple(list_tree(repository, change.tree))
    return change


class Push:
    """What a push comes to: the changes to check, and a sentence for each ref that needs no checking."""

    __slots__ = ("changes", "notes")

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.notes: list[str] = []


def pushed(repository: Repository, lines: Iterable[str], remote: str) -> Push:
    """Read every line git gives to pre-push: "<local ref> <local id> <remote ref> <remote id>".

    Raises UsageError for a line that is not of that form.
    """
    push = Push()
    seen: set[tuple[str, str]] = set()
    for line in lines:
        words = line.rsplit(" ", 3)  # the first may be a revision with spaces, as the user wrote it: ":/two words"
        if len(words) != 4:
            raise UsageError(f"pre-push got a line that git does not write: {line!r}")
        local_ref, local, remote_ref, there = words
        if not local.strip("0"):
            push.notes.append(f"{remote_ref} is deleted: nothing to check")
            continue
        change = _pushed_ref(repository, local, there, remote)
        name = local_ref if local_ref.startswith("refs/") else remote_ref
        if isinstance(change, str):
            push.notes.append(f"{name}: {change}")
            continue
        change.ref = remote_ref
        key = (change.tree, change.base_tree)
        if key in seen:
            push.notes.append(f"{name}: the same tree as a ref before it")
            continue
        seen.add(key)
        push.changes.append(change)
    return push


def _pushed_ref(repository: Repository, local: str, there: str, remote: str) -> Change | str:
    """The change one pushed ref brings, or why there is none."""
    wanted = [local, there] if there.strip("0") else [local]
    ids = _ids(repository, [f"{name}^{{{kind}}}" for name in wanted for kind in ("commit", "tree")])
    commit, tree, known, known_tree = [*ids, "", ""][:4]
    if not commit:
        if not tree:
            return "points to a single file, not to a commit or tree: nothing to check"
        return Change("push", tree, files=compare(repository, EMPTY_TREE, tree))
    if known == commit:
        return "the remote already has it: nothing to check"
    base = repository.try_line("merge-base", known, commit) if known else ""
    if not base:
        found = _fork_point(repository, commit, remote)
        if found is None:
            return "the remote already has its commit: nothing to check"
        base = found
    base_tree = EMPTY_TREE
    if base:
        base_tree = known_tree if base == known else tree_of(repository, base)
    files = compare(repository, base_tree, tree)
    return Change("push", tree, base_tree=base_tree, commit=commit, base_commit=base, files=files)


def _ids(repository: Repository, names: Sequence[str]) -> list[str]:
    """The id of the object that each name means, "" where there is none; one process for all of them."""
    lines = "".join(f"{name}\n" for name in names).encode()
    answers = decode(repository.ask("cat-file", "--batch-check=%(objectname)", stdin=lines).stdout).splitlines()
    return ["" if " " in answer else answer for answer in answers]


def _fork_point(repository: Repository, commit: str, remote: str) -> str | None:
    """The newest ancestor that the remote has, along first parents.

    "" when it has none of the history; None when it has the commit itself.
    """
    name = _remote_name(repository, remote)
    raw = repository.line(
        "rev-list", "--first-parent", "--parents", commit, "--not", f"--remotes={name}" if name else "--remotes"
    )
    if not raw:
        return None if name else ""  # that another remote has it says nothing about this one
    return raw.splitlines()[-1].partition(" ")[2].partition(" ")[0]


def _remote_name(repository: Repository, remote: str) -> str:
    """The name of the remote that a push goes to, "" when it is a URL that no remote has."""
    raw = repository.ask("config", "-z", "--get-regexp", r"^remote\..*\.(push)?url$", check=False).stdout
    entries = [decode(entry).partition("\n") for entry in raw.split(b"\0") if entry]
    names = [key.split(".", 1)[1].rpartition(".")[0] for key, _, url in entries if url == remote]
    known = {key.split(".", 1)[1].rpartition(".")[0] for key, _, _ in entries}
    return remote if remote in known else names[0] if names else ""
