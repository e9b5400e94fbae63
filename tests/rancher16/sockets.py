"""Websockets: the subscription to changes, and the output of containers."""

from __future__ import annotations

import json
import queue
import select
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from websockets.exceptions import InvalidState
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

from tests.rancher16.messages import Request
from tests.rancher16.problems import Problem
from tests.rancher16.tables import View
from tests.rancher16.world import Row

if TYPE_CHECKING:
    from tests.rancher16.server import RancherServer

__all__ = ["serve_socket"]

PING_EVERY = 5.0
LOOK = 0.02
"""Seconds of ours between two looks at what there is to send."""


class Socket:
    """The server's end of one websocket."""

    def __init__(self, connection: socket.socket, request: Request) -> None:
        self.connection = connection
        self.protocol = ServerProtocol()
        self.request = request

    def accept(self) -> None:
        """Say yes to the handshake, which the protocol has to see as it came."""
        lines = [f"GET {self.request.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.request.headers.items()]
        self.protocol.receive_data("\r\n".join([*lines, "", ""]).encode())
        handshake = self.protocol.events_received()[0]
        assert isinstance(handshake, Handshake)
        self.protocol.send_response(self.protocol.accept(handshake))
        self.flush()

    def send(self, text: str) -> None:
        self.protocol.send_text(text.encode())
        self.flush()

    def close(self, code: int = 1000) -> None:
        """Say goodbye, and wait a moment for the answer."""
        try:
            self.protocol.send_close(code)
            self.flush()
        except (InvalidState, OSError):
            return
        end = time.monotonic() + 1.0
        while time.monotonic() < end and self.look():
            pass

    def look(self) -> bool:
        """Take what has come in, for a short time; returns whether the other end is still there."""
        pending = isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()
        if not pending and not select.select([self.connection], [], [], LOOK)[0]:
            return self.protocol.state is State.OPEN or self.protocol.state is State.CLOSING
        data = self.connection.recv(65536)
        if not data:
            return False
        self.protocol.receive_data(data)
        self.protocol.events_received()
        self.flush()
        return self.protocol.state is State.OPEN

    def flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.connection.sendall(data)


def serve_socket(owner: RancherServer, request: Request, connection: socket.socket, closing: threading.Event) -> None:
    """One websocket from its beginning to its end."""
    found = Socket(connection, request)
    try:
        if request.segments == ["v1", "logs"]:
            _logs(owner, found, closing)
        else:
            _subscription(owner, found, closing)
    except OSError:
        return


def _refuse(found: Socket, status: str, text: str) -> None:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    found.connection.sendall(head.encode() + body)


def _subscription(owner: RancherServer, found: Socket, closing: threading.Event) -> None:
    request = found.request
    try:
        with owner.world.engine.lock:
            owner.api.enter(request)
    except Problem as problem:
        _refuse(found, f"{problem.status} {problem.code}", problem.code)
        return
    if [segment.lower() for segment in request.segments] != ["subscribe"]:
        _refuse(found, "404 Not Found", "Not Found")
        return
    names = [value for name, value in request.query if name == "eventNames"]
    changes: queue.SimpleQueue[Row] = queue.SimpleQueue()
    found.accept()
    owner.world.listeners.append(changes.put)
    try:
        _feed(owner, found, closing, changes, any(name.startswith("resource.change") for name in names))
    finally:
        owner.world.listeners.remove(changes.put)


def _feed(
    owner: RancherServer, found: Socket, closing: threading.Event, changes: queue.SimpleQueue[Row], wanted: bool
) -> None:
    ping = 0.0
    while not closing.is_set() and owner.generation_of_sockets == found.request.headers.setdefault(
        "x-test-generation", str(owner.generation_of_sockets)
    ):
        if time.monotonic() >= ping:
            ping = time.monotonic() + PING_EVERY * owner.world.engine.scale
            found.send(_event("ping"))
        rows: dict[int, Row] = {}
        while not changes.empty():
            row = changes.get()
            rows[id(row)] = row
        for row in rows.values():
            if wanted and row["accountId"] == found.request.project:
                found.send(_change(owner, found.request, row))
        if not found.look():
            return
    if owner.says_goodbye:
        found.send(_event("logout"))
        found.close()


def _event(name: str, **more: Any) -> str:
    event = {
        "id": str(uuid.uuid4()),
        "name": name,
        "resourceType": None,
        "resourceId": None,
        "time": int(time.time() * 1000),
        "previousIds": None,
        "data": {},
        **more,
    }
    return json.dumps(event)


def _change(owner: RancherServer, request: Request, row: Row) -> str:
    with owner.world.engine.lock:
        view = View(owner.api.services, request.base, request.version)
        shown = view.show(row)
    return _event("resource.change", resourceType=shown["type"], resourceId=shown["id"], data={"resource": shown})


# Logs of containers


def _logs(owner: RancherServer, found: Socket, closing: threading.Event) -> None:
    bearer = found.request.headers.get("authorization", "").removeprefix("Bearer ")
    token = found.request.first("token") or bearer
    row, options = owner.world.secrets.get("log tokens", {}).get(token, (None, {}))
    if row is None or owner.world.secrets.get("agent gone"):
        _refuse(found, "401 Unauthorized", "Failed authentication")
        return
    found.accept()
    owner.log_sockets += 1
    for frame in _lines(row, options, closing):
        if frame:
            found.send(frame)
        elif not found.look():
            return
    found.close()


def _lines(row: Row, options: dict[str, Any], closing: threading.Event) -> Iterator[str]:
    """Frames; "" when there is nothing to send at the moment."""
    since = _since(options["since"])
    there = list(row.hidden["logs"])
    last = max((line[0] for line in there), default=0)
    logs = [line for line in there if line[0] >= since]
    lines = int(options["lines"])
    logs = logs[-lines:] if lines > 0 else logs if lines < 0 else []
    for line in logs:
        yield _frame(line, options["timestamps"])
    while options["follow"] and not closing.is_set():
        fresh = [line for line in list(row.hidden["logs"]) if line[0] > last]
        for line in fresh:
            last = line[0]
            yield _frame(line, options["timestamps"])
        if not fresh:
            if row["state"] not in ("running", "stopping"):
                return
            yield ""


def _since(text: object) -> int:
    """Docker's own: seconds since the epoch, or a time."""
    if not text:
        return 0
    try:
        return int(float(str(text)) * 10**9)
    except ValueError:
        return int(datetime.fromisoformat(str(text)).timestamp() * 10**9)


def _frame(line: tuple[int, str, str], timestamps: bool) -> str:
    at, stream, text = line
    seconds, rest = divmod(at, 10**9)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    time_text = f"{day}.{rest:09d}".rstrip("0").rstrip(".") + "Z " if timestamps else ""
    return f"0{stream} {time_text}{text}\n"
