"""What becomes of a stack when one of its services fails, the server does, or the job is killed."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.rancher.compose.conftest import DOCKER, RANCHER, Stacks
from tests.rancher.jobs import Nursery
from tests.rancher16 import Behaviour

BROKEN = ("never-healthy", "crashing", "missing", "unhealthy")
SHORT = ("--deadline", "3s", "--max-restarts", "1", "--grace", "300ms")


def state(stacks: Stacks) -> dict[str, tuple[Any, ...]]:
    """Of each service what a failed deploy must leave as it was."""
    found = {}
    for name in stacks.names():
        service = stacks.service(name)
        found[name] = (
            service["state"],
            service["scale"],
            service["launchConfig"] and service["launchConfig"]["imageUuid"],
            sorted(service["instanceIds"]),
            service["linkedServices"],
            service["lbConfig"],
            service["metadata"],
        )
    return found


@pytest.mark.parametrize("tag", BROKEN)
def test_all_services_go_back_when_one_fails(stacks: Stacks, tag: str) -> None:
    """db is upgraded and well before parrot-rest, which is scaled and fails."""
    stacks.deploy()
    before = state(stacks)
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3\n    metadata: {colour: green}"))
    done = stacks.deploy(*SHORT, TAG=tag, DB_TAG="2")
    assert done.code == 5, done.text
    assert "the stack gf-chat is what it was before, and well: " in done.error
    after = state(stacks)
    assert after["db"] == before["db"]
    assert after["parrot-rest"][:3] == before["parrot-rest"][:3]
    assert set(before["parrot-rest"][3]) >= set(after["parrot-rest"][3])
    assert after["parrot-rest"][4:] == before["parrot-rest"][4:]
    assert {entry["result"] for entry in stacks.entries()[-2:]} == {"undone"}


@pytest.mark.parametrize("tag", BROKEN)
def test_a_stack_that_was_made_is_removed_again(stacks: Stacks, tag: str) -> None:
    done = stacks.deploy(*SHORT, TAG=tag)
    assert done.code == 5, done.text
    assert stacks.names() == []
    assert [row for row in stacks.server.world.rows("stack") if not row.gone] == []


def test_a_new_service_is_removed_and_the_others_go_back(stacks: Stacks) -> None:
    stacks.deploy()
    before = state(stacks)
    stacks.write("docker-compose.yml", DOCKER + '  worker: {image: "acme/worker:unhealthy", links: [db]}\n')
    stacks.write("rancher-compose.yml", RANCHER + "  worker: {health_check: {port: 1}}\n")
    done = stacks.deploy(*SHORT, DB_TAG="2", TAG="2")
    assert done.code == 5, done.text
    assert state(stacks) == before


def test_routing_goes_back_too(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", DOCKER + '  lb: {image: "rancher/lb-service-haproxy:1", ports: ["80:80"]}\n')
    rules = "  lb: {lb_config: {port_rules: [{source_port: 80, target_port: 80, service: db}]}}\n"
    stacks.write("rancher-compose.yml", RANCHER + rules)
    stacks.deploy()
    before = state(stacks)
    stacks.write(
        "docker-compose.yml",
        DOCKER.replace("  db:", "  web: {image: 'acme/web:unhealthy', links: [lb]}\n  db:")
        + '  lb: {image: "rancher/lb-service-haproxy:1", ports: ["80:80"]}\n',
    )
    stacks.write(
        "rancher-compose.yml", RANCHER + rules.replace("db", "parrot-rest") + "  web: {health_check: {port: 1}}\n"
    )
    done = stacks.deploy(*SHORT)
    assert done.code == 5, done.text
    assert state(stacks) == before


def test_what_gets_sick_during_the_bake_goes_back(stacks: Stacks) -> None:
    stacks.deploy()
    before = state(stacks)
    stacks.server.images["acme/parrot:sick"] = Behaviour(sick_after=20.0)
    done = stacks.deploy("--bake", "5s", "--max-restarts", "0", TAG="sick", DB_TAG="2")
    assert done.code == 5, done.text
    assert state(stacks) == before


def test_a_line_in_the_log_of_one_brings_all_back(stacks: Stacks) -> None:
    stacks.deploy()
    before = state(stacks)
    done = stacks.deploy("--abort-on-log", "FATAL", "--bake", "5s", TAG="fatal", DB_TAG="2")
    assert done.code == 5, done.text
    assert "printed what matches 'FATAL'" in done.error
    assert state(stacks) == before


def test_a_service_that_was_stopped_is_stopped_again(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "start_on_create: false"))
    stacks.deploy()
    stacks.write("rancher-compose.yml", RANCHER)
    done = stacks.deploy(*SHORT, TAG="unhealthy")
    assert done.code == 5, done.text
    service = stacks.service("parrot-rest")
    assert (service["state"], service["scale"]) == ("inactive", 1)
    assert service["launchConfig"]["imageUuid"] == "docker:acme/parrot:1"


def test_no_undo_leaves_all_as_it_is(stacks: Stacks) -> None:
    stacks.deploy()
    done = stacks.deploy("--no-undo", *SHORT, TAG="unhealthy", DB_TAG="2")
    assert done.code == 6, done.text
    assert stacks.service("db")["state"] == "upgraded"
    assert stacks.service("parrot-rest")["state"] == "upgrading"


def test_an_unchanged_service_that_is_down_is_told(stacks: Stacks) -> None:
    stacks.server.images["acme/db:1"] = Behaviour(sick_after=75.0)
    stacks.write("rancher-compose.yml", RANCHER + "  db: {health_check: {port: 1, strategy: none}}\n")
    stacks.deploy("--bake", "0s")
    row = next(iter(stacks.server.world.rows("service", name="db")))
    stacks.server.wait_for(lambda: stacks.server.api.services.health(row) == "unhealthy")
    done = stacks.deploy("--grace", "200ms")
    assert done.code == 6
    assert "nothing had to be changed there, but gf-chat/db is not well: " in done.error


@pytest.mark.parametrize("adopt", ["", "rollback", "finish"])
def test_an_upgrade_of_somebody_else(stacks: Stacks, adopt: str) -> None:
    stacks.deploy()
    service = next(iter(stacks.server.world.rows("service", name="parrot-rest")))
    config = {**service["launchConfig"], "imageUuid": "docker:acme/parrot:9"}
    with stacks.server.world.engine.lock:
        stacks.server.api.services.upgrade(service, {"inServiceStrategy": {"launchConfig": config}})
    stacks.server.wait_for(lambda: service["state"] == "upgraded")
    before = len(stacks.asked("POST"))
    done = stacks.deploy(*(["--adopt", adopt] if adopt else []), DB_TAG="2")
    if not adopt:
        assert done.code == 3
        assert "is upgraded by an upgrade that is not of this deploy; nothing was changed" in done.error
        assert len(stacks.asked("POST")) == before
        return
    assert done.code == 0, done.text
    assert service["launchConfig"]["imageUuid"] == "docker:acme/parrot:1"
    assert service["state"] == "active"


@pytest.mark.parametrize("kind", ["drop", "drop-after", "status"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_answers_that_are_lost_or_bad(stacks: Stacks, kind: str, method: str) -> None:
    """Every first request that changes something."""
    stacks.server.fault(kind, method=method, times=2, status=502)
    assert stacks.deploy().code == 0
    stacks.server.fault(kind, method=method, times=1, status=409, code="Conflict")
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3"))
    done = stacks.deploy(TAG="2")
    assert done.code == 0, done.text
    assert stacks.names() == ["db", "parrot-rest"]
    assert stacks.service("parrot-rest")["scale"] == 3


def test_what_the_server_does_not_accept_undoes_the_rest(stacks: Stacks) -> None:
    stacks.deploy()
    before = state(stacks)
    stacks.write(
        "docker-compose.yml", DOCKER + "  worker: {image: 'acme/worker:1', ports: ['70000:80'], links: [db]}\n"
    )
    done = stacks.deploy(DB_TAG="2")
    assert done.code == 5, done.text
    assert "PortWrongFormat" in done.error
    assert state(stacks) == before


def test_a_key_that_may_only_read(stacks: Stacks) -> None:
    stacks.server.add_key("READER", "r3ad0nlyr3ad0nlyr3ad0nly", read_only=True)
    stacks.monkeypatch.setenv("RANCHER_ACCESS_KEY", "READER")
    stacks.monkeypatch.setenv("RANCHER_SECRET_KEY", "r3ad0nlyr3ad0nlyr3ad0nly")
    done = stacks.deploy()
    assert done.code in (2, 5), done.text
    assert stacks.names() == []


@pytest.mark.parametrize("moment", ["action=upgrade", "upgraded", "/services", "setservicelinks"])
def test_a_job_that_is_killed_and_started_again(stacks: Stacks, nursery: Nursery, moment: str) -> None:
    if moment in ("action=upgrade", "upgraded"):
        stacks.deploy()
    stacks.monkeypatch.setenv("CI_PIPELINE_ID", "17")
    stacks.monkeypatch.setenv("TAG", "2")
    stacks.monkeypatch.setenv("DB_TAG", "2")
    job = nursery.start(stacks, *stacks.line("--bake", "15s"))

    def reached() -> bool:
        if moment == "upgraded":
            return "watching them" in job.text
        return bool(stacks.asked("POST", moment))

    assert job.wait_for(reached), job.text
    job.kill()
    job.wait()
    done = stacks.deploy()
    assert done.code == 0, done.text
    for name, image in (("parrot-rest", "acme/parrot:2"), ("db", "acme/db:2")):
        service = stacks.service(name)
        assert (service["state"], service["launchConfig"]["imageUuid"]) == ("active", f"docker:{image}")
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


@pytest.mark.parametrize("moment", ["action=upgrade", "watching them"])
def test_a_server_that_is_away_for_a_while(stacks: Stacks, nursery: Nursery, moment: str) -> None:
    stacks.deploy()
    stacks.monkeypatch.setenv("TAG", "2")
    stacks.monkeypatch.setenv("DB_TAG", "2")
    job = nursery.start(stacks, *stacks.line("--bake", "1s"))
    assert job.wait_for(lambda: moment in job.text or bool(stacks.asked("POST", moment))), job.text
    stacks.server.crash(engine=False)
    stacks.server.start(engine=False)
    assert job.wait() == 0, job.text
    assert {stacks.service(name)["state"] for name in stacks.names()} == {"active"}
    assert stacks.service("db")["launchConfig"]["imageUuid"] == "docker:acme/db:2"


def test_a_scale_that_a_killed_job_has_set_is_undone_by_the_next(stacks: Stacks, nursery: Nursery) -> None:
    stacks.deploy()
    before = state(stacks)
    stacks.monkeypatch.setenv("CI_PIPELINE_ID", "17")
    stacks.monkeypatch.setenv("TAG", "unhealthy")
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3"))
    job = nursery.start(stacks, *stacks.line("--grace", "20s"))
    assert job.wait_for(lambda: bool(stacks.asked("POST", "action=upgrade"))), job.text
    job.kill()
    job.wait()
    done = stacks.deploy(*SHORT)
    assert done.code == 5, done.text
    after = state(stacks)
    assert after["parrot-rest"][:3] == before["parrot-rest"][:3]
    assert after["parrot-rest"][4:] == before["parrot-rest"][4:]


def test_a_job_that_is_cancelled_says_what_it_leaves(stacks: Stacks, nursery: Nursery) -> None:
    stacks.deploy()
    stacks.monkeypatch.setenv("TAG", "2")
    job = nursery.start(stacks, *stacks.line("--bake", "15s"))
    assert job.wait_for(lambda: "watching them" in job.text), job.text
    job.kill(signal.SIGTERM)
    assert job.wait() == 130
    assert "interrupted; touched were parrot-rest. Run the same again to continue." in job.text
    assert stacks.entries()[-1]["result"] == "interrupted"
