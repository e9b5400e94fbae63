"""Shares of work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.ci.shard import parse, pick
from gates.errors import UsageError


@given(st.sets(st.text(min_size=1, max_size=5), max_size=40), st.integers(1, 12))
def test_all_shares_are_the_whole_and_no_two_overlap(items: set[str], total: int) -> None:
    shares = [pick(items, index, total) for index in range(1, total + 1)]
    assert sorted(item for share in shares for item in share) == sorted(items)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_share_depends_on_nothing_but_the_items() -> None:
    assert pick(["c", "a", "b"], 1, 2) == pick(iter(["b", "c", "a"]), 1, 2) == ["a", "c"]
    assert pick([], 1, 2) == []
    assert pick(["a"], 2, 2) == []


@pytest.mark.parametrize(("text", "shard"), [("1/1", (1, 1)), ("2/5", (2, 5)), (" 10/10 ", (10, 10))])
def test_the_form_of_gitlab(text: str, shard: tuple[int, int]) -> None:
    assert parse(text) == shard


@pytest.mark.parametrize(
    "text", ["", "/", "1", "0/3", "4/3", "a/b", "1/0", "-1/3", "1/3/5", "1.5/3", "$CI_NODE_INDEX/"]
)
def test_anything_else_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="shard"):
        parse(text)
