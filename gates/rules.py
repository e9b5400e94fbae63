"""What a rule means: Gateline's own rules from the gate that has them, a tool's rules from the tool."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec

from gates.config.schema import kinds
from gates.git.links import program_folders
from gates.git.repository import clean_environment
from gates.process import find_program

__all__ = ["explain_own_rule", "explain_tool_rule", "own_rules"]

PARTS = ("meaning", "why", "fix", "suppress")
"""What a gate says of each of its rules; the module of a kind may have
RULES = {"rule": {"meaning": ..., "why": ..., "fix": ..., "suppress": ...}}."""

ASKED = (
    ("ruff", re.compile(r"[A-Z]{1,5}\d{3,4}"), ("rule", "{rule}")),
    ("pylint", re.compile(r"[CRWEFI]\d{4}|[a-z]+(-[a-z]+)+"), ("--help-msg", "{rule}")),
)
"""Tools that explain their rules themselves: name, what its rules look like, its arguments."""

SHELLCHECK = re.compile(r"SC\d{4}")
ESLINT = re.compile(r"[a-z]+(-[a-z]+)*")
UNKNOWN = re.compile(r"no such message id", re.IGNORECASE)
SECONDS = 20


def own_rules(kind: str) -> Mapping[str, Mapping[str, str]]:
    """Rule -> its explanation, of one kind of gate; {} for a kind without rules of its own."""
    name = f"gates.checks.{kind}"
    if find_spec(name) is None:
        return {}
    rules: Mapping[str, Mapping[str, str]] = getattr(importlib.import_module(name), "RULES", {})
    return rules


def explain_own_rule(rule: str) -> str:
    """The explanation of `rule` or `kind/rule`, "" when no gate has it."""
    asked, _, name = rule.rpartition("/")
    for kind in [asked] if asked in kinds() else kinds():
        parts = own_rules(kind).get(name)
        if parts:
            lines = [f"{name}, a rule of the gate {kind}", ""]
            lines += [f"  {part:9} {parts[part]}" for part in PARTS if part in parts]
            return "\n".join([*lines, "", f"Documentation: docs/reference/gates/{kind}.md"])
    return ""


def explain_tool_rule(rule: str, root: str) -> str:
    """What a tool of the project at `root` says of its rule, "" when none knows it."""
    for tool, looks, arguments in ASKED:
        if looks.fullmatch(rule) and (said := _ask(tool, [word.format(rule=rule) for word in arguments], root)):
            return said
    if SHELLCHECK.fullmatch(rule):
        return f"{rule}, a rule of shellcheck\n\nDocumentation: https://www.shellcheck.net/wiki/{rule}"
    if ESLINT.fullmatch(rule) and os.path.isfile(os.path.join(root, "node_modules/eslint/lib/rules", f"{rule}.js")):
        return f"{rule}, a rule of eslint\n\nDocumentation: https://eslint.org/docs/latest/rules/{rule}"
    return ""


def _ask(tool: str, arguments: list[str], root: str) -> str:
    """What the tool prints, "" when it is not installed or does not know the rule."""
    path = os.pathsep.join([*program_folders(root), os.environ.get("PATH", os.defpath)])
    program = find_program(tool, path, root)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *arguments],
            cwd=root,
            env=clean_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = done.stdout.decode("utf-8", "replace").strip()
    return "" if done.returncode or UNKNOWN.search(said) else said
