"""Where a verdict belongs and by which rules it was made, both taken from the repository itself."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gates.errors import UsageError, VerdictError
from gates.git.repository import Repository, clean_environment

__all__ = ["DETECTED", "Policy", "policy_digest", "policy_of", "read_only_repository", "resolve", "resource_uri"]

DETECTED = "detected"
"""The name of the policy, and what its digest is of, where a repository has no configuration."""

REGULAR_FILES = ("100644", "100755")


@dataclass(frozen=True)
class Policy:
    """`source`: gateline.yaml, pyproject.toml or "detected". `digest`: "sha256:" and 64 hex digits."""

    source: str
    digest: str


def read_only_repository(folder: str = "") -> Repository:
    """The repository around `folder`, asked in a way that the surroundings cannot bend.

    GIT_DIR and its like are ignored, and so are replace refs: `git replace` could show another tree for a commit.
    """
    environ = {**clean_environment(os.environ), "GIT_NO_REPLACE_OBJECTS": "1"}
    return Repository.find(folder, environ)


def policy_digest(repository: Repository, revision: str) -> str:
    """ "sha256:<hex>" of the configuration at `revision`; see `policy_of`."""
    return policy_of(repository, revision).digest


def policy_of(repository: Repository, revision: str) -> Policy:
    """The configuration in force at a revision: gateline.yaml, else a pyproject.toml with [tool.gateline], else none.

    The digest is the SHA-256 of the file's raw bytes in git, or of the word "detected". Raises VerdictError when the
    revision does not exist, is ambiguous or a tag by its short name, or when the file is a symbolic link: a link's own
    bytes say nothing of the rules behind it.
    """
    name = _name_in(revision)
    if _refs_called(repository, name) == ["refs/tags/" + name]:
        raise VerdictError(
            f"the policy cannot be read: {name} is a tag here, and tags are seldom protected as branches are",
            hint=f"Fetch the branch, or write refs/tags/{name} if the tag is meant.",
        )
    tree = resolve(repository, revision, "tree")
    if not tree:
        raise VerdictError(f"the policy cannot be read: {revision} is not a revision of this repository")
    for name in ("gateline.yaml", "pyproject.toml"):
        content = _blob(repository, tree, name, revision)
        if content is not None and (name == "gateline.yaml" or _configures_gateline(content)):
            return Policy(name, "sha256:" + hashlib.sha256(content).hexdigest())
    return Policy(DETECTED, "sha256:" + hashlib.sha256(DETECTED.encode()).hexdigest())


def resolve(repository: Repository, revision: str, kind: str) -> str:
    """The id of the "commit" or "tree" that a revision names, "" when there is none.

    Raises VerdictError when two refs have that short name: git would take the tag, so that a tag called origin/main
    could stand in for the branch.
    """
    refs = _refs_called(repository, _name_in(revision))
    if len(refs) > 1:
        raise VerdictError(f"{revision} is ambiguous: it could be {' or '.join(refs)}", hint="Write the full name.")
    return repository.try_line("rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{{kind}}}")


def _name_in(revision: str) -> str:
    """ "origin/main~2" -> "origin/main"."""
    return re.split(r"[~^:]|@\{", revision)[0]


def _refs_called(repository: Repository, name: str) -> list[str]:
    """Full names of all refs that git could take for `name`."""
    prefixes = ("refs/", "refs/tags/", "refs/heads/", "refs/remotes/")
    candidates = [name] * name.startswith("refs/") + [prefix + name for prefix in prefixes]
    # for-each-ref also lists what lies below a name, as below a folder.
    found = repository.try_line("for-each-ref", "--format=%(refname)", *candidates).splitlines()
    return [candidate for candidate in candidates if candidate in found]


def resource_uri(repository: Repository, environ: Mapping[str, str] = os.environ) -> str:
    """Which repository a verdict is about, as "git+https://host/group/project".

    From GitLab's or GitHub's variables, else the URL of the remote `origin` (without user, password or ".git", and the
    same for https and ssh), else "git+file://" and the folder.
    """
    if url := environ.get("CI_PROJECT_URL", ""):
        return _plain_uri(url, repository.root)
    if environ.get("GITHUB_SERVER_URL") and environ.get("GITHUB_REPOSITORY"):
        return _plain_uri(f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}", repository.root)
    if url := repository.try_line("config", "--get", "remote.origin.url"):
        return _plain_uri(url, repository.root)
    return f"git+file://{repository.root}"


def _plain_uri(url: str, root: str) -> str:
    if scp := re.fullmatch(r"(?:[^@/:]+@)?([^/:@]+):(?!//)(.+)", url):
        url = f"ssh://{scp[1]}/{scp[2].lstrip('/')}"
    try:
        parts = urlsplit(url)
        number = parts.port
    except ValueError:
        # The URL may hold a password, so it is not repeated here.
        raise UsageError(
            "the URL of this repository cannot be understood", hint="Say which it is with --repo."
        ) from None
    path = parts.path.rstrip("/").removesuffix(".git")
    if parts.scheme not in ("http", "https", "ssh", "git") or not parts.hostname:
        return f"git+file://{os.path.abspath(os.path.join(root, path))}"
    # The port of ssh says nothing about the web address of the same project.
    port = f":{number}" if number and parts.scheme in ("http", "https") else ""
    return f"git+https://{parts.hostname}{port}{path}"


def _blob(repository: Repository, tree: str, name: str, revision: str) -> bytes | None:
    entry = repository.line("ls-tree", tree, "--", ":(top,literal)" + name)
    if not entry:
        return None
    mode, _, object_id = entry.split("\t")[0].split(" ")
    if mode not in REGULAR_FILES:
        raise VerdictError(f"the policy cannot be read: {name} at {revision} is not a regular file")
    return repository.ask("cat-file", "blob", object_id).stdout


def _configures_gateline(pyproject: bytes) -> bool:
    """A pyproject.toml that cannot be parsed counts as one that does: it cannot be said to hold no rules."""
    try:
        tool = tomllib.loads(pyproject.decode("utf-8")).get("tool", {})
    except ValueError:
        return True
    return "gateline" in tool
