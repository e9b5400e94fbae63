"""The result of a run for a person at a terminal: findings by file, a table of gates, and how to repeat what failed."""

from __future__ import annotations

from gates.finding import EXISTING
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from gates.reports.plain import allowed, counted, duration, headline, repeat_commands, seen
from gates.reports.selection import current, shown, worst
from gates.reports.style import COLOURS, Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gates.finding import Finding
    from gates.outcome import Outcome
    from gates.verdict import Verdict

__all__ = ["FINDINGS_SHOWN", "findings", "render", "repeat", "table"]

FINDINGS_SHOWN = 20
"""Findings printed for each gate; all of them are in the reports."""

OUTPUT_LINES = 30
"""Last lines printed of a tool's output when it failed without findings that Gateline understands."""

MESSAGE_LINES = 4
"""Lines printed of one finding's message; all of it is in the reports."""

SEVERITY_COLOURS = {"info": "dim", "minor": "yellow", "major": "red", "critical": "red", "blocker": "red"}


def render(
    verdict: Verdict, style: Style, *, limit: int = FINDINGS_SHOWN, reports: str = "", with_table: bool = True
) -> str:
    """Everything, ending with a newline.

    reports     the folder with the full reports, if there is one
    with_table  whether to show the table of the gates, which a plain progress has shown already
    """
    blocks = [
        findings(verdict, style, limit, reports),
        *(_output(outcome, style) for outcome in verdict.with_status(FAILED, NOT_RUN) if not shown(outcome)),
        table(verdict, style) if with_table else "",
        "\n".join(_notes(verdict, style)),
        headline(verdict, style),
        repeat(verdict, style),
    ]
    return style.safe("\n\n".join(block for block in blocks if block)) + "\n"


def findings(verdict: Verdict, style: Style, limit: int = FINDINGS_SHOWN, reports: str = "") -> str:
    """The worst findings of each gate, grouped by file in path and line order."""
    by_file: dict[str, list[Finding]] = {}
    more: list[str] = []
    for outcome in verdict.outcomes:
        chosen, left = worst(shown(outcome), limit)
        for finding in chosen:
            by_file.setdefault(finding.place.path if finding.place else "", []).append(finding)
        if left:
            where = f", see {clean(reports)}" if reports else f": gateline run --gate {outcome.gate} --json"
            more.append(style.paint(f"{clean(outcome.gate)}: and {left:,} more{where}", "yellow"))
    blocks = ["\n".join(_file_block(path, by_file[path], style)) for path in sorted(by_file)]
    if more:
        blocks.append("\n".join(more))
    return "\n\n".join(blocks)


def _file_block(path: str, found: Iterable[Finding], style: Style) -> Iterator[str]:
    yield style.paint(clean(path) if path else "(in no file)", "bold")
    for finding in sorted(found, key=lambda finding: finding.sort_key()):
        yield from _finding_lines(finding, style)


