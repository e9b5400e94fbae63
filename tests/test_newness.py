"""New, existing and fixed findings."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.evidence import Evidence
from gates.finding import ALLOWED, EXISTING, FIXED, NEW, Finding, Place, fingerprint, number_fingerprints
from gates.newness import arrived_rules, blocking, classify
from gates.outcome import FAILED, Outcome


def at(path: str, line: int, text: str, rule: str = "E501") -> Finding:
    return Finding("lint", rule, "wrong", place=Place(path, line), fingerprint=fingerprint("lint", rule, text))


def numbered(*findings: Finding) -> list[Finding]:
    number_fingerprints(findings)
    return list(findings)


def test_what_the_base_has_is_existing_and_the_rest_new() -> None:
    head = numbered(at("a.py", 1, "x"), at("a.py", 2, "y"))
    assert classify(head, numbered(at("a.py", 9, "x"))) == []
    assert [finding.status for finding in head] == [EXISTING, NEW]


def test_what_is_gone_is_fixed() -> None:
    fixed = classify([], numbered(at("b.py", 1, "y"), at("a.py", 1, "x")))
    assert [(finding.place.path, finding.status) for finding in fixed] == [("a.py", FIXED), ("b.py", FIXED)]


def test_a_moved_file_and_shifted_lines_bring_nothing_new() -> None:
    head = numbered(at("new/place.py", 101, "x = 1"), at("new/place.py", 102, "y = 1"))
    assert classify(head, numbered(at("old.py", 1, "x = 1"), at("old.py", 2, "y = 1"))) == []
    assert {finding.status for finding in head} == {EXISTING}


def test_white_space_does_not_make_a_finding_new() -> None:
    head = [at("a.py", 1, "if  x:\n        y()")]
    classify(head, [at("a.py", 1, "if x:\n    y()")])
    assert head[0].status == EXISTING


def test_one_more_of_the_same_is_one_new() -> None:
    head = numbered(*(at("a.py", line, "x") for line in (1, 5, 9)))
    classify(head, numbered(*(at("a.py", line, "x") for line in (1, 5))))
    assert sorted(finding.status for finding in head) == [EXISTING, EXISTING, NEW]


def test_of_equal_findings_the_one_in_added_lines_is_the_new_one() -> None:
    head = numbered(at("a.py", 1, "x"), at("a.py", 5, "x"), at("b.py", 1, "x"))
    classify(head, numbered(at("a.py", 1, "x"), at("b.py", 1, "x")), {"a.py": [(1, 2)]})
    assert [finding.status for finding in head] == [NEW, EXISTING, EXISTING]


def test_of_equal_findings_the_one_in_another_file_is_the_new_one() -> None:
    head = numbered(at("a.py", 1, "x"), at("z.py", 1, "x"))
    classify(head, numbered(at("z.py", 1, "x")))
    assert [finding.status for finding in head] == [NEW, EXISTING]


def test_one_fixed_and_one_copied_elsewhere_are_even() -> None:
    head = numbered(at("b.py", 1, "x"))
    assert classify(head, numbered(at("a.py", 1, "x"))) == []
    assert head[0].status == EXISTING


def test_other_rule_or_gate_is_another_finding() -> None:
    head = [at("a.py", 1, "x", "E1")]
    fixed = classify(head, [at("a.py", 1, "x", "E2")])
    assert head[0].status == NEW
    assert len(fixed) == 1


def test_findings_about_the_whole_tree_are_compared_as_well() -> None:
    head = [Finding("deps", "cycle", "a -> b", fingerprint="00")]
    classify(head, [Finding("deps", "cycle", "a -> b", fingerprint="00")], {"": [(1, 1)]})
    assert head[0].status == EXISTING


TEXTS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5), st.sampled_from("xyz")), max_size=12)


@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_counts_add_up_and_order_does_not_matter(head: list, base: list, order: random.Random) -> None:
    now = numbered(*(at(*facts) for facts in head))
    before = numbered(*(at(*facts) for facts in base))
    shuffled = copy.deepcopy(now)
    order.shuffle(shuffled)
    fixed = classify(now, copy.deepcopy(before))
    existing = sum(finding.status == EXISTING for finding in now)
    assert existing + len(fixed) == len(before)
    assert existing + sum(finding.status == NEW for finding in now) == len(now)
    classify(shuffled, before)
    statuses = sorted((finding.sort_key(), finding.fingerprint, finding.status) for finding in now)
    assert statuses == sorted((finding.sort_key(), finding.fingerprint, finding.status) for finding in shuffled)


def outcome(*statuses: str, version: str = "2.0") -> Outcome:
    found = [at("a.py", line, str(line), rule=f"R{line}") for line, _ in enumerate(statuses, 1)]
    for finding, status in zip(found, statuses, strict=True):
        finding.status = status
    return Outcome("lint", FAILED, "x", findings=found, evidence=Evidence(tool="ruff", version=version))


@pytest.mark.parametrize(("block", "rules"), [("none", []), ("new", ["R1", "R4"]), ("all", ["R1", "R2", "R4"])])
def test_what_blocks(block: str, rules: list[str]) -> None:
    result = outcome(NEW, EXISTING, FIXED, "")
    assert [finding.rule for finding in blocking(result, block)] == rules


def with_same_rule(*statuses: str, version: str) -> Outcome:
    result = outcome(*statuses, version=version)
    for finding in result.findings:
        finding.rule = "NEW-RULE"
    return result


def test_what_is_allowed_in_the_source_never_blocks() -> None:
    result = outcome(ALLOWED)
    assert [blocking(result, block) for block in ("all", "new", "none")] == [[], [], []]


def test_a_rule_that_arrived_with_an_upgrade_does_not_block_until_it_is_accepted() -> None:
    upgraded = with_same_rule(NEW, EXISTING, version="2.0")
    assert arrived_rules(upgraded, "1.0") == {"NEW-RULE"}
    assert blocking(upgraded, "all", "1.0") == []
    assert blocking(upgraded, "new", "1.0") == []
    assert len(blocking(upgraded, "new", "2.0")) == 1
    assert len(blocking(upgraded, "all", "2.0")) == 2


def test_rules_that_the_base_keeps_block_whatever_the_version() -> None:
    assert len(blocking(outcome(NEW, version="2.0"), "new", "1.0")) == 1
    assert arrived_rules(outcome(EXISTING, version=""), "1.0") == set()
    assert arrived_rules(outcome(EXISTING, version="2.0"), "") == set()
