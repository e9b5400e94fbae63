"""The files that `gateline ci init` writes: a GitLab pipeline, a GitLab component, a GitHub action and workflow."""

from __future__ import annotations

from pathlib import Path

from gates import __version__
from gates.ci.project import NODE, PYTHON, Project

__all__ = ["BUILDERS", "PACKAGE", "component", "github", "gitlab", "gitlab_jobs"]

BUILDERS = ("docker", "kaniko", "buildah", "none")
"""What builds the image. With "none" there is a job for the gates only, for pipelines that build and deploy already."""

PACKAGE = f"gateline[sign]=={__version__}"
DEPLOY_PACKAGE = f"gateline[rancher,sign]=={__version__}"
TEMPLATES = Path(__file__).parent / "templates"

BRANCH_RULES = """\
  rules:
    - if: $CI_COMMIT_BRANCH
    - if: $CI_COMMIT_TAG
"""
MERGE_REQUEST_RULES = """\
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
      when: never
    - if: $CI_COMMIT_BRANCH
    - if: $CI_COMMIT_TAG
"""


def gitlab(project: Project, builder: str) -> str:
    """A whole .gitlab-ci.yml."""
    stages = "gates" if builder == "none" else "gates, publish, deploy"
    return _filled(_template("gitlab-head.yml"), STAGES=stages) + gitlab_jobs(project, builder, rules="")


def gitlab_jobs(project: Project, builder: str, *, rules: str) -> str:
    """The jobs alone, for a file that is there already. `rules`: those of the gates job."""
    further = () if builder == "none" else (f"gitlab-publish-{builder}.yml", "gitlab-deploy.yml")
    return _filled(
        "\n".join(_template(name) for name in ("gitlab-gates.yml", *further)),
        RULES=rules,
        IMAGE=project.image,
        SETUP="".join(f"    - {_quoted(line)}\n" for line in _setup(project)).rstrip("\n"),
        REQUIRE=",".join(project.requires) or "tests",
        TARGET=project.target or "production",
        DEPLOY_PACKAGE=DEPLOY_PACKAGE,
    )


def component() -> dict[str, str]:
    """Path -> text of a GitLab CI/CD component."""
    return {"templates/gateline/template.yml": _filled(_template("gitlab-component.yml"))}


def github(project: Project, shards: int = 1) -> dict[str, str]:
    """Path -> text of a composite action and the workflow that uses it."""
    node = f"      - uses: actions/setup-node@v5\n        with:\n          node-version: {NODE}\n"
    workflow = _filled(
        _template("github-workflow.yml"),
        BRANCH=project.branch,
        SHARDS=", ".join(f"{index}/{shards}" for index in range(1, shards + 1)),
        NODE=node if project.is_node else "",
        PREPARE=_quoted(" && ".join(project.installs) or "true"),
    )
    return {
        ".github/actions/gateline/action.yml": _filled(_template("github-action.yml")),
        ".github/workflows/gates.yml": workflow,
    }


def _setup(project: Project) -> list[str]:
    """What the gates job runs first."""
    if project.is_node and not project.is_python:
        # Debian keeps its own Python packages apart, and says so; the image is thrown away after the job.
        return [
            "apt-get update -qq && apt-get install -qq -y python3-pip",
            'pip install --quiet --break-system-packages "$GATELINE_PACKAGE"',
            *project.installs,
        ]
    node = ["apt-get update -qq && apt-get install -qq -y nodejs npm"] if project.is_node else []
    return ['pip install --quiet "$GATELINE_PACKAGE"', *node, *project.installs]


def _quoted(line: str) -> str:
    """A shell line as a YAML scalar: plain where that is possible."""
    if line in ("true", "false") or ": " in line or " #" in line or line[0] in "'\"[]{}&*!|>%@`-?:#":
        return "'" + line.replace("'", "''") + "'"
    return line


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _filled(text: str, **values: str) -> str:
    for name, value in {"PYTHON": PYTHON, "PACKAGE": PACKAGE, **values}.items():
        text = text.replace(f"@{name}@", value)
    return text
