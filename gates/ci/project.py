"""What a pipeline must know of a project: how its tools are installed, which gates it has, where it is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gates.config.files import known_files, working_tree, working_tree_settings
from gates.detect.node import is_node_project, package_manager
from gates.detect.survey import Survey, table
from gates.git.repository import Repository

__all__ = ["PYTHON", "Project", "look_at"]

PYTHON = "3.12"
"""Python of the images that only need Gateline."""

NODE = "22"
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements_dev.txt")
DEVELOPMENT = ("dev", "test", "tests", "develop")
NODE_INSTALLS = {
    "npm": "npm ci",
    "yarn": "corepack enable && yarn install --immutable",
    "pnpm": "corepack enable && pnpm install --frozen-lockfile",
    "bun": "npm install --global bun && bun install --frozen-lockfile",
}


@dataclass(frozen=True)
class Project:
    """gates    names of the gates of the ci door
    requires   names of the gates that a deploy asks for
    target     name of the deploy target, "" when none is configured
    installs   shell lines that install what the gates need
    is_node    whether it has a package.json
    is_python  whether Python packages are installed
    source     where the gates come from: gateline.yaml, pyproject.toml or detected
    branch     the default branch, as far as git knows it
    """

    gates: tuple[str, ...]
    requires: tuple[str, ...]
    target: str
    installs: tuple[str, ...]
    is_node: bool
    is_python: bool
    source: str
    branch: str

    @property
    def image(self) -> str:
        """The image that has most of what the gates need."""
        return f"node:{NODE}" if self.is_node and not self.is_python else f"python:{PYTHON}"


def look_at(repository: Repository, target: str = "") -> Project:
    """Look at the working tree. Raises ConfigError for a mistake in the configuration."""
    settings = working_tree_settings(repository)
    survey = Survey(known_files(repository), working_tree(repository.root))
    gates = tuple(gate.name for gate in settings.gates if "ci" in gate.doors)
    target = target or next(iter(settings.deploy), "")
    requires = tuple(settings.deploy.get(target, {}).get("requires") or gates)
    python, node = tuple(_python(survey)), tuple(_node(survey))
    return Project(
        gates, requires, target, python + node, bool(node), bool(python), settings.source, _default_branch(repository)
    )


def _default_branch(repository: Repository) -> str:
    told = repository.try_line("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    return told.removeprefix("origin/") or repository.try_line("symbolic-ref", "--quiet", "--short", "HEAD") or "main"


def _python(survey: Survey) -> Iterator[str]:
    if survey.first("uv.lock"):
        yield "pip install --quiet uv && uv sync --quiet --frozen"
        return
    if survey.first("poetry.lock"):
        yield "pip install --quiet poetry && poetry config virtualenvs.in-project true && poetry install --quiet"
        return
    for name in REQUIREMENTS:
        if survey.first(name):
            yield f"pip install --quiet --requirement {name}"
    project = table(survey.toml("pyproject.toml"), "project")
    if project:
        extras = [name for name in DEVELOPMENT if name in table(project, "optional-dependencies")]
        yield (
            f"pip install --quiet --editable '.[{','.join(extras)}]'" if extras else "pip install --quiet --editable ."
        )
        groups = [name for name in DEVELOPMENT if name in _groups(survey)]
        yield from (f"pip install --quiet --group {name}" for name in groups)


def _groups(survey: Survey) -> list[str]:
    groups = survey.toml("pyproject.toml").get("dependency-groups")
    return [name for name in groups if re.fullmatch(r"[\w-]+", name)] if isinstance(groups, dict) else []


def _node(survey: Survey) -> Iterator[str]:
    if is_node_project(survey):
        manager, _ = package_manager(survey)
        has_lock = manager != "npm" or survey.first("package-lock.json", "npm-shrinkwrap.json")
        yield NODE_INSTALLS[manager] if has_lock else "npm install"
