"""A command line for whole stacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rancher.jobs import QUICK, Gateline, Result
from tests.rancher16 import RancherServer

DOCKER = """version: '2'
services:
  parrot-rest:
    image: acme/parrot:${TAG:-1}
    environment: {LOG_LEVEL: info, DB_PASSWORD: "${DB_PASSWORD:-hunter2}"}
    ports: [8080]
    links: ["db:database"]
    labels: {io.rancher.sidekicks: log}
  log: {image: "acme/log:1"}
  db: {image: "acme/db:${DB_TAG:-1}"}
"""
RANCHER = """version: '2'
services:
  parrot-rest:
    scale: 2
    health_check: {port: 8080, interval: 2000}
"""


class Stacks(Gateline):
    """Deploys the files docker-compose.yml and rancher-compose.yml of the folder to the stack gf-chat."""

    def __init__(self, server: RancherServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(server, folder, monkeypatch)
        self.monkeypatch = monkeypatch

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content)

    def line(self, *more: str) -> list[str]:
        files = ["--compose", "docker-compose.yml"]
        if (self.folder / "rancher-compose.yml").exists():
            files += ["--rancher-compose", "rancher-compose.yml"]
        fixed = ["--stack", "gf-chat", "--without-verdict", "a test", "--history", str(self.history)]
        return ["deploy", *files, *fixed, *QUICK, *more]

    def deploy(self, *more: str, **variables: str) -> Result:
        """With these variables in the environment."""
        with self.monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            done = self(*self.line(*more))
        assert self.server.secret not in done.text
        return done

    def service(self, name: str) -> dict[str, Any]:
        """As the API shows it."""
        return self.server.show(next(iter(self.server.world.rows("service", name=name))))

    def names(self) -> list[str]:
        return sorted(str(row["name"]) for row in self.server.world.rows("service") if not row.gone)

    def asked(self, method: str, path: str = "") -> list[str]:
        """Requests with this method and this in their path."""
        requests = [request for request in self.server.requests if request["method"] == method]
        return [request["target"] for request in requests if path in request["target"]]


@pytest.fixture
def stacks(server: RancherServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    """With files that describe a service with a sidekick and a health check, and one that it needs."""
    found = Stacks(server, tmp_path, monkeypatch)
    found.write("docker-compose.yml", DOCKER)
    found.write("rancher-compose.yml", RANCHER)
    return found
