"""Examining a change: what secrets it brings, in the tree and in each commit that leads there."""

from __future__ import annotations

import os
from collections import Counter
from itertools import groupby

from gates.checks.objects import repository_of
from gates.checks.secrets.judge import ENTROPY
from gates.checks.secrets.patches import BINARY_START, Patch, commit_patches, tree_patches
from gates.checks.secrets.scan import ALLOWED, REASON, Scanner, Secret, is_secret_file
from gates.evidence import Evidence
from gates.finding import EXISTING, NEW, Finding, Place, fingerprint
from gates.git.change import EMPTY_TREE
from gates.globs import Globs
from gates.newness import blocking
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["examine"]

SHORT = 10
"""Characters of a commit id that are shown."""


def examine(context: GateContext) -> Outcome:
    """The outcome of the secrets gate."""
    return _Examination(context).outcome()


class _Hit:
    """A finding and the secret it is about (None: it is about a whole file, or a remark)."""

    __slots__ = ("finding", "value")

    def __init__(self, finding: Finding, value: str = "") -> None:
        self.finding = finding
        self.value = value


class _Examination:
    def __init__(self, context: GateContext) -> None:
        self.context = context
        self.change = context.change
        self.name = context.settings.name
        options = context.settings.options
        self.scanner = Scanner(entropy=options.get("entropy", ENTROPY), allow=options.get("allow", ()))
        self.evidence = Evidence()
        self.repository = repository_of(context)
        self.asked = set(context.files)
        self.commits: set[str] = set()
        self.looked: set[str] = set()

    def outcome(self) -> Outcome:
        change, evidence = self.change, self.evidence
        patches = [] if change.everything and change.base_tree == EMPTY_TREE else self._tree_patches()
        hits = self._whole_files() if change.everything else self._added_lines(patches)
        self._set_status(hits, patches)
        hits += self._history(hits)
        findings = [hit.finding for hit in hits]
        evidence.files = len(self.looked)
        metrics = {"secrets": float(len({hit.value for hit in hits if hit.value}))}
        if self.commits:
            metrics["commits"] = float(len(self.commits))
        outcome = self.context.outcome(FAILED, findings=findings, metrics=metrics, evidence=evidence)
        if evidence.parse_errors and not blocking(outcome, self.context.settings.block):
            outcome.status, outcome.reason = NOT_RUN, evidence.parse_errors[0]
        elif findings:
            fresh = sum(finding.status == NEW for finding in findings)
            what = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
            outcome.reason = f"{what}, {fresh} of them new"
        elif not self.looked:
            outcome.status, outcome.reason = SKIPPED, "the change adds no lines"
        else:
            outcome.status = PASSED
        return outcome

    def _tree_patches(self) -> list[Patch]:
        return tree_patches(self.repository, self.change.base_tree, self.change.tree)

    def _whole_files(self) -> list[_Hit]:
        """Secrets in all files asked about."""
        hits: list[_Hit] = []
        for path in self.context.files:
            try:
                with open(os.path.join(self.context.root, path), "rb") as file:
                    raw = file.read()
            except OSError as error:
                self.evidence.parse_errors.append(f"{path}: it cannot be read: {error.strerror}")
                continue
            if is_secret_file(path):
                hits.append(self._secret_file(path))
            if b"\0" in raw[:BINARY_START]:
                self.evidence.leave_out("binary")
                continue
            self.looked.add(path)
            hits += self._in_text(path, raw, lambda line: line)
        return hits

    def _added_lines(self, patches: Sequence[Patch]) -> list[_Hit]:
        """Secrets in the lines that the change adds."""
        hits: list[_Hit] = []
        for patch in patches:
            if patch.path in self.asked:
                hits += self._in_patch(patch)
        return hits

    def _in_patch(self, patch: Patch) -> list[_Hit]:
        hits = [self._secret_file(patch.path, patch.commit)] if patch.created and is_secret_file(patch.path) else []
        if patch.binary:
            self._leave_out("binary", patch.commit)
            return hits
        self.looked.add(patch.path)
        return hits + self._in_text(patch.path, patch.added, lambda line: patch.numbers[line - 1], patch.commit)

    def _leave_out(self, reason: str, commit: str) -> None:
        """Count what is passed over, once: a commit on the way has it as well."""
        if not commit:
            self.evidence.leave_out(reason)

    def _in_text(self, path: str, text: bytes, number: Callable[[int], int], commit: str = "") -> list[_Hit]:
        secrets = self.scanner.scan(path, text)
        if not secrets:
            return []
        lines = text.split(b"\n")
        hits = []
        for secret in secrets:
            remark = ALLOWED.search(lines[secret.line - 1])
            place = Place(path, number(secret.line))
            if remark is None:
                hits.append(_Hit(self._secret(secret, place, commit), secret.value))
            elif REASON.search(remark[1]):
                self._leave_out("allowed in the line, with a reason", commit)
            else:
                hits.append(_Hit(self._unexplained(secret, place)))
        return hits

    def _secret(self, secret: Secret, place: Place, commit: str) -> Finding:
        kind = secret.kind
        shown = f" {secret.shown}" if kind.shown else ""
        where = (
            f" in commit {commit[:SHORT]}; it is not in the tree any more, but in the history that leads to it"
            if commit
            else ""
        )
        # What identifies it is the line around it: no digest of the secret itself leaves the process, not even one
        # with a key, because a short password is found from a digest by trying.
        return Finding(
            self.name,
            kind.rule,
            f"{kind.what}{shown}{where}",
            place=place,
            severity=kind.severity,
            source=secret.source,
            fingerprint=fingerprint(self.name, kind.rule, secret.source),
        )

    def _unexplained(self, secret: Secret, place: Place) -> Finding:
        return Finding(
            self.name,
            "allow-without-reason",
            f"{secret.kind.what}, allowed by a remark that gives no reason",
            place=place,
            source=secret.source,
            fingerprint=fingerprint(self.name, "allow-without-reason", secret.source),
        )

    def _secret_file(self, path: str, commit: str = "") -> _Hit:
        name = os.path.basename(path)
        where = f" (in commit {commit[:SHORT]}, taken out again later)" if commit else ""
        finding = Finding(
            self.name,
            "secret-file",
            f"files named {name} hold secrets and do not belong in a repository{where}",
            place=Place(path),
            fingerprint=fingerprint(self.name, "secret-file", name),
        )
        return _Hit(finding)

    def _set_status(self, hits: list[_Hit], patches: Sequence[Patch]) -> None:
        """New is what stands in an added line and was not taken out of another one: moving a secret is no new one."""
        added = {(patch.path, number) for patch in patches for number in patch.numbers}
        created = {patch.path for patch in patches if patch.created}
        credit = self._removed_values(patches)
        all_new = self.change.base_tree == EMPTY_TREE
        for hit in hits:
            place = hit.finding.place
            assert place is not None
            if hit.finding.rule == "secret-file":
                is_new = place.path in created
            else:
                is_new = (place.path, place.start_line) in added
            if is_new and hit.value and credit[hit.value] > 0:
                credit[hit.value] -= 1
                is_new = False
            hit.finding.status = NEW if is_new or all_new else EXISTING

    def _removed_values(self, patches: Sequence[Patch]) -> Counter[str]:
        return Counter(
            secret.value
            for patch in patches
            if patch.removed
            for secret in self.scanner.scan(patch.path, patch.removed)
        )

    def _history(self, hits: list[_Hit]) -> list[_Hit]:
        """What a commit on the way adds and a later one takes out again: it is pushed all the same."""
        change = self.change
        if change.commit in ("", change.base_commit) or self.context.side == "base":
            return []
        if not change.base_commit and change.door != "push":
            return []  # nothing to compare with: it is about the tree, not about a range of commits
        seen = _Seen(hits)
        patches = commit_patches(self.repository, change.base_commit, change.commit)
        for commit, group in groupby(patches, key=lambda patch: patch.commit):
            self.commits.add(commit)
            wanted = [patch for patch in group if not self._is_left_out(patch.path)]
            seen.credit += self._removed_values(wanted)
            for patch in wanted:
                for hit in self._in_patch(patch):
                    seen.add(hit, commit)
        return seen.more

    def _is_left_out(self, path: str) -> bool:
        """Whether the configuration leaves a file out."""
        exclude = self.context.settings.exclude
        if exclude and Globs(exclude).match(path):
            return True
        files = self.context.settings.files
        return bool(files) and not Globs(files).match(path)


