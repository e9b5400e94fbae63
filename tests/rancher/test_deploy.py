"""`gateline deploy` when all goes well: what it changes, what it leaves, what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rancher.conftest import CHECKED
from tests.rancher.jobs import Gateline
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row


def running(server: RancherServer, service: Row) -> list[str]:
    return sorted(
        f"{row.hidden['unit']}{row.hidden['part']} {row['imageUuid'].removeprefix('docker:')}"
        for row in server.containers(service, old=False)
        if row["state"] == "running"
    )


def sent(server: RancherServer, action: str = "upgrade") -> list[dict[str, Any]]:
    """The bodies of an action."""
    return [json.loads(entry["body"] or b"{}") for entry in server.requests if f"action={action}" in entry["target"]]


def test_an_image_is_deployed_and_confirmed(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert done.out.endswith("gf-chat/parrot-rest: deployed and well\n")
    assert parrot["state"] == "active"
    assert running(server, parrot) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    server.wait_for(lambda: len(server.containers(parrot)) == 2)
    assert "image  acme/parrot:1 -> acme/parrot:2" in done.out
    assert "batch 1/2  gf-chat-parrot-rest-1" in done.out
    assert "batch 2/2  gf-chat-parrot-rest-2" in done.out
    assert "server: upgrade" in done.out


def test_the_whole_configuration_is_sent_with_changes_merged(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    done = gateline.deploy(
        *("--env", "NEW=1", "--env", "EMPTY=", "--unset", "LOG_LEVEL", "--label", "zone=a=b", "--unset-label", "gone"),
        *("--batch-size", "2", "--interval", "500ms", "--start-first"),
    )
    assert done.code == 0, done.text
    strategy = sent(server)[0]["inServiceStrategy"]
    assert (strategy["batchSize"], strategy["intervalMillis"], strategy["startFirst"]) == (2, 500, True)
    assert strategy["secondaryLaunchConfigs"] == []
    config = strategy["launchConfig"]
    assert config["environment"] == {"DB_PASSWORD": "hunter2hunter2", "EMPTY": "", "NEW": "1"}
    labels = {name: value for name, value in config["labels"].items() if not name.startswith("io.gateline.")}
    assert labels == {"team": "birds", "zone": "a=b"}
    assert config["healthCheck"]["port"] == 8080
    assert "batch 1/1" in done.out


def test_a_dry_run_shows_everything_but_secrets_and_changes_nothing(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    done = gateline.deploy(
        *("--image", "acme/parrot:2", "--env", "DB_PASSWORD=correct-horse", "--env", "LOG_LEVEL=debug", "--dry-run"),
        *("--env", "URL=postgres://ada:lovelace@db/x", "--unset", "NOT_THERE"),
    )
    assert done.code == 0
    assert "environment.DB_PASSWORD  ****** -> ******" in done.out
    assert "environment.LOG_LEVEL    info -> debug" in done.out
    assert "environment.URL          (none) -> ******" in done.out
    assert "NOT_THERE" not in done.out
    for secret in ("hunter2", "correct-horse", "lovelace"):
        assert secret not in done.text
    assert {entry["method"] for entry in server.requests} == {"GET"}
    assert not gateline.history.exists()
    assert done.out.endswith("nothing was changed (--dry-run)\n")


def test_nothing_differs_and_containers_are_replaced_all_the_same(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    before = {row["uuid"] for row in server.containers(parrot)}
    done = gateline.deploy()
    assert done.code == 0
    assert "nothing differs; containers are replaced by equal ones" in done.out
    assert not before & {row["uuid"] for row in server.containers(parrot, old=False)}


def test_the_same_deploy_again_does_nothing(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
    done = gateline.deploy("--image", "acme/parrot:2", "--batch-size", "2")
    assert done.code == 0
    assert "nothing to do, this deploy was made before and is well" in done.out
    assert len(sent(server)) == 1
    assert gateline.deploy("--image", "acme/parrot:2", "--again").code == 0
    assert len(sent(server)) == 2


def test_the_same_deploy_again_tells_when_it_is_not_well(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
    server.sicken(parrot)
    done = gateline.deploy("--image", "acme/parrot:2", "--grace", "200ms")
    assert done.code == 6
    assert "this deploy was made before, but gf-chat/parrot-rest is not well" in done.error


def test_another_pipeline_deploys_anew(
    server: RancherServer, parrot: Row, gateline: Gateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pipeline in ("1", "2", "2"):
        monkeypatch.setenv("CI_PIPELINE_ID", pipeline)
        assert gateline.deploy("--image", "acme/parrot:2").code == 0
    assert len(sent(server)) == 2


def test_names_and_commit_come_from_gitlab(
    server: RancherServer, parrot: Row, gateline: Gateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CI_PROJECT_NAMESPACE": "gf.chat",
        "CI_PROJECT_NAME": "Parrot.Rest",
        "GITLAB_USER_LOGIN": "ada",
        "CI_JOB_ID": "17",
    }.items():
        monkeypatch.setenv(name, value)
    line = [word for word in gateline.deploy_line("--image", "acme/parrot:2") if word != "gf-chat/parrot-rest"]
    assert gateline(*line).code == 0
    assert parrot["launchConfig"]["labels"]["io.gateline.by"] == "ada (job 17)"


def test_a_digest(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    digest = "acme/parrot@sha256:" + "ab" * 32
    done = gateline.deploy("--image", digest)
    assert done.code == 0
    assert digest in done.out
    assert parrot["launchConfig"]["imageUuid"] == f"docker:{digest}"


def test_pull_always_and_before(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    assert gateline.deploy("--image", "acme/parrot:2", "--pull", "always").code == 0
    assert parrot["launchConfig"]["labels"]["io.rancher.container.pull_image"] == "always"
    done = gateline.deploy("--image", "acme/parrot:3", "--pull", "before")
    assert done.code == 0, done.text
    assert "pulling acme/parrot:3 on all hosts" in done.out
    tasks = server.world.tables["pullTask"]
    assert [task["image"] for task in tasks.values()] == ["acme/parrot:3"]


def test_an_image_that_no_host_can_pull_is_not_deployed(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline.deploy("--image", "acme/parrot:missing", "--pull", "before")
    assert done.code == 3
    assert "acme/parrot:missing cannot be pulled: host1: Error response from daemon" in done.error
    assert sent(server) == []


SIDEKICKS = [
    {"name": "logs", "imageUuid": "docker:acme/logs:1"},
    {"name": "cache", "imageUuid": "docker:acme/cache:1"},
]


def test_sidekicks_are_changed_added_and_removed(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(scale=1, secondaryLaunchConfigs=SIDEKICKS)
    done = gateline.deploy(
        *("--image", "acme/parrot:2", "--sidekick", "logs=acme/logs:2", "--sidekick", "new=acme/new:1"),
        *("--remove-sidekick", "cache"),
    )
    assert done.code == 0, done.text
    assert running(server, service) == ["1 acme/parrot:2", "1logs acme/logs:2", "1new acme/new:1"]
    plan = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "cache.image acme/cache:1 -> (none)" in plan
    assert "logs.image acme/logs:1 -> acme/logs:2" in plan
    assert "new.image (none) -> acme/new:1" in plan


def test_only_sidekicks(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(scale=2, secondaryLaunchConfigs=SIDEKICKS)
    before = {row["uuid"] for row in server.containers(service) if row.hidden["part"] != "logs"}
    done = gateline.deploy("--only-sidekicks", "--sidekick", "logs=acme/logs:2")
    assert done.code == 0, done.text
    assert sent(server)[0]["inServiceStrategy"]["launchConfig"] is None
    after = {row["uuid"] for row in server.containers(service, old=False)}
    assert before < after
    assert service["launchConfig"]["version"] == "0"


def test_all_sidekicks(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(scale=1, secondaryLaunchConfigs=SIDEKICKS)
    before = {row["uuid"] for row in server.containers(service)}
    assert gateline.deploy("--image", "acme/parrot:2", "--all-sidekicks").code == 0
    assert not before & {row["uuid"] for row in server.containers(service, old=False)}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--only-sidekicks", "--image", "a"), "are of the service itself, which only_sidekicks leaves alone"),
        (("--only-sidekicks",), "only sidekicks are to be upgraded, but none is named"),
        (("--remove-sidekick", "logz"), "there is no sidekick 'logz' to remove\n  The service has: logs, cache."),
        (("--sidekick", "logs"), "one of the sidekicks given is not NAME=VALUE"),
        (("--sidekick", "logs="), "one of the sidekicks given is not NAME=VALUE"),
        (("--env", "hunter2"), "one of the env given is not NAME=VALUE"),
        (("--without-verdict", " "), "--without-verdict needs a reason"),
        (
            ("--bake", "30s"),
            "a bake of 30 s cannot end within a deadline of 30 s\n  Give --deadline more, or --bake less.",
        ),
        (
            ("--only-sidekicks", "--remove-sidekick", "cache"),
            "nothing would be left to carry the mark of a deploy that only removes sidekicks",
        ),
        (("--abort-on-log", "("), "--abort-on-log '(' is not a regular expression"),
    ],
)
def test_wishes_that_cannot_be(server: RancherServer, gateline: Gateline, options: tuple[str, ...], words: str) -> None:
    server.add_service(scale=1, secondaryLaunchConfigs=SIDEKICKS)
    done = gateline.deploy(*options)
    assert done.code == 2
    assert words in done.error
    assert "hunter2" not in done.text
    assert sent(server) == []


def test_a_global_service(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(launchConfig={"labels": {"io.rancher.scheduler.global": "true"}}, scale=1)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert running(server, service) == ["1 acme/parrot:2", "2 acme/parrot:2"]


def test_a_load_balancer(server: RancherServer, gateline: Gateline) -> None:
    balancer = server.add_service("gf-chat/parrot-rest", plural="loadBalancerServices", scale=1)
    done = gateline.deploy("--image", "rancher/lb-service-haproxy:v0.9.14")
    assert done.code == 0, done.text
    assert balancer["launchConfig"]["imageUuid"].endswith(":v0.9.14")
    refused = gateline.deploy("--only-sidekicks", "--sidekick", "x=acme/x:1")
    assert (refused.code, "a load balancer has no sidekicks" in refused.error) == (2, True)


def test_it_waits_in_upgraded_when_asked_and_can_then_be_finished(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    done = gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    assert done.code == 0
    assert "it waits for `gateline finish` or `gateline rollback`" in done.out
    assert parrot["state"] == "upgraded"
    quick = ("--poll", "50ms", "--history", str(gateline.history))
    finished = gateline("finish", "gf-chat/parrot-rest", *quick)
    assert (finished.code, finished.out.splitlines()[-1]) == (0, "gf-chat/parrot-rest: finished")
    assert parrot["state"] == "active"
    again = gateline("finish", "gf-chat/parrot-rest", *quick)
    assert (again.code, again.out.splitlines()[-1]) == (0, "gf-chat/parrot-rest: unchanged")


def test_no_wait_begins_and_says_that_nobody_watches(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline.deploy("--image", "acme/parrot:2", "--no-wait")
    assert done.code == 7
    assert "has begun and is not watched" in done.error
    server.wait_for(lambda: parrot["state"] == "upgraded")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0
    assert "continuing an earlier run of this deploy" in done.out


def test_a_rollback_undoes_what_waits(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    before = sorted(row["uuid"] for row in server.containers(parrot))
    gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    back = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    assert (back.code, back.out.splitlines()[-1]) == (0, "gf-chat/parrot-rest: rolled back")
    assert sorted(row["uuid"] for row in server.containers(parrot, old=False)) == before


def test_a_rollback_after_the_end_deploys_what_was_before(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    gateline.deploy("--image", "acme/parrot:2", "--env", "NEW=1")
    back = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    assert back.code == 0, back.text
    assert running(server, parrot) == ["1 acme/parrot:1", "2 acme/parrot:1"]
    assert "NEW" not in parrot["launchConfig"]["environment"]
    assert parrot["state"] == "active"


def test_a_rollback_brings_sidekicks_back_too(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(scale=1, secondaryLaunchConfigs=SIDEKICKS)
    gateline.deploy("--sidekick", "new=acme/new:1", "--remove-sidekick", "cache")
    back = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    assert back.code == 0, back.text
    assert running(server, service) == ["1 acme/parrot:1", "1cache acme/cache:1", "1logs acme/logs:1"]


def test_a_rollback_takes_away_a_sidekick_that_came_alone(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(scale=1)
    assert gateline.deploy("--only-sidekicks", "--sidekick", "new=acme/new:1").code == 0
    back = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    assert back.code == 0, back.text
    assert running(server, service) == ["1 acme/parrot:1"]


def test_a_rollback_that_is_asked_for_twice_is_made_once(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    gateline.deploy("--image", "acme/parrot:2")
    line = ("rollback", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    assert gateline(*line).code == 0
    again = gateline(*line)
    assert (again.code, again.out.splitlines()[-1]) == (0, "gf-chat/parrot-rest: unchanged")
    assert running(server, parrot) == ["1 acme/parrot:1", "2 acme/parrot:1"]
    assert len(sent(server)) == 2


def test_there_is_nothing_to_go_back_to(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    back = gateline("rollback", "gf-chat/parrot-rest", "--poll", "50ms")
    assert back.code == 3
    assert "the server remembers nothing that gf-chat/parrot-rest could go back to" in back.error


def test_finish_keeps_the_old_containers_of_what_is_not_well(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    server.sicken(parrot)
    done = gateline("finish", "gf-chat/parrot-rest", "--poll", "50ms")
    assert done.code == 3
    assert "is not well, so its old containers are kept" in done.error
    assert parrot["state"] == "upgraded"
    assert sent(server, "finishupgrade") == []


def test_finish_of_what_is_under_way(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    gateline.deploy("--image", "acme/parrot:never-healthy", "--no-wait")
    done = gateline("finish", "gf-chat/parrot-rest", "--poll", "50ms")
    assert done.code == 3
    assert "gf-chat/parrot-rest is upgrading: there is no upgrade that could be finished" in done.error


def test_a_stopped_service_is_not_upgraded(server: RancherServer, gateline: Gateline) -> None:
    service = server.add_service(startOnCreate=False)
    server.wait_for(lambda: service["state"] == "inactive")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert "gf-chat/parrot-rest is inactive: nothing runs that could be upgraded" in done.error


def test_what_is_busy_is_waited_for(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    with server.world.engine.lock:
        services = server.api.services
        parrot.hidden["restart"] = {"rollingRestartStrategy": {"batchSize": 1, "intervalMillis": 5000}}
        services.begin(parrot, "restart", services.restarting)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert "gf-chat/parrot-rest is restarting; waiting until that is over" in done.out


def test_a_service_that_stays_busy_is_left_alone(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    with server.world.engine.lock:
        parrot.epoch += 1
        server.world.set(parrot, state="updating-active")
    done = gateline.deploy("--image", "acme/parrot:2", "--deadline", "300ms")
    assert done.code == 3
    assert "still updating-active at the deadline; nothing was changed" in done.error


def test_status(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    shown = gateline("status", "gf-chat/parrot-rest")
    assert shown.code == 0
    lines = dict(line.split(None, 1) for line in shown.out.splitlines())
    assert lines["state"].startswith("upgraded ")
    assert lines["health"] == "healthy"
    assert lines["image"] == "acme/parrot:2 (before: acme/parrot:1)"
    assert "last change    deploy " in shown.out
    assert "gf-chat-parrot-rest-1  acme/parrot:1  stopped, not checked, old" in shown.out
    data = json.loads(gateline("status", "gf-chat/parrot-rest", "--json").out)
    assert data["phase"] == "upgraded"
    assert data["deploy"]["by"]
    assert data["previous_images"] == {"": "acme/parrot:1"}


def test_who_brought_what_is_there(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    def deploy() -> str | None:
        found = json.loads(gateline("status", "gf-chat/parrot-rest", "--json").out)["deploy"]
        return found and str(found["deploy"])

    assert deploy() is None
    gateline.deploy("--image", "acme/parrot:2")
    good = deploy()
    assert good == parrot["launchConfig"]["labels"]["io.gateline.deploy"]
    gateline.deploy("--image", "acme/parrot:unhealthy", "--grace", "100ms")
    assert deploy() == good  # the other was undone
    with server.world.engine.lock:
        by_hand = {"launchConfig": {**parrot["launchConfig"], "imageUuid": "docker:acme/parrot:9"}}
        server.api.services.upgrade(parrot, {"inServiceStrategy": {**by_hand, "intervalMillis": 100}})
    server.wait_for(lambda: parrot["state"] == "upgraded")
    assert deploy() is None
    with server.world.engine.lock:
        server.api.services.finish(parrot)
    server.wait_for(lambda: parrot["state"] == "active")
    assert deploy() is None


def test_the_image_of_a_service_without_health_check(server: RancherServer, gateline: Gateline) -> None:
    server.add_service(launchConfig={**CHECKED, "healthCheck": None})
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
