"""The test server: the state machine of services, as the integration tests of the real server demand it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rancher.conftest import Bare
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

CHECK = {"port": 8080, "interval": 2000, "strategy": "none"}


def strategy(service: Row, image: str = "acme/parrot:2", **more: Any) -> dict[str, Any]:
    """The body of an upgrade to an image, with the whole current configuration."""
    config = {**service["launchConfig"], "imageUuid": f"docker:{image}"}
    return {"inServiceStrategy": {"launchConfig": config, "intervalMillis": 100, **more}}


def sidekicks(service: Row, **images: str) -> dict[str, Any]:
    """The body of an upgrade of these sidekicks only."""
    old = {config["name"]: config for config in service["secondaryLaunchConfigs"]}
    configs = [
        {**old.get(name, {"name": name}), "imageUuid": image if image == "rancher/none" else f"docker:{image}"}
        for name, image in images.items()
    ]
    return {"inServiceStrategy": {"secondaryLaunchConfigs": configs, "intervalMillis": 100}}


def upgraded(server: RancherServer, bare: Bare, service: Row, body: dict[str, Any] | None = None) -> None:
    bare.act(service, "upgrade", body or strategy(service))
    reach(server, service, "upgraded")


def reach(server: RancherServer, service: Row, state: str) -> None:
    server.wait_for(lambda: service["state"] == state)


def images(server: RancherServer, service: Row) -> list[str]:
    """Of the containers that run and count."""
    return sorted(
        f"{row.hidden['unit']}{row.hidden['part']} {row['imageUuid'].removeprefix('docker:')}"
        for row in server.containers(service, old=False)
        if row["state"] == "running"
    )


def test_an_upgrade_answers_202_and_already_shows_the_new_configuration(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    shown = bare.act(service, "upgrade", strategy(service))
    assert shown["state"] == "upgrading"
    assert (shown["transitioning"], shown["transitioningMessage"]) == ("yes", "In Progress")
    assert shown["launchConfig"]["imageUuid"] == "docker:acme/parrot:2"
    previous = shown["upgrade"]["inServiceStrategy"]["previousLaunchConfig"]
    assert previous["imageUuid"] == "docker:acme/parrot:1"
    assert previous["version"] == "0"
    assert len(shown["launchConfig"]["version"]) == 36


def test_old_containers_are_stopped_and_kept_until_finish(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    before = {row["uuid"] for row in server.containers(service)}
    upgraded(server, bare, service)
    old = [row for row in server.containers(service) if row["uuid"] in before]
    assert [row["state"] for row in old] == ["stopped", "stopped"]
    assert images(server, service) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    rows = bare.get("serviceexposemaps", serviceId=service.id, state="active")["data"]
    assert sorted((row["managed"], row["upgrade"]) for row in rows) == [(False, True)] * 2 + [(True, False)] * 2
    assert bare.act(service, "finishupgrade")["state"] == "finishing-upgrade"
    reach(server, service, "active")
    server.wait_for(lambda: len(server.containers(service)) == 2)
    shown = bare.get(f"services/{service.id}")
    assert shown["transitioning"] == "no"
    assert shown["upgrade"]["inServiceStrategy"]["previousLaunchConfig"]["imageUuid"] == "docker:acme/parrot:1"
    assert bare.refused("POST", f"services/{service.id}?action=rollback")[1] == "ActionNotAvailable"


def test_a_rollback_starts_the_same_containers_again(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    version = service["launchConfig"]["version"]
    before = sorted(row["uuid"] for row in server.containers(service))
    upgraded(server, bare, service)
    shown = bare.act(service, "rollback")
    assert shown["state"] == "rolling-back"
    assert shown["launchConfig"]["imageUuid"] == "docker:acme/parrot:1"
    assert shown["launchConfig"]["version"] == version
    reach(server, service, "active")
    server.wait_for(lambda: len(server.containers(service)) == 2)
    assert sorted(row["uuid"] for row in server.containers(service)) == before
    assert all(row["startCount"] == 2 for row in server.containers(service))


def test_a_rollback_does_not_wait_for_health(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"healthCheck": CHECK})
    server.images["acme/parrot:1"] = Behaviour(health="unhealthy")
    upgraded(server, bare, service)
    bare.act(service, "rollback")
    reach(server, service, "active")
    assert server.health(service) in ("initializing", "unhealthy")


def test_cancel_leaves_a_mixture_that_can_go_both_ways(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=4)
    bare.act(service, "upgrade", strategy(service, intervalMillis=60_000))
    server.wait_for(lambda: "1 acme/parrot:2" in images(server, service))
    assert bare.act(service, "cancelupgrade")["state"] == "canceling-upgrade"
    reach(server, service, "canceled-upgrade")
    assert {text[2:] for text in images(server, service)} == {"acme/parrot:1", "acme/parrot:2"}
    assert bare.refused("POST", f"services/{service.id}?action=finishupgrade")[1] == "ActionNotAvailable"
    service["upgrade"]["inServiceStrategy"]["intervalMillis"] = 100
    assert bare.act(service, "continueupgrade")["state"] == "upgrading"
    reach(server, service, "upgraded")
    bare.act(service, "rollback")
    reach(server, service, "active")
    assert {text[2:] for text in images(server, service)} == {"acme/parrot:1"}


def test_cancel_then_rollback_is_the_way_out_of_a_stuck_upgrade(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"healthCheck": CHECK})
    before = sorted(row["uuid"] for row in server.containers(service))
    bare.act(service, "upgrade", strategy(service, "acme/parrot:never-healthy"))
    server.wait_for(lambda: any("never" in row["imageUuid"] for row in server.containers(service)))
    bare.act(service, "cancelupgrade")
    reach(server, service, "canceled-upgrade")
    bare.act(service, "rollback")
    reach(server, service, "active")
    server.wait_for(lambda: server.health(service) == "healthy" and len(server.containers(service)) == 2)
    assert sorted(row["uuid"] for row in server.containers(service)) == before


def test_what_never_turns_healthy_stays_upgrading(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"healthCheck": CHECK})
    bare.act(service, "upgrade", strategy(service, "acme/parrot:unhealthy"))
    server.wait_for(
        lambda: any(row["eventType"] == "service.upgrade.exception" for row in server.world.rows("serviceLog"))
    )
    assert service["state"] == "upgrading"
    assert images(server, service) == ["1 acme/parrot:unhealthy", "2 acme/parrot:1"]


def test_without_a_health_check_a_crashing_image_gets_through(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    upgraded(server, bare, service, strategy(service, "acme/parrot:crashing"))


def test_an_equal_configuration_makes_a_real_upgrade(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    before = {row["uuid"] for row in server.containers(service)}
    upgraded(server, bare, service, strategy(service, "acme/parrot:1"))
    assert not before & {row["uuid"] for row in server.containers(service, old=False)}


def test_what_is_not_sent_is_lost(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"environment": {"A": "1"}, "ports": ["8080:80"]})
    upgraded(server, bare, service, {"inServiceStrategy": {"launchConfig": {"imageUuid": "docker:acme/parrot:2"}}})
    assert service["launchConfig"]["environment"] == {}
    assert service["launchConfig"]["ports"] == []


def test_random_ports_stay_the_same_for_the_same_private_port(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"ports": ["80", "81/udp"]})
    before = service["launchConfig"]["ports"]
    assert all(int(port.split(":")[0]) > 49152 for port in before)
    body = strategy(service)
    body["inServiceStrategy"]["launchConfig"]["ports"] = ["80", "81/udp", "82"]
    upgraded(server, bare, service, body)
    assert service["launchConfig"]["ports"][:2] == before
    assert len(set(service["launchConfig"]["ports"])) == 3


def test_only_sidekicks_can_be_upgraded(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(
        scale=1,
        secondaryLaunchConfigs=[
            {"name": "logs", "imageUuid": "docker:acme/logs:1"},
            {"name": "cache", "imageUuid": "docker:acme/cache:1"},
        ],
    )
    upgraded(server, bare, service, sidekicks(service, logs="acme/logs:2"))
    assert images(server, service) == ["1 acme/parrot:1", "1cache acme/cache:1", "1logs acme/logs:2"]
    versions = {config["name"]: config["version"] for config in service["secondaryLaunchConfigs"]}
    assert versions["cache"] == "0" == service["launchConfig"]["version"]
    assert versions["logs"] != "0"


def test_those_that_share_volumes_or_network_are_pulled_in(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(
        scale=1,
        secondaryLaunchConfigs=[
            {"name": "data", "imageUuid": "docker:acme/data:1"},
            {"name": "user", "imageUuid": "docker:acme/user:1", "dataVolumesFromLaunchConfigs": ["data"]},
            {"name": "net", "imageUuid": "docker:acme/net:1", "networkLaunchConfig": "user"},
            {"name": "other", "imageUuid": "docker:acme/other:1"},
        ],
    )
    upgraded(server, bare, service, sidekicks(service, data="acme/data:2"))
    versions = {config["name"]: config["version"] for config in service["secondaryLaunchConfigs"]}
    assert versions["data"] == versions["user"] == versions["net"] != "0"
    assert versions["other"] == "0" == service["launchConfig"]["version"]


def test_sidekicks_can_be_added_and_removed(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(secondaryLaunchConfigs=[{"name": "old", "imageUuid": "docker:acme/old:1"}])
    upgraded(server, bare, service, sidekicks(service, old="rancher/none", new="acme/new:1"))
    assert [config["name"] for config in service["secondaryLaunchConfigs"]] == ["new"]
    assert images(server, service) == ["1 acme/parrot:1", "1new acme/new:1", "2 acme/parrot:1", "2new acme/new:1"]
    bare.act(service, "rollback")
    reach(server, service, "active")
    assert [config["name"] for config in service["secondaryLaunchConfigs"]] == ["old"]
    assert images(server, service) == ["1 acme/parrot:1", "1old acme/old:1", "2 acme/parrot:1", "2old acme/old:1"]


def test_batches_and_start_first(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=4)
    least, most = [], []
    server.world.listeners.append(
        lambda row: (
            (least if row["state"] == "stopped" else most).append(len(images(server, service)))
            if row.base == "instance" and service["state"] == "upgrading"
            else None
        )
    )
    upgraded(server, bare, service, strategy(service, batchSize=2, startFirst=False))
    assert min(least) == 2
    bare.act(service, "finishupgrade")
    reach(server, service, "active")
    least.clear()
    upgraded(server, bare, service, strategy(service, batchSize=2, startFirst=True))
    running = [row for row in server.containers(service) if row["state"] == "running"]
    assert len(running) == 4
    assert images(server, service) == [f"{unit} acme/parrot:2" for unit in (1, 2, 3, 4)]
    assert min(least) == 4  # new ones run before the old ones stop


def test_an_inactive_service_can_be_upgraded(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(startOnCreate=False)
    reach(server, service, "inactive")
    upgraded(server, bare, service)


def test_a_global_service_has_one_container_for_each_host(server: RancherServer, bare: Bare) -> None:
    labels = {"io.rancher.scheduler.global": "true"}
    service = server.add_service(launchConfig={"labels": labels}, scale=1)
    assert len({row["hostId"] for row in server.containers(service)}) == 2
    upgraded(server, bare, service)
    assert images(server, service) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    bare.act(service, "rollback")
    reach(server, service, "active")
    assert images(server, service) == ["1 acme/parrot:1", "2 acme/parrot:1"]


def test_a_service_cannot_become_global_in_an_upgrade(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    body = strategy(service)
    body["inServiceStrategy"]["launchConfig"]["labels"] = {"io.rancher.scheduler.global": "true"}
    assert bare.refused("POST", f"services/{service.id}?action=upgrade", body) == (422, "InvalidOption", "labels")


def test_a_load_balancer(server: RancherServer, bare: Bare) -> None:
    target = server.add_service(scale=1)
    balancer = server.add_service("gf-chat/lb", plural="loadBalancerServices", scale=1)
    assert balancer["launchConfig"]["healthCheck"]["port"] == 42
    assert len([name for name in balancer["launchConfig"]["labels"] if name.startswith("io.rancher.container")]) == 2
    rules = {"portRules": [{"sourcePort": 80, "targetPort": 8080, "protocol": "http", "serviceId": target.id}]}
    shown = bare.ask("PUT", f"loadbalancerservices/{balancer.id}", json={"lbConfig": rules}).json()
    assert shown["state"] == "updating-active"
    reach(server, balancer, "active")
    assert shown["lbConfig"] == rules
    assert bare.refused("POST", f"services/{balancer.id}?action=upgrade", sidekicks(balancer, x="acme/x:1")) == (
        422,
        "InvalidOption",
        "launchConfig",
    )
    bare.act(balancer, "upgrade", strategy(balancer, "rancher/lb-service-haproxy:v0.9.14"))
    server.wait_for(lambda: any(row["healthState"] == "initializing" for row in server.containers(balancer)))
    reach(server, balancer, "upgraded")


def test_scale_moves_to_another_service(server: RancherServer, bare: Bare) -> None:
    old, new = server.add_service(scale=2), server.add_service("gf-chat/parrot-two", "acme/parrot:2", scale=1)
    body = {"toServiceStrategy": {"toServiceId": new.id, "finalScale": 3, "intervalMillis": 100}}
    upgraded(server, bare, old, body)
    assert (old["scale"], new["scale"]) == (0, 3)
    bare.act(old, "finishupgrade")
    reach(server, old, "active")
    assert len(images(server, new)) == 3


def test_scale_can_move_back(server: RancherServer, bare: Bare) -> None:
    old, new = server.add_service(scale=2), server.add_service("gf-chat/parrot-two", "acme/parrot:2", scale=1)
    upgraded(server, bare, old, {"toServiceStrategy": {"toServiceId": new.id, "finalScale": 2, "intervalMillis": 100}})
    bare.act(old, "rollback")
    reach(server, old, "active")
    assert (old["scale"], new["scale"]) == (2, 1)
    assert len(images(server, old)) == 2


def test_a_restart_makes_the_counts_grow(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    bare.act(service, "restart", {"rollingRestartStrategy": {"batchSize": 1, "intervalMillis": 100}})
    reach(server, service, "active")
    assert [row["startCount"] for row in server.containers(service)] == [2, 2]


def test_finish_waits_for_health_too_and_can_be_cancelled(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(launchConfig={"healthCheck": CHECK})
    upgraded(server, bare, service)
    server.sicken(service)
    bare.act(service, "finishupgrade")
    server.wait_for(lambda: service["state"] == "finishing-upgrade")
    bare.act(service, "cancelupgrade")
    reach(server, service, "canceled-upgrade")
    bare.act(service, "rollback")
    reach(server, service, "active")
    assert images(server, service) == ["1 acme/parrot:1", "2 acme/parrot:1"]


REFUSED = {
    "active": ("activate", "finishupgrade", "rollback", "cancelupgrade", "continueupgrade"),
    "upgrading": ("upgrade", "activate", "finishupgrade", "continueupgrade", "restart", "deactivate"),
    "upgraded": ("upgrade", "update", "activate", "cancelupgrade", "continueupgrade", "deactivate", "restart"),
    "canceled-upgrade": ("upgrade", "update", "activate", "finishupgrade", "cancelupgrade", "deactivate"),
    "finishing-upgrade": ("upgrade", "rollback", "finishupgrade", "continueupgrade", "activate"),
    "rolling-back": ("upgrade", "rollback", "finishupgrade", "continueupgrade", "cancelupgrade", "activate"),
}


@pytest.mark.parametrize("state", REFUSED)
def test_actions_depend_on_the_state(server: RancherServer, bare: Bare, state: str) -> None:
    service = server.add_service(scale=1)
    with server.world.engine.lock:
        service.epoch += 1
        server.world.set(service, state=state)
    shown = bare.get(f"services/{service.id}")
    for action in REFUSED[state]:
        assert action not in shown["actions"]
        for slash in ("", "/"):
            path = f"services/{service.id}{slash}?action={action}"
            assert bare.refused("POST", path, {}) == (422, "ActionNotAvailable", "action"), action
    assert shown["actions"]["remove"] == f"{shown['links']['self']}/?action=remove"
    assert bare.refused("POST", f"services/{service.id}?action=cancelrollback") == (422, "InvalidAction", "action")


BAD_STRATEGIES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "MissingRequired", "inServiceStrategy"),
    ({"inServiceStrategy": {}}, "InvalidOption", "launchConfig"),
    ({"inServiceStrategy": {"launchConfig": {}}}, "MissingRequired", "imageUuid"),
    ({"inServiceStrategy": {"launchConfig": {"imageUuid": None}}}, "NotNullable", "imageUuid"),
    ({"inServiceStrategy": {"launchConfig": {"imageUuid": "acme/parrot"}}}, "InvalidFormat", "imageUuid"),
    ({"inServiceStrategy": {"launchConfig": "text"}}, "InvalidFormat", "launchConfig"),
    ({"inServiceStrategy": {"batchSize": 0}}, "MinLimitExceeded", "batchSize"),
    ({"inServiceStrategy": {"intervalMillis": 99}}, "MinLimitExceeded", "intervalMillis"),
    ({"inServiceStrategy": {"batchSize": "2"}}, "InvalidFormat", "batchSize"),
    ({"inServiceStrategy": {"secondaryLaunchConfigs": [{"imageUuid": "docker:a"}]}}, "MissingRequired", "name"),
    ({"inServiceStrategy": {"secondaryLaunchConfigs": ["a"]}}, "InvalidFormat", "secondaryLaunchConfigs"),
    ({"toServiceStrategy": {"toServiceId": "1s99"}}, "InvalidReference", "toServiceId"),
]


@pytest.mark.parametrize(("body", "code", "field"), BAD_STRATEGIES)
def test_bad_strategies_are_refused(
    server: RancherServer, bare: Bare, body: dict[str, Any], code: str, field: str
) -> None:
    service = server.add_service(scale=1)
    assert bare.refused("POST", f"services/{service.id}?action=upgrade", body) == (422, code, field)
    assert service["state"] == "active"


def test_start_first_and_retained_addresses_exclude_each_other(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1, retainIp=True)
    body = strategy(service, startFirst=True)
    assert bare.refused("POST", f"services/{service.id}?action=upgrade", body) == (422, "InvalidOption", "startFirst")
    upgraded(server, bare, service, strategy(service, unknown="is dropped"))
    assert "unknown" not in service["upgrade"]["inServiceStrategy"]


def test_an_image_that_is_missing_makes_an_error_while_upgrading(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    bare.act(service, "upgrade", strategy(service, "acme/parrot:missing"))
    server.wait_for(lambda: server.show(service)["transitioning"] == "error")
    shown = bare.get(f"services/{service.id}")
    assert shown["state"] == "upgrading"
    assert "not found" in shown["transitioningMessage"]


def test_an_error_ends_when_the_server_tries_again_with_success(server: RancherServer, bare: Bare) -> None:
    server.images["acme/parrot:2"] = Behaviour(broken="try later", broken_times=2)
    service = server.add_service()
    upgraded(server, bare, service)
    assert server.show(service)["transitioning"] == "no"


def test_a_stopped_service_runs_nothing_and_starts_again(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    bare.act(service, "deactivate")
    reach(server, service, "inactive")
    assert images(server, service) == []
    bare.act(service, "activate")
    reach(server, service, "active")
    assert len(images(server, service)) == 2


def test_scale_is_changed_by_a_put_and_launch_configurations_are_not(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    body = {"scale": 3, "launchConfig": {"imageUuid": "docker:acme/parrot:9"}, "description": "parrots"}
    shown = bare.ask("PUT", f"services/{service.id}", json=body).json()
    assert (shown["state"], shown["description"]) == ("updating-active", "parrots")
    reach(server, service, "active")
    assert images(server, service) == [f"{unit} acme/parrot:1" for unit in (1, 2, 3)]
    bare.ask("PUT", f"services/{service.id}", json={"scale": 1})
    reach(server, service, "active")
    server.wait_for(lambda: len(server.containers(service)) == 1)


def test_a_put_that_needs_a_process_is_refused_in_upgraded(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    upgraded(server, bare, service)
    assert bare.refused("PUT", f"services/{service.id}", {"scale": 3})[1] == "ActionNotAvailable"
    assert bare.ask("PUT", f"services/{service.id}", json={"metadata": {"a": "b"}}).json()["metadata"] == {"a": "b"}


def test_a_service_can_be_removed_in_nearly_every_state(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    upgraded(server, bare, service)
    assert bare.ask("DELETE", f"services/{service.id}").json()["state"] == "removing"
    reach(server, service, "removed")
    assert bare.refused("DELETE", f"services/{service.id}")[0] == 405
    assert server.containers(service) == []


def test_unhealthy_containers_are_made_anew_where_that_is_asked(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1, launchConfig={"healthCheck": {"port": 80, "strategy": "recreate"}})
    first = server.containers(service)[0]
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    bare.act(service, "upgrade", strategy(service))
    server.wait_for(lambda: len([row for row in server.world.tables["instance"].values() if row.gone]) >= 2)
    assert not first.gone  # the old one is only stopped
    assert service["state"] == "upgrading"


def test_health_of_a_service(server: RancherServer, bare: Bare) -> None:
    server.images["acme/parrot:slow"] = Behaviour(healthy_after=50.0)
    service = server.add_service(launchConfig={"healthCheck": CHECK})
    assert server.health(service) == "healthy"
    bare.act(service, "upgrade", strategy(service, "acme/parrot:slow"))
    server.wait_for(lambda: server.health(service) == "degraded")
    server.wait_for(lambda: server.health(service) == "initializing")
    reach(server, service, "upgraded")
    assert server.health(service) == "healthy"


def test_containers_that_run_once(server: RancherServer) -> None:
    server.images["acme/migrate:1"] = Behaviour(crash_after=1.0, exit_ok=True)
    labels = {"io.rancher.container.start_once": "true"}
    stack = server.create("stacks", {"name": "gf-chat"})
    config = {"imageUuid": "docker:acme/migrate:1", "labels": labels}
    service = server.create(
        "services", {"name": "migrate", "stackId": stack.id, "startOnCreate": True, "launchConfig": config}
    )
    server.wait_for(lambda: service["state"] == "active" and server.health(service) == "started-once")


def test_progress_can_be_read_in_the_service_log(server: RancherServer, bare: Bare) -> None:
    service = server.add_service()
    upgraded(server, bare, service)
    rows = bare.get("servicelogs", sort="id", order="desc", serviceId=service.id)["data"]
    events = [row["eventType"] for row in reversed(rows)]
    assert events[0] == "service.upgrade"
    assert events.count("service.instance.mark.upgrade") == 2
    assert {"service.upgrade.stopping", "service.upgrade.starting", "service.upgrade.sleep"} <= set(events)
    top = bare.get("servicelogs", serviceId=service.id, subLog="false")["data"]
    assert [row["eventType"] for row in top] == ["service.upgrade"]
    assert top[0]["endTime"] is not None
