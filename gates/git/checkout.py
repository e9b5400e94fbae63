"""Bring the folder of a slot to a tree: rewrite what differs, delete what does not belong.

`git checkout` does it, since it looks at the files with several threads; `git read-tree`, which needs no commit, has
only one. So a commit is made for the tree, and thrown away.
"""

from __future__ import annotations

import os

from gates.git.status import LISTING, hides_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gates.checks.base import Finished
    from gates.git.repository import Repository

__all__ = ["MARK", "held_tree", "reset"]

MARK = "gateline-tree"
"""The file in a slot's git dir that names the tree it was brought to, and the end of its index then, its checksum."""

CHECKSUM = 20
"""Bytes of the checksum at the end of an index (a repository of SHA-256 has a longer one, of which this is the end)."""

QUICK = ("-c", "core.preloadIndex=true", "-c", "core.logAllRefUpdates=false")
CHECKOUT = (*QUICK, "checkout", "--quiet", "--force", "--no-recurse-submodules", "--detach")
NAMES = ("-z", "--name-only", "--no-renames")
NOBODY = "gateline <> 0 +0000"


def held_tree(git_dir: str) -> str:
    """The tree a slot was brought to when it was last used, "" when unknown."""
    return _mark(git_dir)[0]


def reset(slot: Repository, tree: str, also: Sequence[str]) -> bytes:
    """Bring the slot to the tree, and run another git command meanwhile, whose output is returned.

    HEAD is left at a commit that is not there. Raises CannotRun when git cannot do it.
    """
    if not _is_as_left(slot.git_dir) and not _is_in_order(slot):
        _write_anew(slot)
    held = held_tree(slot.git_dir)
    _set_mark(slot.git_dir, "")
    commit = _write_commit(slot.git_dir, tree)
    commands: list[Sequence[str]] = [also, (*CHECKOUT, commit)]
    if held and held != tree:
        commands.append(("diff-tree", "-r", *NAMES, held, tree))
    told, done, *compared = slot.ask_all(commands, check=False)
    if done.code or any(_has_attributes(differs) for differs in compared):
        _write_anew(slot)  # other filters or line endings may hold for files that are the same in both trees
        slot.ask(*CHECKOUT, commit)
    os.unlink(_object(slot.git_dir, commit))
    slot.ask("clean", "-ffdq")
    _set_mark(slot.git_dir, f"{tree} {_index_checksum(slot.git_dir)}")
    return told.stdout if not told.code else slot.ask(*also).stdout


def _write_commit(git_dir: str, tree: str) -> str:
    """Write a commit of a tree, as git would, without starting git for it; returns its id."""
    import zlib

    content = f"tree {tree}\nauthor {NOBODY}\ncommitter {NOBODY}\n\n".encode()
    data = b"commit %d\0%b" % (len(content), content)
    commit = _git_digest(data, len(tree))
    path = _object(git_dir, commit)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(zlib.compress(data))
    return commit


def _git_digest(data: bytes, digits: int) -> str:
    """What git names an object by: SHA-1, or SHA-256 where ids have 64 digits."""
    if digits == 64:
        from hashlib import sha256

        return sha256(data).hexdigest()
    try:
        from _sha1 import sha1  # type: ignore[import-not-found]  # quicker than hashlib, which loads OpenSSL
    except ImportError:
        from hashlib import sha1
    return str(sha1(data, usedforsecurity=False).hexdigest())


def _object(git_dir: str, name: str) -> str:
    return os.path.join(git_dir, "objects", name[:2], name[2:])


def _has_attributes(differs: Finished) -> bool:
    """Whether some trees differ in a .gitattributes, or cannot be compared."""
    return bool(differs.code) or any(path.endswith(b".gitattributes") for path in differs.stdout.split(b"\0"))


def _is_as_left(git_dir: str) -> bool:
    tree, checksum = _mark(git_dir)
    return bool(tree and checksum) and checksum == _index_checksum(git_dir)


def _is_in_order(slot: Repository) -> bool:
    """Whether an index that a gate wrote makes git look at every file, and files were written by the same rules."""
    held = held_tree(slot.git_dir)
    if not held:
        return False
    listing, differs = slot.ask_all([LISTING, ("diff-index", "--cached", *NAMES, held)], check=False)
    return not (listing.code or hides_files(slot, listing.stdout) or _has_attributes(differs))


def _write_anew(slot: Repository) -> None:
    """Let git write every file, whatever is there."""
    index = os.path.join(slot.git_dir, "index")
    if os.path.exists(index):
        os.unlink(index)


def _mark(git_dir: str) -> tuple[str, str]:
    """The tree a slot was brought to, and the end of its index then; "" for what is not known."""
    try:
        with open(os.path.join(git_dir, MARK), encoding="ascii") as file:
            tree, _, checksum = file.read().partition(" ")
    except (OSError, UnicodeDecodeError):
        return "", ""
    return tree, checksum


def _set_mark(git_dir: str, mark: str) -> None:
    with open(os.path.join(git_dir, MARK), "w", encoding="ascii") as file:
        file.write(mark)


def _index_checksum(git_dir: str) -> str:
    """The end of a slot's index, "" when there is none."""
    try:
        with open(os.path.join(git_dir, "index"), "rb") as file:
            file.seek(-CHECKSUM, os.SEEK_END)
            return file.read().hex()
    except OSError:
        return ""
