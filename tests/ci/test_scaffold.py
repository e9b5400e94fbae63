"""The pipelines that are written: valid by the systems' own schemas, and in the right order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gates.ci.project import Project, look_at
from gates.ci.scaffold import BUILDERS, component, github, gitlab
from gates.git.repository import Repository as Git
from tests.conftest import Repository

PYTHON = {"requirements.txt": "pytest\n", "app.py": "X = 1\n", "tests/test_app.py": "def test_x():\n    assert True\n"}
NODE = {"package.json": json.dumps({"name": "app", "scripts": {"test": "node --test"}}), "package-lock.json": "{}"}
CONFIGURED = {
    "gateline.yaml": "gates:\n  tests: {run: pytest -q}\n  lint: {run: ruff check}\n  secrets: {doors: [commit]}\n"
    "deploy:\n  test: {rancher: {url: 'http://x/', stack: s, service: v}, requires: [tests]}\n"
}
IMAGE_BUILDERS = [name for name in BUILDERS if name != "none"]
PROJECTS = {
    "python": PYTHON,
    "node": NODE,
    "both": {**PYTHON, **NODE},
    "configured": {**PYTHON, **CONFIGURED},
    "uv": {"pyproject.toml": "[project]\nname = 'x'\n", "uv.lock": ""},
    "poetry": {"pyproject.toml": "[tool.poetry]\n", "poetry.lock": ""},
    "extras": {
        "pyproject.toml": "[project]\nname = 'x'\n[project.optional-dependencies]\ndev = []\n"
        "[dependency-groups]\ntest = []\n"
    },
    "pnpm": {"package.json": '{"packageManager": "pnpm@9"}', "pnpm-lock.yaml": ""},
    "nothing": {"README.md": "# x\n"},
}


def check(schema: str, *paths: Path) -> None:
    """By the schema that the system's own people keep."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def projects(make_repository: Callable[..., Repository]) -> dict[str, Project]:
    return {name: look_at(Git.find(str(make_repository(name, files).path))) for name, files in PROJECTS.items()}


@pytest.fixture
def configured(make_repository: Callable[..., Repository]) -> Git:
    return Git.find(str(make_repository("app", PROJECTS["configured"]).path))


def test_gitlab_takes_the_pipelines(projects: dict[str, Project], tmp_path: Path) -> None:
    paths = []
    for name, project in projects.items():
        for builder in BUILDERS if name == "configured" else ["docker"]:
            text = gitlab(project, builder)
            assert "@" not in text.replace("IMAGE@$IMAGE_DIGEST", "").replace("s/.*@/", "")
            paths.append(tmp_path / f"{name}-{builder}.yml")
            paths[-1].write_text(text)
    check("vendor.gitlab-ci", *paths)


@pytest.mark.parametrize("builder", IMAGE_BUILDERS)
def test_every_builder_tells_the_digest_of_the_image(configured: Git, builder: str) -> None:
    publish = yaml.safe_load(gitlab(look_at(configured), builder))["publish"]
    assert publish["artifacts"]["reports"]["dotenv"] == "image.env"
    assert publish["script"][-1] == "grep -q '^IMAGE_DIGEST=sha256:' image.env"
    assert builder in publish["script"][0] + str(publish["image"])


def test_the_order_is_gates_publish_deploy(configured: Git) -> None:
    pipeline: dict[str, Any] = yaml.safe_load(gitlab(look_at(configured), "docker"))
    assert pipeline["stages"] == ["gates", "publish", "deploy"]
    assert [pipeline[job]["stage"] for job in ("gates", "publish", "vouch", "deploy")] == [
        "gates",
        "publish",
        "publish",
        "deploy",
    ]
    assert pipeline["publish"]["needs"] == ["gates"]
    assert pipeline["vouch"]["needs"] == ["gates", "publish"]
    assert pipeline["deploy"]["needs"] == ["publish", "vouch"]
    gates, deploy = pipeline["gates"], pipeline["deploy"]
    assert gates["artifacts"]["when"] == "always"
    assert gates["variables"]["GIT_DEPTH"] == deploy["variables"]["GIT_DEPTH"] == 0
    assert (deploy["environment"]["name"], deploy["resource_group"]) == ("test", "test")
    assert deploy["script"][0].startswith('gateline verify --commit "$CI_COMMIT_SHA" --require tests --key')
    assert deploy["script"][1].startswith("gateline deploy test ")
    for job in ("publish", "vouch", "deploy"):
        (rule,) = pipeline[job]["rules"]
        assert rule == {"if": '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_COMMIT_REF_PROTECTED == "true"'}


