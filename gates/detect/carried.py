"""What the hook managers of a repository run, carried over into gates: husky, lint-staged and lefthook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from gates.detect.commands import HOOK_DOORS, doors_of, gate_for_command, script_of, split_line
from gates.detect.node import COPY_FINDERS
from gates.detect.survey import Choice, Survey, table, texts

__all__ = ["Carried", "carry_over"]

HUSKY_SCRIPTS = {"precommit": "pre-commit", "prepush": "pre-push", "commitmsg": "commit-msg"}
"""Script names of husky before version 1."""

HUSKY_BOILERPLATE = re.compile(r"^(#|\. |source |set -|exit 0$|export |cd \"?\$)")
CONTROL = re.compile(r"^(if|for|while|until|case|function)\b|<<|\(\)\s*\{|\\$")
"""What makes a hook more than a list of commands."""

LEFTHOOK = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml")
PLACEHOLDER = re.compile(r"\{[a-z_0-9]+\}")
FILE_PLACEHOLDER = re.compile(r"\s+\{(staged_files|push_files|all_files|files)\}$")
COMMITLINT = re.compile(r"\bcommitlint\b")


@dataclass
class Carried:
    """choices  the gates that came out
    notes    a sentence for each thing that could not be carried over
    hooks    gate name -> the hooks of git that ran it
    """

    choices: list[Choice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hooks: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One command that a manager runs in one hook of git."""

    hook: str
    command: str
    source: str
    files: tuple[str, ...] = ()
    scope: str = "project"


def carry_over(survey: Survey, detected: list[Choice]) -> Carried:
    """Detected gates with the doors that the hooks give them, and a gate for each other command of the hooks."""
    carried = Carried([Choice(c.name, dict(c.options), c.why, c.kind) for c in detected])
    steps = [*_husky(survey, carried.notes), *_lefthook(survey, carried.notes)]
    others = [step for step in steps if "lint-staged" not in (_script_text(survey, step.command) or step.command)]
    if len(others) < len(steps):
        others += _lint_staged(survey, carried.notes)
    for step in others:
        _take(survey, carried, step)
    return carried


def _take(survey: Survey, carried: Carried, step: Step) -> None:
    text = _script_text(survey, step.command) or step.command
    if COMMITLINT.search(text):
        if all(choice.kind != "commit_message" for choice in carried.choices):
            _add(carried, Choice("commit_message", {"conventional": True}, f"{step.source} (commitlint)"))
    elif found := COPY_FINDERS.search(text):
        carried.notes.append(f"{step.source}: {found[1]} is not carried over: the gate copypaste does that work")
    elif step.hook not in HOOK_DOORS:
        carried.notes.append(f"{step.source}: `{step.command}` is not carried over: {step.hook} is not a door")
    else:
        new = gate_for_command(step.command, step.source, files=step.files, scope=step.scope)
        same = next((choice for choice in carried.choices if _is_same(choice, new, step)), None)
        if same is None:
            same = _add(carried, new)
        _widen(carried, same, step)


def _is_same(choice: Choice, new: Choice, step: Step) -> bool:
    """The same command on the same files; `yarn lint` and `npm run lint` are the same script."""
    if choice.options.get("files", []) != list(step.files):
        return False
    run = str(choice.options.get("run", ""))
    return run == new.options["run"] or script_of(run) == script_of(step.command) != ""


def _widen(carried: Carried, choice: Choice, step: Step) -> None:
    """The gate is there already: it keeps its command and gets the doors of the hooks that ran it."""
    hooks = carried.hooks.setdefault(choice.name, [])
    if step.source not in choice.why:
        choice.why += f" and {step.source}" if hooks else f"; doors carried over from {step.source}"
    hooks.append(step.hook)
    choice.options["doors"] = doors_of(hooks)


def _add(carried: Carried, new: Choice) -> Choice:
    """Under its own name, or the next free one."""
    taken = {other.name for other in carried.choices}
    name, number = new.name, 2
    while name in taken:
        name, number = f"{new.name}-{number}", number + 1
    options = {"kind": new.kind, **new.options} if name != new.kind else new.options
    added = Choice(name, options, f"carried over from {new.why}", new.kind)
    carried.choices.append(added)
    carried.hooks[name] = []
    return added


def _script_text(survey: Survey, command: str) -> str:
    text = table(survey.json("package.json"), "scripts").get(script_of(command), "")
    return text if isinstance(text, str) else ""


