"""The copypaste gate at work: which files, what is new, and how it is told."""

from __future__ import annotations

import gates
from gates.checks.copypaste.attributes import Attributes
from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.model import EDITED, EXACT
from gates.checks.copypaste.news import News, Twin
from gates.checks.copypaste.reading import CHANGED, NOT_UTF8, OLD, Reader, Source
from gates.checks.copypaste.warm import Warm
from gates.checks.objects import repository_of
from gates.evidence import Evidence
from gates.finding import ALLOWED, number_fingerprints
from gates.git.blobs import read_blobs
from gates.git.change import EMPTY_TREE
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gates.checks.base import GateContext
    from gates.checks.copypaste.allowed import Permissions
    from gates.checks.copypaste.classes import Group, Piece
    from gates.checks.copypaste.findings import Found, Teller
    from gates.finding import Finding
    from gates.git.change import FileChange
    from gates.outcome import Outcome

__all__ = ["examine"]


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
    findings = _findings(context, search, reader, differs)
    number_fingerprints(findings)
    for name, count in _counted(findings):
        if count:
            metrics[name] = float(count)
    wrong = [finding for finding in findings if finding.status != ALLOWED and finding.severity != "info"]
    if wrong:
        reason = "copied code was found" if len(wrong) > 1 else wrong[0].message
        return context.outcome(FAILED, reason, findings=findings, metrics=metrics, evidence=evidence)
    return context.outcome(PASSED, findings=findings, metrics=metrics, evidence=evidence)


def _counted(findings: list[Finding]) -> Iterator[tuple[str, int]]:
    yield "allowed_copies", sum(finding.status == ALLOWED for finding in findings)
    yield "idle_comments", sum(finding.rule == "idle-comment" for finding in findings)


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


def _findings(context: GateContext, search: Search, reader: Reader, differs: list[FileChange]) -> list[Finding]:
    """All classes when the run is about the whole tree, else those that the change brings; and missed twins."""
    compared, whole, options = _is_compared(context), _is_whole(context) or context.side == "base", search.options
    moved = {file.old_path: file.path for file in differs if file.is_file}
    news = News(search.corpus, options.min_tokens, moved)
    twins = news.missed_twins(options.consistent) if options.missed_twins and compared else []
    if not (search.groups or twins or reader.marked or options.type == EDITED):
        return []  # most commits copy nothing
    from gates.checks.copypaste.allowed import Permissions
    from gates.checks.copypaste.findings import Teller, merged_twins

    permissions = Permissions(context.root, reader.marked)
    teller = Teller(context.settings.name, context.root, permissions, compared=compared, whole=whole)
    findings = [finding for group in search.groups for finding in _of_group(teller, group, news, reader)]
    missed = [_twin(permissions, news, twin) for twin in twins if search.counts(twin.group)]
    if options.type == EDITED:
        from gates.checks.copypaste.edited import said_once

        edited, more = _edited_findings(teller, search, reader, news)
        findings = said_once(findings, edited)
        missed += more if options.missed_twins else []
    findings += [finding for found in merged_twins(missed) for finding in teller.of_twin(found)]
    paths = reader.marked if whole else [file.path for file in differs]
    return findings + list(teller.of_idle_comments(paths))


def _of_group(teller: Teller, group: Group, news: News, reader: Reader) -> Iterable[Finding]:
    """What is told of a class. It is looked at anyway where a comment might be about it, which then is not idle."""
    brought = news.brought(group) if teller.compared else []
    has_mark = any(piece.file.path in reader.marked for piece in group.pieces)
    return teller.of_class(_found(group, brought)) if brought or teller.whole or has_mark else ()


def _is_compared(context: GateContext) -> bool:
    return context.side != "base" and context.change.base_tree not in ("", EMPTY_TREE)


def _found(group: Group, brought: list[Piece]) -> Found:
    from gates.checks.copypaste.findings import OTHER_NAMES, SAME, Found

    numbers = [number for piece in brought for number, each in enumerate(group.pieces) if each is piece]
    what = SAME if group.kind == EXACT else OTHER_NAMES
    return Found([piece.copy() for piece in group.pieces], numbers, group.tokens, what, _content(group))


def _twin(permissions: Permissions, news: News, twin: Twin) -> Found:
    from gates.checks.copypaste.findings import Found, numbers_of_lines

    copy = permissions.copy_of_lines(twin.file.path, twin.first_line, twin.last_line)
    copies = [copy, *(piece.copy() for piece in twin.others)]
    edited = numbers_of_lines(news.edited_lines(copy))
    return Found(copies, [0], twin.group.tokens, edited, _content(twin.group))


def _content(group: Group) -> bytes:
    first = group.pieces[0]
    return first.file.names[first.part].tobytes()


def _edited_findings(teller: Teller, search: Search, reader: Reader, news: News) -> tuple[list[Finding], list[Found]]:
    """The same for edited copies, and missed twins among them."""
    from gates.checks.copypaste.edited import edited_classes
    from gates.checks.copypaste.edited_news import EditedNews
    from gates.checks.copypaste.findings import NEARLY, Found, numbers_of_lines

    options = search.options
    findings: list[Finding] = []
    missed: list[Found] = []
    for each in edited_classes(search, None if teller.whole else reader.marked):
        copies, tokens = each.clones.copies, each.clones.tokens
        if not options.counts(tokens, [copy.path for copy in copies], copies[0]):
            continue
        what = f"{NEARLY}, {each.clones.similarity:.0%} of it is equal"
        if not teller.compared or not each.brought:
            findings += teller.of_class(Found(copies, [], tokens, what, each.content))
            continue
        fresh = EditedNews(each, news, teller.permissions, options.similarity)
        findings += teller.of_class(Found(copies, fresh.brought, tokens, what, each.content))
        if fresh.missed:
            twins = [copies[at] for at in fresh.missed]
            edited = numbers_of_lines(news.edited_lines(twins[0]))
            missed.append(Found(twins, [0], tokens, edited, each.content))
    return findings, missed
