"""`gateline deploy` when the upgrade fails: why it is given up, how it comes back, and what the exit code says."""

from __future__ import annotations

import pytest

from tests.rancher.conftest import CHECKED
from tests.rancher.jobs import Gateline, Result
from tests.rancher.test_deploy import running, sent
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

OLD = ["1 acme/parrot:1", "2 acme/parrot:1"]


def check_undone(server: RancherServer, service: Row, done: Result) -> None:
    """Back on the old containers, which are well and are all that there is."""
    assert done.code == 5, done.text
    assert "gf-chat/parrot-rest is back on its old containers and well" in done.error
    assert service["state"] == "active"
    assert server.health(service) == "healthy"
    assert running(server, service) == OLD
    server.wait_for(lambda: len(server.containers(service)) == 2)


FAILURES: list[tuple[Behaviour, tuple[str, ...], str]] = [
    (Behaviour(health="unhealthy"), ("--grace", "200ms"), "gf-chat-parrot-rest-1 has been unhealthy for 0.2 s"),
    (Behaviour(sick_after=5.0), ("--grace", "200ms", "--bake", "5s"), "has been unhealthy for 0.2 s"),
    (Behaviour(crash_after=2.0), (), "gf-chat-parrot-rest-1 starts again and again"),
    (Behaviour(crash_after=2.0), ("--max-restarts", "0"), "starts again and again"),
    (Behaviour(broken="no such image"), (), "the server reports an error: Failed to start gf-chat-parrot-rest-1: no"),
    (
        Behaviour(health="initializing"),
        ("--deadline", "4s", "--grace", "9s"),
        "not done after 4 s: gf-chat-parrot-rest-1 is running",
    ),
    (
        Behaviour(lines=(("2", "FATAL: hunter2"),)),
        ("--abort-on-log", "FATAL|panic"),
        "gf-chat-parrot-rest-1 printed what matches 'FATAL|panic'",
    ),
]


@pytest.mark.parametrize(("behaviour", "options", "reason"), FAILURES)
def test_it_fails_early_and_comes_back(
    server: RancherServer,
    parrot: Row,
    gateline: Gateline,
    behaviour: Behaviour,
    options: tuple[str, ...],
    reason: str,
) -> None:
    server.images["acme/parrot:2"] = behaviour
    done = gateline.deploy("--image", "acme/parrot:2", *options)
    check_undone(server, parrot, done)
    assert reason in done.error
    assert "hunter2" not in done.text
    assert [sent(server, action) for action in ("cancelupgrade", "rollback")] in ([[{}], [{}]], [[], [{}]])


