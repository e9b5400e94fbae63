"""`block`, newness and ratchets together: what an outcome becomes."""

from __future__ import annotations

import pytest

from gates.evidence import Evidence
from gates.finding import Finding, Place, fingerprint
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome
from gates.settings import GateSettings
from gates.settle import needs_base, settle


def found(*texts: str) -> list[Finding]:
    return [
        Finding("lint", "E1", text, place=Place("a.py", number), fingerprint=fingerprint("lint", "E1", text))
        for number, text in enumerate(texts, 1)
    ]


def outcome(status: str, *texts: str, **metrics: float) -> Outcome:
    evidence = Evidence(files=1, tool="x", version="2")
    return Outcome(
        "lint", status, "" if status == PASSED else "bad", findings=found(*texts), metrics=metrics, evidence=evidence
    )


def settled(
    settings: GateSettings, head: Outcome, base: Outcome | None, *, same: bool = False, own: bool = False
) -> Outcome:
    return settle(settings, head, base, same_tree=same, compares_itself=own, ranges=dict)


def gate(**options: object) -> GateSettings:
    return GateSettings("lint", **options)  # type: ignore[arg-type]


def test_new_blocks_only_what_the_base_does_not_have() -> None:
    assert settled(gate(block="new"), outcome(FAILED, "a"), outcome(FAILED, "a")).status == PASSED
    result = settled(gate(block="new"), outcome(FAILED, "a", "b"), outcome(FAILED, "a", "c"))
    assert result.status == FAILED
    assert {(f.message, f.status) for f in result.findings} == {("a", "existing"), ("b", "new"), ("c", "fixed")}


def test_all_blocks_what_was_there_before() -> None:
    result = settled(gate(block="all"), outcome(FAILED, "a"), outcome(FAILED, "a"))
    assert (result.status, result.reason) == (FAILED, "bad, nothing new")
    assert settled(gate(block="all"), outcome(FAILED, "a", "b"), outcome(FAILED, "a")).reason == "bad"


def test_none_only_reports() -> None:
    assert settled(gate(block="none"), outcome(FAILED, "a"), None).status == PASSED
    result = settled(gate(block="none"), outcome(FAILED), None)
    assert (result.status, [f.message for f in result.findings]) == (PASSED, ["bad"])


@pytest.mark.parametrize("block", ["new", "all"])
def test_a_failure_without_findings_fails_whatever_the_base_has(block: str) -> None:
    assert settled(gate(block=block), outcome(FAILED), outcome(FAILED, "a")).status == FAILED


def test_what_is_found_in_an_unchanged_tree_was_there_before() -> None:
    result = settled(gate(block="new"), outcome(FAILED, "a"), None, same=True)
    assert (result.status, result.findings[0].status) == (PASSED, "existing")


def test_what_does_not_block_is_old_unless_it_stands_in_an_added_line() -> None:
    passing = outcome(PASSED, "a", "b")
    settle(gate(), passing, None, same_tree=False, compares_itself=False, ranges=lambda: {"a.py": [(2, 3)]})
    assert [(f.message, f.status) for f in passing.findings] == [("a", "existing"), ("b", "new")]
    failing = outcome(FAILED, "a", "b")
    settle(gate(), failing, None, same_tree=False, compares_itself=False, ranges=dict)
    assert "existing" not in {f.status for f in failing.findings}


def test_a_finding_without_a_base_counts_as_new() -> None:
    assert settled(gate(block="new"), outcome(FAILED, "a"), None).status == FAILED


def test_a_base_that_could_not_be_looked_at_excuses_nothing() -> None:
    result = settled(gate(block="new"), outcome(FAILED, "a"), Outcome("lint", NOT_RUN, "no ruff there"))
    assert result.status == FAILED
    assert "no ruff there" in result.reason


def test_a_gate_that_compares_itself_keeps_its_own_statuses() -> None:
    head = outcome(FAILED, "a", "b")
    head.findings[0].status, head.findings[1].status = "new", "existing"
    assert [f.status for f in settled(gate(block="new"), head, None, own=True).findings] == ["new", "existing"]


def test_a_ratchet_fails_a_gate_that_passed() -> None:
    settings = gate(block="new", ratchets={"average": "down"})
    result = settled(settings, outcome(PASSED, average=3.0), outcome(PASSED, average=2.0))
    assert result.status == FAILED
    assert "average rose from 2 to 3" in result.reason
    assert settled(settings, outcome(PASSED, average=2.0), outcome(PASSED, average=2.0)).status == PASSED


def test_a_ratchet_without_the_base_figure_has_not_run() -> None:
    settings = gate(ratchets={"average": "down"})
    broken = Outcome("lint", NOT_RUN, "crashed", evidence=Evidence(files=3))
    assert settled(settings, outcome(PASSED, average=3.0), broken).status == NOT_RUN
    nothing_there = Outcome("lint", NOT_RUN, "there is no file")
    assert settled(settings, outcome(PASSED, average=3.0), nothing_there).status == PASSED


def test_a_rule_of_another_version_of_the_tool_is_reported_only() -> None:
    settings = gate(block="all", tool_version="1")
    assert settled(settings, outcome(FAILED, "a"), outcome(FAILED, "a")).status == PASSED
    assert settled(gate(block="all", tool_version="2"), outcome(FAILED, "a"), outcome(FAILED, "a")).status == FAILED


def test_a_gate_that_has_not_run_stays_so() -> None:
    result = settled(gate(block="none"), Outcome("lint", NOT_RUN, "gone"), None)
    assert (result.status, result.reason) == (NOT_RUN, "gone")


def test_the_base_is_needed_only_where_it_can_matter() -> None:
    new, rest = gate(block="new"), gate(block="all")
    assert needs_base(new, outcome(FAILED, "a"), compares_itself=False)
    assert not needs_base(new, outcome(FAILED, "a"), compares_itself=True)
    assert not needs_base(new, outcome(PASSED), compares_itself=False)
    assert not needs_base(rest, outcome(FAILED, "a"), compares_itself=False)
    assert needs_base(gate(ratchets={"x": "up"}), outcome(PASSED), compares_itself=True)
    assert needs_base(gate(block="all", tool_version="1"), outcome(FAILED, "a"), compares_itself=False)
    assert not needs_base(gate(ratchets={"x": "up"}), Outcome("lint", NOT_RUN, "gone"), compares_itself=False)
