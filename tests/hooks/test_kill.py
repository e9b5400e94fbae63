"""Commits and pushes that are interrupted or killed at a random moment lose nothing.

Each round begins with all kinds of unfinished work, starts a git command, sends it a signal, and compares files, index,
stash and refs byte for byte with what was there before, or with what git makes of the same command without hooks.
The seed is printed; GATELINE_KILL_SEED repeats a run, GATELINE_KILL_ROUNDS sets how many rounds it has.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Repository
from tests.hooks.conftest import Guard, Guarded
from tests.hooks.state import State
from tests.hooks.test_table import listen

CONFIG = """\
gates:
  quick: {kind: command, run: "true", doors: [commit, push], cache: false}
  calls_git: {kind: command, run: "git commit -q --allow-empty -m x", doors: [commit, push], cache: false}
  slow: {kind: command, run: "sleep 0.$PAUSE & sleep 0.$PAUSE; wait", doors: [commit, push], cache: false}
"""

ROUNDS = os.environ.get("GATELINE_KILL_ROUNDS")
SEED = os.environ.get("GATELINE_KILL_SEED")

DATES = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
"""The same commit has the same id, with hooks and without."""

SIGNALS = {
    "INT": [signal.SIGINT],
    "INT+INT": [signal.SIGINT, signal.SIGINT],
    "TERM": [signal.SIGTERM],
    "HUP": [signal.SIGHUP],
    "KILL": [signal.SIGKILL],
}

COMMANDS = {
    "commit": ["commit", "-q", "-m", "x"],
    "commit all": ["commit", "-q", "-a", "-m", "x"],
    "commit path": ["commit", "-q", "-m", "x", "--", "unstaged.txt"],
    "push": ["push", "-q", "origin", "HEAD:refs/heads/round"],
}

LINES = [f"line {n}\n" for n in range(40)]


def test_some_rounds(guard: Guard) -> None:
    play(guard(start_files(), config=CONFIG), int(ROUNDS or 10))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_rounds(guard: Guard) -> None:
    play(guard(start_files(), config=CONFIG), int(ROUNDS or 300))


def start_files() -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {f"{name}.txt": "".join(LINES) for name in ("part", "unstaged", "renamed", "gone")}
    return {
        **files,
        "data.bin": bytes(range(256)),
        "tool": "#!/bin/sh\n",
        "mode": "#!/bin/sh\n",
        ".gitignore": "*.log\n",
    }


def play(guarded: Guarded, rounds: int) -> None:
    seed = int(SEED or random.SystemRandom().randrange(10**9))
    print(f"GATELINE_KILL_SEED={seed}")
    guarded.write("stashed.txt", "stashed\n")
    guarded.git("stash", "push", "-q", "-u")
    start = guarded.head()
    hit = 0
    for number in range(rounds):
        dice = random.Random(f"{seed}-{number}")
        hit += play_round(guarded, start, dice, f"round {number} of seed {seed}")
    print(f"{rounds} rounds, {hit} of them stopped the command")
    guarded.git("fsck", "--strict")
    guarded.passes("commit", "-q", "--allow-empty", "-m", "nothing stands in the way", environ={"PAUSE": "0"})
    left = [path.name for path in (guarded.path / ".git/gateline").iterdir() if path.name.startswith("index")]
    assert left == [], "private indexes of runs that were killed"


def play_round(guarded: Guarded, start: str, dice: random.Random, name: str) -> bool:
    """One round; returns whether the signal stopped the command."""
    set_up(guarded, start, dice)
    kind, how, at = dice.choice(list(COMMANDS)), dice.choice(list(SIGNALS)), dice.choice(["group", "hook"])
    what = f"{name}: {kind}, {how} to the {at}"
    before = State.of(guarded)
    after = outcome_without_hooks(guarded, kind, before)
    process = subprocess.Popen(
        ["git", *COMMANDS[kind]],
        cwd=guarded.path,
        env={**os.environ, **DATES, "PAUSE": str(dice.randrange(3))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=listen,
    )
    time.sleep(dice.random() * 0.45)
    git_was_hit = False
    for index, number in enumerate(SIGNALS[how]):
        time.sleep(dice.random() * 0.05 if index else 0)
        git_was_hit |= send(process.pid, at, number)
    code = process.wait(60)
    wait_for_session(process.pid, what)
    if code == -signal.SIGKILL:
        remove_locks(guarded)  # git itself was killed: these are what it leaves, with hooks or without
    found = State.of(guarded)
    what += f", code {code}, before {found == before}, after {found == after}"
    assert found.files == before.files, what
    if code == 0 or not git_was_hit:
        assert found == (before if code else after), what
    else:  # perhaps git was between moving the branch and writing the index
        assert found.index[0] in (before.index[0], after.index[0]), what
        assert found.refs in (before.refs, after.refs), what
    return code != 0


def set_up(guarded: Guarded, start: str, dice: random.Random) -> None:
    """Unfinished work of all kinds."""
    guarded.git("update-ref", "-d", "refs/remotes/origin/round")
    subprocess.run(["git", "update-ref", "-d", "refs/heads/round"], cwd=guarded.remote, check=True)
    guarded.git("reset", "-q", "--hard", start)
    guarded.git("clean", "-fdxq")
    guarded.git("commit", "-q", "--no-verify", "--allow-empty", "-m", f"{dice.random()}")
    part = LINES[:]
    part[dice.randrange(10)] = "staged\n"
    guarded.write("part.txt", "".join(part))
    guarded.write("data.bin", dice.randbytes(3000))
    guarded.write("added.txt", "added\n")
    (guarded.path / "tool").chmod(0o755)
    (guarded.path / "link").symlink_to("nowhere")
    guarded.git("mv", "renamed.txt", "moved.txt")
    guarded.git("rm", "-q", "gone.txt")
    guarded.git("add", "part.txt", "data.bin", "added.txt", "tool", "link")
    part[20 + dice.randrange(10)] = "unstaged\r\n"
    guarded.write("part.txt", "".join(part))
    guarded.write("data.bin", dice.randbytes(4000))
    guarded.write("unstaged.txt", f"unstaged {dice.random()}")
    guarded.write("intended.txt", f"intended {dice.random()}\n")
    guarded.git("add", "-N", "intended.txt")
    (guarded.path / "mode").chmod(0o755)
    guarded.write("untracked/deep/file.txt", f"untracked {dice.random()}\n")
    guarded.write("ignored.log", f"ignored {dice.random()}\n")


def outcome_without_hooks(guarded: Guarded, kind: str, before: State) -> State:
    """What git makes of the command when no hook is asked, seen in a copy."""
    if kind == "push":
        refs = sorted([*before.refs[0].splitlines(), f"refs/remotes/origin/round {guarded.head()}"])
        return replace(before, refs=("\n".join(refs), *before.refs[1:]))
    copy = Repository(guarded.path.parent / "copy")
    shutil.copytree(guarded.path, copy.path, symlinks=True)
    command, *options = COMMANDS[kind]
    environ = {**os.environ, **DATES}
    subprocess.run(["git", command, "--no-verify", *options], cwd=copy.path, env=environ, check=True)
    state = State.of(copy)
    shutil.rmtree(copy.path)
    return state


def processes(session: int) -> dict[int, bytes]:
    """The living processes of a session: number -> command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            facts = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            if int(facts[3]) == session and facts[0] != b"Z":
                found[int(entry.name)] = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue  # it ended while we looked
    return found


def send(session: int, at: str, number: signal.Signals) -> bool:
    """To all that a terminal would send it to, or to Gateline's hook alone, if that runs; whether git got it too."""
    hooks = [pid for pid, command in processes(session).items() if b"gates.__main__" in command]
    alone = at == "hook" and bool(hooks)
    with contextlib.suppress(ProcessLookupError):  # it was faster
        if alone:
            os.kill(hooks[0], number)
        else:
            os.killpg(session, number)
    return not alone


def wait_for_session(session: int, what: str) -> None:
    """Nobody stays behind, not even after a KILL."""
    until = time.monotonic() + 30
    while left := processes(session):
        assert time.monotonic() < until, f"{what}: left running: {left}"
        time.sleep(0.01)


def remove_locks(guarded: Guarded) -> None:
    for path in (guarded.path / ".git").rglob("*.lock"):
        path.unlink()
