"""What to run in a repository without configuration: chosen from what is there, and each choice says why."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gates.config.build import build_settings
from gates.config.load import DETECTED_POLICY
from gates.detect.common import detect_common
from gates.detect.node import detect_node, is_node_project
from gates.detect.python import detect_python, is_python_project
from gates.detect.survey import Choice, Survey
from gates.settings import Settings

__all__ = ["choose", "data_of", "detect"]

MANIFEST = re.compile(r"^((?:[^/]+/){1,3})(package\.json|pyproject\.toml|setup\.py|setup\.cfg|requirements\.txt)$")
NOT_A_PROJECT = re.compile(r"(^|/)(tests?|docs?|examples?|samples?|fixtures?|benchmarks?|templates?|testdata)(/|$)")
MAX_FOLDERS = 12
"""Folders of a monorepo that get gates of their own; a bigger one deserves a configuration."""

ORDER = ("lint", "types", "tests", "dependencies", "complexity", "copypaste", "secrets")


def detect(paths: Sequence[str], read: Callable[[str], bytes | None]) -> Settings:
    """The settings for a tree without configuration.

    paths  every file of the tree
    read   the bytes of one file, None when there is none

    `Settings.chosen` tells for each gate why it was chosen.
    """
    choices = choose(Survey(paths, read))
    return build_settings(
        data_of(choices), "detected", DETECTED_POLICY, {choice.name: choice.why for choice in choices}
    )


def data_of(choices: Sequence[Choice]) -> dict[str, Any]:
    """The configuration that says the same as these choices."""
    return {"gates": {choice.name: choice.options for choice in choices}}


def choose(survey: Survey) -> list[Choice]:
    """All gates for a tree: of the project at its top, else of those in its folders, and those for every repository."""
    chosen: dict[str, Choice] = {}
    for choice in (*_at_top(survey), *_in_folders(survey), *detect_common(survey)):
        chosen.setdefault(choice.name, choice)
    return sorted(chosen.values(), key=lambda choice: ORDER.index(choice.kind) if choice.kind in ORDER else len(ORDER))


def _at_top(survey: Survey) -> Iterator[Choice]:
    names = set()
    for choice in detect_python(survey) if _is_python_here(survey) else ():
        names.add(choice.name)
        yield choice
    for choice in detect_node(survey):
        if choice.name in names:
            yield _renamed(choice, f"{choice.name}-node")
        else:
            yield choice


def _is_python_here(survey: Survey) -> bool:
    """A project at the top, or plain Python files without any manifest anywhere."""
    return is_python_project(survey) or not any(MANIFEST.match(path) for path in survey.paths)


def _in_folders(survey: Survey) -> Iterator[Choice]:
    """Projects in folders, of each language that has none at the top."""
    folders: dict[str, None] = {}
    for path in survey.paths:
        if (found := MANIFEST.match(path)) and not NOT_A_PROJECT.search(found[1]):
            folders[found[1].rstrip("/")] = None
    for folder in sorted(folders)[:MAX_FOLDERS]:
        part = survey.below(folder)
        if is_python_project(part) and not is_python_project(survey):
            yield from (_moved(choice, folder) for choice in detect_python(part))
        if is_node_project(part) and not is_node_project(survey):
            yield from (_moved(choice, folder) for choice in detect_node(part))


def _renamed(choice: Choice, name: str) -> Choice:
    return Choice(name, {"kind": choice.kind, **choice.options}, choice.why, choice.kind)


def _moved(choice: Choice, folder: str) -> Choice:
    """The same gate for a project in a folder: it works there, and has nothing to do when only others changed."""
    if "run" not in choice.options:
        return choice
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{choice.name}-{folder}").strip("-")[:63]
    moved = _renamed(choice, name)
    moved.options["run"] = f"cd {shlex.quote(folder)} && {choice.options['run']}"
    # A lone "/" at the front pins the glob to the top of the tree.
    moved.options["reads"] = [f"/{folder}/**"]
    moved.why = f"{choice.why}, in {folder}"
    return moved
