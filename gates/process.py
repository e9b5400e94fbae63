"""Processes: each in a group of its own, several at once, with time limits, and none left behind.

One loop over `poll` waits for all of them, without threads and without the `subprocess` module, whose import costs
more than most hooks do. A group ends when its command ends, when its time is up, on Ctrl-C, and (through the reaper,
a tiny shell that waits for this process to vanish) also when this process is killed.
"""

from __future__ import annotations

import os
import select
import time
from errno import EPIPE

from gates.checks.base import Finished
from gates.errors import CannotRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["OUTPUT_LIMIT", "Job", "Pool", "find_program", "run"]

OUTPUT_LIMIT = 32 * 1024 * 1024
"""Bytes kept of each output stream: the first and the last half; what is between is dropped, and told."""

GRACE = 2.0
"""Seconds between asking a group to end (TERM) and ending it (KILL)."""

SIGTERM, SIGKILL = 15, 9  # `import signal` would import enum and more, for two numbers that POSIX fixes
DEFAULT_SIGNALS = (1, 2, 3, 13, 15)  # HUP INT QUIT PIPE TERM: a gate starts with what every program expects

# A gate is announced by the pipe it writes to before it is started (`next`), and by its group when that is known
# (`start`). Should this process be killed in between, the reaper finds the group by the pipe, where there is a /proc;
# elsewhere (macOS) a gate that was started in those microseconds runs to its end. The reaper's own pipe does not end
# before the gate's program runs, in its group: until then the gate holds that pipe open as well.
REAPER = r"""
trap '' INT HUP TERM
groups=' ' next=
while read -r word number; do
    case $word in
    next) next=$number ;;
    start) groups="$groups$number " next= ;;
    end) groups="${groups%% $number *} ${groups#* $number }" ;;
    esac
done
if [ "$next" ]; then
    while read -r line; do
        case $line in
        /proc/*) holder=${line#/proc/} ;;
        *" -> pipe:[$next]") groups="$groups${holder%%/*} " ;;
        esac
    done <<EOF
$(ls -l /proc/[0-9]*/fd 2>/dev/null)
EOF
fi
for group in $groups; do kill -TERM "-$group"; done 2>/dev/null
for pause in 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1; do
    alive=
    for group in $groups; do kill -0 "-$group" && alive=1; done 2>/dev/null
    [ "$alive" ] || exit 0
    sleep 0.1
done
for group in $groups; do kill -KILL "-$group"; done 2>/dev/null
"""


def find_program(name: str, path: str, cwd: str) -> str | None:
    """Absolute path of an executable as a shell in `cwd` with PATH `path` would find it, or None."""
    if "/" in name:
        candidates = [os.path.join(cwd, name)]
    else:
        candidates = [os.path.join(cwd, folder, name) for folder in path.split(":") if folder]
    return next((found for found in candidates if os.path.isfile(found) and os.access(found, os.X_OK)), None)


class Stream:
    """What a process writes to one pipe, cut in the middle beyond OUTPUT_LIMIT."""

    __slots__ = ("dropped", "head", "size", "tail", "tail_size")

    def __init__(self) -> None:
        self.head: list[bytes] = []
        self.tail: list[bytes] = []
        self.size = 0
        self.tail_size = 0
        self.dropped = 0

    def add(self, data: bytes) -> None:
        if self.size < OUTPUT_LIMIT // 2:
            self.head.append(data)
            self.size += len(data)
            return
        self.tail.append(data)
        self.tail_size += len(data)
        while self.tail_size - len(self.tail[0]) >= OUTPUT_LIMIT // 2:
            oldest = self.tail.pop(0)
            self.tail_size -= len(oldest)
            self.dropped += len(oldest)

    def value(self) -> bytes:
        if not self.dropped:
            return b"".join(self.head + self.tail)
        notice = f"\n[... {self.dropped} bytes left out ...]\n".encode()
        return b"".join([*self.head, notice, *self.tail])


