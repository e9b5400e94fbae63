"""A job over a stack that is killed at any moment: started again, it brings all services to what is described."""

from __future__ import annotations

import time

import pytest

from tests.rancher.compose.conftest import DOCKER, RANCHER, Stacks
from tests.rancher.jobs import Nursery

pytestmark = pytest.mark.slow

FILES = DOCKER + "  lb: {image: 'rancher/lb-service-haproxy:1', ports: ['80:80']}\n"
RULES = "  lb: {lb_config: {port_rules: [{source_port: 80, target_port: 80, service: parrot-rest}]}}\n"


def images(stacks: Stacks) -> dict[str, tuple[str, str]]:
    found = {}
    for name in stacks.names():
        service = stacks.service(name)
        found[name] = (service["state"], service["launchConfig"]["imageUuid"])
    return found


@pytest.mark.parametrize("moment", [number * 0.1 for number in range(1, 16)])
@pytest.mark.parametrize("there", [False, True])
def test_killed_and_started_again(stacks: Stacks, nursery: Nursery, moment: float, there: bool) -> None:
    stacks.write("docker-compose.yml", FILES)
    stacks.write("rancher-compose.yml", RANCHER + RULES)
    if there:
        assert stacks.deploy().code == 0
        stacks.write(
            "rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3") + RULES.replace("rest}", "rest, path: /}")
        )
    for name, value in (("CI_PIPELINE_ID", "17"), ("TAG", "2"), ("DB_TAG", "2")):
        stacks.monkeypatch.setenv(name, value)
    job = nursery.start(stacks, *stacks.line())
    time.sleep(moment)
    job.kill()
    job.wait()
    done = stacks.deploy()
    assert done.code == 0, done.text
    assert images(stacks) == {
        "db": ("active", "docker:acme/db:2"),
        "lb": ("active", "docker:rancher/lb-service-haproxy:1"),
        "parrot-rest": ("active", "docker:acme/parrot:2"),
    }
    assert stacks.service("parrot-rest")["linkedServices"] == {"database": stacks.service("db")["id"]}
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")
    assert not [name for name in stacks.names() if "io.gateline.before" in stacks.service(name)["metadata"]]


@pytest.mark.parametrize("moment", [number * 0.15 for number in range(1, 13)])
def test_killed_and_then_it_fails(stacks: Stacks, nursery: Nursery, moment: float) -> None:
    """What the killed job has begun goes back, also what it has set without an upgrade."""
    stacks.write("docker-compose.yml", FILES)
    stacks.write("rancher-compose.yml", RANCHER + RULES)
    assert stacks.deploy().code == 0
    before = images(stacks)
    rules = stacks.service("lb")["lbConfig"]
    stacks.write(
        "rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3") + RULES.replace("rest}", "rest, path: /}")
    )
    for name, value in (("CI_PIPELINE_ID", "17"), ("TAG", "unhealthy"), ("DB_TAG", "2")):
        stacks.monkeypatch.setenv(name, value)
    job = nursery.start(stacks, *stacks.line("--grace", "5s"))
    time.sleep(moment)
    job.kill()
    job.wait()
    done = stacks.deploy("--grace", "300ms")
    assert done.code == 5, done.text
    assert images(stacks) == before
    assert (stacks.service("parrot-rest")["scale"], stacks.service("lb")["lbConfig"]) == (2, rules)
    assert not [name for name in stacks.names() if "io.gateline.before" in stacks.service(name)["metadata"]]
