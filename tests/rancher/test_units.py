"""The parts that decide, without any server: judge, situation, marks, masks, launch configurations, addresses."""

from __future__ import annotations

import io
import os
import pwd
from typing import Any

import pytest

from gates.errors import UsageError
from gates.rancher.cattle import launch
from gates.rancher.cattle.find import normalised
from gates.rancher.cattle.http import Server, parse_url, problem
from gates.rancher.judge import Judge, Limits
from gates.rancher.marks import who
from gates.rancher.masks import MASK, masked
from gates.rancher.narrator import Narrator
from gates.rancher.target import Container, Difference, Mark, Phase, Plan, Situation, Wish

LIMITS = Limits(deadline=100.0, bake=10.0, grace=5.0, max_restarts=2)
ONE = Container("1i1", "a-b-1", "running", "healthy", "img:1", unit="1")


def at(*containers: Container, health: str = "healthy", **more: Any) -> Situation:
    return Situation(Phase.UPGRADED, "upgraded", health, containers=containers, expected=len(containers), **more)


def change(container: Container, **fields: Any) -> Container:
    return Container(**{**vars(container), **fields})


def test_a_container_may_be_unhealthy_for_the_grace_only() -> None:
    judge, sick = Judge(LIMITS), change(ONE, health="unhealthy")
    assert judge.failure(at(sick), 0.0) == ""
    assert judge.failure(at(sick), 4.9) == ""
    assert judge.due(1.0) == 5.0
    assert judge.failure(at(ONE), 4.95) == ""
    assert judge.failure(at(sick), 5.0) == ""
    assert judge.failure(at(sick), 10.0) == "a-b-1 has been unhealthy for 5 s"


def test_restarts_count_over_replaced_containers() -> None:
    judge = Judge(LIMITS)
    assert judge.failure(at(change(ONE, restarts=2)), 0.0) == ""
    assert judge.failure(at(change(ONE, restarts=3)), 0.0) == "a-b-1 starts again and again (3 times)"
    judge = Judge(LIMITS)
    for number in range(3):
        assert judge.failure(at(change(ONE, id=f"1i{number}")), 0.0) == ""
    assert judge.failure(at(change(ONE, id="1i9")), 0.0) == "a-b-1 starts again and again (3 times)"


def test_errors_fail_at_once() -> None:
    judge = Judge(LIMITS)
    assert judge.failure(at(ONE, error="no such image"), 0.0) == "the server reports an error: no such image"
    assert judge.failure(at(change(ONE, state="error")), 0.0) == "a-b-1 is in error: no reason given"
    assert judge.failure(at(change(ONE, message="disk full")), 0.0) == "a-b-1 is in running: disk full"
    assert judge.failure(at(change(ONE, current=False, state="error")), 0.0) == ""


def test_the_bake_begins_anew_with_every_restart() -> None:
    judge = Judge(LIMITS)
    assert not judge.baked(at(ONE), 0.0)
    assert not judge.baked(at(ONE), 9.9)
    assert judge.due(0.0) == 10.0
    assert judge.due(10.5) == float("inf")
    assert not judge.baked(at(change(ONE, restarts=1)), 10.0)
    assert not judge.baked(at(change(ONE, restarts=1, health="unhealthy")), 19.0)
    assert not judge.baked(at(change(ONE, restarts=1)), 20.0)
    assert not judge.baked(at(change(ONE, restarts=1, id="1i2")), 29.9)
    assert judge.baked(at(change(ONE, restarts=1, id="1i2")), 39.9)


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (at(ONE), ""),
        (at(change(ONE, health="")), ""),
        (at(change(ONE, state="ran once", health="")), ""),
        (at(change(ONE, state="updating-running", health="updating-healthy")), ""),
        (at(change(ONE, state="stopped", health="")), "a-b-1 is stopped"),
        (at(change(ONE, health="initializing")), "a-b-1 is running and initializing"),
        (at(ONE, health="degraded"), "the service is degraded"),
        (at(ONE, health="started-once"), ""),
        (Situation(Phase.RESTING, "active", expected=2, containers=(ONE,)), "only 1 of 2 containers are there"),
        (Situation(Phase.RESTING, "active", expected=None), "only 0 of its containers are there"),
        (Situation(Phase.RESTING, "active", expected=0), ""),
        (at(change(ONE, current=False)), "only 0 of 1 containers are there"),
    ],
)
def test_what_is_unsettled(situation: Situation, words: str) -> None:
    assert situation.unsettled == words


