"""The search over folders: the same result whatever the order and the number of processes, and bounded cost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from gates.checks.copypaste.detect import Options, Search, is_test
from gates.checks.copypaste.model import CloneClass, Copy
from gates.checks.copypaste.pool import cores
from gates.checks.copypaste.reading import LARGEST, Reader, Source
from gates.errors import CannotRun
from tests.checks.copypaste.scene import function

OPTIONS = Options(min_tokens=50, min_lines=1)


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def search(folder: Path, options: Options = OPTIONS, paths: list[str] | None = None, **more: int) -> Search:
    if paths is None:
        paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return Search([Source(path) for path in paths], Reader(str(folder)), options, **more)


def said(found: Search) -> list[tuple[int, int, list[str]]]:
    return [(each.tokens, each.kind, [repr(copy) for copy in each.copies]) for each in found.classes()]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 500 files in three languages, with copies of all sorts between them."""
    folder = tmp_path_factory.mktemp("many")
    chance = random.Random(7)
    for number in range(500):
        parts = [
            function(f"f{chance.randrange(60)}", chance.randrange(4, 20), seed=chance.randrange(40)) for _ in "123"
        ]
        text = "\n\n".join(parts)
        if number % 3 == 1:
            text = text.replace("def ", "function ").replace(":\n", " {\n").replace("return", "} return")
        write(folder, {f"d{number % 7}/f{number}.{('py', 'js', 'java')[number % 3]}": text})
    return folder


@pytest.mark.parametrize("kind", [1, 2])
def test_the_number_of_processes_and_the_order_of_files_do_not_matter(many: Path, kind: int) -> None:
    options = Options(min_tokens=50, min_lines=1, type=kind)
    alone = search(many, options, workers=1)
    assert len(alone.groups) > 20
    for workers in (2, 3):
        together = search(many, options, workers=workers)
        assert said(together) == said(alone)
        assert together.share() == alone.share()
        assert together.corpus.count == 500
    paths = [str(path.relative_to(many)) for path in many.rglob("*") if path.is_file()]
    random.Random(3).shuffle(paths)
    assert said(search(many, options, paths, workers=1)) == said(alone)


def test_what_a_child_cannot_read_is_told(many: Path) -> None:
    paths = [f"missing/{number}.py" for number in range(450)]
    found = Search([Source(path) for path in paths], reader := Reader(str(many)), OPTIONS, workers=2)
    assert len(reader.unreadable) == 450
    assert (found.corpus.count, found.corpus.tokens, found.share()) == (0, 0, 0.0)


def test_a_child_that_dies_is_no_result(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent, read = os.getpid(), Reader.read

    def die(self: Reader, source: Source):  # type: ignore[no-untyped-def]
        if os.getpid() != parent:
            os._exit(9)
        return read(self, source)

    monkeypatch.setattr(Reader, "read", die)
    with pytest.raises(CannotRun, match="was ended"):
        search(many, workers=2)


def test_the_share_counts_each_token_once_and_is_never_over_100(tmp_path: Path) -> None:
    text = function("same", 30)
    write(tmp_path, {f"{name}.py": text for name in "abcdef"} | {"g.py": text + "\n\n" + function("same", 15)})
    assert 90 < search(tmp_path).share() <= 100


def test_one_function_five_thousand_times_is_one_class(tmp_path: Path) -> None:
    write(tmp_path, {"generated.py": function("same", 10) * 5000})
    found = search(tmp_path)
    assert len(found.groups) == 1
    assert len(found.groups[0].pieces) == 5000
    assert found.classes()[0].copies[1] == Copy(
        "generated.py", 11, 20, found.groups[0].tokens, 2 * found.groups[0].tokens - 1
    )


def test_one_line_without_end(tmp_path: Path) -> None:
    chance = random.Random(5)
    words = " ".join(f"a{chance.randrange(10**6)}({n});" for n in range(100_000))
    write(tmp_path, {"bundle.js": words, "written.js": words + words[:1000] + "\n" * 4000})
    found = search(tmp_path, OPTIONS, ["written.js"])
    reader = Reader(str(tmp_path))
    assert Search([Source("bundle.js")], reader, OPTIONS).corpus.count == 0
    assert reader.left_out == {"bundle.js": "minified"}
    assert [len(group.pieces) for group in found.groups] == [2]
    assert found.classes()[0].lines == 1


def test_a_table_of_equal_rows_is_no_copy_of_itself(tmp_path: Path) -> None:
    write(tmp_path, {"table.py": "rows = [\n" + "    (1, 2, 3),\n" * 500 + "]\n"})
    assert said(search(tmp_path)) == []


def test_nested_copies_are_told_where_they_add_a_place(tmp_path: Path) -> None:
    long, short = function("long", 40), "\n".join(function("long", 40).splitlines()[10:20]) + "\n"
    write(tmp_path, {"a.py": long, "b.py": long, "c.py": "def other():\n" + short})
    assert [places for _, _, places in said(search(tmp_path))] == [
        ["a.py:1-40", "b.py:1-40"],
        ["a.py:11-20", "b.py:11-20", "c.py:2-11"],
    ]


def test_lines_count_as_well_as_tokens(tmp_path: Path) -> None:
    flat = function("same", 12).replace("\n    ", "; ").replace(":;", ":")
    write(tmp_path, {"a.py": flat, "b.py": flat})
    assert said(search(tmp_path, Options(min_lines=5))) == []
    assert len(said(search(tmp_path, Options(min_lines=1)))) == 1


def test_a_file_too_large_is_left_out(tmp_path: Path) -> None:
    with open(tmp_path / "huge.py", "wb") as file:
        file.truncate(LARGEST + 1)
    reader = Reader(str(tmp_path))
    Search([Source("huge.py")], reader, OPTIONS)
    assert reader.left_out == {"huge.py": "larger than 64 MB"}


def test_a_pipe_in_place_of_a_file_does_not_stop_the_search(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert search(tmp_path, paths=["pipe.py"]).corpus.tokens == 0


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/app.py", True),
        ("src/__tests__/app.js", True),
        ("src/app.test.ts", True),
        ("src/test_app.py", True),
        ("app_test.go", True),
        ("src/AppTest.java", True),
        ("conftest.py", True),
        ("src/attest.py", False),
        ("src/contest/app.py", False),
        ("src/latest.js", False),
    ],
)
def test_which_files_are_tests(path: str, expected: bool) -> None:
    assert is_test(path) is expected


