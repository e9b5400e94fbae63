"""A snapshot: a folder that holds exactly one tree.

The working tree itself when it is identical; else a private checkout, kept warm in a *slot* and updated in place by
git, so that only what differs is rewritten. A slot is a repository of its own that borrows the user's objects: a gate
that runs `git commit` there (tests do) writes to the slot, never to the user's branches. The user's working tree,
index, refs and stash are never written.

Slots are in the user's cache folder, not under the git dir: Jest, for one, sees no file whose path has `/.git/` in it.
"""

from __future__ import annotations

import os

from gates.digest import digest
from gates.errors import CannotRun
from gates.git.change import Change
from gates.git.checkout import MARK, held_tree, reset
from gates.git.links import link_dependencies
from gates.git.locks import Lock
from gates.git.repository import Repository, clean_environment, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CACHE_VARIABLE", "SLOTS", "Snapshot", "cache_folder", "forget_orphans", "in_place", "take"]

CACHE_VARIABLE = "GATELINE_CACHE_HOME"
"""Names another cache folder: a run whose verdict is signed has one of its own, which nobody could prepare."""

SLOTS = 8
"""Checkouts kept warm; a run that finds all of them in use makes one of its own and removes it afterwards."""

OWN_ENTRIES = frozenset({"HEAD", "config", "index", "info", "objects", "refs", "packed-refs", MARK})
"""What a slot's git dir consists of; anything else was left there by a gate and goes."""

UNBORN = b"ref: refs/heads/gateline\n"


class Snapshot:
    """A folder that holds exactly `tree`. Use as a context manager: leaving it gives the slot free.

    root      absolute path of the folder
    in_place  True when it is the user's own working tree
    links     dependency folders linked in, relative to root
    """

    __slots__ = ("in_place", "links", "lock", "root", "temporary", "tree")

    def __init__(self, root: str, tree: str, *, lock: Lock | None = None, temporary: str = "") -> None:
        self.root = root
        self.tree = tree
        self.in_place = lock is None and not temporary
        self.lock = lock
        self.temporary = temporary
        self.links: list[str] = []

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        if self.lock is not None:
            self.lock.release()
        if self.temporary:
            import shutil

            shutil.rmtree(self.temporary, ignore_errors=True)


def in_place(repository: Repository, tree: str) -> Snapshot:
    """The working tree itself, which the caller knows to be identical to `tree`."""
    return Snapshot(repository.root, tree)


def take(repository: Repository, change: Change, tree: str, links: Sequence[str]) -> Snapshot:
    """A checkout of `tree` (the change's own, or its base). Raises CannotRun when git cannot make one."""
    try:
        return _fill(_slot(repository, tree), repository, change, links)
    except (CannotRun, OSError):
        # The disk of the cache folder may be full, or a gate has left something there that cannot be removed.
        return _fill_temporary(repository, change, tree, links)


def _fill_temporary(repository: Repository, change: Change, tree: str, links: Sequence[str]) -> Snapshot:
    snapshot = _temporary(os.path.basename(repository.root), tree)
    hint = f"Is there room in {cache_folder(repository.environ)} and in {os.path.dirname(snapshot.temporary)}?"
    try:
        return _fill(snapshot, repository, change, links)
    except CannotRun as error:
        raise CannotRun(f"the tree under test cannot be checked out: {error.message}", hint=hint) from error
    except OSError as error:
        raise CannotRun(f"the tree under test cannot be checked out: {error.strerror}", hint=hint) from error


def _fill(snapshot: Snapshot, repository: Repository, change: Change, links: Sequence[str]) -> Snapshot:
    """Bring the snapshot's folder to its tree."""
    tree = snapshot.tree
    try:
        commit = change.commit if tree == change.tree and change.commit else change.base_commit
        _prepare(repository, snapshot.root, links, long_ids=len(tree) == 64)
        _checkout(repository, snapshot.root, tree)
        _write(os.path.join(snapshot.root, ".git"), "HEAD", f"{commit}\n".encode() if commit else UNBORN)
        snapshot.links = link_dependencies(repository.root, snapshot.root, links)
    except BaseException:
        snapshot.__exit__()
        raise
    return snapshot


