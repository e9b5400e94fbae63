"""The API: who may, where it leads, and what is answered."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode
from html import escape
from typing import Any

from tests.rancher16 import schemas
from tests.rancher16.creating import Creating
from tests.rancher16.listing import collection
from tests.rancher16.messages import Answer, Request
from tests.rancher16.names import id_of, number_of
from tests.rancher16.problems import Problem, invalid, not_available, not_found
from tests.rancher16.processes import PROCESSES, actions_in
from tests.rancher16.tables import CONTAINER_ACTIONS, Kind, View, kind_of
from tests.rancher16.upgrading import Upgrades
from tests.rancher16.webhooks import Webhooks
from tests.rancher16.world import Key, Row, World

__all__ = ["Api"]

CHALLENGE = 'Basic realm="Enter API access key and secret key as username and password"'
VERSIONS = ("v1", "v2-beta")
SERVICE_ACTIONS = (*PROCESSES, "addservicelink", "removeservicelink", "setservicelinks")


class Api:
    """Answers requests; the transport is elsewhere."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.services = Upgrades(world)
        self.creating = Creating(self.services)
        self.webhooks = Webhooks(world, self.services)

    def answer(self, request: Request) -> Answer:
        """Never raises: problems are answers too."""
        with self.world.engine.lock:
            try:
                answer = self._answer(request)
            except Problem as problem:
                answer = Answer(problem.status, problem.body(), dict(problem.headers))
                if problem.status == 401 and not _unchallenged(request):
                    answer.headers["WWW-Authenticate"] = CHALLENGE
        answer.headers.setdefault("X-API-Schemas", self._schemas_url(request))
        if request.key is not None:
            self._tell_account(request, request.key, answer)
        return _for_browser(request, answer)

    def enter(self, request: Request) -> None:
        """Find out the version, who asks, and about which project. Raises Problem."""
        first = request.segments[0] if request.segments else ""
        if first not in VERSIONS:
            raise not_found()
        request.version = first
        del request.segments[0]
        request.key = self._authenticated(request)
        self._scope(request, request.key)

    # Who and where

    def _authenticated(self, request: Request) -> Key:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        try:
            access, _, secret = b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            access = secret = ""
        key = self.world.keys.get(access) if scheme.lower() == "basic" else None
        if key is None or not hmac.compare_digest(key.secret.encode(), secret.encode()):
            raise Problem(401, "Unauthorized", "Unauthorized")
        return key

    def _scope(self, request: Request, key: Key) -> None:
        wanted = request.headers.get("x-api-project-id") or request.first("projectId")
        segments = request.segments
        if len(segments) > 2 and segments[0].lower() == "projects" and segments[2].lower() != "projectmembers":
            wanted = segments[1]
            del segments[:2]
        if wanted is None:
            request.project = key.projects[0] if key.kind == "environment" else None
            return
        number = number_of(wanted)
        if number is None:
            raise Problem(400, "InvalidFormat", "Invalid project header")
        project = self.world.get("account", number)
        if number not in key.projects or project is None or project["state"] != "active":
            raise Problem(403, "Forbidden", "Forbidden")
        request.project = number

    def _tell_account(self, request: Request, key: Key, answer: Answer) -> None:
        account = id_of("account", request.project) if request.project is not None else "1a1"
        answer.headers["X-API-ACCOUNT-ID"] = str(account)
        answer.headers["X-API-USER-ID"] = "1a1"
        answer.headers["X-API-ACCOUNT-KIND"] = "project" if key.kind == "environment" else "admin"

    def _schemas_url(self, request: Request) -> str:
        project = f"projects/{id_of('account', request.project)}/" if request.project is not None else ""
        return f"{request.base}/{request.version}/{project}schemas".lower()

    # Dispatch

    def _answer(self, request: Request) -> Answer:
        if not request.segments:
            return Answer(200, schemas.versions(request.base, VERSIONS))
        if request.segments[0] == "v1-webhooks":
            return self.webhooks.answer(request, self._authenticated)
        self.enter(request)
        method = (request.first("_method") or request.method).upper()
        _check_csrf(request, method)
        assert request.key is not None
        if request.key.read_only and method != "GET":
            raise Problem(405, "Method not allowed", "Method not allowed")
        if not request.segments:
            return Answer(200, schemas.root(request.base, request.version))
        if request.segments[0].lower() in ("schemas", "schema"):
            return Answer(200, schemas.answer(self._schemas_url(request), request.segments[1:], request.version))
        if [segment.lower() for segment in request.segments] == ["scripts", "transform"]:
            return Answer(200, self.creating.transform(request.json()))
        return self._resource(request, method)

    def _resource(self, request: Request, method: str) -> Answer:
        kind = kind_of(request.segments[0], request.version)
        if kind is None or len(request.segments) > 3:
            raise not_found()
        view = View(self.services, request.base, request.version)
        if len(request.segments) == 1:
            return self._collection(request, method, kind, view)
        row = self._row(request, kind, request.segments[1])
        if len(request.segments) == 3:
            if method != "GET":
                raise Problem(405, "Method not allowed", "Method not allowed")
            return self._link(request, view, row, request.segments[2])
        action = request.first("action")
        if method == "GET":
            return Answer(200, self._included(request, view, row))
        if method == "POST" and action is not None:
            return self._action(request, view, row, action)
        if method not in kind.methods or method == "POST":
            raise Problem(405, "Method not allowed", "Method not allowed")
        if method == "PUT":
            return Answer(200, view.show(self.creating.update(row, request.json(), request.version)))
        return self._delete(view, row)

    def _collection(self, request: Request, method: str, kind: Kind, view: View) -> Answer:
        if method == "GET":
            return self._list(request, view, kind, self._visible(request, kind))
        if method != "POST" or "POST" not in kind.methods:
            raise Problem(405, "Method not allowed", "Method not allowed")
        if request.first("action") is not None:
            raise invalid("InvalidAction", "action")
        if kind.base != "account" and request.project is None:
            raise Problem(403, "Forbidden", "Forbidden")
        body = request.json()
        if request.version == "v1" and "environmentId" in body:
            body["stackId"] = body.pop("environmentId")
        return Answer(201, view.show(self.creating.create(kind, body, request.project)))

    def _visible(self, request: Request, kind: Kind) -> list[Row]:
        rows = list(self.world.tables.get(kind.base, {}).values())
        rows = [row for row in rows if not kind.kinds or row["kind"] in kind.kinds]
        return [row for row in rows if self._sees(request, row) and not self.world.is_hidden(row)]

    def _sees(self, request: Request, row: Row) -> bool:
        assert request.key is not None
        if row.base == "account":
            return row.number in request.key.projects
        return row.base == "setting" or row["accountId"] == request.project

    def _row(self, request: Request, kind: Kind, identifier: str) -> Row:
        if kind.base == "setting":
            row = next((row for row in self.world.rows("setting") if row["name"] == identifier), None)
        else:
            row = self.world.get(kind.base, number_of(identifier))
        if row is None or not self._sees(request, row) or (kind.kinds and row["kind"] not in kind.kinds):
            raise not_found()
        return row

    def _list(self, request: Request, view: View, kind: Kind, rows: list[Row]) -> Answer:
        shown = [self._included(request, view, row) for row in rows]
        url = f"{request.base}{request.path}".lower()
        name = "environment" if request.version == "v1" and kind.type == "stack" else kind.type
        return Answer(200, collection(name, shown, url, request.query))

    def _link(self, request: Request, view: View, row: Row, link: str) -> Answer:
        link = link.lower()
        single = {"stack": "stackId", "environment": "stackId", "service": "serviceId", "account": "accountId"}
        single |= {"instance": "instanceId", "consumedservice": "consumedServiceId"}
        if link in single and single[link] in row:
            base = {"environment": "stack", "consumedservice": "service"}.get(link, link)
            found = self.world.get(base, row[single[link]])
            if found is None:
                raise not_found()
            return Answer(200, view.show(found))
        kind = kind_of(link, "v2-beta")
        if kind is None or link not in _lower(view.show(row)["links"]):
            raise not_found()
        return self._list(request, view, kind, self._linked(request, row, kind))

    def _linked(self, request: Request, row: Row, kind: Kind) -> list[Row]:
        if row.base == "account":
            scoped = Request(request.method, request.target, request.headers, key=request.key, project=row.number)
            return self._visible(scoped, kind)
        field = {"stack": "stackId", "service": "serviceId", "instance": "instanceId", "host": "hostId"}[row.base]
        if kind.base == "service" and row.base == "instance":
            return [found for found in self._visible(request, kind) if found.number == row["serviceId"]]
        if kind.base == "host" and row.base == "instance":
            return [found for found in self._visible(request, kind) if found.number == row["hostId"]]
        return [found for found in self._visible(request, kind) if found.get(field) == row.number]

    def _included(self, request: Request, view: View, row: Row) -> dict[str, Any]:
        shown = view.show(row)
        for name, link in request.query:
            if name == "include" and link.lower() in _lower(shown["links"]):
                inner = Request("GET", f"/{link}", request.headers, key=request.key, project=request.project)
                inner.version = request.version
                found = self._link(inner, view, row, link).body
                shown[link] = found["data"] if found["type"] == "collection" else found
        return shown

    # Changes

    def _action(self, request: Request, view: View, row: Row, action: str) -> Answer:
        if row.base == "service":
            return self._service_action(request, view, row, action)
        if row.base == "instance":
            return self._container_action(request, view, row, action)
        if row.base == "stack":
            return self._stack_action(request, view, row, action)
        raise invalid("InvalidAction", "action")

    def _service_action(self, request: Request, view: View, row: Row, action: str) -> Answer:
        if action not in SERVICE_ACTIONS:
            raise invalid("InvalidAction", "action")
        if action not in actions_in(row["state"]):
            raise not_available()
        services, body = self.services, request.json()
        if action.endswith(("servicelink", "servicelinks")):
            self.creating.link(row, action, body)
            return Answer(200, view.show(row))
        if action == "upgrade":
            services.upgrade(row, body)
        elif action == "restart":
            row.hidden["restart"] = body
            services.begin(row, "restart", services.restarting)
        elif action == "update":
            self.creating.update(row, body, request.version)
        else:
            simple = {
                "finishupgrade": services.finish,
                "rollback": services.rollback,
                "cancelupgrade": services.cancel,
                "continueupgrade": services.proceed,
                "activate": lambda service: services.begin(service, "activate", services.activating),
                "deactivate": lambda service: services.begin(service, "deactivate", services.deactivating),
                "remove": services.remove,
            }
            simple[action](row)
        return Answer(202, view.show(row))

    def _container_action(self, request: Request, view: View, row: Row, action: str) -> Answer:
        if action not in {name for names in CONTAINER_ACTIONS.values() for name in names}:
            raise invalid("InvalidAction", "action")
        if action not in view.actions(row):
            raise not_available()
        containers = self.services.containers
        if action == "logs":
            return self._logs(request, row)
        if action in ("stop", "start", "remove"):
            getattr(containers, action)(row)
        return Answer(202, view.show(row))

    def _logs(self, request: Request, row: Row) -> Answer:
        if self.world.secrets.get("proxy disabled"):
            raise Problem(501, "HostApiProxyDisabled", "Host API proxy is disabled")
        token = ".".join(secrets.token_urlsafe(24) for _ in range(3))
        defaults = {"follow": True, "lines": 100, "timestamps": True, "since": ""}
        self.world.secrets.setdefault("log tokens", {})[token] = (row, {**defaults, **request.json()})
        url = request.base.replace("http", "ws", 1) + "/v1/logs/"
        body = {"id": None, "type": "hostAccess", "links": {}, "actions": {}, "token": token, "url": url}
        return Answer(200, body)

    def _stack_action(self, request: Request, view: View, row: Row, action: str) -> Answer:
        if action not in ("activateservices", "deactivateservices", "exportconfig", "remove", "update", "addoutputs"):
            raise invalid("InvalidAction", "action")
        if action not in view.actions(row):
            raise not_available()
        if action == "exportconfig":
            return Answer(200, self.creating.exported(row))
        if action == "remove":
            return self._delete(view, row)
        if action in ("activateservices", "deactivateservices"):
            name = action.removesuffix("services")
            process = self.services.activating if name == "activate" else self.services.deactivating
            for service in self.world.rows("service", stackId=row.number):
                if service["state"] in PROCESSES[name].starts:
                    self.services.begin(service, name, process)
        return Answer(202, view.show(row))

    def _delete(self, view: View, row: Row) -> Answer:
        if row["state"] in ("removing", "removed", "purging", "purged"):
            raise Problem(405, "Method not allowed", "Method not allowed")
        if row.base == "service":
            self.services.remove(row)
        elif row.base == "stack":
            for service in list(self.world.rows("service", stackId=row.number)):
                if service["state"] in PROCESSES["remove"].starts:
                    self.services.remove(service)
            self.world.removed(row)
        else:
            self.world.removed(row)
        return Answer(200, view.show(row))


