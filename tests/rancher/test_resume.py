"""Jobs that are killed at any point, and what the next one makes of it; the lock, TERM, the list of processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rancher.jobs import Gateline, Nursery
from tests.rancher.test_deploy import running, sent
from tests.rancher16 import Behaviour, RancherServer
from tests.rancher16.world import Row

NEW = ["1 acme/parrot:2", "2 acme/parrot:2"]

SLOW = ("--bake", "1500ms", "--batch-size", "1", "--interval", "5s")


@pytest.mark.parametrize("state", ["upgrading", "upgraded", "finishing-upgrade"])
def test_a_killed_deploy_goes_on_with_the_next_job(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery, state: str
) -> None:
    if state == "finishing-upgrade":
        server.world.listeners.append(
            lambda row: parrot.hidden.update(stuck=True) if row is parrot and row["state"] == state else None
        )
    reached = server.when(parrot, state)
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2", *SLOW))
    assert job.wait_for(reached), job.text
    job.kill()
    assert job.wait() is None
    server.later(0.5, lambda: parrot.hidden.pop("stuck", None))
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert "continuing an earlier run of this deploy, which was left" in done.out
    assert running(server, parrot) == NEW
    assert len(sent(server)) == 1
    first, *others = gateline.entries()
    assert first["event"] == "began"
    assert [entry["event"] for entry in others] == ["began", "ended"]


@pytest.mark.parametrize("state", ["canceling-upgrade", "canceled-upgrade", "rolling-back"])
def test_a_killed_undo_goes_on_with_the_next_job(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery, state: str
) -> None:
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    if state == "canceled-upgrade":
        server.fault("drop", path="action=rollback", times=3)
    reached = server.when(parrot, state)
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2", "--grace", "100ms"))
    assert job.wait_for(reached), job.text
    job.kill()
    job.wait()
    server.world.faults.clear()
    done = gateline.deploy("--image", "acme/parrot:2", "--grace", "100ms")
    assert done.code == 5, done.text
    if state != "rolling-back":  # which may have come to its end by itself
        assert "an earlier run of this deploy was undoing it" in done.error
    assert running(server, parrot) == ["1 acme/parrot:1", "2 acme/parrot:1"]
    assert parrot["state"] == "active"


def test_a_job_that_was_killed_after_the_end_finds_nothing_to_do(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery
) -> None:
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2"))
    assert job.wait() == 0, job.text
    assert "nothing to do" in gateline.deploy("--image", "acme/parrot:2").out


def test_an_undone_deploy_is_tried_again_by_the_next_job(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    server.images["acme/parrot:2"] = Behaviour(health="unhealthy")
    assert gateline.deploy("--image", "acme/parrot:2", "--grace", "100ms").code == 5
    server.images["acme/parrot:2"] = Behaviour()
    assert gateline.deploy("--image", "acme/parrot:2").code == 0
    assert running(server, parrot) == NEW


def test_term_is_told_and_recorded(server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery) -> None:
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2", "--bake", "15s"))
    job.wait_for(lambda: parrot["state"] == "upgraded" and "is upgraded" in job.text)
    job.kill(signal.SIGTERM)
    assert job.wait() == 130
    assert "interrupted while gf-chat/parrot-rest was upgraded; the server goes on by itself." in job.text
    assert "gateline: interrupted" in job.text
    entry = gateline.entries()[-1]
    assert (entry["result"], entry["exit_code"], entry["state"]) == ("interrupted", 130, "upgraded")


def test_term_before_anything_was_changed(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery
) -> None:
    with server.world.engine.lock:
        parrot.epoch += 1
        server.world.set(parrot, state="updating-active")
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2"))
    job.wait_for(lambda: "waiting until that is over" in job.text)
    job.kill(signal.SIGTERM)
    assert job.wait() == 130
    assert "interrupted; nothing was changed" in job.text


def test_term_while_the_upgrade_is_asked_for_leaves_it_open(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery
) -> None:
    fault = server.fault("slow", path="action=upgrade", seconds=20)
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2"))
    job.wait_for(lambda: fault.hits == 1)
    job.kill(signal.SIGTERM)
    assert job.wait() == 130
    assert "nothing was changed" not in job.text
    assert "Run the same again to continue" in job.text


def test_only_one_at_a_time_on_this_machine(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery
) -> None:
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:2", "--bake", "15s"))
    job.wait_for(lambda: parrot["state"] == "upgraded")
    done = gateline.deploy("--image", "acme/parrot:3")
    assert done.code == 3
    assert "another gateline on this machine is changing gf-chat/parrot-rest; nothing was changed" in done.error
    for verb in ("rollback", "finish"):
        assert gateline(verb, "gf-chat/parrot-rest").code == 3
    job.kill()
    job.wait()
    assert gateline("finish", "gf-chat/parrot-rest", "--poll", "50ms").code == 0  # the lock died with its holder


def test_the_lock_is_not_taken_in_a_folder_of_somebody_else(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    link = gateline.folder / "gateline-0"
    (gateline.folder / "elsewhere").mkdir()
    link.symlink_to(gateline.folder / "elsewhere")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert "no lock can be taken: this is not a folder of this user's own" in done.error
    link.unlink()
    link.write_text("")
    assert "no lock can be taken: File exists" in gateline.deploy("--image", "acme/parrot:2").error


def test_two_machines_at_once_are_told_apart_by_the_server(
    server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery
) -> None:
    """Each has a lock of its own, as on two machines; the one that comes second changes nothing."""
    jobs = []
    for number in (1, 2):
        folder = gateline.folder / str(number)
        folder.mkdir()
        gateline.environ["TMPDIR"] = str(folder)
        gateline.environ["CI_PIPELINE_ID"] = str(number)
        line = gateline.deploy_line("--image", f"acme/parrot:{number + 1}", "--bake", "500ms")
        jobs.append(nursery.start(gateline, *line))
    codes = sorted(job.wait() or 0 for job in jobs)
    assert codes == [0, 3], [job.text for job in jobs]
    assert parrot["state"] == "active"
    assert len(sent(server)) in (1, 2)
    refused = next(job for job in jobs if job.code == 3)
    assert "nothing was changed" in refused.text


def test_keys_are_not_in_the_list_of_processes(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    line = [sys.executable, "-m", "gates", *gateline.deploy_line("--image", "acme/parrot:2", "--bake", "15s")]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        server.wait_for(lambda: parrot["state"] == "upgraded", 60)
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        assert "parrot-rest" in shown
        assert server.secret not in shown
        assert server.access not in shown
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130, out
    assert server.secret not in out


def test_the_history(server: RancherServer, parrot: Row, gateline: Gateline, nursery: Nursery) -> None:
    gateline.deploy("--image", "acme/parrot:2")
    server.images["acme/parrot:3"] = Behaviour(health="unhealthy")
    gateline.deploy("--image", "acme/parrot:3", "--grace", "100ms")
    job = nursery.start(gateline, *gateline.deploy_line("--image", "acme/parrot:4", "--bake", "15s"))
    job.wait_for(lambda: parrot["state"] == "upgraded")
    job.kill()
    job.wait()
    with open(gateline.history, "a") as file:
        file.write('{"torn": ')
    gateline("finish", "gf-chat/parrot-rest", "--poll", "50ms", "--history", str(gateline.history))
    shown = gateline("history", "--history", str(gateline.history))
    assert shown.code == 0
    good, undone, killed, finished = shown.out.splitlines()
    assert "deploy gf-chat/parrot-rest  deployed  acme/parrot:1 -> acme/parrot:2  by " in good
    assert "without a verdict (test)" in good
    assert "  undone  acme/parrot:2 (tried acme/parrot:3)  by " in undone
    assert "has been unhealthy" in undone
    assert "unknown" in killed
    assert "no end recorded: killed, or still running" in killed
    assert "finish gf-chat/parrot-rest  finished  acme/parrot:2 -> acme/parrot:4" in finished
    data = [
        json.loads(line)
        for line in gateline("history", "--history", str(gateline.history), "--json").out.split("\n")
        if line
    ]
    assert [entry["result"] for entry in data] == ["deployed", "undone", "unknown", "finished"]
    states = [state for _, state in data[1]["transitions"]]
    assert states[0] == "active" == states[-1]
    assert "upgrading" in states
    assert data[0]["changes"][0] == {"field": "image", "old": "acme/parrot:1", "new": "acme/parrot:2"}
    assert data[0]["target"]["server"] == server.url
    assert server.secret not in gateline.history.read_text()
    assert len(gateline("history", "-n", "1", "--history", str(gateline.history)).out.splitlines()) == 1
    assert gateline("history", "a/b", "--history", str(gateline.history)).out == "Nothing is recorded.\n"


def test_a_history_that_is_not_there_or_cannot_be_written(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    missing = gateline("history", "--history", "nothing.jsonl")
    assert (missing.code, f"there is no history at {gateline.folder / 'nothing.jsonl'}" in missing.error) == (2, True)
    (gateline.folder / "file").write_text("")
    done = gateline.deploy("--image", "acme/parrot:2", "--history", str(gateline.folder / "file" / "history.jsonl"))
    assert done.code == 3
    assert "the history cannot be written" in done.error
    assert parrot["state"] == "active"
    assert sent(server) == []
    folder = gateline("history", "--history", str(gateline.folder))
    assert (folder.code, "the history cannot be read" in folder.error) == (3, True)
