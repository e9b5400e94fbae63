"""From the command line to a service: options that all verbs of Rancher share, and what they lead to."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from gates.config import load_settings
from gates.config.durations import seconds_of
from gates.errors import CannotRun, ConfigError, UsageError
from gates.git.repository import Repository, decode
from gates.rancher.request import Place, Request, expanded
from gates.rancher.target import Driver
from gates.settings import Settings

if TYPE_CHECKING:
    from gates.rancher.cattle.http import Api

__all__ = [
    "DURATION",
    "LOCAL_PATH",
    "Connection",
    "Place",
    "address_argument",
    "connection_options",
    "find_place",
    "has_keys",
    "history_path",
    "open_api",
    "open_driver",
]


class Duration(click.ParamType):  # type: ignore[type-arg]  # not generic in older versions of click
    """ "30s" -> 30.0."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return value if isinstance(value, float) else seconds_of(str(value))
        except ConfigError as error:
            self.fail(f"{error.message}; write 500ms, 30s, 10m or 1h", param, ctx)


class LocalPath(click.ParamType):  # type: ignore[type-arg]
    """A path as seen from where the command was called: asking git changes the folder. "" stays ""."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return os.path.abspath(value) if value else ""


DURATION = Duration()
LOCAL_PATH = LocalPath()

PACKAGES = ("requests", "websockets")
"""What the extra `rancher` installs."""


@dataclass(frozen=True)
class Connection:
    """How the server is reached, as far as the command line tells."""

    url: str
    environment: str | None
    ca_file: str
    insecure: bool
    timeout: float
    trace: bool


OPTIONS = (
    click.option("--url", default="", help="The server. Default: the target's, else RANCHER_URL."),
    click.option("--environment", help="Name or id of the environment, when the key sees several."),
    click.option(
        "--ca-file", type=LOCAL_PATH, default="", help="Certificate authority to trust instead of the usual ones."
    ),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate. Told in every run."),
    click.option("--request-timeout", type=DURATION, default="30s", show_default=True, help="For one whole request."),
    click.option("--trace", is_flag=True, help="Show each request on stderr, without headers and bodies."),
)


def connection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand them to the verb as one `connection`."""

    @functools.wraps(function)
    def bundled(
        *args: Any,
        url: str,
        environment: str | None,
        ca_file: str,
        insecure: bool,
        request_timeout: float,
        trace: bool,
        **others: Any,
    ) -> Any:
        connection = Connection(url, environment, ca_file, insecure, request_timeout, trace)
        return function(*args, connection=connection, **others)

    for option in reversed(OPTIONS):
        bundled = option(bundled)
    return bundled


address_argument = click.argument("address", metavar="[TARGET | STACK/SERVICE]", default="")


def find_place(address: str, commit: str, environ: Mapping[str, str]) -> Place:
    """Understand an address. Targets come from the configuration of the commit, not from what lies in the folder.

    Raises UsageError for an unknown target, ConfigError for a configuration with mistakes.
    """
    stack, slash, service = address.rpartition("/")
    named = {"stack": stack, "service": service} if slash else {}
    repository = _repository()
    if repository is None:
        if address and not slash:
            raise UsageError(f"the target {address} is looked for in a repository, and there is none here")
        return Place({}, named, None, None, "")
    found = _resolve(repository, commit or environ.get("CI_COMMIT_SHA", "") or "HEAD")
    settings = _settings_of(repository, found) if found else None
    target = {} if slash or not address else _target(settings, address, environ)
    return Place(target, named, repository, settings, found)


def open_driver(request: Request, connection: Connection, environ: Mapping[str, str]) -> Driver:
    """Find the service on its server. Raises what `open_api` raises, and UsageError when it is not there."""
    api, environment = open_api(request.server, connection, request.environment, environ)
    from gates.rancher.cattle.driver import CattleDriver
    from gates.rancher.cattle.find import find_service

    return CattleDriver(api, find_service(api, environment, request.stack, request.service))


def open_api(
    server: Mapping[str, str], connection: Connection, environment: str, environ: Mapping[str, str]
) -> tuple[Api, str]:
    """The server, and the name or id of the environment there ("" when not said).

    Keys come from variables only, so that they are in no list of processes. Raises UsageError, CannotRun.
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            raise CannotRun(
                f"Rancher needs the package {package}, which is not installed", hint="pip install 'gateline[rancher]'"
            )
    from gates.rancher.cattle.http import Api, Server, parse_url

    url = connection.url or server.get("url") or environ.get("RANCHER_URL", "")
    if not url:
        raise UsageError("which Rancher server is not said", hint="Set RANCHER_URL, or give --url.")
    address, project = parse_url(url)
    if connection.insecure:
        click.echo("gateline: the server's certificate is not checked (--insecure)", err=True)
    found = Server(
        url=address,
        keys=(_key("access_key", server, environ), _key("secret_key", server, environ)),
        ca_file=_ca_file(connection.ca_file or server.get("ca_file", "")),
        insecure=connection.insecure,
        timeout=connection.timeout,
        trace=(lambda line: print(f"gateline: {line}", file=sys.stderr, flush=True)) if connection.trace else None,
    )
    return Api(found), connection.environment or environment or project


def has_keys(server: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    """Whether the API of the server can be asked at all."""
    return all(server.get(name) or environ.get(f"RANCHER_{name.upper()}") for name in ("access_key", "secret_key"))


def history_path(given: str, repository: Repository | None) -> str:
    """Where deploys are recorded; "" when there is no repository to keep it in and no file was named."""
    if given:
        return given
    return os.path.join(repository.state, "history.jsonl") if repository is not None else ""


def _key(name: str, server: Mapping[str, str], environ: Mapping[str, str]) -> str:
    variable = f"RANCHER_{name.upper()}"
    key = server.get(name) or environ.get(variable, "")
    if not key:
        raise UsageError(f"{variable} is not set", hint="Set it to a key made under API → Keys in Rancher.")
    return key


def _ca_file(path: str) -> str:
    if path and not os.path.isfile(path):
        raise UsageError(f"the certificate authority {path} is not a file")
    return path


def _repository() -> Repository | None:
    from gates.attest import read_only_repository

    try:
        return read_only_repository()
    except UsageError:
        return None


def _resolve(repository: Repository, revision: str) -> str:
    return repository.try_line("rev-parse", "--quiet", "--verify", "--end-of-options", revision + "^{commit}")


def _settings_of(repository: Repository, commit: str) -> Settings:
    def read(path: str) -> bytes | None:
        done = repository.ask("cat-file", "blob", f"{commit}:{path}", check=False)
        return None if done.code else done.stdout

    def paths() -> list[str]:
        listed = repository.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).stdout
        return [decode(path) for path in listed.split(b"\0") if path]

    return load_settings(repository.root, read, paths=paths)


def _target(settings: Settings | None, name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    targets = settings.deploy if settings is not None else {}
    if name not in targets:
        known = ", ".join(targets) or "none"
        raise UsageError(
            f"there is no target {name} in the configuration of this commit",
            hint=f"There are: {known}. A service is written as STACK/SERVICE.",
        )
    return expanded(targets[name], environ)
