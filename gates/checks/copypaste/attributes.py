"""What .gitattributes says of generated and vendored files, in the words that GitHub's linguist reads."""

from __future__ import annotations

import os
import re

from gates.checks.copypaste.noise import GENERATED, VENDORED
from gates.globs import Globs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Attributes"]

_WORDS = re.compile(r"(-|!)?linguist-(generated|vendored)(?:=(\w+))?$")
_REASONS = {"generated": GENERATED, "vendored": VENDORED}
_LARGEST = 1 << 20


class Attributes:
    """The .gitattributes files of a tree. Later lines win over earlier ones, deeper files over higher ones."""

    def __init__(self, root: str, paths: Iterable[str]) -> None:
        """`paths` are all files of the tree, among them the .gitattributes."""
        self.rules: list[tuple[str, Globs, str, bool]] = []
        for path in sorted((p for p in paths if p.rpartition("/")[2] == ".gitattributes"), key=lambda p: p.count("/")):
            folder = path.rpartition("/")[0]
            self.rules += [(folder + "/" if folder else "", *rule) for rule in _read(os.path.join(root, path))]

    def reason(self, path: str) -> str:
        """`generated` or `vendored`, or "" when nothing says so."""
        found: dict[str, bool] = {}
        for folder, globs, reason, value in self.rules:
            if path.startswith(folder) and globs.match(path[len(folder) :]):
                found[reason] = value
        return next((reason for reason, value in sorted(found.items()) if value), "")


def _read(path: str) -> Iterable[tuple[Globs, str, bool]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(_LARGEST).splitlines()
    except OSError:
        return
    for line in lines:
        pattern, *words = line.split() or [""]
        if pattern.startswith(("#", "[", '"')):
            continue
        for word in words:
            found = _WORDS.match(word)
            if found:
                value = not found[1] and (found[3] or "true").lower() not in ("false", "0")
                yield Globs([pattern]), _REASONS[found[2]], value
