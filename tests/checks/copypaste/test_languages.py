"""Which file is written in which language, and whether its comments and strings are read as such."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.language_keywords import KEYWORDS
from gates.checks.copypaste.language_names import ENDINGS, INTERPRETERS, NAMES, WRAPPERS
from gates.checks.copypaste.language_patterns import PATTERNS
from gates.checks.copypaste.language_syntax import CONTAINS, PREFIXES, SYNTAX, WORD
from gates.checks.copypaste.languages import language, language_of, names
from gates.checks.copypaste.tokens import STRING, tokenize


def rows(table: str) -> list[tuple[str, list[str]]]:
    return [(line.split()[0], line.split()[1:]) for line in table.strip().splitlines()]


def test_there_are_at_least_sixty_languages() -> None:
    assert len([name for name in names() if not language(name).data]) >= 60


@pytest.mark.parametrize("table", [ENDINGS, NAMES, INTERPRETERS])
def test_every_key_leads_to_one_language_that_is_known(table: str) -> None:
    seen: dict[str, str] = {}
    for name, keys in rows(table):
        assert name in SYNTAX
        for key in keys:
            assert key == key.lower()
            assert seen.setdefault(key, name) == name
    assert seen


@pytest.mark.parametrize("table", [PATTERNS, PREFIXES, WORD, CONTAINS])
def test_the_tables_name_known_languages(table: dict[str, object]) -> None:
    assert set(table) <= set(SYNTAX)


def test_the_keyword_table_names_known_languages() -> None:
    heads = re.findall(r"^([^\s:]+): ", KEYWORDS, re.MULTILINE)
    assert set(heads) - {"common"} <= set(SYNTAX)
    assert set(re.findall(r"<([a-z+#-]+)>", KEYWORDS)) <= set(SYNTAX)


@pytest.mark.parametrize("name", names())
def test_a_language_is_complete(name: str) -> None:
    found = language(name)
    assert found.name == name
    assert language(name) is found
    assert found.keywords
    assert found.blocks in ("", "braces", "indent", "end", "parens")
    assert name in repr(found)
    for _, pattern in found.patterns:
        assert re.compile(pattern, re.DOTALL)
        assert chr(pattern[0]) not in "([.^$*+?{|"


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("a.py", b"", "python"),
        ("deep/er/A.PY", b"", "python"),
        ("Dockerfile", b"", "dockerfile"),
        ("Dockerfile-dev", b"", "dockerfile"),
        ("dev.dockerfile", b"", "dockerfile"),
        ("Makefile", b"", "makefile"),
        ("Makefile.in", b"", "makefile"),
        ("Rakefile", b"", "ruby"),
        ("Jenkinsfile", b"", "groovy"),
        ("BUILD", b"", "starlark"),
        ("WORKSPACE.bazel", b"", "starlark"),
        ("CMakeLists.txt", b"", "cmake"),
        ("notes.txt", b"", "text"),
        (".bashrc", b"", "shell"),
        ("config.py.j2", b"", "python"),
        ("page.html.erb", b"", "html"),
        ("settings.cfg.sample", b"", "ini"),
        ("archive.tar.gz", b"", None),
        ("image.png", b"\x89PNG", None),
        ("run", b"#!/bin/sh\nset -e\n", "shell"),
        ("run", b"#!/usr/bin/env python3.11\n", "python"),
        ("run", b"#! /usr/bin/env -S FOO=1 node --harmony\n", "javascript"),
        ("run", b"#!/usr/bin/perl -w\n", "perl"),
        ("run", b"#!/opt/unknown\n", None),
        ("run", b"echo\n", None),
        ("", b"", None),
        ("a.ts", b"<?xml version='1.0'?>", "xml"),
        ("a.ts", b"import a from 'b'", "typescript"),
        ("a.h", b"int f(void);", "c"),
        ("a.h", b"namespace a {", "cpp"),
        ("a.h", b"@interface A", "objective-c"),
        ("a.m", b"% a comment\nfunction f", "matlab"),
        ("a.m", b"#import <A.h>\n", "objective-c"),
        ("a.pl", b"use strict;\n", "perl"),
        ("a.pl", b":- module(a, []).\n", "prolog"),
        ("a.v", b"module a;\n", "verilog"),
        ("a.v", b"Theorem a : b.\n", "coq"),
        ("a.inc", b"<?php\n", "php"),
        ("a.inc", b"#define A\n", "c"),
        ("a.module", b"x\n", None),
    ],
)
def test_the_language_of_a_file(path: str, head: bytes, expected: str | None) -> None:
    found = language_of(path, head)
    assert (found.name if found else None) == expected


def test_a_wrapped_ending_is_a_known_one() -> None:
    for wrapper in WRAPPERS.split():
        found = language_of(f"a.py.{wrapper}", b"")
        assert found is not None
        assert found.name == "python"


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("python", "a = 'it''s' # no 'string'\n\"\"\"x\n'y'\"\"\" b", "a = <'it'> <'s'> <\"\"\"x\n'y'\"\"\"> b"),
        ("javascript", "a = b / c / d; e = /[/'\"]+/g.test(f) // g", "a = b / c / d ; e = </[/'\"]+/g> . test ( f )"),
        ("javascript", "`a ${b} 'c` + \"d\"", "<`a ${b} 'c`> + <\"d\">"),
        ("rust", "fn f<'a>(b: &'a str) { 'c'; r#\"d\"e\"#; /* /* f */ */ }",
         "fn f < ' a > ( b : & ' a str ) { <'c'> ; r # <\"d\"e\"#> ; }"),
        ("cpp", "int a = 1'000; R\"x(a\")\")x\"; 'b';", "int a = 1 ' 000 ; R <\"x(a\")\")x\"> ; <'b'> ;"),
        ("ruby", "a = <<~SQL\n  select 'x\nSQL\nb # c\n=begin\nd\n=end\ne", "a = <<<~SQL\n  select 'x\nSQL> b e"),
        ("ruby", "a = %w[b c] + x[/d'/]", "a = <%w[b c]> + x [ </d'/> ]"),
        ("shell", "echo ${#a} $# 'b\nc' # d\ncat <<EOF\nit's\nEOF\ne",
         "echo $ { # a } $ # <'b\nc'> cat <<<EOF\nit's\nEOF> e"),
        ("sql", "select 'it''s' -- a\n/* b */ from c", "select <'it''s'> from c"),
        ("php", "<?php $a = 'b\nc'; # d\n#[E]\n", "< ? php $a = <'b\nc'> ; # [ E ]"),
        ("lua", "a = [[b\nc]] --[[ d\n]] e -- f\n", "a = <[[b\nc]]> e"),
        ("haskell", "a' = 'b' -- c\n{- {- d -} -} e", "a ' = <'b'> e"),
        ("go", "a := `b\\` + 'c' // d", "a : = <`b\\`> + <'c'>"),
        ("java", 'a = """\n"b"\n""" + \'"\';', 'a = <"""\n"b"\n"""> + <\'"\'> ;'),
        ("csharp", 'a = @"b""c\\" + "d";', 'a = @ <"b""c\\"> + <"d"> ;'),
        ("matlab", "a = b' * 'c'; % d", "a = b ' * <'c'> ;"),
        ("clojure", '(a \\" "b") ; c', '( a <\\"> <"b"> )'),
        ("powershell", 'a "b`"c" <# d #> # e', 'a <"b`"c">'),
        ("perl", "a =~ /b'/; # c\n=pod\n\nd'\n\n=cut\ne", "a = ~ </b'/> ; e"),
        ("css", "a-b { /* c */ d: 'e' }", "a-b { d : <'e'> }"),
    ],
)  # fmt: skip
def test_comments_and_strings(name: str, source: str, expected: str) -> None:
    tokens = tokenize(source.encode(), language(name))
    words = [tokens.text(number).decode() for number in range(len(tokens))]
    assert " ".join(f"<{w}>" if k == STRING else w for w, k in zip(words, tokens.kind, strict=True)) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.binary(max_size=200))
def test_any_name_and_head_have_an_answer(path: str, head: bytes) -> None:
    found = language_of(path, head)
    assert found is None or found.name in SYNTAX


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(names()), st.text(alphabet="'\"`#/*-={}()[]<>%$\\\n aR0rq~:;!|.", max_size=80))
def test_any_text_is_read_and_positions_are_of_it(name: str, source: str) -> None:
    data = source.encode()
    tokens = tokenize(data, language(name))
    ends = tokens.end.tolist()
    assert all(a < b for a, b in zip(tokens.start.tolist(), ends, strict=True))
    assert all(b <= a for a, b in zip(tokens.start[1:].tolist(), ends[:-1], strict=True))
    for number in range(len(tokens)):
        assert tokens.text(number).strip()


def test_the_reference_page_has_every_language() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "copypaste-languages.md").read_text()
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines() if line.startswith("| ")}
    for name, endings in rows(ENDINGS):
        if language(name).data:
            assert name in page.split("## Data and prose")[1]
        else:
            assert all(f"`.{ending}`" in lines[name] for ending in endings)