def test_numpy_is_loaded_without_what_nobody_needs() -> None:
    code = "import gates.checks.copypaste.examine, sys; print('numpy.ma' in sys.modules, 'pathspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_words_of_the_model() -> None:
    first, second = Copy("b.py", 1, 9, 0, 60), Copy("a.py", 1, 9, 0, 60)
    each = CloneClass([first, second], 61)
    assert each.copies == (first, second)
    assert (each.lines, repr(each)) == (9, "<CloneClass type 1, 61 tokens: b.py:1-9, a.py:1-9>")
    assert len({first, Copy("b.py", 1, 9, 0, 60), second}) == 2
    assert each.sort_key() < CloneClass([Copy("c.py", 1, 9, 0, 60), second], 61).sort_key()
    assert cores() >= 1


def test_imports_and_generated_files_are_no_copies(tmp_path: Path) -> None:
    imports = "".join(f"from package.module{n} import name{n}, other{n}\n" for n in range(30))
    text = function("same")
    generated = "# Code generated by a tool. DO NOT EDIT.\n" + text
    write(tmp_path, {"a.py": imports + text, "b.py": imports + "x = 1\n", "c.py": generated, "vendor/d.py": text})
    reader = Reader(str(tmp_path))
    found = Search([Source(path) for path in ("a.py", "b.py", "c.py", "vendor/d.py")], reader, OPTIONS)
    assert said(found) == []
    assert reader.left_out == {"c.py": "generated", "vendor/d.py": "vendored"}


@pytest.mark.parametrize("kind", [1, 2])
def test_a_string_over_several_lines_may_be_indented_with_its_code(tmp_path: Path, kind: int) -> None:
    text = 'def f(a):\n    """What it is.\n\n        More.\n    """\n' + function("f", seed=1).partition("\n")[2]
    inside = "class A:\n" + text.replace("\n", "\n\t").replace("\t\n", "\n")
    write(tmp_path, {"a.py": text, "b.py": inside.replace("\n", "\r\n")})
    found = said(search(tmp_path, Options(min_tokens=50, min_lines=1, type=kind)))
    assert [(number, places) for _, number, places in found] == [(1, ["a.py:1-16", "b.py:2-17"])]
    write(tmp_path, {"b.py": inside.replace("More", "Less")})
    other = said(search(tmp_path, Options(min_tokens=50, min_lines=1, type=kind)))
    expected = ["a.py:6-16", "b.py:7-17"] if kind == 1 else ["a.py:1-16", "b.py:2-17"]
    assert [(number, places) for _, number, places in other] == [(kind, expected)]


def test_an_import_in_a_function_does_not_cut_its_copy(tmp_path: Path) -> None:
    head, _, body = function("f", 9).partition("\n")
    text = f"{head}\n    from a import b\n{body}"
    lines = text.splitlines()
    middle = "\n".join([*lines[:5], "    import c", *lines[5:]])
    write(tmp_path, {"a.py": middle, "b.py": "x = 1\n" + middle})
    assert said(search(tmp_path))[0][2] == ["a.py:1-11", "b.py:2-12"]


@pytest.mark.parametrize("kind", [1, 2])
def test_functions_in_a_row_that_are_equal_are_copies_of_each_other_and_of_one_elsewhere(
    tmp_path: Path, kind: int
) -> None:
    one = function("f")
    write(tmp_path, {"a.py": "x = 1\n" + one + one + "y = 2\n", "b.py": one})
    found = said(search(tmp_path, Options(min_tokens=50, min_lines=1, type=kind)))
    assert [places for _, _, places in found] == [["a.py:2-13", "a.py:14-25", "b.py:1-12"]]
