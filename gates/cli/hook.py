"""`gateline hook NAME`: what the shims call. It imports no click, and little else: every commit waits for it."""

from __future__ import annotations

import os
import sys

from gates.config.tree import tree_settings
from gates.errors import CannotRun, ExitCode, UsageError
from gates.git.doors import is_checked_out, pushed, staged
from gates.git.repository import Repository
from gates.interrupt import end_like_interrupt
from gates.plan import skipped_by_user
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

__all__ = ["HOOKS", "check_message", "check_push", "check_staged", "run_chosen", "run_hook", "say"]

MESSAGE = "commit_message"
"""The kind of gate that runs when the message is there, which is after pre-commit."""

MESSAGE_FILE = "GATELINE_MESSAGE_FILE"
"""The variable that tells it where the message is."""


HELP = """\
Usage: gateline hook HOOK [ARGS]...

  What the installed hooks call, with the arguments and the input that git
  gives to a hook. By hand, `gateline run --staged` and `gateline run --pushed`
  do the same.

Hooks:
  pre-commit        What is staged, as git is about to commit it.
  pre-merge-commit  The result of a merge.
  pre-push          Every ref on standard input, as git writes them there.
  commit-msg FILE   The message in a file.
  framework         Whichever of these pre-commit or prek stands at.

Options:
  -h, --help  Show this message and exit.
"""


def run_hook(arguments: Sequence[str]) -> int:
    """Run the gates of one of git's hooks; returns the exit code.

    arguments  the hook's name, then what git gives to the hook
    """
    if arguments and arguments[-1] in ("-h", "--help") and len(arguments) <= 2 and arguments[0] != "framework":
        sys.stdout.write(HELP)
        return ExitCode.PASSED
    if not arguments or arguments[0] not in HOOKS:
        raise UsageError(
            f"{' '.join(arguments) or 'nothing'} is no hook that Gateline knows",
            hint=f"Hooks: {', '.join(HOOKS)}. `gateline install` installs them all.",
        )
    end_like_interrupt()
    return HOOKS[arguments[0]](Repository.find(), arguments[1:])


def _commit(repository: Repository, arguments: Sequence[str]) -> int:
    if os.path.exists(os.path.join(repository.git_dir, "MERGE_HEAD")):
        # The end of a merge with conflicts, for which git runs this hook: what came and what was edited is checked.
        code = check_staged(repository, "merge", ("merge", "commit"), told=_told(arguments))
    else:
        code = check_staged(repository, "commit", ("commit",), told=_told(arguments))
    if repository.environ.get("GIT_INDEX_FILE") and not code and not os.path.exists(repository.index):
        # Git that was started with INT ignored (`nohup`, `&`) removes the index of `commit -a` on INT, and goes on.
        say("git was interrupted and would record an empty tree, so it stops here")
        return ExitCode.INTERRUPTED
    return code


def _merge(repository: Repository, arguments: Sequence[str]) -> int:
    return check_staged(repository, "merge", ("merge",), told=_told(arguments))


class Told:
    """What a shim knows: git's answers about what is staged (see `staged`), and the number of the git that runs it."""

    __slots__ = ("answers", "git")

    def __init__(self, answers: Callable[[], bytes] | None, git: str) -> None:
        self.answers = answers
        self.git = git


def _told(arguments: Sequence[str]) -> Told:
    if arguments[:1] != ["told"]:
        return Told(None, str(os.getppid()))
    return Told(lambda: sys.stdin.buffer.read(), arguments[1])


