"""What a command of another hook manager would be as a gate."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from gates.detect.survey import Choice

__all__ = ["HOOK_DOORS", "gate_for_command", "script_of", "split_line"]

HOOK_DOORS = {"pre-commit": "commit", "pre-merge-commit": "merge", "pre-push": "push"}
"""Hook of git -> the door it is."""

SCRIPT = re.compile(r"^(?:npm|yarn|pnpm|bun)(?: run)?(?: -s| --silent)? ([A-Za-z][\w:.-]*)$")
WRAPPERS = re.compile(r"^(?:npx(?: --no(?:-install)?)?(?: --)?|pnpm exec|yarn exec|bunx|uv run|poetry run) ")
COMPOUND = re.compile(r"[|;<>`&]|\$\(|\bif\b|\bfor\b|\bcase\b")

FIXERS = (
    (re.compile(r"^(eslint|stylelint|ruff check|biome check)\b(.*?) --(?:fix|write|apply)\b"), r"\1\2"),
    (re.compile(r"^prettier\b(.*?) (?:--write|-w)\b"), r"prettier\1 --check"),
    (re.compile(r"^(black|isort|ruff format)\b(?! --check)"), r"\1 --check"),
)
"""A command that rewrites files -> the one that only looks; the former becomes `fix_run`."""

KINDS = (
    ("tests", re.compile(r"^(pytest|jest|vitest|mocha|tox|nox|python -m (pytest|unittest)|go test|cargo test)\b")),
    ("lint", re.compile(r"^(ruff check|flake8|pylint|eslint|stylelint|biome|oxlint|golangci-lint|shellcheck)\b")),
    ("types", re.compile(r"^(mypy|pyright|tsc)\b")),
    ("dependencies", re.compile(r"^(deptry|pip-audit|depcheck|npm audit)\b")),
)
SCRIPT_KINDS = {"test": "tests", "tests": "tests", "lint": "lint", "typecheck": "types", "test:deps": "dependencies"}


def split_line(line: str) -> list[str]:
    """The commands of a shell line joined by `&&`, or the whole line where the shell does more than that."""
    parts = [part.strip() for part in line.split("&&")]
    if any(COMPOUND.search(part) or not part for part in parts):
        return [line.strip()]
    return parts


def script_of(command: str) -> str:
    """ "npm run lint" -> "lint"; "" for anything that is no script of package.json."""
    found = SCRIPT.match(command)
    name = found[1] if found else ""
    return "" if name in ("install", "ci", "exec", "audit", "run") else name


def gate_for_command(command: str, source: str, *, files: Sequence[str] = (), scope: str = "project") -> Choice:
    """A gate that does what `command` did in a hook of git. Its name is a proposal: see `gates.detect.carried`."""
    command = WRAPPERS.sub("", command)
    script = script_of(command)
    kind = SCRIPT_KINDS.get(script) or next((kind for kind, start in KINDS if start.match(command)), "command")
    options: dict[str, Any] = {"run": command}
    for fixer, looks in FIXERS:
        if fixer.match(command):
            options |= {"run": fixer.sub(looks, command), "fix": "stage", "fix_run": command}
    if files:
        options["files"] = list(files)
    if scope == "files" and kind == "command":
        options["scope"] = scope
    return Choice(kind if kind != "command" else _name_of(script or command), options, source, kind)


def doors_of(hooks: Iterable[str]) -> list[str]:
    """The doors of hooks, and always ci: what counts for everybody must not depend on somebody's hooks."""
    doors = [HOOK_DOORS[hook] for hook in HOOK_DOORS if hook in set(hooks)]
    return [*doors, "ci"]


def _name_of(command: str) -> str:
    """A gate name: the first words that say something, "node scripts/check.js" -> "node-check"."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    telling = [word.rpartition("/")[2].split(".")[0] for word in words if not word.startswith("-")][:2]
    name = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(telling)).strip("-").lower()[:40]
    return name or "command"
