"""Examining a tree: the Python side, the Node side, lock files and, where asked for, advisories."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from gates.checks.dependencies import node, python_imports
from gates.checks.dependencies.audit import audit_node, audit_python
from gates.checks.dependencies.finds import Finds, Project
from gates.checks.dependencies.known import canonical
from gates.checks.dependencies.lock import LOCKS, check_locks
from gates.checks.dependencies.node import SCRIPTS, check_node, node_projects
from gates.checks.dependencies.python import check_python
from gates.checks.dependencies.python_declared import python_projects
from gates.checks.kept import Kept
from gates.checks.objects import repository_of
from gates.errors import CannotRun
from gates.evidence import Evidence
from gates.git.trees import list_tree
from gates.newness import blocking
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["examine"]


def examine(context: GateContext) -> Outcome:
    """The outcome of the dependencies gate without a command."""
    return _Examination(context).outcome()


class _Examination:
    def __init__(self, context: GateContext) -> None:
        self.context = context
        self.files = [path for path in context.all_files if "node_modules/" not in path]
        self.finds = Finds(context.settings.name)
        self.evidence = Evidence(files=0)
        self.ignore = {str(name).lower() for name in context.settings.options.get("ignore", ())}
        self.ignore |= {canonical(name) for name in self.ignore}
        self.looked = False
        self.repository = repository_of(context)
        tree = context.change.base_tree if context.side == "base" else context.change.tree
        self.blobs = {file.path: file.blob for file in list_tree(self.repository, tree)}

    def outcome(self) -> Outcome:
        context, evidence, finds = self.context, self.evidence, self.finds
        problem = ""
        python = python_projects(context.root, self.files, evidence.parse_errors)
        scripts = node_projects(context.root, self.files, evidence.parse_errors)
        if python:
            self._python(python)
        if scripts:
            self._node(scripts)
        if context.settings.options.get("audit"):
            problem = self._audit(python)
        metrics = {"undeclared": _count(finds, "undeclared"), "unused": float(len(finds.unused))}
        findings = finds.wrong or finds.unused  # what is only reported must not decide beside what blocks
        outcome = context.outcome(FAILED, findings=findings, metrics=metrics, evidence=evidence)
        problem = problem or (evidence.parse_errors[0] if evidence.parse_errors else "")
        if finds.wrong and (not problem or blocking(outcome, context.settings.block)):
            count = len(finds.wrong)
            outcome.reason = finds.wrong[0].message if count == 1 else f"{count} findings"
        elif problem:
            outcome.status, outcome.reason = NOT_RUN, problem
        elif not self.looked:
            outcome.status = SKIPPED
            outcome.reason = "no file declares dependencies (pyproject.toml, requirements.txt, package.json, ...)"
        else:
            outcome.status = PASSED
        return outcome

    def _python(self, projects: list[Project]) -> None:
        self.looked = True
        imports = self._imports(".py", "python-imports", python_imports.FORM, python_imports.imports_of)
        check_python(self.context.root, self.files, projects, imports, self.finds, self.ignore)

    def _node(self, projects: list[Project]) -> None:
        self.looked = True
        imports = self._imports(SCRIPTS, "script-imports", "1 scripts", node.scripts_imports)
        check_node(self.context.root, self.files, projects, imports, self.finds, self.ignore)
        check_locks(self.context.root, self.files, self.finds, self.evidence.parse_errors)

    def _imports(
        self, endings: str | tuple[str, ...], name: str, form: str, find_out: Callable[[bytes | None], tuple[Any, ...]]
    ) -> dict[str, Iterable[tuple[str, int, int]]]:
        """What each file of a language imports, read only where its content has not been seen before."""
        wanted = {path: self.blobs[path] for path in self.files if path.endswith(endings) and path in self.blobs}
        kept = Kept(self.context.state_dir, name, form, find_out)
        try:
            kept.fill(self.repository, wanted.values())
        finally:
            kept.save()
        self.evidence.files = (self.evidence.files or 0) + len(wanted)
        imports = {}
        for path, blob in wanted.items():
            error, found = kept.found[blob]
            if error:
                self.evidence.parse_errors.append(f"{path}:{error}")
            imports[path] = found
        return imports

    def _audit(self, projects: list[Project]) -> str:
        """Why an advisory database could not be asked, "" when it was."""
        root = self.context.root
        locks = [path for path in self.files if os.path.basename(path) in LOCKS]
        try:
            if projects:
                first = min(declared.path for declared in projects[0].declared.values()) if projects[0].declared else ""
                audit_python(root, first or "pyproject.toml", self.finds, self.ignore)
            for lock in locks:
                audit_node(root, os.path.dirname(lock), lock, self.finds, self.ignore)
        except CannotRun as error:
            return error.message
        if not projects and not locks:
            return "the audit has nothing to look at: no Python project and no lock file of npm"
        return ""


def _count(finds: Finds, rule: str) -> float:
    return float(sum(finding.rule == rule for finding in finds.wrong))
