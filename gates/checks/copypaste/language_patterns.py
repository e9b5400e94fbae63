"""Comments and strings that the tables of `language_syntax` cannot say, as regular expressions.

None may take the square of the length of a text. What is opened and not closed either runs to the end of the file, or
has nothing in it that would be taken for another opening; a part that failed is never tried again in another way.
"""

from __future__ import annotations

from gates.checks.copypaste.language import COMMENT, STRING

__all__ = ["PATTERNS"]

CHARACTER = (
    STRING,
    rb"'(?:[^'\\\n\x80-\xff]|[\xc0-\xff][\x80-\xbf]{1,3}|\\(?:[^\nuxUX]|u\{[^'\n}]{1,8}\}|[uxUX][0-9a-fA-F]{2,8}))'",
)
"""A character, where a quotation mark alone is something else (a lifetime, an attribute, a transposed matrix)."""

_NO_CLASS = rb"[^/\\\[\n]*+(?:\\[^\n][^/\\\[\n]*+)*+"
_CLASS = rb"\[[^\]\\\n]*+(?:\\[^\n][^\]\\\n]*+)*+\]?+"
REGEX_BODY = rb"(?![/*\n])" + _NO_CLASS + rb"(?:/[a-z]*+|(?:" + _CLASS + _NO_CLASS + rb")++(?:/[a-z]*+)?+)"
REGEX = tuple(
    (STRING, b"/(?<=" + before + b"/)" + REGEX_BODY)
    for before in (rb"[=(,:;!&|?{}\[+~]", rb"[=(,:;!&|?{}\[+~] ", rb"\breturn ", rb"\n")
)
"""A regular expression stands where a value may begin; elsewhere the slash divides."""

LINES = rb"(?:[^\n]*+\n){0,99}?[ \t]*+"
HERE = rb"(?:[^<\n]|<(?!<)){0,200}+\n" + LINES
"""The rest of the line that opens a here-document (the last one on it), and its lines. One that is longer is read as
code."""

_NO_QUOTE = rb"[^'\\\n]*+(?:\\[^'\n][^'\\\n]*+)*+"
C_CHARACTER = (
    STRING,
    rb"'(?:(?<![0-9a-fA-F]')|(?<=u8'))" + _NO_QUOTE + rb"(?:'|(?:\\'" + _NO_QUOTE + rb")++'?+)",
)
"""One or several characters; not the mark between the digits of a number."""

DASHES = (COMMENT, rb"-(?<![!#$%&*+./<=>?@\\^|~:-]-)-++(?![!#$%&*+./<=>?@\\^|~:])[^\n]*+")
"""Two dashes or more, where they are not part of an operator."""


def _bracketed(opener: bytes, closer: bytes) -> bytes:
    """Text in brackets, with brackets in it; where these go deeper, or nothing closes them, the text ends there."""
    plain = rb"(?:[^\\" + opener + closer + rb"]|\\(?s:.))"
    inner = opener + plain + b"*+" + closer
    inner = opener + b"(?:" + plain + b"|" + inner + b")*+" + closer
    return opener + b"(?:" + plain + b"|" + inner + b")*+" + closer + b"?+"


