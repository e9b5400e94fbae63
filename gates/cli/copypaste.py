"""`gateline copypaste`: the search for copied code by itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence

import click

import gates
from gates.checks.base import GateContext
from gates.checks.copypaste import GATE
from gates.config.files import working_tree_settings
from gates.config.schema import gate_defaults
from gates.errors import UsageError
from gates.finding import Finding, Place
from gates.git.change import Change, FileChange
from gates.git.doors import resolve, working
from gates.git.repository import Repository
from gates.git.trees import compare, list_tree, tree_of
from gates.globs import Globs
from gates.interrupt import end_like_interrupt
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.reports import copies, html, results, sarif
from gates.reports.plain import counted
from gates.reports.style import Style, clean
from gates.settings import GateSettings
from gates.verdict import Verdict

__all__ = ["command"]

REPORTS = {"json": results.render, "sarif": sarif.render, "html": html.render}
LIMIT = 50
STORES = (".git", ".hg", ".svn")
ALSO = 10
"""Further places of a finding that are named."""


@click.command(short_help="Find copied code, in this tree or against a revision.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format", "format_", type=click.Choice(["text", *REPORTS]), default="text", help="How to print it. Default: text."
)
@click.option("--against", metavar="REV", help="Only what has been copied since this revision.")
@click.option(
    "--type", "type_", type=click.IntRange(1, 3), help="1 exact copies, 2 also renamed ones, 3 also edited ones."
)
@click.option(
    "--renaming",
    type=click.Choice(["consistent", "blind"]),
    help="For renamed copies: whether one name must stand for one other name, or any for any.",
)
@click.option("--min-tokens", type=click.IntRange(10), metavar="N", help="The shortest copy that counts, in tokens.")
@click.option("--min-lines", type=click.IntRange(1), metavar="N", help="The shortest copy that counts, in lines.")
@click.option("--similarity", type=click.FloatRange(0.3, 1), metavar="S", help="How much of edited copies is equal.")
@click.option(
    "--explain", "explained", metavar="WHICH", help="Compare the copies of one finding: its number, or PATH:LINE in it."
)
@click.option("--limit", type=click.IntRange(0), default=LIMIT, help=f"Findings printed, 0 for all. Default: {LIMIT}.")
def command(
    paths: Sequence[str],
    format_: str,
    against: str | None,
    type_: int | None,
    renaming: str | None,
    min_tokens: int | None,
    min_lines: int | None,
    similarity: float | None,
    explained: str | None,
    limit: int,
) -> int:
    """Find code that stands in more than one place, in what is here now: unstaged and new files included.

    With PATHs only copies of which one is in these files or folders are told. What is not said by an option is as in
    the gate `copypaste` of gateline.yaml.

    Exit codes: 0 no copies, 1 copies, 2 wrong usage or configuration, 3 there was nothing that could be looked at.
    """
    end_like_interrupt()
    repository = _repository(against)
    given = {
        "type": type_,
        "renaming": renaming,
        "min_tokens": min_tokens,
        "min_lines": min_lines,
        "similarity": similarity,
    }
    options: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    settings, exclude = _settings(repository, options)
    root = repository.root if repository is not None else os.getcwd()
    change = _change(repository, against) if repository is not None else _folder(root)
    started = time.time()
    all_files = _all_files(repository, change, settings, exclude)
    outcome = _look(repository, root, change, settings, all_files)
    if options:  # a comment may be for what the gate finds as it is set
        outcome.findings = [finding for finding in outcome.findings if finding.rule != "idle-comment"]
    outcome.findings.sort(key=copies.weight)
    asked = _relative(root, paths)
    _keep_only(outcome, asked)
    _not_in_vain(outcome, root, all_files, asked)
    verdict = Verdict(change, [outcome], started=started, seconds=outcome.seconds, version=gates.__version__)
    style = Style.of(sys.stdout, os.environ)
    if explained is not None:
        click.echo(style.safe("\n".join(_explained(root, outcome, explained, style))))
        return verdict.exit_code
    text = copies.render(outcome, style, limit=limit) if format_ == "text" else REPORTS[format_](verdict)
    click.echo(text, nl=False)
    return verdict.exit_code


def _repository(against: str | None) -> Repository | None:
    """The repository this is in, None for a plain folder."""
    try:
        return Repository.find()
    except UsageError:
        if against is not None:
            raise
        return None


def _settings(repository: Repository | None, options: dict[str, object]) -> tuple[GateSettings, Sequence[str]]:
    """The gate as it is set here, else with its defaults, and what is left out everywhere."""
    everywhere = working_tree_settings(repository) if repository is not None else None
    gates_here = everywhere.gates if everywhere is not None else []
    gate = next((gate for gate in gates_here if gate.kind == "copypaste"), None)
    if gate is None:
        gate = GateSettings("copypaste", options={"min_tokens": gate_defaults("copypaste").get("min_tokens", 50)})
    gate.options.update(options)
    return gate, everywhere.exclude if everywhere is not None else ()


def _change(repository: Repository, against: str | None) -> Change:
    """What is here now, compared with a revision or with nothing."""
    change, _ = working(repository)
    if against is None:
        return Change("manual", change.tree, everything=True, files=change.files, commit=change.commit, ref=change.ref)
    commit = resolve(repository, against)
    base = tree_of(repository, commit)
    files = compare(repository, base, change.tree)
    return Change("manual", change.tree, base_tree=base, base_commit=commit, commit=change.commit, files=files)


def _folder(root: str) -> Change:
    """All files of a folder that is in no repository, but for what a version control system keeps there."""
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in STORES]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                paths.append(os.path.relpath(path, root))
    return Change("manual", "", everything=True, files=[FileChange("A", path) for path in sorted(paths)])


def _all_files(
    repository: Repository | None, change: Change, settings: GateSettings, exclude: Sequence[str]
) -> list[str]:
    """The files that are searched, by the globs of the settings."""
    include = Globs(settings.files) if settings.files else None
    left_out = Globs([*exclude, *settings.exclude])
    everything = change.files if repository is None or change.everything else list_tree(repository, change.tree)
    return [
        file.path
        for file in everything
        if file.is_file and (include is None or include.match(file.path)) and not left_out.match(file.path)
    ]


def _look(
    repository: Repository | None, root: str, change: Change, settings: GateSettings, all_files: list[str]
) -> Outcome:
    """Run the gate."""
    settings.block = "all" if change.everything else "new"
    asked = set(all_files)
    context = GateContext(
        settings,
        root,
        change,
        [path for path in change.changed_files() if path in asked],
        all_files=all_files,
        git_dir=repository.common if repository is not None else "",
        state_dir=repository.state if repository is not None else "",
    )
    started = time.perf_counter()
    outcome = GATE.examine(context)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _relative(root: str, paths: Sequence[str]) -> list[str]:
    """Paths from the top of the tree. Raises UsageError for what is absent or outside."""
    found = []
    for name in paths:
        path = os.path.relpath(os.path.realpath(name), os.path.realpath(root))
        if path.startswith(".."):
            raise UsageError(f"{name} is outside of {root}")
        if not os.path.lexists(name):
            hint = "`gateline copypaste --explain 1` compares the copies of a finding." if name == "explain" else ""
            raise UsageError(f"there is no {name}", hint=hint)
        found.append("" if path == "." else path)
    return found


def _keep_only(outcome: Outcome, paths: Sequence[str]) -> None:
    """Leave the findings that have a place in one of some files or folders."""
    if not paths or "" in paths:
        return
    outcome.findings = [finding for finding in outcome.findings if any(_is_in(p, paths) for p in finding.places)]
    if outcome.status == FAILED and not any(copies.is_wrong(finding) for finding in outcome.findings):
        outcome.status, outcome.reason = PASSED, ""


def _not_in_vain(outcome: Outcome, root: str, all_files: Sequence[str], paths: Sequence[str]) -> None:
    """Where there was nothing to look at, the command has not run: no copies is another thing."""
    if outcome.status == SKIPPED:
        outcome.status = NOT_RUN
    if outcome.status != PASSED or outcome.findings or not paths or "" in paths:
        return
    from gates.checks.copypaste.reading import Reader, Source

    reader = Reader(root)
    if not any(reader.read(Source(path)) for path in all_files if _is_in(Place(path), paths)):
        why = ", ".join(sorted({*reader.left_out.values()})) or "no file that is searched"
        outcome.status, outcome.reason = NOT_RUN, f"there is nothing to look at in {', '.join(paths)}: {why}"


def _is_in(place: Place, paths: Sequence[str]) -> bool:
    return any(place.path == path or place.path.startswith(path + "/") for path in paths)


def _explained(root: str, outcome: Outcome, which: str, style: Style) -> Iterator[str]:
    """The copies of one finding side by side, and what to make of them."""
    from gates.checks.copypaste.explain import compare, missed, suggestion
    from gates.checks.copypaste.findings import OTHER_NAMES, SAME
    from gates.checks.copypaste.model import EDITED, EXACT, RENAMED
    from gates.checks.copypaste.passages import Passage
    from gates.checks.copypaste.side_by_side import side_by_side

    finding = _chosen(root, outcome, which)
    places = finding.places
    yield from copies.heading(finding, style)
    yield ""
    one, other = Passage(root, places[0]), Passage(root, places[1])
    is_twin = finding.rule == "missed-twin"
    kind = EXACT if finding.message.endswith(SAME) else RENAMED if finding.message.endswith(OTHER_NAMES) else EDITED
    difference = compare(one, other, kind)
    yield from side_by_side(one, other, difference.rows, style)
    yield ""
    yield from (missed if is_twin else suggestion)(one, other, difference, len(places), style.width)
    for place in places[2 : 2 + ALSO]:
        yield f"Also at {clean(str(place))}."
    if len(places) > 2 + ALSO:
        yield f"And at {counted(len(places) - 2 - ALSO, 'more place')}."


def _chosen(root: str, outcome: Outcome, which: str) -> Finding:
    found = [finding for finding in outcome.findings if finding.related]
    if not found:
        raise UsageError("there are no copies to explain")
    if which.isdecimal():
        number, numbered = int(which), [finding for finding in found if copies.is_wrong(finding)]
        if not 1 <= number <= len(numbered):
            count = len(numbered)
            raise UsageError(f"there is no finding {number}: there {'is' if count == 1 else 'are'} {count}")
        return numbered[number - 1]
    path, _, line = which.rpartition(":")
    if not path or not line.isdecimal():
        raise UsageError(f"{which!r} is neither the number of a finding nor PATH:LINE")
    from_here = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    for name in (os.path.normpath(path), from_here):
        for finding in found:
            for place in finding.places:
                if place.path == name and place.start_line <= int(line) <= place.end_line:
                    return finding
    raise UsageError(f"there is no copy at {which}")