def _lower(links: dict[str, str]) -> set[str]:
    return {name.lower() for name in links}


def _unchallenged(request: Request) -> bool:
    headers = request.headers
    return headers.get("x-api-no-challenge") == "true" or headers.get("connection", "").lower() == "upgrade"


def _check_csrf(request: Request, method: str) -> None:
    """Only browsers are asked to echo the cookie."""
    if not request.browser or method == "GET":
        return
    cookies = dict(part.strip().partition("=")[::2] for part in request.headers.get("cookie", "").split(";"))
    if not cookies.get("CSRF") or request.headers.get("x-api-csrf") != cookies["CSRF"]:
        raise Problem(403, "InvalidCSRFToken", "Invalid CSRF token")


def _for_browser(request: Request, answer: Answer) -> Answer:
    """A web page for those who can show one, and a cookie."""
    if not request.browser:
        return answer
    if "CSRF=" not in request.headers.get("cookie", ""):
        answer.headers["Set-Cookie"] = f"CSRF={secrets.token_hex(5).upper()}; Path=/"
    accept = request.headers.get("accept", "*/*")
    html = "html" in accept or "*/*" in accept
    if html and request.first("_format") != "json" and isinstance(answer.body, dict):
        text = escape(answer.content().decode(), quote=False)
        answer.body = f"<!DOCTYPE html>\n<title>Rancher API</title>\n<script>var data = {text};</script>\n".encode()
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer
