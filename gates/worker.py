"""The process in which one analysing gate looks: `python -c BOOT <package folder> <job file>`.

The runner writes a GateContext into the job file and reads the Outcome from `<job file>.out`; whatever the gate or its
libraries print is output like that of any tool. A file has no size limit, and a torn one is recognised.
"""

from __future__ import annotations

import os
import sys

from gates.checks.base import Command, GateContext
from gates.errors import CannotRun, GatelineError
from gates.marshalled import read_marshal, write_marshal
from gates.outcome import NOT_RUN, Outcome

__all__ = ["main", "read_outcome", "worker_command"]

BOOT = (
    "import sys;"
    "sys.path[:0]=sys.argv[1].split(':');"
    "from gates.worker import main;"
    "main(sys.argv[2])"
)
"""-S leaves out `site`, whose work (looking for .pth files) costs as much as the whole start; its folders are given.
-I keeps modules of the tree under test from being taken for Gateline's or Python's own."""


def worker_command(context: GateContext) -> Command:
    """The command that has the gate examine `context`. Raises CannotRun when the job cannot be written."""
    path = os.path.join(context.scratch, "job")
    try:
        write_marshal(path, context.to_dict())
    except OSError as error:
        raise CannotRun(f"the gate's job cannot be written to {path}: {error.strerror}") from error
    folders = ":".join(dict.fromkeys([_own_folder(), *filter(os.path.isabs, sys.path)]))
    return Command([sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, folders, path])


def _own_folder() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read_outcome(context: GateContext) -> Outcome | None:
    """What the worker wrote, None when it ended without."""
    data = read_marshal(os.path.join(context.scratch, "job.out"))
    return Outcome.from_dict(data) if isinstance(data, dict) else None


def main(path: str) -> None:
    """Examine the job in `path`. A gate that says it cannot run has an outcome too; anything else is a crash."""
    data = read_marshal(path)
    if not isinstance(data, dict):
        sys.exit(f"gateline worker: {path} is no job")
    context = GateContext.from_dict(data)
    os.chdir(context.root)
    write_marshal(path + ".out", _examine(context).to_dict())


def _examine(context: GateContext) -> Outcome:
    from gates.checks.registry import gate_for

    try:
        outcome: Outcome = gate_for(context.settings.kind).examine(context)  # type: ignore[union-attr]
    except GatelineError as error:
        return context.outcome(NOT_RUN, error.line)
    return outcome
