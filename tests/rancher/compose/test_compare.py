"""What counts as different, and what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.rancher.compose.compare import DIGEST_LABEL, differs, digest, holds, wanted
from tests.rancher16 import configs

BASE = {"imageUuid": "docker:a", "environment": {"A": "1"}, "labels": {"team": "birds"}}


def stored(config: dict[str, Any], *, deployed: bool = True) -> dict[str, Any]:
    """What the server makes of it; `deployed` by Gateline."""
    sent = wanted(config, None, name="", balancer=False)
    if not deployed:
        del sent["labels"][DIGEST_LABEL]
    found = configs.completed(sent, sidekick=False, version="1")
    ports = iter(range(49153, 49999))
    found["ports"] = configs.with_ports(found["ports"], [], lambda: next(ports))
    return found


@pytest.mark.parametrize("deployed", [True, False])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ports": ["80", "8080:81", "127.0.0.1:1:2/udp"]},
        {"healthCheck": {"port": 80, "interval": 2000}},
        {"logConfig": {"driver": "syslog", "config": {"a": "b"}}},
        {"networkMode": "host"},
        {"command": ["serve"], "dataVolumes": ["/a:/b"], "memory": 5},
    ],
)
def test_what_the_server_completes_is_no_difference(more: dict[str, Any], deployed: bool) -> None:
    assert not differs({**BASE, **more}, stored({**BASE, **more}, deployed=deployed), balancer=False)


@pytest.mark.parametrize("deployed", [True, False])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"imageUuid": "docker:b"}),
        ({}, {"environment": {"A": "2"}}),
        ({}, {"environment": {}}),
        ({}, {"environment": {"A": "1", "B": "2"}}),
        ({}, {"labels": {"team": "dogs"}}),
        ({}, {"labels": {}}),
        ({}, {"labels": {"team": "birds", "more": ""}}),
        ({}, {"ports": ["80"]}),
        ({"ports": ["80"]}, {}),
        ({"ports": ["80"]}, {"ports": ["81"]}),
        ({"ports": ["80"]}, {"ports": ["80/udp"]}),
        ({"ports": ["8080:80"]}, {"ports": ["8081:80"]}),
        ({"healthCheck": {"port": 80}}, {"healthCheck": {"port": 81}}),
        ({"healthCheck": {"port": 80}}, {}),
        ({"command": ["a"]}, {"command": ["b"]}),
        ({"command": ["a"]}, {}),
        ({"networkMode": "host"}, {}),
        ({"logConfig": {"driver": "syslog", "config": {}}}, {}),
        ({"dataVolumes": ["/a:/b"]}, {"dataVolumes": ["/a:/c"]}),
    ],
)
def test_differences(old: dict[str, Any], new: dict[str, Any], deployed: bool) -> None:
    assert differs({**BASE, **new}, stored({**BASE, **old}, deployed=deployed), balancer=False)


def test_only_the_digest_tells_that_a_default_was_taken_out() -> None:
    old = {**BASE, "healthCheck": {"port": 80, "strategy": "recreate"}}
    new = {**BASE, "healthCheck": {"port": 80}}
    assert differs(new, stored(old), balancer=False)
    assert not differs(new, stored(old, deployed=False), balancer=False)


def test_labels_of_rancher_and_of_gateline_are_left_out_of_account() -> None:
    current = stored(BASE)
    current["labels"].update({"io.rancher.service.hash": "x", "io.gateline.deploy": "y"})
    assert not differs(BASE, current, balancer=False)


def test_fields_that_no_file_speaks_of_stay() -> None:
    current = {**stored(BASE), "vcpu": 2, "requestedHostId": "1h5"}
    sent = wanted({**BASE, "imageUuid": "docker:b"}, current, name="", balancer=False)
    assert (sent["vcpu"], sent["requestedHostId"], sent["imageUuid"]) == (2, "1h5", "docker:b")
    assert current["imageUuid"] == "docker:a"


def test_what_is_equal_keeps_the_words_of_the_server() -> None:
    config = {**BASE, "ports": ["80"], "healthCheck": {"port": 80}}
    sent = wanted({**config, "imageUuid": "docker:b"}, stored(config), name="", balancer=False)
    assert sent["ports"] == ["49153:80/tcp"]
    assert sent["healthCheck"]["strategy"] == "recreate"


def test_what_is_gone_from_the_files_goes() -> None:
    sent = wanted(BASE, stored({**BASE, "command": ["a"], "user": "b"}), name="log", balancer=False)
    assert (sent["command"], sent["user"], sent["name"]) == (None, None, "log")


def test_a_load_balancer_keeps_what_the_server_gave_it() -> None:
    current = stored(BASE, deployed=False)
    current["labels"]["io.rancher.container.create_agent"] = "true"
    current["healthCheck"] = {"port": 42}
    assert not differs(BASE, current, balancer=True)
    sent = wanted({**BASE, "imageUuid": "docker:b"}, current, name="", balancer=True)
    assert sent["labels"]["io.rancher.container.create_agent"] == "true"
    assert sent["healthCheck"] == {"port": 42}
    plain = wanted({**BASE, "imageUuid": "docker:b"}, current, name="", balancer=False)
    assert "io.rancher.container.create_agent" not in plain["labels"]


def test_the_digest_says_nothing_of_variables() -> None:
    assert digest(BASE) == digest({**BASE, "environment": {"PASSWORD": "hunter2"}})
    assert digest(BASE) != digest({**BASE, "command": ["a"]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_everything_holds_itself(value: Any) -> None:
    assert holds(value, value)


@given(st.dictionaries(st.text(max_size=3), json_values, max_size=3), st.dictionaries(st.text(max_size=3), json_values))
def test_more_holds_less(asked: dict[str, Any], more: dict[str, Any]) -> None:
    assert holds({**more, **asked}, asked)


@pytest.mark.parametrize(
    ("current", "asked"), [({}, {"a": 1}), ([1], [1, 2]), ([1, 2], [1]), (None, "x"), ({"a": [1]}, {"a": [2]})]
)
def test_what_does_not_hold(current: Any, asked: Any) -> None:
    assert not holds(current, asked)
