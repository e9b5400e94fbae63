"""GitLab's Code Quality report: a JSON list of what is wrong in files, for the merge request's widget.

GitLab itself compares it with the target branch's, so existing findings belong in it. A finding without a place has
none in this format either; the job fails by its exit code all the same.
"""

from __future__ import annotations

import json
from typing import Any

from gates.finding import Finding
from gates.reports.selection import current
from gates.verdict import Verdict

__all__ = ["render"]


def render(verdict: Verdict) -> str:
    """The current findings with a place as a Code Quality report; fingerprints are unique within it."""
    found = [finding for outcome in verdict.outcomes for finding in current(outcome) if finding.place]
    seen: dict[str, int] = {}
    issues = [_issue(finding, seen) for finding in sorted(found, key=Finding.sort_key)]
    return json.dumps(issues, ensure_ascii=True, indent=1) + "\n"


def _issue(finding: Finding, seen: dict[str, int]) -> dict[str, Any]:
    assert finding.place is not None
    count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
    path = finding.place.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {
        "description": f"{finding.gate} {finding.rule}: {finding.message}",
        "check_name": f"{finding.gate}/{finding.rule}",
        # Two gates, or two shards, may name the same thing: GitLab drops all but one of a fingerprint.
        "fingerprint": finding.fingerprint if count == 1 else f"{finding.fingerprint}.{count}",
        "severity": finding.severity,
        "location": {
            "path": path,
            "lines": {"begin": max(1, finding.place.start_line), "end": max(1, finding.place.end_line)},
        },
    }
