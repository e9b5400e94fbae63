"""Requests and answers, apart from how they travel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.rancher16.problems import Problem
from tests.rancher16.world import Key

__all__ = ["Answer", "Request"]


@dataclass
class Request:
    """One request. `headers` with names in lower case; `secure`: whether it came over TLS."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    secure: bool = False
    version: str = "v2-beta"
    segments: list[str] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)
    key: Key | None = None
    project: int | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.segments = [unquote(piece) for piece in parts.path.split("/") if piece]
        self.query = parse_qsl(parts.query, keep_blank_values=True)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def base(self) -> str:
        """What absolute URLs begin with; proxies tell where they were asked."""
        scheme = self.headers.get("x-forwarded-proto") or ("https" if self.secure else "http")
        host = self.headers.get("x-forwarded-host") or self.headers.get("host", "localhost")
        port = self.headers.get("x-forwarded-port")
        if port and "x-forwarded-host" not in self.headers:
            usual = {"http": "80", "https": "443"}[scheme]
            host = host.partition(":")[0] + ("" if port == usual else f":{port}")
        return f"{scheme}://{host}".lower()

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    def json(self) -> dict[str, Any]:
        """The body as an object, {} when there is none. Raises Problem."""
        if not self.body.strip():
            return {}
        try:
            data = json.loads(self.body)
        except ValueError:
            raise Problem(400, "InvalidBodyContent", "The body is not JSON") from None
        if not isinstance(data, dict):
            raise Problem(400, "InvalidBodyContent", "The body is not an object")
        return data

    @property
    def browser(self) -> bool:
        return "Mozilla" in self.headers.get("user-agent", "")


@dataclass
class Answer:
    """One answer; a `body` that is no bytes becomes JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()
