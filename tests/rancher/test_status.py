"""`gateline status STACK/SERVICE`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gates.rancher.status import next_step
from gates.rancher.target import Container, Phase, Situation
from tests.rancher.jobs import Gateline
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

WELL = Container(id="1i1", name="gf-chat-parrot-rest-1", state="running", health="healthy")


def status(gateline: Gateline, *more: str) -> str:
    done = gateline("status", "gf-chat/parrot-rest", "--history", str(gateline.history), *more)
    assert done.code == 0, done.text
    return done.out


def test_a_service_that_nobody_touched(gateline: Gateline, parrot: Row) -> None:
    assert status(gateline).splitlines() == [
        "service        gf-chat/parrot-rest",
        "state          active",
        "health         healthy",
        "image          acme/parrot:1",
        "last change    not made by Gateline",
        "container      gf-chat-parrot-rest-1  acme/parrot:1, running, healthy".replace("1, r", "1  r"),
        "container      gf-chat-parrot-rest-2  acme/parrot:1, running, healthy".replace("1, r", "1  r"),
        "next           Nothing to do.",
    ]


def test_an_upgrade_that_waits(gateline: Gateline, parrot: Row) -> None:
    gateline.deploy("--image", "acme/parrot:2", "--no-finish")
    lines = status(gateline).splitlines()
    assert "state          upgraded (waits to be confirmed, the old containers are kept)" in lines
    assert "image          acme/parrot:2 (before: acme/parrot:1)" in lines
    assert "container      gf-chat-parrot-rest-1  acme/parrot:1  stopped, not checked, old" in lines
    assert "container      gf-chat-parrot-rest-1  acme/parrot:2  running, healthy" in lines
    assert next(line for line in lines if line.startswith("last change")).startswith("last change    deploy ")
    assert any(line.startswith("recorded here  ") and "deploy gf-chat/parrot-rest  waiting" in line for line in lines)
    assert lines[-1] == (
        "next           Confirm with `gateline finish gf-chat/parrot-rest`, "
        "or go back at once with `gateline rollback gf-chat/parrot-rest`."
    )


def test_after_a_deploy(gateline: Gateline, parrot: Row) -> None:
    gateline.deploy("--image", "acme/parrot:2")
    lines = status(gateline).splitlines()
    assert "image          acme/parrot:2 (before: acme/parrot:1)" in lines
    assert lines[-1].endswith("Nothing to do. `gateline rollback gf-chat/parrot-rest` would deploy what ran before.")


def test_json(gateline: Gateline, parrot: Row) -> None:
    gateline.deploy("--image", "acme/parrot:2")
    found = json.loads(status(gateline, "--json"))
    assert (found["stack"], found["service"], found["state"], found["phase"]) == (
        "gf-chat",
        "parrot-rest",
        "active",
        "resting",
    )
    assert (found["images"], found["previous_images"]) == ({"": "acme/parrot:2"}, {"": "acme/parrot:1"})
    assert found["deploy"]["deploy"] == parrot["launchConfig"]["labels"]["io.gateline.deploy"]
    assert [container["current"] for container in found["containers"]] == [True, True]
    assert found["recorded"][0]["result"] == "deployed"
    assert found["next"].startswith("Nothing to do.")


def test_a_service_that_is_not_well(server: RancherServer, gateline: Gateline, parrot: Row) -> None:
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    gateline.deploy("--image", "acme/parrot:2", "--no-undo", "--deadline", "1s")
    lines = status(gateline).splitlines()
    assert "health         degraded" in lines
    assert lines[-1].startswith("next           The server goes on by itself. Run the same deploy again")


def test_crashes_and_errors_are_shown(server: RancherServer, gateline: Gateline, parrot: Row) -> None:
    server.images["acme/parrot:2"] = Behaviour(crash_after=0.5)
    gateline.deploy("--image", "acme/parrot:2", "--no-undo", "--deadline", "2s", "--max-restarts", "2")
    assert ", restarted " in status(gateline)


def test_only_deploys_of_this_service_are_shown(server: RancherServer, gateline: Gateline, parrot: Row) -> None:
    server.add_service("other/owl", image="acme/owl:1", scale=1)
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
    line = gateline.deploy_line("--image", "acme/owl:2")
    assert gateline(line[0], "other/owl", *line[2:]).code == 0
    assert status(gateline).count("recorded here") == 1


def test_a_service_that_is_not_there(gateline: Gateline, parrot: Row) -> None:
    done = gateline("status", "gf-chat/parot-rest")
    assert (done.code, "Did you mean parrot-rest?" in done.error) == (2, True)


@pytest.mark.parametrize(
    ("phase", "change", "words"),
    [
        (Phase.RESTING, lambda found: found, "Nothing to do."),
        (Phase.RESTING, lambda found: Situation(**{**vars(found), "expected": 2}), "It is not well: only 1 of 2"),
        (Phase.UPGRADED, lambda found: Situation(**{**vars(found), "expected": 2}), "Wait, or go back at once"),
        (Phase.UPGRADED, lambda found: found, "Confirm with `gateline finish a/b`"),
        (
            Phase.UPGRADING,
            lambda found: Situation(**{**vars(found), "error": "no disk"}),
            "It reports an error: no disk.",
        ),
        (Phase.CANCELED, lambda found: found, "Go back with `gateline rollback a/b`."),
        (Phase.STOPPED, lambda found: found, "Start it in Rancher"),
        (Phase.GONE, lambda found: found, "It was removed"),
        (Phase.BUSY, lambda found: found, "Wait until that is over"),
        (Phase.CANCELING, lambda found: found, "Wait until that is over"),
        (Phase.UNDOING, lambda found: found, "Wait until that is over"),
        (Phase.FINISHING, lambda found: found, "Wait until that is over"),
    ],
)
def test_what_to_do_next(phase: Phase, change: Callable[[Situation], Situation], words: str) -> None:
    assert words in next_step("a/b", change(Situation(phase, str(phase), expected=1, containers=(WELL,))))
