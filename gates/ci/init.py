"""`gateline ci init`: which files it writes, and what is left for a person to do."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping

from gates.ci.gitlab_file import NAME as GITLAB_FILE
from gates.ci.gitlab_file import add_jobs, wants_merge_requests
from gates.ci.project import Project
from gates.ci.scaffold import BRANCH_RULES, MERGE_REQUEST_RULES, gitlab, gitlab_jobs
from gates.ci.text_file import read_text
from gates.errors import CannotRun, UsageError

__all__ = ["differences", "gitlab_files", "next_steps", "write"]


def gitlab_files(root: str, project: Project, builder: str) -> dict[str, str]:
    """The pipeline: a new file, or the one that is there with the jobs added. Raises UsageError."""
    old = _read(root, GITLAB_FILE)
    if not old.strip():
        return {GITLAB_FILE: gitlab(project, builder)}
    rules = MERGE_REQUEST_RULES if wants_merge_requests(old) else BRANCH_RULES
    return {GITLAB_FILE: add_jobs(old, gitlab_jobs(project, builder, rules=rules))}


def differences(root: str, files: Mapping[str, str]) -> str:
    """What writing the files would change, as a unified diff."""
    parts: list[str] = []
    for name, text in files.items():
        old = _read(root, name)
        origin = f"a/{name}" if old else "/dev/null"
        parts += difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), origin, f"b/{name}"
        )
    return "".join(parts)


def write(root: str, files: Mapping[str, str], *, merged: bool) -> None:
    """Write the files. One that is there is not overwritten, unless its content was merged. Raises UsageError."""
    for name in files:
        path = os.path.join(root, name)
        if os.path.lexists(path) and not (merged and os.path.isfile(path) and not os.path.islink(path)):
            raise UsageError(f"{name} is there already, and is not overwritten", hint="Move it away, or use --dry-run.")
    for name, text in files.items():
        path = os.path.join(root, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + ".part", "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.replace(path + ".part", path)
        except OSError as error:
            raise CannotRun(f"{name} cannot be written: {error.strerror}") from None


def next_steps(project: Project, system: str) -> Iterator[str]:
    """What the pipeline needs besides its file."""
    if project.source == "detected":
        yield "Run `gateline init` and commit gateline.yaml: gates that are only detected guard nothing for long."
    yield "Make a key pair outside of the repository: gateline keygen ../deploy-key"
    if system == "github":
        yield "Put the private key into the secret GATELINE_SIGNING_KEY, and protect the default branch."
        yield "Make the job `gateline` a required check of that branch."
        return
    yield "Put the private key into the variable GATELINE_SIGNING_KEY (type file, protected), the public key into"
    yield "  GATELINE_PUBLIC_KEY (protected), and protect the default branch."
    if system == "component":
        return
    if project.target:
        yield f"Set the variables that the target {project.target!r} in {project.source} names, protected and masked."
    else:
        yield "Add the target to gateline.yaml: `deploy: {production: {rancher: ...}}`, and set the variables it names."


def _read(root: str, name: str) -> str:
    path = os.path.join(root, name)
    return read_text(path, name) if os.path.lexists(path) else ""
