"""The test server: what is created, with every check of fields."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rancher.conftest import Bare
from tests.rancher16 import Behaviour, RancherServer

BAD_NAMES = [
    ("", "MinLengthExceeded"),
    ("a" * 64, "MaxLengthExceeded"),
    ("-a", "InvalidCharacters"),
    ("a-", "InvalidCharacters"),
    ("a--b", "InvalidCharacters"),
    ("a.b", "InvalidCharacters"),
    ("a b", "InvalidCharacters"),
]


@pytest.mark.parametrize("plural", ["stacks", "services"])
@pytest.mark.parametrize(("name", "code"), BAD_NAMES)
def test_names(server: RancherServer, bare: Bare, plural: str, name: str, code: str) -> None:
    stack = server.create("stacks", {"name": "gf-chat"})
    body = {"name": name, "stackId": stack.id, "launchConfig": {"imageUuid": "docker:a"}}
    assert bare.refused("POST", plural, body) == (422, code, "name")


def test_names_are_unique(server: RancherServer, bare: Bare) -> None:
    server.add_service(scale=1)
    assert bare.refused("POST", "stacks", {"name": "GF-chat"}) == (422, "NotUnique", "name")
    body = {"name": "parrot-rest", "stackId": "1st5", "launchConfig": {"imageUuid": "docker:a"}}
    assert bare.refused("POST", "services", body) == (422, "NotUnique", "name")
    other = bare.post("stacks", {"name": "other"})
    assert bare.post("services", {**body, "stackId": other["id"]})["state"] == "registering"


GOOD: dict[str, Any] = {"name": "a", "stackId": "1st5", "launchConfig": {"imageUuid": "docker:a"}}


def launch(**more: Any) -> dict[str, Any]:
    return {**GOOD, "launchConfig": {"imageUuid": "docker:a", **more}}


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "MissingRequired", "name"),
    ({"name": None}, "NotNullable", "name"),
    ({"name": 5}, "InvalidFormat", "name"),
    ({"name": "a"}, "MissingRequired", "stackId"),
    ({**GOOD, "stackId": "1st99"}, "InvalidReference", "stackId"),
    ({**GOOD, "launchConfig": None}, "NotNullable", "launchConfig"),
    ({**GOOD, "scale": -1}, "MinLimitExceeded", "scale"),
    ({**GOOD, "scale": "2"}, "InvalidFormat", "scale"),
    (launch(ports=["x"]), "PortWrongFormat", "ports"),
    (launch(ports=["70000:80"]), "PortWrongFormat", "ports"),
    (launch(ports=["80:80/sctp"]), "PortWrongFormat", "ports"),
    (launch(labels=["a"]), "InvalidFormat", "labels"),
    (launch(healthCheck={}), "MissingRequired", "port"),
    (launch(healthCheck={"port": 0}), "MinLimitExceeded", "port"),
    (launch(healthCheck={"port": 65536}), "MaxLimitExceeded", "port"),
    (launch(healthCheck={"port": 80, "interval": -1}), "MinLimitExceeded", "interval"),
    (launch(healthCheck={"port": 80, "strategy": "pray"}), "InvalidOption", "strategy"),
    (launch(healthCheck={"port": 80, "strategy": "recreateOnQuorum"}), "MissingRequired", "quorum"),
    (launch(healthCheck="tcp"), "InvalidFormat", "healthCheck"),
    (
        {**GOOD, "secondaryLaunchConfigs": [{"name": "s", "imageUuid": "docker:s"}] * 2},
        "NotUnique",
        "name",
    ),
]


@pytest.mark.parametrize(("body", "code", "field"), BAD)
def test_fields_of_a_service(server: RancherServer, bare: Bare, body: dict[str, Any], code: str, field: str) -> None:
    server.create("stacks", {"name": "gf-chat"})
    assert bare.refused("POST", "services", body) == (422, code, field)


def test_a_new_service(server: RancherServer, bare: Bare) -> None:
    stack = bare.post("stacks", {"name": "gf-chat", "environment": {"A": "1"}})
    shown = bare.post("services", {**GOOD, "stackId": stack["id"], "startOnCreate": True, "scale": 2, "typo": 1})
    assert (shown["id"], shown["state"], shown["type"]) == ("1s5", "registering", "service")
    assert "typo" not in shown
    config = shown["launchConfig"]
    assert (config["type"], config["version"], config["labels"]) == ("launchConfig", "0", {})
    service = server.world.get("service", 5)
    assert service is not None
    server.wait_for(lambda: service["state"] == "active")
    shown = bare.get("services/1s5")
    assert (shown["currentScale"], shown["healthState"], shown["upgrade"]) == (2, "healthy", None)
    containers = bare.get("services/1s5/instances")["data"]
    assert [row["name"] for row in containers] == ["gf-chat-a-1", "gf-chat-a-2"]
    assert shown["instanceIds"] == [row["id"] for row in containers]
    assert {row["startCount"] for row in containers} == {1}
    assert len({row["deploymentUnitUuid"] for row in containers}) == 2
    assert bare.get(f"stacks/{stack['id']}")["serviceIds"] == ["1s5"]
    assert bare.get(f"stacks/{stack['id']}/services")["data"][0]["id"] == "1s5"


def test_a_service_that_is_not_started(server: RancherServer, bare: Bare) -> None:
    server.create("stacks", {"name": "gf-chat"})
    bare.post("services", GOOD)
    service = server.world.get("service", 5)
    assert service is not None
    server.wait_for(lambda: service["state"] == "inactive")
    assert server.containers(service) == []
    bare.post("stacks/1st5/?action=activateservices", {}, 202)
    server.wait_for(lambda: service["state"] == "active")
    bare.post("stacks/1st5/?action=deactivateservices", {}, 202)
    server.wait_for(lambda: service["state"] == "inactive")


def test_removing_a_stack_removes_its_services(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    bare.post("stacks/1st5/?action=remove", {}, 200)
    server.wait_for(lambda: service["state"] == "removed")
    assert bare.refused("POST", "stacks/1st5/?action=exportconfig") == (422, "ActionNotAvailable", "action")


def test_a_stack_can_be_exported(server: RancherServer, bare: Bare) -> None:
    server.add_service(scale=1)
    exported = bare.post("stacks/1st5/?action=exportconfig", {"serviceIds": []}, 200)
    assert "acme/parrot:1" in exported["dockerComposeConfig"]
    assert "start_on_create" in exported["rancherComposeConfig"]


def test_unknown_actions(server: RancherServer, bare: Bare) -> None:
    server.add_service(scale=1)
    for path in ("stacks/1st5", "services/1s5", "containers/1i5", "hosts/1h5"):
        assert bare.refused("POST", f"{path}/?action=nonsense") == (422, "InvalidAction", "action"), path
    assert bare.refused("POST", "stacks?action=nonsense") == (422, "InvalidAction", "action")


def test_services_are_linked(server: RancherServer, bare: Bare) -> None:
    one, two = server.add_service(scale=1), server.add_service("gf-chat/two", scale=1)
    links = {"serviceLinks": [{"serviceId": two.id, "name": "alias"}]}
    shown = bare.post(f"services/{one.id}/?action=setservicelinks", links, 200)
    assert shown["linkedServices"] == {"alias": two.id}
    rows = bare.get("serviceconsumemaps", serviceId=one.id)["data"]
    assert [(row["consumedServiceId"], row["name"]) for row in rows] == [(two.id, "alias")]
    bad = {"serviceLinks": [{"serviceId": "1s99"}]}
    assert bare.refused("POST", f"services/{one.id}/?action=setservicelinks", bad)[1] == "InvalidReference"
    removed = bare.post(f"services/{one.id}/?action=removeservicelink", {"serviceLink": {"serviceId": two.id}}, 200)
    assert removed["linkedServices"] == {}
    added = bare.post(f"services/{one.id}/?action=addservicelink", {"serviceLink": {"serviceId": two.id}}, 200)
    assert added["linkedServices"] == {"two": two.id}


def test_images_are_pulled_on_all_hosts(server: RancherServer, bare: Bare) -> None:
    task = bare.post("pulltasks", {"image": "acme/parrot:2", "mode": "all", "labels": {}})
    assert (task["id"], task["state"], task["transitioning"]) == ("1pt5", "activating", "yes")
    row = server.world.get("pullTask", 5)
    assert row is not None
    server.wait_for(lambda: row["state"] == "active")
    assert bare.get("pulltasks/1pt5")["status"] == {"host1": "Done", "host2": "Done"}


def test_an_image_that_cannot_be_pulled(server: RancherServer, bare: Bare) -> None:
    server.images["acme/private:1"] = Behaviour(broken="denied: access forbidden")
    bare.post("pulltasks", {"image": "acme/private:1"})
    row = server.world.get("pullTask", 5)
    assert row is not None
    server.wait_for(lambda: row["state"] == "active")
    assert set(row["status"].values()) == {"denied: access forbidden"}
    assert bare.refused("POST", "pulltasks", {"image": "a", "mode": "some"}) == (422, "InvalidOption", "mode")


def test_what_docker_calls_a_container_becomes_a_launch_configuration(bare: Bare) -> None:
    body = {
        "Name": "a",
        "Config": {"Image": "acme/parrot:1", "Env": ["A=1=2"], "Labels": {"l": "v"}, "Cmd": ["run"]},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}], "81/udp": []}, "Binds": ["/a:/b"]},
    }
    config = bare.post("scripts/transform", body, 200)
    assert config["imageUuid"] == "docker:acme/parrot:1"
    assert config["environment"] == {"A": "1=2"}
    assert config["ports"] == ["8080:80/tcp", "81/udp"]
    assert config["logConfig"] == {"type": "logConfig", "config": {}, "driver": ""}


def test_secrets_do_not_show_their_value(bare: Bare) -> None:
    secret = bare.post("secrets", {"name": "db", "value": "aGVsbG8="})
    assert secret["id"] == "1se5"
    assert "value" not in secret
    assert bare.get("secrets", name="db")["data"][0]["id"] == "1se5"
    assert bare.ask("DELETE", "secrets/1se5").json()["state"] == "removed"


def test_other_verbs_are_not_allowed(server: RancherServer, bare: Bare) -> None:
    server.add_service(scale=1)
    assert bare.refused("POST", "hosts", {}) == (405, "Method not allowed", None)
    assert bare.refused("PUT", "pulltasks/1pt5", {})[0] == 404
    assert bare.refused("PATCH", "stacks/1st5", {}) == (405, "Method not allowed", None)
    assert bare.refused("POST", "stacks/1st5/services", {}) == (405, "Method not allowed", None)
