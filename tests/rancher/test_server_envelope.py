"""The test server: who may ask, what every answer carries, collections and errors."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.rancher.conftest import Bare
from tests.rancher16 import RancherServer


def test_without_a_key_there_is_a_challenge(server: RancherServer, bare: Bare) -> None:
    answer = requests.get(f"{server.url}/v2-beta/projects", timeout=10)
    assert answer.status_code == 401
    assert answer.json()["code"] == "Unauthorized"
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "X-API-ACCOUNT-ID" not in answer.headers


@pytest.mark.parametrize("headers", [{"X-API-No-Challenge": "true"}, {"Connection": "Upgrade"}])
def test_the_challenge_can_be_suppressed(server: RancherServer, headers: dict[str, str]) -> None:
    answer = requests.get(f"{server.url}/v2-beta/projects", headers=headers, auth=("a", "b"), timeout=10)
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers


def test_every_answer_names_the_schemas(server: RancherServer, bare: Bare) -> None:
    project = server.project.id
    assert bare.ask("GET", "/v2-beta/projects").headers["X-API-Schemas"].startswith(server.url + "/v2-beta/")
    scoped = bare.ask("GET", f"/v2-beta/projects/{project}/stacks")
    assert scoped.headers["X-API-Schemas"] == f"{server.url}/v2-beta/projects/{project}/schemas"
    assert scoped.headers["X-API-ACCOUNT-ID"] == project
    assert scoped.headers["X-API-ACCOUNT-KIND"] == "project"
    assert bare.ask("GET", "stacks/1st99").headers["X-API-Schemas"]


def test_the_schemas_have_what_the_command_line_of_rancher_needs(server: RancherServer, bare: Bare) -> None:
    schemas = bare.get("schemas")
    assert schemas["links"]["self"].endswith("/schemas")
    collections = {schema["id"]: schema["links"]["collection"] for schema in schemas["data"]}
    for name in [
        "project",
        "stack",
        "service",
        "container",
        "instance",
        "host",
        "subscribe",
        "serviceLog",
        "serviceConsumeMap",
    ]:
        assert collections[name].startswith(server.url)
    assert bare.get("schemas/schemas")["id"] == "schema"
    assert bare.refused("GET", "schemas/nothing")[:2] == (404, "Not Found")


def test_the_root_describes_both_versions(bare: Bare) -> None:
    assert [version["id"] for version in bare.get("/")["data"]] == ["v1", "v2-beta"]
    assert "services" in bare.get("/v2-beta")["links"]


def test_foreign_and_unknown_projects_are_forbidden(server: RancherServer, bare: Bare) -> None:
    other = server.add_project("Other")
    assert bare.refused("GET", f"/v2-beta/projects/{other.id}/stacks") == (403, "Forbidden", None)
    assert bare.refused("GET", "/v2-beta/projects/1a77/stacks") == (403, "Forbidden", None)
    assert bare.refused("GET", "/v2-beta/stacks?projectId=1a77") == (403, "Forbidden", None)
    assert bare.refused("GET", "/v2-beta/stacks", headers={"X-API-Project-Id": "nonsense"}) == (
        400,
        "InvalidFormat",
        None,
    )


def test_a_project_can_be_named_in_three_ways(server: RancherServer, bare: Bare) -> None:
    other = server.add_project("Other")
    server.add_key("account", "secret", projects=(server.project, other))
    bare.session.auth = ("account", "secret")
    server.create("stacks", {"name": "gf-chat"})
    project = server.project.id
    for answer in (
        bare.ask("GET", f"/v2-beta/projects/{project}/stacks"),
        bare.ask("GET", f"/v2-beta/stacks?projectId={project}"),
        bare.ask("GET", "/v2-beta/stacks", headers={"X-API-Project-Id": project}),
    ):
        assert [row["name"] for row in answer.json()["data"]] == ["gf-chat"]
    assert bare.get(f"/v2-beta/projects/{other.id}/stacks")["data"] == []
    assert bare.get("/v2-beta/stacks")["data"] == []  # an account has no stacks of its own
    assert [row["name"] for row in bare.get("/v2-beta/projects")["data"]] == ["Default", "Other"]


def test_an_environment_key_sees_its_project_only(server: RancherServer, bare: Bare) -> None:
    server.add_project("Other")
    assert [row["name"] for row in bare.get("/v2-beta/projects")["data"]] == ["Default"]


def test_a_read_only_key_may_not_change_anything(server: RancherServer, bare: Bare) -> None:
    server.add_key("reader", "secret", read_only=True)
    bare.session.auth = ("reader", "secret")
    assert bare.get("stacks")["data"] == []
    assert bare.refused("POST", "stacks", {"name": "a"}) == (405, "Method not allowed", None)


def test_unknown_types_and_ids_are_not_found(server: RancherServer, bare: Bare) -> None:
    for path in ("nothings", "stacks/1st99", "stacks/abc", "stacks/1st5/nothing", "/v3/projects"):
        assert bare.refused("GET", path)[:2] == (404, "Not Found"), path


def test_an_id_is_only_its_number(server: RancherServer, bare: Bare) -> None:
    stack = server.create("stacks", {"name": "gf-chat"})
    assert bare.get(f"stacks/1x{stack.number}")["id"] == stack.id


def test_absolute_urls_follow_the_proxy_and_are_in_lower_case(server: RancherServer, bare: Bare) -> None:
    stack = server.create("stacks", {"name": "gf-chat"})
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "Rancher.Example.ORG"}
    links = bare.ask("GET", f"stacks/{stack.id}", headers=headers).json()["links"]
    assert links["self"].startswith("https://rancher.example.org/v2-beta/")
    port = {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "8443"}
    assert bare.ask("GET", "stacks", headers=port).json()["links"]["self"].startswith("https://127.0.0.1:8443/")


def test_v1_calls_a_stack_environment(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    project = server.project.id
    row = bare.get(f"/v1/projects/{project}/environments")["data"][0]
    assert row["type"] == "environment"
    assert row["id"] == "1st5"
    assert "/environments/1st5" in row["links"]["self"]
    shown = bare.get(f"/v1/projects/{project}/environments/1st5/services")["data"][0]
    assert shown["id"] == service.id
    assert shown["environmentId"] == "1st5"
    assert "stackId" not in shown
    assert bare.refused("GET", f"/v1/projects/{project}/stacks")[0] == 404
    created = bare.post(f"/v1/projects/{project}/environments", {"name": "from-v1"})
    assert created["type"] == "environment"


def test_browsers_get_html_and_must_echo_the_cookie(server: RancherServer, bare: Bare) -> None:
    browser = {"User-Agent": "Mozilla/5.0", "Accept": "text/html"}
    page = bare.ask("GET", "stacks", headers=browser)
    assert page.text.startswith("<!DOCTYPE html>")
    assert bare.ask("GET", "stacks?_format=json", headers=browser).json()["type"] == "collection"
    assert bare.ask("GET", "stacks", headers={**browser, "Accept": "application/json"}).json()["type"] == "collection"
    json_browser = {"User-Agent": "Mozilla/5.0", "Accept": "application/json"}
    assert bare.refused("POST", "stacks", {"name": "a"}, headers=json_browser) == (403, "InvalidCSRFToken", None)
    token = bare.session.cookies["CSRF"]
    made = bare.ask("POST", "stacks", json={"name": "a"}, headers={**json_browser, "X-API-CSRF": token})
    assert made.status_code == 201


def test_the_method_can_be_named_in_the_query(server: RancherServer, bare: Bare) -> None:
    stack = server.create("stacks", {"name": "gf-chat"})
    assert bare.ask("POST", f"stacks/{stack.id}?_method=DELETE").json()["state"] == "removed"


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"'])
def test_a_body_must_be_a_json_object(bare: Bare, body: bytes) -> None:
    answer = bare.ask("POST", "stacks", data=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "InvalidBodyContent"


def test_pages_of_a_collection(server: RancherServer, bare: Bare) -> None:
    for number in range(5):
        server.create("stacks", {"name": f"s{number}"})
    first = bare.get("stacks", limit=2)
    assert [row["name"] for row in first["data"]] == ["s0", "s1"]
    assert first["pagination"]["partial"] is True
    assert "marker=m" in first["pagination"]["next"]
    names = []
    url = first["pagination"]["next"]
    while url:
        page = bare.session.get(url, timeout=10).json()
        names += [row["name"] for row in page["data"]]
        url = page["pagination"]["next"]
    assert names == ["s2", "s3", "s4"]


@pytest.mark.parametrize(("limit", "found"), [("-2", 3000), ("0", 3000), ("5000", 3000), ("7", 7), ("x", 100)])
def test_limits(bare: Bare, limit: str, found: int) -> None:
    assert bare.get("stacks", limit=limit)["pagination"]["limit"] == found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "alpha"}, ["alpha"]),
        ({"name": "ALPHA"}, []),
        ({"name_ne": "alpha"}, ["alpine", "beta"]),
        ({"name_prefix": "alp"}, ["alpha", "alpine"]),
        ({"name_like": "%l%"}, ["alpha", "alpine"]),
        ({"name_notlike": "%l%"}, ["beta"]),
        ({"id_gt": "1st5"}, ["alpine", "beta"]),
        ({"id_gte": "1st6", "id_lt": "1st7"}, ["alpine"]),
        ({"id_lte": "1st5"}, ["alpha"]),
        ({"group_null": "1"}, ["alpha", "alpine", "beta"]),
        ({"group_notnull": "1"}, []),
        ({"nmae": "alpha"}, ["alpha", "alpine", "beta"]),
        ({"sort": "name", "order": "desc"}, ["beta", "alpine", "alpha"]),
        ({"sort": "id"}, ["alpha", "alpine", "beta"]),
    ],
)
def test_filters(server: RancherServer, bare: Bare, query: dict[str, Any], names: list[str]) -> None:
    for name in ("alpha", "alpine", "beta"):
        server.create("stacks", {"name": name})
    assert [row["name"] for row in bare.get("stacks", **query)["data"]] == names


def test_what_is_removed_can_still_be_found_by_its_id(server: RancherServer, bare: Bare) -> None:
    stack = server.create("stacks", {"name": "gf-chat"})
    bare.ask("DELETE", f"stacks/{stack.id}")
    assert bare.get(f"stacks/{stack.id}")["state"] == "removed"
    assert [row["state"] for row in bare.get("stacks")["data"]] == ["removed"]
    assert bare.get("stacks", removed_null="1")["data"] == []
    assert bare.refused("DELETE", f"stacks/{stack.id}") == (405, "Method not allowed", None)
    server.wait_for(lambda: server.world.is_hidden(stack))
    assert bare.get("stacks")["data"] == []
    assert bare.get(f"stacks/{stack.id}")["id"] == stack.id


def test_links_can_be_included(server: RancherServer, bare: Bare) -> None:
    service = server.add_service(scale=1)
    shown = bare.get(f"services/{service.id}", include="instances")
    assert [row["name"] for row in shown["instances"]] == ["gf-chat-parrot-rest-1"]
    assert bare.get(f"services/{service.id}", include="stack")["stack"]["name"] == "gf-chat"


def test_types_of_a_table(server: RancherServer, bare: Bare) -> None:
    balancer = server.add_service("gf-chat/lb", plural="loadBalancerServices", scale=1)
    row = bare.get("services")["data"][0]
    assert (row["id"], row["type"], row["baseType"]) == (balancer.id, "loadBalancerService", "service")
    assert bare.get(f"services/{balancer.id}")["id"] == "1s5"
    assert bare.get("containers")["data"][0]["type"] == "container"
    assert bare.refused("GET", f"dnsservices/{balancer.id}")[0] == 404


def test_settings_are_found_by_name(bare: Bare) -> None:
    assert bare.get("settings/rancher.server.version")["value"] == "v1.6.30"
    assert bare.refused("GET", "settings/nothing")[0] == 404
    assert bare.refused("PUT", "settings/rancher.server.version", {"value": "v2"})[0] == 405


@pytest.mark.parametrize(
    ("kind", "status"),
    [("status", 500), ("html", 502), ("garbage", 200), ("empty", 200), ("redirect", 302)],
)
def test_faults_that_answer(server: RancherServer, bare: Bare, kind: str, status: int) -> None:
    fault = server.fault(kind, path="stacks", status=status, times=1, skip=1, text="https://elsewhere.example.org/")
    assert bare.ask("GET", "stacks", allow_redirects=False).json()["type"] == "collection"
    answer = bare.ask("GET", "stacks", allow_redirects=False)
    assert answer.status_code == status
    assert bare.ask("GET", "stacks", allow_redirects=False).json()["type"] == "collection"
    assert fault.hits == 1


@pytest.mark.parametrize("kind", ["drop", "half", "hang", "drop-after"])
def test_faults_that_do_not_answer(server: RancherServer, bare: Bare, kind: str) -> None:
    server.fault(kind, method="POST", times=1, seconds=0.05)
    with pytest.raises(requests.RequestException):
        bare.ask("POST", "stacks", json={"name": "gf-chat"})
    made = kind in ("half", "drop-after")
    assert [row["name"] for row in bare.get("stacks")["data"]] == (["gf-chat"] if made else [])


def test_a_server_that_crashed_comes_back_with_all_it_knew(server: RancherServer, bare: Bare) -> None:
    server.create("stacks", {"name": "gf-chat"})
    server.crash()
    with pytest.raises(requests.ConnectionError):
        bare.ask("GET", "stacks")
    server.start()
    assert [row["name"] for row in bare.get("stacks")["data"]] == ["gf-chat"]
