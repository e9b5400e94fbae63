"""`gateline logs`: all containers merged in time order, also those that an upgrade adds."""

from __future__ import annotations

import json
import random
import re
import time
from typing import Any

import pytest

from gates.rancher.cattle.sockets import parse_frame
from gates.rancher.logs import Reorder
from gates.rancher.target import LogLine
from tests.rancher.jobs import Gateline, Job, Nursery
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

LINES = (("1", "hello"), ("2", "oh no"), ("1", "ready"))


@pytest.fixture
def talking(server: RancherServer) -> Row:
    server.images["acme/parrot:1"] = Behaviour(lines=LINES)
    return server.add_service()


def say(server: RancherServer, service: Row, *texts: str) -> None:
    """Each text by the containers in turn, in their order."""
    containers = sorted(server.containers(service, old=False), key=lambda row: str(row["name"]))
    for number, text in enumerate(texts):
        server.api.services.containers.print(containers[number % len(containers)], text)


def test_containers_are_merged_in_time_order(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    texts = [f"line {number}" for number in range(40)]
    say(server, talking, *texts)
    shown = gateline("logs", "gf-chat/parrot-rest")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert [line.split("| ")[1] for line in lines if "line" in line] == texts
    assert lines[-2:] == ["gf-chat-parrot-rest-1 | line 38", "gf-chat-parrot-rest-2 | line 39"]
    assert "gf-chat-parrot-rest-1 ! oh no" in lines


def test_times(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    shown = gateline("logs", "gf-chat/parrot-rest", "-t").out.splitlines()
    times = [line.split(" ")[0] for line in shown]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text) for text in times)
    assert times == sorted(times)


