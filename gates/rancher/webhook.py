"""Webhook receivers of Rancher 1.6: made once with API keys, and then called by whoever knows their URL.

A receiver answers before anything has happened, and nothing can be read of what became of a call. So with API keys
the service itself is watched, by the state machine of every deploy; without them nothing can be known.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from gates import __version__
from gates.errors import CannotRun, UsageError
from gates.rancher.cattle import launch
from gates.rancher.cattle.driver import CattleDriver
from gates.rancher.cattle.find import Found, find_project
from gates.rancher.cattle.http import Api, Server
from gates.rancher.masks import MASK
from gates.rancher.target import Denied, Difference, Mark, Plan, Situation, Unclear, Unreachable, Wish
from gates.rancher.upgrade import UNDER_WAY

__all__ = ["Receiver", "Wanted", "WebhookDriver", "make_receiver", "new_secret_file", "payload_of", "receiver_of"]

IMAGE = re.compile(r"(?P<name>[^@\s]+?):(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})")


def receiver_of(text: str, environ: Mapping[str, str]) -> Receiver:
    """The receiver of a URL, or of the variable of that name, which keeps the URL out of the list of processes.

    Raises UsageError.
    """
    url = text if "://" in text else environ.get(text, "")
    if not url:
        raise UsageError(f"the variable {text} is not set", hint="It must hold the URL of the webhook receiver.")
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.query:
        raise UsageError("the URL of the webhook receiver does not look right", hint="Copy it from Rancher as it is.")
    return Receiver(url.strip())


@dataclass(frozen=True)
class Receiver:
    """`url` is a secret: whoever knows it can deploy."""

    url: str = field(repr=False)

    @property
    def shown(self) -> str:
        """Without what is secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}?{MASK}"

    @property
    def project(self) -> str:
        """The environment's id, "" when the URL does not tell."""
        return (parse_qs(urlsplit(self.url).query).get("projectId") or [""])[0]

    def call(self, image: str, *, ca_file: str = "", insecure: bool = False, timeout: float = 30.0) -> None:
        """Say that this image was pushed. Raises Denied when it is refused, Unclear when the answer was lost."""
        payload = payload_of(image)
        try:
            answer = requests.post(
                self.url,
                json=payload,
                headers={"User-Agent": f"gateline/{__version__}"},
                timeout=(min(10.0, timeout), timeout),
                verify=False if insecure else ca_file or True,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError:
            raise Unreachable(
                f"the certificate of {self.shown} is not trusted", hint="Give its authority with --ca-file."
            ) from None
        except (OSError, ValueError) as error:
            # The message would repeat the URL.
            raise Unclear(f"no answer from {self.shown} ({type(error).__name__})") from None
        if answer.status_code >= 500:
            raise Unclear(f"{self.shown} answered {answer.status_code}")
        if answer.status_code != 200:
            hint = "It was revoked, or never existed." if answer.status_code == 403 else ""
            raise Denied(f"{self.shown} answered {answer.status_code} and does nothing", hint=hint)


def payload_of(image: str) -> dict[str, Any]:
    """What Docker Hub sends when an image was pushed. Raises UsageError for an image without a tag."""
    found = IMAGE.fullmatch(image)
    if not found or "/" in found["tag"]:
        raise UsageError("a webhook receiver is called with an image and its tag", hint="Give --image acme/parrot:2.")
    return {"push_data": {"tag": found["tag"]}, "repository": {"repo_name": found["name"]}}


class WebhookDriver(CattleDriver):
    """A service whose upgrade a receiver begins; all else is asked of the server itself.

    The receiver leaves no mark, so the upgrade that began after the call is taken for ours.
    """

    def __init__(self, api: Api, found: Found, receiver: Receiver, image: str, patience: float) -> None:
        super().__init__(api, found)
        self.receiver = receiver
        self.image = image
        self.patience = patience
        self.mark: Mark | None = None
        self.before: Situation | None = None

    def diff(self, wish: Wish, mark: Mark) -> Plan:
        self.mark = mark
        situation = super().read()
        old = situation.images.get("", "")
        differences = (Difference("image", old, self.image),) if old != self.image else ()
        return Plan(situation.version, differences, payload_of(self.image), (self.image,), wish.batch_size)

    def apply(self, plan: Plan) -> None:
        """Call the receiver once, and wait until it has begun something."""
        self.before = super().read()
        server = self.api.server
        try:
            self.receiver.call(self.image, ca_file=server.ca_file, insecure=server.insecure, timeout=server.timeout)
        except Unclear as error:
            self._await_begin(f"the answer was lost ({error.message}), and")
            return
        self._await_begin("the receiver has answered, but")

    def read(self) -> Situation:
        situation = super().read()
        if self.mark is None or self.before is None or not self._is_ours(situation):
            return situation
        return replace(situation, owner=self.mark, marks=(*situation.marks, self.mark))

    def _is_ours(self, situation: Situation) -> bool:
        """It brings the image that was asked for, or goes back from it; and it began after the call."""
        assert self.before is not None, "asked only after the call"
        if situation.phase in UNDER_WAY:
            return situation.version != self.before.version or situation.previous == self.before.images
        return situation.version != self.before.version and situation.images.get("") == self.image

    def _await_begin(self, words: str) -> None:
        end = time.monotonic() + self.patience
        while not self._is_ours(super().read()):
            if time.monotonic() > end:
                raise CannotRun(
                    f"{words} no upgrade of {self.name} has begun within {self.patience:g} s",
                    hint="Do its labels match the receiver's selector, and the image's tag the receiver's tag?",
                )
            self.wait(1.0, end)


@dataclass(frozen=True)
class Wanted:
    """A receiver to be made. `selector`: labels that a service must have to be upgraded."""

    name: str
    selector: Mapping[str, str]
    tag: str = "latest"
    payload_format: str = "dockerhub"
    batch_size: int = 1
    interval: float = 2.0
    start_first: bool = False


def make_receiver(server: Server, environment: str, wanted: Wanted) -> tuple[Receiver, list[str]]:
    """Make it; returns it and the services that it upgrades. Raises UsageError when there would be none."""
    api, hooks = Api(server), Api(server, "v1-webhooks")
    try:
        project = find_project(api, environment)
        services = _selected(api, str(project["id"]), wanted.selector)
        if not services:
            labels = ", ".join(f"{name}={value}" for name, value in wanted.selector.items())
            raise UsageError(
                f"no service of the environment {project['name']} has {labels}", hint="Its containers' labels count."
            )
        made = hooks.post("receivers", _body(wanted), projectId=str(project["id"]))
        url = str(made.get("url") or "")
        if not url:
            raise CannotRun(f"the server made the receiver {wanted.name}, and did not tell its URL")
        return Receiver(url), services
    finally:
        api.close()
        hooks.close()


def _body(wanted: Wanted) -> dict[str, Any]:
    config = {
        "serviceSelector": dict(wanted.selector),
        "tag": wanted.tag,
        "payloadFormat": wanted.payload_format,
        "batchSize": wanted.batch_size,
        # Whatever its name says: the server takes it for seconds.
        "intervalMillis": max(1, round(wanted.interval)),
        "startFirst": wanted.start_first,
    }
    return {"name": wanted.name, "driver": "serviceUpgrade", "serviceUpgradeConfig": config}


def _selected(api: Api, project: str, selector: Mapping[str, str]) -> list[str]:
    stacks = {row["id"]: row.get("name") for row in api.list(f"projects/{project}/stacks", removed_null="1")}
    found = []
    for row in api.list(f"projects/{project}/services", removed_null="1"):
        labels = launch.configs_of(row).get("", {}).get("labels") or {}
        if all(labels.get(name) == value for name, value in selector.items()):
            found.append(f"{stacks.get(row.get('stackId'))}/{row.get('name')}")
    return sorted(found)


@contextmanager
def new_secret_file(path: str) -> Iterator[Callable[[str], object]]:
    """Gives what writes into a new file that only its owner can read; with "" it writes nowhere.

    The file is made first: a receiver whose URL could not be written would be lost. It goes again when there is
    nothing to write. Raises UsageError when there is such a file already.
    """
    if not path:
        yield lambda text: None
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="Name a file that is not there yet.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        try:
            yield file.write
        except BaseException:
            os.unlink(path)
            raise
