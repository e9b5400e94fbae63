"""The pre_commit gate: the hooks of .pre-commit-config.yaml, run by pre-commit or prek over the snapshot."""

from __future__ import annotations

import os
import sys

from gates.checks.base import Command
from gates.checks.reading import as_findings
from gates.checks.tool_run import broke_off
from gates.errors import CannotRun
from gates.evidence import Evidence
from gates.finding import Finding, Place, fingerprint, number_fingerprints
from gates.git.links import program_folders
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from gates.process import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.checks.adapters.pre_commit import HookRun
    from gates.checks.base import Finished, GateContext
    from gates.outcome import Outcome

__all__ = ["GATE"]

CONFIG = ".pre-commit-config.yaml"
RUNNERS = ("prek", "pre-commit")
"""In the order in which they are looked for: prek does the same in less time."""

STAGES = {"merge": "pre-merge-commit", "push": "pre-push"}
"""Door -> stage of hooks; everywhere else those of pre-commit run."""

DIFF = "diff"
WORDS_LIMIT = 400_000
"""Bytes of paths that are given to one call; with more of them, the hooks look at all files."""

KEEP_DIFF = 'git --no-pager diff --no-color --no-ext-diff >"$GATELINE_SCRATCH/diff" 2>/dev/null'
NO_FILE = ".git/no-file"
"""Named where nothing but deletions is in the change, for the hooks that always run."""


class PreCommitGate:
    """Gate of kind `pre_commit`; see docs/reference/gates/pre_commit.md.

    writes  hooks may rewrite files, so this gate never gets the user's working tree
    """

    kind = "pre_commit"
    scope = "project"
    writes = True
    widened_by = (CONFIG,)

    def prepare(self, context: GateContext) -> Command:
        options = context.settings.options
        config = options.get("config", CONFIG)
        if not os.path.isfile(os.path.join(context.root, config)):
            raise CannotRun(f"there is no {config} in the tree")
        door = context.change.door
        stage = STAGES.get(door, "pre-commit")
        calls = [(hook, stage) for hook in options.get("hooks", ())] or [("", stage)]
        if door in ("ci", "manual") and not options.get("hooks"):
            calls += [(hook, "pre-push") for hook in _only_at_push(os.path.join(context.root, config))]
        argv = ["sh", "-c", _script(calls), _runner(context), "--color", "never", "--config", config]
        # No variable of the user's may leave out a hook or colour what is to be read.
        env = {"SKIP": "", "PREK_SKIP": "", "PREK_COLOR": "never", "NO_COLOR": "1"}
        return Command([*argv, *_files(context)], env={**env, "GATELINE_SCRATCH": context.scratch})

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        from gates.checks.adapters import Output
        from gates.checks.adapters.pre_commit import hooks_in

        evidence = _evidence(context)
        hooks = hooks_in(Output(done.stdout.decode("utf-8", "replace")))
        failed = [hook for hook in hooks if hook.status == "Failed"]
        ran = len(failed) + sum(hook.status == "Passed" for hook in hooks)
        for hook in hooks:
            if hook.status == "Skipped":
                evidence.leave_out(f"hooks skipped: {hook.why or 'no reason given'}")
        if failed:
            reason = f"{len(failed)} of {ran} hooks failed: {', '.join(hook.id for hook in failed)}"
            findings = list(_findings(context, failed))
            if context.settings.block == "new" and any(finding.place is None for finding in findings):
                findings = []  # what a hook only says in words of its own may be new, and nobody can tell
            number_fingerprints(findings)
            return context.outcome(FAILED, reason, findings=findings, evidence=evidence)
        if done.code or done.truncated:
            return broke_off(context, done, evidence)
        if not ran:
            status = NOT_RUN if context.change.everything else SKIPPED
            return context.outcome(status, "none of its hooks is about these files at this stage", evidence=evidence)
        return context.outcome(PASSED, metrics={"hooks": float(ran)}, evidence=evidence)


GATE = PreCommitGate()


