"""Code inside other files: scripts in pages and components, code in templates, cells of notebooks.

What is not the code is blanked, byte for byte, so that every position and every line stays what it is in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from gates.checks.copypaste.languages import language, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.checks.copypaste.language import Language

    Span = tuple[int, int]

__all__ = ["unwrap"]

_SCRIPT = re.compile(rb"<script\b([^>]*+)(?:>|\Z)(.*?)(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TYPE = re.compile(rb"""\b(?:type|lang)\s*=\s*["']?([\w/+.-]+)""", re.IGNORECASE)
_SERVER = re.compile(rb"<%(?!%|#|--)[-=_!@]*(.*?)(?:[-_]?%>|\Z)", re.DOTALL)
_PHP = re.compile(rb"<\?(?:php\b|=|(?![\w]))(.*?)(?:\?>|\Z)", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(rb"\A\s*---[ \t]*\r?\n(.*?)\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_RAZOR = re.compile(rb"@(?:code|functions)?\s*\{")
_BRACE = re.compile(rb"[{}]")
_MARK = re.compile(rb"\{[%{#]|<%")
_MARK_ENDS = {b"{%": b"%}", b"{{": b"}}", b"{#": b"#}", b"<%": b"%>"}
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}:,]', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_KERNEL = re.compile(rb'"language(?:_info)?"\s*:\s*(?:\{[^{}]*?"name"\s*:\s*)?"([A-Za-z+#]+)"')

_SERVER_LANGUAGES = {"erb": "ruby", "ejs": "javascript", "eex": "elixir", "jsp": "java", "asp": "basic"}
_SCRIPT_LANGUAGES = {b"ts": "typescript", b"tsx": "typescript", b"typescript": "typescript", b"coffee": "coffeescript"}
_TYPES = frozenset(
    (
        b"module",
        b"text/javascript",
        b"application/javascript",
        b"text/ecmascript",
        b"js",
        b"jsx",
        b"javascript",
        b"babel",
    )
) | {b"text/babel", b"text/jsx"}
_UNESCAPED = {
    b"n": b"\r ",
    b"r": b"\r ",
    b"t": b"\t ",
    b'"': b' "',
    b"\\": b" \\",
    b"/": b" /",
    b"b": b"  ",
    b"f": b"  ",
}


def unwrap(data: bytes, written: Language) -> tuple[bytes, Language] | None:
    """The code of a file of a language that contains others, as bytes of the same length, and its language.

    None when there is no code in it. A language that contains no other is given back as it is.
    """
    if written.contains in ("html", "template"):
        spans, inner = _of_page(data, written)
    elif written.contains == "server":
        spans, inner = [found.span(1) for found in _SERVER.finditer(data)], _SERVER_LANGUAGES[written.name]
    elif written.contains == "php":
        return _blanked(data, _php(data), written)
    elif written.contains == "notebook":
        return _notebook(data)
    else:
        return data, written
    return _blanked(data, spans, language(inner))


def _blanked(data: bytes, spans: Iterable[Span], inner: Language) -> tuple[bytes, Language] | None:
    """Only what is in the spans, in its place; lines stay."""
    pieces = []
    reached = 0
    code = 0
    for first, last in sorted(spans):
        first = max(first, reached)
        if first >= last:
            continue
        pieces += [_space(data[reached:first]), data[first:last]]
        reached = last
        code += len(data[first:last].strip())
    if not code:
        return None
    pieces.append(_space(data[reached:]))
    return b"".join(pieces), inner


_SPACES = bytes(byte if byte in b"\n\r\t" else 32 for byte in range(256))


def _space(data: bytes) -> bytes:
    return data.translate(_SPACES)


def _of_page(data: bytes, written: Language) -> tuple[list[Span], str]:
    """The scripts of a page or component, without the marks of a template engine in them."""
    comments = [found.span() for found in _COMMENT.finditer(data)]
    inner = "javascript"
    spans: list[Span] = []
    if written.name == "astro":
        head = _FENCE.match(data)
        inner = "typescript"
        spans += [head.span(1)] if head else []
    for found in _SCRIPT.finditer(data):
        before = bisect_right(comments, (found.start(), len(data))) - 1
        if before >= 0 and found.start() < comments[before][1]:
            continue
        kind = _TYPE.search(found[1])
        name = kind[1].lower() if kind else b"js"
        if name in _SCRIPT_LANGUAGES:
            inner = _SCRIPT_LANGUAGES[name]
        elif name not in _TYPES:
            continue
        spans += _without_marks(data, found.span(2)) if written.name in ("html", *_TEMPLATES) else [found.span(2)]
    if written.name == "razor" and not spans:
        inner = "csharp"
        spans = _razor(data)
    return spans, inner


_TEMPLATES = ("jinja", "twig", "handlebars", "go-template", "liquid")


def _without_marks(data: bytes, span: Span) -> list[Span]:
    """What a template engine leaves of some code. A mark that is never closed is code."""
    spans = []
    first, last = span
    reached = first
    open_for_ever = set()  # each is looked for once only
    while found := _MARK.search(data, reached, last):
        closer = _MARK_ENDS[found[0]]
        end = -1 if closer in open_for_ever else data.find(closer, found.end(), last)
        if end < 0:
            open_for_ever.add(closer)
            reached = found.start() + 1
        else:
            spans.append((first, found.start()))
            first = reached = end + len(closer)
    return [*spans, (first, last)]


def _razor(data: bytes) -> list[Span]:
    """The blocks of C# in a page."""
    spans: list[Span] = []
    reached = 0
    while found := _RAZOR.search(data, reached):
        depth, reached = 1, len(data)
        for brace in _BRACE.finditer(data, found.end()):
            depth += 1 if brace[0] == b"{" else -1
            if not depth:
                reached = brace.start()
                break
        spans.append((found.end(), reached))
    return spans


def _php(data: bytes) -> list[Span]:
    """What is between the tags, the tags with it. A file without any is taken as code."""
    spans = [found.span() for found in _PHP.finditer(data)]
    return spans or ([(0, len(data))] if b"<" not in data[:256] else [])


def _notebook(data: bytes) -> tuple[bytes, Language] | None:
    """The sources of the code cells, unescaped in their places."""
    result = bytearray(_space(data))
    found = False
    for first, last in _cells(data):
        result[first:last] = _ESCAPE.sub(_unescaped, data[first:last])
        found = found or bool(result[first:last].strip())
    if not found:
        return None
    kernel = _KERNEL.search(data)
    name = kernel[1].decode().lower() if kernel else "python"
    return bytes(result), language(name if name in names() else "python")


def _unescaped(found: re.Match[bytes]) -> bytes:
    """An escape as bytes of the same length: what it means, with a space beside it."""
    if found[0][1:2] == b"u":
        return b"_" + found[0][1:]
    return _UNESCAPED.get(found[0][1:2], b"  ")


class _Cell:
    """A cell of a notebook, as far as it has been read: its `cell_type`, and where its sources are."""

    def __init__(self) -> None:
        self.key = self.kind = self.text = ""
        self.sources: list[Span] = []

    def take(self, found: re.Match[bytes], depth: int, *, is_value: bool) -> None:
        """A string of the cell."""
        if self.key == "source" and (depth == 4 or is_value):
            self.sources.append((found.start() + 1, found.end() - 1))
        elif depth == 3:
            self.text = found[0][1:-1].decode("utf-8", "replace")
            if self.key == "cell_type" and is_value:
                self.kind = self.text


def _cells(data: bytes) -> list[Span]:
    """Where the texts of the sources of code cells are, without their quotation marks."""
    spans: list[Span] = []
    cell = _Cell()
    depth = 0
    before = b""
    for found in _TOKEN.finditer(data):
        sign = found[0][:1]
        if sign in b"[{":
            depth += 1
            if sign == b"{" and depth == 3:
                cell = _Cell()
        elif sign in b"]}":
            if sign == b"}" and depth == 3 and cell.kind == "code":
                spans += cell.sources
            depth -= 1
        elif sign == b'"' and depth in (3, 4):
            cell.take(found, depth, is_value=depth == 3 and before == b":")
        elif sign == b":" and depth == 3 and before == b'"':
            cell.key = cell.text
        before = sign
    return spans
