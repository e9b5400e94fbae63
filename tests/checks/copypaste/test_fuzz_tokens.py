"""Whatever bytes come, in whatever language: the tokeniser and the search end, and positions fit the source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.detect import Options, Search
from gates.checks.copypaste.languages import language, names
from gates.checks.copypaste.reading import Reader, Source
from tests.fuzz.invariants import check_together, check_tokens

SIGNS = b"""' " ''' \"\"\" ` // /* */ # -- --[[ ]] <!-- --> {- -} (* *) =begin =end <<EOF EOF r#" "# @" $"
${ } { ( ) [ ] \\ \\" \\' % %q( :( ;; ; REM \0 \1 \x02 \xff \xc3\xa4 \r \r\n \n \t abc _x 12 0x1f 1.5
def class return if else /re/ => -> :: $x @y"""
PIECES = st.lists(st.sampled_from([*SIGNS.replace(b"\n", b" ").split(b" "), b" ", b"\n"]), max_size=80).map(b"".join)
SOURCES = st.one_of(
    PIECES, st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
LANGUAGES = st.sampled_from(names())


@given(SOURCES, LANGUAGES)
@settings(max_examples=600, deadline=None)
def test_any_text_in_any_language(data: bytes, name: str) -> None:
    check_tokens(data, language(name))


@given(st.lists(SOURCES, max_size=5), LANGUAGES)
@settings(max_examples=150, deadline=None)
def test_files_cut_together_are_as_if_cut_alone(files: list[bytes], name: str) -> None:
    check_together(files, language(name))


@given(
    st.lists(SOURCES, min_size=1, max_size=4),
    st.sampled_from(["a.py", "a.js", "a.java", "a.php", "a.rs"]),
    st.integers(1, 2),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_files_can_be_searched(tmp_path: Path, files: list[bytes], name: str, kind: int) -> None:
    sources = [Source(f"d{number}/{name}", data=data) for number, data in enumerate([*files, *files])]
    found = Search(sources, Reader(str(tmp_path)), Options(min_tokens=10, min_lines=1, type=kind))
    contents = {source.path: source.data or b"" for source in sources}
    for each in found.classes():
        for copy in each.copies:
            assert 1 <= copy.first_line <= copy.last_line <= contents[copy.path].count(b"\n") + 1
            assert copy.last_token - copy.first_token + 1 == each.tokens
    assert 0 <= found.share() <= 100


EXAMPLES = int(os.environ.get("GATELINE_FUZZ", "100"))
"""Texts for each language; more of them for a long night."""


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_language_for_longer(name: str) -> None:
    @given(SOURCES)
    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    def run(data: bytes) -> None:
        check_tokens(data, language(name))

    run()