def check_staged(
    repository: Repository,
    door: str,
    doors: Sequence[str],
    *,
    kind: str = "",
    told: Told | None = None,
    stages: bool = True,
    fixed: bool = False,
) -> int:
    """Run the gates of these doors (or of one kind) on what is staged.

    stages  whether fixes may be staged (`fix: stage`), else they are for the files only
    fixed   that this was done, and the gates look again
    """
    change, status = staged(repository, door, told.answers if told else None)
    settings = tree_settings(repository, change.tree, in_place=status.is_index, changed=status.changed)
    if told:
        _note_message_gate(repository, settings, told.git)
    if not change.files and door == "commit":
        if fixed:
            say("the fix leaves nothing to commit")
            return ExitCode.FAILED
        return ExitCode.PASSED  # a commit without a change: of a new message, or of a merge's second parent
    chosen = [gate for gate in settings.gates if gate.kind != MESSAGE and not set(doors).isdisjoint(gate.doors)]
    chosen = _of_kind(settings, kind) if kind else chosen
    verdict = _verdict(repository, settings, change, chosen, status.is_index)
    if verdict is None:
        return ExitCode.PASSED
    said = ""
    if verdict.exit_code and not fixed and _may_fix(settings, verdict):
        from gates.fixes import offer_fixes

        try:
            is_staged, said = offer_fixes(repository, settings, change, verdict, stages=stages)
        except CannotRun as error:
            is_staged, said = False, f"gateline: the fix: {error}\n"
        if is_staged:
            sys.stderr.write(said)
            return check_staged(repository, door, doors, kind=kind, fixed=True)
    _show(verdict)
    sys.stderr.write(said and f"\n{said}")
    if fixed and "commit" not in doors and not verdict.exit_code:
        say("git would record the merge without the fix, so it stops here: `git commit` ends the merge with it")
        return ExitCode.FAILED
    return verdict.exit_code


def run_chosen(
    repository: Repository,
    settings: Settings,
    change: Change,
    identical: bool | Callable[[], bool],
    kind: str = "",
) -> int:
    """Run all gates (or those of one kind), whatever their doors, on a change that somebody named by hand."""
    chosen = _of_kind(settings, kind) if kind else [gate for gate in settings.gates if gate.kind != MESSAGE]
    return _run(repository, settings, change, chosen, identical)


def _of_kind(settings: Settings, kind: str) -> list[GateSettings]:
    """The configured gates of a kind; where there is none, one with the defaults."""
    chosen = [gate for gate in settings.gates if gate.kind == kind]
    if not chosen:
        from gates.config.build import build_gate

        chosen = [build_gate(kind, {})]
        settings.gates = [*settings.gates, *chosen]
    return chosen


def _may_fix(settings: Settings, verdict: Verdict) -> bool:
    failed = {outcome.gate for outcome in verdict.with_status("failed")}
    return any(gate.name in failed and gate.fix != "off" and gate.fix_run for gate in settings.gates)


def _note_message_gate(repository: Repository, settings: Settings, git: str) -> None:
    """Tell the commit-msg shim, which the same git runs next, when it need not start Python."""
    path = os.path.join(repository.state, "no-message-gate")
    try:
        if any(gate.kind == MESSAGE for gate in settings.gates):
            if os.path.exists(path):
                os.unlink(path)
            return
        with open(repository.state_folder() + "/no-message-gate", "wb") as file:
            file.write(git.encode() + b"\n")
    except OSError:
        return  # then the shim starts Python, which finds nothing to do


def _message(repository: Repository, arguments: Sequence[str]) -> int:
    """The message of the commit that is being made: its file is the hook's argument."""
    if not arguments:
        raise UsageError("commit-msg needs the file with the message")
    return check_message(repository, arguments[0])


def check_message(repository: Repository, path: str, kind: str = "") -> int:
    """Run the gates for messages (with `kind`: one even where none is configured) on the message in this file."""
    change, status = staged(repository)
    settings = tree_settings(repository, change.tree, in_place=status.is_index, changed=status.changed)
    chosen = [gate for gate in settings.gates if gate.kind == MESSAGE and "commit" in gate.doors]
    if kind:
        chosen = _of_kind(settings, kind)
    for gate in chosen:
        gate.env[MESSAGE_FILE] = os.path.join(repository.root, path)
        gate.cache = False
    return _run(repository, settings, change, chosen, status.is_index)


