"""Runs one command gate over a folder as the runner does: prepare, real processes, judge."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from gates.checks.base import Command, Finished, GateContext
from gates.checks.registry import gate_for
from gates.errors import CannotRun
from gates.git.change import EMPTY_TREE, Change
from gates.git.links import program_folders
from gates.outcome import NOT_RUN, Outcome
from gates.process import run
from gates.settings import GateSettings

__all__ = ["VENV", "Look", "context_for", "look"]

VENV = Path(sys.executable).parent
"""Where the tools of the development environment are."""


class Look:
    """One gate's outcome, with the command that it wanted."""

    def __init__(self, outcome: Outcome, command: Command | None) -> None:
        self.outcome = outcome
        self.command = command
        self.status = outcome.status
        self.reason = outcome.reason
        self.findings = outcome.findings
        self.evidence = outcome.evidence

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where and by which rule: ("src/a.py:3:1", "F401")."""
        return [(str(finding.place or ""), finding.rule) for finding in self.findings]


def context_for(
    kind: str,
    root: Path,
    scratch: Path,
    *,
    command: str | list[str] | None = None,
    files: list[str] | None = None,
    everything: bool = True,
    block: str = "all",
    shard: tuple[int, int] = (1, 1),
    **options: Any,
) -> GateContext:
    settings = GateSettings(kind, kind, run=command, block=block, options=options)
    change = Change("ci", base_tree=EMPTY_TREE, tree="0" * 40, everything=everything)
    scratch.mkdir(parents=True, exist_ok=True)
    return GateContext(settings, str(root), change, files or [], scratch=str(scratch), shard=shard)


def look(kind: str, root: Path, scratch: Path, *, bins: tuple[str, ...] = (), **arguments: Any) -> Look:
    """Run the gate; `bins` are folders that come first on PATH."""
    context = context_for(kind, root, scratch, **arguments)
    gate: Any = gate_for(kind)
    command = gate.prepare(context)
    if isinstance(command, Outcome):
        return Look(command, None)
    path = os.pathsep.join([*bins, *program_folders(str(root)), str(VENV), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path, **command.env}
    argv = command.argv + (command.batch or [])
    try:
        done: Finished = run(argv, cwd=str(root), env=environ, stdin=command.stdin, limit=120)
    except CannotRun as error:
        return Look(context.outcome(NOT_RUN, str(error)), command)
    return Look(gate.judge(context, done), command)