def test_a_mark_in_words() -> None:
    mark = Mark("abc.1", "0123456789abcdef", "ada", "2026-11-24T10:00:00Z")
    assert str(mark) == "deploy abc.1, by ada, at 2026-11-24T10:00:00Z, of commit 0123456789ab"
    assert (str(Mark("abc.1")), mark.key) == ("deploy abc.1", "abc")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"GITLAB_USER_LOGIN": "ada", "CI_JOB_ID": "17"}, "ada (job 17)"),
        ({"GITHUB_ACTOR": "ada"}, "ada"),
        ({"GITHUB_RUN_ID": "5"}, "CI (job 5)"),
    ],
)
def test_who(environ: dict[str, str], name: str) -> None:
    assert who(environ) == name


def test_who_is_at_home() -> None:
    assert who({"USER": "ada"}).startswith("ada@")
    assert who({}).startswith(pwd.getpwuid(os.getuid()).pw_name + "@")


def test_who_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 987654)
    assert who({}).startswith("987654@")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment.DB_PASSWORD", "x"),
        ("environment.API_KEY", "x"),
        ("environment.URL", "https://ada:secret@db.example.org"),
        ("environment.X", "-----BEGIN PRIVATE KEY-----"),
        ("environment.X", "aB3dE5fG7hI9jK1lM2nO"),
        ("environment.X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0"),
        ("labels.token", "x"),
    ],
)
def test_what_may_be_secret_is_not_shown(name: str, value: str) -> None:
    assert masked(name, value) == MASK


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image", "acme/parrot@sha256:" + "0123456789abcdef" * 4),
        ("logs.image", "acme/logs:aB3dE5fG7hI9jK1lM2nO"),
        ("environment.LOG_LEVEL", "debug"),
        ("environment.URL", "https://db.example.org/path"),
        ("environment.DB_PASSWORD", ""),
        ("environment.X", "aaaaaaaaaaaaaaaa1"),
        ("ports.0", "8080:80/tcp"),
    ],
)
def test_what_is_shown(name: str, value: str) -> None:
    assert masked(name, value) == value


def test_no_value_is_no_secret() -> None:
    assert masked("environment.TOKEN", None) is None


MARK = Mark("abc.1", "", "ada", "now")
SERVICE: dict[str, Any] = {
    "launchConfig": {
        "imageUuid": "docker:a:1",
        "version": "0",
        "environment": {"A": "1", "B": "2"},
        "labels": None,
        "ports": ["80:80/tcp"],
        "healthCheck": {"port": 80},
    },
    "secondaryLaunchConfigs": [None, {"name": "logs", "imageUuid": "docker:l:1", "version": "0"}, {"imageUuid": "x"}],
}


def test_configurations_survive_nulls() -> None:
    assert set(launch.configs_of(SERVICE)) == {"", "logs"}
    assert launch.configs_of({"launchConfig": None, "secondaryLaunchConfigs": None}) == {}
    for upgrade in (None, {}, {"inServiceStrategy": None}, {"toServiceStrategy": {}}):
        assert launch.previous_configs({"upgrade": upgrade}) == {}


def test_a_wish_changes_nothing_else_and_not_the_original() -> None:
    current = launch.configs_of(SERVICE)
    wished = launch.wished(current, Wish(image="a:2", env={"A": None, "C": "3"}), MARK)
    assert set(wished) == {""}
    config = wished[""]
    assert config["environment"] == {"B": "2", "C": "3"}
    assert config["ports"] == ["80:80/tcp"]
    assert config["labels"] == {"io.gateline.deploy": "abc.1", "io.gateline.by": "ada", "io.gateline.at": "now"}
    assert SERVICE["launchConfig"]["environment"] == {"A": "1", "B": "2"}
    assert launch.marks_of(wished) == (MARK,)
    assert launch.differences(current, wished) == (
        Difference("environment.A", "1", None),
        Difference("environment.C", None, "3"),
        Difference("image", "a:1", "a:2"),
    )


def test_fields_are_compared_to_their_leaves() -> None:
    old = {"": {"imageUuid": "docker:a", "healthCheck": {"port": 80}, "ports": ["1:1/tcp"], "version": "0"}}
    new = {"": {"imageUuid": "docker:a", "healthCheck": None, "ports": ["1:1/tcp", "2:2/tcp"], "version": "1"}}
    assert launch.differences(old, new) == (
        Difference("healthCheck.port", "80", None),
        Difference("ports.1", None, "2:2/tcp"),
    )