def _push(repository: Repository, arguments: Sequence[str]) -> int:
    """Every ref of the push: git gives the remote's name as argument and one line for each ref on standard input."""
    remote = arguments[0] if arguments else "origin"
    lines = os.fsdecode(sys.stdin.buffer.read()).split("\n")  # a ref may hold what else ends a line in Unicode
    return check_push(repository, remote, [line for line in lines if line])


def check_push(repository: Repository, remote: str, lines: Sequence[str], kind: str = "") -> int:
    """Run the gates of the push door (or of one kind) on every ref of a push."""
    push = pushed(repository, lines, remote)
    for note in push.notes:
        say(note)
    codes = [_push_one(repository, change, kind) for change in push.changes]
    return ExitCode.of_runs(codes)


def _push_one(repository: Repository, change: Change, kind: str) -> int:
    settings = tree_settings(repository, change.tree)
    late = {} if kind else _left_out(repository, settings, change)
    chosen = [gate for gate in settings.gates if "push" in gate.doors or gate.name in late]
    if len(settings.gates) and change.ref:
        alone = "" if change.base_commit else ", whose history the remote does not have: all of it counts as new"
        say(f"{change.ref} at {change.commit[:10] or change.tree[:10]}{alone}")
    for name, count in late.items():
        noun = "1 commit" if count == 1 else f"{count} commits"
        say(f"{name} did not run at {noun} of this push, so it runs now")
    chosen = _of_kind(settings, kind) if kind else chosen
    return _run(repository, settings, change, chosen, lambda: is_checked_out(repository, change.tree))


def _left_out(repository: Repository, settings: Settings, change: Change) -> dict[str, int]:
    """Gates of the commit door only that a pushed commit did not pass: skipped by SKIP, or --no-verify."""
    early = [gate for gate in settings.gates if "commit" in gate.doors and "push" not in gate.doors]
    names = [gate.name for gate in early if gate.kind != MESSAGE]
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
) -> int:
    """Run the chosen gates and show what they came to; returns the exit code."""
    verdict = _verdict(repository, settings, change, chosen, identical)
    if verdict is None:
        return ExitCode.PASSED
    _show(verdict)
    return verdict.exit_code


def _verdict(
    repository: Repository,
    settings: Settings,
    change: Change,
    chosen: Sequence[GateSettings],
    identical: bool | Callable[[], bool],
) -> Verdict | None:
    """Run the chosen gates, telling how it goes; None when none of them has anything to do at this door."""
    names = [gate.name for gate in chosen]
    if not names:
        return None
    skip = skipped_by_user(os.environ.get("SKIP", ""))
    progress = progress_for(sys.stderr, os.environ, names, live=False)
    try:
        options = Options(only=names, skip=skip)
        verdict = run_gates(repository, settings, change, progress, options, identical=identical)
    finally:
        progress.close()
    record(repository, verdict)
    return verdict


def _show(verdict: Verdict) -> None:
    style = Style.of(sys.stderr, os.environ)
    if verdict.exit_code:
        from gates.reports.terminal import render

        sys.stderr.write("\n" + render(verdict, style, with_table=False))
    else:
        sys.stderr.write(style.safe(f"gateline: {headline(verdict, style)}") + "\n")


def say(text: str) -> None:
    """Tell the user one line."""
    from gates.reports.style import clean

    sys.stderr.write(f"gateline: {clean(text)}\n")


def _framework(repository: Repository, arguments: Sequence[str]) -> int:
    from gates.cli.framework import run_framework

    return run_framework(repository, arguments)


HOOKS: dict[str, Callable[[Repository, Sequence[str]], int]] = {
    "pre-commit": _commit,
    "pre-merge-commit": _merge,
    "pre-push": _push,
    "commit-msg": _message,
    "framework": _framework,
}
"""Hook → what it does; `framework` is what pre-commit and prek call at every hook."""
