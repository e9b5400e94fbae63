"""Permissions for copies in the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.checks.copypaste.languages import language
from gates.checks.copypaste.suppress import ALLOWED, EXPIRED, INCOMPLETE, hash_of, permissions
from gates.checks.copypaste.tokens import tokenize
from tests.fuzz.invariants import check_permissions


@pytest.mark.parametrize(
    ("source", "digest", "reason"),
    [
        ("# gateline: allow-copy 3f9a1c2e drivers must not share code\n", "3f9a1c2e", "drivers must not share code"),
        ("// gateline: copy-ok 3f9a1c2e because\n", "3f9a1c2e", "because"),
        ("/* gateline: allow-copy 3f9a1c2e two drivers */\n", "3f9a1c2e", "two drivers"),
        ("<!-- gateline: allow-copy 3f9a1c2e two pages -->\n", "3f9a1c2e", "two pages"),
        ('# gateline: allow-copy 3f9a1c2e reason="two drivers"\n', "3f9a1c2e", "two drivers"),
        ("# gateline: allow-copy reason: two drivers\n", "", "two drivers"),
        ("# gateline: allow-copy two drivers\n", "", "two drivers"),
        ("# gateline: allow-copy 3f9a1c2e\n", "3f9a1c2e", ""),
        ("# gateline:allow-copy\r\n", "", ""),
    ],
)
def test_what_a_comment_says(source: str, digest: str, reason: str) -> None:
    (found,) = permissions(b"x = 1\n" + source.encode())
    assert (found.line, found.digest, found.reason) == (2, digest, reason)


def test_other_comments_allow_nothing() -> None:
    assert permissions(b"# allow-copy\n# gateline: allow-copying is bad\n# gateline: something\n") == []


def test_it_covers_the_code_it_stands_in_or_above() -> None:
    (found,) = permissions(b"\n\n# gateline: allow-copy 3f9a1c2e because\n")
    assert found.line == 3
    assert found.covers(4, 9)
    assert found.covers(5, 9)
    assert found.covers(2, 3)
    assert not found.covers(6, 9)
    assert not found.covers(1, 2)


def test_the_place_of_each_comment_is_known() -> None:
    data = b"# gateline: allow-copy 11111111 a\n\n  // gateline: allow-copy 22222222 b\nx\n"
    assert [(found.line, found.digest, data[found.offset :][:9]) for found in permissions(data)] == [
        (1, "11111111", b"gateline:"),
        (3, "22222222", b"gateline:"),
    ]


def test_a_comment_for_a_part_says_that_more_is_copied() -> None:
    (found,) = permissions(b"# gateline: allow-copy 00000000 why\n")
    assert "more is copied here than the comment allows" in found.told("abcdef01", is_part=True)


@pytest.mark.parametrize(
    ("words", "state", "told"),
    [
        ("abcdef01 why", ALLOWED, ""),
        ("00000000 why", EXPIRED, "has changed since this copy was allowed"),
        ("why", INCOMPLETE, "without the hash of the code: write `gateline: allow-copy abcdef01 why`"),
        ("abcdef01", INCOMPLETE, "without a reason: write `gateline: allow-copy abcdef01 <reason>`"),
        ("", INCOMPLETE, "without a hash and a reason"),
    ],
)
def test_it_is_good_only_with_a_reason_and_while_the_code_stays(words: str, state: str, told: str) -> None:
    (found,) = permissions(f"# gateline: allow-copy {words}\n".encode())
    assert found.state("abcdef01") == state
    assert told in found.told("abcdef01")


def test_the_hash_is_about_code_not_layout() -> None:
    def digest(source: bytes) -> str:
        tokens = tokenize(source, language("python"))
        return hash_of(tokens.text(number) for number in range(len(tokens)))

    assert digest(b"x = f(1)  # one\n") == digest(b"x  =  f( 1 )\n")
    assert digest(b"x = f(1)\n") != digest(b"x = f(2)\n")
    assert len(digest(b"")) == 8


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_can_be_read(before: bytes, words: bytes) -> None:
    check_permissions(before + b"gateline: allow-copy " + words)
