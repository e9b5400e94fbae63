"""Classes of copies, missed twins and idle comments as findings: what a person is told, and where."""

from __future__ import annotations

from gates.checks.copypaste.allowed import Permissions
from gates.checks.copypaste.model import Copy
from gates.finding import ALLOWED, EXISTING, NEW, Finding, Place, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["NEARLY", "OTHER_NAMES", "SAME", "Found", "Teller", "merged_twins", "numbers_of_lines"]

SAME, OTHER_NAMES, NEARLY = "the same code", "the same code but for names and literals", "nearly the same code"
"""What copies have in common, in words."""

SHOWN = 3
"""Copies that a message names."""

RUNS_NAMED = 6
"""Rows of lines that are named."""

SOURCE = 300
"""Characters of a line that are shown."""


class Found:
    """A class of copies of any kind, or a copy that was edited and those that were not.

    copies   the canonical one first
    brought  which of them the change brings, the likeliest first
    tokens   length of the canonical copy
    what     what they have in common, in words; of a twin, the lines that were edited
    content  what the class is about, for its fingerprint
    """

    __slots__ = ("brought", "content", "copies", "tokens", "what")

    def __init__(self, copies: Sequence[Copy], brought: Sequence[int], tokens: int, what: str, content: bytes) -> None:
        self.copies = copies
        self.brought = brought
        self.tokens = tokens
        self.what = what
        self.content = content


class Teller:
    """Makes findings for one gate, and asks for each whether a comment in the source allows it.

    compared  whether the tree is compared with a base
    whole     whether all classes are told, not only what the change brings
    """

    __slots__ = ("_granted", "_root", "_shown", "compared", "gate", "permissions", "whole")

    def __init__(self, gate: str, root: str, permissions: Permissions, *, compared: bool, whole: bool) -> None:
        self.gate = gate
        self.permissions = permissions
        self.compared = compared
        self.whole = whole
        self._root = root
        self._granted: set[tuple[str, int]] = set()
        self._shown: tuple[str, list[bytes]] = ("", [])  # the last file; the next finding is mostly there too

    def of_class(self, found: Found) -> Iterator[Finding]:
        """A class, at the copy that the change brings, else at the canonical one; and the copies that are allowed.

        A comment allows one copy. It hides no other one: a new copy of code that was allowed before is told.
        """
        allowed = {at for at, copy in enumerate(found.copies) if self.permissions.of(copy)}
        fresh = [at for at in found.brought if at not in allowed]
        counting = [at for at in range(len(found.copies)) if at not in allowed or self._was_there(found, at)]
        left = [at for at in counting if at not in allowed]
        if fresh and len(counting) > 1:
            yield self._copied(found, fresh[0], counting, NEW)
        elif self.whole and len(left) > 1:
            yield self._copied(found, left[0], left, EXISTING if self.compared else "")
        for at in sorted(allowed):
            if self.whole or at in found.brought:
                yield from self._allowed(found, at)

    def _was_there(self, found: Found, at: int) -> bool:
        return self.compared and at not in found.brought

    def of_twin(self, found: Found) -> Iterator[Finding]:
        """A copy that was edited, the first one, while the others were not."""
        copy, *others = found.copies
        rule = "missed-twin"
        these = "the other copy is" if len(others) == 1 else "the other copies are"
        edited = f" in {found.what}" if found.what else ""
        message = f"you changed this copy{edited}, and {these} as before: {_places(others)}"
        permission = self.permissions.of(copy)
        if permission is None:
            yield self._finding(rule, message, copy, others, found.content, NEW, self._how_to_allow(copy))
        elif self._first_time(copy.path, permission.line):
            yield self._finding(rule, message, copy, others, found.content, ALLOWED, permission.reason)

    def of_idle_comments(self, paths: Iterable[str]) -> Iterator[Finding]:
        """The comments in some files that allow nothing. They are only told: nothing in the code is wrong."""
        status = "" if not self.compared else EXISTING if self.whole else NEW
        for copy, message in self.permissions.idle(paths):
            source = self._first_line(copy)
            finding = self._finding("idle-comment", message, copy, (), source.encode(), status)
            finding.severity = "info"
            yield finding

    def _copied(self, found: Found, at: int, all_of: Sequence[int], status: str) -> Finding:
        copy = found.copies[at]
        others = [found.copies[other] for other in all_of if other != at]
        complaints = [told for each in (copy, *others) for told in self.permissions.complaints(each)]
        detail = "\n".join(complaints) or (self._how_to_allow(copy) if status == NEW else "")
        return self._finding("copied-code", _message(found, copy, others), copy, others, found.content, status, detail)

    def _allowed(self, found: Found, at: int) -> Iterator[Finding]:
        copy = found.copies[at]
        others = [other for number, other in enumerate(found.copies) if number != at]
        permission = self.permissions.of(copy)
        if permission is not None and self._first_time(copy.path, permission.line):
            message = _message(found, copy, others)
            yield self._finding("copied-code", message, copy, others, found.content, ALLOWED, permission.reason)

    def _first_time(self, path: str, line: int) -> bool:
        """Whether a comment was not told yet: it may allow several pieces of its code, and counts once."""
        if (path, line) in self._granted:
            return False
        self._granted.add((path, line))
        return True

    def _how_to_allow(self, copy: Copy) -> str:
        """What became of the comments that were to allow a copy, or what such a comment would be."""
        hint = f"To keep it, write a comment above it: gateline: allow-copy {self.permissions.digest(copy)} <reason>"
        return "\n".join(self.permissions.complaints(copy)) or hint

    def _first_line(self, copy: Copy) -> str:
        """The first line of a copy, for display; "" when its file is gone."""
        if self._shown[0] != copy.path:
            try:
                with open(f"{self._root}/{copy.path}", "rb") as file:
                    self._shown = copy.path, file.read().split(b"\n")
            except OSError:
                return ""
        lines = self._shown[1][copy.first_line - 1 : copy.first_line]
        return b"".join(lines)[: 4 * SOURCE].decode("utf-8", "replace").strip()[:SOURCE]

    def _finding(
        self,
        rule: str,
        message: str,
        copy: Copy,
        others: Sequence[Copy],
        content: bytes,
        status: str,
        detail: str = "",
    ) -> Finding:
        return Finding(
            self.gate,
            rule,
            message,
            place=_place(copy),
            source=self._first_line(copy),
            related=[_place(other) for other in others],
            fingerprint=fingerprint(self.gate, rule, content.hex()),
            status=status,
            detail=detail,
        )


