"""Splitting work over parallel jobs: each takes its share, and all shares together are the whole."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gates.errors import UsageError

__all__ = ["parse", "pick"]


def parse(text: str) -> tuple[int, int]:
    """ "2/5" -> (2, 5), the form of GitLab's `$CI_NODE_INDEX/$CI_NODE_TOTAL`. Raises UsageError."""
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text.strip())
    if not found:
        hint = "Write --shard $CI_NODE_INDEX/$CI_NODE_TOTAL, which is 1/3, 2/3, 3/3 in three parallel jobs."
        raise UsageError(f"{text!r} is not a shard", hint=hint)
    index, total = int(found[1]), int(found[2])
    if not 1 <= index <= total:
        raise UsageError(f"there is no shard {index} of {total}", hint="Shards are counted from 1: 1/3, 2/3, 3/3.")
    return index, total


def pick(items: Iterable[str], index: int, total: int) -> list[str]:
    """The share of shard `index` (from 1) of `total`, sorted.

    The sorted items are dealt like cards, so that the shares differ by one at most and neighbours, which often take
    equally long, are spread. It depends on nothing but the items.
    """
    return sorted(items)[index - 1 :: total]