def _husky(survey: Survey, notes: list[str]) -> Iterator[Step]:
    """husky before 1 (scripts), 1 to 4 (`husky.hooks`), and since 5 (files in .husky)."""
    package = survey.json("package.json")
    for script, hook in HUSKY_SCRIPTS.items():
        yield from _lines(hook, table(package, "scripts").get(script), f"the script {script!r} of husky")
    for source, hooks in (
        ("husky.hooks in package.json", table(package, "husky", "hooks")),
        (".huskyrc", table(survey.json(".huskyrc"), "hooks")),
        (".huskyrc.json", table(survey.json(".huskyrc.json"), "hooks")),
    ):
        for hook, line in hooks.items():
            yield from _lines(hook, line, source)
    for path in survey.paths:
        folder, _, hook = path.rpartition("/")
        if folder == ".husky" and (hook in HOOK_DOORS or hook == "commit-msg"):
            lines = [line.strip() for line in survey.text(path).splitlines()]
            if any(CONTROL.search(line) for line in lines):
                notes.append(f"{path}: not carried over: it is a program; write a gate for each command that matters")
                continue
            for line in lines:
                if line and not HUSKY_BOILERPLATE.match(line):
                    yield from _lines(hook, line, path)


def _lines(hook: str, line: Any, source: str) -> Iterator[Step]:
    if isinstance(line, str) and line.strip():
        for command in split_line(line):
            yield Step(hook, command, source)


def _lint_staged(survey: Survey, notes: list[str]) -> Iterator[Step]:
    """Its globs and commands; a configuration that is a program is told and left."""
    package = table(survey.json("package.json"), "lint-staged")
    sources = [("lint-staged in package.json", package)]
    for name in (".lintstagedrc", ".lintstagedrc.json", ".lintstagedrc.yml", ".lintstagedrc.yaml"):
        sources.append((name, _yaml(survey, name)))
    for source, globs in sources:
        for glob, commands in globs.items():
            for command in [commands] if isinstance(commands, str) else texts(commands):
                # Whether fixed files are added to the index is the option `fix` here.
                if command != "git add":
                    yield Step("pre-commit", command, source, tuple(_braces(glob)), "files")
    if name := survey.first("lint-staged.config.js", "lint-staged.config.mjs", ".lintstagedrc.js", ".lintstagedrc.mjs"):
        notes.append(f"{name}: not carried over: it is a program, and nothing here runs it")


def _braces(glob: str) -> list[str]:
    """ "*.{js,ts}" -> ["*.js", "*.ts"]: gitignore syntax has no braces."""
    found = re.search(r"\{([^{}]*)\}", glob)
    if not found:
        return [glob]
    head, tail = glob[: found.start()], glob[found.end() :]
    return list(dict.fromkeys(whole for part in found[1].split(",") for whole in _braces(head + part.strip() + tail)))


def _lefthook(survey: Survey, notes: list[str]) -> Iterator[Step]:
    """`commands` and `jobs` with a `run`; scripts and groups are told and left."""
    name = survey.first(*LEFTHOOK)
    for hook, options in _yaml(survey, name).items() if name else ():
        if not isinstance(options, dict) or not {"commands", "jobs", "scripts"} & set(options):
            continue
        source = f"{hook} in {name}"
        jobs = options.get("jobs")
        entries = [*table(options, "commands").values(), *(jobs if isinstance(jobs, list) else ())]
        if options.get("scripts"):
            notes.append(f"{source}: its `scripts` are not carried over: write a gate of kind command for each")
        for entry in entries:
            run = entry.get("run") if isinstance(entry, dict) else None
            if not isinstance(run, str) or PLACEHOLDER.search(FILE_PLACEHOLDER.sub("", run.strip())):
                notes.append(f"{source}: {json.dumps(run or entry)} is not carried over: write a gate for it")
                continue
            yield _lefthook_step(str(hook), run.strip(), entry, source)


def _lefthook_step(hook: str, run: str, entry: dict[str, Any], source: str) -> Step:
    glob = entry.get("glob")
    globs = [glob] if isinstance(glob, str) else texts(glob)
    takes_files = bool(FILE_PLACEHOLDER.search(run))
    files = tuple(part for one in globs for part in _braces(one))
    return Step(hook, FILE_PLACEHOLDER.sub("", run), source, files, "files" if takes_files else "project")


def _yaml(survey: Survey, name: str) -> dict[str, Any]:
    try:
        data = yaml.safe_load(survey.text(name))
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
