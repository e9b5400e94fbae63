"""`gateline hook NAME`: what the shims call. It imports no click, and little else: every commit waits for it."""

from __future__ import annotations

import os
import sys

from gates.config.tree import tree_settings
from gates.errors import ExitCode, UsageError
from gates.git.doors import is_checked_out, pushed, staged
from gates.git.repository import Repository
from gates.interrupt import end_like_interrupt
from gates.reports.plain import headline
from gates.reports.progress import progress_for
from gates.reports.style import Style
from gates.run import Options, run_gates
from gates.trace import left_out, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gates.git.change import Change
    from gates.settings import GateSettings, Settings
    from gates.verdict import Verdict

__all__ = ["HOOKS", "run_hook"]

MESSAGE = "commit_message"
"""The kind of gate that runs when the message is there, which is after pre-commit."""

MESSAGE_FILE = "GATELINE_MESSAGE_FILE"
"""The variable that tells it where the message is."""


def run_hook(arguments: Sequence[str]) -> int:
    """Run the gates of one of git's hooks; returns the exit code.

    arguments  the hook's name, then what git gives to the hook
    """
    if not arguments or arguments[0] not in HOOKS:
        raise UsageError(
            f"{' '.join(arguments) or 'nothing'} is no hook that Gateline knows",
            hint=f"Hooks: {', '.join(HOOKS)}. `gateline install` installs them all.",
        )
    end_like_interrupt()
    return HOOKS[arguments[0]](Repository.find(), arguments[1:])


def _commit(repository: Repository, _: Sequence[str]) -> int:
    if os.path.exists(os.path.join(repository.git_dir, "MERGE_HEAD")):
        # The end of a merge with conflicts, for which git runs this hook: what came and what was edited is checked.
        return _staged(repository, "merge", ("merge", "commit"))
    return _staged(repository, "commit", ("commit",))


def _merge(repository: Repository, _: Sequence[str]) -> int:
    return _staged(repository, "merge", ("merge",))


def _staged(repository: Repository, door: str, doors: Sequence[str], *, fixed: bool = False) -> int:
    change, status = staged(repository, door)
    settings = tree_settings(repository, change.tree, in_place=status.is_index)
    _note_message_gate(repository, settings)
    if not change.files and door == "commit":
        return ExitCode.PASSED  # a commit without a change: of a new message, or of a merge's second parent
    chosen = [gate for gate in settings.gates if gate.kind != MESSAGE and not set(doors).isdisjoint(gate.doors)]
    verdict = _run(repository, settings, change, chosen, status.is_index)
    if verdict is not None and verdict.exit_code and not fixed and _may_fix(settings, verdict):
        from gates.fixes import offer_fixes

        if offer_fixes(repository, settings, change, verdict, sys.stderr):
            return _staged(repository, door, doors, fixed=True)
    return verdict.exit_code if verdict is not None else ExitCode.PASSED


def _may_fix(settings: Settings, verdict: Verdict) -> bool:
    failed = {outcome.gate for outcome in verdict.with_status("failed")}
    return any(gate.name in failed and gate.fix != "off" and gate.fix_run for gate in settings.gates)


def _note_message_gate(repository: Repository, settings: Settings) -> None:
    """Tell the commit-msg shim, which the same git runs next, when it need not start Python."""
    path = os.path.join(repository.state, "no-message-gate")
    try:
        if any(gate.kind == MESSAGE for gate in settings.gates):
            if os.path.exists(path):
                os.unlink(path)
            return
        with open(repository.state_folder() + "/no-message-gate", "w", encoding="ascii") as file:
            file.write(f"{os.getppid()}\n")
    except OSError:
        return  # then the shim starts Python, which finds nothing to do


