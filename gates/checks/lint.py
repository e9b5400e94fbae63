"""The lint gate: a linter or formatter over the changed files, or a script over the project."""

from __future__ import annotations

from gates.checks.calls import parse
from gates.checks.tool_run import judge, prepare
from gates.checks.tools import BY_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import Command, Finished, GateContext
    from gates.outcome import Outcome
    from gates.settings import GateSettings

__all__ = ["GATE", "RULES"]

RULES = {
    "format": {
        "meaning": "A formatter (ruff format, black, isort, prettier) would lay out the file differently.",
        "why": "One layout for all keeps changes small and reviews about what matters.",
        "fix": "Run the formatter on the file; `fix: stage` with `fix_run` does it at commit.",
        "suppress": "Take the file out in the formatter's own configuration, or with `exclude`.",
    },
    "parse-error": {
        "meaning": "The linter could not parse the file, so nothing else in it was looked at.",
        "why": "A file that nobody can read has not passed.",
        "fix": "Mend its syntax, or tell the linter which dialect it is written in.",
        "suppress": "Take the file out in the linter's own configuration, or with `exclude`.",
    },
}


class LintGate:
    """Gate of kind `lint`; see docs/reference/gates/lint.md."""

    kind = "lint"
    scope = "files"
    widened_by = tuple(dict.fromkeys(glob for tool in BY_NAME.values() if tool.files for glob in tool.configs))

    def scope_of(self, settings: GateSettings) -> str:
        """ "files" for a known tool that takes files and was told no paths; a script looks at what it likes."""
        return "files" if settings.run and parse(settings.run).takes_files else "project"

    def files_of(self, settings: GateSettings) -> tuple[str, ...]:
        """The files that the tool understands."""
        call = parse(settings.run) if settings.run else None
        return call.tool.files if call and call.tool and call.takes_files else ()

    def prepare(self, context: GateContext) -> Command:
        return prepare(context, files=self._files(context))

    def judge(self, context: GateContext, done: Finished) -> Outcome:
        return judge(context, done, files=self._files(context) is not None)

    def _files(self, context: GateContext) -> list[str] | None:
        return context.files if self.scope_of(context.settings) == "files" else None


GATE = LintGate()
