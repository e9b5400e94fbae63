"""summary.md: a merge request's note and GitHub's step summary: the verdict, what is new, how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator

from gates.finding import ALLOWED, EXISTING, FIXED, Finding
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.reports.plain import counted, duration, repeat_commands, seen
from gates.reports.selection import count_status, shown, worst
from gates.reports.style import clean
from gates.verdict import Verdict

__all__ = ["MAX_BYTES", "render"]

MAX_BYTES = 900_000
"""GitHub takes 1 MiB for a step, GitLab a million characters for a note."""

FINDINGS_SHOWN = 25
"""Findings listed for each gate; a note is read, not searched."""

SIGNS = {PASSED: "✅", FAILED: "❌", NOT_RUN: "⚠️", SKIPPED: "➖"}


def render(verdict: Verdict, *, max_bytes: int = MAX_BYTES) -> str:
    """The verdict as Markdown (GitHub's and GitLab's dialects), cut at a line when it would be too long."""
    lines = list(_lines(verdict))
    kept: list[str] = []
    left = max_bytes - 200
    for line in lines:
        left -= len(line.encode("utf-8", "replace")) + 1
        if left < 0:
            kept += ["", f"… and {counted(len(lines) - len(kept), 'more line')}; see the full reports."]
            break
        kept.append(line)
    return "\n".join(kept) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"## {_headline(verdict)}"
    yield ""
    yield from _about(verdict)
    yield "| | Gate | Result | Looked at | Time |"
    yield "|---|---|---|---|---:|"
    for outcome in verdict.outcomes:
        yield _row(outcome)
    yield ""
    yield from _new(verdict)
    yield from _old_and_fixed(verdict)
    yield from _repeat(verdict)
    for number, note in enumerate(verdict.notes):
        yield from [">"] * (number > 0)
        yield f"> {_text(note)}"


def _headline(verdict: Verdict) -> str:
    failed, not_run = verdict.with_status(FAILED), verdict.with_status(NOT_RUN)
    if failed:
        return "❌ Gateline: failed at " + ", ".join(_text(outcome.gate) for outcome in failed)
    if not_run:
        return "⚠️ Gateline: could not run " + ", ".join(_text(outcome.gate) for outcome in not_run)
    if not verdict.passed:
        return "⚠️ Gateline: nothing was checked"
    return f"✅ Gateline: passed, {counted(len(verdict.with_status(PASSED)), 'gate')}"


def _about(verdict: Verdict) -> Iterator[str]:
    change = verdict.change
    if change.commit:
        base = f", compared with `{change.base_commit[:12]}`" if change.base_commit else ""
        yield f"Commit `{change.commit[:12]}`, tree `{change.tree[:12]}`{base}, {duration(verdict.seconds)}."
        yield ""


def _row(outcome: Outcome) -> str:
    result = outcome.status if outcome.status == PASSED else f"{outcome.status}: {_text(outcome.reason)}"
    spent = "from cache" if outcome.cached else duration(outcome.seconds)
    when = spent if outcome.cached or outcome.seconds else ""
    return f"| {SIGNS[outcome.status]} | {_text(outcome.gate)} | {result} | {seen(outcome.evidence)} | {when} |"


def _new(verdict: Verdict) -> Iterator[str]:
    for outcome in verdict.outcomes:
        found = shown(outcome)
        if not found:
            continue
        fresh = any(finding.status != EXISTING for finding in found)
        yield f"### {'New' if fresh else 'Found'} by {_text(outcome.gate)}: {len(found):,}"
        yield ""
        chosen, left = worst(found, FINDINGS_SHOWN)
        for finding in chosen:
            yield _item(finding)
        if left:
            yield f"- … and {left:,} more"
        yield ""


def _item(finding: Finding) -> str:
    place = f"{_code(str(finding.place))} " if finding.place else ""
    rule = f"[{_text(finding.rule)}]({finding.url})" if _is_link(finding.url) else _text(finding.rule)
    also = f", also at {', '.join(_code(str(other)) for other in finding.related[:3])}" if finding.related else ""
    return f"- {place}{_text(finding.message)} ({rule}, {finding.severity}){also}"


def _old_and_fixed(verdict: Verdict) -> Iterator[str]:
    fixed, old, allowed = (count_status(verdict, status) for status in (FIXED, EXISTING, ALLOWED))
    words = [f"{counted(fixed, 'finding')} fixed by this change" if fixed else ""]
    words += [f"{counted(old, 'finding')} from before it" if old else ""]
    words += [f"{counted(allowed, 'finding')} allowed in the source" if allowed else ""]
    if any(words):
        yield f"Besides: {', '.join(filter(None, words))}."
        yield ""


def _repeat(verdict: Verdict) -> Iterator[str]:
    commands = repeat_commands(verdict)
    if not commands:
        return
    yield "To repeat just what did not pass:"
    yield ""
    yield "```sh"
    yield from (" ".join(command.replace("```", "").split()) for command in commands)
    yield "```"
    yield ""


def _text(text: str) -> str:
    """Foreign text as plain words: no markup, no HTML, no mention of people, one line."""
    plain = " ".join(clean(text.replace("\n", " ")).split())
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for character in "\\`*_{}[]()#|~!$":
        plain = plain.replace(character, "\\" + character)
    return plain.replace("@", "@\u200b")


def _code(text: str) -> str:
    return "`" + clean(text).replace("`", "'").replace("|", "/") + "`"


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not any(c in url for c in " ()<>\n") and url.isprintable()
