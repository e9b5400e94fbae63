"""`gateline ci init`: what it writes, what it leaves alone, what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tests.conftest import Repository


def init(repository: Repository, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gates", "ci", "init", *words],
        cwd=repository.path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pipeline_for_gitlab(repository: Repository) -> None:
    dry = init(repository, "--gitlab", "--dry-run")
    assert (dry.returncode, "Nothing was written." in dry.stdout) == (0, True)
    assert not (repository.path / ".gitlab-ci.yml").exists()
    done = init(repository, "--gitlab", "--builder", "buildah", "--target", "live")
    assert done.returncode == 0
    assert "Run `gateline init`" in done.stdout
    pipeline = yaml.safe_load((repository.path / ".gitlab-ci.yml").read_text())
    assert pipeline["deploy"]["resource_group"] == "live"
    assert any("buildah push" in line for line in pipeline["publish"]["script"])


def test_an_existing_pipeline_keeps_its_words_and_its_kind_of_pipelines(repository: Repository) -> None:
    old = "# mine\nunit:\n  script: [make]  # all\n"
    repository.write(".gitlab-ci.yml", old)
    dry = init(repository, "--gitlab", "--dry-run").stdout
    assert not [line for line in dry.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert init(repository, "--gitlab").returncode == 0
    text = (repository.path / ".gitlab-ci.yml").read_text()
    assert text.startswith(old)
    pipeline = yaml.safe_load(text)
    assert "workflow" not in pipeline
    assert pipeline["gates"]["rules"] == [{"if": "$CI_COMMIT_BRANCH"}, {"if": "$CI_COMMIT_TAG"}]
    again = init(repository, "--gitlab")
    assert (again.returncode, again.stderr.count("already")) == (2, 1)


def test_a_pipeline_that_deploys_already_gets_the_gates_alone(repository: Repository) -> None:
    old = "stages:\n  - build\n  - deploy\n\ndeploy:\n  stage: deploy\n  script: [./deploy.sh]\n"
    repository.write(".gitlab-ci.yml", old)
    refused = init(repository, "--gitlab")
    assert (refused.returncode, "there is a job 'deploy' already" in refused.stderr) == (2, True)
    assert "--builder none" in refused.stderr
    assert init(repository, "--gitlab", "--builder", "none").returncode == 0
    pipeline = yaml.safe_load((repository.path / ".gitlab-ci.yml").read_text())
    assert pipeline["stages"] == ["gates", "build", "deploy"]
    assert set(pipeline) == {"stages", "deploy", "gates"}
    (repository.path / ".gitlab-ci.yml").unlink()
    assert init(repository, "--gitlab", "--builder", "none").returncode == 0
    assert yaml.safe_load((repository.path / ".gitlab-ci.yml").read_text())["stages"] == ["gates"]


def test_an_existing_pipeline_of_merge_requests(repository: Repository) -> None:
    rule = "$CI_PIPELINE_SOURCE == 'merge_request_event'"
    repository.write(".gitlab-ci.yml", f'unit:\n  script: [make]\n  rules: [{{if: "{rule}"}}]\n')
    assert init(repository, "--gitlab").returncode == 0
    pipeline = yaml.safe_load((repository.path / ".gitlab-ci.yml").read_text())
    assert [rule.get("when") for rule in pipeline["gates"]["rules"]] == [None, "never", None, None]


def test_files_for_github_and_the_component_are_not_overwritten(repository: Repository) -> None:
    assert "a required check" in init(repository, "--github", "--parallel", "2").stdout
    again = init(repository, "--github")
    assert (again.returncode, "not overwritten" in again.stderr) == (2, True)
    assert init(repository, "--component").returncode == 0
    assert (repository.path / "templates" / "gateline" / "template.yml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say for which system"),
        (("--gitlab", "--builder", "make"), "make"),
        (("--gitlab", "--nothing"), "--nothing"),
    ],
)
def test_a_wrong_call_is_told(repository: Repository, words: tuple[str, ...], said: str) -> None:
    done = init(repository, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_is_left_to_do_depends_on_what_is_there(repository: Repository) -> None:
    target = "deploy: {live: {rancher: {url: '${RANCHER_URL}', stack: s, service: v}}}\n"
    repository.write("gateline.yaml", "gates: {lint: {run: ruff check}}\n" + target)
    done = init(repository, "--gitlab")
    assert "Set the variables that the target 'live' in gateline.yaml names" in done.stdout
    assert "gateline init" not in done.stdout


def test_a_place_that_cannot_be_written_to_is_told(repository: Repository) -> None:
    repository.write("templates", "a file\n")
    done = init(repository, "--component")
    assert (done.returncode, "cannot be written" in done.stderr) == (3, True)
    (repository.path / ".gitlab-ci.yml").mkdir()
    assert init(repository, "--gitlab").returncode == 3


def test_a_file_that_is_no_text_is_told(repository: Repository) -> None:
    repository.write(".gitlab-ci.yml", b"\xff\xfe\x00")
    assert "not UTF-8 text" in init(repository, "--gitlab").stderr
