"""What a change did to a class of edited copies: which of them it brings, and which it edited and forgot the others.

A function of a changed file that is not as it was may be a new copy, or one that was there and was edited. In the
first case most of its lines are new. In the second a twin is missed where another copy has the very code that was
edited: it has the tokens that were replaced, or it is equal on both sides of where some were inserted.
"""

from __future__ import annotations

from gates.checks.copypaste.news import matched
from gates.checks.copypaste.type3 import similarity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.checks.copypaste.allowed import Permissions
    from gates.checks.copypaste.edited import EditedClass
    from gates.checks.copypaste.model import Copy
    from gates.checks.copypaste.news import News
    from gates.checks.copypaste.tokens import Tokens

__all__ = ["EditedNews"]

SAME = 0.5
"""Another copy has the code that was edited when it has this share of its tokens, in their place."""

RUN = 6
"""Tokens stand in their place when so many in a row do: single ones are equal by chance."""

AROUND = 3
"""So many tokens must be equal on either side of where code was inserted."""


class _Code:
    """Some tokens of a file: their text, and their names with and without identifiers and literals."""

    __slots__ = ("blind", "exact", "texts")

    def __init__(self, tokens: Tokens, first: int, last: int) -> None:
        self.texts = [tokens.text(number) for number in range(first, last + 1)]
        self.blind: list[int] = tokens.blind[first : last + 1].tolist()
        self.exact: list[int] = tokens.exact[first : last + 1].tolist()

    def similarity(self, other: _Code) -> float:
        return similarity((self.blind, other.blind), (self.exact, other.exact))


class EditedNews:
    """The copies of one class that are not as they were, told apart.

    brought  those that the change brings, or makes similar to the others
    missed   an edited copy, and those that have the code that was edited as it was; empty when there are none
    """

    __slots__ = ("_before", "_copies", "_news", "_permissions", "_similar", "brought", "missed")

    def __init__(self, each: EditedClass, news: News, permissions: Permissions, similar: float) -> None:
        self._copies = each.clones.copies
        self._news = news
        self._permissions = permissions
        self._similar = similar
        self._before = {at: self._was(self._copies[at]) for at in each.brought}
        self.brought = [at for at in each.brought if self._is_new(at)]
        edited = [at for at in each.brought if at not in self.brought]
        self.missed: list[int] = next(filter(None, map(self._missed, edited)), [])

    def _was(self, copy: Copy) -> _Code | None:
        """What a copy was before, None when it was not there."""
        before = self._news.before(copy.path, copy.first_line, copy.last_line)
        if before is None:
            return None
        old, first, last = before
        return _Code(old.tokens(), first, last)

    def _now(self, at: int) -> _Code:
        copy = self._copies[at]
        return _Code(self._permissions.tokens(copy.path), copy.first_token, copy.last_token)

    def _is_new(self, at: int) -> bool:
        """Whether a copy was not there before, or was nothing like the others."""
        was = self._before[at]
        if was is None:
            return True
        found = False
        for other in self._others(at):
            code = self._before[other] if other in self._before else self._now(other)
            if code is not None:
                found = True
                if was.similarity(code) >= self._similar:
                    return False
        return found

    def _missed(self, at: int) -> list[int]:
        """An edited copy and those that miss the edit."""
        was = self._before[at]
        assert was is not None
        now = self._now(at)
        edits = list(_edits(was, now))
        kept = [other for other in self._others(at) if other not in self._before] if edits else []
        missed = [other for other in kept if _has_what_was_edited(was, edits, self._now(other))]
        return [at, *missed] if missed else []

    def _others(self, at: int) -> list[int]:
        return [other for other in range(len(self._copies)) if other != at]


def _edits(was: _Code, now: _Code) -> Iterator[tuple[int, int]]:
    """Which tokens of old code were replaced or taken away; an empty range stands where some were inserted."""
    reached, reached_now = 0, 0
    for old, new in [*matched(was.texts, now.texts), (len(was.texts) + 1, len(now.texts) + 1)]:
        if old - 1 > reached or new - 1 > reached_now:
            yield reached, old - 1
        reached, reached_now = old, new


def _has_what_was_edited(was: _Code, edits: list[tuple[int, int]], other: _Code) -> bool:
    """Whether another copy has the code of one of the edits as it was."""
    place = _places(was, other)
    for first, last in edits:
        if first == last:
            around = range(max(0, first - AROUND), min(len(was.texts), first + AROUND))
            if len({place.get(at, -2 * at - 1) - at for at in around}) == 1:
                return True
            continue
        same = sum(at in place and other.texts[place[at]] == was.texts[at] for at in range(first, last))
        if same >= SAME * (last - first):
            return True
    return False


def _places(was: _Code, other: _Code) -> dict[int, int]:
    """Where the tokens of one stand in another, in rows that are no chance; names and literals may be replaced."""
    pairs: list[tuple[int, int]] = []
    reached = (0, 0)
    for one, two in [*matched(was.texts, other.texts), (len(was.texts) + 1, len(other.texts) + 1)]:
        if was.blind[reached[0] : one - 1] == other.blind[reached[1] : two - 1]:
            pairs += zip(range(reached[0], one - 1), range(reached[1], two - 1), strict=True)
        pairs.append((one - 1, two - 1))
        reached = (one, two)
    rows: list[list[tuple[int, int]]] = []
    for pair in pairs[:-1]:
        if rows and rows[-1][-1] == (pair[0] - 1, pair[1] - 1):
            rows[-1].append(pair)
        else:
            rows.append([pair])
    return {one: two for row in rows if len(row) >= RUN for one, two in row}
