"""Exchanging files of the working tree, and their entries in the index, for fixed ones: all of them or none.

What takes time or can fail comes first and is written elsewhere. Then, with signals held back, each file is exchanged
by renaming, if it still is what the fix was merged with, and last the index in one step, if it still has the entries
that were fixed. When something is in the way, what was exchanged is put back.

A kill in between leaves every file whole, some of them fixed, and the index as it was. That needs no repair: the next
commit makes the same fix and finds it there.
"""

from __future__ import annotations

import os
import time

from gates.git.repository import Repository
from gates.interrupt import Unbroken
from gates.scratch import is_alive, remove_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FixedFile", "InTheWay", "exchange", "read"]

PATIENCE = 40
"""How often the index is tried while another git has it locked, 0.05 s apart."""

TWO_WAY_MERGE = ("read-tree", "-m", "-i", "--no-sparse-checkout", "--no-recurse-submodules")
"""From one tree to another in an index, by git. It refuses, and changes nothing, where an entry is as in neither."""


class FixedFile:
    """One file to exchange.

    path        where it is in the repository
    was         what is there now, and has to be there when it is exchanged
    content     what it becomes
    executable  whether anybody may run it then; None as it is now
    """

    __slots__ = ("content", "executable", "full", "new", "old", "path", "was")

    def __init__(self, root: str, path: str, was: bytes, content: bytes, executable: bool | None = None) -> None:
        self.path = path
        self.full = os.path.join(root, path)
        self.was = was
        self.content = content
        self.executable = executable
        self.new = self.old = ""

    def prepare(self, workshop: Workshop) -> None:
        """Write the new content to where it can be renamed from, and keep the old file under a second name."""
        facts = os.stat(self.full)
        mode = facts.st_mode & 0o7777
        if self.executable is not None:
            mode = mode | (mode & 0o444) >> 2 if self.executable else mode & ~0o111
        self.new, self.old = workshop.places(self.full)
        with open(self.new, "wb") as file:
            file.write(self.content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())

    def take(self) -> None:
        """Exchange it. Raises InTheWay when it is not what it was any more."""
        if read(self.full) != self.was:
            raise InTheWay(f"{self.path} was changed meanwhile")
        os.replace(self.new, self.full)

    def check(self) -> None:
        """Raises InTheWay when somebody has written to the old file in the very moment of the exchange."""
        if read(self.old) != self.was:
            raise InTheWay(f"{self.path} was changed meanwhile")

    def put_back(self) -> None:
        """Undo `take`, unless the file is another by now."""
        if read(self.full) == self.content:
            os.replace(self.old, self.full)

    def forget(self) -> None:
        for path in (self.new, self.old):
            if path:
                remove_file(path)


class InTheWay(Exception):
    """Why a fix cannot be taken over, in the user's words."""


def exchange(repository: Repository, files: Sequence[FixedFile], trees: tuple[str, str] | None) -> None:
    """Exchange all the files, and with `trees` (before, after) also their entries in the index git commits from.

    Raises InTheWay when that is impossible; then everything is as it was.
    """
    workshop = Workshop(repository)
    index = Index(repository, workshop, trees) if trees else None
    try:
        for file in files:
            file.prepare(workshop)
        if index:
            index.prepare()
        with Unbroken():
            _exchange(files, index)
    except OSError as error:
        raise InTheWay(f"{error.filename or 'a file'}: {error.strerror}") from error
    finally:
        for file in files:
            file.forget()
        workshop.close()


def _exchange(files: Sequence[FixedFile], index: Index | None) -> None:
    taken = []
    try:
        for file in files:
            file.take()
            taken.append(file)
        for file in files:
            file.check()
        if index:
            index.take()
    except (InTheWay, OSError):
        for file in reversed(taken):
            file.put_back()
        raise


class Index:
    """The index that git is about to commit from, and where it leads from one tree to another.

    Within `git commit -a` and `git commit PATH` that is a file which git has made for this one commit and removes when
    it is interrupted (with PATH there are two: what is committed, and what is the index afterwards). Such a file is
    written in place: so it is never made anew after git has removed it, which would lock the index for good.
    """

    def __init__(self, repository: Repository, workshop: Workshop, trees: tuple[str, str]) -> None:
        self.repository = repository
        self.workshop = workshop
        self.trees = trees
        path = repository.index
        self.lent: dict[str, bytes] = {}
        if path.endswith(".lock"):
            self.lent[path] = b""
        if os.path.basename(path).startswith("next-index-"):
            self.lent[os.path.join(repository.git_dir, "index.lock")] = b""

    def prepare(self) -> None:
        """Make what will be written to git's files of this one commit."""
        for path in self.lent:
            content = read(path)
            if content is None:
                raise InTheWay("the commit has ended")
            copy = self.workshop.place()
            with open(copy, "wb") as file:
                file.write(content)
            self._merge({**self.repository.environ, "GIT_INDEX_FILE": copy})
            self.lent[path] = read(copy) or content

    def take(self) -> None:
        """Lead it to the new tree, in one step."""
        if not self.lent:
            self._merge(self.repository.environ)
        for path, content in self.lent.items():
            descriptor = os.open(path, os.O_WRONLY)
            with open(descriptor, "wb") as file:
                file.write(content)
                file.truncate()

    def _merge(self, environ: dict[str, str]) -> None:
        for _ in range(PATIENCE):
            done = self.repository.ask(*TWO_WAY_MERGE, *self.trees, check=False, environ=environ)
            if not done.code:
                return
            if b"File exists" not in done.stderr:
                raise InTheWay("what is staged was changed meanwhile")
            time.sleep(0.05)
        raise InTheWay("another git has locked the index")


class Workshop:
    """Where files are made that are renamed into the working tree: in Gateline's folder, out of everybody's sight.

    Where that is another file system, in the folder of the file itself, noted so that a later run can remove it.
    """

    def __init__(self, repository: Repository) -> None:
        self.folder = repository.state_folder()
        self.prefix = f"fix-{os.getpid()}"
        self.note = os.path.join(self.folder, f"beside-{os.getpid()}")
        self.count = 0
        self._forget_dead()

    def place(self) -> str:
        """A name for a file of our own."""
        self.count += 1
        return os.path.join(self.folder, f"{self.prefix}-{self.count}")

    def places(self, path: str) -> tuple[str, str]:
        """A name for the new file, and a second name of the old one."""
        new, old = self.place(), self.place()
        try:
            os.link(path, old)
        except OSError:  # another file system, or one without links
            folder = os.path.dirname(path)
            new, old = (os.path.join(folder, f".gateline-{os.path.basename(name)}") for name in (new, old))
            with open(self.note, "ab") as file:
                file.write(os.fsencode(new) + b"\0" + os.fsencode(old) + b"\0")
            import shutil

            shutil.copy2(path, old)
        return new, old

    def close(self) -> None:
        for name in os.listdir(self.folder):
            if name.startswith(self.prefix + "-"):
                remove_file(os.path.join(self.folder, name))
        remove_file(self.note)

    def _forget_dead(self) -> None:
        """Remove what runs that were killed have left beside the user's files (the rest goes with their indexes)."""
        for name in os.listdir(self.folder):
            if name.startswith("beside-") and not is_alive(int(name.split("-")[1])):
                note = os.path.join(self.folder, name)
                for path in (read(note) or b"").split(b"\0"):
                    if path:
                        remove_file(os.fsdecode(path))
                remove_file(note)


def read(path: str) -> bytes | None:
    """What a file holds; None where there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
