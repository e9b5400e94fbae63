"""Code inside of pages, components, templates and notebooks, at its own place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.embedded import unwrap
from gates.checks.copypaste.languages import language, names
from gates.checks.copypaste.tokens import tokenize
from tests.fuzz.invariants import check_inside


def code(name: str, source: str) -> tuple[str, list[str], list[int]] | None:
    """The language, the tokens and their lines."""
    found = unwrap(source.encode(), language(name))
    if found is None:
        return None
    data, inner = found
    assert len(data) == len(source.encode())
    assert data.count(b"\n") == source.count("\n")
    tokens = tokenize(data, inner)
    return inner.name, [tokens.text(n).decode() for n in range(len(tokens))], tokens.line.tolist()


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("html", "<p>don't</p>\n<script>\nf(1)\n</script>\n<style>a{}</style>",
         ("javascript", ["f", "(", "1", ")"], [3, 3, 3, 3])),
        ("html", "<script src='a.js'></script><p>x", None),
        ("html", '<script type="application/json">{"a": 1}</script>', None),
        ("html", "<!-- <script>a</script> --><script>b", ("javascript", ["b"], [1])),
        ("vue", "<template>\n<a/>\n</template>\n<script setup lang=\"ts\">\nlet a: b\n</script>",
         ("typescript", ["let", "a", ":", "b"], [5, 5, 5, 5])),
        ("svelte", "<script>let a</script>{a}", ("javascript", ["let", "a"], [1, 1])),
        ("astro", "---\nconst a = 1\n---\n<p>{a}</p>", ("typescript", ["const", "a", "=", "1"], [2, 2, 2, 2])),
        ("jinja", "{% if x %}<script>\nf({{ y }})\n</script>{% endif %}", ("javascript", ["f", "(", ")"], [2, 2, 2])),
        ("erb", "<p>\n<% if a %>\n  <%= b %>\n<% end %><%# no %>", ("ruby", ["if", "a", "b", "end"], [2, 2, 3, 4])),
        ("ejs", "<%- f(1) %>", ("javascript", ["f", "(", "1", ")"], [1] * 4)),
        ("jsp", "<% int a; %><%-- int b; --%>", ("java", ["int", "a", ";"], [1] * 3)),
        ("razor", "<p>@a</p>\n@code {\n  int b;\n}\n", ("csharp", ["int", "b", ";"], [3] * 3)),
        ("php", "<p>don't\n<?php f(); ?>\nit's <?= $a ?>",
         ("php", ["<", "?", "php", "f", "(", ")", ";", "?", ">", "<", "?", "=", "$a", "?", ">"], [2] * 9 + [3] * 6)),
        ("php", "f();", ("php", ["f", "(", ")", ";"], [1] * 4)),
        ("php", "<html></html>", None),
        ("python", "a = 1", ("python", ["a", "=", "1"], [1] * 3)),
    ],
)  # fmt: skip
def test_what_is_inside(name: str, source: str, expected: tuple[str, list[str], list[int]] | None) -> None:
    assert code(name, source) == expected


def notebook(*cells: tuple[str, str | list[str]], **metadata: object) -> dict[str, object]:
    return {
        "cells": [{"cell_type": kind, "metadata": {"source": ["no"]}, "source": text} for kind, text in cells],
        "metadata": metadata,
        "nbformat": 4,
    }


def test_the_cells_of_a_notebook_keep_their_lines() -> None:
    lines = ['if "a\\n" in b:  # c\n', '\td("é")\n', "e"]
    source = json.dumps(notebook(("markdown", ["# don't\n"]), ("code", lines)), indent=1)
    found = code("notebook", source)
    assert found is not None
    name, tokens, at = found
    assert name == "python"
    assert tokens == ["if", '"a \\n "', "in", "b", ":", "d", "(", '"_u00e9 "', ")", "e"]
    first = source[: source.index("if ")].count("\n") + 1
    assert at == [first] * 5 + [first + 1] * 4 + [first + 2]


def test_a_notebook_in_one_line_has_code_too() -> None:
    source = json.dumps(notebook(("code", "a = 1  # b\nc = 2"), language_info={"name": "R"}))
    assert code("notebook", source) == ("r", ["a", "=", "1", "c", "=", "2"], [1] * 6)


@pytest.mark.parametrize("source", ["", "{}", "[]", '{"cells": [{"cell_type": "code", "source"', '{"cells": 3}'])
def test_a_notebook_without_code(source: str) -> None:
    assert code("notebook", source) is None


PIECES = [
    "<script>",
    "</script>",
    "<%",
    "%>",
    "<?php",
    "?>",
    "{{",
    "}}",
    "---\n",
    "<!--",
    "-->",
    '"',
    "\\",
    "\n",
    "{",
    "}",
]
PIECES += ["[", "]", ":", "source", '"cells"', '"cell_type": "code"', '"source": ["', " a ", "@code{", "é"]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(names()), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_positions_stay_whatever_is_inside(name: str, source: str) -> None:
    check_inside(source.encode(), language(name))
