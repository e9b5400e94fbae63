"""Verdicts as the runner makes them, for the tests of all reports."""

from __future__ import annotations

from gates.evidence import Evidence
from gates.finding import EXISTING, FIXED, NEW, Finding, Place, fingerprint, number_fingerprints
from gates.git.change import Change, FileChange
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.verdict import Verdict

TREE = "a" * 40
COMMIT = "b" * 40
NASTY = "<script>alert('x')</script> & \"quotes\" | pipe `tick` \x1b[31mred\x07 ünï 漢字 @everyone ]]> %0A::error::"


def change() -> Change:
    return Change(
        "ci",
        TREE,
        base_tree="c" * 40,
        commit=COMMIT,
        base_commit="d" * 40,
        ref="refs/heads/main",
        files=[FileChange("M", "src/app.py", blob="e" * 40, old_blob="f" * 40)],
    )


def verdict(*outcomes: Outcome, notes: list[str] | None = None) -> Verdict:
    return Verdict(
        change(),
        list(outcomes),
        policy="blake2b:00",
        started=1_700_000_000.0,
        seconds=3.4,
        notes=notes,
        version="1.0",
    )


def finding(
    message: str = "line too long (130 > 120)",
    path: str = "src/app.py",
    line: int = 12,
    *,
    gate: str = "lint",
    rule: str = "E501",
    severity: str = "major",
    status: str = NEW,
    source: str = "    value = compute(1, 2)",
    **more: object,
) -> Finding:
    return Finding(
        gate,
        rule,
        message,
        place=Place(path, line, column=5) if path else None,
        severity=severity,
        status=status,
        source=source,
        fingerprint=fingerprint(gate, rule, source, message),
        **more,  # type: ignore[arg-type]
    )


def passed(gate: str = "secrets", **more: object) -> Outcome:
    return Outcome(gate, PASSED, evidence=Evidence(files=12, tool=gate, version="1.2.3"), seconds=0.31, **more)  # type: ignore[arg-type]


def mixed() -> Verdict:
    """Every status and every kind of finding, hostile text included."""
    lint = [
        finding(),
        finding(NASTY, "src/a b/ü #1%.py", 3, rule="X/1", severity="minor", source=NASTY),
        finding("old", "src/old.py", 9, status=EXISTING, severity="info"),
        finding("gone", "src/gone.py", 2, status=FIXED),
        finding("the same", "src/app.py", 20),
        finding("the same", "src/app.py", 30),
    ]
    number_fingerprints(lint)
    copies = finding(
        "12 lines copied from src/b.py:40",
        "src/app.py",
        40,
        gate="copypaste",
        rule="clone",
        severity="critical",
        related=[Place("src/b.py", 40, 52)],
        detail="the copied text\nsecond line",
        url="https://example.org/clone",
    )
    return verdict(
        Outcome(
            "lint",
            FAILED,
            "4 new findings",
            findings=lint,
            evidence=Evidence(files=12, tool="ruff", version="0.8.1"),
            command="ruff check src/app.py",
            seconds=0.31,
        ),
        Outcome(
            "tests",
            FAILED,
            "1 of 48 tests failed",
            findings=[
                finding(
                    "assert 1 == 2",
                    "tests/test_app.py",
                    7,
                    gate="tests",
                    rule="tests.test_app::test_add",
                    detail="Traceback\n  assert 1 == 2",
                )
            ],
            evidence=Evidence(tests=48, tests_failed=1, tests_skipped=2, tool="pytest", version="8.3"),
            seconds=12.41,
        ),
        Outcome("copypaste", FAILED, "1 new clone", findings=[copies], evidence=Evidence(files=300), seconds=1.5),
        Outcome("types", NOT_RUN, "the program 'mypy' was not found", output="sh: mypy: not found\n\x1b[31mx"),
        Outcome("dependencies", SKIPPED, "nothing that it reads has changed"),
        passed(cached=True, metrics={"findings": 0.0}),
        Outcome(
            "config",
            FAILED,
            "the change loosens the configuration",
            findings=[finding("gate lint is removed", "", gate="config", rule="loosened", source="")],
            evidence=Evidence(files=1),
        ),
        notes=["the base is origin/main (merge request target)"],
    )
