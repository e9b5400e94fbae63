"""A repository as Gateline meets it: where it is, and how it is asked.

Hooks ask git directly: importing GitPython costs several times the answer. What reads many objects or walks history
uses GitPython (`gates.git.objects`).
"""

from __future__ import annotations

import os

from gates.checks.base import Finished
from gates.errors import CannotRun, UsageError
from gates.process import Job, Pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KEPT_GIT_VARIABLES", "Repository", "clean_environment", "decode"]

KEPT_GIT_VARIABLES = frozenset(
    {
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
        "GIT_TERMINAL_PROMPT",
    }
)
"""Git variables that say how to reach others and who one is. All the rest say *which repository*, and a gate that
inherits those runs its `git commit` on the user's branch."""


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that would point git at the user's repository, index or objects."""
    return {name: value for name, value in environ.items() if not name.startswith("GIT_") or name in KEPT_GIT_VARIABLES}


def decode(raw: bytes) -> str:
    """A path or ref as git prints it; bytes that are not UTF-8 survive the way back to the file system."""
    return raw.decode("utf-8", "surrogateescape")


class Repository:
    """One repository with a working tree.

    root      absolute path of the working tree's top
    git_dir   this working tree's own git dir (of a linked worktree: .git/worktrees/<name>)
    common    the git dir shared by all worktrees
    state     Gateline's folder under `common`; made when first written to
    environ   for git itself: inside a hook it says which index git is about to commit
    """

    __slots__ = ("common", "environ", "git_dir", "root", "state")

    def __init__(self, root: str, git_dir: str, common: str, environ: Mapping[str, str]) -> None:
        self.root = root
        self.git_dir = git_dir
        self.common = common
        self.state = os.path.join(common, "gateline")
        self.environ = dict(environ)
        # Asking must never write: the index of the user is the user's.
        self.environ["GIT_OPTIONAL_LOCKS"] = "0"
        self.environ["LC_ALL"] = "C"

    @classmethod
    def find(cls, folder: str = "", environ: Mapping[str, str] | None = None) -> Repository:
        """The repository around `folder` (default: the current one).

        Raises UsageError when there is none, or when it is bare.
        """
        environ = os.environ if environ is None else environ
        folder = os.path.abspath(folder) if folder else os.getcwd()
        dot_git = os.path.join(folder, ".git")
        # The plain case, and what every hook of a plain repository meets: no need to ask.
        told = "GIT_DIR" in environ or "GIT_WORK_TREE" in environ
        if not told and os.path.isfile(dot_git + "/HEAD") and not os.path.exists(dot_git + "/commondir"):
            return cls(folder, dot_git, dot_git, environ)
        return cls._ask(folder, environ)

    @classmethod
    def _ask(cls, folder: str, environ: Mapping[str, str]) -> Repository:
        asker = cls(folder, "", "", environ)
        asked = ("--is-bare-repository", "--absolute-git-dir", "--path-format=absolute", "--git-common-dir")
        done = asker.ask("rev-parse", *asked, check=False)
        if done.code:
            raise _not_a_repository(folder, done)
        bare, git_dir, common, *more = decode(done.stdout).split("\n")[:-1]
        if more:
            raise UsageError(f"{folder} belongs to a repository whose folder has a line break in its name")
        if bare == "true":
            raise UsageError(
                f"{git_dir} is a bare repository: there is no working tree to run gates in",
                hint="Run Gateline in a clone of it.",
            )
        top = asker.ask("rev-parse", "--show-toplevel", check=False)
        if top.code:
            raise _not_a_repository(folder, top)
        return cls(decode(top.stdout).rstrip("\n"), git_dir, common, environ)

    def ask(
        self,
        *arguments: str,
        stdin: bytes = b"",
        check: bool = True,
        environ: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run one git command at the top of the working tree. With `check`, a failure raises CannotRun."""
        return self.ask_all([arguments], stdin=stdin, check=check, environ=environ)[0]

    def ask_all(
        self,
        commands: Sequence[Sequence[str]],
        *,
        stdin: bytes = b"",
        check: bool = True,
        environ: Mapping[str, str] | None = None,
    ) -> list[Finished]:
        """Run several git commands at once; their results in the order asked."""
        jobs = [
            Job(["git", *arguments], cwd=self.root, env=environ or self.environ, stdin=stdin) for arguments in commands
        ]
        with Pool(guard=False) as pool:
            for job in jobs:
                pool.start(job)
            while pool.jobs:
                pool.wait()
        results = []
        for job in jobs:
            assert job.finished is not None
            if check and job.finished.code:
                raise _git_failed(job.argv, job.finished)
            results.append(job.finished)
        return results

    def line(self, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
        """The one line a git command prints; raises CannotRun when it fails."""
        return decode(self.ask(*arguments, environ=environ).stdout).rstrip("\n")

    def try_line(self, *arguments: str) -> str:
        """The one line a git command prints, or "" when it fails."""
        done = self.ask(*arguments, check=False)
        return "" if done.code else decode(done.stdout).rstrip("\n")

    @property
    def index(self) -> str:
        """The index that git works with: the one it was told, or its own."""
        told = self.environ.get("GIT_INDEX_FILE") or os.path.join(self.git_dir, "index")
        return os.path.join(self.root, told)

    @property
    def objects(self) -> str:
        """Where git keeps its objects: where it was told, or in its own folder."""
        return self.environ.get("GIT_OBJECT_DIRECTORY") or os.path.join(self.common, "objects")

    def state_folder(self, *names: str) -> str:
        """A folder below `state`, made if need be. Raises OSError where that is impossible (read-only, disk full)."""
        path = os.path.join(self.state, *names)
        os.makedirs(path, exist_ok=True)
        return path


def _git_failed(argv: Sequence[str], done: Finished) -> CannotRun:
    words = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.code}"
    return CannotRun(f"`{' '.join(argv[:3])} ...` failed: {words}")


def _not_a_repository(folder: str, done: Finished) -> UsageError:
    words = done.stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in words:
        return UsageError(f"{folder} is not in a git repository", hint="Run `git init` first, or change to one.")
    if "must be run in a work tree" in words:
        return UsageError(f"{folder} is inside a git dir, not a working tree", hint="Change to the working tree.")
    return UsageError(f"git cannot open the repository at {folder}: {words}")
