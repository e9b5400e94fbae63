"""What `pre-commit run` and `prek run` print: one line for each hook, and below it what a failed one said."""

from __future__ import annotations

import re
import textwrap

from gates.checks.adapters import Output
from gates.checks.adapters.text import LONGEST, plain

__all__ = ["HookRun", "hooks_in"]

LINE = re.compile(r"^(?P<name>\S.*?)\.{3,}(?:\((?P<why>.*)\))?(?P<status>Passed|Failed|Skipped)$")
ABOUT = re.compile(r"^\s*- (hook id|exit code|duration|files were modified by this hook)(?:: (.*))?$")


class HookRun:
    """One hook of one run.

    status    "Passed", "Failed" or "Skipped"
    why       why it was skipped
    modified  whether it rewrote files
    text      what it printed
    """

    __slots__ = ("id", "modified", "name", "status", "text", "why")

    def __init__(self, name: str, status: str, why: str) -> None:
        self.name = name
        self.id = name
        self.status = status
        self.why = why
        self.modified = False
        self.text = ""


def hooks_in(output: Output) -> list[HookRun]:
    """Every hook that was run or skipped, in order."""
    hooks: list[HookRun] = []
    for line in plain(output.stdout).splitlines():
        if found := LINE.match(line[:LONGEST]):
            hooks.append(HookRun(found["name"], found["status"], found["why"] or ""))
        elif hooks and not hooks[-1].text.strip() and (about := ABOUT.match(line)):
            if about[1] == "hook id":
                hooks[-1].id = about[2]
            hooks[-1].modified = hooks[-1].modified or about[1].startswith("files were")
        elif hooks:
            hooks[-1].text += line + "\n"
    for hook in hooks:
        hook.text = textwrap.dedent(hook.text).strip("\n")
    return hooks
