"""Whether package-lock.json is of this package.json."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from gates.checks.dependencies.finds import Finds, table
from gates.checks.dependencies.node import GROUPS

__all__ = ["check_locks"]

LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
"""npm reads the first that is there."""


def check_locks(root: str, files: Iterable[str], finds: Finds, errors: list[str]) -> int:
    """Compare every lock file with the package.json files that it is about; returns how many there are."""
    known = set(files)
    count = 0
    for path in sorted(known):
        folder, name = os.path.split(path)
        package = os.path.join(folder, "package.json")
        if name not in LOCKS or package not in known or "node_modules/" in path:
            continue
        if name == LOCKS[1] and os.path.join(folder, LOCKS[0]) in known:
            continue
        count += 1
        try:
            for what, message in _differences(root, folder, path):
                finds.lock(what, message, path)
        except (OSError, ValueError) as error:
            errors.append(f"{path}: {error}")
    return count


def _differences(root: str, folder: str, path: str) -> Iterator[tuple[str, str]]:
    """What does not fit: the package it is about, and a sentence. Raises OSError and ValueError."""
    lock = _read(os.path.join(root, path))
    if "packages" not in lock:
        yield from _old_form(root, folder, lock)
        return
    for place, locked in table(lock, "packages").items():
        if "node_modules/" in place:
            continue
        package = os.path.join(folder, place, "package.json")
        if not os.path.isfile(os.path.join(root, package)):
            yield place, f"it locks the workspace {place}, which is not there"
            continue
        yield from _of_package(_read(os.path.join(root, package)), table(locked), place, table(lock, "packages"))


def _of_package(package: dict[str, Any], locked: Any, place: str, packages: Any) -> Iterator[tuple[str, str]]:
    where = f" of {place}" if place else ""
    for group in GROUPS:
        wanted, found = table(package, group), table(locked, group)
        for name in sorted({*wanted, *found}):
            if name not in found and group in GROUPS[:2] and _in_other_group(name, package, group):
                continue
            if wanted.get(name) != found.get(name):
                yield name, _sentence(name, wanted.get(name), found.get(name), where)
            elif group in GROUPS[:2] and not _is_locked(name, place, packages):
                yield name, f"{name}{where} is declared and no version of it is locked"


def _in_other_group(name: str, package: dict[str, Any], group: str) -> bool:
    """Whether npm counts a dependency that stands twice under its other group."""
    return any(name in table(package, other) for other in GROUPS if other != group)


def _sentence(name: str, wanted: object, found: object, where: str) -> str:
    if found is None:
        return f"{name}{where} is declared and not locked"
    if wanted is None:
        return f"{name}{where} is locked and not declared any more"
    return f"{name}{where} is declared as {wanted} and locked as {found}"


def _is_locked(name: str, place: str, packages: Any) -> bool:
    """Whether there is an entry for a package where Node would look for it."""
    folder = place
    while True:
        if (f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}") in packages:
            return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def _old_form(root: str, folder: str, lock: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Locks of npm 6 and before know only what is installed."""
    package = _read(os.path.join(root, folder, "package.json"))
    locked = table(lock, "dependencies")
    for group in GROUPS[:2]:
        for name in table(package, group):
            if name not in locked:
                yield name, f"{name} is declared and not locked"


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if not isinstance(data, dict):
        raise ValueError("it is not a mapping")
    return data
