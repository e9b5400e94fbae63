"""A finding: one thing wrong, at one place, with a fingerprint that survives moves and line shifts.

These modules (finding, evidence, outcome, settings, change) are on the start-up path of every hook, so they are
plain classes with slots: importing `dataclasses` or `typing` costs more than the work done here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

__all__ = [
    "ALLOWED",
    "EXISTING",
    "FIXED",
    "NEW",
    "SEVERITIES",
    "Finding",
    "Place",
    "fingerprint",
    "number_fingerprints",
]

SEVERITIES = ("info", "minor", "major", "critical", "blocker")
"""From harmless to worst; the words of the Code Quality format."""

NEW = "new"
EXISTING = "existing"
FIXED = "fixed"
ALLOWED = "allowed"


class Place:
    """A range of lines (1-based, both ends included) in one file; `path` is relative to the tree, with "/"."""

    __slots__ = ("column", "end_line", "path", "start_line")

    def __init__(self, path: str, start_line: int = 1, end_line: int = 0, column: int = 0) -> None:
        self.path = path
        self.start_line = start_line
        self.end_line = end_line or start_line
        self.column = column

    def __str__(self) -> str:
        return f"{self.path}:{self.start_line}" + (f":{self.column}" if self.column else "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.as_tuple() == other.as_tuple()

    def __hash__(self) -> int:
        return hash(self.as_tuple())

    def as_tuple(self) -> tuple[str, int, int, int]:
        return (self.path, self.start_line, self.end_line, self.column)

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "start_line": self.start_line,
            "end_line": self.end_line,
            "column": self.column,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Place:
        return cls(data["path"], data["start_line"], data["end_line"], data.get("column", 0))


class Finding:
    """One thing wrong.

    gate         name of the gate as configured (`lint`)
    rule         the tool's own rule id (`E501`), or a word of the gate's (`too-complex`)
    severity     one of SEVERITIES
    place        where it is, or None when it is about the whole tree
    message      one line for a person
    fingerprint  content based, see `fingerprint()`; unique within a run after `number_fingerprints()`
    source       the text of the first line, for display ("" when not known)
    related      other places that belong to it (the other copies of a clone)
    status       NEW / EXISTING / FIXED once compared with the base tree, else ""; ALLOWED where a comment in the source
                 allows it: it never blocks, and its detail is the reason
    url          documentation of the rule, or ""
    detail       further lines for a person (a diff, a traceback), or ""
    """

    __slots__ = (
        "detail",
        "fingerprint",
        "gate",
        "message",
        "place",
        "related",
        "rule",
        "severity",
        "source",
        "status",
        "url",
    )

    def __init__(
        self,
        gate: str,
        rule: str,
        message: str,
        *,
        place: Place | None = None,
        severity: str = "major",
        source: str = "",
        related: Sequence[Place] = (),
        fingerprint: str = "",
        status: str = "",
        url: str = "",
        detail: str = "",
    ) -> None:
        if severity not in SEVERITIES:
            raise ValueError(f"severity {severity!r} is not one of {', '.join(SEVERITIES)}")
        self.gate = gate
        self.rule = rule
        self.message = message
        self.place = place
        self.severity = severity
        self.source = source
        self.related = tuple(related)
        self.fingerprint = fingerprint
        self.status = status
        self.url = url
        self.detail = detail

    @property
    def places(self) -> list[Place]:
        """Where it is, and the other places that belong to it."""
        return [place for place in (self.place, *self.related) if place is not None]

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By file, line and column, so that output never depends on the order in which gates ended."""
        if self.place is None:
            return ("", 0, 0, self.rule, self.message)
        return (self.place.path, self.place.start_line, self.place.column, self.rule, self.message)

    def to_dict(self) -> dict[str, Any]:
        return {
            "gate": self.gate,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "place": self.place.to_dict() if self.place else None,
            "source": self.source,
            "related": [place.to_dict() for place in self.related],
            "fingerprint": self.fingerprint,
            "status": self.status,
            "url": self.url,
            "detail": self.detail,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        return cls(
            data["gate"],
            data["rule"],
            data["message"],
            place=Place.from_dict(data["place"]) if data.get("place") else None,
            severity=data["severity"],
            source=data.get("source", ""),
            related=[Place.from_dict(place) for place in data.get("related", ())],
            fingerprint=data.get("fingerprint", ""),
            status=data.get("status", ""),
            url=data.get("url", ""),
            detail=data.get("detail", ""),
        )


def fingerprint(gate: str, rule: str, *content: str) -> str:
    """Name a finding by what it is about, not where it stands.

    `content` is what identifies it: the text of its source lines, or the qualified name of its function. White space
    is folded, so layout does not matter; neither path nor line number goes in, so moves and renames do not matter.
    Returns 32 hex digits.
    """
    from hashlib import blake2b  # only where there is a finding

    words = [gate, rule, *(" ".join(part.split()) for part in content)]
    return blake2b("\0".join(words).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def number_fingerprints(findings: Iterable[Finding]) -> None:
    """Make equal fingerprints unique: the second, third... in path and line order get a suffix ("-2", "-3")."""
    seen: dict[str, int] = {}
    for finding in sorted(findings, key=Finding.sort_key):
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        if count > 1:
            finding.fingerprint = f"{finding.fingerprint}-{count}"
