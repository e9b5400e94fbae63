"""Gates that do not depend on a language."""

from __future__ import annotations

import re

from gates.detect.survey import Choice, Survey, table

__all__ = ["detect_common"]

COMPOSE = re.compile(r"(^|/)((docker-|rancher-)?compose(\.[^/]+|-[^/]+)?)\.ya?ml$")
COMMITLINT = re.compile(r"^(commitlint\.config\.[cm]?[jt]s|\.commitlintrc(\.[a-z]+)?)$")


def detect_common(survey: Survey) -> list[Choice]:
    """The gates for every repository, and those for Compose files, pre-commit and commit messages."""
    choices = []
    if survey.has_ending(".py"):
        choices.append(Choice("complexity", {}, "there are Python files"))
    choices.append(Choice("copypaste", {}, "every repository has code that may be copied"))
    choices.append(Choice("secrets", {}, "every repository may be given a secret by mistake"))
    if files := survey.matching(COMPOSE):
        more = f", and {len(files) - 1} more" if len(files) > 1 else ""
        choices.append(Choice("compose", {}, f"{files[0]} is there{more}"))
    if ".pre-commit-config.yaml" in survey.names:
        choices.append(Choice("pre_commit", {}, ".pre-commit-config.yaml is there"))
    if reason := _conventional(survey):
        choices.append(Choice("commit_message", {"conventional": True}, reason))
    return choices


def _conventional(survey: Survey) -> str:
    """What asks for Conventional Commits, else ""."""
    if files := survey.matching(COMMITLINT):
        return f"commitlint: {files[0]} is there"
    if "commitlint" in survey.json("package.json"):
        return "commitlint in package.json"
    if "commitizen" in table(survey.toml("pyproject.toml"), "tool"):
        return "[tool.commitizen] in pyproject.toml"
    return ""