def _message(repository: Repository, arguments: Sequence[str]) -> int:
    """The message of the commit that is being made: its file is the hook's argument."""
    if not arguments:
        raise UsageError("commit-msg needs the file with the message")
    change, status = staged(repository)
    settings = tree_settings(repository, change.tree, in_place=status.is_index)
    chosen = [gate for gate in settings.gates if gate.kind == MESSAGE and "commit" in gate.doors]
    for gate in chosen:
        gate.env[MESSAGE_FILE] = os.path.join(repository.root, arguments[0])
        gate.cache = False
    verdict = _run(repository, settings, change, chosen, status.is_index)
    return verdict.exit_code if verdict is not None else ExitCode.PASSED


def _push(repository: Repository, arguments: Sequence[str]) -> int:
    """Every ref of the push: git gives the remote's name as argument and one line for each ref on standard input."""
    remote = arguments[0] if arguments else "origin"
    lines = os.fsdecode(sys.stdin.buffer.read()).split("\n")  # a ref may hold what else ends a line in Unicode
    push = pushed(repository, filter(None, lines), remote)
    for note in push.notes:
        _say(note)
    codes = [_push_one(repository, change) for change in push.changes]
    return next((code for code in (ExitCode.FAILED, ExitCode.NOT_RUN) if code in codes), ExitCode.PASSED)


def _push_one(repository: Repository, change: Change) -> int:
    settings = tree_settings(repository, change.tree)
    late = _left_out(repository, settings, change)
    chosen = [gate for gate in settings.gates if "push" in gate.doors or gate.name in late]
    if len(settings.gates) and change.ref:
        _say(f"{change.ref} at {change.commit[:10] or change.tree[:10]}")
    for name, count in late.items():
        noun = "1 commit" if count == 1 else f"{count} commits"
        _say(f"{name} did not run at {noun} of this push, so it runs now")
    verdict = _run(repository, settings, change, chosen, lambda: is_checked_out(repository, change.tree))
    return verdict.exit_code if verdict is not None else ExitCode.PASSED


def _left_out(repository: Repository, settings: Settings, change: Change) -> dict[str, int]:
    """Gates of the commit door only that a pushed commit did not pass: skipped by SKIP, or --no-verify."""
    names = [gate.name for gate in settings.gates if "commit" in gate.doors and "push" not in gate.doors]
    names = [name for name in names if (gate := settings.gate(name)) and gate.kind != MESSAGE]
    if not names or not change.commit:
        return {}
    bounds = [change.commit, *([f"^{change.base_commit}"] if change.base_commit else ())]
    raw = repository.line("rev-list", "--format=%T", *bounds)
    trees = {line for line in raw.splitlines() if not line.startswith("commit ")}
    return left_out(repository, trees, names)


def _run(
    repository: Repository,
    settings: Settings,
    change: Change,
    chosen: Sequence[GateSettings],
    identical: bool | Callable[[], bool],
) -> Verdict | None:
    """Run the chosen gates and show what they came to; None when none of them has anything to do at this door."""
    names = [gate.name for gate in chosen]
    if not names:
        return None
    skip = [name.strip() for name in os.environ.get("SKIP", "").split(",") if name.strip()]
    progress = progress_for(sys.stderr, os.environ, names, live=False)
    try:
        options = Options(only=names, skip=skip)
        verdict = run_gates(repository, settings, change, progress, options, identical=identical)
    finally:
        progress.close()
    record(repository, verdict)
    style = Style.of(sys.stderr, os.environ)
    if verdict.exit_code:
        from gates.reports.terminal import render

        sys.stderr.write("\n" + render(verdict, style, with_table=False))
    else:
        sys.stderr.write(style.safe(f"gateline: {headline(verdict, style)}") + "\n")
    return verdict


def _say(text: str) -> None:
    from gates.reports.style import clean

    sys.stderr.write(f"gateline: {clean(text)}\n")


HOOKS: dict[str, Callable[[Repository, Sequence[str]], int]] = {
    "pre-commit": _commit,
    "pre-merge-commit": _merge,
    "pre-push": _push,
    "commit-msg": _message,
}
"""Hook → what it does."""
