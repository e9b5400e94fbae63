"""Examining Compose files: each with the files that belong to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from gates.checks.compose.issue import Issue
from gates.checks.compose.meaning import Stack, compose_meaning, rancher_meaning
from gates.checks.compose.shape import SPECIFICATION, kind_of_file, shape
from gates.checks.secrets.scan import ALLOWED, REASON, Scanner
from gates.compose_file import ComposeFile, read_compose
from gates.config.document import Mistake
from gates.errors import ConfigError
from gates.evidence import Evidence
from gates.finding import Finding, Place, fingerprint
from gates.newness import blocking
from gates.outcome import FAILED, NOT_RUN, PASSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["examine"]

NAME = re.compile(r"(?P<kind>docker-compose|compose|rancher-compose)(?P<variant>(?:[.-][\w-]+)*)\.(?:yml|yaml)")
MERGE_TAGS = ("'!reset'", "'!override'")
"""Tags of the Compose specification, which the reader of configurations does not know."""


def examine(context: GateContext) -> Outcome:
    """The outcome of the compose gate."""
    return _Examination(context).outcome()


class _Examination:
    def __init__(self, context: GateContext) -> None:
        self.context = context
        self.options = context.settings.options
        self.evidence = Evidence()
        self.files: dict[str, ComposeFile | None] = {}
        self.raw: dict[str, bytes] = {}

    def outcome(self) -> Outcome:
        context, evidence = self.context, self.evidence
        asked = self._asked()
        evidence.files = sum(self._read(path) is not None for path in asked)
        findings = [finding for path in asked for finding in self._findings(path)]
        outcome = context.outcome(FAILED, findings=findings, evidence=evidence)
        if evidence.parse_errors and not blocking(outcome, context.settings.block):
            outcome.status, outcome.reason = NOT_RUN, evidence.parse_errors[0]
        elif findings:
            outcome.reason = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        elif not evidence.files:
            outcome.status, outcome.reason = NOT_RUN, "none of the files asked about is there"
        else:
            outcome.status = PASSED
        return outcome

    def _asked(self) -> list[str]:
        """The files asked about, and those that may be wrong now because of them: what one names the other has."""
        asked = dict.fromkeys(sorted(self.context.files))
        for path in list(asked):
            if (partner := self._partner(path)) is not None:
                asked[partner] = None
        return list(asked)

    def _partner(self, path: str) -> str | None:
        """rancher-compose.yml of a docker-compose.yml, and the other way round."""
        folder, match = _taken_apart(path)
        if match is None:
            return None
        kinds = ("docker-compose", "compose") if match["kind"] == "rancher-compose" else ("rancher-compose",)
        variants = [match["variant"]] if match["kind"] != "rancher-compose" else [match["variant"], ""]
        return self._first(folder, [f"{kind}{variant}" for variant in variants for kind in kinds])

    def _first(self, folder: str, stems: list[str]) -> str | None:
        candidates = [os.path.join(folder, f"{stem}.{ending}") for stem in stems for ending in ("yml", "yaml")]
        return next((path for path in candidates if os.path.isfile(os.path.join(self.context.root, path))), None)

    def _read(self, path: str) -> ComposeFile | None:
        """A file, None where it cannot be read, which is told once."""
        if path not in self.files:
            self.files[path] = None
            try:
                with open(os.path.join(self.context.root, path), "rb") as file:
                    self.raw[path] = file.read()
                self.files[path] = read_compose(self.raw[path], path)
            except OSError as error:
                self.evidence.parse_errors.append(f"{path}: it cannot be read: {error.strerror}")
            except ConfigError as error:
                self.evidence.parse_errors.append(str(error).replace("\n  ", "; "))
        return self.files[path]

    def _findings(self, path: str) -> Iterator[Finding]:
        file = self._read(path)
        if file is None:
            return
        is_rancher = os.path.basename(path).startswith("rancher-compose")
        partner = self._partner(path)
        other = self._read(partner) if partner is not None else None
        if is_rancher and partner is None:
            self.evidence.leave_out("no docker-compose file beside it, so its services are not compared")
        issues = [*self._mistakes(file), *shape(file, with_rancher=other is not None and not is_rancher)]
        if is_rancher:
            issues += rancher_meaning(Stack(other, file, self._bases(partner) if partner else []), file)
        else:
            options = {name: bool(self.options.get(name)) for name in ("allow_latest", "require_health_check")}
            issues += compose_meaning(Stack(file, other, self._bases(path)), file, **options)
        yield from self._told(path, issues)

    def _bases(self, path: str) -> list[ComposeFile]:
        """The files that `docker-compose.prod.yml` is laid over: docker-compose.yml."""
        folder, match = _taken_apart(path)
        if match is None or not match["variant"]:
            return []
        found = self._first(folder, [match["kind"], "docker-compose", "compose"])
        file = self._read(found) if found is not None else None
        return [file] if file is not None else []

    def _mistakes(self, file: ComposeFile) -> Iterator[Issue]:
        """What reading it already found: keys that stand twice, tags that mean nothing."""
        for mistake in file.document.mistakes:
            if kind_of_file(file) == SPECIFICATION and any(tag in mistake.message for tag in MERGE_TAGS):
                continue
            yield Issue("yaml", "", mistake)

    def _told(self, path: str, issues: list[Issue]) -> Iterator[Finding]:
        """Findings of the issues and of secrets; no source line shows a secret."""
        name, raw = self.context.settings.name, self.raw[path]
        lines = raw.split(b"\n")
        masked: dict[int, str] = {}
        for secret in Scanner().scan(path, raw):
            masked[secret.line] = secret.source
            allowed = ALLOWED.search(lines[secret.line - 1])
            if allowed is None or not REASON.search(allowed[1]):
                hint = "Use a variable, ${NAME}, or secrets:"
                issues.append(
                    Issue(
                        "plaintext-secret", secret.source, Mistake(secret.line, 0, secret.kind.what, hint), "critical"
                    )
                )
        for found in issues:
            mistake = found.mistake
            yield Finding(
                name,
                found.rule,
                f"{mistake.message}. {mistake.hint}" if mistake.hint else mistake.message,
                place=Place(path, mistake.line or 1, column=mistake.column),
                severity=found.severity,
                source=masked.get(mistake.line, "" if "environment" in found.about else _line(lines, mistake.line)),
                fingerprint=fingerprint(name, found.rule, found.about, mistake.message),
            )


def _taken_apart(path: str) -> tuple[str, re.Match[str] | None]:
    folder, name = os.path.split(path)
    return folder, NAME.fullmatch(name)


def _line(lines: list[bytes], number: int) -> str:
    return lines[number - 1].decode("utf-8", "replace").rstrip() if 0 < number <= len(lines) else ""
