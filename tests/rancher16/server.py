"""The server as tests use it: start, look, break, restart, stop."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.rancher16.api import Api
from tests.rancher16.clock import Engine
from tests.rancher16.faults import Fault
from tests.rancher16.images import Images
from tests.rancher16.messages import Request
from tests.rancher16.tables import KINDS, View
from tests.rancher16.transport import Listener
from tests.rancher16.world import Key, Row, Times, World

__all__ = ["RancherServer"]

ACCESS = "A1B2C3D4E5F6A7B8C9D0"
SECRET = "s3cr3tS3CR3Ts3cr3tS3CR3Ts3cr3tS3CR3Ts3cr"  # gateline: allow-secret opens nothing but this test server


class RancherServer:
    """One Rancher 1.6 with the environment `Default` (1a5), two hosts, and one key for it.

    scale   seconds of ours for one second of the server's
    requests  every request as {"method", "target", "headers", "body", "status"}
    """

    def __init__(
        self, scale: float = 0.05, *, context: ssl.SSLContext | None = None, times: Times | None = None
    ) -> None:
        self.world = World(Engine(scale), times or Times())
        self.context = context
        self.api = Api(self.world)
        self.requests: list[dict[str, Any]] = []
        self.failure: BaseException | None = None
        self.log_sockets = 0
        self.generation_of_sockets = "0"
        self.says_goodbye = False
        self.port = 0
        self.access, self.secret = ACCESS, SECRET
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        with self.world.engine.lock:
            self.project = self.add_project("Default")
            for name in ("host1", "host2"):
                self.add_host(name)
            self.world.keys[ACCESS] = Key(ACCESS, SECRET, "environment", (self.project.number,))
            self.world.add("setting", name="rancher.server.version", value="v1.6.30", activeValue="v1.6.30")
            self.world.add("setting", name="api.proxy.mode", value="embedded", activeValue="embedded")

    # Running

    def start(self, *, engine: bool = True) -> RancherServer:
        """Listen; the second time on the port of the first."""
        self._listener = Listener(self.port, self, self.context)
        self.port = self._listener.server_address[1]
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name="rancher16", daemon=True
        )
        self._thread.start()
        if engine:
            self.world.engine.start()
        return self

    def crash(self, *, engine: bool = True) -> None:
        """Be gone without a word. With `engine` False containers and processes go on meanwhile."""
        assert self._listener is not None
        self._listener.drop_all()
        if engine:
            self.world.engine.stop()

    def stop(self) -> None:
        """Stop, and raise what went wrong inside."""
        self.crash()
        failure = self.failure or self.world.engine.failure
        if failure is not None:
            raise AssertionError(f"the test server itself failed: {failure!r}") from failure

    def __enter__(self) -> RancherServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def note(self, request: Request) -> dict[str, Any]:
        entry = {
            "method": request.method,
            "target": request.target,
            "headers": request.headers,
            "body": request.body,
            "status": None,
        }
        self.requests.append(entry)
        return entry

    # Making things

    def add_project(self, name: str) -> Row:
        return self.world.add("account", name=name, kind="project", orchestration="cattle", healthState="healthy")

    def add_host(self, name: str, project: Row | None = None) -> Row:
        account = (project or self.project).number
        return self.world.add("host", account, name=name, hostname=name, agentState=None)

    def add_key(
        self,
        access: str,
        secret: str,
        kind: str = "account",
        *,
        read_only: bool = False,
        projects: tuple[Row, ...] = (),
    ) -> Key:
        numbers = tuple(project.number for project in projects or (self.project,))
        key = self.world.keys[access] = Key(access, secret, kind, numbers, read_only)
        return key

    def create(self, plural: str, body: dict[str, Any]) -> Row:
        """What a POST would make, without the transport. Raises Problem."""
        kind = next(kind for kind in KINDS if kind.plural == plural)
        with self.world.engine.lock:
            return self.api.creating.create(kind, body, self.project.number)

    def add_service(self, name: str = "gf-chat/parrot-rest", image: str = "acme/parrot:1", **fields: Any) -> Row:
        """A running service, in a stack that is made when it is not there; waits until it is up."""
        stack_name, _, service_name = name.partition("/")
        with self.world.engine.lock:
            stacks = list(self.world.rows("stack", name=stack_name, accountId=self.project.number))
        stack = stacks[0] if stacks else self.create("stacks", {"name": stack_name})
        config = {"imageUuid": f"docker:{image}", **fields.pop("launchConfig", {})}
        plural = fields.pop("plural", "services")
        body = {"name": service_name, "stackId": stack.id, "scale": 2, "startOnCreate": True, "launchConfig": config}
        service = self.create(plural, {**body, **fields})
        if body["startOnCreate"] and fields.get("startOnCreate", True):
            self.wait_for(lambda: service["state"] == "active" and self.health(service) == "healthy")
        return service

    # Looking

    def health(self, service: Row) -> str:
        with self.world.engine.lock:
            return self.api.services.health(service)

    def containers(self, service: Row, *, old: bool = True) -> list[Row]:
        """Its containers; without `old` only those that the service counts as its own."""
        with self.world.engine.lock:
            services = self.api.services
            return services.all_of(service) if old else services.managed(service)

    def show(self, row: Row) -> dict[str, Any]:
        with self.world.engine.lock:
            return View(self.api.services, self.url, "v2-beta").show(row)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while True:
            with self.world.engine.lock:
                if condition():
                    return
                failure = self.failure or self.world.engine.failure
            if failure is not None:
                raise AssertionError(f"the test server itself failed: {failure!r}") from failure
            if time.monotonic() > end:
                raise AssertionError("what was waited for did not happen")
            time.sleep(0.005)

    def when(self, service: Row, state: str, action: Callable[[], Any] | None = None) -> Callable[[], bool]:
        """Do something the first time that the service comes into a state; returns whether it has come there."""
        happened: list[bool] = []

        def look(row: Row) -> None:
            if row is service and row["state"] == state and not happened:
                happened.append(True)
                if action is not None:
                    action()

        self.world.listeners.append(look)
        return lambda: bool(happened)

    # Breaking

    @property
    def images(self) -> Images:
        return self.world.images

    def fault(self, kind: str, **details: Any) -> Fault:
        return self.world.faults.add(Fault(kind, **details))

    def sicken(self, service: Row) -> None:
        """Make all its containers that count unhealthy, for good."""
        with self.world.engine.lock:
            for row in self.api.services.managed(service):
                self.world.set(row, healthState="unhealthy")

    def locked(self, action: Callable[[], Any]) -> None:
        """Do something while nothing else happens."""
        with self.world.engine.lock:
            action()

    def later(self, seconds: float, action: Callable[[], Any]) -> None:
        """Do something after so many seconds of ours, in a thread."""
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()

    def drop_sockets(self) -> None:
        """End all subscriptions; clients may come back."""
        self.generation_of_sockets = str(int(self.generation_of_sockets) + 1)
