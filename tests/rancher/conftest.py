"""A Rancher of its own for each test, and a bare client for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.rancher.jobs import Gateline, Nursery
from tests.rancher.jobs import nursery as serve_nursery
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row

SCALE = 0.02
"""The server's time runs fifty times as fast as ours."""


@pytest.fixture
def server() -> Iterator[RancherServer]:
    """A running server without any stack."""
    with RancherServer(SCALE) as server:
        yield server


class Bare:
    """HTTP without any cleverness, so that tests see exactly what the server answers."""

    def __init__(self, server: RancherServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (server.access, server.secret)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Paths are those of the server; "stacks" stands for the project's."""
        root = "" if path.startswith("/") else f"/v2-beta/projects/{self.server.project.id}/"
        return self.session.request(method, f"{self.server.url}{root}{path}", timeout=20, **options)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, service: Any, action: str, body: Any = None) -> dict[str, Any]:
        """A process action: 202."""
        return self.post(f"services/{service.id}/?action={action}", body, 202)

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str, str | None]:
        """Status, code and field of an error."""
        answer = self.ask(method, path, json=body, **options)
        error = answer.json()
        assert error["type"] == "error", error
        assert error["status"] == answer.status_code
        return answer.status_code, error["code"], error.get("fieldName")


@pytest.fixture
def bare(server: RancherServer) -> Iterator[Bare]:
    client = Bare(server)
    with client.session:
        yield client


@pytest.fixture
def gateline(server: RancherServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gateline:
    """The command line with the keys of `server`."""
    return Gateline(server, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where jobs come from that can be killed."""
    yield from serve_nursery()


CHECKED: dict[str, Any] = {"healthCheck": {"port": 8080, "interval": 2000, "strategy": "none"}}
"""A launch configuration with a health check."""


@pytest.fixture
def parrot(server: RancherServer) -> Row:
    """gf-chat/parrot-rest with two containers of acme/parrot:1, health-checked, with variables and a label."""
    environment = {"LOG_LEVEL": "info", "DB_PASSWORD": "hunter2hunter2"}
    return server.add_service(launchConfig={**CHECKED, "environment": environment, "labels": {"team": "birds"}})
