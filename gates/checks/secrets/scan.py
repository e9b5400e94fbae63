"""Finding secrets in a text, and showing the place without showing them."""

from __future__ import annotations

import re
from bisect import bisect_right

from gates.checks.secrets.judge import ENTROPY, is_placeholder, is_telling_name, looks_random, plain_text
from gates.checks.secrets.kinds import GENERIC, KINDS, UNQUOTED, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ALLOWED", "MASK", "Scanner", "Secret", "is_secret_file"]

MASK = "••••"

ALLOWED = re.compile(rb"gateline:[ \t]*allow-secret\b[ \t:]*([^\n]*)")
"""`gateline: allow-secret <reason>` in the line."""

REASON = re.compile(rb"[A-Za-z]{3}")

CONFIG_FILE = re.compile(
    r"(?:\.(?:ini|cfg|conf|config|cnf|properties|ya?ml|toml|env|sh|bash|zsh|tfvars|npmrc|pypirc|xml|plist|service)"
    r"|(?:^|/)(?:\.env[\w.-]*|\.npmrc|\.netrc|\.pgpass|Dockerfile[\w.-]*|Jenkinsfile|credentials|Makefile))$",
    re.IGNORECASE,
)
TEST_FILE = re.compile(
    r"(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures?|testdata|examples?|docs?)/|"
    r"(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*[._-](?:test|spec|tests)\.[^/.]+|[^/]*\.(?:md|rst|adoc))$",
    re.IGNORECASE,
)
NOT_GENERIC = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|uv\.lock|"
    r"pdm\.lock|Pipfile\.lock|Cargo\.lock|composer\.lock|Gemfile\.lock|go\.sum|flake\.lock|packages\.lock\.json)$|"
    r"\.(?:min\.js|min\.css|map|svg|po|pot)$",
    re.IGNORECASE,
)
"""Lock files are full of digests, and generated files of anything; only keys of a known form are looked for there."""

RESERVED_HOST = re.compile(
    r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|(?:[\w-]+\.)*(?:example(?:\.\w+)?|test|invalid|localhost))$"
)
"""Names that nothing in the world has: documentation and tests use them."""

SECRET_FILE = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?:local|prod|production|live|staging|stage|dev|development|secret|secrets|private))?"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|_netrc|\.pgpass|\.htpasswd|\.git-credentials|kubeconfig"
    r"|[^/]+\.(?:p12|pfx|jks|keystore|kdbx|ppk|ovpn))$"
)

TEST_BITS, TEST_LENGTH = 3.5, 16
"""In tests and documentation a password is mostly made up; only what looks like a real key counts there."""

WINDOW = 400
"""Bytes around an anchor that are looked at, in lines that are longer."""

LONG_WORD = re.compile(r"[A-Za-z0-9+/=_.~-]{16,}")


class Secret:
    """One secret in a text.

    kind, value  what it is; `value` never leaves the process
    line         1-based index of its line in the text
    source       the line, with the secret and everything else that could be one masked
    """

    __slots__ = ("kind", "line", "source", "value")

    def __init__(self, kind: Kind, value: str, line: int, source: str) -> None:
        self.kind = kind
        self.value = value
        self.line = line
        self.source = source

    @property
    def shown(self) -> str:
        """What may be shown of it: what its service puts in front of every such key."""
        return self.value[: self.kind.shown] + MASK


def is_secret_file(path: str) -> bool:
    """Whether a file of this name holds secrets, whatever is in it."""
    return bool(SECRET_FILE.search(path))


