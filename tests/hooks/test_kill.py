"""Commits and pushes that are interrupted or killed at a random moment lose nothing.

Each round begins with all kinds of unfinished work, starts a git command, sends it a signal, and compares files, index,
stash and refs byte for byte with what was there before, or with what git makes of the same command without hooks.
In every fifth round a gate fixes what it finds (`fix: stage`). There a file is as before or holds the whole fix, and
what is staged, or recorded, is never ahead of the files.

The seed is printed; GATELINE_KILL_SEED repeats a run, GATELINE_KILL_ROUNDS sets how many rounds it has.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
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
  fixes: {kind: command, run: "! grep -r BAD many", fix_run: "sed -i s/BAD/GOOD/ many/*", fix: stage, doors: [commit]}
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
    "commit path": ["commit", "-q", "-m", "x", "--", "unstaged.txt", "many"],
    "push": ["push", "-q", "origin", "HEAD:refs/heads/round"],
}

LINES = [f"line {n}\n" for n in range(40)]

MANY = [f"many/{n}.txt" for n in range(24)]
"""Files for fixes: to exchange so many takes a while, in which the signal is to come."""


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
        **dict.fromkeys(MANY, "".join(LINES)),
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
    hit = halves = 0
    for number in range(rounds):
        dice = random.Random(f"{seed}-{number}")
        name = f"round {number} of seed {seed}"
        if number % 5 == 4:
            was_hit, was_half = play_fix(guarded, start, dice, name)
            halves += was_half
        else:
            was_hit = play_round(guarded, start, dice, name)
        hit += was_hit
    print(f"{rounds} rounds, {hit} of them stopped the command, {halves} when only some files were fixed")
    guarded.git("fsck", "--strict")
    guarded.passes("commit", "-q", "--allow-empty", "-m", "nothing stands in the way", environ={"PAUSE": "0"})
    names = [path.name for path in (guarded.path / ".git/gateline").iterdir()]
    left = [name for name in names if (found := re.match(r"(?:index|fix|beside)-(\d+)", name)) and is_gone(found[1])]
    assert left == [], "private files of runs that were killed"


def is_gone(number: str) -> bool:
    """Whether there is no process of this number, not even another one that got it since."""
    return not Path(f"/proc/{number}").exists()


def play_round(guarded: Guarded, start: str, dice: random.Random, name: str) -> bool:
    """One round; returns whether the signal stopped the command."""
    set_up(guarded, start, dice)
    kind, how, at = dice.choice(list(COMMANDS)), dice.choice(list(SIGNALS)), dice.choice(["group", "hook"])
    what = f"{name}: {kind}, {how} to the {at}"
    before = State.of(guarded)
    after = outcome_without_hooks(guarded, kind, before)
    code, git_was_hit = run_and_signal(guarded, dice, kind, how, at, what)
    found = State.of(guarded)
    what += f", code {code}, before {found == before}, after {found == after}"
    assert found.files == before.files, what
    if code == 0 or not git_was_hit:
        assert found == (before if code else after), what
    else:  # perhaps git was between moving the branch and writing the index
        assert found.index[0] in (before.index[0], after.index[0]), what
        assert found.refs in (before.refs, after.refs), what
    return code != 0


def play_fix(guarded: Guarded, start: str, dice: random.Random, name: str) -> tuple[bool, bool]:
    """One round with a fix; returns whether the signal stopped the command, and whether only some files are fixed."""
    set_up(guarded, start, dice)
    staged = set_up_fixes(guarded, dice)
    kind = dice.choice([kind for kind in COMMANDS if kind.startswith("commit")])
    how, at = dice.choice([*SIGNALS, "KILL", "KILL"]), dice.choice(["group", "hook"])
    what = f"{name}: {kind} with fixes, {how} to the {at}"
    before = State.of(guarded)
    fixed, after = outcomes_with_fixes(guarded, kind, staged)
    code, git_was_hit = run_and_signal(guarded, dice, kind, how, at, what, aims=dice.random() < 0.7)
    found = State.of(guarded)
    was_fixed = {path for path in found.files if found.files[path] != before.files.get(path)}
    to_fix = {path for path in before.files if before.files[path][2] != fixed.files[path][2]}
    what += f", code {code}, {len(was_fixed)} of {len(to_fix)} files fixed"
    assert found.files.keys() == before.files.keys(), what
    assert was_fixed <= to_fix, what
    for path in was_fixed:
        assert found.files[path][::2] == fixed.files[path][::2], f"{what}, {path}"
    assert how == "KILL" or was_fixed in (set(), to_fix), what
    if code == 0:
        assert found.refs == after.refs, what
    allowed = [after] if code == 0 else [before, fixed, after] if git_was_hit else [before, fixed]
    assert found.index[0] in [state.index[0] for state in allowed], what
    assert found.refs in [state.refs for state in allowed], what
    assert found.index[0] == before.index[0] or was_fixed == to_fix, what
    if found.refs == before.refs:
        complete_fix(guarded, staged, found, fixed, what)
    return code != 0, was_fixed not in (set(), to_fix)


def complete_fix(guarded: Guarded, staged: list[str], found: State, fixed: State, what: str) -> None:
    """Whatever became of a commit that was interrupted, to commit once more does the rest."""
    guarded.passes("commit", "-q", "-m", "again", environ={"PAUSE": "0"})
    assert guarded.git("grep", "-l", "GOOD", "HEAD", "--", "many").splitlines() == [f"HEAD:{p}" for p in sorted(staged)]
    for path, facts in State.of(guarded).files.items():
        expected = fixed if path in staged else found
        assert facts[::2] == expected.files[path][::2], f"{what}, {path} after once more"


def run_and_signal(
    guarded: Guarded, dice: random.Random, kind: str, how: str, at: str, what: str, *, aims: bool = False
) -> tuple[int, bool]:
    """Run the command and send it the signals; returns its code, and whether git itself was hit.

    aims  whether to wait until the first file is exchanged, else it is any moment
    """
    work = guarded.path / ".git/gateline"
    work.mkdir(exist_ok=True)
    names = set(os.listdir(work))
    process = subprocess.Popen(
        ["git", *COMMANDS[kind]],
        cwd=guarded.path,
        env={**os.environ, **DATES, "PAUSE": "0" if aims else str(dice.randrange(3))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=listen,
    )
    new = ""
    while aims and not new and process.poll() is None:
        new = next((name for name in os.listdir(work) if name.endswith("-1") and name not in names), "")
        time.sleep(0.001)
    time.sleep(0 if aims else dice.random() * 0.45)
    hook = find_hook(process.pid) if at == "hook" else 0
    while aims and os.path.exists(work / new) and process.poll() is None:
        pass  # until it is renamed into the working tree, the first of all
    time.sleep(dice.choice([0, 0, dice.random() * 0.02]) if aims else 0)
    for index, number in enumerate(SIGNALS[how]):
        time.sleep(dice.random() * 0.05 if index else 0)
        with contextlib.suppress(ProcessLookupError):  # it was faster
            if hook:
                os.kill(hook, number)
            else:
                os.killpg(process.pid, number)
    code = process.wait(60)
    wait_for_session(process.pid, what)
    locks = [str(path) for path in (guarded.path / ".git").rglob("*.lock")]
    if code == -signal.SIGKILL:
        remove_locks(guarded)  # git itself was killed: these are what it leaves, with hooks or without
    else:
        assert locks == [], what
    return code, not hook


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


def set_up_fixes(guarded: Guarded, dice: random.Random) -> list[str]:
    """Stage lines that the gate fixes, in some of the files; more follows in them that is not staged."""
    paths = dice.sample(MANY, dice.randrange(1, len(MANY) + 1))
    lines = LINES[:]
    lines[dice.randrange(10)] = "BAD\n"
    for path in paths:
        guarded.write(path, "".join(lines))
    guarded.git("add", *paths)
    lines[20 + dice.randrange(10)] = f"unstaged {dice.random()}\n"
    for path in dice.sample(MANY, dice.randrange(len(MANY) + 1)):
        guarded.write(path, "".join(lines if path in paths else ["BAD and not staged\n", *LINES]))
    return paths


def outcomes_with_fixes(guarded: Guarded, kind: str, staged: list[str]) -> tuple[State, State]:
    """The fix staged but not committed, and committed, as done by hand in a copy."""
    copy = Repository(guarded.path.parent / "copy")
    shutil.copytree(guarded.path, copy.path, symlinks=True)
    for path in staged if kind == "commit" else MANY:
        (copy.path / path).write_text((copy.path / path).read_text().replace("BAD", "GOOD"))
    if kind == "commit":
        (copy.path / ".git/blob").write_text(copy.git("show", f":{staged[0]}").replace("BAD", "GOOD") + "\n")
        blob = copy.git("hash-object", "-w", ".git/blob")
        copy.git("update-index", *(word for path in staged for word in ("--cacheinfo", f"100644,{blob},{path}")))
    fixed = State.of(copy)
    subprocess.run(
        ["git", "commit", "--no-verify", *COMMANDS[kind][1:]], cwd=copy.path, env={**os.environ, **DATES}, check=True
    )
    after = State.of(copy)
    shutil.rmtree(copy.path)
    return fixed, after


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


def find_hook(session: int) -> int:
    """Gateline's process among all that a terminal would send a signal to; 0 when it does not run."""
    return next((pid for pid, command in processes(session).items() if b"gates.__main__" in command), 0)


def wait_for_session(session: int, what: str) -> None:
    """Nobody stays behind, not even after a KILL."""
    until = time.monotonic() + 30
    while left := processes(session):
        assert time.monotonic() < until, f"{what}: left running: {left}"
        time.sleep(0.01)


def remove_locks(guarded: Guarded) -> None:
    for path in (guarded.path / ".git").rglob("*.lock"):
        path.unlink()
