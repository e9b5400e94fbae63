"""The dependencies gate: what is imported is declared, the lock file fits, and nothing known to be unsafe is used."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import Command, Finished, GateContext
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

RULES = {
    "undeclared": {
        "meaning": "A package is imported and no file of the project declares it.",
        "why": "It works only where something else has installed it, and breaks when that no longer does.",
        "fix": "Declare it: pyproject.toml, requirements.txt, package.json.",
        "suppress": "Name the package in the option `ignore`. An import inside try/except ImportError is optional.",
    },
    "unused": {
        "meaning": "A package is declared and nothing imports or names it. Only reported, it closes no door.",
        "why": "Every dependency costs installation time, and updates when it turns out to be unsafe.",
        "fix": "Take the declaration out.",
        "suppress": "Name the package in the option `ignore`.",
    },
    "lock-out-of-date": {
        "meaning": "package-lock.json does not fit package.json.",
        "why": "`npm ci` refuses it, and `npm install` installs something else than was tested.",
        "fix": "npm install --package-lock-only, and commit the lock file.",
        "suppress": "Not possible: without a lock file there is nothing to compare.",
    },
    "vulnerable": {
        "meaning": "An advisory is known for the version of a package (only with the option `audit`).",
        "why": "Somebody else knows it too.",
        "fix": "Update to one of the versions that the message names.",
        "suppress": "Name the advisory by its id in the option `ignore`.",
    },
}


class DependenciesGate:
    """Gate of kind `dependencies`; see docs/reference/gates/dependencies.md.

    With `run` it is that command (deptry, pip-audit, npm run test:deps); without, it looks itself.
    """

    kind = "dependencies"
    scope = "project"
    needs_all_files = True

    def prepare(self, context: GateContext) -> Command:
        from gates.checks.tool_run import prepare

        return prepare(context, files=None)

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        from gates.checks.dependencies.command import judge

        return judge(context, done)

    def examine(self, context: GateContext) -> Outcome:
        from gates.checks.dependencies.examine import examine

        return examine(context)


GATE = DependenciesGate()
