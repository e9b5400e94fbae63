"""`gateline deploy --create`: a service that is not there yet, described by options."""

from __future__ import annotations

import pytest

from tests.rancher.jobs import Gateline
from tests.rancher16 import RancherServer


def create(gateline: Gateline, *arguments: str) -> list[str]:
    return gateline.deploy_line("--create", *arguments)


def test_stack_and_service_are_made(server: RancherServer, gateline: Gateline) -> None:
    server.add_service("shared/redis", scale=1)
    secret = server.create("secrets", {"name": "key", "value": "eA=="})
    (host, _) = server.world.rows("host")
    done = gateline(
        *create(
            gateline,
            "--image",
            "acme/parrot:1",
            "--env",
            "LOG_LEVEL=info",
            "--label",
            "team=birds",
            "--sidekick",
            "log=acme/log:1",
            "--link",
            "shared/redis:cache",
            "--secret",
            "key",
            "--host",
            "host1",
        )
    )
    assert done.code == 0, done.text
    assert "plan for the stack gf-chat, as the options say:" in done.out
    (service,) = server.world.rows("service", name="parrot-rest")
    config = service["launchConfig"]
    assert service["state"] == "active"
    assert (config["imageUuid"], config["environment"]) == ("docker:acme/parrot:1", {"LOG_LEVEL": "info"})
    assert config["labels"]["team"] == "birds"
    assert (config["requestedHostId"], config["secrets"][0]["secretId"]) == (host.id, secret.id)
    assert [part["name"] for part in service["secondaryLaunchConfigs"]] == ["log"]
    assert list(service["linkedServices"]) == ["cache"]
    assert gateline.entries()[-1]["result"] == "deployed"


def test_one_that_is_there_is_upgraded(server: RancherServer, gateline: Gateline) -> None:
    server.add_service(scale=1)
    done = gateline(*create(gateline, "--image", "acme/parrot:2", "--link", "db"))
    assert done.code == 0, done.text
    assert "--link, --secret and --host say how the service is made, and it is there already" in done.out
    (service,) = server.world.rows("service", name="parrot-rest")
    assert service["launchConfig"]["imageUuid"] == "docker:acme/parrot:2"


def test_names_of_gitlab_are_understood(
    server: RancherServer, gateline: Gateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_PROJECT_NAMESPACE", "my.group")
    monkeypatch.setenv("CI_PROJECT_NAME", "my.app")
    line = [word for word in create(gateline, "--image", "acme/app:1") if word != "gf-chat/parrot-rest"]
    assert gateline(*line).code == 0
    assert [row["name"] for row in server.world.rows("stack")] == ["my-group"]
    assert [row["name"] for row in server.world.rows("service")] == ["my-app"]


def test_a_dry_run_makes_nothing(server: RancherServer, gateline: Gateline) -> None:
    assert gateline(*create(gateline, "--image", "acme/parrot:1", "--dry-run")).code == 0
    assert not list(server.world.rows("stack"))


def test_one_that_fails_is_gone_again(server: RancherServer, gateline: Gateline) -> None:
    done = gateline(*create(gateline, "--image", "acme/parrot:missing", "--deadline", "3s", "--max-restarts", "1"))
    assert done.code == 5, done.text
    assert not [row for base in ("stack", "service") for row in server.world.rows(base) if not row.gone]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "parrot-rest is not there, and can only be made of an image"),
        (["--image", "a", "--host", "host9"], "there is no one host called host9\n  There are: host1, host2."),
        (["--image", "a", "--secret", "key"], "there is no secret called key"),
        (["--image", "a", "--link", ":x"], "--link :x is not SERVICE or SERVICE:ALIAS"),
        (["--image", "a", "--link", "db"], "parrot-rest leads to db, which is neither described nor there"),
    ],
)
def test_what_cannot_be(server: RancherServer, gateline: Gateline, arguments: list[str], message: str) -> None:
    done = gateline(*create(gateline, *arguments))
    assert done.code == 2
    assert message in done.error
    assert not list(server.world.rows("stack"))


def test_how_it_is_made_needs_create(gateline: Gateline) -> None:
    done = gateline.deploy("--link", "db")
    assert (done.code, done.error) == (
        2,
        "gateline: --link, --secret and --host say how a service is made, so they need --create\n",
    )
