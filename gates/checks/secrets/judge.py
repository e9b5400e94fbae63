"""Whether a value is a secret or just stands where one would: placeholders, names, references, templates."""

from __future__ import annotations

import math
import re
from collections import Counter

__all__ = ["ENTROPY", "bits", "is_placeholder", "is_telling_name", "looks_random", "plain_text"]

ENTROPY = 3.0
"""Default of the option `entropy`: eight different characters have three bits each."""

TOKEN_ENTROPY = 2.5
"""What a token of a known form must have: less is `ghp_xxxxxxxx...`."""

PLACEHOLDER = re.compile(
    r"example|sample|placeholder|change[-_]?(?:me|it|this)|your[-_]?|my[-_]?(?:secret|pass|token|key)|dummy|fake|"
    r"redacted|replace|insert|todo|fixme|password|passwd|foobar|letmein|qwerty|not[-_]?(?:a[-_]?)?(?:real|secret)|"
    r"x{4,}|\*{3,}|\.{3,}|•+|…|0{6,}|1234567|abcdefg|deadbeef|s3cr[e3]t|sup3r|p[a4@]ssw[o0]rd",
    re.IGNORECASE,
)
TEMPLATE = re.compile(r"\$\{|\$\(|\{\{|%\(|<[^<>]*>|\{[^{}]*\}|\[\[|@@|%[sd]|%\w+%|#\{|^[$%!&*@]|^\w+\(|\(\)|=>|->")
REFERENCE = re.compile(r"^(?:\.{0,2}/|~/|[A-Za-z]:\\|https?:|file:|vault:|env:|op:|arn:|ssm:|secret:|ENC\[|sha\d+[:-])")
BASE64 = re.compile(r"^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
UUID = re.compile(r"^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$", re.IGNORECASE)
WORDS = re.compile(r"^[A-Za-z]*\d{0,2}(?:[-_./: ]+[A-Za-z]*\d{0,2})+$")
"""Words joined by separators: `app.token.v2`, `oauth2/token`, `reset-token`."""

EXPRESSION = re.compile(r"^[A-Za-z_][\w]*(?:(?:\.|::)[A-Za-z_]\w*|\[[^\]]*\]|\([^)]*\))+$")
"""A name of a program: `settings.TOKEN2`, `os.environ[...]`."""

REST = re.compile(r"^s?(?:$|[_-]|[A-Z0-9])")
NO_SECRET = re.compile(
    r"(?i)(?:file|path|dir|name|id|ids|url|uri|endpoint|host|field|type|kind|class|length|len|size|count|limit|min|max|"
    r"policy|prompt|hint|label|title|text|message|msg|error|column|param|parameter|regex|pattern|header|var|variable|"
    r"env|expiry|expires|expiration|ttl|age|date|time|at|prefix|suffix|format|algorithm|alg|hash|digest|salt|version|"
    r"provider|manager|store|ref|arn|scope|scopes|status|state|index|key|mode|method|function|reset|change|required)s?$"
)


def bits(value: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


def is_placeholder(value: str, *, known: bool) -> bool:
    """Whether a value only stands in for a secret; `known`: its form says that it is one unless it is plainly not."""
    if PLACEHOLDER.search(value):
        return True
    if known:
        return bits(value) < TOKEN_ENTROPY
    return any(form.search(value) for form in (TEMPLATE, REFERENCE, UUID, WORDS, EXPRESSION))


def looks_random(value: str, entropy: float) -> bool:
    """Whether it may be a password or a key: mixed enough, and not letters alone, which are a word or a name."""
    return any(not character.isalpha() for character in value) and bits(value) >= entropy


def plain_text(value: str) -> str:
    """The password in what only looks random: `user:password` in base64 (Basic authorization), and percent signs."""
    if "%" in value:
        from urllib.parse import unquote

        return unquote(value)
    if BASE64.match(value):
        from base64 import b64decode

        try:
            user, colon, password = b64decode(value, validate=True).decode("ascii").partition(":")
        except ValueError:
            return value
        if colon and user.isprintable() and password.isprintable():
            return password
    return value


def is_telling_name(word: str, rest: str) -> bool:
    """Whether `word` + `rest` (`token` + `_prod`) names a secret: not `tokenizer`, `password_file`, `secret_name`."""
    if word.isupper() and rest[:1].isupper() and rest != "S":
        return False
    return bool(REST.match(rest)) and not (rest and NO_SECRET.search(rest))