def test_tail_grep_and_json(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    say(server, talking, *[f"line {number}" for number in range(20)])
    tail = gateline("logs", "gf-chat/parrot-rest", "--tail", "2").out.splitlines()
    assert [line.split("| ")[1] for line in tail] == ["line 16", "line 17", "line 18", "line 19"]
    grep = gateline("logs", "gf-chat/parrot-rest", "--grep", "^oh").out.splitlines()
    assert grep == ["gf-chat-parrot-rest-1 ! oh no", "gf-chat-parrot-rest-2 ! oh no"]
    data = [json.loads(line) for line in gateline("logs", "gf-chat/parrot-rest", "--json").out.splitlines()]
    assert {entry["stream"] for entry in data} == {"stdout", "stderr"}
    assert data[-1]["text"] == "line 19"
    assert data[-1]["container"] == "gf-chat-parrot-rest-2"
    assert gateline("logs", "gf-chat/parrot-rest", "--tail", "0").out == ""


def test_since(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    for row in server.containers(talking):
        row.hidden["logs"] = [(at - 3600 * 10**9, stream, text) for at, stream, text in row.hidden["logs"]]
    say(server, talking, "now")
    assert gateline("logs", "gf-chat/parrot-rest", "--since", "10m").out == "gf-chat-parrot-rest-1 | now\n"
    assert "hello" in gateline("logs", "gf-chat/parrot-rest", "--since", "2h").out


def test_a_wrong_pattern(talking: Row, gateline: Gateline) -> None:
    shown = gateline("logs", "gf-chat/parrot-rest", "--grep", "(")
    assert (shown.code, "--grep '(' is not a regular expression" in shown.error) == (2, True)


def test_what_containers_print_cannot_move_the_cursor(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    say(server, talking, "red \x1b[31m\x1b[2J and \x07 \r gone")
    shown = gateline("logs", "gf-chat/parrot-rest").out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\r" not in shown


def follow(nursery: Nursery, gateline: Gateline, *options: str) -> Job:
    return nursery.start(gateline, "logs", "-f", "gf-chat/parrot-rest", "--poll", "50ms", *options)


def test_it_follows_the_containers_that_an_upgrade_adds(
    server: RancherServer, talking: Row, gateline: Gateline, nursery: Nursery
) -> None:
    server.images["acme/parrot:2"] = Behaviour(lines=(("1", "I am new"),))
    job = follow(nursery, gateline)
    assert job.wait_for(lambda: job.text.count("ready") == 2)
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
    assert job.wait_for(lambda: job.text.count("I am new") == 2), job.text
    say(server, talking, "one", "two")
    assert job.wait_for(lambda: "| two" in job.text)
    job.kill()
    lines = [line.split(maxsplit=2)[2] for line in job.text.splitlines()]
    assert lines[-2:] == ["one", "two"]
    assert lines.count("hello") == 2


def test_it_follows_a_container_that_starts_again(
    server: RancherServer, talking: Row, gateline: Gateline, nursery: Nursery
) -> None:
    job = follow(nursery, gateline)
    assert job.wait_for(lambda: job.text.count("ready") == 2)
    with server.world.engine.lock:
        services = server.api.services
        talking.hidden["restart"] = {"rollingRestartStrategy": {"batchSize": 2, "intervalMillis": 100}}
        services.begin(talking, "restart", services.restarting)
    assert job.wait_for(lambda: job.text.count("ready") == 4), job.text
    job.kill()
    assert job.text.count("hello") == 4


@pytest.mark.parametrize("break_it", ["sockets", "server", "token"])
def test_it_goes_on_after_the_connection_broke_off(
    server: RancherServer, talking: Row, gateline: Gateline, nursery: Nursery, break_it: str
) -> None:
    job = follow(nursery, gateline)
    assert job.wait_for(lambda: job.text.count("ready") == 2)
    if break_it == "token":
        server.world.secrets["agent gone"] = True
    server.crash(engine=False)
    say(server, talking, "meanwhile one", "meanwhile two")
    server.start(engine=False)
    if break_it == "token":
        assert job.wait_for(lambda: "broke off" in job.text)
        server.world.secrets["agent gone"] = False
    assert job.wait_for(lambda: "meanwhile two" in job.text), job.text
    say(server, talking, "after")
    assert job.wait_for(lambda: "| after" in job.text), job.text
    job.kill()
    for text in ("hello", "oh no", "ready"):
        assert job.text.count(text) == 2, job.text
    assert job.text.count("meanwhile") == 2


def test_logs_that_the_server_does_not_give_are_told(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    server.world.secrets["proxy disabled"] = True
    shown = gateline("logs", "gf-chat/parrot-rest")
    assert shown.code == 3
    assert "gf-chat-parrot-rest-1: " in shown.error
    assert "501 HostApiProxyDisabled" in shown.error
    assert "not all logs of gf-chat/parrot-rest could be read" in shown.error


def test_a_token_is_never_shown(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    server.world.secrets["agent gone"] = True
    shown = gateline("logs", "gf-chat/parrot-rest", "--trace")
    assert shown.code == 3
    assert "the logs of gf-chat-parrot-rest-1 broke off" in shown.error
    assert not any(token in shown.text for token in server.world.secrets["log tokens"])


def test_a_service_without_containers_has_no_logs(server: RancherServer, gateline: Gateline) -> None:
    server.add_service(scale=0)
    assert gateline("logs", "gf-chat/parrot-rest").code == 0


def test_the_logs_are_shown_while_deploying(server: RancherServer, talking: Row, gateline: Gateline) -> None:
    server.images["acme/parrot:2"] = Behaviour(lines=(("1", "I am new"), ("2", "careful")))
    done = gateline.deploy("--image", "acme/parrot:2", "--logs", "--bake", "1500ms")
    assert done.code == 0, done.text
    assert "gf-chat-parrot-rest-1 | I am new" in done.out
    assert "gf-chat-parrot-rest-2 ! careful" in done.out
    assert "hello" not in done.out  # the old containers are not followed


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("01 2026-11-24T10:00:00.123456789Z hi\n", LogLine(1795514400123456789, "c", "stdout", "hi")),
        ("02 2026-11-24T10:00:00.5Z  two spaces\r\n", LogLine(1795514400500000000, "c", "stderr", " two spaces")),
        ("00 2026-11-24T10:00:00Z \n", LogLine(1795514400000000000, "c", "tty", "")),
        (b"01 2026-11-24T10:00:00Z \xff\n", LogLine(1795514400000000000, "c", "stdout", "\ufffd")),
    ],
)
def test_frames(frame: str | bytes, expected: LogLine) -> None:
    assert parse_frame(frame, "c") == expected


@pytest.mark.parametrize(
    ("frame", "stream", "text"),
    [
        ("02 no time here\n", "stderr", "no time here"),
        ("01 2026-13-99T10:00:00Z x", "stdout", "2026-13-99T10:00:00Z x"),
        ("free text", "stdout", "free text"),
        ("", "stdout", ""),
    ],
)
def test_frames_without_a_time_were_printed_now(frame: str, stream: str, text: str) -> None:
    line = parse_frame(frame, "c")
    assert abs(line.time - time.time_ns()) < 60 * 10**9
    assert (line.stream, line.text) == (stream, text)


def lines_of(*times: int) -> list[LogLine]:
    return [LogLine(at, "c", "stdout", str(at)) for at in times]


def drain(order: Reorder, now: float) -> list[int]:
    return [line.time for line in order.ready(now)]


def test_lines_wait_for_earlier_ones_of_other_containers() -> None:
    order = Reorder(window=1.0)
    for line in lines_of(30, 10, 20):
        order.push(line, 0.0)
    assert drain(order, 0.5) == []
    assert drain(order, 1.0) == [10, 20, 30]
    order.push(lines_of(40)[0], 2.0)
    order.push(lines_of(35)[0], 2.9)
    assert drain(order, 3.0) == [35, 40]
    assert drain(order, 9.0) == []


def test_a_line_that_comes_too_late_is_shown_all_the_same() -> None:
    order = Reorder(window=1.0)
    order.push(lines_of(50)[0], 0.0)
    assert drain(order, 1.0) == [50]
    order.push(lines_of(10)[0], 1.5)
    assert drain(order, 2.5) == [10]


def test_no_more_is_held_than_the_limit() -> None:
    order = Reorder(window=1e9, limit=3)
    for line in lines_of(5, 4, 3, 2, 1):
        order.push(line, 0.0)
    assert drain(order, 0.0) == [1, 2]
    assert [line.time for line in order.rest()] == [3, 4, 5]


def test_nothing_is_lost_and_what_is_in_time_is_in_order() -> None:
    """Lines that arrive at most half a window late come out sorted."""
    chance = random.Random(6)
    made: list[Any] = sorted((chance.random() * 100 + chance.random() * 0.5, number) for number in range(2000))
    times = {number: at for at, number in made}
    order, out = Reorder(window=1.0), []
    for arrival, number in sorted((times[number] + chance.random() * 0.5, number) for number in times):
        order.push(LogLine(int(times[number] * 1e9), "c", "stdout", ""), arrival)
        out += drain(order, arrival)
    out += [line.time for line in order.rest()]
    assert len(out) == 2000
    assert out == sorted(out)
