"""The copypaste gate at work: which files, what is new, and how it is told."""

from __future__ import annotations

import gates
from gates.checks.copypaste.attributes import Attributes
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.news import News, Twin
from gates.checks.copypaste.reading import CHANGED, NOT_UTF8, OLD, Reader, Source
from gates.checks.copypaste.warm import Warm
from gates.checks.objects import read_blobs, repository_of
from gates.evidence import Evidence
from gates.finding import EXISTING, NEW, Finding, Place, fingerprint, number_fingerprints
from gates.git.change import EMPTY_TREE
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.checks.copypaste.classes import Group, Piece
    from gates.checks.copypaste.model import Copy
    from gates.checks.copypaste.part import File
    from gates.git.change import FileChange
    from gates.outcome import Outcome

__all__ = ["examine"]

SHOWN = 3
"""Copies that a message names."""


def examine(context: GateContext) -> Outcome:
    """Look for copies, and tell those that the change brings, or all of them."""
    evidence = Evidence(tool="gateline", version=gates.__version__)
    options = Options.of(context.settings.options)
    reader = Reader(context.root, Attributes(context.root, context.all_files))
    differs = _differs(context)
    warm = Warm(context, options) if context.side == "head" else None
    metrics: dict[str, float] = {}
    if warm is not None and not _is_whole(context) and warm.open():
        search = Search(warm.sources(_of_change(context, differs)), reader, options, workers=1, related=warm.related)
        left_out = warm.left_out(reader.left_out)
        evidence.files = len(context.all_files) - sum(reason != NOT_UTF8 for reason in left_out.values())
    else:
        search = Search(_sources(context, differs), reader, options)
        left_out = reader.left_out
        evidence.files = search.corpus.count
        metrics = {"duplicated_share": round(search.share(), 2), "clone_classes": float(len(search.groups))}
    for reason in sorted(left_out.values()):
        evidence.leave_out(reason)
    evidence.parse_errors = sorted(reader.unreadable)
    if reader.unreadable:
        more = f" (and {len(reader.unreadable) - 1} more)" if len(reader.unreadable) > 1 else ""
        return context.outcome(NOT_RUN, f"{evidence.parse_errors[0]}{more}", evidence=evidence)
    if warm is not None:
        warm.keep(search, left_out)
        if warm.broken:
            metrics["index_rebuilt"] = 1.0
    if not evidence.files:
        return context.outcome(SKIPPED, "there is no code in a language that is known", evidence=evidence)
    findings = _findings(context, search, differs)
    number_fingerprints(findings)
    if findings:
        reason = "copied code was found" if len(findings) > 1 else findings[0].message
        return context.outcome(FAILED, reason, findings=findings, metrics=metrics, evidence=evidence)
    return context.outcome(PASSED, metrics=metrics, evidence=evidence)


def _is_whole(context: GateContext) -> bool:
    """Whether the classes of the whole tree are asked for, not only what the change brings."""
    settings, change = context.settings, context.change
    no_base = change.base_tree in ("", EMPTY_TREE)
    return change.everything or settings.block == "all" or bool(settings.ratchets) or no_base


def _differs(context: GateContext) -> list[FileChange]:
    """What differs from the base tree; nothing, where there is no base."""
    change = context.change
    if context.side == "base" or change.base_tree in ("", EMPTY_TREE):
        return []
    if not change.everything:
        return list(change.files)
    from gates.git.trees import compare

    return compare(repository_of(context), change.base_tree, change.tree)


def _sources(context: GateContext, differs: list[FileChange]) -> list[Source]:
    """The files of the tree, and the old versions of those that differ."""
    of_change = _of_change(context, differs)
    changed = {source.path for source in of_change if source.side == CHANGED}
    return [*of_change, *(Source(path) for path in sorted(context.all_files) if path not in changed)]


def _of_change(context: GateContext, differs: list[FileChange]) -> list[Source]:
    """The files that differ, as they are and as they were."""
    asked = set(context.all_files)
    sources = [Source(file.path, CHANGED) for file in differs if file.path in asked]
    olds = [
        file
        for file in differs
        if file.old_blob and file.old_mode.startswith("100") and (file.path in asked or file.status == "D")
    ]
    contents = dict(read_blobs(repository_of(context), sorted({file.old_blob for file in olds}))) if olds else {}
    for file in olds:
        data = contents.get(file.old_blob)
        if data is not None:
            sources.append(Source(file.old_path, OLD, data))
    return sources


def _findings(context: GateContext, search: Search, differs: list[FileChange]) -> list[Finding]:
    """All classes when the run is about the whole tree, else those that the change brings."""
    everything = _is_whole(context)
    compared = context.side != "base" and context.change.base_tree not in ("", EMPTY_TREE)
    if not compared:
        return [_finding(context, group, group.pieces[0], "") for group in search.groups]
    moved = {file.old_path: file.path for file in differs if file.is_file}
    news = News(search.corpus, search.options.length, moved)
    findings = []
    for group in search.groups:
        piece = news.brought(group)
        if piece is not None:
            findings.append(_finding(context, group, piece, NEW))
        elif everything:
            findings.append(_finding(context, group, group.pieces[0], EXISTING))
    if search.options.missed_twins:
        twins = news.missed_twins(search.options.renamed)
        findings += [_missed_twin(context, twin) for twin in twins]
    return findings


def _finding(context: GateContext, group: Group, piece: Piece, status: str) -> Finding:
    """One class as one finding: at `piece`, with the others as related places."""
    copy = group.copy_of(piece)
    others = [group.copy_of(other) for other in group.pieces if other is not piece]
    what = "the same code" if group.kind == 1 else "the same code but for names and literals"
    message = (
        f"{copy.last_line - copy.first_line + 1} lines ({group.tokens} tokens) "
        f"{'stand' if len(others) == 1 else 'stand also'} {_places(others)}: {what}"
    )
    return Finding(
        context.settings.name,
        "copied-code",
        message,
        place=_place(copy),
        source=_line(piece.file, copy.first_line),
        related=[_place(other) for other in others],
        fingerprint=_fingerprint(context, "copied-code", group),
        status=status,
    )


def _missed_twin(context: GateContext, twin: Twin) -> Finding:
    others = [twin.group.copy_of(piece) for piece in twin.others]
    these = "it is" if len(others) == 1 else "they are"
    return Finding(
        context.settings.name,
        "missed-twin",
        f"this was a copy of the code {_places(others)}: you changed it here, and {these} as before",
        place=Place(twin.file.path, twin.first_line, twin.last_line),
        source=_line(twin.file, twin.first_line),
        related=[_place(other) for other in others],
        fingerprint=_fingerprint(context, "missed-twin", twin.group),
        status=NEW,
    )


def _fingerprint(context: GateContext, rule: str, group: Group) -> str:
    first = group.pieces[0]
    return fingerprint(context.settings.name, rule, first.file.names[first.part(group.tokens)].tobytes().hex())


def _places(copies: list[Copy]) -> str:
    named = ", ".join(f"{copy.path}:{copy.first_line}" for copy in copies[:SHOWN])
    more = f" and {len(copies) - SHOWN} more places" if len(copies) > SHOWN else ""
    return f"in {named}{more}"


def _place(copy: Copy) -> Place:
    return Place(copy.path, copy.first_line, copy.last_line)


def _line(file: File, number: int) -> str:
    lines = file.data.split(b"\n", number)
    return lines[number - 1].decode("utf-8", "replace").strip()[:300] if len(lines) >= number else ""
