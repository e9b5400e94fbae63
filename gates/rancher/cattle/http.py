"""HTTP with a Rancher 1.6 server: what goes wrong is told exactly, and nothing that is asked twice does harm.

Reading is tried again with backoff and jitter. An action is sent once: when its answer is lost, only the state of the
service can tell whether it was done, so the caller has to look. Keys travel in one header only, to one host only.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from gates import __version__
from gates.errors import GatelineError, UsageError
from gates.rancher.target import Denied, Refused, Unclear, Unreachable
from gates.reports.style import clean

__all__ = ["Api", "Server", "parse_url"]

TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 5.0
"""Seconds between two tries, doubling from the one to the other; half of each is left to chance."""

CONNECT_TIMEOUT = 10.0
BODY_LIMIT = 64 * 1024 * 1024
PAGE = 1000
TRANSIENT = frozenset({429, 500, 502, 503, 504})

Trace = Callable[[str], None]


@dataclass(frozen=True)
class Server:
    """Where the API is and how it is reached.

    url       without a path of the API: "https://rancher.example.org"
    keys      access key and secret key; appear in no representation
    ca_file   certificate authority to trust instead of the usual ones, "" for those
    insecure  do not check the certificate at all
    timeout   seconds for one whole request
    trace     is told of each request, without headers and bodies
    """

    url: str
    keys: tuple[str, str] = field(repr=False)
    ca_file: str = ""
    insecure: bool = False
    timeout: float = 30.0
    trace: Trace | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """The file or folder of certificate authorities to trust, the same for HTTP and for websockets."""
        given = self.ca_file or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return given or DEFAULT_CA_BUNDLE_PATH

    def scrub(self, text: str) -> str:
        """The text on one line, without the keys, whoever put them there."""
        for key in self.keys:
            text = text.replace(key, "***") if key else text
        return clean(" ".join(text.split()))


def parse_url(url: str) -> tuple[str, str]:
    """The server's address and the project ("" when not named) of a URL as people copy it from the UI.

    "https://host/v1/projects/1a5" -> ("https://host", "1a5"). Raises UsageError.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            "the URL of the Rancher server does not look right", hint="Write it as https://rancher.example.org."
        )
    if "@" in parts.netloc:
        raise UsageError(
            "the URL of the Rancher server holds a user or password",
            hint="Keys belong in RANCHER_ACCESS_KEY and RANCHER_SECRET_KEY.",
        )
    found = re.fullmatch(r"(.*?)(?:/(?:v1|v2-beta)(?:/projects/(\w+))?(?:/.*)?)?", parts.path.rstrip("/"))
    prefix, project = (found[1], found[2] or "") if found else ("", "")
    return f"{parts.scheme}://{parts.netloc}{prefix}", project


