"""Figures that may not get worse."""

from __future__ import annotations

import pytest

from gates.finding import ALLOWED, EXISTING, FIXED, NEW, Finding
from gates.outcome import PASSED, Outcome
from gates.ratchet import compare, figures


def measured(*statuses: str, **metrics: float) -> Outcome:
    found = [Finding("gate", "r", "m", status=status) for status in statuses]
    return Outcome("gate", PASSED, findings=found, metrics=metrics)


@pytest.mark.parametrize(
    ("direction", "before", "now", "worse"),
    [
        ("down", 3.2, 3.2, False),
        ("down", 3.2, 3.1, False),
        ("down", 3.2, 3.3, True),
        ("up", 80.0, 80.0, False),
        ("up", 80.0, 81.0, False),
        ("up", 80.0, 79.9, True),
        ("down", 0.1 + 0.2, 0.3, False),
        ("up", 0.3, 0.1 + 0.2, False),
        ("down", 0.0, 1.0, True),
        ("down", 0.0, 0.0, False),
    ],
)
def test_the_direction_counts(direction: str, before: float, now: float, worse: bool) -> None:
    found = compare(measured(share=now), measured(share=before), {"share": direction})
    assert bool(found) is worse


def test_the_finding_tells_both_figures() -> None:
    (finding,) = compare(measured(new_coverage=79.5), measured(new_coverage=80), {"new_coverage": "up"})
    assert finding.rule == "ratchet-new_coverage"
    assert finding.message == "new coverage fell from 80 to 79.5; it may not shrink"
    assert finding.place is None
    (finding,) = compare(measured(a=2), measured(a=1), {"a": "down"})
    assert finding.message == "a rose from 1 to 2; it may not grow"


def test_the_number_of_findings_is_a_figure_and_fixed_ones_do_not_count() -> None:
    assert figures(measured(NEW, EXISTING, FIXED, ALLOWED))["findings"] == 2
    assert compare(measured(NEW), measured(""), {"findings": "down"}) == []
    assert len(compare(measured(NEW, EXISTING), measured(""), {"findings": "down"})) == 1


def test_a_metric_that_vanished_is_worse_and_one_that_is_new_is_not() -> None:
    (finding,) = compare(measured(), measured(coverage=80), {"coverage": "up"})
    assert "not measured now" in finding.message
    assert compare(measured(coverage=1), measured(), {"coverage": "up"}) == []


def test_fingerprints_stay_the_same_whatever_the_figures() -> None:
    first = compare(measured(a=2, b=2), measured(a=1, b=1), {"a": "down", "b": "down"})
    second = compare(measured(a=9, b=9), measured(a=1, b=1), {"a": "down", "b": "down"})
    assert [finding.fingerprint for finding in first] == [finding.fingerprint for finding in second]
    assert len({finding.fingerprint for finding in first}) == 2
