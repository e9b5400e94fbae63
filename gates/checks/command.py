"""The command gate: any program. Its exit code decides, or the findings that it prints, where a format is given."""

from __future__ import annotations

from gates.checks.tool_run import judge, prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import Command, Finished, GateContext
    from gates.outcome import Outcome
    from gates.settings import GateSettings

__all__ = ["GATE"]


class CommandLineGate:
    """Gate of kind `command`; see docs/reference/gates/command.md."""

    kind = "command"
    scope = "project"

    def scope_of(self, settings: GateSettings) -> str:
        scope: str = settings.options.get("scope", self.scope)
        return scope

    def prepare(self, context: GateContext) -> Command:
        files = context.files if self.scope_of(context.settings) == "files" else None
        return prepare(context, files=files, default="exit-code")

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        return judge(context, done, files=self.scope_of(context.settings) == "files", default="exit-code")


GATE = CommandLineGate()
