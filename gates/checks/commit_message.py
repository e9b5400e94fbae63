"""The commit_message gate: the message that is about to be committed, or those of every commit that is pushed."""

from __future__ import annotations

import os
import re

from gates.evidence import Evidence
from gates.finding import NEW, Finding, fingerprint
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.checks.base import GateContext
    from gates.git.repository import Repository
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES", "Message", "cleaned"]

MESSAGE_FILE = "GATELINE_MESSAGE_FILE"
"""Variable with the path of the file that git hands to the hook commit-msg."""

TYPES = ("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
"""Default of the option `types`: those that Conventional Commits names."""

CONVENTIONAL = re.compile(r"(?P<type>[A-Za-z][\w-]*)(?:\([^()]+\))?!?: \S.*")
SIGNED_OFF = re.compile(r"^Signed-off-by: [^<\n]+ <[^<>@\n]+@[^<>\n]+>[ \t]*$", re.MULTILINE)
MERGE = re.compile(r"Merge (?:branch|branches|tag|commit|remote-tracking branch|pull request|[0-9a-f]{7,40}\b)")
REVERT = re.compile(r'Revert "|Reapply "')
FIXUP = re.compile(r"(?:fixup|squash|amend)! ")
SCISSORS = "------------------------ >8 ------------------------"
SHORT = 10

_SUPPRESS = "Change the option, or `block: none` to only report."

RULES = {
    "empty-message": {
        "meaning": "A commit has no message.",
        "why": "Nobody can find out later what it was for.",
        "fix": "git commit --amend, or git rebase -i and `reword`.",
        "suppress": "Not possible.",
    },
    "subject-pattern": {
        "meaning": "The first line of a message does not match the option `pattern`.",
        "why": "Tools and people find tickets and changes by it.",
        "fix": "git commit --amend, or git rebase -i and `reword`.",
        "suppress": _SUPPRESS,
    },
    "not-conventional": {
        "meaning": "A message is not of the form of Conventional Commits: `type(scope): subject`, then an empty line.",
        "why": "Changelogs and version numbers are made from it.",
        "fix": "Write `feat: ...`, `fix: ...`, `docs: ...`; the option `types` has the list.",
        "suppress": _SUPPRESS,
    },
    "subject-too-long": {
        "meaning": "The first line of a message is longer than `max_subject`.",
        "why": "git log --oneline and web pages cut it.",
        "fix": "Say it shorter; details belong below an empty line.",
        "suppress": _SUPPRESS,
    },
    "not-signed-off": {
        "meaning": "A message has no line `Signed-off-by: Name <address>`.",
        "why": "The project asks contributors to certify the origin of their work.",
        "fix": "git commit --amend --signoff, or git rebase --signoff.",
        "suppress": _SUPPRESS,
    },
    "unsquashed-fixup": {
        "meaning": "A commit named `fixup!`, `squash!` or `amend!` is about to leave this machine.",
        "why": "It was made to be melted into another commit first.",
        "fix": "git rebase -i --autosquash.",
        "suppress": _SUPPRESS,
    },
}


class Message:
    """One message.

    commit     its commit, "" when it is not committed yet
    is_merge   of a merge, whose subject git wrote
    """

    __slots__ = ("commit", "is_merge", "text")

    def __init__(self, text: str, commit: str = "", *, is_merge: bool = False) -> None:
        self.text = text.strip("\n")
        self.commit = commit
        self.is_merge = is_merge or bool(MERGE.match(self.text))

    @property
    def subject(self) -> str:
        return self.text.partition("\n")[0].rstrip()


class CommitMessageGate:
    """Gate of kind `commit_message`; see docs/reference/gates/commit_message.md.

    reads_change  its result depends on the commits of the change, not on the tree alone, and it runs also when no file
                  differs in the end
    """

    kind = "commit_message"
    scope = "project"
    compares_itself = True
    reads_change = True

    def examine(self, context: GateContext) -> Outcome:
        from gates.checks.objects import repository_of

        evidence = Evidence(tool="git", files=0)
        repository = repository_of(context)
        if context.change.door == "commit":
            path = os.environ.get(MESSAGE_FILE, "")
            if not path:
                reason = "there is no message yet: git asks the hook commit-msg when there is one"
                return context.outcome(SKIPPED, reason, evidence=evidence)
            try:
                messages = [_from_file(path, repository)]
            except OSError as error:
                reason = f"the message in {path} cannot be read: {error.strerror}"
                return context.outcome(NOT_RUN, reason, evidence=evidence)
        else:
            messages = list(_from_history(context, repository))
        if not messages:
            return context.outcome(SKIPPED, "the change has no commits", evidence=evidence)
        evidence.files = len(messages)
        findings = [finding for message in messages for finding in _Judge(context).message(message)]
        metrics = {"messages": float(len(messages))}
        if not findings:
            return context.outcome(PASSED, metrics=metrics, evidence=evidence)
        reason = findings[0].message if len(findings) == 1 else f"{len(findings)} findings"
        return context.outcome(FAILED, reason, findings=findings, metrics=metrics, evidence=evidence)


GATE = CommitMessageGate()


def _from_file(path: str, repository: Repository) -> Message:
    with open(os.path.join(repository.root, path), "rb") as file:
        text = file.read().decode("utf-8", "replace")
    return Message(cleaned(text, repository.try_line("config", "core.commentChar")))


def cleaned(text: str, comment: str = "") -> str:
    """The message without what git takes out of it: everything below the scissors, comments, outer empty lines.

    With `commit -m` git keeps lines that begin with "#"; the hook is not told. If nothing else is there, they stay.
    """
    mark = comment if comment and comment != "auto" else "#"
    lines = text.replace("\r\n", "\n").split("\n")
    scissors = f"{mark} {SCISSORS}"
    if scissors in lines:
        lines = lines[: lines.index(scissors)]
    kept = [line.rstrip() for line in lines if not line.startswith(mark)]
    return "\n".join(kept if any(kept) else [line.rstrip() for line in lines]).strip("\n")


def _from_history(context: GateContext, repository: Repository) -> Iterator[Message]:
    """The messages of base..commit, the oldest first; without a base at `push` all of them, else just the last."""
    change = context.change
    if not change.commit or change.commit == change.base_commit:
        return
    words = ["log", "-z", "--reverse", "--topo-order", "--encoding=UTF-8", "--format=%H %P%n%B"]
    if change.base_commit:
        words += [change.commit, "--not", change.base_commit]
    else:
        words += [change.commit] if change.door == "push" else ["-1", change.commit]
    raw = repository.ask("-c", "log.showSignature=false", *words, "--").stdout.decode("utf-8", "replace")
    for record in raw.split("\0"):
        facts, _, text = record.partition("\n")
        if facts:
            commit, *parents = facts.split()
            yield Message(text, commit, is_merge=len(parents) > 1)


class _Judge:
    """Holds a message against the options."""

    def __init__(self, context: GateContext) -> None:
        self.name = context.settings.name
        self.options = context.settings.options
        self.leaves = context.change.door in ("push", "ci", "merge")

    def message(self, message: Message) -> Iterator[Finding]:
        if not message.text.strip():
            yield self._finding(message, "empty-message", "the message is empty")
            return
        if FIXUP.match(message.subject):
            if self.leaves:
                word = message.subject.partition("!")[0]
                yield self._finding(message, "unsquashed-fixup", f"a {word}! commit has not been squashed")
            return
        if not message.is_merge:
            if not REVERT.match(message.subject):
                yield from self._form(message)
            yield from self._length(message)
        if self.options.get("signed_off") and not message.is_merge and not SIGNED_OFF.search(message.text):
            yield self._finding(message, "not-signed-off", "there is no line Signed-off-by: Name <address>")

    def _form(self, message: Message) -> Iterator[Finding]:
        pattern = self.options.get("pattern")
        if pattern and not re.match(pattern, message.subject):
            yield self._finding(message, "subject-pattern", f"the first line does not match {pattern}")
        if self.options.get("conventional") or self.options.get("types"):
            wrong = self._unconventional(message)
            if wrong:
                yield self._finding(message, "not-conventional", wrong)

    def _unconventional(self, message: Message) -> str:
        types = self.options.get("types") or TYPES
        match = CONVENTIONAL.fullmatch(message.subject)
        if match is None:
            return f"the first line is not of the form `type(scope): subject`; types are {', '.join(types)}"
        if match["type"] not in types:
            from difflib import get_close_matches

            close = get_close_matches(match["type"].lower(), types, n=1)
            meant = f"did you mean {close[0]}?" if close else f"types are {', '.join(types)}"
            return f"{match['type']!r} is no type of change; {meant}"
        lines = message.text.split("\n")
        if len(lines) > 1 and lines[1].strip():
            return "the second line must be empty"
        return ""

    def _length(self, message: Message) -> Iterator[Finding]:
        limit = self.options.get("max_subject")
        length = len(message.subject)
        if limit and length > limit:
            yield self._finding(
                message, "subject-too-long", f"the first line has {length} characters, {limit} are allowed"
            )

    def _finding(self, message: Message, rule: str, what: str) -> Finding:
        where = f"commit {message.commit[:SHORT]}: " if message.commit else ""
        return Finding(
            self.name,
            rule,
            where + what,
            source=message.subject,
            fingerprint=fingerprint(self.name, rule, message.text or message.commit),
            status=NEW,
        )
