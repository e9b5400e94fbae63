"""The words and signs by which blocks are told apart. Pure data, see `boundaries`."""

from __future__ import annotations

__all__ = [
    "CALL_DEFINES",
    "CLASS_WORDS",
    "COMMA_ENDS",
    "CONTINUES",
    "CONTROL_WORDS",
    "END_WORDS",
    "FUNCTION_WORDS",
    "GOES_ON",
    "LINES_END",
    "LITERAL_BEFORE",
    "MODIFIERS",
]


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _cases(text: str) -> frozenset[bytes]:
    """The words in lower and in upper case."""
    return _words(text) | _words(text.upper())


CLASS_WORDS = _words(
    "class interface struct enum trait impl namespace module object protocol extension record union mod actor contract "
    "defmodule classdef"
)

FUNCTION_WORDS = _words("def func fun fn function proc sub method macro init deinit constructor subscript")

CONTROL_WORDS = _words(
    "if else for while do switch try catch finally using lock synchronized case unsafe loop match when guard foreach "
    "elif elseif unless until repeat select checked unchecked fixed @autoreleasepool"
)

LITERAL_BEFORE = (b"=", b"(", b"[", b",", b":", b"?", b"&", b"|", b"return", b"+", b"<")
"""After these a brace opens a literal, not a block."""

CALL_DEFINES = _names(
    "c cpp cuda csharp java javascript typescript astro php hack groovy dart objective-c apex vala d haxe actionscript "
    "solidity glsl hlsl metal"
)
"""Languages in which `name(...) {` defines a function, without a keyword."""

LINES_END = _names("javascript typescript astro go kotlin scala swift groovy dart")
"""Languages in which the end of a line may end a statement, or in which blocks are handed over as arguments."""

COMMA_ENDS = _names("javascript typescript astro")
"""Those whose objects have entries with blocks."""

CONTINUES = (b",", b"=", b"(", b"[", b"+", b"-", b"*", b"/", b"|", b"&", b".", b"?", b":", b">", b"<")
"""A line that follows one that ends with one of these goes on with its statement."""

GOES_ON = (
    b",", b"=", b"+", b"*", b"/", b"|", b"&", b".", b"?", b":", b"{", b")", b"]", b"where", b"throws", b"extends",
    b"implements", b"with", b"permits",
)  # fmt: skip
"""A line that begins with one of these goes on with the statement of the line before."""

END_WORDS: dict[str, tuple[frozenset[bytes], frozenset[bytes], frozenset[bytes]]] = {
    "ruby": (_words("def class module begin case if unless while until for do {"), _words("end }"), _words("def")),
    "crystal": (
        _words("def class module begin case if unless while until for do struct enum lib macro {"),
        _words("end }"),
        _words("def macro"),
    ),
    "shell": (_words("if case do {"), _words("fi esac done }"), frozenset()),
    "fish": (_words("function if for while switch begin"), _words("end"), _words("function")),
    "lua": (_words("function if do repeat"), _words("end until"), _words("function")),
    "terra": (_words("function terra if do repeat quote"), _words("end until"), _words("function terra")),
    "elixir": (_words("do fn"), _words("end"), _words("fn def defp defmacro defmacrop")),
    "julia": (
        _words("function if for while begin let quote struct module macro try do"),
        _words("end"),
        _words("function macro"),
    ),
    "matlab": (
        _words("function if for while switch try parfor classdef methods properties"),
        _words("end endfunction endif endfor endwhile"),
        _words("function"),
    ),
    "pascal": (
        _cases("begin case record try asm") | _words("Begin Case Record Try"),
        _cases("end") | {b"End"},
        frozenset(),
    ),
    "sql": (_cases("begin case if loop"), _cases("end"), frozenset()),
    "plsql": (_cases("begin case if loop"), _cases("end"), frozenset()),
    "verilog": (
        _words("begin case casex casez module function task generate package class interface"),
        _words("end endcase endmodule endfunction endtask endgenerate endpackage endclass endinterface"),
        _words("function task"),
    ),
}
END_WORDS["systemverilog"] = END_WORDS["verilog"]
"""Language -> words that open a block, that close one, and those of the openers that begin a function."""

MODIFIERS: dict[str, tuple[frozenset[bytes], frozenset[bytes]]] = {
    "ruby": (_words("if unless while until"), _words("while until for")),
    "crystal": (_words("if unless while until"), _words("while until for")),
    "julia": (_words("if for"), frozenset()),
}
"""Language -> openers that may also follow a statement and then open nothing, and loops whose `do` opens nothing."""
