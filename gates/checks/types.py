"""The types gate: a type checker over the whole project, for an error may show far from the change that made it."""

from __future__ import annotations

from gates.checks.tool_run import judge, prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import Command, Finished, GateContext
    from gates.outcome import Outcome

__all__ = ["GATE"]


class TypesGate:
    """Gate of kind `types`; see docs/reference/gates/types.md."""

    kind = "types"
    scope = "project"

    def prepare(self, context: GateContext) -> Command:
        return prepare(context, files=None)

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        return judge(context, done, files=False)


GATE = TypesGate()
