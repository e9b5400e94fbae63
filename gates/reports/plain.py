"""Plain lines: what a hook prints when all is well, and one line for each gate in a log.

On the start-up path of every hook: nothing heavy is imported.
"""

from __future__ import annotations

from gates.finding import ALLOWED
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED
from gates.reports.style import COLOURS, Style, clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.evidence import Evidence
    from gates.outcome import Outcome
    from gates.verdict import Verdict

__all__ = ["allowed", "counted", "duration", "gate_line", "headline", "repeat_commands", "seen"]


def counted(number: int, noun: str) -> str:
    """ "1 file", "12 files", "25,000 tests"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """ "0.31 s", "12.4 s", "2 min 05 s"."""
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def seen(evidence: Evidence) -> str:
    """What the gate looked at, in a few words: "48 tests, 2 failed", "12 files"; "" when it does not tell."""
    words = []
    if evidence.tests is not None:
        words.append(counted(evidence.tests, "test"))
        words += [f"{evidence.tests_failed:,} failed"] if evidence.tests_failed else []
        words += [f"{evidence.tests_skipped:,} skipped"] if evidence.tests_skipped else []
    elif evidence.files is not None:
        words.append(counted(evidence.files, "file"))
    if evidence.parse_errors:
        words.append(f"{len(evidence.parse_errors):,} not readable")
    return ", ".join(words)


def allowed(outcome: Outcome) -> str:
    """How many findings comments in the source allow, "" when none."""
    count = sum(finding.status == ALLOWED for finding in outcome.findings)
    return f"{counted(count, 'finding')} allowed in the source" if count else ""


def gate_line(outcome: Outcome, style: Style, name_width: int = 0) -> str:
    """One gate on one line: mark, name, status, what it saw, time, and the reason unless it passed."""
    status = style.paint(f"{outcome.status:<7}", COLOURS[outcome.status])
    facts = []
    if outcome.status != SKIPPED:
        time = "from cache" if outcome.cached else duration(outcome.seconds) if outcome.seconds else ""
        facts = [seen(outcome.evidence), time]
    reason = allowed(outcome) if outcome.status == PASSED else clean(outcome.reason)
    text = ", ".join(fact for fact in facts if fact)
    text = " - ".join(part for part in (text, reason) if part)
    return f"{style.mark(outcome.status)} {clean(outcome.gate):<{name_width}} {status} {text}".rstrip()


def headline(verdict: Verdict, style: Style) -> str:
    """The verdict in one line: "all 5 gates passed in 1.20 s, 3 from cache", "1 failed, 4 passed in 3.10 s"."""
    if not verdict.outcomes:
        return style.paint("no gate runs at this door: nothing was checked", "yellow")
    words = _counts(verdict)
    cached = sum(outcome.cached for outcome in verdict.outcomes)
    tail = f" in {duration(verdict.seconds)}" + (f", {cached} from cache" if cached else "")
    if verdict.with_status(FAILED):
        return style.paint(words, "bold", "red") + tail
    return style.paint(words, "bold", "green" if verdict.passed else "yellow") + tail


def _counts(verdict: Verdict) -> str:
    total = len(verdict.outcomes)
    if len(verdict.with_status(PASSED)) == total:
        return "the gate passed" if total == 1 else f"all {total} gates passed"
    counts = [(status, len(verdict.with_status(status))) for status in (FAILED, NOT_RUN, PASSED, SKIPPED)]
    return ", ".join(f"{count} {status}" for status, count in counts if count)


def repeat_commands(verdict: Verdict) -> list[str]:
    """The commands that run again just what did not pass: one for all gates that are asked about the same change."""
    together: dict[str, list[str]] = {}
    for outcome in verdict.with_status(FAILED, NOT_RUN):
        start, gate, name = (outcome.command or f"gateline run --gate {outcome.gate}").partition("--gate ")
        together.setdefault(start, []).append(gate + name)
    return [clean(start + " ".join(gates)) for start, gates in together.items()]
