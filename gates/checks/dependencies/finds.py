"""What both languages report: imports of packages nobody declared, declarations nobody uses."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.finding import Finding, Place, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Declared", "Finds", "Project"]

RELATED = 10
"""Further places of the same import that a finding names."""


@dataclass(frozen=True)
class Declared:
    """One declared package. needed: at run time, so that it should be used by what is shipped."""

    name: str
    path: str
    line: int = 1
    needed: bool = True


@dataclass
class Project:
    """One folder with a file that declares.

    folder    relative to the tree, "" for its top
    declared  canonical name -> declaration
    own       names that it provides itself
    """

    folder: str
    declared: dict[str, Declared] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def holds(self, path: str) -> bool:
        return not self.folder or path.startswith(self.folder + "/")


class Finds:
    """Findings by package; each package is told once, at the first place."""

    def __init__(self, gate: str) -> None:
        self.gate = gate
        self.places: dict[tuple[str, str], list[Place]] = {}
        self.wrong: list[Finding] = []
        self.unused: list[Finding] = []

    def undeclared(self, package: str, message: str, place: Place) -> None:
        """An import that is not covered; `message` of the first one counts."""
        known = self.places.setdefault(("undeclared", package), [])
        known.append(place)
        if len(known) == 1:
            self.wrong.append(self._finding("undeclared", package, message, place, "major"))
        elif len(known) <= RELATED + 1:
            finding = next(f for f in self.wrong if f.place == known[0] and f.rule == "undeclared")
            finding.related = tuple(known[1:])

    def add_unused(self, declared: Declared) -> None:
        message = f"{declared.name} is declared and nothing imports it"
        place = Place(declared.path, declared.line)
        self.unused.append(self._finding("unused", declared.name, message, place, "minor"))

    def lock(self, package: str, message: str, path: str) -> None:
        self.wrong.append(self._finding("lock-out-of-date", package, message, Place(path), "major"))

    def vulnerable(self, package: str, advisory: str, message: str, path: str, severity: str, url: str) -> None:
        finding = self._finding("vulnerable", f"{package} {advisory}", message, Place(path), severity)
        finding.url = url
        self.wrong.append(finding)

    def _finding(self, rule: str, about: str, message: str, place: Place, severity: str) -> Finding:
        return Finding(
            self.gate,
            rule,
            message,
            place=place,
            severity=severity,
            fingerprint=fingerprint(self.gate, rule, about),
        )


def line_of(text: str, name: str) -> int:
    """The line in which a package is declared, 1 where that cannot be told."""
    import re

    form = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    return next((number for number, line in enumerate(text.splitlines(), 1) if form.search(line)), 1)


def table(data: object, *keys: str) -> Mapping[str, object]:
    """The mapping at a path of keys, empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
