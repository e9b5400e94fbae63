"""Classes of copies for a person at a terminal: each with its places, numbered so that one can be asked about."""

from __future__ import annotations

import re
import textwrap

from gates.finding import ALLOWED, NEW
from gates.outcome import PASSED
from gates.reports.plain import counted, duration
from gates.reports.style import Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.finding import Finding, Place
    from gates.outcome import Outcome

__all__ = ["PLACES_SHOWN", "heading", "is_wrong", "render", "weight"]

PLACES_SHOWN = 8

_PLACES = re.compile(r" stand(?: also)? in .*?(: [^:]*)$")
"""In a message: the places, which stand below it, and what the copies have in common."""


def is_wrong(finding: Finding) -> bool:
    """Whether a finding is a copy that nobody has allowed, not a note."""
    return finding.status != ALLOWED and finding.severity != "info"


def weight(finding: Finding) -> tuple[object, ...]:
    """Sort key: what the change brings first, then what most lines could be saved of; notes, and what is allowed."""
    lines = finding.place.end_line - finding.place.start_line + 1 if finding.place else 0
    saved = lines * len(finding.related)
    return (finding.status == ALLOWED, not is_wrong(finding), finding.status != NEW, -saved, finding.sort_key())


def render(outcome: Outcome, style: Style, *, limit: int = 0) -> str:
    """All classes (at most `limit`, 0 for all), what was left out, and a line that sums it up."""
    blocks = []
    wrong = [finding for finding in outcome.findings if is_wrong(finding)]
    shown = wrong[:limit] if limit else wrong
    for number, finding in enumerate(shown, 1):
        blocks.append("\n".join(_class(number, finding, style)))
    if len(shown) < len(wrong):
        blocks.append(f"... and {len(wrong) - len(shown):,} more: --limit 0 shows all")
    beside = [line for finding in outcome.findings if not is_wrong(finding) for line in _beside(finding, style)]
    blocks.append("\n".join([*beside, *_summary(outcome, wrong, style)]))
    return style.safe("\n\n".join(blocks)) + "\n"


def _class(number: int, finding: Finding, style: Style) -> Iterator[str]:
    first, *others = heading(finding, style, indent=5)
    new = finding.status == NEW and first.startswith(NEW)
    first = style.paint(NEW, "red") + first.removeprefix(NEW) if new else first
    yield f"{style.paint(f'{number:>3}', 'bold')}  {first}"
    yield from others
    places = finding.places
    for place in places[:PLACES_SHOWN]:
        yield f"     {style.paint(_where(place), 'cyan')}"
    if len(places) > PLACES_SHOWN:
        yield style.paint(f"     and {counted(len(places) - PLACES_SHOWN, 'more place')}", "dim")
    if finding.source.strip():
        bar = "│" if style.unicode else "|"
        text = clean(finding.source.strip())
        room = max(20, style.width - 8)
        yield style.paint(
            f"     {bar} {text if len(text) <= room else text[: room - 1] + ('…' if style.unicode else '~')}", "dim"
        )
    for line in finding.detail.splitlines():
        for part in _lines(line, style, 5):
            yield style.paint(f"     {part}", "dim")


def heading(finding: Finding, style: Style, *, indent: int = 0) -> list[str]:
    """What a finding says, without the places: they stand below it."""
    count = len(finding.places)
    message = _PLACES.sub(rf" in {count} places\1", finding.message)
    if finding.rule == "missed-twin":
        message = "missed twin: " + message.rpartition(": ")[0]
    elif finding.status == NEW:
        message = f"{NEW}: {message}"
    lines = _lines(message, style, indent)
    return [lines[0], *(" " * indent + line for line in lines[1:])]


def _lines(text: str, style: Style, indent: int) -> list[str]:
    """A sentence in lines of the terminal's width."""
    return textwrap.wrap(clean(text), max(35, style.width - indent), break_on_hyphens=False, break_long_words=False)


def _beside(finding: Finding, style: Style) -> Iterator[str]:
    """What is only told: a copy that is allowed, with its reason, or a comment that allows nothing."""
    text = f"allowed: {finding.detail}" if finding.status == ALLOWED else f"note: {finding.message}"
    where = _where(finding.place) if finding.status == ALLOWED and finding.place else str(finding.place)
    for line in _lines(f"{where} {text}", style, 0):
        yield style.paint(line, "dim")


def _where(place: Place) -> str:
    return clean(f"{place.path}:{place.start_line}-{place.end_line}")


def _summary(outcome: Outcome, wrong: list[Finding], style: Style) -> Iterator[str]:
    for reason, files in sorted(outcome.evidence.left_out.items(), key=lambda item: (-item[1], item[0])):
        yield style.paint(f"left out: {counted(files, 'file')}, {clean(reason)}", "dim")
    looked = f"{counted(outcome.evidence.files or 0, 'file')} in {duration(outcome.seconds)}"
    share = outcome.metrics.get("duplicated_share")
    part = f", {share:g} % of the code" if share and wrong else ""
    allowed = sum(finding.status == ALLOWED for finding in outcome.findings)
    part += f", {allowed:,} allowed" if allowed else ""
    if wrong:
        found = "1 finding" if len(wrong) == 1 else f"{len(wrong):,} findings"
        colour = "green" if outcome.status == PASSED else "red"
        yield style.paint(found, "bold", colour) + f"{part}, {looked}"
    elif outcome.status == PASSED:
        yield style.paint("no copies", "bold", "green") + f"{part}, {looked}"
    else:
        yield style.paint(f"{outcome.status}: {clean(outcome.reason)}", "bold", "yellow")
