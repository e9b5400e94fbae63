"""Fault × phase × kill-and-resume: whatever happens, it ends in a known state with the right exit code.

In the first table the fault passes: the deploy must come to its own end, 0 on the new containers when they are good
and 5 on the old ones when they are not. In the second it stays: then the code and the record must say how it was left.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from tests.rancher.jobs import Gateline, Job, Nursery
from tests.rancher.test_deploy import running
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

Break = Callable[[RancherServer, Row], Any]
ACTIONS = r"services/\w+/?\?action="

IMAGES = {
    "good": Behaviour(),
    "unhealthy": Behaviour(health="unhealthy"),
    "sick": Behaviour(sick_after=8.0),
    "crashing": Behaviour(crash_after=1.0),
    "missing": Behaviour(broken="manifest not found"),
    "fatal": Behaviour(lines=(("2", "FATAL: no database"),)),
}

PASSING: dict[str, Break] = {
    "none": lambda server, service: None,
    "409 storm": lambda server, service: server.fault("status", path=ACTIONS, status=409, code="Conflict", times=4),
    "422 storm": lambda server, service: server.fault(
        "status", path=ACTIONS, status=422, code="ActionNotAvailable", times=4
    ),
    "500 storm": lambda server, service: server.fault("status", times=3),
    "dropped": lambda server, service: server.fault("drop", times=3),
    "lost answers": lambda server, service: server.fault("drop-after", method="POST", times=2),
    "half answers": lambda server, service: server.fault("half", times=2),
    "proxy 502": lambda server, service: server.fault("html", status=502, times=3),
    "slow": lambda server, service: server.fault("slow", seconds=0.3, times=3),
    "hanging": lambda server, service: server.fault("hang", seconds=3, times=1),
    "no sockets": lambda server, service: (server.drop_sockets(), server.fault("drop", path="subscribe")),
    "restart": lambda server, service: restart(server),
    "restart while hosts go on": lambda server, service: restart(server, engine=False),
}


def restart(server: RancherServer, *, engine: bool = True) -> None:
    server.later(0.0, lambda: server.crash(engine=engine))
    server.later(0.5, lambda: server.start(engine=engine))


@dataclass(frozen=True)
class Case:
    """One row: with an image of that kind, break something when the service comes into the phase, and kill the job."""

    image: str
    fault: str
    phase: str
    kill: bool

    def __str__(self) -> str:
        return f"{self.image}-{self.fault}-{self.phase}{'-kill' if self.kill else ''}".replace(" ", "_")


FORWARD, BACK = ("upgrading", "upgraded", "finishing-upgrade"), ("upgrading", "canceled-upgrade", "rolling-back")
TABLE = [
    *(Case("good", fault, phase, kill) for fault, phase, kill in product(PASSING, FORWARD, (False, True))),
    *(Case("unhealthy", fault, phase, kill) for fault, phase, kill in product(PASSING, BACK, (False, True))),
    *(
        Case(image, fault, "rolling-back", kill)
        for image, fault, kill in product(("sick", "crashing", "missing", "fatal"), ("none", "restart"), (False, True))
    ),
]
QUICK_FAULTS = ("none", "lost answers")
"""Those that are also run where there is little time, with a kill in each phase."""


def marked(case: Case) -> Any:
    quick = case.kill and case.fault in QUICK_FAULTS and case.image in ("good", "unhealthy")
    return pytest.param(case, id=str(case), marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize("case", [marked(case) for case in TABLE])
def test_a_fault_that_passes(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery, case: Case
) -> None:
    server.images["acme/parrot:2"] = IMAGES[case.image]
    reached = server.when(parrot, case.phase, lambda: PASSING[case.fault](server, parrot))
    line = gateline.deploy_line(
        *("--image", "acme/parrot:2", "--grace", "200ms", "--bake", "300ms", "--max-restarts", "1"),
        *("--request-timeout", "1s", "--abort-on-log", "FATAL"),
    )
    job = nursery.start(gateline, *line)
    if case.kill:
        assert job.wait_for(reached), job.text
        job.kill()
        assert job.wait() is None or case.phase in ("finishing-upgrade", "rolling-back")
        job = nursery.start(gateline, *line)
    code = job.wait()
    assert reached(), "the fault has not happened"
    good = case.image == "good"
    assert code == (0 if good else 5), job.text
    check_end(server, parrot, gateline, job, "acme/parrot:2" if good else "acme/parrot:1")
    accepted = [entry for entry in server.requests if "action=upgrade" in entry["target"] and entry["status"] == 202]
    assert len(accepted) == 1 or (case.kill and not good), "the upgrade was begun twice"


def check_end(server: RancherServer, service: Row, gateline: Gateline, job: Job, image: str) -> None:
    """At rest, well, on one image only, and recorded."""
    assert service["state"] == "active"
    assert server.health(service) == "healthy"
    assert running(server, service) == [f"1 {image}", f"2 {image}"]
    assert service["launchConfig"]["imageUuid"] == f"docker:{image}"
    server.wait_for(lambda: len(server.containers(service)) == 2)
    check_record(server, gateline, job)


def check_record(server: RancherServer, gateline: Gateline, job: Job) -> dict[str, Any]:
    """Nothing half-done is unreported, and nothing secret is told."""
    last = json.loads(gateline.history.read_text().splitlines()[-1])
    assert last["event"] == "ended"
    assert last["exit_code"] == job.code
    assert "Traceback" not in job.text
    assert server.secret not in job.text + gateline.history.read_text()
    return dict(last)


@dataclass(frozen=True)
class Staying:
    """A fault that stays. `states`: how the service may be left; `words`: what a person must read."""

    name: str
    image: str
    phase: str
    action: Break
    code: int
    states: tuple[str, ...]
    words: str


def stuck(server: RancherServer, service: Row) -> None:
    service.hidden["stuck"] = True


def revoke(server: RancherServer, service: Row) -> None:
    server.world.keys.clear()


def down(server: RancherServer, service: Row) -> None:
    server.later(0.0, lambda: server.crash(engine=False))


def refuse(action: str) -> Break:
    return lambda server, service: server.fault("status", path=f"action={action}", status=409, code="Conflict")


def forbid(action: str) -> Break:
    return lambda server, service: server.fault("status", path=f"action={action}", status=403, code="Forbidden")


def old_images_rot(server: RancherServer, service: Row) -> None:
    server.images["acme/parrot:1"] = Behaviour(health="unhealthy")


def remove(server: RancherServer, service: Row) -> None:
    service.epoch += 1
    server.later(0.0, lambda: server.locked(lambda: server.api.services.remove(service)))


UNDER_WAY = ("upgrading", "upgraded", "canceling-upgrade", "canceled-upgrade", "rolling-back", "active")

STAYING = [
    Staying("stuck", "good", "upgrading", stuck, 5, ("active",), "back on its old containers and well: not done after"),
    Staying("stuck", "good", "finishing-upgrade", stuck, 7, ("finishing-upgrade",), "still finishing-upgrade"),
    Staying("revoked", "good", "upgrading", revoke, 6, UNDER_WAY, "goes on unwatched: the server answered 401"),
    Staying("revoked", "good", "upgraded", revoke, 6, ("upgraded",), "goes on unwatched: the server answered 401"),
    Staying("revoked", "unhealthy", "canceled-upgrade", revoke, 6, ("canceled-upgrade",), "could not be undone"),
    Staying("revoked", "unhealthy", "rolling-back", revoke, 6, ("active",), "could not be undone"),
    Staying("down", "good", "upgrading", down, 6, UNDER_WAY, "could not be undone"),
    Staying("down", "good", "upgraded", down, 6, ("upgraded",), "could not be undone"),
    Staying(
        "down", "good", "finishing-upgrade", down, 7, ("active",), "was being finished when the server fell silent"
    ),
    Staying("down", "unhealthy", "rolling-back", down, 6, ("active",), "could not be undone"),
    Staying("409", "good", "upgraded", refuse("finishupgrade"), 7, ("upgraded",), "was still upgraded at the deadline"),
    Staying("409", "unhealthy", "upgrading", refuse("cancelupgrade"), 6, ("upgrading",), "could not be undone in time"),
    Staying("409", "unhealthy", "upgrading", refuse("rollback"), 6, ("canceled-upgrade",), "could not be undone in"),
    Staying("403", "good", "upgraded", forbid("finishupgrade"), 7, ("upgraded",), "was still upgraded at the deadline"),
    Staying("403", "unhealthy", "upgrading", forbid("rollback"), 6, ("canceled-upgrade",), "could not be undone in"),
    Staying(
        "rot", "unhealthy", "upgrading", old_images_rot, 6, ("active",), "could not be undone in time, it is active"
    ),
    Staying("removed", "good", "upgrading", remove, 6, ("removing", "removed"), "somebody took it away"),
    Staying("removed", "good", "upgraded", remove, 6, ("removing", "removed"), "somebody took it away"),
    Staying("removed", "unhealthy", "canceled-upgrade", remove, 6, ("removing", "removed"), "is remov"),
]

BLIND = {"revoked": 2, "down": 3, "removed": 2}


@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True], ids=["", "kill"])
@pytest.mark.parametrize("case", STAYING, ids=lambda case: f"{case.name}-{case.phase}-{case.image}")
def test_a_fault_that_stays(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery, case: Staying, kill: bool
) -> None:
    server.images["acme/parrot:2"] = IMAGES[case.image]
    reached = server.when(parrot, case.phase, lambda: case.action(server, parrot))
    line = gateline.deploy_line(
        *("--image", "acme/parrot:2", "--grace", "200ms", "--bake", "300ms", "--deadline", "1500ms"),
        *("--request-timeout", "1s"),
    )
    job = nursery.start(gateline, *line)
    if kill:
        assert job.wait_for(reached), job.text
        job.kill()
        job.wait()
        job = nursery.start(gateline, *line)
    code = job.wait(90)
    assert reached()
    assert "Traceback" not in job.text
    assert parrot["state"] in case.states
    if kill and case.name in BLIND:
        # The next job cannot even look: it says so, and the record of the killed one has no end.
        assert code == BLIND[case.name], job.text
        assert json.loads(gateline.history.read_text().splitlines()[0])["event"] == "began"
        return
    assert code == case.code, job.text
    assert case.words in job.text
    check_record(server, gateline, job)
