"""Joining the results of shards."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.ci.merge import SHARDS, merge, read_all
from gates.errors import ExitCode, UsageError, VerdictError
from gates.evidence import Evidence
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.reports.write import write_reports
from gates.verdict import Verdict
from tests.reports.samples import change, finding


def shard(index: int, total: int, *outcomes: Outcome, **more: object) -> Verdict:
    facts = {"policy": "sha256:1", "version": "1.0", "started": 100.0 + index, "seconds": 10.0 * index, **more}
    return Verdict(change(), list(outcomes), shard=(index, total), **facts)  # type: ignore[arg-type]


def of_tests(status: str = PASSED, tests: int = 10, **more: object) -> Outcome:
    reason = "" if status == PASSED else f"{status} it is"
    return Outcome("tests", status, reason, evidence=Evidence(tests=tests, tests_failed=0), seconds=2, **more)  # type: ignore[arg-type]


def test_all_shards_are_one_verdict() -> None:
    whole = merge([shard(2, 2, of_tests(tests=5), notes=["b", "a"]), shard(1, 2, of_tests(), notes=["a"])])
    assert whole.passed
    assert whole.shard == (1, 1)
    assert whole.notes == ["a", "b"]
    assert (whole.started, whole.seconds) == (101.0, 21.0)
    (outcome,) = whole.outcomes
    assert outcome.evidence.tests == 15
    assert outcome.seconds == 4


@pytest.mark.parametrize("present", [[1], [2], [1, 3]])
def test_a_missing_shard_never_passes(present: list[int]) -> None:
    whole = merge([shard(index, 3, of_tests()) for index in present])
    assert not whole.passed
    assert whole.exit_code == ExitCode.NOT_RUN
    assert whole.outcomes[-1].gate == SHARDS
    for index in {1, 2, 3} - set(present):
        assert str(index) in whole.outcomes[-1].reason


def test_the_missing_are_named() -> None:
    assert merge([shard(2, 3)]).outcomes[-1].reason == "there are no results of shards 1, 3 of 3"


@pytest.mark.parametrize(
    ("statuses", "joined"),
    [
        ((PASSED, FAILED), FAILED),
        ((NOT_RUN, FAILED), FAILED),
        ((PASSED, NOT_RUN), NOT_RUN),
        ((SKIPPED, PASSED), PASSED),
        ((SKIPPED, SKIPPED), SKIPPED),
    ],
)
def test_the_worst_counts(statuses: tuple[str, str], joined: str) -> None:
    whole = merge([shard(index, 2, of_tests(status)) for index, status in enumerate(statuses, 1)])
    assert whole.outcomes[0].status == joined
    assert whole.outcomes[0].reason == ("" if joined == PASSED else f"{joined} it is")


def test_a_gate_that_one_shard_does_not_know_has_not_run() -> None:
    whole = merge([shard(1, 2, of_tests()), shard(2, 2)])
    assert whole.outcomes[0].status == NOT_RUN
    assert whole.outcomes[0].reason == "shard 2 has no result of it"


def test_findings_are_joined_and_the_same_one_is_there_once() -> None:
    parts = [
        Outcome("lint", FAILED, "1 finding", findings=[finding(), finding("other", line=number)]) for number in (3, 4)
    ]
    whole = merge([shard(1, 2, parts[0]), shard(2, 2, parts[1])])
    assert [found.place.start_line for found in whole.outcomes[0].findings] == [3, 4, 12]


def test_metrics_are_added_averaged_or_compared_by_their_name() -> None:
    def part(files: int, **metrics: float) -> Outcome:
        return Outcome("complexity", PASSED, metrics=metrics, evidence=Evidence(files=files))

    whole = merge(
        [
            shard(1, 3, part(1, average_complexity=10, max_complexity=3, functions=5)),
            shard(2, 3, part(3, average_complexity=2, max_complexity=9, functions=7)),
            shard(3, 3, Outcome("complexity", SKIPPED, "no files", metrics={"functions": 1000})),
        ]
    )
    assert whole.outcomes[0].metrics == {"average_complexity": 4, "max_complexity": 9, "functions": 12}
    assert whole.outcomes[0].evidence.files == 4


def test_evidence_is_joined() -> None:
    def part(error: str) -> Outcome:
        evidence = Evidence(files=2, parse_errors=[error], left_out={"binary": 1}, tool="ruff", version="1")
        return Outcome("lint", NOT_RUN, "x", evidence=evidence, output=error, command="ruff check")

    (outcome,) = merge([shard(1, 2, part("a")), shard(2, 2, part("b"))]).outcomes
    assert outcome.evidence.parse_errors == ["a", "b"]
    assert outcome.evidence.left_out == {"binary": 2}
    assert (outcome.evidence.tool, outcome.evidence.version) == ("ruff", "1")
    assert (outcome.output, outcome.command, outcome.reason) == ("a\nb", "ruff check", "x")


def test_from_cache_only_when_all_of_it_was() -> None:
    assert merge([shard(1, 2, of_tests(cached=True)), shard(2, 2, of_tests(cached=True))]).outcomes[0].cached
    assert not merge([shard(1, 2, of_tests(cached=True)), shard(2, 2, of_tests())]).outcomes[0].cached


def test_shards_of_something_else_are_refused() -> None:
    other = shard(2, 2)
    other.change.tree = "0" * 40
    with pytest.raises(VerdictError, match="different trees"):
        merge([shard(1, 2), other])
    with pytest.raises(VerdictError, match="different configurations"):
        merge([shard(1, 2), shard(2, 2, policy="sha256:2")])
    with pytest.raises(VerdictError, match="different versions"):
        merge([shard(1, 2), shard(2, 2, version="2.0")])
    with pytest.raises(VerdictError, match="different numbers of shards: 2 and 3"):
        merge([shard(1, 2), shard(2, 3)])
    with pytest.raises(VerdictError, match="shard 1 of 2 is there twice"):
        merge([shard(1, 2), shard(1, 2)])
    with pytest.raises(UsageError, match="no results"):
        merge([])


def test_results_are_found_in_the_folders_and_below(tmp_path: Path) -> None:
    for index in (1, 2):
        write_reports(shard(index, 2, of_tests()), str(tmp_path / f"job-{index}" / "reports"), ["json"])
    assert [verdict.shard[0] for verdict in read_all([str(tmp_path)])] == [1, 2]
    both = [str(tmp_path / f"job-{index}" / "reports") for index in (2, 1)]
    assert [verdict.shard[0] for verdict in read_all(both)] == [2, 1]
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "none"):
        with pytest.raises(UsageError, match=r"no results\.json"):
            read_all([str(tmp_path / folder)])
