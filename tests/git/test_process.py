"""Processes in groups of their own: what comes out of them, when they end, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gates.errors import CannotRun
from gates.process import OUTPUT_LIMIT, Job, Pool, find_program, run

ENV = {"PATH": os.environ["PATH"]}


def shell(script: str, **options: object) -> Job:
    return Job(["sh", "-c", script], cwd="/", env=ENV, **options)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + 30
    while any(map(is_alive, pids)):
        assert time.monotonic() < until, f"still there: {pids}"
        time.sleep(0.01)


def test_what_comes_out(tmp_path: Path) -> None:
    done = run(["sh", "-c", "cat; echo out; echo err >&2; pwd; exit 3"], cwd=str(tmp_path), env=ENV, stdin=b"in\n")
    assert (done.code, done.stdout, done.stderr) == (3, f"in\nout\n{tmp_path}\n".encode(), b"err\n")
    assert not done.timed_out
    assert not done.truncated


def test_nothing_to_read_is_an_empty_input() -> None:
    assert run(["cat"], cwd="/", env=ENV).stdout == b""


def test_the_environment_is_what_was_given() -> None:
    assert run(["env"], cwd="/", env={"PATH": ENV["PATH"], "A": "1"}).stdout.split() == [
        f"PATH={ENV['PATH']}".encode(),
        b"A=1",
    ]


def test_an_input_that_nobody_reads() -> None:
    assert run(["true"], cwd="/", env=ENV, stdin=b"x" * 10_000_000).code == 0


def test_a_large_input_and_a_large_output_at_once() -> None:
    data = os.urandom(1 << 20) * 3
    assert run(["cat"], cwd="/", env=ENV, stdin=data).stdout == data


def test_an_output_beyond_the_limit_keeps_both_ends() -> None:
    script = f"echo first; head -c {OUTPUT_LIMIT + 10_000_000} /dev/zero; echo last"
    done = run(["sh", "-c", script], cwd="/", env=ENV)
    assert done.truncated
    assert done.stdout.startswith(b"first\n\0")
    assert done.stdout.endswith(b"\0last\n")
    assert b"bytes left out" in done.stdout
    assert len(done.stdout) < OUTPUT_LIMIT + 1_000_000


def test_ended_by_a_signal() -> None:
    assert run(["sh", "-c", "kill -SEGV $$"], cwd="/", env=ENV).code == -signal.SIGSEGV


def test_signals_that_were_ignored_are_not_for_the_command() -> None:
    """`nohup` and shells in the background ignore INT; a gate is not to inherit that."""
    code = (
        "import os; from gates.process import run;"
        "print(run(['sh', '-c', 'kill -INT $$; echo on'], cwd='/', env=dict(os.environ)).code)"
    )
    words = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, code]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == f"{-signal.SIGINT}\n"


@pytest.mark.parametrize("name", ["no-such-program", "/no/such/program", "./nothing"])
def test_a_program_that_is_not_there(name: str) -> None:
    with pytest.raises(CannotRun, match="was not found"):
        run([name], cwd="/", env=ENV)


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(CannotRun, match="cannot be started"):
        run([str(broken)], cwd="/", env=ENV)
    assert len(os.listdir("/proc/self/fd")) == before


def test_finding_programs(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name, mode in (("tool", 0o755), ("text", 0o644)):
        (tmp_path / "bin" / name).touch(mode=mode)
    path = f"/nowhere::{tmp_path}/bin"
    assert find_program("tool", path, "/") == str(tmp_path / "bin/tool")
    assert find_program("text", path, "/") is None
    assert find_program("bin/tool", path, str(tmp_path)) == str(tmp_path / "bin/tool")
    assert find_program("tool", "bin", str(tmp_path)) == str(tmp_path / "bin/tool")
    assert find_program("bin", str(tmp_path), "/") is None


def test_several_at_once() -> None:
    with Pool() as pool:
        jobs = [shell(f"sleep 0.0{n}; echo {n}; exit {n}") for n in range(5)]
        for job in jobs:
            pool.start(job)
        ended: list[Job] = []
        while pool.jobs:
            ended += pool.wait()
        assert pool.wait() == []
    assert sorted(map(id, ended)) == sorted(map(id, jobs))
    assert [job.finished.code for job in jobs if job.finished] == [0, 1, 2, 3, 4]


def test_a_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    with Pool() as pool:
        job = shell(f"sleep 60 & echo $! >{tmp_path}/pid; wait", limit=0.3)
        pool.start(job)
        while pool.jobs:
            pool.wait()
    assert job.finished is not None
    assert job.finished.timed_out
    assert job.finished.code == -signal.SIGTERM
    wait_until_gone([int((tmp_path / "pid").read_text())])


def test_a_time_limit_for_what_does_not_listen() -> None:
    with Pool() as pool:
        job = shell("trap '' TERM; while :; do sleep 0.05; done", limit=0.2)
        pool.start(job)
        while pool.jobs:
            pool.wait()
    assert job.finished is not None
    assert (job.finished.timed_out, job.finished.code) == (True, -signal.SIGKILL)


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    """A server that a test forgot; it holds the output open as well."""
    done = run(["sh", "-c", f"sleep 60 & echo $! >{tmp_path}/pid; echo done"], cwd="/", env=ENV)
    assert (done.code, done.stdout) == (0, b"done\n")
    wait_until_gone([int((tmp_path / "pid").read_text())])


def test_leaving_the_pool_ends_what_runs() -> None:
    job = shell("sleep 60")
    with pytest.raises(KeyboardInterrupt), Pool() as pool:
        pool.start(job)
        raise KeyboardInterrupt
    assert job.finished is not None
    wait_until_gone([job.pid])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_groups_end_when_this_process_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    code = (
        "import os; from gates.process import Job, Pool; pool = Pool();"
        f"job = Job(['sh', '-c', 'echo $$ >{tmp_path}/pid; sleep 60'], cwd='/', env=dict(os.environ));"
        "pool.start(job); print(flush=True); pool.wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()  # the reaper has been told
    until = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate()
    wait_until_gone([int((tmp_path / "pid").read_text())])


IN_THE_WINDOW = """
import os, sys, time
from gates.process import Job, Pool

class Late(Pool):
    def _tell_reaper(self, word, number):
        if word == b"start":
            print(number, flush=True)
            time.sleep(60)
        super()._tell_reaper(word, number)

job = Job(["sh", "-c", sys.argv[1]], cwd="/", env=dict(os.environ))
Late().start(job)
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the reaper finds a gate it was not told of in /proc")
@pytest.mark.parametrize("script", ["sleep 61", "sleep 61 & wait", "trap '' TERM; sleep 61 >/dev/null 2>&1; sleep 61"])
def test_a_kill_before_the_reaper_knows_the_group(script: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", IN_THE_WINDOW, script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    group = int(process.stdout.readline())
    assert is_alive(group)
    process.kill()
    process.communicate()
    until = time.monotonic() + 30
    while members(group):
        assert time.monotonic() < until, f"still there: {members(group)}"
        time.sleep(0.01)


def members(group: int) -> list[int]:
    """The living processes of a group."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    return [pid for pid in pids if is_alive(pid) and group_of(pid) == group]


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_no_descriptor_is_left_open() -> None:
    run(["true"], cwd="/", env=ENV)
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(20):
        run(["true"], cwd="/", env=ENV, stdin=b"x")
    assert sorted(os.listdir("/proc/self/fd")) == before
