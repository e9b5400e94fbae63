"""Asking an advisory database, by the tool that each language has for it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from gates.checks.dependencies.finds import Finds, table
from gates.errors import CannotRun
from gates.process import find_program

__all__ = ["audit_node", "audit_python"]

SEVERITIES = {"critical": "blocker", "high": "critical", "moderate": "major", "low": "minor", "info": "info"}
SECONDS = 300


def audit_python(root: str, place: str, finds: Finds, ignore: set[str]) -> None:
    """Of what is installed in the project's environment. Raises CannotRun."""
    said = _ask(["pip-audit", "--strict", "--format=json", "--progress-spinner=off"], root)
    for package in said.get("dependencies", ()):
        for found in package.get("vulns", ()):
            ids = [str(found["id"]), *map(str, found.get("aliases", ()))]
            if not ignore & {one.lower() for one in [*ids, package["name"]]}:
                versions = ", ".join(found.get("fix_versions", ())) or "no version yet"
                message = f"{package['name']} {package['version']} has {ids[0]}, which is mended in {versions}"
                url = f"https://osv.dev/vulnerability/{ids[0]}"
                finds.vulnerable(package["name"], ids[0], message, place, "critical", url)


def audit_node(root: str, folder: str, lock: str, finds: Finds, ignore: set[str]) -> None:
    """Of what a lock file names. Raises CannotRun."""
    said = _ask(["npm", "audit", "--json"], os.path.join(root, folder))
    if "vulnerabilities" not in said:
        error = table(said, "error")
        raise CannotRun(f"npm audit could not look: {said.get('message') or error.get('summary') or 'no answer'}")
    for name, found in sorted(table(said, "vulnerabilities").items()):
        for advisory in table(found).get("via", ()):  # type: ignore[attr-defined]
            if not isinstance(advisory, dict):
                continue  # the name of another package of this list, through which it is reached
            url = str(advisory.get("url") or "")
            ident = url.rpartition("/")[2] or str(advisory.get("source"))
            if ignore & {ident.lower(), name.lower()}:
                continue
            message = f"{name} {advisory.get('range', '')}: {advisory.get('title', 'an advisory')} ({ident})"
            severity = SEVERITIES.get(str(advisory.get("severity")), "major")
            finds.vulnerable(name, ident, message, lock, severity, url)


def _ask(words: list[str], folder: str) -> dict[str, Any]:
    """The JSON a tool prints; its exit code only says whether it found something."""
    program = find_program(words[0], os.environ.get("PATH", os.defpath), folder)
    if program is None:
        raise CannotRun(f"the audit needs {words[0]}, which is not installed")
    try:
        done = subprocess.run([program, *words[1:]], cwd=folder, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRun(f"{words[0]} did not answer: {error}") from None
    try:
        said = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CannotRun(f"{words[0]} could not look: {lines[-1] if lines else 'it printed nothing'}") from None
    if not isinstance(said, dict):
        raise CannotRun(f"{words[0]} printed something that is no report")
    return said
