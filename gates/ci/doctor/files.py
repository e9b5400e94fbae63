"""Which files make up the pipelines of a repository, and what the doctor says of them all."""

from __future__ import annotations

import os
from collections.abc import Iterable

from gates.ci.doctor import github, gitlab
from gates.ci.doctor.remark import Remark
from gates.ci.doctor.shell import skips_ci
from gates.ci.text_file import read_text
from gates.git.repository import Repository

__all__ = ["examine", "pipeline_files"]

GITLAB = ".gitlab-ci.yml"
WORKFLOWS = ".github/workflows"
ACTIONS = ".github/actions"
ENDINGS = (".yml", ".yaml")


def pipeline_files(root: str) -> list[str]:
    """Paths below the root: GitLab's file, GitHub's workflows and local actions."""
    found = [GITLAB] if os.path.isfile(os.path.join(root, GITLAB)) else []
    for folder in (WORKFLOWS, ACTIONS):
        for where, _, files in os.walk(os.path.join(root, folder)):
            relative = os.path.relpath(where, root)
            found += [os.path.join(relative, name) for name in sorted(files) if name.endswith(ENDINGS)]
    return found


def examine(repository: Repository, files: Iterable[str]) -> list[Remark]:
    """Everything that is to be said, in the order of files and lines. Raises UsageError for what is no YAML."""
    texts = {path: read_text(os.path.join(repository.root, path), path) for path in files}
    actions = {path: text for path, text in texts.items() if os.path.basename(path) in ("action.yml", "action.yaml")}
    workflows = {path: text for path, text in texts.items() if path not in actions and ".github/" in f"/{path}"}
    found: list[Remark] = []
    for path, text in texts.items():
        if path not in actions and path not in workflows:
            found += gitlab.examine(text, path)
    folders = github.gate_actions(actions)
    any_gates = False
    for path, text in workflows.items():
        has_gates, remarks = github.examine_workflow(text, path, folders)
        any_gates = any_gates or has_gates
        found += remarks
    for path, text in actions.items():
        found += github.examine_action(text, path)
    if workflows and not any_gates:
        found.append(Remark(True, WORKFLOWS, "no workflow runs `gateline ci`"))
    if skips_ci(repository.try_line("log", "-1", "--format=%B")):
        found.append(Remark(True, "HEAD", "the message of this commit keeps CI from running for it ([skip ci])"))
    return sorted(found, key=_order)


def _order(remark: Remark) -> tuple[str, int]:
    path, _, line = remark.where.partition(":")
    return path, int(line or 0)