def _slot(repository: Repository, tree: str) -> Snapshot:
    """A free slot, best one that holds this very tree already; else a temporary folder."""
    folder = os.path.join(cache_folder(repository.environ), "snapshots", digest(repository.common))
    # Tools take a project's name from its folder (npm workspaces, compose projects), so the checkout bears it too.
    name = os.path.basename(repository.root)
    try:
        os.makedirs(folder, exist_ok=True)
        _write(folder, "repository", os.fsencode(repository.common))
        numbers = sorted(range(1, SLOTS + 1), key=lambda n: (held_tree(f"{folder}/{n}/{name}/.git") != tree, n))
        for number in numbers:
            lock = Lock(f"{folder}/{number}.lock")
            if lock.try_acquire():
                return Snapshot(f"{folder}/{number}/{name}", tree, lock=lock)
    except OSError:
        return _temporary(name, tree)  # a read-only or full cache folder must not stop the work
    return _temporary(name, tree)


def cache_folder(environ: Mapping[str, str]) -> str:
    """Gateline's folder for what can be made again: $XDG_CACHE_HOME/gateline, else ~/.cache/gateline."""
    told = environ.get(CACHE_VARIABLE) or environ.get("XDG_CACHE_HOME")
    return os.path.join(told or os.path.join(os.path.expanduser("~"), ".cache"), "gateline")


def forget_orphans(environ: Mapping[str, str]) -> int:
    """Remove the slots of repositories that are gone; returns how many repositories that were."""
    import shutil

    folder = os.path.join(cache_folder(environ), "snapshots")
    gone = 0
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        mark = os.path.join(folder, name, "repository")
        if not os.path.exists(mark):
            continue
        with open(mark, "rb") as file:
            if os.path.isdir(file.read()):
                continue
        shutil.rmtree(os.path.join(folder, name))
        gone += 1
    return gone


def _temporary(name: str, tree: str) -> Snapshot:
    import tempfile

    folder = tempfile.mkdtemp(prefix="gateline-")
    return Snapshot(os.path.join(folder, name), tree, temporary=folder)


def _prepare(repository: Repository, root: str, links: Sequence[str], *, long_ids: bool) -> None:
    """Make (or make anew) the slot's own git dir, with borrowed objects."""
    dot_git = os.path.join(root, ".git")
    for name in ("info", "objects/info", "refs"):
        os.makedirs(os.path.join(dot_git, name), exist_ok=True)
    for name in os.listdir(dot_git):
        if name not in OWN_ENTRIES:
            _remove(os.path.join(dot_git, name))  # index.lock of a killed run, a gate's branches, logs, hooks...
    for name in os.listdir(os.path.join(dot_git, "refs")):
        _remove(os.path.join(dot_git, "refs", name))
    _write(dot_git, "HEAD", UNBORN)
    _write(dot_git, "objects/info/alternates", os.fsencode(f'"{_escaped(repository.objects)}"\n'))
    _write(dot_git, "info/exclude", os.fsencode("".join(f"/**/{name}\n{name}\n" for name in links)))
    _write(dot_git, "config", os.fsencode(_configuration(repository, root, long_ids=long_ids)))
    shallow = os.path.join(repository.common, "shallow")
    if os.path.exists(shallow):  # where the history of the clone ends, `git log` in a gate ends as well
        with open(shallow, "rb") as file:
            _write(dot_git, "shallow", file.read())


