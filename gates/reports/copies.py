"""Classes of copies for a person at a terminal: each with its places, numbered so that one can be asked about."""

from __future__ import annotations

from gates.finding import NEW
from gates.outcome import PASSED
from gates.reports.plain import counted, duration
from gates.reports.style import Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.finding import Finding, Place
    from gates.outcome import Outcome

__all__ = ["PLACES_SHOWN", "render"]

PLACES_SHOWN = 8


def render(outcome: Outcome, style: Style, *, limit: int = 0) -> str:
    """All classes (at most `limit`, 0 for all), what was left out, and a line that sums it up."""
    blocks = []
    shown = outcome.findings[:limit] if limit else outcome.findings
    for number, finding in enumerate(shown, 1):
        blocks.append("\n".join(_class(number, finding, style)))
    if len(shown) < len(outcome.findings):
        blocks.append(f"... and {len(outcome.findings) - len(shown):,} more: --limit 0 shows all")
    blocks.append("\n".join(_summary(outcome, style)))
    return style.safe("\n\n".join(blocks)) + "\n"


def _class(number: int, finding: Finding, style: Style) -> Iterator[str]:
    mark = style.paint(" new", "red") if finding.status == NEW else ""
    yield f"{style.paint(f'{number:>3}', 'bold')}  {_wrapped(finding.message, style)}{mark}"
    places = [place for place in (finding.place, *finding.related) if place]
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
        yield style.paint(f"     {clean(line)}", "dim")


def _wrapped(message: str, style: Style) -> str:
    """The message in lines of the terminal's width, behind the number."""
    import textwrap

    return textwrap.fill(
        clean(message), max(40, style.width - 5), subsequent_indent="     ", break_on_hyphens=False
    ).strip()


def _where(place: Place) -> str:
    return clean(f"{place.path}:{place.start_line}-{place.end_line}")


def _summary(outcome: Outcome, style: Style) -> Iterator[str]:
    for reason, files in sorted(outcome.evidence.left_out.items(), key=lambda item: (-item[1], item[0])):
        yield style.paint(f"left out: {counted(files, 'file')}, {clean(reason)}", "dim")
    looked = f"{counted(outcome.evidence.files or 0, 'file')} in {duration(outcome.seconds)}"
    share = outcome.metrics.get("duplicated_share")
    part = f", {share:g} % of the code" if share and outcome.findings else ""
    if outcome.findings:
        found = "1 finding" if len(outcome.findings) == 1 else f"{len(outcome.findings):,} findings"
        colour = "green" if outcome.status == PASSED else "red"
        yield style.paint(found, "bold", colour) + f"{part}, {looked}"
    elif outcome.status == PASSED:
        yield style.paint("no copies", "bold", "green") + f", {looked}"
    else:
        yield style.paint(f"{outcome.status}: {clean(outcome.reason)}", "bold", "yellow")