def test_undo_waits_for_health_which_the_server_does_not(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    server.images["acme/parrot:1"] = Behaviour(healthy_after=25.0)
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    done = gateline.deploy("--image", "acme/parrot:2", "--grace", "100ms")
    check_undone(server, parrot, done)


def test_the_old_containers_do_not_come_back_well(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.images["acme/parrot:1"] = Behaviour(health="unhealthy")
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    done = gateline.deploy("--image", "acme/parrot:2", "--grace", "100ms", "--deadline", "1500ms")
    assert done.code == 6
    assert "gf-chat/parrot-rest could not be undone in time, it is active" in done.error
    assert "(the upgrade had failed: " in done.error
    entry = gateline.entries()[-1]
    assert (entry["result"], entry["exit_code"], entry["state"]) == ("not undone", 6, "active")


def test_without_undo_it_is_left_as_it_is(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline.deploy("--image", "acme/parrot:unhealthy", "--grace", "100ms", "--no-undo")
    assert done.code == 6
    assert "It was left as it is, as asked (--no-undo)." in done.error
    assert parrot["state"] == "upgrading"
    late = gateline.deploy("--image", "acme/parrot:unhealthy", "--grace", "9s", "--deadline", "300ms", "--no-undo")
    assert late.code == 7
    assert "not done after 0.3 s" in late.error
    assert "continuing an earlier run" in late.out


def test_an_unhealthy_moment_within_the_grace_is_forgiven(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(launchConfig={"healthCheck": {"port": 80, "strategy": "recreate"}})
    server.images["acme/parrot:2"] = Behaviour(healthy_after=30.0)
    assert gateline.deploy("--image", "acme/parrot:2", "--grace", "5s").code == 0
    assert service["state"] == "active"


def test_a_crash_or_two_are_forgiven_and_the_bake_begins_anew(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    server.images["acme/parrot:2"] = Behaviour(crash_after=20.0, crashes=2)
    starts: list[int] = []
    managed = server.api.services.managed
    server.when(parrot, "finishing-upgrade", lambda: starts.extend(row["startCount"] for row in managed(parrot)))
    done = gateline.deploy("--image", "acme/parrot:2", "--bake", "1s")
    assert done.code == 0, done.text
    assert starts == [3, 3]  # what was confirmed had run for the time of the bake


def test_a_sidekick_that_fails_undoes_all(server: RancherServer, gateline: Gateline) -> None:
    sidekicks = [{"name": "logs", "imageUuid": "docker:acme/logs:1", **CHECKED}]
    service = server.add_service(launchConfig=CHECKED, secondaryLaunchConfigs=sidekicks)
    before = sorted(row["uuid"] for row in server.containers(service))
    done = gateline.deploy("--sidekick", "logs=acme/logs:unhealthy", "--grace", "100ms")
    assert done.code == 5, done.text
    assert "gf-chat-parrot-rest-logs-1 has been unhealthy" in done.error
    server.wait_for(lambda: len(server.containers(service)) == 4)
    assert sorted(row["uuid"] for row in server.containers(service)) == before


def test_somebody_else_cancels_it(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    services = server.api.services
    server.world.listeners.append(
        lambda row: (
            services.cancel(parrot)
            if row.base == "instance" and row["imageUuid"].endswith(":2") and parrot["state"] == "upgrading"
            else None
        )
    )
    done = gateline.deploy("--image", "acme/parrot:2")
    check_undone(server, parrot, done)
    assert "somebody else cancelled or undid the upgrade (it is cancel" in done.error


def test_somebody_else_finishes_it(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    services = server.api.services
    server.when(parrot, "upgraded", lambda: services.finish(parrot))
    done = gateline.deploy("--image", "acme/parrot:2", "--bake", "5s")
    assert done.code == 0, done.text
    assert "somebody else finished the upgrade" in done.out


def test_somebody_else_removes_the_service(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    services = server.api.services
    server.when(parrot, "upgraded", lambda: services.begin(parrot, "remove", services.removing))
    done = gateline.deploy("--image", "acme/parrot:2", "--bake", "5s")
    assert done.code == 6
    assert "somebody took it away during the upgrade" in done.error


def test_somebody_else_upgrades_in_between(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    services = server.api.services
    stolen = []

    def steal() -> None:
        services.finish(parrot)
        server.when(parrot, "active", upgrade)

    def upgrade() -> None:
        config = {"imageUuid": "docker:acme/parrot:9", **CHECKED}
        services.upgrade(parrot, {"inServiceStrategy": {"launchConfig": config}})
        stolen.append(True)

    server.when(parrot, "upgraded", steal)
    done = gateline.deploy("--image", "acme/parrot:2", "--bake", "5s", "--poll", "1s")
    assert stolen
    assert done.code == 6, done.text
    assert "another upgrade of gf-chat/parrot-rest took the place of this one, and was not touched" in done.error
    assert sent(server, "rollback") == []


def left_by_another(server: RancherServer, parrot: Row, gateline: Gateline, state: str) -> None:
    """An upgrade of somebody without Gateline, left in a state."""
    services = server.api.services
    with server.world.engine.lock:
        image = "acme/parrot:8" if state == "upgraded" else "acme/parrot:never-healthy"
        config = {**parrot["launchConfig"], "imageUuid": f"docker:{image}"}
        services.upgrade(parrot, {"inServiceStrategy": {"launchConfig": config, "intervalMillis": 100}})
    if state == "canceled-upgrade":
        server.wait_for(lambda: any(row["imageUuid"].endswith("healthy") for row in server.containers(parrot)))
        with server.world.engine.lock:
            services.cancel(parrot)
    server.wait_for(lambda: parrot["state"] == state)


@pytest.mark.parametrize("state", ["upgrading", "upgraded", "canceled-upgrade"])
def test_what_somebody_else_left_is_not_touched(
    server: RancherServer, parrot: Row, gateline: Gateline, state: str
) -> None:
    left_by_another(server, parrot, gateline, state)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert f"is {state}, left so by somebody who did not use Gateline; nothing was changed" in done.error
    assert "Look at it, then say --adopt finish or --adopt rollback." in done.error
    assert parrot["state"] == state
    assert {entry["method"] for entry in server.requests} == {"GET"}


@pytest.mark.parametrize("state", ["upgrading", "upgraded", "canceled-upgrade"])
def test_it_is_undone_when_asked(server: RancherServer, parrot: Row, gateline: Gateline, state: str) -> None:
    left_by_another(server, parrot, gateline, state)
    done = gateline.deploy("--image", "acme/parrot:2", "--adopt", "rollback")
    assert done.code == 0, done.text
    assert f"adopting what somebody who did not use Gateline left {state}: rollback" in done.out
    assert running(server, parrot) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    assert parrot["upgrade"]["inServiceStrategy"]["previousLaunchConfig"]["imageUuid"] == "docker:acme/parrot:1"


def test_it_is_finished_when_asked(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    left_by_another(server, parrot, gateline, "upgraded")
    done = gateline.deploy("--image", "acme/parrot:2", "--adopt", "finish")
    assert done.code == 0, done.text
    assert parrot["upgrade"]["inServiceStrategy"]["previousLaunchConfig"]["imageUuid"] == "docker:acme/parrot:8"


def test_it_is_not_finished_when_it_is_not_well(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    left_by_another(server, parrot, gateline, "upgraded")
    server.sicken(parrot)
    done = gateline.deploy("--image", "acme/parrot:2", "--adopt", "finish")
    assert done.code == 3
    assert "is not well, so its old containers are kept" in done.error
    assert sent(server, "finishupgrade") == []


def test_what_was_cancelled_cannot_be_finished(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    left_by_another(server, parrot, gateline, "canceled-upgrade")
    done = gateline.deploy("--image", "acme/parrot:2", "--adopt", "finish")
    assert done.code == 3
    assert "an upgrade that was cancelled half-way cannot be finished" in done.error


def test_the_mark_of_another_pipeline_is_told(
    server: RancherServer, parrot: Row, gateline: Gateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_USER_LOGIN", "grace")
    monkeypatch.setenv("CI_PIPELINE_ID", "1")
    gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    monkeypatch.setenv("CI_PIPELINE_ID", "2")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert "left so by deploy " in done.error
    assert "by grace" in done.error


def test_a_rollback_by_hand_undoes_what_anybody_left(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    left_by_another(server, parrot, gateline, "canceled-upgrade")
    done = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms")
    assert done.code == 0, done.text
    assert running(server, parrot) == OLD


def test_a_finish_that_hangs_is_told(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.when(parrot, "finishing-upgrade", lambda: parrot.hidden.update(stuck=True))
    done = gateline.deploy("--image", "acme/parrot:2", "--deadline", "2s")
    assert done.code == 7
    assert "gf-chat/parrot-rest was still finishing-upgrade at the deadline" in done.error


def test_what_turns_unhealthy_while_it_is_finished_is_undone(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    before = sorted(row["uuid"] for row in server.containers(parrot))
    server.when(parrot, "finishing-upgrade", lambda: server.sicken(parrot))
    done = gateline.deploy("--image", "acme/parrot:2", "--grace", "200ms")
    check_undone(server, parrot, done)
    assert "has been unhealthy for 0.2 s" in done.error
    assert sorted(row["uuid"] for row in server.containers(parrot)) == before


def test_a_step_of_the_way_back_that_the_server_does_not_accept_is_tried_again(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    server.fault("status", path="action=rollback", status=422, code="InvalidAction", times=2)
    done = gateline.deploy("--image", "acme/parrot:unhealthy", "--grace", "100ms")
    check_undone(server, parrot, done)


def test_an_upgrade_that_is_stuck(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    parrot.hidden["stuck"] = True
    done = gateline.deploy("--image", "acme/parrot:2", "--deadline", "500ms")
    check_undone(server, parrot, done)
    assert "not done after 0.5 s: only 0 of 2 containers are there" in done.error
