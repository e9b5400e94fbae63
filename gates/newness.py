"""New, existing, fixed: a gate's findings on the tree under test against its findings on the base tree.

Both trees are analysed by the same tool at the same time, so there is no baseline file that goes stale. Findings are
matched by their content-based fingerprints as a multiset, whatever file or line they stand in: moved, renamed and
shifted code brings nothing new. Of two equal findings where the base has one, exactly one is new.
"""

from __future__ import annotations

from gates.finding import ALLOWED, EXISTING, FIXED, NEW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gates.finding import Finding
    from gates.outcome import Outcome

__all__ = ["arrived_rules", "blocking", "by_lines", "classify"]


def classify(
    head: Iterable[Finding],
    base: Iterable[Finding],
    changed: Mapping[str, Sequence[tuple[int, int]]] | None = None,
) -> list[Finding]:
    """Set the status of every finding of `head` to NEW or EXISTING; returns those of `base` that are gone, as FIXED.

    changed  the lines that the change adds (path -> [(first, last)]), where known: of several equal findings those
             in added lines are the new ones
    """
    before = _grouped(base)
    fixed: list[Finding] = []
    for stem, found in _grouped(head).items():
        old = before.pop(stem, [])
        fixed += _match(found, old, changed or {})
    for gone in before.values():
        fixed += gone
    for finding in fixed:
        finding.status = FIXED
    return sorted(fixed, key=lambda finding: finding.sort_key())


def by_lines(findings: Iterable[Finding], changed: Mapping[str, Sequence[tuple[int, int]]]) -> None:
    """Call what stands in no added line existing, and the rest new, without having looked at the base."""
    for finding in findings:
        finding.status = NEW if finding.place is None or _is_in(finding, changed) else EXISTING


def _grouped(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by fingerprint without the number that `number_fingerprints` adds to repeated ones."""
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: (finding.sort_key(), finding.fingerprint)):
        groups.setdefault(finding.fingerprint.partition("-")[0], []).append(finding)
    return groups


def _match(found: list[Finding], old: list[Finding], changed: Mapping[str, Sequence[tuple[int, int]]]) -> list[Finding]:
    """Call as many of `found` existing as there are `old` ones, the likeliest first; returns the old that are left."""
    left = list(old)
    waiting = sorted(found, key=lambda finding: _is_in(finding, changed))  # what stands in old lines is served first
    for same_file in (True, False):
        for finding in list(waiting):
            partner = next((other for other in left if not same_file or _path(other) == _path(finding)), None)
            if partner is not None:
                left.remove(partner)
                waiting.remove(finding)
                finding.status = EXISTING
    for finding in waiting:
        finding.status = NEW
    return left


def _path(finding: Finding) -> str:
    return finding.place.path if finding.place else ""


def _is_in(finding: Finding, changed: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    place = finding.place
    if place is None:
        return False
    return any(first <= place.end_line and place.start_line <= last for first, last in changed.get(place.path, ()))


def arrived_rules(outcome: Outcome, accepted_version: str) -> set[str]:
    """Rules that came with an upgrade of the gate's tool that nobody has accepted yet.

    While the tool's version differs from `accepted_version`, these are the rules that the base tree, which was fine
    by the accepted version, violates now. "" accepts every version.
    """
    version = outcome.evidence.version
    if not accepted_version or not version or version == accepted_version:
        return set()
    return {finding.rule for finding in outcome.findings if finding.status in (EXISTING, FIXED)}


def blocking(outcome: Outcome, block: str, accepted_version: str = "") -> list[Finding]:
    """The findings that make the gate fail.

    block             as configured: `none` of them, `all` in the tree, or the `new` ones; a finding that was not
                      compared with a base counts as new
    accepted_version  the version of the tool whose rules are accepted, see `arrived_rules`
    """
    if block == "none":
        return []
    passing = {FIXED, ALLOWED} if block == "all" else {FIXED, ALLOWED, EXISTING}
    arrived = arrived_rules(outcome, accepted_version)
    return [finding for finding in outcome.findings if finding.status not in passing and finding.rule not in arrived]
