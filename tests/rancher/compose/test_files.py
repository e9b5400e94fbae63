"""Where the files of a description come from: with a verdict from its commit, without one from the folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gates.errors import UsageError
from gates.rancher.compose.files import Source, read_description
from tests.attest.scene import CONFIGURATION, Scene
from tests.conftest import Repository
from tests.rancher.compose.conftest import DOCKER, RANCHER, Stacks
from tests.rancher.jobs import QUICK, Gateline
from tests.rancher16 import RancherServer

TARGET = """deploy:
  test:
    rancher: {stack: gf-chat, compose: deploy/docker-compose.yml, rancher_compose: "deploy/${RANCHER_FILE}"}
    verdict: {key: "${PUBLIC_KEY}", policy_from: origin/main}
"""


@pytest.fixture
def scene(
    make_repository: Callable[..., Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateline: Gateline
) -> Scene:
    """A repository with Compose files, a target for them, and a verdict of its commit."""
    monkeypatch.setattr("tests.attest.scene.CONFIGURATION", CONFIGURATION + TARGET)
    files = {"deploy/docker-compose.yml": DOCKER, "deploy/rancher-compose.yml": RANCHER, "src/app.py": "x = 1\n"}
    outside = tmp_path / "outside"
    outside.mkdir()
    found = Scene(make_repository("app", dict(files)), outside)
    monkeypatch.chdir(found.repository.path)
    monkeypatch.setenv("RANCHER_FILE", "rancher-compose.yml")
    monkeypatch.setenv("PUBLIC_KEY", str(found.public))
    found.sign()
    return found


def test_with_a_verdict_the_commit_is_deployed_and_not_what_lies_about(
    scene: Scene, gateline: Gateline, server: RancherServer
) -> None:
    scene.repository.write("deploy/docker-compose.yml", DOCKER.replace("acme/parrot", "evil/parrot"))
    done = gateline("deploy", "test", *QUICK)
    assert done.code == 0, done.text
    assert f"plan for the stack gf-chat, files of commit {scene.commit[:12]}:" in done.out
    (service,) = server.world.rows("service", name="parrot-rest")
    assert service["launchConfig"]["imageUuid"] == "docker:acme/parrot:1"
    assert service["launchConfig"]["labels"]["io.gateline.commit"] == scene.commit


@pytest.mark.parametrize("folder", [".", "deploy", "src"])
def test_paths_of_the_command_line_are_those_of_the_folder(
    scene: Scene, gateline: Gateline, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scene.repository.path / folder)
    path = {".": "deploy/docker-compose.yml", "deploy": "docker-compose.yml", "src": "../deploy/docker-compose.yml"}
    done = gateline(
        "deploy", "--compose", path[folder], "--stack", "gf-chat", "--key", str(scene.public),
        "--policy-from", "origin/main", "--dry-run",
    )  # fmt: skip
    assert done.code == 0, done.text
    assert f"files of commit {scene.commit[:12]}" in done.out


def test_a_file_that_is_not_in_the_commit(scene: Scene, gateline: Gateline) -> None:
    scene.repository.write("new.yml", DOCKER)
    done = gateline(
        "deploy", "--compose", "new.yml", "--stack", "gf-chat", "--key", str(scene.public),
        "--policy-from", "origin/main",
    )  # fmt: skip
    assert done.code == 2
    assert f"new.yml is not in commit {scene.commit[:12]}" in done.error


def test_a_bad_verdict_closes_the_door_before_the_server_is_asked(
    scene: Scene, gateline: Gateline, server: RancherServer
) -> None:
    scene.sign(outcomes=[])
    done = gateline("deploy", "test", *QUICK)
    assert done.code == 4, done.text
    assert server.requests == []


def test_without_a_verdict_the_files_are_read_as_they_lie(scene: Scene, gateline: Gateline) -> None:
    scene.repository.write("deploy/docker-compose.yml", DOCKER.replace("acme/parrot", "my/parrot"))
    done = gateline("deploy", "test", "--without-verdict", "trying", "--dry-run")
    assert done.code == 0, done.text
    assert "files as they lie in the folder" in done.out
    assert "my/parrot:1" in done.out


def test_no_verdict_at_all(stacks: Stacks) -> None:
    done = stacks("deploy", "--compose", "docker-compose.yml", "--stack", "gf-chat")
    assert done.code == 4
    assert stacks.server.requests == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "docker-compose.yml cannot be read: No such file or directory"),
        ("a: [", "docker-compose.yml:1:5: is not valid YAML"),
        ("- a", "docker-compose.yml: is not a mapping of services"),
        ("", "docker-compose.yml: describes no service"),
        ("version: '2'\n", "docker-compose.yml: describes no service"),
        ("web: {image: 'a:${NOT_SET}'}", "docker-compose.yml:1:14: the variable NOT_SET is not set"),
    ],
)
def test_files_that_cannot_be(stacks: Stacks, content: str | None, message: str) -> None:
    (stacks.folder / "rancher-compose.yml").unlink()
    if content is None:
        (stacks.folder / "docker-compose.yml").unlink()
    else:
        stacks.write("docker-compose.yml", content)
    done = stacks.deploy()
    assert done.code == 2
    assert message in done.error
    assert stacks.server.requests == []


def test_env_files_lie_beside_the_compose_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "app.env").write_text("A=1\n")
    (tmp_path / "deploy" / "c.yml").write_text("web: {image: a, env_file: [./app.env]}\n")
    monkeypatch.chdir(tmp_path)
    (found,) = read_description(Source(None, ""), "deploy/c.yml", "", {})
    assert found.parts[""]["environment"] == {"A": "1"}
    (tmp_path / "deploy" / "app.env").write_bytes(b"\xff\xfe")
    with pytest.raises(Exception, match=r"env_file names './app.env', which cannot be read"):
        read_description(Source(None, ""), "deploy/c.yml", "", {})


def test_variables_of_a_file_beside_it_are_beaten_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yml").write_text("web: {image: 'a:${TAG}', environment: {A: '${A}', B: '${B}', C: }}\n")
    (tmp_path / ".env").write_text("# comment\nTAG=1\nA=\"x y\"\nB='z'\nC=c\n")
    (found,) = read_description(Source(None, ""), "c.yml", "", {"TAG": "2"})
    assert found.parts[""]["imageUuid"] == "docker:a:2"
    assert found.parts[""]["environment"] == {"A": "x y", "B": "z", "C": "c"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Source(None, "").read(str(tmp_path))