PATTERNS: dict[str, tuple[tuple[str, bytes], ...]] = {
    "javascript": REGEX,
    "typescript": REGEX,
    "coffeescript": ((STRING, rb"/(?<=///)(?s:.*?)(?:///[a-z]*+|\Z)"), *REGEX),
    "go": (CHARACTER,),
    "rust": (
        (STRING, rb'"(?<=r")[^"]*+(?:"|\Z)'),
        (STRING, rb'"(?<=r#")(?s:.*?)(?:"#|\Z)'),
        (STRING, rb'"(?<=r##")(?s:.*?)(?:"##|\Z)'),
        (STRING, rb'"(?<=r###")(?s:.*?)(?:"###|\Z)'),
        CHARACTER,
    ),
    "c": (C_CHARACTER,),
    "cpp": (
        (STRING, rb'"(?<=R")(?P<cpp_raw>[^()\\\s"]{0,16})\((?s:.*?)(?:\)(?P=cpp_raw)"|\Z)'),
        C_CHARACTER,
    ),
    "csharp": (
        (STRING, rb'"(?:(?<=@")|(?<=@\$"))[^"]*+(?:""[^"]*+)*+(?:"|\Z)'),
        (STRING, rb'"""(?P<cs_raw>"*+)(?s:.*?)(?:"""(?P=cs_raw)|\Z)'),
        CHARACTER,
    ),
    "kotlin": (CHARACTER,),
    "scala": (CHARACTER,),
    "java": (CHARACTER,),
    "swift": ((STRING, rb'#"(?s:.*?)(?:"#|\Z)'), (STRING, rb"/(?<=[=(,]/)(?![/* ])(?:[^/\\\n]|\\[^\n])++/")),
    "php": (
        (COMMENT, rb"#(?!\[)[^\n]*"),
        (
            STRING,
            rb"<<<[ \t]*['\"]?(?P<php_here>[A-Za-z_]\w*+)['\"]?[ \t]*+\n" + LINES + rb"(?P=php_here)\b",
        ),
    ),
    "ruby": (
        (COMMENT, rb"=(?:(?<=\n=)|(?<!(?s:.)=))begin\b(?s:.*?)(?:\n=end\b[^\n]*+|\Z)"),
        (COMMENT, rb"#(?<!\?#)[^\n]*"),
        (
            STRING,
            rb"<<[~-]?(?P<rb_q>['\"`]?)(?P<rb_here>[A-Z_][A-Z0-9_]*+)(?P=rb_q)" + HERE + rb"(?P=rb_here)\b",
        ),
        (STRING, rb"%[wWiIqQ]?" + _bracketed(rb"\(", rb"\)")),
        (STRING, rb"%[wWiIqQ]?" + _bracketed(rb"\[", rb"\]")),
        (STRING, rb"%[wWiIqQ]?" + _bracketed(rb"\{", rb"\}")),
        (STRING, rb"%r" + _bracketed(rb"\{", rb"\}") + rb"[a-z]*+"),
        *REGEX,
    ),
    "crystal": (
        (STRING, rb"<<-(?P<cr_here>[A-Z_][A-Z0-9_]*+)" + HERE + rb"(?P=cr_here)\b"),
        CHARACTER,
        *REGEX,
    ),
    "elixir": (
        (STRING, rb"~[a-zA-Z]/(?:[^/\\\n]|\\[^\n])*+/[a-z]*+"),
        (STRING, rb"~[a-zA-Z]\([^)\\]*+(?:\\(?s:.)[^)\\]*+)*+(?:\)[a-z]*+|\\?\Z)"),
    ),
    "perl": (
        (COMMENT, rb"=(?<=\n=)[a-zA-Z]\w*+(?s:.*?)(?:\n=cut\b[^\n]*+|\Z)"),
        (COMMENT, rb"#(?<![$&\\{]#)[^\n]*"),
        (
            STRING,
            rb"<<~?(?P<pl_q>['\"]?)(?P<pl_here>[A-Za-z_]\w*+)(?P=pl_q)" + HERE + rb"(?P=pl_here)\b",
        ),
        (STRING, rb"/(?<=[=(!]~ /)(?:[^/\\\n]|\\[^\n])*+/[a-z]*+"),
    ),
    "shell": (
        (STRING, rb"\\['\"]"),
        (COMMENT, rb"#(?<![^\s;&|()`]#)[^\n]*"),
        (
            STRING,
            rb"<<(?<!<<<)-?[ \t]*+(?P<sh_q>['\"\\]?)(?P<sh_here>[A-Za-z_]\w*+)['\"]?"
            + HERE
            + rb"(?P=sh_here)(?=\s|\Z)",
        ),
    ),
    "fish": ((COMMENT, rb"#(?<![^\s;&|()]#)[^\n]*"),),
    "tcl": ((COMMENT, rb"#(?<![^\s;{]#)[^\n]*"),),
    "dockerfile": ((COMMENT, rb"#(?<![^\s]#)[^\n]*"),),
    "makefile": ((COMMENT, rb"#(?<!\\#)[^\n]*"),),
    "yaml": ((COMMENT, rb"#(?<![^\s]#)[^\n]*"),),
    "lua": (
        (COMMENT, rb"--\[(?P<lua_comment>=*+)\[(?s:.*?)(?:\](?P=lua_comment)\]|\Z)"),
        (STRING, rb"\[(?P<lua_long>=++)\[(?s:.*?)(?:\](?P=lua_long)\]|\Z)"),
    ),
    "haskell": (DASHES, CHARACTER),
    "purescript": (DASHES, CHARACTER),
    "elm": (CHARACTER,),
    "ocaml": ((STRING, rb"\{(?P<ml_raw>[a-z_]*+)\|(?s:.*?)(?:\|(?P=ml_raw)\}|\Z)"), CHARACTER),
    "fsharp": (CHARACTER,),
    "reason": (CHARACTER,),
    "ada": (CHARACTER,),
    "vhdl": (CHARACTER,),
    "julia": ((STRING, rb"'(?<![\w)\]}'.]')(?:[^'\\\n]|\\[^\n]{1,9}?)'"),),
    "matlab": ((STRING, rb"'(?<![\w)\]}'.]')[^'\n]*+(?:'(?!')|(?:''[^'\n]*+)++'?+)"), (COMMENT, rb"\.\.\.[^\n]*")),
    "nim": (CHARACTER,),
    "d": (CHARACTER, (STRING, rb'"(?<=r")[^"]*+(?:"|\Z)')),
    "zig": (CHARACTER,),
    "odin": (CHARACTER,),
    "erlang": ((STRING, rb"\$(?:\\[^\n]|[^\s])"),),
    "clojure": ((STRING, rb"\\(?:[^\s\w]|\w+)"),),
    "common-lisp": ((STRING, rb"#\\(?:[^\s\w]|[\w-]+)"),),
    "scheme": ((STRING, rb"#\\(?:[^\s\w]|[\w-]+)"),),
    "racket": ((STRING, rb"#\\(?:[^\s\w]|[\w-]+)"),),
    "emacs-lisp": ((STRING, rb"\?(?<![\w-]\?)\\?[^\s\w]"),),
    "latex": ((COMMENT, rb"%(?<!\\%)[^\n]*"), (COMMENT, rb"\\begin\{comment\}(?s:.*?)(?:\\end\{comment\}|\Z)")),
    "vim": ((COMMENT, rb'"(?<![^\s]")[^"\n]*(?=\n|\Z)'), (COMMENT, rb'"(?<=\n")[^\n]*')),
    "abap": ((COMMENT, rb'"[^"\n]*(?=\n|\Z)'), (COMMENT, rb"\*(?<=\n\*)[^\n]*")),
    "batch": ((COMMENT, rb"::(?<=\n::)[^\n]*"), (COMMENT, rb"R(?<=\nR)EM\b[^\n]*"), (COMMENT, rb"r(?<=\nr)em\b[^\n]*")),
    "basic": ((COMMENT, rb"R(?<=\nR)(?:EM|em)\b[^\n]*"),),
    "fortran-fixed": ((COMMENT, rb"C(?<=\nC)[^\n]*"), (COMMENT, rb"c(?<=\nc)[^\n]*"), (COMMENT, rb"\*(?<=\n\*)[^\n]*")),
    "cobol": ((COMMENT, rb"\*(?<=\n[^\n]{6}\*)[^\n]*"),),
    "assembly": ((COMMENT, rb"#(?<![^\s]#) [^\n]*"),),
    "ml4": ((COMMENT, rb"d(?<![\w]d)nl\b[^\n]*"),),
    "verilog": (),
}
"""Language -> what its families cannot say."""
