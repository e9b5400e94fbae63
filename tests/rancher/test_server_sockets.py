"""The test server: subscriptions, logs in two steps, webhook receivers."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.rancher.conftest import Bare
from tests.rancher.test_server_upgrades import reach, strategy
from tests.rancher16 import Behaviour, RancherServer


@contextmanager
def subscription(server: RancherServer, secret: str = "", project: str = "") -> Iterator[ClientConnection]:
    keys = b64encode(f"{server.access}:{secret or server.secret}".encode()).decode()
    project = project or server.project.id
    url = f"ws://127.0.0.1:{server.port}/v2-beta/projects/{project}/subscribe?eventNames=resource.change"
    with connect(url, additional_headers={"Authorization": f"Basic {keys}"}, close_timeout=1) as socket:
        yield socket


def test_a_subscription_begins_with_a_ping_and_pings_on(server: RancherServer) -> None:
    with subscription(server) as socket:
        for _ in range(3):
            assert json.loads(socket.recv(timeout=10))["name"] == "ping"


def test_a_subscription_tells_of_every_change(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    with subscription(server) as socket:
        assert json.loads(socket.recv(timeout=10))["name"] == "ping"
        bare.act(service, "upgrade", strategy(service))
        states, kinds = [], set()
        while "upgraded" not in states:
            event = json.loads(socket.recv(timeout=10))
            if event["name"] != "resource.change":
                continue
            kinds.add(event["resourceType"])
            assert event["resourceId"] == event["data"]["resource"]["id"]
            if event["resourceType"] == "service":
                states.append(event["data"]["resource"]["state"])
        assert {"service", "container", "serviceLog", "serviceExposeMap"} <= kinds
        assert "upgrading" in states


def test_a_subscription_replays_nothing(server: RancherServer) -> None:
    server.add_service(scale=1)
    with subscription(server) as socket:
        assert {json.loads(socket.recv(timeout=10))["name"] for _ in range(5)} == {"ping"}


def test_a_subscription_hears_nothing_of_other_projects(server: RancherServer) -> None:
    other = server.add_project("Other")
    with subscription(server) as socket:
        socket.recv(timeout=10)
        with server.world.engine.lock:
            server.world.add("stack", other.number, name="foreign")
            server.world.add("stack", server.project.number, name="own")
        while (event := json.loads(socket.recv(timeout=10)))["name"] == "ping":
            pass
        assert event["data"]["resource"]["name"] == "own"


@pytest.mark.parametrize(("secret", "project", "status"), [("wrong", "", 401), ("", "1a99", 403)])
def test_a_subscription_needs_a_key(server: RancherServer, secret: str, project: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as caught, subscription(server, secret, project):
        pass
    assert caught.value.response.status_code == status


def test_subscriptions_end_with_a_goodbye_or_without(server: RancherServer) -> None:
    server.says_goodbye = True
    with subscription(server) as socket:
        socket.recv(timeout=10)
        server.drop_sockets()
        names = []
        with pytest.raises(ConnectionClosedOK):
            while True:
                names.append(json.loads(socket.recv(timeout=10))["name"])
        assert names[-1] == "logout"


def read_logs(server: RancherServer, bare: Bare, container: str, **options: Any) -> list[str]:
    access = bare.post(f"containers/{container}/?action=logs", options, 200)
    assert access["type"] == "hostAccess"
    assert access["token"].count(".") == 2
    lines = []
    with connect(f"{access['url']}?token={access['token']}", close_timeout=1) as socket:
        try:
            while True:
                lines.append(str(socket.recv(timeout=10)))
        except ConnectionClosedOK:
            return lines


def test_logs_in_two_steps(server: RancherServer, bare: Bare) -> None:
    server.images["acme/parrot:1"] = Behaviour(lines=(("1", "hello"), ("2", "oh no")))
    service = server.add_service(scale=1)
    container = server.containers(service)[0].id
    out, error = read_logs(server, bare, container, follow=False)
    assert out.startswith("01 20")
    assert out.endswith("Z hello\n")
    assert error.startswith("02 ")
    assert read_logs(server, bare, container, follow=False, timestamps=False) == ["01 hello\n", "02 oh no\n"]
    assert len(read_logs(server, bare, container, follow=False, lines=1)) == 1
    assert read_logs(server, bare, container, follow=False, since=str(int(time.time()) + 100)) == []
    assert read_logs(server, bare, container, follow=False, since="2999-01-01T00:00:00Z") == []


def test_logs_are_followed_until_the_container_ends(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    container = server.containers(service)[0]
    access = bare.post(f"containers/{container.id}/?action=logs", {}, 200)
    with connect(access["url"], additional_headers={"Authorization": f"Bearer {access['token']}"}) as socket:
        assert str(socket.recv(timeout=10)).endswith("listening on 8080\n")
        server.api.services.containers.print(container, "more")
        assert str(socket.recv(timeout=10)).endswith("more\n")
        bare.post(f"containers/{container.id}/?action=stop", {}, 202)
        with pytest.raises(ConnectionClosedOK):
            socket.recv(timeout=10)


def test_a_terminal_has_one_stream_only(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1, launchConfig={"tty": True})
    assert read_logs(server, bare, server.containers(service)[0].id, follow=False)[0].startswith("00 ")


def test_logs_are_refused(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    container = server.containers(service)[0]
    with pytest.raises(InvalidStatus) as caught, connect(f"ws://127.0.0.1:{server.port}/v1/logs/?token=a.b.c"):
        pass
    assert caught.value.response.status_code == 401
    assert caught.value.response.body == b"Failed authentication"
    bare.ask("DELETE", f"services/{service.id}")
    reach(server, service, "removed")
    assert bare.refused("POST", f"containers/{container.id}/?action=logs", {})[1] == "ActionNotAvailable"
    other = server.add_service("gf-chat/other", scale=1)
    server.world.secrets["proxy disabled"] = True
    path = f"containers/{server.containers(other)[0].id}/?action=logs"
    assert bare.refused("POST", path, {})[:2] == (501, "HostApiProxyDisabled")


def receivers(server: RancherServer) -> str:
    return f"/v1-webhooks/receivers?projectId={server.project.id}"


HOOK = {
    "name": "hook",
    "driver": "serviceUpgrade",
    "serviceUpgradeConfig": {"serviceSelector": {"app": "parrot"}, "tag": "latest", "intervalMillis": 1},
}
PUSH = {"push_data": {"tag": "latest"}, "repository": {"repo_name": "acme/parrot"}}


def test_a_webhook_upgrades_what_matches_and_finishes(server: RancherServer, bare: Bare) -> None:
    labels = {"app": "parrot"}
    service = server.add_service(scale=1, launchConfig={"labels": labels})
    other = server.add_service("gf-chat/other", scale=1)
    made = bare.post(receivers(server), HOOK, 200)
    assert "/v1-webhooks/endpoint?key=" in made["url"]
    assert requests.post(made["url"], json=PUSH, timeout=10).status_code == 200
    server.wait_for(lambda: service["launchConfig"]["imageUuid"] == "docker:acme/parrot:latest")
    assert service["launchConfig"]["labels"]["io.rancher.container.pull_image"] == "always"
    assert service["upgrade"]["inServiceStrategy"]["intervalMillis"] == 1000
    reach(server, service, "active")
    assert other["launchConfig"]["imageUuid"] == "docker:acme/parrot:1"


def test_a_webhook_does_nothing_for_another_tag_and_tells_nothing(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1, launchConfig={"labels": {"app": "parrot"}})
    url = bare.post(receivers(server), HOOK, 200)["url"]
    push = {**PUSH, "push_data": {"tag": "other"}}
    assert requests.post(url, json=push, timeout=10).json() == {}
    assert service["state"] == "active"
    assert requests.post(url, json={"nothing": 1}, timeout=10).status_code == 400


def test_a_webhook_that_meets_a_waiting_upgrade_is_silent(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1, launchConfig={"labels": {"app": "parrot"}})
    bare.act(service, "upgrade", strategy(service))
    reach(server, service, "upgraded")
    url = bare.post(receivers(server), HOOK, 200)["url"]
    assert requests.post(url, json=PUSH, timeout=10).status_code == 200
    assert service["state"] == "upgraded"


def test_receivers_are_listed_and_revoked(server: RancherServer, bare: Bare) -> None:
    made = bare.post(receivers(server), HOOK, 200)
    one = f"/v1-webhooks/receivers/{made['id']}?projectId={server.project.id}"
    assert [row["name"] for row in bare.get(receivers(server))["data"]] == ["hook"]
    assert bare.get(one)["driver"] == "serviceUpgrade"
    assert bare.ask("DELETE", one).status_code == 204
    assert bare.ask("GET", one).status_code == 404
    assert requests.post(made["url"], json=PUSH, timeout=10).status_code == 403
    assert requests.get(f"{server.url}/v1-webhooks/nothing", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": None}, 422),
        ({"driver": "scaleService"}, 422),
        ({"serviceUpgradeConfig": {"tag": "latest"}}, 400),
        ({"serviceUpgradeConfig": {"serviceSelector": {"a": "b"}}}, 400),
        ({"serviceUpgradeConfig": {"serviceSelector": {"a": "b"}, "tag": "t", "payloadFormat": "fax"}}, 400),
    ],
)
def test_bad_receivers(server: RancherServer, bare: Bare, change: dict[str, Any], status: int) -> None:
    assert bare.ask("POST", receivers(server), json={**HOOK, **change}).status_code == status
    assert bare.ask("POST", "/v1-webhooks/receivers?projectId=1a99", json=HOOK).status_code == 403
    assert requests.post(server.url + receivers(server), json=HOOK, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("kind", "push", "image"),
    [
        ("azure", {"target": {"tag": "latest", "repository": "p"}, "request": {"host": "a.io"}}, "a.io/p"),
        (
            "alicloud",
            {"push_data": {"tag": "latest"}, "repository": {"region": "cn", "repo_full_name": "a/p"}},
            "registry.cn.aliyuncs.com/a/p",
        ),
    ],
)
def test_other_registries(server: RancherServer, bare: Bare, kind: str, push: dict[str, Any], image: str) -> None:
    service = server.add_service(scale=1, launchConfig={"labels": {"app": "parrot"}})
    config = {**HOOK["serviceUpgradeConfig"], "payloadFormat": kind}  # type: ignore[dict-item]
    url = bare.post(receivers(server), {**HOOK, "serviceUpgradeConfig": config}, 200)["url"]
    requests.post(url, json=push, timeout=10)
    server.wait_for(lambda: service["launchConfig"]["imageUuid"] == f"docker:{image}:latest")
