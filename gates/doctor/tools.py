"""The programs that the gates call: there, in which version, and also for a GUI client?"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence

from gates.doctor.line import FAIL, OK, WARN, Line, first_line_of, project_path
from gates.git.repository import Repository
from gates.process import find_program
from gates.settings import GateSettings, Settings

__all__ = ["BARE_PATH", "examine_tools", "program_of"]

BARE_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
"""What a git client started from a desktop has."""

BUILT_IN = frozenset(
    {"cd", "true", "false", "test", "[", "echo", "printf", "exit", "export", "set", ":", ".", "source", "eval", "exec"}
    | {"if", "for", "while", "until", "case", "{", "(", "!"}
)
"""Words that a shell knows itself: what they lead to is not looked for."""

ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def examine_tools(repository: Repository, settings: Settings) -> Iterator[Line]:
    """One line for each program that some gate calls, and one for a Node project without its packages."""
    users: dict[str, list[str]] = {}
    for gate in settings.gates:
        program = program_of(gate)
        if program:
            users.setdefault(program, []).append(gate.name)
    for program, gates in users.items():
        yield from _examine(program, gates, repository.root)
    yield from _node_packages(repository.root)


def program_of(gate: GateSettings) -> str:
    """The program that a gate's command starts with, "" when it has none or it cannot be told."""
    if isinstance(gate.run, list):
        return gate.run[0]
    try:
        words = shlex.split(gate.run or "", comments=True)
    except ValueError:
        return ""
    return _first_program(words)


def _first_program(words: Sequence[str]) -> str:
    """ "cd web && CI=true npm test" -> "npm"."""
    if words[:1] == ["cd"] and "&&" in words:
        return _first_program(words[words.index("&&") + 1 :])
    for word in words:
        if not ASSIGNMENT.match(word):
            return "" if word in BUILT_IN else word.rstrip(";")
    return ""


def _examine(program: str, gates: list[str], root: str) -> Iterator[Line]:
    users = f"gate {gates[0]}" if len(gates) == 1 else f"gates {', '.join(gates)}"
    path = project_path(root)
    found = find_program(program, path, root)
    if found is None:
        yield Line(
            FAIL,
            f"{program} is not found, so {users} cannot run",
            "Install it, for example into .venv or node_modules: both are searched first.",
        )
        return
    version = first_line_of([found, "--version"], root, path)
    shown = f"{program} ({version})" if version and program not in version else version or program
    yield Line(OK, f"{shown} for {users}")
    if find_program(program, project_path(root, BARE_PATH), root) is None:
        yield Line(
            WARN,
            f"{program} is in {os.path.dirname(found)}, where a git client started from the desktop does not look",
            "Commit from a terminal, or install it into .venv or node_modules.",
        )


def _node_packages(root: str) -> Iterator[Line]:
    has_manifest = os.path.isfile(os.path.join(root, "package.json"))
    if has_manifest and not os.path.isdir(os.path.join(root, "node_modules")):
        yield Line(WARN, "there is a package.json and no node_modules", "Install the packages, for example: npm ci")
