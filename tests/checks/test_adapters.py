"""Every format, read from what the real tools printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.checks.adapters import Output, Report, UnreadableError, reader
from gates.checks.adapters.documents import documents
from gates.checks.adapters.pre_commit import hooks_in
from gates.checks.adapters.text import plain

TOOLS = Path(__file__).parents[1] / "data" / "tools"

RUFF = ["py/a.py:1:1 I001", "py/a.py:1:8 F401", "py/bad.py:4:7 invalid-syntax", "py/bad.py:5:1 invalid-syntax"]


def sample(name: str, code: int = 1) -> Output:
    texts = [TOOLS / f"{name}.{ending}" for ending in ("out", "err")]
    stdout, stderr = (path.read_text() if path.exists() else "" for path in texts)
    assert stdout or stderr
    return Output(stdout, stderr, code)


def read(adapter: str, name: str) -> Report:
    return reader(adapter)(sample(name))


def brief(report: Report) -> list[str]:
    return [f"{hit.path.removeprefix('/snapshot/')}:{hit.line}:{hit.column} {hit.rule}" for hit in report.hits]


@pytest.mark.parametrize(
    ("adapter", "name", "hits"),
    [
        (
            "ruff",
            "ruff",
            RUFF,
        ),
        ("sarif", "ruff-sarif", RUFF),
        ("code_quality", "ruff-gitlab", RUFF[:2]),
        ("would_reformat", "ruff-format", ["py/a.py:0:0 format", "py/bad.py:4:0 invalid-syntax"]),
        ("would_reformat", "black", ["py/u.py:0:0 format", "py/a.py:0:0 format", "py/bad.py:4:0 invalid-syntax"]),
        ("would_reformat", "isort", ["py/a.py:0:0 format"]),
        ("would_reformat", "prettier", ["src/a.js:0:0 format", "src/bad.js:1:0 invalid-syntax"]),
        ("eslint", "eslint", ["src/a.js:1:7 no-unused-vars", "src/a.js:2:7 eqeqeq", "src/bad.js:1:10 parse-error"]),
        (
            "eslint_text",
            "eslint-text",
            ["src/a.js:1:7 no-unused-vars", "src/a.js:2:7 eqeqeq", "src/bad.js:1:10 parse-error"],
        ),
        ("lines", "flake8", ["py/a.py:1:1 F401", "py/bad.py:4:8 E999", "py/u.py:1:2 E225"]),
        ("lines", "yamllint", ["y.yml:1:1 document-start", "y.yml:2:5 colons"]),
        (
            "lines",
            "pylint-text",
            ["py/a.py:1:0 C0114", "py/a.py:2:0 C0103", "py/a.py:3:4 E1101", "py/a.py:1:0 W0611"],
        ),
        (
            "pylint",
            "pylint",
            [
                "py/bad.py:4:8 syntax-error",
                "py/a.py:1:1 missing-module-docstring",
                "py/a.py:2:1 invalid-name",
                "py/a.py:3:5 no-member",
                "py/a.py:1:1 unused-import",
            ],
        ),
        ("stylelint", "stylelint", ["src/a.css:1:12 color-no-invalid-hex", "src/b.css:1:1 CssSyntaxError"]),
        ("shellcheck", "shellcheck", ["b.sh:2:4 SC2086", "a.sh:4:1 SC1073", "a.sh:5:1 SC1050", "a.sh:5:1 SC1072"]),
        ("checkstyle", "shellcheck-checkstyle", ["b.sh:2:4 ShellCheck.SC2086"]),
        (
            "mypy",
            "mypy",
            [
                "py/a.py:2:10 assignment",
                "py/a.py:3:5 attr-defined",
                "py/c.py:7:4 list-item",
                "py/c.py:10:5 assignment",
            ],
        ),
        (
            "mypy",
            "mypy-json",
            [
                "py/c.py:7:4 list-item",
                "py/c.py:10:5 assignment",
                "py/a.py:2:10 assignment",
                "py/a.py:3:5 attr-defined",
            ],
        ),
        ("tsc", "tsc", ["src/t.ts:1:7 TS2322", "src/t.ts:2:5 TS2322"]),
        ("tsc", "tsc-pretty", ["src/t.ts:1:7 TS2322", "src/t.ts:2:5 TS2322"]),
    ],
)
def test_linters(adapter: str, name: str, hits: list[str]) -> None:
    assert brief(read(adapter, name)) == hits


@pytest.mark.parametrize(
    ("adapter", "name", "files"),
    [
        ("mypy", "mypy", 2),
        ("eslint", "eslint", 2),
        ("pyright", "pyright", 2),
        ("stylelint", "stylelint", 2),
        ("would_reformat", "ruff-format", 2),
        ("would_reformat", "black", 3),
    ],
)
def test_files_looked_at(adapter: str, name: str, files: int) -> None:
    assert read(adapter, name).files == files


@pytest.mark.parametrize(
    ("adapter", "name", "path"),
    [
        ("ruff", "ruff", "py/bad.py"),
        ("eslint", "eslint", "src/bad.js"),
        ("eslint_text", "eslint-text", "src/bad.js"),
        ("pylint", "pylint", "py/bad.py"),
        ("lines", "flake8", "py/bad.py"),
        ("pyright", "pyright", "py/bad.py"),
        ("stylelint", "stylelint", "src/b.css"),
        ("shellcheck", "shellcheck", "a.sh"),
        ("would_reformat", "prettier", "src/bad.js"),
        ("would_reformat", "black", "py/bad.py"),
    ],
)
def test_files_that_cannot_be_parsed(adapter: str, name: str, path: str) -> None:
    report = read(adapter, name)
    assert {hit.path.removeprefix("/snapshot/") for hit in report.parse_errors} == {path}
    assert all(hit in report.hits for hit in report.parse_errors)


def test_severities() -> None:
    assert [hit.severity for hit in read("eslint", "eslint").hits] == ["major", "minor", "major"]
    assert [hit.severity for hit in read("eslint_text", "eslint-text").hits] == ["major", "minor", "major"]
    assert [hit.severity for hit in read("lines", "yamllint").hits] == ["minor", "major"]
    assert {hit.severity for hit in read("pyright", "pyright").hits} == {"major"}


def test_an_ignored_file_is_no_finding() -> None:
    report = read("eslint", "eslint")
    assert report.ignored == 1
    assert all("ignored" not in hit.message for hit in report.hits)


def test_notes_explain_the_error_before_them() -> None:
    for name in ("mypy", "mypy-json"):
        (last,) = (hit for hit in read("mypy", name).hits if hit.line == 10)
        assert '"list" is invariant' in last.detail
        assert "Sequence" in last.detail


def test_pyright_tells_its_version_and_details() -> None:
    report = read("pyright", "pyright")
    assert report.version == "1.1.414"
    first = report.hits[0]
    assert (first.line, first.column, first.rule) == (2, 10, "reportAssignmentType")
    assert first.detail


def test_sarif_tells_tool_rule_and_documentation() -> None:
    report = read("sarif", "ruff-sarif")
    assert report.tool == "ruff"
    assert report.version.startswith("0.17")
    assert report.hits[0].url == "https://docs.astral.sh/ruff/rules/unsorted-imports"


def test_sarif_of_other_shapes() -> None:
    text = """{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "semanticVersion": "1.2.0", "rules": [
      {"id": "R1", "defaultConfiguration": {"level": "note"}, "messageStrings": {"default": {"text": "see {0}"}}}]}},
      "originalUriBaseIds": {"SRC": {"uri": "file:///snapshot/src/"}}, "artifacts": [{}, {}],
      "invocations": [{"executionSuccessful": false, "toolExecutionNotifications": [{"message": {"text": "no net"}}]}],
      "results": [
       {"ruleId": "R1", "message": {"id": "default", "arguments": ["that"]}, "locations": [{"physicalLocation": {
         "artifactLocation": {"uri": "a%20b.py", "uriBaseId": "SRC"}, "region": {"startLine": 3}}}]},
       {"ruleId": "R1", "kind": "pass", "message": {"text": "fine"}},
       {"ruleId": "R1", "suppressions": [{"kind": "inSource"}], "message": {"text": "hushed"}},
       {"rule": {"index": 0}, "level": "error", "message": {"text": "whole tree\\nmore"}}]}]}"""
    report = reader("sarif")(Output(text))
    assert [(hit.path, hit.line, hit.rule, hit.severity, hit.message) for hit in report.hits] == [
        ("/snapshot/src/a b.py", 3, "R1", "info", "see that"),
        ("", 0, "R1", "major", "whole tree"),
    ]
    assert report.hits[1].detail == "more"
    assert (report.tool, report.version, report.files, report.problem) == ("scan", "1.2.0", 2, "no net")


@pytest.mark.parametrize(
    ("name", "tests", "failed", "skipped"),
    [
        ("pytest", 8, 5, 1),
        ("unittest", 5, 2, 1),
        ("jest", 3, 1, 1),
        ("vitest", 3, 1, 1),
        ("mocha", 3, 1, 1),
        ("ava", 3, 1, 1),
        ("ava-tap", 3, 1, 1),
        ("tap", 2, 1, 0),
        ("node-tap", 3, 1, 1),
        ("node-spec", 3, 1, 1),
        ("cargo", 2, 1, 0),
    ],
)
def test_summaries_of_runners(name: str, tests: int, failed: int, skipped: int) -> None:
    report = read("summary", name)
    assert (report.tests, report.failed, report.skipped) == (tests, failed, skipped)


@pytest.mark.parametrize(
    ("name", "place", "message"),
    [
        ("unittest", "/snapshot/ut.py:5", "test_err (ut.A.test_err): ZeroDivisionError: division by zero"),
        ("jest", "jest/a.test.js:2", "bad: expect(received).toBe(expected) // Object.is equality"),
        ("vitest", "vit/a.test.js:2", "vit/a.test.js > bad: AssertionError: expected 1 to be 2 // Object.is equality"),
        ("mocha", "moc/a.js:1", "x bad: AssertionError [ERR_ASSERTION]: 1 == 2"),
        ("ava", "ava/a.mjs:1", "bad: Difference (- actual, + expected):"),
        ("node-tap", "/snapshot/nod/a.test.js:1", "bad: 1 == 2"),
        ("node-spec", "nod/a.test.js:1", "bad: AssertionError [ERR_ASSERTION]: 1 == 2"),
        ("cargo", "src/lib.rs:2", "tests::bad: assertion `left == right` failed"),
    ],
)
def test_failed_tests_have_a_place(name: str, place: str, message: str) -> None:
    hit = read("summary", name).hits[0]
    assert f"{hit.path}:{hit.line}" == place
    assert hit.message == message
    assert hit.identity
    assert hit.detail


def test_a_file_without_tests_is_no_test() -> None:
    assert read("summary", "node-empty").tests == 0


@pytest.mark.parametrize(
    ("text", "tests", "failed", "skipped"),
    [
        ("Tests:       0 total\n", 0, 0, 0),
        ("No tests found, exiting with code 0\n", 0, 0, 0),
        ("No test files found, exiting with code 0\n", 0, 0, 0),
        ("  0 passing (1ms)\n", 0, 0, 0),
        ('Error: No test files found: "spec"\n', 0, 0, 0),
        ("\n  ✘ Couldn't find any files to test\n", 0, 0, 0),
        ("no tests ran in 0.01s\n", 0, 0, 0),
        ("===== 2 passed, 1 xfailed, 3 deselected, 1 warning in 0.12s =====\n", 3, 0, 0),
        ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", 0, 0, 0),
        ("Ran 3 tests in 0.1s\n\nOK (skipped=1)\nRan 4 tests in 0.2s\n\nFAILED (failures=2)\n", 7, 2, 1),
        ("ok  \texample.org/a\t0.003s\n?   \texample.org/b\t[no test files]\n", 1, 0, 0),
        ("ok  \texample.org/a\t0.003s [no tests to run]\n", 0, 0, 0),
        ("--- FAIL: TestA (0.00s)\n    a_test.go:5: no\nFAIL\nFAIL\texample.org/a\t0.003s\n", 1, 1, 0),
        ("--- PASS: TestA (0.00s)\n--- SKIP: TestB (0.00s)\nPASS\nok  \texample.org/a\t0.003s\n", 2, 0, 1),
        ("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n" * 2, 6, 0, 2),
        ("TAP version 13\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no\nnot ok 4 # TODO later\n1..4\n", 4, 1, 2),
        ("TAP version 13\n1..0\n", 0, 0, 0),
        (" 2 pass\n 1 fail\n 4 expect() calls\nRan 3 tests across 1 files. [9.00ms]\n", 3, 1, 0),
        ("ok | 3 passed | 0 failed (12ms)\n", 3, 0, 0),
        ("3 examples, 1 failure, 1 pending\n", 3, 1, 1),
        ("OK (3 tests, 4 assertions)\n", 3, 0, 0),
        ("Tests: 3, Assertions: 4, Failures: 1.\n", 3, 1, 0),
        ("[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1\n", 3, 1, 1),
        ("Passed!  - Failed:     0, Passed:     3, Skipped:     1, Total:     4, Duration: 9 ms\n", 4, 0, 1),
        ("Test Suites: 1 failed, 1 total\nTests:       0 total\n", 0, 1, 0),
        (" Test Files  1 failed (1)\n      Tests  no tests\n", 0, 1, 0),
        ("Tests:  1 passed, 1 total\nTAP version 13\n# tests 2\n# pass 2\n# fail 0\n", 3, 0, 0),
    ],
)
def test_short_summaries(text: str, tests: int, failed: int, skipped: int) -> None:
    report = reader("summary")(Output(text))
    assert (report.tests, report.failed, report.skipped) == (tests, failed, skipped)


@pytest.mark.parametrize("text", ["", "all is well\n", "Running 3 tests...\n", "built in 2.31s\n", "ok\n"])
def test_output_without_a_summary(text: str) -> None:
    assert reader("summary")(Output(text)).tests is None


def test_the_summary_at_the_end_of_long_output_is_found() -> None:
    noise = "2026-11-24 12:00:00 something happened: [1] {2}\n" * 300_000
    report = reader("summary")(Output(noise + "Tests:       2 passed, 2 total\n"))
    assert report.tests == 2


def test_junit_of_pytest() -> None:
    report = reader("junit")(Output((TOOLS / "pytest.xml").read_text()))
    assert (report.tests, report.failed, report.skipped) == (8, 5, 1)
    places = {hit.identity: f"{hit.path}:{hit.line}" for hit in report.hits}
    assert places == {
        "pyt.test_imp error": "pyt/test_imp.py:1",
        "pyt.test_a.test_bad failure": "pyt/test_a.py:6",
        "pyt.test_a.test_boom failure": "pyt/test_a.py:2",
        "pyt.test_a.TestC.test_p[2] failure": "pyt/test_a.py:12",
        "pyt.test_a.test_f error": "pyt/test_a.py:14",
    }
    first = report.hits[0]
    assert (first.rule, first.severity) == ("collection-error", "critical")
    assert first.message == "pyt.test_imp: ModuleNotFoundError: No module named 'nothere'"


def test_junit_of_others() -> None:
    report = reader("junit")(Output((TOOLS / "node-junit.out").read_text()))
    assert (report.tests, report.failed, report.skipped) == (3, 1, 1)
    assert report.hits[0].message == "test.bad: 1 == 2"
    text = (
        '<testsuites><testsuite name="outer"><testsuite name="inner"><testcase name="a" classname="C"/>'
        '<testcase name="b"><failure/></testcase></testsuite></testsuite></testsuites>'
    )
    report = reader("junit")(Output(text))
    assert (report.tests, report.failed) == (2, 1)
    assert report.hits[0].message == "b: failure"


def test_regex_with_every_group() -> None:
    pattern = r"^(?P<severity>\w+) (?P<path>\S+)@(?P<line>\d+),(?P<column>\d+) (?P<rule>\w+): (?P<message>.*)$"
    text = "WARN src/a.c@3,4 R1: careful\nnothing\nerror b.c@5,1 R2: bad\n"
    hits = reader("regex")(Output(text, options={"pattern": pattern})).hits
    assert [(hit.path, hit.line, hit.column, hit.rule, hit.severity, hit.message) for hit in hits] == [
        ("src/a.c", 3, 4, "R1", "minor", "careful"),
        ("b.c", 5, 1, "R2", "major", "bad"),
    ]
    assert reader("regex")(Output("TODO here\n", options={"pattern": "TODO.*"})).hits[0].message == "TODO here"
    with pytest.raises(UnreadableError, match="pattern"):
        reader("regex")(Output("", options={"pattern": "("}))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("src/a.c:3:4: warning: unused variable [-Wunused]", ("src/a.c", 3, 4, "warning", "minor")),
        ("src/a.go:3:4: declared and not used: x (typecheck)", ("src/a.go", 3, 4, "typecheck", "")),
        ("Makefile:7: TODO", ("Makefile", 7, 0, "line", "")),
        ("a.txt:1:foo", ("a.txt", 1, 0, "line", "")),
        ("C:\\x\\a.py:3:1: E501 line too long", ("C:\\x\\a.py", 3, 1, "E501", "")),
        ("py/c.py:10:5:10:9: error: no  [assignment]", ("py/c.py", 10, 5, "assignment", "major")),
    ],
)
def test_lines(line: str, expected: tuple[object, ...]) -> None:
    (hit,) = reader("lines")(Output(line + "\n")).hits
    assert (hit.path, hit.line, hit.column, hit.rule, hit.severity) == expected


@pytest.mark.parametrize(
    "line", ["12:30:15 started", "http://localhost:8080/ is up", "  at foo (a.js:1:2)", "see: 3", "Ratio is 3:4"]
)
def test_lines_that_are_no_findings(line: str) -> None:
    assert not reader("lines")(Output(line + "\n")).hits


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("eslint-text", ["no-unused-vars", "eqeqeq", "parse-error"]),
        ("eslint", ["no-unused-vars", "eqeqeq", "parse-error"]),
        ("tsc", ["TS2322", "TS2322"]),
        ("ruff-format", ["format", "invalid-syntax"]),
        ("shellcheck-checkstyle", ["ShellCheck.SC2086"]),
        ("yamllint", ["document-start", "colons"]),
    ],
)
def test_guess(name: str, rules: list[str]) -> None:
    assert [hit.rule for hit in read("guess", name).hits] == rules


def test_guess_of_json_that_is_none() -> None:
    assert not reader("guess")(Output('[build] done in "3 s"\n')).hits
    assert not reader("guess")(Output("<checkstyle oops\n")).hits


@pytest.mark.parametrize("name", ["ruff", "eslint", "pylint", "pylint2", "stylelint", "shellcheck", "ruff-sarif"])
def test_json_is_told_apart_by_its_shape(name: str) -> None:
    own = reader({"pylint2": "pylint", "ruff-sarif": "sarif"}.get(name, name))(sample(name))
    assert brief(reader("json")(sample(name))) == brief(own)


def test_json_of_nobody() -> None:
    assert reader("json")(Output("[]")).hits == []
    with pytest.raises(UnreadableError, match="no known tool"):
        reader("json")(Output('{"a": 1}'))


def test_documents_between_other_lines() -> None:
    text = '\n> x@1.0.0 lint\n> eslint .\n\n[1/2] building\n[{"a": 1}]\n{"b": 2}\n{"c": 3}[]trailing\n'
    assert documents(Output(text)) == [[{"a": 1}], {"b": 2}, {"c": 3}, []]
    assert documents(Output("", '{"on": "stderr"}')) == [{"on": "stderr"}]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"b"', '{"runs": [', "[\n  {", "nothing at all", ""])
def test_broken_documents(text: str) -> None:
    with pytest.raises(UnreadableError):
        documents(Output(text))


@pytest.mark.parametrize(
    "adapter", ["ruff", "eslint", "pylint", "pyright", "stylelint", "shellcheck", "sarif", "code_quality", "mypy_json"]
)
@pytest.mark.parametrize("text", ['{"other": 1}', "[1, 2]", '[{"x": null}]'])
def test_json_of_another_shape_is_refused(adapter: str, text: str) -> None:
    with pytest.raises((UnreadableError, AttributeError, TypeError, KeyError)):
        reader(adapter)(Output(text, code=1))


@pytest.mark.parametrize("adapter", ["junit", "checkstyle"])
@pytest.mark.parametrize("text", ["", "<open>", "<other/>", "no xml"])
def test_xml_of_another_shape_is_refused(adapter: str, text: str) -> None:
    with pytest.raises(UnreadableError):
        reader(adapter)(Output(text))


def test_entities_are_not_expanded_without_end() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    with pytest.raises(UnreadableError):
        reader("junit")(Output(bomb + "]><testsuite><testcase name='&j;'/></testsuite>"))


def test_tsc_tells_configuration_mistakes_apart() -> None:
    report = reader("tsc")(Output("error TS18003: No inputs were found in config file 'tsconfig.json'.\n"))
    assert not report.hits
    assert report.problem.startswith("TS18003: No inputs")
    broken = reader("tsc")(Output("src/a.ts(1,5): error TS1005: ';' expected.\n"))
    assert broken.parse_errors


def test_mypy_that_could_not_start() -> None:
    text = "usage: mypy [-h]\nmypy: error: Missing target module, package, files, or command.\n"
    assert (
        reader("mypy")(Output("", text, 2)).problem == "mypy: error: Missing target module, package, files, or command."
    )


def test_what_is_absent_is_no_parse_error() -> None:
    text = "nothere.py:0:1: E902 FileNotFoundError: [Errno 2] No such file or directory: 'nothere.py'\n"
    report = reader("lines")(Output(text))
    assert (report.absent, report.parse_errors) == (["nothere.py"], [])


def test_ruff_says_of_a_missing_path_only_in_a_warning() -> None:
    warning = "warning: Failed to lint no/there.py: No such file or directory (os error 2)\n"
    assert reader("ruff")(Output("[]", warning)).absent == ["no/there.py"]


def test_ruff_in_several_calls() -> None:
    none = "warning: No Python files found under the given path(s)\n"
    assert reader("ruff")(Output("[][]", none)).files is None
    assert reader("ruff")(Output("[][]", none * 2)).files == 0


def test_escapes() -> None:
    assert plain("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07\r\nnext") == "red link\nnext"


@pytest.mark.parametrize("name", ["prek", "pre-commit"])
def test_hooks(name: str) -> None:
    hooks = hooks_in(sample(name))
    assert [(hook.id, hook.status, hook.modified) for hook in hooks] == [
        ("nofoo", "Failed", False),
        ("fixer", "Failed", True),
        ("always ok", "Passed", False),
        ("never matches", "Skipped", False),
    ]
    assert hooks[0].text == "a.txt:1:foo"
    assert hooks[3].why == "no files to check"


@pytest.mark.parametrize("adapter", ["guess", "summary", "lines", "eslint_text", "tsc", "mypy", "would_reformat"])
@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "\n" * 200_000,
        "  1) x\n" + (" " * 40 + "y\n") * 5000,
        "  1:2  error  " + "x  " * 60_000,
        "a.py:1: " + "x " * 90_000,
        "a" * 200_000,
        "." * 200_000 + "Passe",
        "    at " + "(a:1" * 20_000,
        "=" * 200_000 + "\nFAIL: x\n",
        "\x1b]" * 50_000,
    ],
    ids=range(10),
)
def test_no_output_takes_long(adapter: str, text: str) -> None:
    """Bounded by the time limit of the test run: an expression that backtracks without end never returns."""
    reader(adapter)(Output(text, "", 1))
