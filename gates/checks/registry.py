"""The gate of a kind, imported when it is first asked for: a hook pays only for the gates that it runs."""

from __future__ import annotations

import sys

from gates.errors import CannotRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import AnalysisGate, CommandGate

__all__ = ["gate_for"]


def gate_for(kind: str) -> CommandGate | AnalysisGate:
    """The gate of a kind that the configuration allows. Raises CannotRun when this installation lacks it."""
    name = f"gates.checks.{kind}"
    if name not in sys.modules:
        try:
            __import__(name)  # `import importlib` costs more than the registry does
        except ModuleNotFoundError as error:
            if error.name == name:
                raise CannotRun(f"there is no check of the kind {kind!r}") from None
            raise CannotRun(
                f"the check {kind!r} needs the module {error.name!r}, which is not installed",
                hint="Install Gateline again with all of its dependencies: pip install --force-reinstall gateline",
            ) from error
    gate: CommandGate | AnalysisGate = sys.modules[name].GATE
    return gate
