"""Which CI system this is, and what its variables say about the commit under test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["GITHUB", "GITLAB", "System", "detect"]

GITLAB = "gitlab"
GITHUB = "github"


@dataclass(frozen=True)
class System:
    """What is known of a CI job before git is asked.

    name            GITLAB, GITHUB, or "" for any other place
    ref             full name of the ref that is built, "" when not told
    target          branch that a merge request is to go into, "" when this is none
    target_commits  commits that stand for the target, best first
    before          commit that the branch pointed to before the push, "" when there was none
    default_branch  "" when not told
    """

    name: str = ""
    ref: str = ""
    target: str = ""
    target_commits: tuple[str, ...] = ()
    before: str = ""
    default_branch: str = ""

    @property
    def on_default_branch(self) -> bool:
        return bool(self.default_branch) and self.ref == f"refs/heads/{self.default_branch}"


def detect(environ: Mapping[str, str]) -> System:
    """Read the variables of GitLab CI or GitHub Actions."""
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    return System()


def _gitlab(environ: Mapping[str, str]) -> System:
    # The first is set in merged-results pipelines only, where it is the target's tip that was merged with.
    names = ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA")
    return System(
        GITLAB,
        ref=_gitlab_ref(environ),
        target=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
        target_commits=tuple(environ[name] for name in names if _is_commit(environ.get(name, ""))),
        before=_commit(environ.get("CI_COMMIT_BEFORE_SHA", "")),
        default_branch=environ.get("CI_DEFAULT_BRANCH", ""),
    )


def _gitlab_ref(environ: Mapping[str, str]) -> str:
    if environ.get("CI_MERGE_REQUEST_REF_PATH"):
        return environ["CI_MERGE_REQUEST_REF_PATH"]
    if environ.get("CI_COMMIT_TAG"):
        return f"refs/tags/{environ['CI_COMMIT_TAG']}"
    branch = environ.get("CI_COMMIT_BRANCH", "")
    return f"refs/heads/{branch}" if branch else ""


def _github(environ: Mapping[str, str]) -> System:
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    base = _text(event, "pull_request", "base", "sha")
    return System(
        GITHUB,
        ref=environ.get("GITHUB_REF", ""),
        target=environ.get("GITHUB_BASE_REF", ""),
        target_commits=(base,) if _is_commit(base) else (),
        before=_commit(_text(event, "before")),
        default_branch=_text(event, "repository", "default_branch"),
    )


def _event(path: str) -> Any:
    """GitHub's description of what started the job; without it there is only less to go by."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def _text(data: Any, *names: str) -> str:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""


def _commit(text: str) -> str:
    return text if _is_commit(text) else ""


def _is_commit(text: str) -> bool:
    """Whether it is a commit id; both systems write zeros for "none"."""
    return len(text) in (40, 64) and all(c in "0123456789abcdef" for c in text) and bool(text.strip("0"))