def test_what_is_brought_back() -> None:
    before = {"imageUuid": "docker:a:1", "labels": {}}
    now = {"imageUuid": "docker:a:2", "labels": {}}
    strategy = {
        "launchConfig": now,
        "secondaryLaunchConfigs": [{"name": "new", "imageUuid": "docker:n:1"}],
        "previousLaunchConfig": before,
        "previousSecondaryLaunchConfigs": [{"name": "gone", "imageUuid": "docker:g:1"}],
    }
    service = {
        "launchConfig": now,
        "secondaryLaunchConfigs": [{"name": "new", "imageUuid": "docker:n:1"}],
        "upgrade": {"inServiceStrategy": strategy},
    }
    back = launch.restored(service, MARK)
    assert {part: config["imageUuid"] for part, config in back.items()} == {
        "": "docker:a:1",
        "gone": "docker:g:1",
        "new": "rancher/none",
    }
    assert launch.restored({**service, "upgrade": None}, MARK) == {}


@pytest.mark.parametrize(
    ("url", "address", "project"),
    [
        ("https://rancher.example.org", "https://rancher.example.org", ""),
        ("https://rancher.example.org:8443/", "https://rancher.example.org:8443", ""),
        (" http://h/v1 ", "http://h", ""),
        ("http://h/v2-beta/projects/1a5", "http://h", "1a5"),
        ("http://h/v2-beta/projects/1a5/services/1s5", "http://h", "1a5"),
        ("http://h/rancher/v1", "http://h/rancher", ""),
    ],
)
def test_addresses(url: str, address: str, project: str) -> None:
    assert parse_url(url) == (address, project)


@pytest.mark.parametrize("url", ["", "h", "//h", "ftp://h", "http://", "http://a:b@h", "https:///x"])
def test_no_addresses(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(url)
    assert "a:b" not in str(caught.value)


def test_keys_are_scrubbed_and_not_represented() -> None:
    server = Server("http://h", ("access", "secret"))
    assert server.scrub("access \n and secret\x1b[2J") == "*** and ***" + server.scrub("\x1b[2J")
    assert "secret" not in repr(server)


def test_a_problem_in_the_words_of_the_server() -> None:
    error = {"code": "InvalidFormat", "fieldName": "name", "message": None, "detail": None}
    assert problem(422, error) == "the server answered 422 InvalidFormat (field name)"
    assert problem(500, {"message": "a", "detail": "a"}) == "the server answered 500: a"


def test_names_as_rancher_can_have_them() -> None:
    assert normalised(" gf.chat_app ") == "gf-chat-app"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_below_the_lines() -> None:
    stream = Terminal()
    narrator = Narrator("a/b", stream, {"TERM": "xterm"})
    narrator.plan(Plan("0", (Difference("image", "a:1", "a:2"),), {}))
    narrator.seen(Situation(Phase.RESTING, "active", "healthy", expected=1, containers=(ONE,)), 0.0)
    narrator.seen(at(change(ONE, id="1i2", image="img:2"), version="1"), 1.0)
    narrator.note("a note")
    narrator.close()
    narrator.close()
    text = stream.getvalue()
    assert "a/b is upgraded" in text
    assert "containers" in text
    assert "a note" in text


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "xterm", "CI": "true"}])
def test_no_bar_where_it_would_not_be_seen(environ: dict[str, str]) -> None:
    stream = Terminal()
    narrator = Narrator("a/b", stream, environ)
    narrator.seen(at(ONE), 0.0)
    narrator.close()
    assert "containers" not in stream.getvalue()


def test_batches_are_counted_by_replicas() -> None:
    stream = io.StringIO()
    narrator = Narrator("a/b", stream, {})
    narrator.plan(Plan("0", (), {}, batch_size=2))
    old = [change(ONE, id=f"1i{number}", name=f"a-b-{number}", unit=str(number)) for number in (1, 2, 3)]
    narrator.seen(Situation(Phase.RESTING, "active", "", expected=3, containers=tuple(old), images={"": "img:1"}), 0.0)
    new = [change(one, id=one.id + "n", image="img:2", restarts=number) for number, one in enumerate(old)]
    narrator.seen(at(*new, version="1", previous={"": "img:1"}), 1.0)
    lines = [line.split("]")[1].split("  ")[0].strip() for line in stream.getvalue().splitlines() if "batch" in line]
    assert lines == ["batch 1/2", "batch 1/2", "batch 2/2"]
    assert "restarted 2 times" in stream.getvalue()
    assert "img:1 -> 2  running" in stream.getvalue()
