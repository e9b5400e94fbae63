"""What fuzzing has found stays mended, and the fuzzer itself works."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gates.checks.copypaste.languages import language, names
from gates.checks.copypaste.tokens import tokenize
from tests.fuzz import invariants
from tests.fuzz.samples import samples

HARNESS = Path(__file__).with_name("fuzz_tokenizer.py")
SECONDS = int(os.environ.get("GATELINE_FUZZ_SECONDS", "35"))


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("javascript", [b"t", b"(){}"]),
        ("javascript", [b"=", b">{}"]),
        ("php", [b"?", b"php a() {}"]),
        ("shell", [b"f(\n)", b"{\na\n}"]),
        ("shell", [b"function", b"", b"a {\n}"]),
        ("sql", [b"BEGIN\nEND", b"IF a\nEND IF"]),
        ("ruby", [b"a.", b"def b\nend"]),
        ("c", [b"a\n#", b"include b"]),
        ("csharp", [b"using a\nusing", b"(b);"]),
        ("javascript", [b"const a = require", b"('b')"]),
        ("python", [b"if a:\n  import " + b"b, " * 15 + b"b", b"  import " + b"c, " * 15 + b"c"]),
        ("c", [b"a 'b\\'c", b"x" * 40_000]),
    ],
)
def test_a_file_is_read_as_if_it_were_alone(name: str, files: list[bytes]) -> None:
    invariants.check_together(files, language(name))


LARGE = 200_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("html", b"<script "),
        ("html", b"<script>{{"),
        ("html", b"<!-- --><script>a</script>"),
        ("jinja", b"<script>{%<%"),
        ("razor", b"@{"),
        ("notebook", b'"\\'),
        ("notebook", b'\\"'),
        ("python", b"gateline: allow-copy \r# "),
        ("csharp", b'"'),
        ("lua", b"[=["),
        ("ruby", b"%w("),
        ("elixir", b"~s("),
        ("coffeescript", b"=///"),
        ("ocaml", b"{a|"),
        ("perl", b"\n=pod"),
        ("matlab", b"''a"),
    ],
)
def test_what_is_large_ends(name: str, text: bytes) -> None:
    invariants.read_all(text * (LARGE // len(text)), language(name))


def test_spaces_after_a_permission_end() -> None:
    invariants.check_permissions(b"# gateline: allow-copy" + b" " * LARGE + b"x")


@pytest.mark.parametrize("name", names())
def test_the_samples_of_every_language(name: str) -> None:
    written = language(name)
    texts = list(samples(written))
    for text in texts:
        invariants.check_tokens(text, written)
        invariants.check_blocks(text, written)
        invariants.check_inside(text, written)
        invariants.check_permissions(text)
    invariants.check_together(texts, written)


@pytest.mark.parametrize(("column", "step"), [("start", 1), ("end", 1), ("line", 1), ("kind", 64), ("exact", 1)])
def test_wrong_tokens_are_noticed(column: str, step: int) -> None:
    data = b"a = 1\nbb = a\n"
    tokens = tokenize(data, language("python"))
    values = getattr(tokens, column).copy()
    values[-1] += np.array(step, values.dtype)
    setattr(tokens, "_line" if column == "line" else column, values)
    with pytest.raises(AssertionError):
        invariants.check_positions(tokens, data)
        invariants.check_gaps(tokens, data, language("python"))
        invariants.check_names(tokens)


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris has wheels for CPython 3.11 to 3.14 on Linux with glibc on x86-64 only, and none is installed here",
)
def test_the_coverage_guided_fuzzer_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(HARNESS), f"-max_total_time={SECONDS}", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.M)
    assert runs is not None, done.stderr[-3000:]
    assert int(runs[1]) > 100