class _Seen:
    """What is known of secrets while the commits are walked, the oldest first.

    more    what is in a commit and not in the tree any more
    credit  how often each value was taken out of a line: putting it back elsewhere brings nothing
    """

    def __init__(self, hits: Sequence[_Hit]) -> None:
        self.in_tree = {hit.value: hit.finding for hit in hits if hit.value}
        self.told: set[str] = set()
        self.files = {_path(hit) for hit in hits if hit.finding.rule == "secret-file"}
        self.credit: Counter[str] = Counter()
        self.more: list[_Hit] = []

    def add(self, hit: _Hit, commit: str) -> None:
        if not hit.value:
            self._add_file(hit)
        elif hit.value in self.told:
            return
        elif hit.value in self.in_tree:
            self.told.add(hit.value)
            if self.in_tree[hit.value].status == NEW:
                self.in_tree[hit.value].message += f" (added by commit {commit[:SHORT]})"
        elif self.credit[hit.value] > 0:
            self.credit[hit.value] -= 1
        else:
            self.told.add(hit.value)
            self._keep(hit)

    def _add_file(self, hit: _Hit) -> None:
        if hit.finding.rule == "secret-file" and _path(hit) not in self.files:
            self.files.add(_path(hit))
            self._keep(hit)

    def _keep(self, hit: _Hit) -> None:
        hit.finding.status = NEW
        self.more.append(hit)


def _path(hit: _Hit) -> str:
    return hit.finding.place.path if hit.finding.place else ""