def _escaped(path: str) -> str:
    """For between the double quotes of git's own files."""
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _configuration(repository: Repository, root: str, *, long_ids: bool) -> str:
    """The user's configuration (filters, line endings), less what would tie the slot to the user's repository.

    What format a repository has, git reads from its own file alone.
    """
    form = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n" if long_ids else ""
    common, top = _escaped(repository.common), _escaped(root)
    return (
        f'{form}[include]\n\tpath = "{common}/config"\n[core]\n\tbare = false\n\tworktree = "{top}"\n'
        "\tsparseCheckout = false\n\tsparseCheckoutCone = false\n"
        "\tignoreStat = false\n\ttrustctime = true\n\tcheckStat = default\n"
        "\tfsmonitor = false\n\tsplitIndex = false\n\tuntrackedCache = false\n\thooksPath = /dev/null\n"
        f'[index]\n\tsparse = false\n\tversion = 4\n\tskipHash = false\n[lfs]\n\tstorage = "{common}/lfs"\n'
        "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
    )


def _write(folder: str, name: str, content: bytes) -> None:
    path = os.path.join(folder, name)
    try:
        with open(path, "rb") as file:
            if file.read() == content:
                return
    except FileNotFoundError:
        pass  # a fresh slot
    with open(path, "wb") as file:
        file.write(content)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        import shutil

        shutil.rmtree(path)
    else:
        os.unlink(path)


def slot_environment(repository: Repository, root: str) -> dict[str, str]:
    """Git's environment for working in a slot."""
    environ = clean_environment(repository.environ)
    environ["GIT_DIR"] = os.path.join(root, ".git")
    environ["GIT_WORK_TREE"] = root
    environ["LC_ALL"] = "C"
    return environ


def _checkout(repository: Repository, root: str, tree: str) -> None:
    """Let git bring the folder to the tree, and copy the refs."""
    environ = slot_environment(repository, root)
    slot = Repository(root, os.path.join(root, ".git"), os.path.join(root, ".git"), environ)
    slot.environ["GIT_OPTIONAL_LOCKS"] = "1"  # the slot's index is ours to refresh
    list_refs = (f"--git-dir={repository.git_dir}", "for-each-ref", "--format=%(objectname) %(refname)")
    refs = reset(slot, tree, list_refs)
    _write(slot.git_dir, "packed-refs", b"# pack-refs with:\n" + refs)
    _fill_submodules(repository, slot)


def _fill_submodules(repository: Repository, slot: Repository) -> None:
    """Check out each submodule's recorded commit where the user has its objects; else its folder stays empty."""
    if not os.path.exists(os.path.join(slot.root, ".gitmodules")):
        return
    for entry in slot.ask("ls-files", "-s", "-z").stdout.split(b"\0"):
        if not entry.startswith(b"160000 "):
            continue
        facts, _, raw = entry.partition(b"\t")
        path, commit = decode(raw), facts.split(b" ")[1].decode()
        source = _submodule_git_dir(repository, path)
        if source:
            _checkout_submodule(slot, path, commit, source)


def _submodule_git_dir(repository: Repository, path: str) -> str:
    dot_git = os.path.join(repository.root, path, ".git")
    if os.path.isdir(dot_git):
        return dot_git
    try:
        with open(dot_git, encoding="utf-8") as file:
            return os.path.normpath(os.path.join(repository.root, path, file.read().removeprefix("gitdir:").strip()))
    except OSError:
        return ""


def _checkout_submodule(slot: Repository, path: str, commit: str, source: str) -> None:
    root = os.path.join(slot.root, path)
    os.makedirs(root, exist_ok=True)
    indexes = os.path.join(slot.git_dir, "info", "submodules")
    os.makedirs(indexes, exist_ok=True)
    environ = {
        **slot.environ,
        "GIT_DIR": source,
        "GIT_WORK_TREE": root,
        "GIT_INDEX_FILE": os.path.join(indexes, path.replace("/", "%2F")),
    }
    done = slot.ask("-c", "core.bare=false", "read-tree", "--reset", "-u", commit, check=False, environ=environ)
    if done.code:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise CannotRun(
            f"submodule {path} cannot be checked out at {commit[:12]}: {words}",
            hint="`git submodule update --init` brings what it needs.",
        )
