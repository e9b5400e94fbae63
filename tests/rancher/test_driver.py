"""The driver of Rancher 1.6 against the test server: pages, ids, older servers, what changed meanwhile."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gates.errors import CannotRun, UsageError
from gates.rancher.cattle import http
from gates.rancher.cattle.driver import CattleDriver
from gates.rancher.cattle.find import find_service, named
from gates.rancher.cattle.http import Api, Server
from gates.rancher.target import Denied, Mark, Phase, Unreachable, Wish
from tests.rancher.jobs import Gateline
from tests.rancher.test_deploy import running
from tests.rancher16 import Behaviour, RancherServer, listing
from tests.rancher16.world import Row


@pytest.fixture
def reached(server: RancherServer) -> Server:
    return Server(server.url, (server.access, server.secret), timeout=5.0)


def open_service(reached: Server, stack: str = "gf-chat") -> CattleDriver:
    api = Api(reached)
    return CattleDriver(api, find_service(api, "", stack, "parrot-rest"))


@pytest.fixture
def driver(parrot: Row, reached: Server) -> Iterator[CattleDriver]:
    found = open_service(reached)
    yield found
    found.close()


def test_all_pages_of_a_list(server: RancherServer, reached: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PAGE", 2)
    for number in range(5):
        server.create("stacks", {"name": f"s{number}"})
    api = Api(reached)
    rows = api.list(f"projects/{server.project.id}/stacks", removed_null="1")
    assert [row["name"] for row in rows] == ["s0", "s1", "s2", "s3", "s4"]
    assert len([entry for entry in server.requests if "limit=2" in entry["target"]]) == 3


def test_an_answer_that_is_too_large(server: RancherServer, reached: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 10)
    monkeypatch.setattr(http, "TRIES", 1)
    with pytest.raises(Unreachable, match="the answer is larger than 10 bytes"):
        Api(reached).get("projects")


def test_an_answer_that_trickles(server: RancherServer, reached: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TRIES", 1)
    server.fault("trickle")
    with pytest.raises(Unreachable, match=r"did not end within 0\.3 s"):
        Api(dataclasses.replace(reached, timeout=0.3)).get("projects")


def test_another_thing_with_the_same_number_is_not_taken_for_the_service(driver: CattleDriver) -> None:
    driver.found = dataclasses.replace(driver.found, service_id="1x5")
    with pytest.raises(Denied, match="the server answered with 1s5 when asked for 1x5"):
        driver.read()


def test_filters_that_the_server_does_not_know(
    server: RancherServer, parrot: Row, reached: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service of the same name in another stack, which an ignored filter lets through."""
    monkeypatch.setattr(listing, "RESERVED", (*listing.RESERVED, "stackid"))
    other = server.add_service("other/parrot-rest", scale=1)
    assert open_service(reached, "other").found.service_id == other.id
    assert open_service(reached).found.service_id == parrot.id


