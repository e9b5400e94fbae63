"""Webhook receivers: made, called, and what is known of it afterwards."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from gates.errors import UsageError
from gates.rancher.masks import MASK
from gates.rancher.webhook import Receiver, payload_of, receiver_of
from tests.rancher.jobs import Gateline, Result
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

URL = "https://rancher.example.org/v1-webhooks/endpoint?key=s3cr3t&projectId=1a5"


@pytest.fixture
def receiver(gateline: Gateline, parrot: Row, monkeypatch: pytest.MonkeyPatch) -> str:
    """Upgrades gf-chat/parrot-rest to what is pushed as :2; its URL is in the variable HOOK."""
    done = gateline("webhook", "create", "ci", "--label", "team=birds", "--tag", "2", "--output", "hook")
    assert done.code == 0, done.text
    url = (gateline.folder / "hook").read_text().strip()
    monkeypatch.setenv("HOOK", url)
    assert url not in done.text
    return url


def call(gateline: Gateline, *arguments: str, image: str = "acme/parrot:2") -> Result:
    line = gateline.deploy_line("--webhook", "HOOK", "--image", image, *arguments)
    at = line.index("--interval")  # which the receiver says
    return gateline(*line[:at], *line[at + 2 :])


def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANCHER_SECRET_KEY")


def test_a_receiver_is_made_for_the_services_with_a_label(
    server: RancherServer, gateline: Gateline, parrot: Row
) -> None:
    server.add_service("other/owl", scale=1, launchConfig={"labels": {"team": "birds", "night": "yes"}})
    done = gateline(
        "webhook", "create", "ci", "--label", "team=birds", "--tag", "2", "--batch-size", "3", "--interval", "5s",
        "--start-first", "--payload-format", "azure",
    )  # fmt: skip
    assert done.code == 0, done.text
    first, second, third = done.out.splitlines()
    assert first == "made the receiver ci: images with the tag 2 upgrade gf-chat/parrot-rest, other/owl"
    assert second == f"its URL is {server.url}/v1-webhooks/endpoint?{MASK}"
    assert third.startswith("the whole URL is in Rancher")
    (row,) = server.world.rows("receiver")
    assert row["config"] == {
        "serviceSelector": {"team": "birds"},
        "tag": "2",
        "payloadFormat": "azure",
        "batchSize": 3,
        "intervalMillis": 5,  # which the server takes for seconds
        "startFirst": True,
    }
    assert row["key"] not in done.text


def test_the_url_is_shown_on_request(server: RancherServer, gateline: Gateline, parrot: Row) -> None:
    done = gateline("webhook", "create", "ci", "--label", "team=birds", "--show")
    (row,) = server.world.rows("receiver")
    assert f"key={row['key']}" in done.out.splitlines()[1]
    assert len(done.out.splitlines()) == 2


def test_the_url_is_written_where_only_its_owner_can_read(
    server: RancherServer, gateline: Gateline, receiver: str
) -> None:
    file = gateline.folder / "hook"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = gateline("webhook", "create", "ci2", "--label", "team=birds", "--output", "hook")
    assert (done.code, done.error) == (2, f"gateline: {file} is there already\n  Name a file that is not there yet.\n")
    assert len(list(server.world.rows("receiver"))) == 1


def test_a_file_without_a_receiver_goes_again(gateline: Gateline, parrot: Row) -> None:
    done = gateline("webhook", "create", "ci", "--label", "team=dogs", "--output", "hook")
    assert done.code == 2
    assert "no service of the environment Default has team=dogs" in done.error
    assert not (gateline.folder / "hook").exists()
    assert gateline("webhook", "create", "ci", "--label", "team=birds", "--output", "no/such/hook").code == 2


@pytest.mark.parametrize("label", ["team", "=birds"])
def test_a_label_needs_name_and_value(gateline: Gateline, label: str) -> None:
    assert gateline("webhook", "create", "ci", "--label", label).error == (
        f"gateline: --label {label} is not NAME=VALUE\n"
    )


def test_a_second_receiver_of_the_same_name(gateline: Gateline, receiver: str) -> None:
    done = gateline("webhook", "create", "ci", "--label", "team=birds")
    assert done.code == 2
    assert "Cannot have duplicate webhook name" in done.error


def test_the_upgrade_is_watched_and_recorded(gateline: Gateline, parrot: Row, receiver: str) -> None:
    done = call(gateline)
    assert done.code == 0, done.text
    assert done.out.endswith("gf-chat/parrot-rest: deployed and well\n")
    assert receiver not in done.text
    assert (parrot["state"], parrot["launchConfig"]["imageUuid"]) == ("active", "docker:acme/parrot:2")
    assert gateline.entries()[-1]["result"] == "deployed"
    assert "s3cr3t" not in gateline.history.read_text()


def test_one_that_is_stuck_in_upgraded_is_confirmed(
    server: RancherServer, gateline: Gateline, parrot: Row, receiver: str
) -> None:
    """The webhook service looks once, and may look too early: rancher/rancher#8678."""
    server.world.secrets["webhooks forget"] = True
    done = call(gateline)
    assert done.code == 0, done.text
    assert parrot["state"] == "active"


