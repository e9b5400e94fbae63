"""The complexity gate: no Python function may be harder to understand than the configured rank."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

RULES = {
    "too-complex": {
        "meaning": "A function has more independent paths through it (cyclomatic complexity) than its rank allows.",
        "why": "Every path has to be understood by whoever changes it, and needs a test of its own.",
        "fix": "Move parts of it into functions with a name; return early; put cases into a table.",
        "suppress": "Raise `max`, or take the file out with `exclude`. With `block: new`, old functions do not block.",
    },
    "module-too-complex": {
        "meaning": "The functions of a file are on average more complex than the option `modules` allows.",
        "why": "One big function may be the exception; a whole file of them is how the code is written.",
        "fix": "Simplify its most complex functions: `radon cc FILE` lists them.",
        "suppress": "Raise `modules`, or take the file out with `exclude`.",
    },
    "average-too-complex": {
        "meaning": "The functions of the whole tree are on average more complex than the option `average` allows.",
        "why": "It tells the drift of many small changes, none of which is too complex by itself.",
        "fix": "Simplify the functions that the change made more complex.",
        "suppress": "Raise `average`.",
    },
    "hard-to-maintain": {
        "meaning": "A file's maintainability index (size, operators and complexity) has a worse rank than allowed.",
        "why": "Long files with much in them are changed slowly and with mistakes.",
        "fix": "Split the file; simplify its functions.",
        "suppress": "Raise `maintainability`, or take the file out with `exclude`.",
    },
}


class ComplexityGate:
    """Gate of kind `complexity`; see docs/reference/gates/complexity.md.

    It compares itself with the base: it knows the complexity of a function there, so it can tell a function that the
    change made worse from one that was as complex before.
    """

    kind = "complexity"
    scope = "files"
    files = ("*.py",)
    needs_all_files = True
    compares_itself = True

    def examine(self, context: GateContext) -> Outcome:
        from gates.checks.complexity.examine import examine

        return examine(context)


GATE = ComplexityGate()
