"""What the detector must know of a language to read it: its comments, its strings, its words.

On the path of a commit hook: no imports, plain slots.
"""

from __future__ import annotations

__all__ = ["COMMENT", "STRING", "Language", "Quotes"]

COMMENT = "comment"
STRING = "string"


class Quotes:
    """One way of writing a string.

    open, close  its delimiters
    escape       the byte that takes the meaning of the next one away (`\\`), b"" in raw strings
    doubled      whether a doubled closing delimiter stands for itself (SQL, Pascal, Visual Basic)
    multiline    whether it may go on over the end of a line; one that may not and is not closed is no string
    """

    __slots__ = ("close", "doubled", "escape", "multiline", "open")

    def __init__(
        self,
        opener: bytes,
        closer: bytes = b"",
        *,
        escape: bytes = b"\\",
        doubled: bool = False,
        multiline: bool = False,
    ) -> None:
        self.open = opener
        self.close = closer or opener
        self.escape = escape
        self.doubled = doubled
        self.multiline = multiline


class Language:
    """How one language is written.

    name            "python"
    line_comments   what begins a comment up to the end of the line
    block_comments  (open, close) pairs
    nested          whether block comments nest
    strings         its Quotes, the longest delimiters first
    prefixes        bytes that may stand directly before a string and belong to it (Python: rbuft, in any case)
    keywords        words that are never renamed, so that they count in a comparison that is blind to names
    patterns        (COMMENT or STRING, regular expression) for what the fields above cannot say; each begins with one
                    literal byte and is to be tried before them. Named groups are unique over all languages
    word            bytes that may be part of a name, besides letters, digits, "_" and what is not ASCII
    blocks          what bounds its blocks: "braces", "indent", "end" (closing keywords), or ""
    data            holds data or prose rather than code: left out unless asked for
    contains        what it is a container of: "html", "template", "notebook", "php", or "" (see `embedded`)
    """

    __slots__ = (
        "block_comments",
        "blocks",
        "contains",
        "data",
        "keywords",
        "line_comments",
        "name",
        "nested",
        "patterns",
        "prefixes",
        "strings",
        "word",
    )

    def __init__(
        self,
        name: str,
        *,
        line_comments: tuple[bytes, ...] = (),
        block_comments: tuple[tuple[bytes, bytes], ...] = (),
        nested: bool = False,
        strings: tuple[Quotes, ...] = (),
        prefixes: bytes = b"",
        keywords: frozenset[bytes] = frozenset(),
        patterns: tuple[tuple[str, bytes], ...] = (),
        word: bytes = b"",
        blocks: str = "",
        data: bool = False,
        contains: str = "",
    ) -> None:
        self.name = name
        self.line_comments = line_comments
        self.block_comments = block_comments
        self.nested = nested
        self.strings = strings
        self.prefixes = prefixes
        self.keywords = keywords
        self.patterns = patterns
        self.word = word
        self.blocks = blocks
        self.data = data
        self.contains = contains

    def __repr__(self) -> str:
        return f"<Language {self.name}>"
