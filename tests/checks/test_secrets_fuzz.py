"""Whatever a file holds: the scanner ends, and never shows what it finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.checks.secrets.scan import Scanner
from tests.checks.test_secrets import SAMPLES

PATHS = st.sampled_from(["src/app.py", "a.yml", ".env", "tests/test_a.py", "package-lock.json", "README.md", "x.xml"])
PIECES = st.one_of(
    st.sampled_from([*SAMPLES.values(), "password", "token = ", "://", '"', "'", "\n", "=", ":", "@", "<", " ", "#"]),
    st.text(max_size=20),
)


@settings(max_examples=300, deadline=None)
@given(PATHS, st.lists(PIECES, max_size=12))
def test_nothing_that_is_found_is_shown(path: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    lines = text.split("\n")
    for secret in Scanner().scan(path, text.encode("utf-8", "replace")):
        assert 1 <= secret.line <= len(lines)
        assert secret.value not in secret.source
        assert len(secret.shown.rstrip("•")) <= 4
        assert len(secret.source) < 400


@settings(max_examples=300, deadline=None)
@given(PATHS, st.binary(max_size=300))
def test_any_bytes_can_be_scanned(path: str, raw: bytes) -> None:
    Scanner().scan(path, raw)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.text(alphabet=" \t{}()[];", max_size=20), st.integers(0, 5))
def test_a_secret_is_found_wherever_it_stands(rule: str, around: str, before: int) -> None:
    text = "x = 1\n" * before + around + SAMPLES[rule] + "\n" + around
    assert (rule, before + 1) in [(s.kind.rule, s.line) for s in Scanner().scan("src/app.py", text.encode())]