class Api:
    """The API of one server. Paths are relative to `/v2-beta`, such as "projects/1a5/services/1s5".

    root  another API of the same server, which speaks alike: "v1-webhooks"
    """

    def __init__(self, server: Server, root: str = "v2-beta") -> None:
        self.server = server
        self.root = root
        self.session = requests.Session()
        self.session.auth = server.keys
        self.session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"gateline/{__version__}",
                "X-API-No-Challenge": "true",
            }
        )
        if server.insecure:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """One resource. Raises Denied, or Unreachable after several tries."""
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._request("GET", path, query)
            except Unclear as error:
                if not left:
                    raise Unreachable(error.message, hint=error.hint) from None
                time.sleep(_pause(TRIES - 1 - left))
        raise AssertionError("unreachable")

    def list(self, path: str, **filters: str) -> list[dict[str, Any]]:
        """Every row of a collection. Filters that the server does not know it ignores: check what comes back."""
        rows: list[dict[str, Any]] = []
        marker: dict[str, str] = {}
        while True:
            page = self.get(path, limit=str(PAGE), **filters, **marker)
            rows += [row for row in page.get("data") or () if isinstance(row, dict)]
            following = str((page.get("pagination") or {}).get("next") or "")
            # Only the marker is taken from the link: the server writes its links in lower case and with a host of
            # its own choosing.
            found = re.search(r"[?&]marker=([^&]+)", following)
            if not found or marker.get("marker") == found[1]:
                return rows
            marker = {"marker": found[1]}

    def post(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """One action or creation, sent once. Raises Refused, Unclear, Denied, or UsageError for what it rejects."""
        return self._request("POST", path, query, body)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change the fields that are given. May be sent again. Raises like `post`."""
        return self._request("PUT", path, {}, body)

    def delete(self, path: str) -> dict[str, Any]:
        """Remove one resource. Raises like `post`."""
        return self._request("DELETE", path, {})

    def close(self) -> None:
        self.session.close()

    def _request(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        begun = time.monotonic()
        url = f"{self.server.url}/{self.root}/{quote(path, safe='/')}"
        outcome = "no answer"
        try:
            with self.session.request(
                method,
                url,
                params=dict(query),
                json=body,
                stream=True,
                allow_redirects=False,
                # Said with each request: what is set in the session gives way to REQUESTS_CA_BUNDLE.
                verify=not self.server.insecure and self.server.authority,
                timeout=(min(CONNECT_TIMEOUT, self.server.timeout), self.server.timeout),
            ) as response:
                outcome = str(response.status_code)
                content = b"".join(self._body(response, begun + self.server.timeout))
        except requests.exceptions.SSLError as error:
            raise Unreachable(
                f"the certificate of {self.server.url} is not trusted: {self.server.scrub(_cause(error))}",
                hint="Give the authority that signed it with --ca-file.",
            ) from None
        except requests.exceptions.InvalidURL as error:
            raise UsageError(f"the URL of the Rancher server is not valid: {self.server.scrub(str(error))}") from None
        except OSError as error:  # also every error of requests that has to do with the network
            raise Unclear(f"no answer from {self.server.url}: {self.server.scrub(_cause(error))}") from None
        except urllib3.exceptions.HTTPError as error:
            raise Unclear(f"the answer of {self.server.url} broke off: {self.server.scrub(_cause(error))}") from None
        finally:
            if self.server.trace:
                seconds = time.monotonic() - begun
                self.server.trace(f"{method} {path} {_shown(query)}-> {outcome} ({seconds:.2f} s)")
        return self._answer(method, path, response, content)

    def _body(self, response: requests.Response, deadline: float) -> Iterator[bytes]:
        """The body, but not for longer than the time limit: a trickle keeps any timeout of the socket quiet."""
        size = 0
        while piece := response.raw.read1(65536):
            size += len(piece)
            if time.monotonic() > deadline:
                raise TimeoutError(f"the answer did not end within {self.server.timeout:g} s")
            if size > BODY_LIMIT:
                raise OSError(f"the answer is larger than {BODY_LIMIT:,} bytes")
            yield piece

    def _answer(self, method: str, path: str, response: requests.Response, content: bytes) -> dict[str, Any]:
        if 300 <= response.status_code < 400:
            raise self._redirect(response)
        try:
            data = json.loads(content)
        except ValueError:
            data = None
        if response.status_code < 300 and isinstance(data, dict):
            return data
        if not isinstance(data, dict) or data.get("type") != "error":
            raise self._not_the_api(response, content)
        raise self._error(method, path, response.status_code, data)

    def _redirect(self, response: requests.Response) -> Denied:
        target = urlsplit(response.headers.get("Location", ""))
        place = f"{target.scheme}://{target.netloc}" if target.netloc else self.server.url
        return Denied(
            f"{self.server.url} redirects to {self.server.scrub(place)}; the keys are not sent there",
            hint="If that is the right server, set RANCHER_URL to it.",
        )

    def _not_the_api(self, response: requests.Response, content: bytes) -> GatelineError:
        title = re.search(rb"<title[^>]*>(.*?)</title>", content, re.IGNORECASE | re.DOTALL)
        words = self.server.scrub(title[1].decode("utf-8", "replace"))[:120] if title else ""
        kind = "a web page" if b"<" in content[:200] else "something that is not JSON"
        message = f"{self.server.url} answered {response.status_code} with {kind}" + (f" ({words})" if words else "")
        if response.status_code in (401, 403, 404):
            return Denied(message, hint="Is RANCHER_URL the address of a Rancher 1.6 server?")
        return Unclear(message, hint="Is RANCHER_URL the address of a Rancher 1.6 server, and is it up?")

    def _error(self, method: str, path: str, status: int, error: Mapping[str, Any]) -> GatelineError:
        code = str(error.get("code") or "")
        words = self.server.scrub(problem(status, error))
        if status == 409 or (status == 422 and code == "ActionNotAvailable"):
            return Refused(words)
        if status in TRANSIENT:
            return Unclear(words)
        if status == 401:
            return Denied(words, hint="Are RANCHER_ACCESS_KEY and RANCHER_SECRET_KEY those of this server?")
        if status in (403, 404, 405):
            return Denied(f"{method} {path}: {words}", hint="Is it there, and may this key see and change it?")
        return UsageError(f"the server does not accept this: {words}")


def _pause(tries: int) -> float:
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2**tries)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load, guards nothing)


def _shown(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items()) + " " * bool(query)


def _cause(error: BaseException) -> str:
    """The innermost reason, without the names of Python objects around it."""
    seen: BaseException = error
    while isinstance(inner := getattr(seen, "reason", None) or (seen.args[0] if seen.args else None), BaseException):
        seen = inner
    text = str(seen.args[-1]) if seen.args else type(seen).__name__
    return re.sub(r"^<?\S*object at 0x[0-9a-f]+>?:?\s*|HTTPS?Connection(?:Pool)?\([^)]*\):\s*", "", text)


def problem(status: int, error: Mapping[str, Any]) -> str:
    """ "the server answered 422 ActionNotAvailable (field action): message, detail", in the server's own words.

    message and detail are null for most checks of fields, so that the code and the field are all there is.
    """
    words = [str(error[name]) for name in ("message", "detail") if error.get(name)]
    field_name = f" (field {error['fieldName']})" if error.get("fieldName") else ""
    code = f" {error['code']}" if error.get("code") else ""
    told = f": {', '.join(dict.fromkeys(words))}" if words else ""
    return f"the server answered {status}{code}{field_name}{told}"