@pytest.mark.parametrize(
    "behaviour", [Behaviour(health="unhealthy"), Behaviour(crash_after=1.0), Behaviour(broken="no such image")]
)
def test_a_bad_image_is_undone(
    server: RancherServer, gateline: Gateline, parrot: Row, receiver: str, behaviour: Behaviour
) -> None:
    server.images["acme/parrot:2"] = behaviour
    old = sorted(row.id for row in server.containers(parrot))
    done = call(gateline, "--deadline", "4s", "--grace", "1s", "--max-restarts", "1")
    assert done.code == 5, done.text
    assert (parrot["state"], parrot["launchConfig"]["imageUuid"]) == ("active", "docker:acme/parrot:1")
    server.wait_for(lambda: sorted(row.id for row in server.containers(parrot)) == old)


def test_the_same_image_is_called_again(gateline: Gateline, parrot: Row, receiver: str) -> None:
    assert call(gateline).code == 0
    first = parrot["launchConfig"]["version"]
    assert call(gateline).code == 0
    assert parrot["launchConfig"]["version"] != first


def test_a_call_that_begins_nothing_is_told(gateline: Gateline, parrot: Row, receiver: str) -> None:
    done = call(gateline, "--grace", "300ms", image="acme/parrot:3")
    assert done.code == 3
    assert "the receiver has answered, but no upgrade of gf-chat/parrot-rest has begun within 0.3 s" in done.error
    assert parrot["state"] == "active"


@pytest.mark.parametrize("kind", ["drop-after", "drop"])
def test_an_answer_that_is_lost(
    server: RancherServer, gateline: Gateline, parrot: Row, receiver: str, kind: str
) -> None:
    server.fault(kind, method="POST", path="endpoint", times=1)
    done = call(gateline, "--grace", "1s")
    assert done.code == (0 if kind == "drop-after" else 3), done.text
    assert receiver not in done.text


def test_a_dry_run_calls_nothing(server: RancherServer, gateline: Gateline, parrot: Row, receiver: str) -> None:
    done = call(gateline, "--dry-run")
    assert done.code == 0
    assert "acme/parrot:1 -> acme/parrot:2" in done.out
    assert not [request for request in server.requests if "endpoint" in request["target"]]