def test_gates_of_other_doors_are_not_asked_for(configured: Git) -> None:
    project = look_at(configured, "elsewhere")
    assert (project.gates, project.requires, project.target) == (("tests", "lint"), ("tests", "lint"), "elsewhere")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("python", "pip install --quiet --requirement requirements.txt"),
        ("node", "npm ci"),
        ("uv", "pip install --quiet uv && uv sync --quiet --frozen"),
        ("poetry", "poetry install"),
        ("extras", "pip install --quiet --editable '.[dev]'"),
        ("extras", "pip install --quiet --group test"),
        ("pnpm", "corepack enable && pnpm install --frozen-lockfile"),
        ("both", "apt-get install -qq -y nodejs npm"),
    ],
)
def test_what_the_gates_need_is_installed(make_repository: Callable[..., Repository], name: str, line: str) -> None:
    project = look_at(Git.find(str(make_repository("app", PROJECTS[name]).path)))
    steps = yaml.safe_load(gitlab(project, "docker"))["gates"]["before_script"]
    assert any(line in step for step in steps)
    assert all(isinstance(step, str) for step in steps)
    assert yaml.safe_load(gitlab(project, "docker"))["gates"]["image"] == (
        "node:22" if name in ("node", "pnpm") else "python:3.12"
    )


def test_the_component_is_valid_in_both_parts(tmp_path: Path) -> None:
    ((name, text),) = component().items()
    assert name == "templates/gateline/template.yml"
    header, jobs = text.split("\n---\n")
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    assert {"stage", "image", "gates", "python_version", "parallel"} <= set(inputs)
    for key, option in inputs.items():
        assert f"$[[ inputs.{key} ]]" in jobs
        jobs = jobs.replace(f"$[[ inputs.{key} ]]", str(option["default"]))
    assert "$[[" not in jobs
    (tmp_path / "spec.yml").write_text(header)
    (tmp_path / "jobs.yml").write_text(jobs)
    check("vendor.gitlab-ci", tmp_path / "spec.yml", tmp_path / "jobs.yml")
    assert yaml.safe_load(jobs)["verdict"]["script"] == ["gateline ci merge shards"]


def test_github_takes_the_action_and_the_workflow(projects: dict[str, Project], tmp_path: Path) -> None:
    workflows, actions = [], []
    for name, project in projects.items():
        for path, text in github(project, 3).items():
            found = actions if path.endswith("action.yml") else workflows
            found.append(tmp_path / f"{name}-{Path(path).name}")
            found[-1].write_text(text)
    check("vendor.github-actions", *actions)
    check("vendor.github-workflows", *workflows)


def test_one_job_of_github_always_runs_and_looks_at_the_others(configured: Git) -> None:
    workflow = yaml.safe_load(github(look_at(configured), 3)[".github/workflows/gates.yml"])
    last = workflow["jobs"]["gateline"]
    assert last["if"] == "${{ always() }}"
    assert last["needs"] == ["shards"]
    assert workflow["jobs"]["shards"]["strategy"]["matrix"]["shard"] == ["1/3", "2/3", "3/3"]
    assert last["steps"][-1]["run"] == 'test "$RESULTS" = success'
    assert any("gateline ci merge shards" in step.get("run", "") for step in last["steps"])


STAND_IN = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$(basename "$0") $1" in
  *" login") test "$(cat)" = a-password ;;
  "docker inspect") echo "registry.example.org/app@DIGEST" ;;
  "buildah push") printf DIGEST > "$3" ;;
  executor*) printf DIGEST > image.digest ;;
esac
"""


@pytest.mark.parametrize("builder", IMAGE_BUILDERS)
def test_the_lines_of_every_builder_do_what_they_say(configured: Git, builder: str, tmp_path: Path) -> None:
    """In /bin/sh, with a stand-in for the builder: the image has the commit's tag, its digest is passed on."""
    digest = "sha256:" + "cd" * 32
    kaniko = tmp_path / "kaniko"
    kaniko.mkdir()
    for path in (tmp_path / "docker", tmp_path / "buildah", kaniko / "executor"):
        path.write_text(STAND_IN.replace("DIGEST", digest))
        path.chmod(0o755)
    publish = yaml.safe_load(gitlab(look_at(configured), builder))["publish"]
    script = "set -e\n" + "\n".join(publish["script"]).replace("/kaniko/", f"{kaniko}/")
    environ = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "IMAGE": "registry.example.org/app",
        "CI_COMMIT_SHA": "abc",
        "CI_PROJECT_DIR": str(tmp_path),
        "CI_REGISTRY": "registry.example.org",
        "CI_REGISTRY_USER": "ci",
        "CI_REGISTRY_PASSWORD": "a-password",
    }
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "image.env").read_text().strip() == f"IMAGE_DIGEST={digest}"
    calls = (tmp_path / "calls").read_text()
    assert "registry.example.org/app:abc" in calls
    assert "a-password" not in calls + done.stdout + done.stderr
    if builder == "kaniko":
        login = json.loads((kaniko / ".docker" / "config.json").read_text())
        assert login["auths"]["registry.example.org"]["auth"] == "Y2k6YS1wYXNzd29yZA=="
