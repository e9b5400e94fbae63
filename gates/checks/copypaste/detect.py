"""The search itself, from files to groups of copies."""

from __future__ import annotations

from functools import cache

from gates.checks.copypaste.classes import CONSISTENT, Group, covered_tokens, groups
from gates.checks.copypaste.corpus import Corpus
from gates.checks.copypaste.model import EDITED, CloneClass
from gates.checks.copypaste.part import Wanted
from gates.checks.copypaste.pool import FEW, Pool, cores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from gates.checks.copypaste.model import Copy
    from gates.checks.copypaste.part import File, Part
    from gates.checks.copypaste.reading import Reader, Source

__all__ = ["Options", "Search", "is_test"]


class Options:
    """What counts as a copy; see docs/reference/gates/copypaste.md."""

    __slots__ = ("min_lines", "min_tokens", "missed_twins", "renaming", "similarity", "test_min_tokens", "type")

    def __init__(
        self,
        *,
        min_tokens: int = 50,
        min_lines: int = 5,
        test_min_tokens: int = 0,
        type: int = 1,  # noqa: A002 - as in gateline.yaml
        similarity: float = 0.66,
        renaming: str = "consistent",
        missed_twins: bool = True,
    ) -> None:
        self.min_tokens = min_tokens
        self.min_lines = min_lines
        self.test_min_tokens = test_min_tokens or 2 * min_tokens
        self.type = type
        self.similarity = similarity
        self.renaming = renaming
        self.missed_twins = missed_twins

    @property
    def renamed(self) -> bool:
        """Whether copies may differ in names and literals."""
        return self.type > 1

    @property
    def consistent(self) -> float:
        """The share of the names in a renamed copy that must stand for one and the same name throughout."""
        return CONSISTENT if self.renaming == "consistent" else 0.0

    def counts(self, tokens: int, paths: Iterable[str], canonical: Copy) -> bool:
        """Whether a class is long enough: in lines, and for copies among tests by their own measure."""
        if tokens < self.test_min_tokens and all(map(is_test, paths)):
            return False
        return canonical.last_line - canonical.first_line + 1 >= self.min_lines

    @property
    def wanted(self) -> Wanted:
        """What is to be found in the files."""
        function = 0
        if self.type == EDITED:
            from gates.checks.copypaste.likely import least_tokens

            function = least_tokens(self.min_tokens, self.similarity)
        return Wanted(self.min_tokens, renamed=self.renamed, function=function)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Options:
        """From the gate's configuration."""
        return cls(**{name: options[name] for name in cls.__slots__ if name in options})


class Search:
    """One search of some files.

    corpus  the files; those of the old side help to tell what is new, and are in no group
    groups  the copies in the tree under test, in the order of their canonical places
    """

    __slots__ = ("corpus", "groups", "options")

    def __init__(
        self,
        sources: Sequence[Source],
        reader: Reader,
        options: Options,
        *,
        workers: int = 0,
        related: Callable[[Part], Sequence[Source]] | None = None,
    ) -> None:
        """Search some files.

        reader   remembers what was not read
        workers  how many processes may work, 0: as many as there are processors
        related  names further files to be searched, once it is known what the first ones are like; then only copies
                 of which one is in a changed file matter
        """
        self.options = options
        workers = 1 if len(sources) <= FEW else workers or cores()
        with Pool(sources, reader, options.wanted, workers=workers) as pool:
            if related is not None:
                pool.read(related(pool.own))
            self.corpus = corpus = Corpus(pool, options.min_tokens, functions=options.type == EDITED)
        found = groups(
            corpus,
            options.min_tokens,
            self.counts,
            may_count=self._may_count,
            consistent=options.consistent,
            of_change=related is not None,
        )
        self.groups = sorted(found, key=lambda group: (group.pieces[0].sort_key(), -group.tokens, len(group.pieces)))

    def classes(self) -> list[CloneClass]:
        return [group.clone_class() for group in self.groups]

    def share(self) -> float:
        """Percent of the tokens of the tree under test that are in a copy."""
        return 100.0 * covered_tokens(self.groups) / self.corpus.tokens if self.corpus.tokens else 0.0

    def counts(self, group: Group) -> bool:
        """Whether a group is long enough."""
        if not self._may_count(group.tokens, [piece.file for piece in group.pieces]):
            return False
        return self.options.min_lines <= 1 or group.pieces[0].lines() >= self.options.min_lines

    def _may_count(self, tokens: int, files: Iterable[File]) -> bool:
        """Whether copies in these files are long enough in tokens."""
        return tokens >= self.options.test_min_tokens or not all(is_test(file.path) for file in files)


TEST_FOLDERS = frozenset(
    [
        "test",
        "tests",
        "testing",
        "spec",
        "specs",
        "__tests__",
        "__mocks__",
        "fixtures",
        "testdata",
        "test-data",
        "test_data",
        "e2e",
        "cypress",
    ]
)
TEST_WORDS = frozenset(("test", "tests", "spec", "conftest"))


@cache
def is_test(path: str) -> bool:
    """Whether a file belongs to the tests, by its folders and name."""
    *folders, name = path.split("/")
    if not TEST_FOLDERS.isdisjoint(folder.lower() for folder in folders):
        return True
    stem = name.rpartition(".")[0] or name
    words = stem.replace("-", "_").replace(".", "_").split("_")
    return words[0].lower() in TEST_WORDS or words[-1].lower() in TEST_WORDS or stem.endswith(("Test", "Tests", "Spec"))
