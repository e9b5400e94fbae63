"""Runs of `gateline`: in this process, or as jobs of their own that can be killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.__main__ import run
from gates.errors import GatelineError
from tests.rancher16 import RancherServer

__all__ = ["QUICK", "Gateline", "Job", "Nursery", "Result"]

QUICK = ("--poll", "50ms", "--interval", "100ms", "--bake", "100ms", "--grace", "1s", "--deadline", "30s")
"""Times for a server that runs fifty times as fast."""


@dataclass
class Result:
    """What a run left. `error` is what a person reads on stderr."""

    code: int
    out: str
    error: str

    @property
    def text(self) -> str:
        return self.out + self.error


class Gateline:
    """The command line with the keys of a server, in a folder that is no repository."""

    def __init__(self, server: RancherServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.folder = folder
        monkeypatch.chdir(folder)
        self.history = folder / "history.jsonl"
        self.environ = {
            "RANCHER_URL": server.url,
            "RANCHER_ACCESS_KEY": server.access,
            "RANCHER_SECRET_KEY": server.secret,
            "TMPDIR": str(folder),
            "CI": "true",
        }
        for name, value in self.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("tempfile.tempdir", None)

    def __call__(self, *arguments: str) -> Result:
        """In this process."""
        out, error, code = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            try:
                code = run(list(arguments))
            except GatelineError as problem:
                print(f"gateline: {problem}", file=error)
                code = problem.exit_code
        return Result(code, out.getvalue(), error.getvalue())

    def deploy(self, *arguments: str) -> Result:
        return self(*self.deploy_line(*arguments))

    def deploy_line(self, *arguments: str) -> list[str]:
        """A deploy of gf-chat/parrot-rest with short times and without a verdict; what is given wins."""
        line = ["deploy", "gf-chat/parrot-rest", *QUICK, "--without-verdict", "test"]
        return [*line, "--history", str(self.history), *arguments]

    def entries(self) -> list[dict[str, object]]:
        """The lines of the history."""
        return [json.loads(line) for line in self.history.read_text().splitlines()]


@dataclass
class Job:
    """A process of its own."""

    pid: int
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    @property
    def code(self) -> int | None:
        """None while it goes on or when it was killed."""
        file = self.output.with_suffix(".code")
        return int(file.read_text()) if file.exists() else None

    @property
    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self, sign: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, sign)

    def wait(self, seconds: float = 60.0) -> int | None:
        """Until it is over; returns its exit code, None when it was killed."""
        wait_until(lambda: not self.alive, seconds)
        return self.code

    def wait_for(self, condition: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Until the condition holds or the job is over; returns whether it holds."""
        wait_until(lambda: condition() or not self.alive, seconds)
        return condition()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not happen")
        time.sleep(0.005)


class Nursery:
    """A process with all of gateline imported that forks jobs: a start takes milliseconds instead of half a second."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.rancher.jobs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.jobs: list[Job] = []

    def start(self, gateline: Gateline, *arguments: str) -> Job:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        output = gateline.folder / f"job{len(self.jobs)}.out"
        order = {
            "arguments": arguments,
            "environ": {**os.environ, **gateline.environ},
            "folder": str(gateline.folder),
            "output": str(output),
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        job = Job(int(self.process.stdout.readline()), output)
        self.jobs.append(job)
        return job

    def close(self) -> None:
        for job in self.jobs:
            job.kill()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def serve() -> None:
    """Fork one job for each line on stdin, and say its process id."""
    import gates.cli.deploy
    import gates.cli.finish
    import gates.cli.rollback
    import gates.rancher.cattle.driver  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            be_job(order)
        print(pid, flush=True)


def be_job(order: dict[str, object]) -> None:
    from gates.__main__ import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = str(order["output"])
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    os.chdir(str(order["folder"]))
    os.environ.clear()
    os.environ.update(order["environ"])  # type: ignore[call-overload]
    sys.argv = ["gateline", *order["arguments"]]  # type: ignore[misc]
    code = 1
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        temporary = output + ".code"
        Path(temporary).write_text(str(code))
        os.rename(temporary, Path(output).with_suffix(".code"))
        os._exit(code)


def nursery() -> Iterator[Nursery]:
    """For a fixture."""
    found = Nursery()
    try:
        yield found
    finally:
        found.close()


if __name__ == "__main__":
    serve()