def test_lines_from_before_the_moment_asked_for(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    """The server knows whole seconds only."""
    row = server.containers(parrot)[0]
    whole = 1_795_514_400 * 10**9
    row.hidden["logs"] = [(whole + number * 10**8, "1", f"line {number}") for number in range(10)]
    container = next(found for found in driver.read().containers if found.id == row.id)
    lines = driver.log_lines(container, since=whole / 1e9 + 0.75, tail=100, follow=False, stopped=lambda: False)
    assert [line.text for line in lines] == ["line 8", "line 9"]


ROWS = [{"name": "Parrot", "id": "1s1"}, {"name": "parrot", "id": "1s2"}, {"name": "PARROT", "id": "1s3"}]


def test_names_that_differ_only_in_case() -> None:
    assert named(ROWS, "parrot", "service", "here")["id"] == "1s2"
    assert named(ROWS[:1], "parrot", "service", "here")["id"] == "1s1"
    with pytest.raises(UsageError, match="there are 3 services called pARROT here; only ids could tell them apart"):
        named(ROWS, "pARROT", "service", "here")


def test_containers_of_a_server_that_tells_no_version(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    for row in server.containers(parrot):
        row["version"] = None
    assert [container.current for container in driver.read().containers] == [True, True]
    for row in server.containers(parrot):
        row["imageUuid"] = "docker:acme/parrot:0"
    assert [container.current for container in driver.read().containers] == [False, False]


def test_containers_of_a_server_that_does_not_label_them(server: RancherServer, reached: Server) -> None:
    sidekicks = [{"name": "log-ship", "imageUuid": "docker:acme/logs:1"}]
    service = server.add_service(scale=1, secondaryLaunchConfigs=sidekicks)
    for row in server.containers(service):
        row["labels"] = {}
    situation = open_service(reached).read()
    assert {container.part: container.image for container in situation.containers} == {
        "": "acme/parrot:1",
        "log-ship": "acme/logs:1",
    }
    assert {container.unit for container in situation.containers} == {"1"}
    service_containers = server.containers(service)
    service_containers[0]["name"] = "renamed"
    assert open_service(reached).read().unsettled == ""


def test_a_sidekick_that_runs_once_is_well_when_it_has(server: RancherServer, gateline: Gateline) -> None:
    server.images["acme/migrate:1"] = Behaviour(crash_after=1.0, exit_ok=True)
    server.images["acme/migrate:2"] = Behaviour(crash_after=1.0, exit_ok=True)
    once = {"name": "migrate", "imageUuid": "docker:acme/migrate:1"}
    labels = {"io.rancher.container.start_once": "true"}
    service = server.add_service(scale=1, secondaryLaunchConfigs=[{**once, "labels": labels}])
    done = gateline.deploy("--image", "acme/parrot:2", "--sidekick", "migrate=acme/migrate:2")
    assert done.code == 0, done.text
    assert running(server, service) == ["1 acme/parrot:2"]


def test_every_state_has_a_phase(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    expected = {
        "active": Phase.RESTING,
        "inactive": Phase.STOPPED,
        "updating-active": Phase.BUSY,
        "activating": Phase.BUSY,
        "something new": Phase.BUSY,
        "finishing-upgrade": Phase.FINISHING,
        "purged": Phase.GONE,
    }
    for state, phase in expected.items():
        with server.world.engine.lock:
            server.world.set(parrot, state=state)
        assert driver.read().phase == phase, state


def test_notes_are_those_since_the_last_call(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    assert driver.notes() == ()
    with server.world.engine.lock:
        server.world.log(parrot, "service.upgrade.exception", "out of\n luck", level="error")
    assert driver.notes() == ["upgrade.exception: error: out of luck"]
    assert driver.notes() == []
    server.crash()
    assert driver.notes() == ()
    server.start()


def test_a_wait_ends_when_something_changes_and_when_something_is_due(
    server: RancherServer, parrot: Row, driver: CattleDriver
) -> None:
    driver.wait(0.0)
    assert driver._changes is not None
    while not driver._changes.connected:
        time.sleep(0.01)
    driver.wait(0.2)
    begun = time.monotonic()
    driver.wait(60.0, begun + 0.2)
    assert time.monotonic() - begun < 30
    server.later(0.2, lambda: server.locked(lambda: server.world.set(parrot, description="new")))
    driver.wait(60.0)
    server.later(0.2, driver.wake)
    driver.wait(60.0)
    assert time.monotonic() - begun < 50


def test_changes_of_other_services_wake_nobody(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    driver.wait(0.0)
    changes = driver._changes
    assert changes is not None
    own: dict[str, Any] = {"name": "resource.change", "resourceId": "1i7", "data": {"resource": {"serviceId": "1s5"}}}
    other = {**own, "data": {"resource": {"serviceId": "1s6", "serviceIds": None}}}
    linked = {**own, "data": {"resource": {"serviceIds": ["1s9", "1s5"]}}}

    assert [changes._concerns(json.dumps(event)) for event in (own, other, linked)] == [True, False, True]
    for frame in ("{}", "[]", '{"name": "ping"}', '{"name": "resource.change", "data": null}'):
        assert not changes._concerns(frame)


def test_a_pull_that_takes_too_long(server: RancherServer, parrot: Row, driver: CattleDriver) -> None:
    server.world.engine.stop()
    with pytest.raises(CannotRun, match="acme/parrot:2 was not pulled on all hosts in time"):
        driver.pull("acme/parrot:2", time.monotonic() - 1)
    server.world.engine.start()


def test_the_version_tells_whether_a_plan_is_still_right(
    server: RancherServer, parrot: Row, gateline: Gateline, driver: CattleDriver
) -> None:
    mark = Mark("a.1")
    plan = driver.diff(Wish(image="acme/parrot:2"), mark)
    assert driver.read().version == plan.version
    driver.apply(plan)
    assert driver.read().version != plan.version
    assert driver.read().owner == mark


def test_a_service_that_changes_between_plan_and_begin_is_planned_anew(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    """Somebody else's upgrade begins and ends while the images are pulled."""
    services = server.api.services

    def interfere(row: Row) -> None:
        if row.base == "pullTask" and row["state"] == "activating":
            server.world.listeners.remove(interfere)
            config = {**parrot["launchConfig"], "environment": {"OTHER": "1"}}
            services.upgrade(parrot, {"inServiceStrategy": {"launchConfig": config, "intervalMillis": 100}})
            server.world.listeners.append(finish)

    def finish(row: Row) -> None:
        if row is parrot and row["state"] == "upgraded":
            server.world.listeners.remove(finish)
            services.finish(parrot)

    server.world.times = dataclasses.replace(server.world.times, pull=60.0)
    server.world.listeners.append(interfere)
    done = gateline.deploy("--image", "acme/parrot:2", "--pull", "before")
    assert done.code == 0, done.text
    assert "the service was changed meanwhile; planning anew" in done.out
    assert parrot["launchConfig"]["environment"] == {"OTHER": "1"}
    assert parrot["launchConfig"]["imageUuid"] == "docker:acme/parrot:2"
