"""What was checked here, and what was not: one line for every run, kept in the git dir.

It lets `gateline status` show what was skipped, and lets a push run what a commit left out. It proves nothing to
others: that is what a signed verdict is for.
"""

from __future__ import annotations

import os
import time

from gates.outcome import SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gates.git.repository import Repository
    from gates.verdict import Verdict

__all__ = ["BY_USER", "Entry", "left_out", "read_trace", "record"]

LIMIT = 512 * 1024
"""Bytes of the file; beyond that the older half goes."""

WELL = ("passed", "skipped")

BY_USER = "by SKIP"
"""How the reason of an outcome begins that the user asked to skip (see `gates.plan`)."""


class Entry:
    """One run: when (seconds since the epoch), at which door, over which tree, and what each gate came to.

    statuses  gate -> "passed", "failed", "not run", "skipped" (nothing to do) or "SKIP" (the user said so)
    """

    __slots__ = ("commit", "door", "statuses", "time", "tree")

    def __init__(self, when: int, door: str, tree: str, commit: str, statuses: dict[str, str]) -> None:
        self.time = when
        self.door = door
        self.tree = tree
        self.commit = commit
        self.statuses = statuses


def record(repository: Repository, verdict: Verdict) -> None:
    """Add a run. A trace that cannot be written stops nobody: the git dir may be read-only."""
    words = ",".join(f"{outcome.gate}={_word(outcome.status, outcome.reason)}" for outcome in verdict.outcomes)
    change = verdict.change
    line = f"{int(time.time())}\t{change.door}\t{change.tree}\t{change.commit}\t{words}\n"
    path = os.path.join(repository.state, "trace")
    try:
        os.makedirs(repository.state, exist_ok=True)
        with open(path, "ab") as file:
            file.write(line.encode())  # shorter than a pipe's buffer: lines of two runs at once do not mix
        if os.path.getsize(path) > LIMIT:
            _halve(path)
    except OSError:
        return


def _word(status: str, reason: str) -> str:
    return "SKIP" if status == SKIPPED and reason.startswith(BY_USER) else status


def _halve(path: str) -> None:
    with open(path, "rb") as file:
        lines = file.readlines()
    with open(f"{path}.{os.getpid()}.tmp", "wb") as file:
        file.writelines(lines[len(lines) // 2 :])
    os.replace(f"{path}.{os.getpid()}.tmp", path)


def read_trace(repository: Repository) -> Iterator[Entry]:
    """All runs, oldest first; lines that are not of that form are passed over."""
    try:
        with open(os.path.join(repository.state, "trace"), encoding="ascii", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return
    for line in lines:
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 5 and fields[0].isdecimal():
            when, door, tree, commit, words = fields
            pairs = (word.partition("=") for word in words.split(",") if word)
            yield Entry(int(when), door, tree, commit, {name: status for name, _, status in pairs})


def left_out(repository: Repository, trees: Collection[str], gates: Collection[str]) -> dict[str, int]:
    """Gate -> over how many of these trees it neither passed nor had nothing to do, as far as anybody knows here."""
    done: set[tuple[str, str]] = set()
    for entry in read_trace(repository):
        if entry.tree in trees:
            done.update((entry.tree, name) for name, status in entry.statuses.items() if status in WELL)
    counts = {name: sum((tree, name) not in done for tree in trees) for name in gates}
    return {name: count for name, count in counts.items() if count}
