"""All files of a search as one row of tokens, of which only those files are at hand that have something to say."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gates.checks.copypaste.arrays import distinct
from gates.checks.copypaste.match import Repeat, repeats
from gates.checks.copypaste.part import File, Summary
from gates.checks.copypaste.pool import Pool
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD, Reader, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions

__all__ = ["CHANGED", "KEPT", "OLD", "Corpus", "File", "Reader", "Source"]


class Corpus:
    """A searched set of files. The order of the row is no one's business: it depends on who was faster.

    repeats  what occurs more than once in it
    files    those with a repeat, and those that are not on the side KEPT, in the order of the row
    count, tokens  how many files of the tree under test there are, and how many tokens these have
    length   of the row
    summaries  what the parts tell of their files
    """

    def __init__(self, pool: Pool, min_tokens: int, *, functions: bool = False) -> None:
        self.summaries = summaries = pool.summaries()
        lengths = [np.concatenate([[0], np.cumsum(summary.lengths)]) for summary in summaries]
        bases = np.concatenate([[0], np.cumsum([part[-1] for part in lengths])]).astype(np.int64)
        current = np.array([side != OLD for summary in summaries for side in summary.sides], bool)
        self.length = int(bases[-1])
        self.count = int(np.count_nonzero(current))
        self.tokens = int(np.concatenate([summary.lengths for summary in summaries])[current].sum())

        windows = pool.windows(distinct(np.concatenate([summary.hashes for summary in summaries]), least=2))
        self.repeats: list[Repeat] = []
        for kind in range(len(windows[0])):
            places = np.concatenate([base + part[kind][0] for base, part in zip(bases, windows, strict=False)])
            hashes = np.concatenate([part[kind][1] for part in windows])
            self.repeats += repeats(places, hashes, min_tokens, renamed=kind > 0)

        firsts = np.concatenate([base + part[:-1] for base, part in zip(bases, lengths, strict=False)])
        wanted = np.array([side != KEPT for summary in summaries for side in summary.sides], bool)
        found = np.array([place for repeat in self.repeats for place in repeat.places], np.int64)
        wanted[np.searchsorted(firsts, found, "right") - 1] = True
        numbers = [np.flatnonzero(part).tolist() for part in _split(wanted, summaries)]
        self._parts: list[Functions] | None = pool.functions() if functions else None
        gathered = pool.files(numbers, bases[:-1].tolist())
        self.files = [file for part in gathered for file in part]
        self._firsts = np.array([file.first for file in self.files], np.int64)

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Path and side of all files, ascending."""
        return sorted(name for summary in self.summaries for name in _names(summary))

    @cached_property
    def functions(self) -> Functions | None:
        """Those that may be edited copies, their files numbered as in `names`; None when none were looked for.

        They are put in order when somebody asks, when the processes that found them have ended and need no memory.
        """
        if self._parts is None:
            return None
        from gates.checks.copypaste.functions import Functions

        place = {name: number for number, name in enumerate(self.names)}
        numbers = np.array([place[name] for summary in self.summaries for name in _names(summary)], np.int64)
        joined = Functions.joined(self._parts, [len(summary.paths) for summary in self.summaries])
        self._parts = None
        return joined.by_file(numbers)

    def files_at(self, places: Sequence[int]) -> list[File]:
        """The files of some tokens."""
        return [self.files[number] for number in self.numbers_at(np.array(places, np.int64)).tolist()]

    def numbers_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of the files of some tokens."""
        return np.searchsorted(self._firsts, places, "right") - 1


def _names(summary: Summary) -> Iterator[tuple[str, str]]:
    return zip(summary.paths, summary.sides, strict=True)


def _split(flags: NDArray[np.bool_], summaries: Sequence[Summary]) -> list[NDArray[np.bool_]]:
    ends = np.cumsum([len(summary.paths) for summary in summaries])
    return np.split(flags, ends[:-1])
