"""The copypaste gate at work: which files, what is new, and how it is told."""

from __future__ import annotations

import gates
from gates.checks.copypaste.attributes import Attributes
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.model import EDITED, EXACT
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
    from gates.checks.copypaste.allowed import Allowed
    from gates.checks.copypaste.classes import Group, Piece
    from gates.checks.copypaste.model import Copy
    from gates.git.change import FileChange
    from gates.outcome import Outcome

__all__ = ["examine"]

SHOWN = 3
"""Copies that a message names."""

SOURCE = 300
"""Characters of a line that are shown."""


def examine(context: GateContext) -> Outcome:
    """Look for copies, and tell those that the change brings, or all of them."""
    evidence = Evidence(tool="gateline", version=gates.__version__)
    options = Options.of(context.settings.options)
    reader = Reader(context.root, _attributes(context))
    differs = _differs(context)
    warm = Warm(context, options) if context.side == "head" else None
    metrics: dict[str, float] = {}
    if warm is not None and not _is_whole(context) and warm.open():
        sources = warm.sources(_of_change(context, differs))
        search = Search(sources, reader, options, workers=1, related=warm.related)
        sources += warm.read_too
        left_out = warm.left_out(reader.left_out)
        evidence.files = len(context.all_files) - sum(reason != NOT_UTF8 for reason in left_out.values())
    else:
        sources = _sources(context, differs)
        search = Search(sources, reader, options)
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
    findings = _findings(context, search, differs, metrics)
    if options.type == EDITED:
        from gates.checks.copypaste.edited import said_once

        findings = said_once(findings, _edited_findings(context, sources, options))
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


def _attributes(context: GateContext) -> Attributes:
    return Attributes(context.root, [path for path in context.all_files if path.endswith(".gitattributes")])


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


def _findings(
    context: GateContext, search: Search, differs: list[FileChange], metrics: dict[str, float]
) -> list[Finding]:
    """All classes when the run is about the whole tree, else those that the change brings."""
    findings: list[Finding] = []
    moved = {file.old_path: file.path for file in differs if file.is_file}
    news = News(search.corpus, search.options.length, moved)
    if search.groups:
        from gates.checks.copypaste.allowed import Allowed  # most commits copy nothing

        allowed = Allowed(search.groups)
        if allowed.granted:
            metrics["allowed_copies"] = float(len(allowed.granted))
        findings += _group_findings(context, allowed, news)
    if search.options.missed_twins and _is_compared(context):
        twins = news.missed_twins(search.options.renamed)
        findings += [_missed_twin(context, twin) for twin in twins]
    return findings


def _group_findings(context: GateContext, allowed: Allowed, news: News) -> list[Finding]:
    if not _is_compared(context):
        return [_finding(context, allowed, group, group.pieces[0], "") for group in allowed.groups]
    findings = []
    for group in allowed.groups:
        piece = news.brought(group)
        if piece is not None:
            findings.append(_finding(context, allowed, group, piece, NEW))
        elif _is_whole(context):
            findings.append(_finding(context, allowed, group, group.pieces[0], EXISTING))
    return findings


def _is_compared(context: GateContext) -> bool:
    return context.side != "base" and context.change.base_tree not in ("", EMPTY_TREE)


def _edited_findings(context: GateContext, sources: list[Source], options: Options) -> list[Finding]:
    """The same for edited copies."""
    from gates.checks.copypaste.edited import edited_classes

    reader = Reader(context.root, _attributes(context))  # has counted what it leaves out before
    findings = []
    for each in edited_classes(sources, reader, options.min_tokens, options.similarity):
        compared = _is_compared(context)
        if compared and not each.brought and not _is_whole(context):
            continue
        at = each.brought[0] if each.brought else 0
        copy, others = each.clones.copies[at], [*each.clones.copies[:at], *each.clones.copies[at + 1 :]]
        what = f"nearly the same code, {each.clones.similarity:.0%} of it is equal"
        findings.append(
            Finding(
                context.settings.name,
                "copied-code",
                _message(copy, others, each.clones.tokens, what),
                place=_place(copy),
                source=_line_of(context.root, copy),
                related=[_place(other) for other in others],
                fingerprint=fingerprint(context.settings.name, "copied-code", each.content.hex()),
                status="" if not compared else NEW if each.brought else EXISTING,
            )
        )
    return findings


def _message(copy: Copy, others: list[Copy], tokens: int, what: str) -> str:
    lines = copy.last_line - copy.first_line + 1
    stand = "stand" if len(others) == 1 else "stand also"
    return f"{lines} lines ({tokens} tokens) {stand} in {_places(others)}: {what}"


def _finding(context: GateContext, allowed: Allowed, group: Group, piece: Piece, status: str) -> Finding:
    """One class as one finding: at `piece`, with the others as related places."""
    copy = piece.copy()
    others = [other.copy() for other in group.pieces if other is not piece]
    what = "the same code" if group.kind == EXACT else "the same code but for names and literals"
    return Finding(
        context.settings.name,
        "copied-code",
        _message(copy, others, group.tokens, what),
        place=_place(copy),
        source=_line(piece.file.data, copy.first_line),
        related=[_place(other) for other in others],
        fingerprint=_fingerprint(context, "copied-code", group),
        status=status,
        detail=_how_to_allow(allowed, piece, [copy, *others]) if status == NEW else "",
    )


def _how_to_allow(allowed: Allowed, piece: Piece, copies: list[Copy]) -> str:
    """What became of comments that were to allow the copy, or what such a comment would be."""
    told = [
        f"{complaint.path}:{complaint.permission.line}: {complaint.message}"
        for complaint in allowed.complaints
        for copy in copies
        if complaint.path == copy.path and complaint.permission.covers(copy.first_line, copy.last_line)
    ]
    from gates.checks.copypaste.allowed import digest_of

    hint = f"To keep it, write a comment above it: gateline: allow-copy {digest_of(piece)} <reason>"
    return "\n".join(told) or hint


def _missed_twin(context: GateContext, twin: Twin) -> Finding:
    others = [piece.copy() for piece in twin.others]
    these = "the other copy is" if len(others) == 1 else "the other copies are"
    return Finding(
        context.settings.name,
        "missed-twin",
        f"you changed this copy, and {these} as before: {_places(others)}",
        place=Place(twin.file.path, twin.first_line, twin.last_line),
        source=_line(twin.file.data, twin.first_line),
        related=[_place(other) for other in others],
        fingerprint=_fingerprint(context, "missed-twin", twin.group),
        status=NEW,
    )


def _fingerprint(context: GateContext, rule: str, group: Group) -> str:
    first = group.pieces[0]
    return fingerprint(context.settings.name, rule, first.file.names[first.part].tobytes().hex())


def _places(copies: list[Copy]) -> str:
    named = ", ".join(f"{copy.path}:{copy.first_line}" for copy in copies[:SHOWN])
    more = f" and {len(copies) - SHOWN} more places" if len(copies) > SHOWN else ""
    return f"{named}{more}"


def _place(copy: Copy) -> Place:
    return Place(copy.path, copy.first_line, copy.last_line)


def _line(data: bytes, number: int) -> str:
    lines = data.split(b"\n", number)
    return lines[number - 1].decode("utf-8", "replace").strip()[:SOURCE] if len(lines) >= number else ""


def _line_of(root: str, copy: Copy) -> str:
    try:
        with open(f"{root}/{copy.path}", "rb") as file:
            return _line(file.read(), copy.first_line)
    except OSError:
        return ""
