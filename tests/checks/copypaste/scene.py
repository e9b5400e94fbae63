"""What the tests of the copypaste gate share: code to copy, and the gate run on a real repository."""

from __future__ import annotations

import shutil

from gates.checks.base import GateContext
from gates.checks.copypaste import GATE
from gates.git.change import Change
from gates.git.doors import between, staged, whole
from gates.git.repository import Repository as Git
from gates.git.trees import list_tree
from gates.outcome import Outcome
from gates.settings import GateSettings
from tests.conftest import Repository


def function(name: str, lines: int = 12, *, word: str = "total", seed: int = 0) -> str:
    """A Python function of some 10 tokens a line; `seed` makes another body."""
    body = "".join(
        f"    {word}_{n} = compute_{seed}_{n}(first, second) + {n} * factor_{seed}\n" for n in range(lines - 2)
    )
    return f"def {name}(first, second):\n{body}    return {word}_0\n"


def context(
    repository: Repository, change: Change, *, block: str = "new", side: str = "head", **options: object
) -> GateContext:
    git = Git.find(str(repository.path))
    settings = GateSettings("copypaste", block=block, options=options)
    tree = change.tree if side == "head" else change.base_tree
    return GateContext(
        settings,
        str(repository.path),
        change,
        change.changed_files(),
        all_files=[file.path for file in list_tree(git, tree) if file.is_file],
        git_dir=git.common,
        state_dir=git.state,
        side=side,
    )


def examine_commit(repository: Repository, **options: object) -> Outcome:
    """What the gate says of what is staged, after `git add -A`."""
    repository.git("add", "-A")
    change, _ = staged(Git.find(str(repository.path)))
    return GATE.examine(context(repository, change, **options))  # type: ignore[arg-type]


def examine_push(repository: Repository, base: str, **options: object) -> Outcome:
    """What the gate says of the commits after `base`."""
    change = between(Git.find(str(repository.path)), base, "HEAD", door="push")
    return GATE.examine(context(repository, change, **options))  # type: ignore[arg-type]


def examine_all(repository: Repository, base: str = "", **options: object) -> Outcome:
    """What the gate says of the whole tree."""
    change = whole(Git.find(str(repository.path)), "HEAD", base=base)
    return GATE.examine(context(repository, change, **options))  # type: ignore[arg-type]


def without_index(repository: Repository) -> None:
    """Let the next run read everything, so that with type 3 all that is similar is found."""
    shutil.rmtree(repository.path / ".git" / "gateline", ignore_errors=True)


def told(outcome: Outcome) -> list[tuple[str, str, list[str], str]]:
    """Rule, place, other places and status of each finding."""
    return [
        (finding.rule, _span(finding.place), [_span(place) for place in finding.related], finding.status)
        for finding in sorted(outcome.findings, key=lambda finding: finding.sort_key())
    ]


def _span(place: object) -> str:
    return f"{place.path}:{place.start_line}-{place.end_line}"  # type: ignore[attr-defined]
