"""The parts of a search on all cores: this process has one part, and each child that it forks has another.

A child inherits the list of what is to be read, takes from it piece by piece like everybody else, and then answers
questions until this process closes its end, or ends.
"""

from __future__ import annotations

import gc
import os
import pickle
import struct
from contextlib import suppress

from gates.checks.copypaste.part import File, Part, Summary, Wanted
from gates.checks.copypaste.reading import Reader
from gates.errors import CannotRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from gates.checks.copypaste.functions import Functions
    from gates.checks.copypaste.part import Windows
    from gates.checks.copypaste.reading import Source

__all__ = ["FEW", "Pool", "cores"]

FEW = 400
"""So many files are not worth another process."""

TURN = 32
"""Files that are taken in one go."""

_NUMBER = struct.Struct("=I")
_SIZE = struct.Struct("=Q")
_PIPE = 8192
"""Numbers that a pipe surely holds: half of the 64 KB of Linux."""


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """All parts of a search. Use as a context manager: leaving it ends the children."""

    __slots__ = ("children", "own", "reader")

    def __init__(self, sources: Sequence[Source], reader: Reader, wanted: Wanted, *, workers: int) -> None:
        self.reader = reader
        turns = _Turns(sources)
        workers = max(1, min(workers, turns.count))
        gc.freeze()  # so that a collection in a child does not touch, and copy, every page of this process
        self.children = [_Child(reader, turns, wanted) for _ in range(workers - 1)]
        self.own = Part(reader, wanted)
        self.own.read(turns.take())
        turns.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            child.hang_up()
        for child in self.children:  # each has inherited the ends of those before it
            child.wait()

    def read(self, sources: Sequence[Source]) -> None:
        """Read some more files, in this process."""
        self.own.read(sources)

    def summaries(self) -> list[Summary]:
        """What the parts tell of themselves; the first is this process's own."""
        found: list[Summary] = self._ask("summary", [()] * (len(self.children) + 1))
        for summary in found:
            if summary.left_out is not self.reader.left_out:
                self.reader.left_out.update(summary.left_out)
                self.reader.marked |= summary.marked
                self.reader.unreadable += summary.unreadable
        return found

    def windows(self, repeated: NDArray[np.uint32]) -> list[list[Windows]]:
        """See `Part.windows`."""
        return self._ask("windows", [(repeated,)] * (len(self.children) + 1))

    def functions(self) -> list[Functions]:
        """See `Part.functions`."""
        return self._ask("functions", [()] * (len(self.children) + 1))

    def files(self, numbers: Sequence[Sequence[int]], firsts: Sequence[int]) -> list[list[File]]:
        """For each part some of its files, see `Part.files`."""
        return self._ask("files", list(zip(numbers, firsts, strict=True)))

    def _ask(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        own, *others = arguments
        for child, each in zip(self.children, others, strict=True):
            child.ask(question, each)
        return [getattr(self.own, question)(*own), *(child.answer() for child in self.children)]


class _Turns:
    """What is to be read, taken from a pipe by whoever is free."""

    __slots__ = ("count", "read_end", "size", "sources")

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.size = max(TURN, -(-len(sources) // _PIPE))
        self.count = -(-len(sources) // self.size)
        self.read_end, write_end = os.pipe()
        os.write(write_end, b"".join(map(_NUMBER.pack, range(self.count))))
        os.close(write_end)

    def take(self) -> Iterator[Source]:
        """Sources, as long as there are some that nobody else has taken."""
        while data := os.read(self.read_end, _NUMBER.size):
            (number,) = _NUMBER.unpack(data)
            yield from self.sources[number * self.size : (number + 1) * self.size]

    def close(self) -> None:
        os.close(self.read_end)


class _Child:
    """A part in a process of its own."""

    __slots__ = ("answers", "pid", "questions")

    def __init__(self, reader: Reader, turns: _Turns, wanted: Wanted) -> None:
        ask_read, ask_write = os.pipe()
        answer_read, answer_write = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(ask_write)
            os.close(answer_read)
            _serve(Part(Reader(reader.root, reader.attributes), wanted), turns, ask_read, answer_write)
        os.close(ask_read)
        os.close(answer_write)
        self.questions = os.fdopen(ask_write, "wb")
        self.answers = os.fdopen(answer_read, "rb")

    def ask(self, question: str, arguments: tuple[Any, ...]) -> None:
        try:
            _send(self.questions, (question, arguments))
        except BrokenPipeError:
            raise CannotRun(ENDED) from None

    def answer(self) -> Any:
        try:
            return _receive(self.answers)
        except EOFError:
            raise CannotRun(ENDED) from None

    def hang_up(self) -> None:
        """Let it end: nobody asks any more."""
        for stream in (self.questions, self.answers):
            with suppress(BrokenPipeError):  # it has ended already
                stream.close()

    def wait(self) -> None:
        os.waitpid(self.pid, 0)


ENDED = "a process that searched for copies was ended"


def _serve(part: Part, turns: _Turns, questions: int, answers: int) -> None:
    """The life of a child; never returns."""
    code = 1
    try:
        part.read(turns.take())
        with os.fdopen(questions, "rb") as reader, os.fdopen(answers, "wb") as writer:
            while True:
                question, arguments = _receive(reader)
                _send(writer, getattr(part, question)(*arguments))
    except (EOFError, BrokenPipeError):
        code = 0  # nobody asks any more
    finally:
        os._exit(code)


def _send(stream: Any, message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: Any) -> Any:
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - from this process's own child
