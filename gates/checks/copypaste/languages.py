"""Which language a file is written in, and what the detector must know of it.

The tables are in `language_names` (endings, names, interpreters), `language_syntax`, `language_patterns` and
`language_keywords`; a `Language` is built from them when the first file of it is met.
"""

from __future__ import annotations

import re
from functools import cache

from gates.checks.copypaste.language import Language
from gates.checks.copypaste.language_names import ENDINGS, INTERPRETERS, NAMES, WRAPPERS

__all__ = ["Language", "language", "language_of", "names"]

HEAD = 4096
"""Bytes of a file that decide where its ending leaves it open."""

_SHEBANG = re.compile(
    rb"#![ \t]*(?:[^\s]*/)?([^\s/]+)"
    rb"(?:[ \t]+(?:-S[ \t]*)?(?:\w+=[^\s]*[ \t]+)*(?:[^\s]*/)?([^\s/]+))?"  # the program that `env` starts
)

_DOUBTFUL: dict[str, tuple[tuple[str, re.Pattern[bytes]], ...]] = {
    "ts": (("xml", re.compile(rb"\s*<(\?xml|!DOCTYPE)")),),
    "h": (
        ("objective-c", re.compile(rb"^\s*(@interface|@protocol|@class|#import\b)", re.M)),
        ("cpp", re.compile(rb"^\s*(class\s+\w+|namespace\b|template\s*<|using\s+\w+)|\b(public|private):|std::", re.M)),
    ),
    "m": (
        ("objective-c", re.compile(rb"^\s*(@interface|@implementation|#import\b|#include\b|//|/\*)", re.M)),
        ("mercury", re.compile(rb"^:- module\b", re.M)),
    ),
    "pl": (("prolog", re.compile(rb"^(:- |\w+\([^)\n]*\)\s*:-)", re.M)),),
    "t": (("terra", re.compile(rb"^\s*(local|terra)\b", re.M)),),
    "v": (("coq", re.compile(rb"^\s*(Require|Theorem|Lemma|Definition|Inductive|From)\b", re.M)),),
    "cls": (
        (
            "apex",
            re.compile(rb"\b(public|private|global)\s+((with|without|virtual|abstract|sharing)\s+)*class\b", re.I),
        ),
        ("basic", re.compile(rb"^(VERSION 1\.0 CLASS|Attribute VB_)", re.M)),
    ),
    "inc": (("php", re.compile(rb"<\?(php|=)")), ("c", re.compile(rb"#(if|define|include)\b|/\*|//"))),
    "cl": (("c", re.compile(rb"\b__kernel\b|\bkernel void\b|/\*")),),
    "pro": (("ini", re.compile(rb"^\s*(TEMPLATE|SOURCES|QT|CONFIG)\s*[+-]?=", re.M)),),
    "st": (("go-template", re.compile(rb"\{\{")),),
    "fs": (("glsl", re.compile(rb"^\s*(#version|precision |uniform )", re.M)),),
    "install": (("shell", re.compile(rb"^(#!|post_install\s*\()", re.M)), ("php", re.compile(rb"<\?php"))),
    "module": (("php", re.compile(rb"<\?php")), ("", re.compile(rb""))),
    "theme": (("php", re.compile(rb"<\?php")), ("", re.compile(rb""))),
    "as": (("assembly", re.compile(rb"^\s*(\.globl|\.text|section)\b", re.M)),),
    "sc": (("", re.compile(rb"\bSynthDef\b")),),
    "mod": (("go", re.compile(rb"^module ", re.M)),),
    "tpl": (("php", re.compile(rb"<\?php")), ("jinja", re.compile(rb"\{%"))),
}
"""Endings that several languages share: the first whose mark the head of the file bears, else the one of the table."""


def language_of(path: str, head: bytes = b"") -> Language | None:
    """The language of a file by its name, else by its `#!` line; None when it is none that is known.

    `head` is the beginning of the file, some 4 KB.
    """
    name = path.rpartition("/")[2].lower()
    found = _by_name(name, head[:HEAD]) or _by_shebang(head)
    return language(found) if found else None


