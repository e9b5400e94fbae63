"""Reading coverage data: coverage.py JSON, Cobertura XML, LCOV; and finding its files in the tree."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Data", "Report", "locate", "parse"]

Data = dict[str, dict[int, bool]]
"""File -> coverable line -> whether it was executed."""

FOREIGN = ("/site-packages/", "/dist-packages/", "/node_modules/")
"""Installed packages are never files of the tree, however alike their paths may look."""


@dataclass
class Report:
    """What a report says: `lines` by the file names it uses, `sources` the folders they may be relative to."""

    tool: str
    version: str = ""
    lines: Data = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def add(self, name: str, line: int, executed: bool) -> None:
        """Several records about one line (branches, classes, test suites) count as executed when one of them does."""
        lines = self.lines.setdefault(name, {})
        lines[line] = lines.get(line, False) or executed


def parse(raw: bytes) -> Report:
    """The report in whichever of the formats it is. Raises ValueError with a sentence when it is none of them."""
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return _coverage_py(raw)
    if start == b"<":
        return _cobertura(raw)
    if b"SF:" in raw:
        return _lcov(raw)
    raise ValueError("this is neither coverage.py JSON, nor Cobertura XML, nor LCOV")


def _coverage_py(raw: bytes) -> Report:
    try:
        data = json.loads(raw)
        report = Report("coverage.py", str(data["meta"]["version"]))
        for name, facts in data["files"].items():
            report.lines.setdefault(name, {})  # a file without any statement is measured all the same
            for line in facts["missing_lines"]:
                report.add(name, int(line), False)
            for line in facts["executed_lines"]:
                report.add(name, int(line), True)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("this JSON is not what `coverage json` writes") from None
    return report


def _cobertura(raw: bytes) -> Report:
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314  expat limits entity expansion, and external ones are not read
    except ElementTree.ParseError as error:
        raise ValueError(f"this XML is not well-formed: {error}") from None
    if root.tag != "coverage" or root.find("packages") is None:
        raise ValueError("this XML is not Cobertura's")
    report = Report("cobertura", root.get("version", ""))
    report.sources = [source.text.strip() for source in root.iterfind("sources/source") if source.text]
    try:
        for unit in root.iterfind("packages/package/classes/class"):
            name = unit.attrib["filename"]
            report.lines.setdefault(name, {})
            for line in unit.iterfind("lines/line"):
                report.add(name, int(line.attrib["number"]), int(line.attrib["hits"]) > 0)
    except (KeyError, ValueError):
        raise ValueError("this Cobertura XML lacks file names, line numbers or hits") from None
    return report


def _lcov(raw: bytes) -> Report:
    report = Report("lcov")
    name = ""
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").splitlines(), 1):
        kind, _, value = line.strip().partition(":")
        if kind == "SF":
            name = value
            report.lines.setdefault(name, {})
        elif kind == "DA":
            fields = value.split(",")
            try:
                report.add(name, int(fields[0]), float(fields[1]) > 0)
            except (ValueError, IndexError):
                raise ValueError(f"line {number} of this LCOV file cannot be understood") from None
    return report


def locate(report: Report, root: str, files: Iterable[str]) -> Data:
    """The report's lines by the paths of the tree; what belongs to no file of it is left out.

    Names may be relative to the tree, to one of the report's sources, or absolute, also of another machine.
    """
    known = set(files)
    endings: dict[str, list[str]] = {}
    for path in sorted(known):
        endings.setdefault(os.path.basename(path), []).append(path)
    found: Data = {}
    for name, lines in report.lines.items():
        path = _path(name.replace("\\", "/"), report.sources, root, known, endings)
        if path:
            merged = found.setdefault(path, {})
            for line, executed in lines.items():
                merged[line] = merged.get(line, False) or executed
    return found


def _path(name: str, sources: list[str], root: str, known: set[str], endings: dict[str, list[str]]) -> str:
    if any(part in f"/{name}" for part in FOREIGN):
        return ""
    # A source comes first: "app.py" below the source "src" is not the app.py at the top.
    names = [*(f"{source.rstrip('/')}/{name}" for source in sources if not name.startswith("/")), name]
    for find in (_exact, _by_ending):
        for full in names:
            path = find(full, root, known)
            if path:
                return path
    alike = [path for path in endings.get(os.path.basename(name), ()) if path.endswith("/" + name)]
    return alike[0] if len(alike) == 1 else ""


def _exact(name: str, root: str, known: set[str]) -> str:
    full = os.path.normpath(os.path.join(root, name))
    for top in (root, os.path.realpath(root)):
        path = full.removeprefix(top + os.sep)
        if path in known:
            return path
    return ""


def _by_ending(name: str, root: str, known: set[str]) -> str:
    """The file with the longest ending of the name, and never the bare file name: too many are called index.js."""
    parts = os.path.normpath(name).strip("/").split("/")
    return next((path for path in ("/".join(parts[start:]) for start in range(len(parts) - 1)) if path in known), "")