def _finding_lines(finding: Finding, style: Style) -> Iterator[str]:
    place = ""
    if finding.place:
        place = f"{finding.place.start_line}" + (f":{finding.place.column}" if finding.place.column else "")
    name = f"{clean(finding.gate)} {clean(finding.rule)}"
    first = f"  {place:<7} " if place else "  "
    indent = " " * min(10, max(4, style.width // 4))
    prefix = style.paint(first, "dim") + style.paint(name, SEVERITY_COLOURS[finding.severity])
    words = clean(finding.message)
    if _cells(first + name) + 2 + _cells(words) <= style.width:
        yield f"{prefix}  {words}"
    else:
        yield prefix
        broken = _wrap(words, style.width - len(indent))
        yield from (indent + line for line in broken[:MESSAGE_LINES])
        if len(broken) > MESSAGE_LINES:
            yield indent + ("…" if style.unicode else "...")
    bar = "│" if style.unicode else "|"
    if finding.source.strip():
        source = _cut(clean(finding.source.strip()), style.width - len(indent) - 2, style)
        yield indent + style.paint(f"{bar} {source}", "dim")
    for other in finding.related[:5]:
        yield indent + style.paint(f"also at {clean(str(other))}", "dim")
    if len(finding.related) > 5:
        yield indent + style.paint(f"and at {counted(len(finding.related) - 5, 'more place')}", "dim")
    if finding.detail and "\n" not in finding.detail:  # a hint; what is longer is in the reports
        for line in _wrap(clean(finding.detail), style.width - len(indent)):
            yield indent + style.paint(line, "dim")


def _output(outcome: Outcome, style: Style) -> str:
    lines = outcome.output.strip("\r\n").splitlines()
    if not lines:
        return ""
    head = style.paint(f"{clean(outcome.gate)} printed", "bold")
    if len(lines) > OUTPUT_LINES:
        head += style.paint(f" (the last {OUTPUT_LINES} of {len(lines):,} lines)", "dim")
    return "\n".join([head, *("  " + clean(line) for line in lines[-OUTPUT_LINES:])])


def table(verdict: Verdict, style: Style) -> str:
    """One row for each gate: mark, name, status, what it saw, time, reason; what has no room goes below its row."""
    rows = [(clean(outcome.gate), outcome, _facts(outcome)) for outcome in verdict.outcomes]
    if not rows:
        return ""
    names = max(_cells(name) for name, _, _ in rows)
    widths = [max(len(facts[column]) for _, _, facts in rows) for column in (0, 1)]
    reasons = max(_cells(facts[2]) for _, _, facts in rows)
    used = 2 + names + 2 + 7 + 2 + widths[0] + 2 + widths[1]
    lines = []
    for name, outcome, facts in rows:
        status = style.paint(f"{outcome.status:<7}", COLOURS[outcome.status])
        start = f"{style.mark(outcome.status)} {_pad(name, names)}  {status}"
        figures = f"{facts[0]:<{widths[0]}}  {facts[1]:>{widths[1]}}"
        if used > style.width:
            lines += [start.rstrip(), *_below(", ".join(filter(None, facts)), style)]
        elif used + 2 + reasons > style.width:
            lines += [f"{start}  {figures}".rstrip(), *_below(facts[2], style)]
        else:
            lines.append(f"{start}  {figures}  {facts[2]}".rstrip())
    return "\n".join(lines)


def _facts(outcome: Outcome) -> tuple[str, str, str]:
    """What it saw, how long it took, and why it did not pass."""
    looked = "" if outcome.status == SKIPPED else seen(outcome.evidence)
    return (looked, _time(outcome), _reason(outcome))


def _below(text: str, style: Style) -> list[str]:
    return ["    " + style.paint(line, "dim") for line in _wrap(text, style.width - 4)]


def _time(outcome: Outcome) -> str:
    if outcome.status == SKIPPED or not (outcome.cached or outcome.seconds):
        return ""
    return "from cache" if outcome.cached else duration(outcome.seconds)


def _reason(outcome: Outcome) -> str:
    """Why it did not pass; for one that passed, what it reports all the same."""
    if outcome.status != PASSED:
        return clean(outcome.reason)
    found = current(outcome)
    harmless = f"{counted(len(found), 'finding')}, none of them blocks" if found else ""
    return "; ".join(filter(None, [harmless, allowed(outcome)]))


def _notes(verdict: Verdict, style: Style) -> Iterator[str]:
    for note in (*verdict.notes, *_old_only(verdict)):
        for number, line in enumerate(_wrap(clean(note), style.width - 6)):
            yield ("note: " if number == 0 else "      ") + line


def _old_only(verdict: Verdict) -> Iterator[str]:
    """What to do about gates that fail, but not because of the change."""
    failed = [(outcome.gate, current(outcome)) for outcome in verdict.with_status(FAILED)]
    names = [name for name, found in failed if found and all(finding.status == EXISTING for finding in found)]
    if names:
        yield f"what {' and '.join(names)} found was there before; with `block: new` only new findings block"


def repeat(verdict: Verdict, style: Style) -> str:
    """The commands that run again just what did not pass."""
    commands = repeat_commands(verdict)
    if not commands:
        return ""
    return "\n".join(["To repeat just that:", *("  " + style.paint(command, "bold") for command in commands)])


def _wide(character: str) -> bool:
    if character < "\u1100":
        return False
    from unicodedata import east_asian_width  # only for text that may need it

    return east_asian_width(character) in "WF"


def _cells(text: str) -> int:
    """Columns that a text takes: East Asian characters take two."""
    return len(text) if text.isascii() else sum(2 if _wide(character) else 1 for character in text)


def _pad(text: str, cells: int) -> str:
    return text + " " * (cells - _cells(text))


def _cut(text: str, cells: int, style: Style) -> str:
    """The beginning of a text that fits, with a sign that something is missing."""
    if _cells(text) <= cells:
        return text
    sign = "…" if style.unicode else "..."
    room = cells - len(sign)
    kept = []
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + sign


def _wrap(text: str, cells: int) -> list[str]:
    """Break a text at spaces; a word that is too long for a line stands alone, uncut, so that it can be copied."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and _cells(line) + 1 + _cells(word) > cells:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