@cache
def language(name: str) -> Language:
    """The language of that name (of `names()`)."""
    from gates.checks.copypaste import language_syntax as syntax
    from gates.checks.copypaste.language_patterns import PATTERNS

    comments, strings, blocks = syntax.SYNTAX[name]
    lines: list[bytes] = []
    pairs: list[tuple[bytes, bytes]] = []
    for family in comments.split():
        lines += syntax.COMMENTS[family][0]
        pairs += syntax.COMMENTS[family][1]
    keywords = _keywords(name)
    if name in syntax.CASELESS.split():
        keywords += [form for word in keywords for form in (word.upper(), word.capitalize())]
    return Language(
        name,
        line_comments=tuple(lines),
        block_comments=tuple(pairs),
        nested=name in syntax.NESTED.split(),
        strings=tuple(quotes for family in strings.split() for quotes in syntax.STRINGS[family]),
        prefixes=syntax.PREFIXES.get(name, b""),
        keywords=frozenset(word.encode() for word in keywords),
        patterns=PATTERNS.get(name, ()),
        word=syntax.WORD.get(name, b""),
        blocks=blocks,
        data=name in syntax.DATA.split(),
        contains=syntax.CONTAINS.get(name, ""),
    )


def _keywords(name: str) -> list[str]:
    """The keywords of a language, those of the language it is built upon included."""
    table = _keyword_lines()
    own = table.get(name, table["common"])
    return [
        each
        for word in own
        for each in (_keywords(word[1:-1]) if word.startswith("<") and word.endswith(">") else [word])
    ]


@cache
def _keyword_lines() -> dict[str, list[str]]:
    from gates.checks.copypaste.language_keywords import KEYWORDS

    rows = (row.partition(": ") for row in KEYWORDS.strip().replace("\n  ", " ").splitlines())
    return {name: words.split() for name, _, words in rows}


def names() -> list[str]:
    """Every language that is known, in alphabetical order."""
    from gates.checks.copypaste.language_syntax import SYNTAX

    return sorted(SYNTAX)


def _by_name(name: str, head: bytes) -> str:
    known = _names().get(name)
    if known:
        return known
    parts = name.split(".")
    while len(parts) > 1:
        ending = parts.pop()
        found = _endings().get(ending, "")
        inner = "".join(parts[-1:]) if len(parts) > 1 or ".".join(parts) in _names() else ""
        if ending in _wrappers() and (inner in _endings() or ".".join(parts) in _names()):
            return _by_name(".".join(parts), head)
        for other, mark in _DOUBTFUL.get(ending, ()):
            if mark.search(head):
                return other
        return found
    return _prefixed(parts[0])


def _prefixed(name: str) -> str:
    """`Dockerfile-dev`, `Jenkinsfile_nightly`: a known name with something after it."""
    for sign in "-_":
        stem = name.partition(sign)[0]
        if stem in ("dockerfile", "jenkinsfile", "makefile", "vagrantfile"):
            return _names()[stem]
    return ""


def _by_shebang(head: bytes) -> str:
    found = _SHEBANG.match(head)
    if not found:
        return ""
    program = found[1]
    if program == b"env":
        program = found[2] or b""
    return _interpreters().get(program.decode("latin-1").lower().rstrip("0123456789.-"), "")


@cache
def _endings() -> dict[str, str]:
    return _reversed(ENDINGS)


@cache
def _names() -> dict[str, str]:
    return _reversed(NAMES)


@cache
def _interpreters() -> dict[str, str]:
    return _reversed(INTERPRETERS)


@cache
def _wrappers() -> frozenset[str]:
    return frozenset(WRAPPERS.split())


def _reversed(table: str) -> dict[str, str]:
    """`language key key...` by line, as key -> language; the language that comes first has a key."""
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        name, *keys = line.split()
        for key in keys:
            found.setdefault(key, name)
    return found
