"""rancher-gitlab-deploy 1.7 as it is on PyPI, against the test server: it ends where it would on a real one.

It is installed once into a folder for temporary files, which needs the network; so this is slow, and skipped offline.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.rancher.conftest import CHECKED, Bare
from tests.rancher.test_deploy import running
from tests.rancher.test_server_upgrades import reach, strategy
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row

pytestmark = pytest.mark.slow

TOOL = "rancher-gitlab-deploy==1.7"


@pytest.fixture(scope="session")
def tool() -> Path:
    """The installed program."""
    folder = Path(tempfile.gettempdir()) / f"gateline-tests-{os.getuid()}" / TOOL
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "venv" / "bin" / "rancher-gitlab-deploy"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, capture_output=True)
            install = [folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", "--retries", "1", TOOL]
            done = subprocess.run(install, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"{TOOL} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return program


class Tool:
    """The program with the keys of a server."""

    def __init__(self, program: Path, server: RancherServer) -> None:
        self.program = program
        self.server = server

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        keys = ("--rancher-url", self.server.url, "--rancher-key", self.server.access)
        secret = ("--rancher-secret", self.server.secret)
        names = ("--stack", "gf.chat", "--service", "parrot.rest", "--batch-interval", "1")
        line = [self.program, *keys, *secret, *names, *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def deploy(tool: Path, server: RancherServer) -> Tool:
    return Tool(tool, server)


def test_an_upgrade(server: RancherServer, parrot: Row, deploy: Tool) -> None:
    done = deploy("--new-image", "acme/parrot:2")
    assert done.returncode == 0, done.stdout
    assert "Upgrade finished" in done.stdout
    assert parrot["state"] == "active"
    assert running(server, parrot) == ["1 acme/parrot:2", "2 acme/parrot:2"]
    server.wait_for(lambda: len(server.containers(parrot)) == 2)
    paths = [(entry["method"], entry["target"].split("?")[0]) for entry in server.requests]
    assert paths[:4] == [
        ("GET", "/v1/projects"),
        ("GET", "/v1/projects/1a5/environments"),
        ("GET", "/v1/projects/1a5/environments/1st5/services"),
        ("POST", "/v1/projects/1a5/services/1s5/"),
    ]


def test_its_variables_replace_all_others(server: RancherServer, parrot: Row, deploy: Tool) -> None:
    assert deploy("--variable", "NEW", "1", "--label", "a", "b").returncode == 0
    assert parrot["launchConfig"]["environment"] == {"NEW": "1"}
    assert parrot["launchConfig"]["labels"] == {"a": "b"}


def test_it_leaves_an_upgrade_that_never_ends(server: RancherServer, parrot: Row, deploy: Tool) -> None:
    done = deploy("--new-image", "acme/parrot:never-healthy", "--upgrade-timeout", "3")
    assert done.returncode == 1
    assert "A timeout occured while waiting for Rancher to complete the upgrade" in done.stdout
    assert parrot["state"] == "upgrading"
    done = deploy("--new-image", "acme/parrot:2")
    assert done.returncode == 1
    assert "current service state 'upgrading', but it needs to be 'active'" in done.stdout


def test_its_rollback(server: RancherServer, parrot: Row, deploy: Tool) -> None:
    done = deploy("--new-image", "acme/parrot:never-healthy", "--upgrade-timeout", "3", "--rollback-on-error")
    assert done.returncode == 1
    assert "Service sucessfully rolled back" in done.stdout
    assert running(server, parrot) == ["1 acme/parrot:1", "2 acme/parrot:1"]


def test_it_finishes_what_waits_of_somebody_else(
    server: RancherServer, bare: Bare, parrot: Row, deploy: Tool
) -> None:
    bare.act(parrot, "upgrade", strategy(parrot, "acme/parrot:8"))
    reach(server, parrot, "upgraded")
    done = deploy("--new-image", "acme/parrot:2")
    assert done.returncode == 0, done.stdout
    assert "marking the previous upgrade as finished" in done.stdout
    assert parrot["upgrade"]["inServiceStrategy"]["previousLaunchConfig"]["imageUuid"] == "docker:acme/parrot:8"


def test_it_takes_a_crashing_image_without_health_check_for_success(server: RancherServer, deploy: Tool) -> None:
    service = server.add_service()
    assert deploy("--new-image", "acme/parrot:crashing").returncode == 0
    assert service["state"] == "active"


def test_sidekicks_and_no_finish(server: RancherServer, deploy: Tool) -> None:
    sidekicks = [{"name": "logs", "imageUuid": "docker:acme/logs:1"}]
    service = server.add_service(scale=1, launchConfig=CHECKED, secondaryLaunchConfigs=sidekicks)
    done = deploy("--new-sidekick-image", "logs", "acme/logs:2", "--no-finish-upgrade", "--start-before-stopping")
    assert done.returncode == 0, done.stdout
    assert service["state"] == "upgraded"
    assert running(server, service) == ["1 acme/parrot:1", "1logs acme/logs:2"]


def test_it_creates_what_is_missing(server: RancherServer, deploy: Tool) -> None:
    done = deploy("--create", "--new-image", "acme/parrot:1", "--variable", "A", "1")
    assert done.returncode == 0, done.stdout
    service = server.world.get("service", 5)
    assert service is not None
    reach(server, service, "active")
    assert service["launchConfig"]["environment"] == {"A": "1"}


def test_a_wrong_key(server: RancherServer, parrot: Row, deploy: Tool) -> None:
    server.world.keys.clear()
    done = deploy("--new-image", "acme/parrot:2")
    assert done.returncode == 1
    assert "is the URL and API key right?" in done.stdout