def test_without_keys_nothing_can_be_known(
    server: RancherServer, gateline: Gateline, parrot: Row, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_keys(monkeypatch)
    done = call(gateline)
    assert done.code == 7
    assert "was called for acme/parrot:2; what comes of it cannot be known without API keys" in done.error
    server.wait_for(lambda: bool(parrot["launchConfig"]["imageUuid"] == "docker:acme/parrot:2"))
    (request,) = [request for request in server.requests if "endpoint" in request["target"]]
    assert "authorization" not in request["headers"]
    assert json.loads(request["body"]) == {"push_data": {"tag": "2"}, "repository": {"repo_name": "acme/parrot"}}
    assert receiver not in done.text + gateline.history.read_text()
    shown = gateline("history", "--history", str(gateline.history)).out
    assert "webhook gf-chat/parrot-rest  running" in shown


def test_without_keys_a_dry_run_calls_nothing(
    server: RancherServer, gateline: Gateline, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_keys(monkeypatch)
    before = len(server.requests)
    done = gateline("deploy", "--webhook", "HOOK", "--image", "acme/parrot:2", "--without-verdict", "x", "--dry-run")
    assert done.code == 0
    assert f"endpoint?{MASK} would be called for acme/parrot:2" in done.out
    assert len(server.requests) == before


@pytest.mark.parametrize(("status", "code"), [(400, 2), (403, 2), (404, 2), (302, 2), (500, 7), (502, 7)])
def test_without_keys_a_refusal_is_told(
    server: RancherServer, gateline: Gateline, receiver: str, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    without_keys(monkeypatch)
    server.fault("status", path="endpoint", status=status)
    done = call(gateline)
    assert done.code == code, done.text
    assert f"answered {status}" in done.error
    assert receiver not in done.text
    assert gateline.entries()[-1]["exit_code"] == code


def test_a_url_on_the_command_line_is_used_and_warned_of(
    gateline: Gateline, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_keys(monkeypatch)
    done = call(gateline, "--webhook", receiver)
    assert done.code == 7
    assert "the URL of a receiver is a secret, and the list of processes shows it" in done.error


def test_a_verdict_is_needed_for_a_call_too(gateline: Gateline, receiver: str, server: RancherServer) -> None:
    done = gateline("deploy", "gf-chat/parrot-rest", "--webhook", "HOOK", "--image", "acme/parrot:2")
    assert done.code == 4
    assert not [request for request in server.requests if "endpoint" in request["target"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "A=1"], "--env cannot be given with a webhook receiver"),
        (["--batch-size", "2"], "--batch-size cannot be given with a webhook receiver"),
        (["--image", "acme/parrot"], "a webhook receiver is called with an image and its tag"),
        (["--image", "acme/parrot@sha256:" + "0" * 64], "a webhook receiver is called with an image and its tag"),
        (["--webhook", "NOT_SET"], "the variable NOT_SET is not set"),
        (["--webhook", "https://rancher.example.org"], "does not look right"),
        (["--compose", "docker-compose.yml"], "--webhook and --compose exclude each other"),
    ],
)
def test_what_cannot_be(gateline: Gateline, receiver: str, arguments: list[str], message: str) -> None:
    done = call(gateline, *arguments)
    assert done.code == 2
    assert message in done.error


def test_a_receiver_hides_its_url() -> None:
    receiver = Receiver("https://user:pw@rancher.example.org/v1-webhooks/endpoint?key=s3cr3t&projectId=1a5")
    assert receiver.shown == f"https://rancher.example.org/v1-webhooks/endpoint?{MASK}"
    assert "s3cr3t" not in repr(receiver)
    assert receiver.project == "1a5"
    assert receiver_of("HOOK", {"HOOK": f" {URL}\n"}) == Receiver(URL)


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("acme/parrot:2", "acme/parrot", "2"),
        ("registry:5000/acme/parrot:v1.2-rc", "registry:5000/acme/parrot", "v1.2-rc"),
    ],
)
def test_payload(image: str, name: str, tag: str) -> None:
    found: dict[str, Any] = payload_of(image)
    assert (found["repository"]["repo_name"], found["push_data"]["tag"]) == (name, tag)


@pytest.mark.parametrize("image", ["", "acme/parrot", "registry:5000/acme/parrot", "a:b c", "acme/parrot:1@sha256:0"])
def test_no_payload_without_a_tag(image: str) -> None:
    with pytest.raises(UsageError, match="an image and its tag"):
        payload_of(image)