class Scanner:
    """Looks for secrets by the settings of one gate (options `entropy` and `allow`)."""

    def __init__(self, *, entropy: float = ENTROPY, allow: Sequence[str] = ()) -> None:
        self.entropy = entropy
        self.allow = [re.compile(pattern) for pattern in allow]

    def scan(self, path: str, text: bytes) -> list[Secret]:
        """The secrets in a text, one finding for each place, in the order of lines."""
        lowered = text.lower()
        found: dict[tuple[int, int], tuple[Kind, int]] = {}
        for kind in KINDS:
            self._collect(kind, path, text, text, found)
        if not NOT_GENERIC.search(path):
            self._collect(GENERIC, path, text, lowered, found)
            if CONFIG_FILE.search(path):
                self._collect(UNQUOTED, path, text, lowered, found)
        return _told(text, _without_overlaps(found))

    def _collect(
        self, kind: Kind, path: str, text: bytes, haystack: bytes, found: dict[tuple[int, int], tuple[Kind, int]]
    ) -> None:
        for start, end in _windows(haystack, kind):
            for match in kind.pattern.finditer(text, start, end):
                span = match.span("value")
                if span not in found and self._counts(kind, path, match):
                    found[span] = (kind, match.start())

    def _counts(self, kind: Kind, path: str, match: re.Match[bytes]) -> bool:
        value = _text(match["value"])
        if any(form.search(value) for form in self.allow):
            return False
        if not kind.judged:
            return not is_placeholder(value, known=True)
        if kind in (GENERIC, UNQUOTED) and not _is_named(match, value):
            return False
        if kind.rule == "url-password" and RESERVED_HOST.match(_text(match["host"])):
            return False
        value = plain_text(value)
        if is_placeholder(value, known=False):
            return False
        if TEST_FILE.search(path):
            return len(value) >= TEST_LENGTH and looks_random(value, max(self.entropy, TEST_BITS))
        return looks_random(value, self.entropy)


def _is_named(match: re.Match[bytes], value: str) -> bool:
    word, rest = _text(match["word"]), _text(match["rest"])
    return is_telling_name(word, rest) and value.lower() != _text(match["name"]).lower()


def _windows(haystack: bytes, kind: Kind) -> Iterator[tuple[int, int]]:
    """The parts of the text that can hold such a secret: the lines of its anchors, in long lines what is around."""
    last = -1
    for position in sorted(_positions(haystack, kind.anchors)):
        if position < last:
            continue
        start = max(haystack.rfind(b"\n", 0, position) + 1, position - WINDOW)
        end = haystack.find(b"\n", position)
        end = len(haystack) if end < 0 else end
        if kind.rule == "private-key":
            end = position + 3 * WINDOW
        last = min(end, position + WINDOW) if kind.rule != "private-key" else position + 1
        yield max(start, 0), min(end, position + 3 * WINDOW)


def _positions(haystack: bytes, anchors: Sequence[bytes]) -> set[int]:
    found: set[int] = set()
    for anchor in anchors:
        position = haystack.find(anchor)
        while position >= 0:
            found.add(position)
            position = haystack.find(anchor, position + 1)
    return found


def _without_overlaps(found: dict[tuple[int, int], tuple[Kind, int]]) -> list[tuple[int, int, Kind, int]]:
    """Of secrets that overlap, the one of the more telling kind, which was looked for first."""
    kept: list[tuple[int, int, Kind, int]] = []
    for (start, end), (kind, at) in found.items():
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, kind, at))
    return sorted(kept, key=lambda item: item[:2])


def _told(text: bytes, spans: list[tuple[int, int, Kind, int]]) -> list[Secret]:
    starts = [0]
    position = text.find(b"\n") if spans else -1
    while position >= 0:
        starts.append(position + 1)
        position = text.find(b"\n", position + 1)
    secrets = []
    for start, end, kind, at in spans:
        line = bisect_right(starts, at)
        secrets.append(Secret(kind, _text(text[start:end]), line, _masked(text, spans, starts[line - 1], at)))
    return secrets


def _masked(text: bytes, spans: list[tuple[int, int, Kind, int]], start: int, at: int) -> str:
    """The line around `at` without any secret, and not longer than a line of a terminal is.

    Long words are masked too: beside a key there often is another that nothing tells to be one.
    """
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    start, end = max(start, at - 60), min(end, at + 160)
    shown, position = "", start
    for first, last, kind, _ in spans:
        if first >= end or last <= start:
            continue
        shown += _text(text[position : max(position, first)]) + "\0" + MASK
        # what goes on after the part that was recognised is secret as well
        position = end if kind.rule == "private-key" else max(position, last)
    shown += _text(text[position:end])
    for first, last, _, _ in spans:
        shown = shown.replace(_text(text[first:last]), MASK)  # it may stand there again where nothing tells it
    return LONG_WORD.sub(_mask_long, shown).replace("\0", "").rstrip()


def _mask_long(match: re.Match[str]) -> str:
    word = match[0]
    return MASK if any(character.isdigit() for character in word) else word


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
