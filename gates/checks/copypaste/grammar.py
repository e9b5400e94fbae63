"""A language compiled: one regular expression for its comments and strings, one table for the bytes of its code.

Every alternative of the expression begins with a literal byte, so that the search skips code at memory speed. What is
opened and never closed runs to the end of the file (of the line, where it may not go further): an alternative that
fails late would be tried again at the next opener, and cost the square of the length.
"""

from __future__ import annotations

import re

from gates.checks.copypaste.language import COMMENT, Language, Quotes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NUMBER", "PUNCT", "STRING_MARK", "WORD", "Grammar", "grammar_of"]

WORD, NUMBER, PUNCT, STRING_MARK = 1, 2, 4, 8
"""Classes of bytes, and kinds of the tokens that begin with them; 0 is space."""

NESTING = 4
"""Block comments in block comments are followed this deep."""

_STRING, _COMMENT, _ASK = b"\0", b"\1", b"?"
"""What stands for a match in the code that is left: bytes that code does not have."""

_compiled: dict[str, Grammar] = {}


class Grammar:
    """How one language is cut into code, comments and strings.

    split     cuts bytes into code, match, code, match, ..., code; between them are `stride` - 2 items to ignore
    classes   byte -> its class, for `bytes.translate`
    keywords  words that are never renamed
    """

    __slots__ = ("_comment", "_marks", "classes", "keywords", "split", "stride")

    def __init__(self, language: Language) -> None:
        special = [(kind == COMMENT, pattern) for kind, pattern in language.patterns]
        comments = [_block_comment(*pair, language.nested) for pair in language.block_comments]
        comments += [re.escape(opener) + rb"[^\r\n]*+" for opener in language.line_comments]
        strings = [_quoted(quotes) for quotes in language.strings]
        every = [pattern for _, pattern in special] + comments + strings
        compiled = re.compile(b"(" + b"|".join(every or [rb"(?!)"]) + b")", re.DOTALL)
        self.split: Callable[[bytes], list[bytes]] = compiled.split
        self.stride = compiled.groups + 1
        self.classes = _classes(language.word)
        self.keywords = language.keywords
        comments = [pattern for is_comment, pattern in special if is_comment] + comments
        strings = [pattern for is_comment, pattern in special if not is_comment] + strings
        self._comment = re.compile(b"|".join(comments or [rb"(?!)"]), re.DOTALL)
        self._marks = _marks({_first(p) for p in comments}, {_first(p) for p in strings})

    def marks(self, matches: list[bytes]) -> bytes:
        """A byte for each match: 0 for a string, 1 for a comment (and for nothing at all)."""
        marks = bytes([match[0] if match else 1 for match in matches]).translate(self._marks)
        if _ASK not in marks:
            return marks
        fullmatch = self._comment.fullmatch
        return bytes(
            mark if mark != _ASK[0] else (_COMMENT if fullmatch(match) else _STRING)[0]
            for mark, match in zip(marks, matches, strict=True)
        )


def grammar_of(language: Language) -> Grammar:
    """The grammar of a language, compiled once in a process."""
    found = _compiled.get(language.name)
    if found is None:
        found = _compiled[language.name] = Grammar(language)
    return found


def _first(pattern: bytes) -> int:
    """The literal byte a pattern begins with."""
    return pattern[1] if pattern[:1] == b"\\" else pattern[0]


def _marks(comments: set[int], strings: set[int]) -> bytes:
    """First byte of a match -> what stands for it; `?` where only the whole match tells."""
    marks = bytearray(_COMMENT * 256)
    for byte in strings:
        marks[byte] = (_ASK if byte in comments else _STRING)[0]
    return bytes(marks)


def _block_comment(opener: bytes, closer: bytes, nested: bool) -> bytes:
    if not nested:
        return re.escape(opener) + _up_to(closer) + b"(?:" + re.escape(closer) + rb"|\Z)"
    start, end = re.escape(opener), re.escape(closer)
    within = b"(?:(?!" + start + b"|" + end + rb")[\s\S])"
    pattern = start + within + b"*+(?:" + end + rb"|\Z)"
    for _ in range(NESTING):
        pattern = start + b"(?:" + within + b"|" + pattern + b")*+(?:" + end + rb"|\Z)"
    return pattern


def _up_to(closer: bytes) -> bytes:
    """Everything before `closer`, which is skipped at memory speed where it does not begin with its first byte."""
    first, rest = re.escape(closer[:1]), re.escape(closer[1:])
    if not rest:
        return b"[^" + first + b"]*+"
    return b"[^" + first + b"]*+(?:" + first + b"(?!" + rest + b")[^" + first + b"]*+)*+"


def _quoted(quotes: Quotes) -> bytes:
    opener, close, escape = re.escape(quotes.open), re.escape(quotes.close), re.escape(quotes.escape)
    first = re.escape(quotes.close[:1])
    plain = b"[^" + first + escape + (b"" if quotes.multiline else rb"\r\n") + b"]*+"
    anything = rb"(?:\r\n|[\s\S]|\Z)"  # a line that is continued belongs to the string in every language
    inside = [b"(?!" + close + b")" + first] if len(quotes.close) > 1 else []
    quoted = [close + close] if quotes.doubled else []
    if quotes.escape:
        inside.append(escape + (anything if quotes.multiline else b"(?!" + first + b")" + anything))
        quoted += [] if quotes.multiline else [escape + first]
    if quotes.multiline:
        return opener + _repeated(plain, inside + quoted) + b"(?:" + close + rb"|\Z)"
    body = _repeated(plain, inside)
    if not quoted:
        return opener + body + close
    # Not closed, it is no string. But with its own delimiter in it, it is one up to the end of the line: otherwise each
    # of these would be taken for the beginning of a string, and be looked through to the end of the line.
    alone = (b"(?!" + close + close + b")" if quotes.doubled else b"") + close
    on_line = b"(?:(?:" + b"|".join(quoted) + b")" + body + b")++" + close + b"?+"
    return opener + body + b"(?:" + alone + b"|" + on_line + b")"


def _repeated(plain: bytes, others: list[bytes]) -> bytes:
    """Plain text, with any of the others in between."""
    return plain + (b"(?:(?:" + b"|".join(others) + b")" + plain + b")*+" if others else b"")


def _classes(word: bytes) -> bytes:
    classes = bytearray(256)
    for byte in range(33, 128):
        classes[byte] = PUNCT
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_" + bytes(range(128, 256)) + word
    for byte in letters:
        classes[byte] = WORD
    for byte in b"0123456789":
        classes[byte] = NUMBER
    classes[0] = STRING_MARK
    return bytes(classes)
