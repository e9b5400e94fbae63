"""What a run in CI leaves: report files, a verdict, and what GitLab and GitHub show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import TextIO

from gates.attest import SigningKey, resource_uri, write_verdict
from gates.attest.sign import EVIDENCE, SIGNED, UNSIGNED
from gates.ci.system import GITHUB, GITLAB, System
from gates.errors import CannotRun
from gates.git.repository import Repository
from gates.outcome import FAILED, NOT_RUN
from gates.reports import github, gitlab, markdown, terminal
from gates.reports.selection import printed, shown
from gates.reports.style import Style
from gates.reports.write import FILES, forget, write_reports
from gates.verdict import Verdict

__all__ = ["Log", "clear", "save"]

NOT_WELL = (FAILED, NOT_RUN)


def clear(folder: str) -> None:
    """Remove the reports and the verdict of an earlier run. Raises CannotRun."""
    forget(folder, (*FILES.values(), SIGNED, SIGNED + ".sig", UNSIGNED, EVIDENCE))


def save(
    repository: Repository,
    verdict: Verdict,
    folder: str,
    key: SigningKey | None,
    source: str,
    environ: Mapping[str, str],
) -> str:
    """Write every report and the verdict; returns a sentence about the verdict.

    A shard has no verdict of its own: `gateline ci merge` makes that of all of them.
    """
    write_reports(verdict, folder)
    index, total = verdict.shard
    if total > 1:
        return f"{folder} holds shard {index} of {total}: `gateline ci merge` makes one verdict of all"
    resource = resource_uri(repository, environ)
    return write_verdict(verdict, folder, key, resource_uri=resource, policy_name=source).note


class Log:
    """The log of the job, with what the system can show: colour, folded sections, annotations.

    On GitHub, what others wrote could hold commands, in any line: they are switched off from `begin` to `end`.
    """

    def __init__(self, stream: TextIO, system: System, environ: Mapping[str, str]) -> None:
        self.stream = stream
        self.system = system
        self.summary = environ.get("GITHUB_STEP_SUMMARY", "") if system.name == GITHUB else ""
        # Both systems show colours in a log that is no terminal.
        wish = {"FORCE_COLOR": "1"} if system.name and "FORCE_COLOR" not in environ else {}
        self.environ = {**environ, **wish}
        self.style = Style.of(stream, self.environ)
        self.token = ""

    def begin(self) -> None:
        if self.system.name == GITHUB:
            self.token = token_hex(16)
            self._print(f"::stop-commands::{self.token}\n")

    def end(self) -> None:
        if self.token:
            self._print(f"::{self.token}::\n")
            self.token = ""

    def line(self, text: str) -> None:
        self._print(text + "\n")

    def tell(self, verdict: Verdict, reports: str, *, with_table: bool = False) -> None:
        """The result for a person: folded outputs, the findings, the table, and how to repeat what failed.

        with_table  whether no progress has shown the gates before
        """
        self.end()
        for text in self._folded(verdict):
            self._print(text)
        self.begin()
        # The lines of the progress are a table already; where more follows them, it is worth a second one at the end.
        again = with_table or bool(verdict.with_status(*NOT_WELL))
        self._print("\n" + terminal.render(verdict, self.style, reports=reports, with_table=again))
        self.end()
        if self.system.name == GITHUB:
            self._print(github.render(verdict))
        if self.summary:
            _append(self.summary, markdown.render(verdict))

    def problem(self, text: str) -> None:
        """What ended the run, as an annotation; the exit code and the text itself come from `gates.__main__`."""
        self.end()
        if self.system.name == GITHUB:
            self._print(github.problem(text))

    def _folded(self, verdict: Verdict) -> Iterator[str]:
        """The outputs of gates whose findings are shown: only who wants to know more opens them."""
        started = verdict.started
        for outcome in verdict.with_status(*NOT_WELL):
            output = printed(outcome)
            if not output or not shown(outcome) or not self.system.name:
                continue
            title = f"{outcome.gate}: what it printed"
            if self.system.name == GITLAB:
                yield gitlab.section(outcome.gate, title, output, start=started, seconds=outcome.seconds)
            else:
                yield github.group(title, output)

    def _print(self, text: str) -> None:
        self.stream.write(self.style.safe(text))
        self.stream.flush()


def _append(path: str, text: str) -> None:
    try:
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise CannotRun(f"the step summary cannot be written: {error.strerror}", where=path) from None