def _runner(context: GateContext) -> str:
    """Path of the program that runs the hooks: the project's, the user's, else the one beside Gateline."""
    asked = context.settings.options.get("runner", "auto")
    path = [*program_folders(context.root), os.environ.get("PATH", os.defpath), os.path.dirname(sys.executable)]
    for name in RUNNERS if asked == "auto" else (asked,):
        if found := find_program(name, os.pathsep.join(path), context.root):
            return found
    name = "neither prek nor pre-commit" if asked == "auto" else asked
    raise CannotRun(
        f"{name} is installed" if asked == "auto" else f"{name} is not installed",
        hint="Install one of them, for example with: pip install 'gateline[pre-commit]'",
    )


def _only_at_push(config: str) -> list[str]:
    """Ids of hooks that the configuration keeps for pushes: in CI nothing is pushed, and they count all the same."""
    import yaml

    try:
        with open(config, "rb") as file:
            data = yaml.safe_load(file)
        usual = data.get("default_stages", ())
        hooks = [hook for repo in data["repos"] for hook in repo["hooks"]]
        return [hook["id"] for hook in hooks if _is_for_push(hook.get("stages") or usual)]
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, RecursionError):
        return []  # pre-commit itself says best what is wrong with its configuration


def _is_for_push(stages: list[str]) -> bool:
    return bool({"push", "pre-push"} & set(stages)) and not {"commit", "pre-commit"} & set(stages)


def _script(calls: list[tuple[str, str]]) -> str:
    """One call after the other, for pre-commit takes a single hook; no failure gets lost, and the changes are kept."""
    from shlex import quote

    lines = [f'"$0" run {quote(hook)} --hook-stage {stage} "$@" || code=$?' for hook, stage in calls]
    return "\n".join(["code=0", *(line.replace(" run '' ", " run ") for line in lines), KEEP_DIFF, "exit $code"])


def _files(context: GateContext) -> list[str]:
    """The words that say which files."""
    files = [f"./{path}" if path.startswith("-") else path for path in context.files]
    if sum(len(os.fsencode(path)) + 1 for path in files) > WORDS_LIMIT:
        return ["--all-files"]
    return ["--files", *(files or [NO_FILE])]


def _evidence(context: GateContext) -> Evidence:
    from gates.checks.versions import installed_version

    runner = _runner(context)
    name = os.path.basename(runner)
    return Evidence(tool=name, version=installed_version(runner, name, context.root), files=len(context.files))


def _findings(context: GateContext, failed: list[HookRun]) -> Iterator[Finding]:
    """For each failed hook the places that it prints, else the hook itself; for rewritten files what was changed."""
    from gates.checks.adapters import Output, reader

    diffs = _diffs(context)
    fixers = [hook for hook in failed if hook.modified]
    for path, diff in diffs.items() if fixers else ():
        rule = fixers[0].id if len(fixers) == 1 else "rewritten"
        yield _finding(context, rule, f"rewritten by {', '.join(hook.id for hook in fixers)}", path, diff)
    for hook in failed:
        if hook.modified and diffs:
            continue
        hits = reader("guess")(Output(hook.text + "\n")).hits
        for hit in hits:
            hit.message, hit.rule = f"{hit.message} ({hit.rule})" if hit.rule != "line" else hit.message, hook.id
        found = as_findings(context, hits, in_tree=True)
        yield from found
        if not found:
            yield _finding(context, hook.id, f"{hook.name}: failed", "", hook.text)


def _finding(context: GateContext, rule: str, message: str, path: str, detail: str) -> Finding:
    gate = context.settings.name
    place = Place(path) if path else None
    return Finding(gate, rule, message, place=place, fingerprint=fingerprint(gate, rule, message, path), detail=detail)


def _diffs(context: GateContext) -> dict[str, str]:
    """What the hooks changed: path -> diff."""
    try:
        with open(os.path.join(context.scratch, DIFF), encoding="utf-8", errors="replace") as file:
            parts = ("\n" + file.read()).split("\ndiff --git ")[1:]
    except OSError:
        return {}
    diffs = {}
    for part in parts:
        name = next((line[6:] for line in part.splitlines() if line.startswith(("+++ b/", "--- a/"))), "")
        if name:
            diffs[name.rstrip("\t")] = part[part.find("\n@@") + 1 :].rstrip()
    return diffs
