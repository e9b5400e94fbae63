"""The copypaste gate at work: which files, what is new, and how it is told."""

from __future__ import annotations

import gates
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.news import News, Twin
from gates.checks.copypaste.reading import CHANGED, KEPT, OLD, Reader, Source
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
    """Look for copies in the whole tree, and tell those that the change brings."""
    evidence = Evidence(tool="gateline", version=gates.__version__)
    options = Options.of(context.settings.options)
    reader = Reader(context.root)
    differs = _differs(context)
    search = Search(_sources(context, differs), reader, options)
    evidence.left_out = dict(sorted(reader.left_out.items()))
    evidence.parse_errors = sorted(reader.unreadable)
    evidence.files = search.corpus.count
    if reader.unreadable:
        more = f" (and {len(reader.unreadable) - 1} more)" if len(reader.unreadable) > 1 else ""
        return context.outcome(NOT_RUN, f"{evidence.parse_errors[0]}{more}", evidence=evidence)
    if not evidence.files:
        return context.outcome(SKIPPED, "there is no code in a language that is known", evidence=evidence)
    findings = _findings(context, search, differs)
    number_fingerprints(findings)
    metrics = {"duplicated_share": round(search.share(), 2), "clone_classes": float(len(search.groups))}
    if findings:
        reason = "copied code was found" if len(findings) > 1 else findings[0].message
        return context.outcome(FAILED, reason, findings=findings, metrics=metrics, evidence=evidence)
    return context.outcome(PASSED, metrics=metrics, evidence=evidence)


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
    asked = set(context.all_files)
    changed = {file.path for file in differs}
    sources = [Source(path, CHANGED if path in changed else KEPT) for path in sorted(asked)]
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
    everything = context.change.everything or context.settings.block == "all" or context.side == "base"
    compared = context.side != "base" and context.change.base_tree not in ("", EMPTY_TREE)
    if not compared:
        return [_finding(context, group, group.pieces[0], "") for group in search.groups]
    moved = {file.old_path: file.path for file in differs if file.is_file}
    news = News(search.corpus, search.options.min_tokens, moved)
    findings = []
    for group in search.groups:
        piece = news.brought(group)
        if piece is not None:
            findings.append(_finding(context, group, piece, NEW))
        elif everything:
            findings.append(_finding(context, group, group.pieces[0], EXISTING))
    if search.options.missed_twins:
        twins = news.missed_twins(search.renamed)
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
