"""Tokens: what is one, what its names say, and that positions lead back to the source."""

from __future__ import annotations

import io
import keyword
import sys
import tokenize as python_tokenize
from pathlib import Path

import numpy as np
import pytest

from gates.checks.copypaste.languages import language
from gates.checks.copypaste.tokens import (
    NUMBER,
    PUNCT,
    SEGMENT,
    STRING,
    WORD,
    tokenize,
    tokenize_batch,
)

PYTHON = language("python")
OWN_SOURCES = sorted(Path(__file__).parents[3].glob("gates/checks/**/*.py"))


def texts(data: bytes, name: str = "python") -> list[bytes]:
    tokens = tokenize(data, language(name))
    return [tokens.text(index) for index in range(len(tokens))]


def test_words_numbers_strings_and_punctuation() -> None:
    tokens = tokenize(b'total = rate * 12  # why\nname = \'it\\\'s\' + """two\nlines"""\n', PYTHON)
    assert [tokens.text(index) for index in range(len(tokens))] == [
        b"total", b"=", b"rate", b"*", b"12", b"name", b"=", b"'it\\'s'", b"+", b'"""two\nlines"""',
    ]  # fmt: skip
    assert tokens.kind.tolist() == [WORD, PUNCT, WORD, PUNCT, NUMBER, WORD, PUNCT, STRING, PUNCT, STRING]
    assert tokens.line.tolist() == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python itself cuts f-strings into pieces since 3.12")
@pytest.mark.parametrize("path", OWN_SOURCES, ids=lambda path: path.name)
def test_strings_and_names_are_those_that_python_sees(path: Path) -> None:
    data = path.read_bytes()
    seen = [
        (token.string.lstrip("rRbBuUfF") if token.type == python_tokenize.STRING else token.string, token.start[0])
        for token in python_tokenize.tokenize(io.BytesIO(data).readline)
        if token.type in (python_tokenize.STRING, python_tokenize.NAME)
    ]
    tokens = tokenize(data, PYTHON)
    ours = [
        (tokens.text(index).decode(), int(tokens.line[index]))
        for index in range(len(tokens))
        if tokens.kind[index] in (WORD, STRING)
    ]
    prefixes = {"r", "b", "u", "f", "rb", "br", "fr", "rf", "R", "B", "F", "e", "j", "x"}  # of strings and numbers
    assert [each for each in ours if each[0] not in prefixes] == [each for each in seen if each[0] not in prefixes]


def test_equal_texts_have_equal_names_and_no_others() -> None:
    data = b" ".join(b"%s%d" % (word, n) for word in (b"a", b"abcdefgh", b"abcdefghijklmnop" * 9) for n in range(300))
    tokens = tokenize(data + b" " + data, PYTHON)
    half = len(tokens) // 2
    assert (tokens.exact[:half] == tokens.exact[half:]).all()
    assert len(set(tokens.exact.tolist())) == half


def test_blind_names_keep_keywords_and_punctuation() -> None:
    one = tokenize(b"if first > 12: return 'x'\n", PYTHON)
    other = tokenize(b"if other > 7: return 'yes'\n", PYTHON)
    loop = tokenize(b"while other > 7: return 'yes'\n", PYTHON)
    assert (one.blind == other.blind).all()
    assert (one.exact != other.exact).any()
    assert (one.blind != loop.blind).tolist() == [True] + [False] * (len(one) - 1)
    assert all(keyword.iskeyword(word.decode()) or word in PYTHON.keywords for word in (b"if", b"return"))


def test_files_of_a_batch_are_kept_apart() -> None:
    files = [b"one", b"", b"two # no", b"'three", b"four\n", b"\n", b"five()"]
    batch = tokenize_batch(files, PYTHON)
    apart = [tokenize(data, PYTHON) for data in files]
    for number, (data, alone) in enumerate(zip(files, apart, strict=True)):
        together = batch.tokens(number, data)
        for column in ("start", "end", "kind", "exact", "blind", "line"):
            assert getattr(together, column).tolist() == getattr(alone, column).tolist(), (number, column)


def test_a_long_text_is_cut_piece_by_piece() -> None:
    line = b"some_name = other(name, 12) + 'text'\n"
    data = line * (2 * SEGMENT // len(line) + 10)
    tokens = tokenize(data, PYTHON)
    few = tokenize(line, PYTHON)
    assert len(tokens) == len(few) * data.count(b"\n")
    assert (tokens.exact.reshape(-1, len(few)) == few.exact).all()
    assert (np.diff(tokens.start.astype(np.int64)) > 0).all()
    last = len(tokens) - 1
    assert tokens.text(last) == b"'text'"
    assert tokens.line[last] == data.count(b"\n")


def test_a_token_longer_than_a_segment() -> None:
    data = b"x" * (SEGMENT + 5) + b" y"
    assert [len(text) for text in texts(data)] == [SEGMENT + 5, 1]


@pytest.mark.parametrize(
    "data",
    [
        b'a = "not closed\nb = 1',
        b"/* not closed " + b"/* " * 1000,
        b'\\"' * 50_000,
        b"'" * 100_001,
        b'"""' * 33_333 + b'"',
        b"`" * 100_001,
        b"/" * 100_000,
        b"\\" * 100_000,
        b"((((" * 25_000,
        b"\0\1\2" * 1000,
        b"\xff\xfe" * 1000,
        b'\\"x' * 20_000,
        b"''x" * 20_000,
        b'"' * 50_000,
        b"=/[" * 30_000,
        b"%w(" * 30_000,
        b'R"x(' * 20_000,
        b'r#"a' * 20_000,
        b"-" * 50_000 + b">",
        b"<<A " * 20_000 + b"\n",
        b"<<" + b"A" * 5_000 + b"\n" + b"AAAA\n" * 10_000,
    ],
    ids=lambda data: repr(data[:6]),
)
@pytest.mark.parametrize(
    "name", ["python", "javascript", "java", "rust", "shell", "php", "ruby", "sql", "cpp", "csharp", "haskell", "perl"]
)
def test_no_text_takes_the_square_of_its_length(data: bytes, name: str) -> None:
    tokens = tokenize(data, language(name))
    assert (tokens.end > tokens.start).all()
    assert (tokens.end[:-1] <= tokens.start[1:]).all()


def test_an_open_string_does_not_swallow_the_next_line() -> None:
    assert texts(b"a = 'open\nb = 'closed'\n") == [b"a", b"=", b"'", b"open", b"b", b"=", b"'closed'"]


def test_windows_line_ends() -> None:
    tokens = tokenize(b"a = 1 # c\r\nb = 'x'\r\n", PYTHON)
    assert tokens.line.tolist() == [1, 1, 1, 2, 2, 2]
    assert tokens.text(5) == b"'x'"
