"""The last door: a target of gateline.yaml, and no deploy without a verdict for the commit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tests.attest.scene as attest_scene
from tests.attest.scene import IMAGE, Scene
from tests.conftest import Repository
from tests.rancher.jobs import Gateline
from tests.rancher.test_deploy import running, sent
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row

CONFIGURATION = """\
gates:
  lint: {}
  tests: {}
deploy:
  test:
    rancher:
      url: "${RANCHER_URL}"
      access_key: "${TEST_ACCESS}"
      secret_key: "${TEST_SECRET}"
      stack: gf-chat
      service: parrot-rest
      interval: 100ms
      start_first: true
    image: acme/parrot:${VERSION}
    env: {LOG_LEVEL: debug}
    labels: {zone: test}
    requires: [lint, tests]
    deadline: 20s
    bake: 100ms
    verdict: {key: "${VERDICT_KEY}", policy_from: origin/main}
  cluster:
    kubernetes: {url: "https://k8s.example.org", namespace: a, workload: deployment/web}
"""


@pytest.fixture
def scene(
    gateline: Gateline,
    make_repository: Callable[..., Repository],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    """A repository with that configuration, a verdict that holds, and the variables of CI."""
    monkeypatch.setattr(attest_scene, "CONFIGURATION", CONFIGURATION)
    outside = tmp_path / "outside"
    outside.mkdir()
    found = Scene(make_repository("app", {"src/app.py": "x = 1\n"}), outside)
    monkeypatch.chdir(found.repository.path)
    for name, value in {
        "TEST_ACCESS": gateline.server.access,
        "TEST_SECRET": gateline.server.secret,
        "VERSION": "2",
        "VERDICT_KEY": found.key.public.line,
    }.items():
        monkeypatch.setenv(name, value)
    found.sign()
    return found


QUICK = ("--poll", "50ms")


def test_a_target_is_deployed_with_its_verdict(
    server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANCHER_ACCESS_KEY", "not the one of the target")
    done = gateline("deploy", "test", *QUICK)
    assert done.code == 0, done.text
    assert f"verdict holds: commit {scene.commit[:12]} passed lint, tests" in done.out
    assert running(server, parrot) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    strategy = sent(server)[0]["inServiceStrategy"]
    assert (strategy["startFirst"], strategy["intervalMillis"]) == (True, 100)
    assert strategy["launchConfig"]["environment"]["LOG_LEVEL"] == "debug"
    assert strategy["launchConfig"]["labels"]["zone"] == "test"
    assert strategy["launchConfig"]["labels"]["io.gateline.commit"] == scene.commit
    history = Path(scene.repository.git("rev-parse", "--absolute-git-dir"))
    found = list(history.rglob("history.jsonl"))
    assert len(found) == 1
    began = json.loads(found[0].read_text().splitlines()[0])
    assert began["commit"] == scene.commit
    assert began["verdict"]["signed_by"] == scene.key.public.keyid
    assert began["verdict"]["gates"] == ["lint", "tests"]
    shown = gateline("history").out
    assert f"commit {scene.commit[:12]}" in shown
    assert f"verdict {scene.key.public.keyid}" in shown


def refused(server: RancherServer, gateline: Gateline, *options: str) -> str:
    """Exit code 4 before the server was asked anything."""
    done = gateline("deploy", "test", *QUICK, *options)
    assert done.code == 4, done.text
    assert server.requests == []
    return done.error


def test_there_is_no_verdict(server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene) -> None:
    scene.file.unlink()
    assert "verdict.dsse.json" in refused(server, gateline)


def test_the_verdict_was_forged(server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene) -> None:
    from gates.attest.keys import generate

    scene.sign(generate())
    refused(server, gateline)


def test_the_verdict_is_of_another_commit(server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene) -> None:
    other = scene.repository.commit({"src/app.py": "x = 2\n"}, "unchecked")
    assert f"is about commit {scene.commit[:12]}, not {other[:12]}" in refused(server, gateline)
    assert gateline("deploy", "test", *QUICK, "--commit", scene.commit).code == 0


def test_a_gate_that_did_not_run(server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene) -> None:
    assert "secrets" in refused(server, gateline, "--require", "lint,secrets")


def test_key_and_policy_must_be_said(server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene) -> None:
    for given, missing in ((("--key", str(scene.public)), "--policy-from"), ((), "--key")):
        done = gateline("deploy", "gf-chat/parrot-rest", *QUICK, *given)
        assert done.code == 4
        assert f"the verdict cannot be verified without {missing}" in done.error
    assert server.requests == []


def test_a_target_that_another_policy_describes(
    server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene
) -> None:
    """The commit changes the configuration; the verdict was made with the one of main."""
    policy = scene.verdict().policy
    scene.repository.write("gateline.yaml", CONFIGURATION.replace("requires: [lint, tests]", "requires: [lint]"))
    scene.commit = scene.repository.commit(message="weaken")
    scene.sign(policy=policy)
    assert "the target is described by other rules than those of the verdict" in refused(server, gateline)
    scene.sign()
    assert "made by another configuration than that of origin/main" in refused(server, gateline)


def test_only_an_image_that_the_verdict_vouches_for(
    server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene
) -> None:
    private = scene.outside / "key"
    private.write_bytes(scene.key.to_openssh())
    assert gateline("verdict", "add-subject", "--image-digest", IMAGE, "--key", str(private)).code == 0
    assert "the verdict vouches for images by digest, and acme/parrot:2 names none" in refused(server, gateline)
    other = "acme/parrot@sha256:" + "cd" * 32
    assert "does not vouch for the image" in refused(server, gateline, "--image", other)
    assert gateline("deploy", "test", *QUICK, "--image", f"acme/parrot@{IMAGE}").code == 0


def test_without_a_verdict_and_with_a_reason(
    server: RancherServer, parrot: Row, gateline: Gateline, scene: Scene
) -> None:
    scene.file.unlink()
    done = gateline("deploy", "test", *QUICK, "--without-verdict", "hotfix 17")
    assert done.code == 0
    assert "WITHOUT A VERDICT: hotfix 17" in done.out
    assert "without a verdict (hotfix 17)" in gateline("history").out


def test_outside_of_a_repository_there_is_no_verdict(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline("deploy", "gf-chat/parrot-rest", *QUICK)
    assert done.code == 4
    assert "there is no commit here whose verdict could be verified" in done.error


def test_a_deploy_that_is_recorded_nowhere_says_so(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    line = gateline.deploy_line("--image", "acme/parrot:2")
    del line[line.index("--history") : line.index("--history") + 2]
    done = gateline(*line)
    assert done.code == 0
    assert "this deploy is recorded nowhere: there is no repository here, and no --history" in done.out


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("tset", 2, "there is no target tset in the configuration of this commit\n  There are: test, cluster."),
        ("cluster", 3, "this target is not on Rancher 1.6"),
    ],
)
def test_targets_that_cannot_be(gateline: Gateline, scene: Scene, target: str, code: int, words: str) -> None:
    done = gateline("deploy", target)
    assert done.code == code
    assert words in done.error


def test_variables_of_a_target_that_are_not_set(
    gateline: Gateline, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERSION")
    done = gateline("deploy", "test")
    assert done.code == 2
    assert "VERSION" in done.error


def test_a_key_in_the_configuration_it_guards(gateline: Gateline, scene: Scene, server: RancherServer) -> None:
    text = CONFIGURATION.replace("${VERDICT_KEY}", "keys/verdict.pub")
    scene.repository.commit({"gateline.yaml": text}, "own key")
    done = gateline("deploy", "test")
    assert done.code == 2
    assert "the public key of the verdict must not be written into the configuration that it guards" in done.error
    assert server.requests == []
