"""Websockets of a Rancher 1.6 server: what has changed, and what containers print."""

from __future__ import annotations

import json
import os
import re
import ssl
import threading
import time
from base64 import b64encode
from calendar import timegm
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, WebSocketException
from websockets.sync.client import ClientConnection, connect

from gates.rancher.cattle.http import Api, Server
from gates.rancher.target import Container, LogLine, Refused, Unclear, Unreachable

__all__ = ["Changes", "container_lines", "parse_frame"]

SILENCE = 15.0
"""Seconds without a frame after which a subscription counts as dead: the server sends a ping every five."""

LOOK = 0.5
"""Seconds between two looks at whether a socket is still wanted."""

STREAMS = {"00": "tty", "01": "stdout", "02": "stderr"}
FRAME = re.compile(
    r"(?P<stream>0[012]) (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?Z ?(?P<text>.*)", re.S
)


class Changes:
    """Tells when something about a service may have changed. It never says what: whoever waits reads again.

    The subscription lives in a thread. It replays nothing, so each new connection counts as a change, and while there
    is none, `wait` is plain polling.
    """

    def __init__(self, server: Server, project: str, service_id: str) -> None:
        self.server = server
        self.service_id = service_id
        path = f"/v2-beta/projects/{quote(project)}/subscribe?eventNames=resource.change"
        self.url = re.sub(r"^http", "ws", server.url) + path
        self.changed = threading.Event()
        self.closed = threading.Event()
        self.connected = False
        self.thread = threading.Thread(target=self._run, name="rancher-subscribe", daemon=True)
        self.thread.start()

    def wait(self, seconds: float) -> None:
        """Return at the first sign of a change, at the latest after `seconds`."""
        self.changed.wait(seconds)
        self.changed.clear()

    def wake(self) -> None:
        self.changed.set()

    def close(self) -> None:
        self.closed.set()

    def _run(self) -> None:
        pause = LOOK
        while not self.closed.is_set():
            try:
                with _open(self.server, self.url, keys=True) as socket:
                    self.connected, pause = True, LOOK
                    self.changed.set()
                    self._listen(socket)
            except (OSError, WebSocketException, ValueError):
                # Whatever is wrong with the subscription: polling goes on without it.
                pause = min(pause * 2, SILENCE)
            self.connected = False
            self.closed.wait(pause)

    def _listen(self, socket: ClientConnection) -> None:
        heard = time.monotonic()
        while not self.closed.is_set():
            try:
                frame = socket.recv(timeout=LOOK)
            except TimeoutError:
                if time.monotonic() - heard > SILENCE:
                    return
                continue
            heard = time.monotonic()
            if self._concerns(frame):
                self.changed.set()

    def _concerns(self, frame: str | bytes) -> bool:
        event = json.loads(frame)
        if not isinstance(event, dict) or event.get("name") != "resource.change":
            return False
        if event.get("resourceId") == self.service_id:
            return True
        data = event.get("data")
        resource = data.get("resource") if isinstance(data, dict) else None
        if not isinstance(resource, dict):
            return False
        return self.service_id in (resource.get("serviceId"), *(resource.get("serviceIds") or ()))


def container_lines(
    api: Api,
    project: str,
    container: Container,
    *,
    since: float,
    tail: int,
    follow: bool,
    stopped: Callable[[], bool],
) -> Iterator[LogLine]:
    """The output of one container; see `Driver.log_lines`."""
    wanted = {"follow": follow, "lines": tail, "timestamps": True, "since": str(int(since)) if since else ""}
    try:
        access = api.post(f"projects/{project}/containers/{container.id}", wanted, action="logs")
    except Unclear as error:
        raise Unreachable(error.message) from None
    url, token = str(access.get("url") or ""), str(access.get("token") or "")
    if not url or not token:
        raise Refused(f"the server gave no access to the logs of {container.name}")
    try:
        with _open(api.server, f"{_secured(api.server, url)}?token={quote(token)}", keys=False) as socket:
            for frame in _frames(socket, stopped):
                line = parse_frame(frame, container.name)
                if line.time >= since * 1e9:
                    yield line
    except ConnectionClosedOK:
        return
    except (OSError, WebSocketException) as error:
        # The message could repeat the URL and with it the token.
        raise Unreachable(f"the logs of {container.name} broke off ({type(error).__name__})") from None


def parse_frame(frame: str | bytes, container: str) -> LogLine:
    """ "01 2026-11-24T10:00:00.123456789Z text" -> a line. What has no time of its own was printed now."""
    text = (frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame).rstrip("\r\n")
    found = FRAME.fullmatch(text)
    try:
        seconds = timegm(time.strptime(found["time"], "%Y-%m-%dT%H:%M:%S")) if found else None
    except ValueError:
        seconds = None
    if found is None or seconds is None:
        stream = STREAMS.get(text[:2], "")
        return LogLine(time.time_ns(), container, stream or "stdout", text[3:] if stream else text)
    nanoseconds = int((found["fraction"] or "0")[:9].ljust(9, "0"))
    return LogLine(seconds * 10**9 + nanoseconds, container, STREAMS[found["stream"]], found["text"])


def _frames(socket: ClientConnection, stopped: Callable[[], bool]) -> Iterator[str | bytes]:
    while not stopped():
        try:
            yield socket.recv(timeout=LOOK)
        except TimeoutError:
            continue
        except ConnectionClosed as closed:
            if isinstance(closed, ConnectionClosedOK):
                return
            raise


def _open(server: Server, url: str, *, keys: bool) -> ClientConnection:
    headers = {}
    if keys:
        headers["Authorization"] = "Basic " + b64encode(":".join(server.keys).encode()).decode()
    context = None
    if url.startswith("wss:"):
        trusted = server.authority
        folder = os.path.isdir(trusted)
        context = ssl.create_default_context(cafile=None if folder else trusted, capath=trusted if folder else None)
        if server.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    # The server's own pings are frames of text; whether its proxies answer pings of the protocol is not known.
    return connect(
        url,
        additional_headers=headers,
        ssl=context,
        open_timeout=min(10.0, server.timeout),
        close_timeout=1.0,
        ping_interval=None,
        max_size=4 * 1024 * 1024,
    )


def _secured(server: Server, url: str) -> str:
    """The server may not know that TLS ends in front of it: on the same host, what began encrypted stays so."""
    same = urlsplit(url).hostname == urlsplit(server.url).hostname
    return re.sub(r"^ws:", "wss:", url) if same and server.url.startswith("https:") else url