def numbers_of_lines(lines: Iterable[int]) -> str:
    """Some lines in words, rows of them together: "line 3", "lines 3, 7-12"; "" for none."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    texts = [f"{run[0]}" + (f"-{run[-1]}" if len(run) > 1 else "") for run in runs[:RUNS_NAMED]]
    more = " and more" if len(runs) > RUNS_NAMED else ""
    several = len(runs) > 1 or any(len(run) > 1 for run in runs)
    return f"line{'s' if several else ''} {', '.join(texts)}{more}" if runs else ""


def merged_twins(twins: Iterable[Found]) -> list[Found]:
    """Each edited copy once, with all the others that miss its edit: shorter pieces of it may have further ones."""
    result: list[Found] = []
    for twin in twins:
        copy, *others = twin.copies
        same = next((each for each in result if _overlap(each.copies[0], copy)), None)
        if same is None:
            result.append(twin)
        else:
            more = [other for other in others if not any(_overlap(other, known) for known in same.copies)]
            same.copies = [same.copies[0], *sorted([*same.copies[1:], *more], key=Copy.as_tuple)]
    return result


def _overlap(one: Copy, other: Copy) -> bool:
    return one.path == other.path and one.first_line <= other.last_line and other.first_line <= one.last_line


def _message(found: Found, copy: Copy, others: Sequence[Copy]) -> str:
    lines = copy.last_line - copy.first_line + 1
    stand = "stand" if len(others) == 1 else "stand also"
    return f"{lines} lines ({found.tokens} tokens) {stand} in {_places(others)}: {found.what}"


def _places(copies: Sequence[Copy]) -> str:
    named = ", ".join(f"{copy.path}:{copy.first_line}" for copy in copies[:SHOWN])
    more = len(copies) - SHOWN
    return f"{named} and {more} more place{'s' if more > 1 else ''}" if more > 0 else named


def _place(copy: Copy) -> Place:
    return Place(copy.path, copy.first_line, copy.last_line)
