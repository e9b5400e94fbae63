"""HTTP over sockets: requests in, answers out, and everything that can go wrong on the way."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.rancher16.faults import Fault
from tests.rancher16.messages import Answer, Request
from tests.rancher16.problems import Problem
from tests.rancher16.sockets import serve_socket

if TYPE_CHECKING:
    from tests.rancher16.server import RancherServer

__all__ = ["Listener"]

PAGE = "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"


class Listener(ThreadingHTTPServer):
    """The listening socket of a server."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, owner: RancherServer, context: ssl.SSLContext | None) -> None:
        self.owner = owner
        self.context = context
        self.open_sockets: set[socket.socket] = set()
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.open_sockets.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error; everything else is told by `RancherServer.stop`."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError | ValueError):
            self.owner.failure = error

    def drop_all(self) -> None:
        """As when the process dies: no goodbye to anybody."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        for connection in list(self.open_sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Listener
    protocol_version = "HTTP/1.1"
    server_version = "Jetty(9.2.11.v20150529)"
    sys_version = ""

    def do_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
            secure=self.server.context is not None,
        )
        owner = self.server.owner
        fault = owner.world.faults.take(request.method, request.target)
        entry = owner.note(request)
        if fault is not None and not self._before(fault):
            entry["status"] = fault.kind
            return
        if request.headers.get("upgrade", "").lower() == "websocket":
            entry["status"] = 101
            self.close_connection = True
            serve_socket(owner, request, self.connection, self.server.closing)
            return
        answer = owner.api.answer(request)
        entry["status"] = answer.status
        self._send(answer, fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_any  # noqa: N815

    def _before(self, fault: Fault) -> bool:
        """What happens instead of an answer; returns whether the request is to be carried out."""
        if fault.kind == "drop":
            self._end()
        elif fault.kind == "hang":
            self.server.closing.wait(fault.seconds)
            self._end()
        elif fault.kind == "status":
            problem = Problem(fault.status, fault.code, fault.text or fault.code)
            self._send(Answer(fault.status, problem.body(), {"X-API-Schemas": "http://localhost/v2-beta/schemas"}))
        elif fault.kind == "html":
            page = PAGE.format(title=fault.text or "502 Bad Gateway").encode()
            self._send(Answer(fault.status, page, {"Content-Type": "text/html"}))
        elif fault.kind == "redirect":
            self._send(Answer(fault.status if 300 <= fault.status < 400 else 302, b"", {"Location": fault.text}))
        elif fault.kind == "garbage":
            self._send(Answer(200, b"it works", {"Content-Type": "text/plain"}))
        elif fault.kind == "empty":
            self._send(Answer(200, b""))
        else:
            if fault.kind == "slow":
                self.server.closing.wait(fault.seconds)
            return True
        return False

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        kind = fault.kind if fault is not None else ""
        if kind == "drop-after":
            self._end()
            return
        content = answer.content()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.pop("Content-Type", "application/json; charset=utf-8"))
        self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind == "half":
            self.wfile.write(content[: len(content) // 2])
            self._end()
        elif kind == "trickle":
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.server.closing.wait(0.05):
                    return
        else:
            self.wfile.write(content)

    def _end(self) -> None:
        self.close_connection = True
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing on stderr; `RancherServer.requests` has it all."""