class Job:
    """One command to run, and after `Pool.wait` what came out of it in `finished`.

    argv    argv[0] is looked up on PATH of `env`
    cwd     absolute path of its working folder
    env     its whole environment
    stdin   bytes it reads; with b"" it reads from /dev/null
    limit   seconds until its group is ended; 0 for no limit
    """

    __slots__ = (
        "argv",
        "cwd",
        "deadline",
        "env",
        "finished",
        "limit",
        "pid",
        "pidfd",
        "pipes",
        "started",
        "stderr",
        "stdin",
        "stdout",
        "terminated",
        "timed_out",
        "writer",
    )

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        stdin: bytes = b"",
        limit: float = 0.0,
    ) -> None:
        self.argv = list(argv)
        self.cwd = cwd
        self.env = env
        self.stdin = stdin
        self.limit = limit
        self.finished: Finished | None = None
        self.pid = 0
        self.pidfd = -1
        self.pipes: dict[int, Stream] = {}
        self.writer = -1
        self.stdout = Stream()
        self.stderr = Stream()
        self.started = 0.0
        self.deadline = 0.0
        self.terminated = False
        self.timed_out = False


class Pool:
    """Runs jobs at once. Use as a context manager: leaving it ends every group that still runs."""

    def __init__(self, *, guard: bool = True) -> None:
        """With `guard`, a reaper ends the groups should this process be killed (git's own quick calls need none)."""
        self.jobs: dict[int, Job] = {}
        self.poll = select.poll()
        self.owners: dict[int, Job] = {}
        self.guard = guard
        self.reaper = -1

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
        self._dismiss_reaper()

    def start(self, job: Job) -> None:
        """Start a job. Raises CannotRun when its program is not there or cannot be started."""
        program = find_program(job.argv[0], job.env.get("PATH", os.defpath), job.cwd)
        if program is None:
            raise CannotRun(f"the program {job.argv[0]!r} was not found")
        if self.guard and self.reaper < 0:
            self._call_reaper()
        job.started = time.monotonic()
        job.deadline = job.started + job.limit if job.limit else 0.0
        self._spawn(job, program)
        self.jobs[job.pid] = job
        self._tell_reaper(b"start", job.pid)

    def wait(self) -> list[Job]:
        """Wait until at least one job has ended; returns those that have. Empty when none runs."""
        done: list[Job] = []
        while self.jobs and not done:
            for descriptor, _ in self.poll.poll(self._patience()):
                self._serve(descriptor)
            self._end_overdue()
            done = [job for job in list(self.jobs.values()) if self._has_ended(job)]
            for job in done:
                self._finish(job)
        return done

    def cancel(self) -> None:
        """End every group that still runs: TERM, a moment of grace, KILL."""
        for job in self.jobs.values():
            _kill_group(job.pid, SIGTERM)
            job.terminated = True
            job.deadline = time.monotonic() + GRACE
        while self.wait():
            pass

    def _spawn(self, job: Job, program: str) -> None:
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        in_read, in_write = os.pipe() if job.stdin else (os.open(os.devnull, os.O_RDONLY), -1)
        actions = [
            (os.POSIX_SPAWN_DUP2, in_read, 0),
            (os.POSIX_SPAWN_DUP2, out_write, 1),
            (os.POSIX_SPAWN_DUP2, err_write, 2),
        ]
        self._tell_reaper(b"next", os.fstat(out_write).st_ino)
        here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # a folder may be entered without being readable
        try:
            os.chdir(job.cwd)  # posix_spawn knows no working folder, so this process has to be there for a moment
            job.pid = os.posix_spawn(
                program, job.argv, job.env, file_actions=actions, setpgroup=0, setsigdef=DEFAULT_SIGNALS
            )
        except OSError as error:
            for descriptor in (out_read, err_read, in_write):
                if descriptor >= 0:
                    os.close(descriptor)
            raise CannotRun(f"the program {job.argv[0]!r} cannot be started: {error.strerror}") from error
        finally:
            os.fchdir(here)
            for descriptor in (in_read, out_write, err_write, here):
                os.close(descriptor)
        job.pipes = {out_read: job.stdout, err_read: job.stderr}
        job.writer = in_write
        for descriptor in job.pipes:
            self._watch(descriptor, job, select.POLLIN)
        if in_write >= 0:
            os.set_blocking(in_write, False)
            self._watch(in_write, job, select.POLLOUT)
        job.pidfd = _open_pidfd(job.pid)
        if job.pidfd >= 0:
            self._watch(job.pidfd, job, select.POLLIN)

    def _watch(self, descriptor: int, job: Job, events: int) -> None:
        self.owners[descriptor] = job
        self.poll.register(descriptor, events)

    def _unwatch(self, descriptor: int) -> None:
        del self.owners[descriptor]
        self.poll.unregister(descriptor)
        os.close(descriptor)

    def _serve(self, descriptor: int) -> None:
        job = self.owners.get(descriptor)
        if job is None or descriptor == job.pidfd:
            return
        if descriptor == job.writer:
            self._feed(job)
            return
        data = os.read(descriptor, 1 << 16)
        if data:
            job.pipes[descriptor].add(data)
        else:
            del job.pipes[descriptor]
            self._unwatch(descriptor)

    def _feed(self, job: Job) -> None:
        try:
            written = os.write(job.writer, job.stdin[: 1 << 16])
        except OSError as error:
            if error.errno != EPIPE:
                raise
            job.stdin = b""  # it does not want to read all of it, which is its good right
        else:
            job.stdin = job.stdin[written:]
        if not job.stdin:
            self._unwatch(job.writer)
            job.writer = -1

    def _patience(self) -> float:
        """Milliseconds until the next thing that no descriptor will announce."""
        now = time.monotonic()
        waits = [max(0.0, job.deadline - now) * 1000 + 1 for job in self.jobs.values() if job.deadline]
        if any(job.pidfd < 0 for job in self.jobs.values()):
            waits.append(10.0)
        return min(waits, default=60_000.0)

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for job in self.jobs.values():
            if not job.deadline or now < job.deadline:
                continue
            if job.terminated:
                _kill_group(job.pid, SIGKILL)
                job.deadline = 0.0
            else:
                job.timed_out = job.terminated = True
                job.deadline = now + GRACE
                _kill_group(job.pid, SIGTERM)

    def _has_ended(self, job: Job) -> bool:
        """Whether the command itself has ended; it stays a zombie until `_finish`, so its group id stays its own."""
        return os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _finish(self, job: Job) -> None:
        _kill_group(job.pid, SIGKILL)  # what it left behind in its group must not outlive it
        for descriptor, stream in list(job.pipes.items()):
            _drain(descriptor, stream)
            self._unwatch(descriptor)
        for descriptor in (job.writer, job.pidfd):
            if descriptor >= 0:
                self._unwatch(descriptor)
        self._tell_reaper(b"end", job.pid)  # while the number is still this job's
        _, status = os.waitpid(job.pid, 0)
        del self.jobs[job.pid]
        job.finished = Finished(
            os.waitstatus_to_exitcode(status),
            job.stdout.value(),
            job.stderr.value(),
            time.monotonic() - job.started,
            truncated=bool(job.stdout.dropped or job.stderr.dropped),
            timed_out=job.timed_out,
        )

    def _call_reaper(self) -> None:
        read, self.reaper = os.pipe()
        null = os.open(os.devnull, os.O_RDWR)
        os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", REAPER],
            {"PATH": os.defpath},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, read, 0),
                (os.POSIX_SPAWN_DUP2, null, 1),
                (os.POSIX_SPAWN_DUP2, null, 2),
            ],
            setpgroup=0,
        )
        os.close(read)
        os.close(null)

    def _tell_reaper(self, word: bytes, number: int) -> None:
        if self.reaper >= 0:
            os.write(self.reaper, b"%s %d\n" % (word, number))

    def _dismiss_reaper(self) -> None:
        if self.reaper >= 0:
            os.close(self.reaper)  # it reads the end of the pipe and goes; nobody has to wait for that
            self.reaper = -1


def run(
    argv: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    stdin: bytes = b"",
    limit: float = 0.0,
    guard: bool = False,
) -> Finished:
    """Run one command to its end (`guard` as in `Pool`). Raises CannotRun when it cannot be started."""
    with Pool(guard=guard) as pool:
        job = Job(argv, cwd=cwd, env=env, stdin=stdin, limit=limit)
        pool.start(job)
        pool.wait()
    assert job.finished is not None
    return job.finished


def _kill_group(pid: int, number: int) -> bool:
    """Signal a group; False when nobody of it is left, which is what was wanted."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says "permission" of a group of zombies
        return False
    return True


def _open_pidfd(pid: int) -> int:
    """A descriptor that becomes readable when the process ends, or -1 where the system has none."""
    if not hasattr(os, "pidfd_open"):
        return -1
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _drain(descriptor: int, stream: Stream) -> None:
    """Read what is left in a pipe without waiting for a writer outside the group that keeps it open."""
    os.set_blocking(descriptor, False)
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            return
        stream.add(data)
