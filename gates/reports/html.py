"""report.html: everything in one file that needs no network, for the screen (light and dark) and for print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from gates.finding import ALLOWED, EXISTING, FIXED, NEW, Finding, Place
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.reports.plain import counted, duration, headline, seen
from gates.reports.selection import count_status, printed, worst
from gates.reports.style import Style, clean
from gates.verdict import Verdict

__all__ = ["FINDINGS_SHOWN", "render"]

FINDINGS_SHOWN = 2000
"""Findings listed for each gate: a browser still scrolls through this many at once."""

OTHER_PLACES = 50
"""Other places listed for each finding."""

CLASSES = {PASSED: "passed", FAILED: "failed", NOT_RUN: "not-run", SKIPPED: "skipped"}

CSS = """
:root { color-scheme: light dark; --text: #1b1f24; --muted: #57606a; --back: #fff; --card: #f6f8fa; --line: #d0d7de;
  --passed: #116329; --failed: #a40e26; --not-run: #7d4e00; --skipped: #57606a; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9198a1; --back: #0d1117; --card: #161b22;
  --line: #30363d; --passed: #3fb950; --failed: #ff7b72; --not-run: #d29922; --skipped: #9198a1; --link: #79c0ff; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.6rem; margin: 0 0 .25rem } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem }
h3 { font: 600 .95rem/1.5 ui-monospace, monospace; margin: 1rem 0 .25rem; overflow-wrap: anywhere }
a { color: var(--link) } .muted { color: var(--muted) } .scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.status { font-weight: 600; white-space: nowrap }
.passed { color: var(--passed) } .failed { color: var(--failed) }
.not-run { color: var(--not-run) } .skipped { color: var(--skipped) }
ul.findings { list-style: none; margin: 0; padding: 0 }
ul.findings > li { padding: .5rem .75rem; border-left: 3px solid var(--line); margin: .4rem 0; background: var(--card);
  overflow-wrap: anywhere; break-inside: avoid }
li.new { border-left-color: var(--failed) !important }
.tag { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; font-size: .8rem; color: var(--muted) }
pre { margin: .35rem 0 0; padding: .5rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .85rem/1.45 ui-monospace, monospace; background: var(--back); border: 1px solid var(--line) }
code { font: .9em ui-monospace, monospace } summary { cursor: pointer }
@media (max-width: 45rem) { body { padding: .75rem } .wide { display: none } th, td { padding: .4rem .3rem } }
@media print { body { max-width: none; padding: 0 } :root { --back: #fff; --card: #fff; --text: #000; --line: #999 }
  pre { max-height: none } a { color: inherit } }
""".strip()


def render(verdict: Verdict) -> str:
    """The verdict as one HTML page."""
    title = escape(headline(verdict, Style()))
    body = "\n".join(_body(verdict))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing in the page may load or run anything, whatever a tool's message holds.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Gateline: {title}</title>\n<style>\n{CSS}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(verdict: Verdict) -> Iterator[str]:
    name = "passed" if verdict.passed else "failed" if verdict.with_status(FAILED) else "not-run"
    yield f'<header><h1 class="{name}">{_text(headline(verdict, Style()))}</h1>'
    yield f'<p class="muted">{"<br>".join(_about(verdict))}</p></header>'
    yield from _gates(verdict)
    for outcome in verdict.outcomes:
        yield from _details(outcome)
    if verdict.notes:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in verdict.notes)
        yield "</ul>"


def _about(verdict: Verdict) -> Iterator[str]:
    change = verdict.change
    if change.commit:
        yield f"commit <code>{_text(change.commit)}</code>" + (f" on {_text(change.ref)}" if change.ref else "")
    yield f"tree <code>{_text(change.tree)}</code>"
    if change.base_commit:
        yield f"compared with <code>{_text(change.base_commit)}</code>"
    when = datetime.fromtimestamp(verdict.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    words = [f"{count_status(verdict, status):,} {status}" for status in (NEW, EXISTING, FIXED, ALLOWED)]
    yield f"{when}, Gateline {_text(verdict.version)}, findings: {', '.join(words)}"


def _gates(verdict: Verdict) -> Iterator[str]:
    yield '<div class="scroll"><table><thead><tr><th>Gate<th>Result<th>Looked at<th class="wide">With'
    yield '<th class="number">Findings<th class="number wide">Time</tr></thead><tbody>'
    for outcome in verdict.outcomes:
        yield _row(outcome)
    yield "</tbody></table></div>"


def _row(outcome: Outcome) -> str:
    evidence = outcome.evidence
    tool = " ".join(part for part in (evidence.tool, evidence.version) if part)
    spent = "from cache" if outcome.cached else duration(outcome.seconds)
    reason = "" if outcome.status == PASSED else f'<br><span class="muted">{_text(outcome.reason)}</span>'
    name = f'<a href="#{_anchor(outcome)}">{_text(outcome.gate)}</a>' if _has_details(outcome) else _text(outcome.gate)
    return (
        f'<tr><td>{name}<td><span class="status {CLASSES[outcome.status]}">{outcome.status}</span>{reason}'
        f'<td>{_text(seen(evidence))}<td class="wide">{_text(tool)}'
        f'<td class="number">{len(outcome.findings):,}'
        f'<td class="number wide">{spent if outcome.cached or outcome.seconds else ""}</tr>'
    )


def _has_details(outcome: Outcome) -> bool:
    facts = (outcome.findings, outcome.metrics, outcome.evidence.parse_errors, outcome.evidence.left_out)
    return any(facts) or bool(printed(outcome) and outcome.status != PASSED)


def _anchor(outcome: Outcome) -> str:
    return "gate-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in outcome.gate)


def _details(outcome: Outcome) -> Iterator[str]:
    if not _has_details(outcome):
        return
    yield f'<section id="{_anchor(outcome)}"><h2>{_text(outcome.gate)}</h2>'
    if outcome.metrics:
        yield f'<p class="muted">{", ".join(_metrics(outcome))}</p>'
    for reason, count in sorted(outcome.evidence.left_out.items()):
        yield f'<p class="muted">left out: {counted(count, "file")}, {_text(reason)}</p>'
    for error in outcome.evidence.parse_errors[:FINDINGS_SHOWN]:
        yield f'<p class="failed">{_text(error)}</p>'
    yield from _findings(outcome)
    if outcome.command and outcome.status in (FAILED, NOT_RUN):
        yield f"<p>To repeat it: <code>{_text(outcome.command)}</code></p>"
    if printed(outcome) and outcome.status != PASSED:
        yield f"<details><summary>What it printed</summary><pre>{_lines(printed(outcome))}</pre></details>"
    yield "</section>"


def _metrics(outcome: Outcome) -> Iterator[str]:
    for name, value in sorted(outcome.metrics.items()):
        yield f"{_text(name.replace('_', ' '))}: {value:,.4g}"


def _findings(outcome: Outcome) -> Iterator[str]:
    chosen, left = worst(outcome.findings, FINDINGS_SHOWN)
    path = None
    for finding in chosen:
        here = finding.place.path if finding.place else ""
        if here != path:
            yield "" if path is None else "</ul>"
            yield f'<h3>{_text(here) or "the whole tree"}</h3><ul class="findings">'
            path = here
        # One that was not compared with a base makes its gate fail as a new one does; a remark never does.
        counts = finding.status == NEW or (not finding.status and outcome.status == FAILED)
        yield _finding(finding, blocks=counts and finding.severity != "info")
    yield "</ul>" if chosen else ""
    if left:
        yield f"<p>… and {left:,} more, all of them in results.json</p>"


def _finding(finding: Finding, *, blocks: bool) -> str:
    safe = finding.url.startswith(("https://", "http://"))
    rule = f'<a href="{escape(finding.url)}">{_text(finding.rule)}</a>' if safe else _text(finding.rule)
    line = f"{_range(finding.place)}: " if finding.place else ""
    tags = " ".join(f'<span class="tag">{_text(tag)}</span>' for tag in (finding.status, finding.severity) if tag)
    also = _also(finding)
    code = "".join(f"<pre>{_lines(text)}</pre>" for text in (finding.source, finding.detail[:20_000]) if text.strip())
    name = ' class="new"' if blocks else ""
    return f"<li{name}>{line}{_text(finding.message)} <code>{rule}</code> {tags}{also}{code}</li>"


def _range(place: Place) -> str:
    several = place.end_line > place.start_line
    return f"lines {place.start_line}–{place.end_line}" if several else f"line {place.start_line}"


def _also(finding: Finding) -> str:
    """The other places: one below the other while they are few."""
    if not finding.related:
        return ""
    places = [
        _text(str(place)) + (f"–{place.end_line}" if place.end_line > place.start_line else "")
        for place in finding.related[:OTHER_PLACES]
    ]
    left = len(finding.related) - len(places)
    more = f" … and {counted(left, 'more place')}" if left else ""
    between = "<br>" if len(places) <= 5 else "; "
    return f'<br><span class="muted">also at {between.join(places)}{more}</span>'


def _text(text: str) -> str:
    return escape(clean(text))


def _lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())
