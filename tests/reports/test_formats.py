"""Every report format, checked by what others wrote: schemas, parsers and Microsoft's validator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
import xmlschema

from gates.errors import CannotRun, UsageError
from gates.finding import ALLOWED, EXISTING, FIXED, NEW, SEVERITIES, Place
from gates.git.change import Change
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome
from gates.reports import code_quality, github, gitlab, html, junit, markdown, results, sarif
from gates.reports.write import FILES, FORMATS, write_reports
from gates.verdict import Verdict
from tests.ci.tools import installed
from tests.reports.samples import NASTY, finding, mixed, passed, verdict

DATA = Path(__file__).parent.parent / "data" / "reports"
DOCS = Path(__file__).parent.parent.parent / "docs" / "reference"
JUNIT = xmlschema.XMLSchema(str(DATA / "junit-10.xsd"))
SARIF = jsonschema.Draft7Validator(json.loads((DATA / "sarif-2.1.0.json").read_text()))


def many(count: int, gate: str = "lint", size: int = 30) -> Outcome:
    found = [
        finding(f"{n} " + "x" * size, f"src/f{n % 50}.py", n + 1, gate=gate, severity="blocker" if n == 7 else "minor")
        for n in range(count)
    ]
    return Outcome(gate, FAILED, f"{count} findings", findings=found)


def with_allowed() -> Verdict:
    """One finding that blocks, and one that a comment in the source allows."""
    allowed = finding("kept apart", "src/b.py", 3, gate="copypaste", status=ALLOWED, detail="two drivers & <more>")
    return verdict(Outcome("copypaste", FAILED, "1 copy", findings=[finding(gate="copypaste"), allowed]), passed())


SAMPLES = {
    "allowed": with_allowed,
    "mixed": mixed,
    "empty": verdict,
    "all passed": lambda: verdict(passed(), passed("lint", cached=True)),
    "undecodable": lambda: verdict(Outcome("lint", FAILED, "\udcff", findings=[finding("\udcff\x00", "a\udcff.py")])),
    "no commit": lambda: Verdict(Change("commit", "a" * 40), [many(2)], version="1"),
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Verdict:
    made: Verdict = SAMPLES[request.param]()
    return made


# --- JUnit


def test_junit_is_valid_for_jenkins(sample: Verdict, tmp_path: Path) -> None:
    write_reports(sample, str(tmp_path), ["junit"])
    JUNIT.validate(str(tmp_path / "junit.xml"))


def test_junit_says_what_happened() -> None:
    root = ElementTree.fromstring(junit.render(mixed()))
    assert root.attrib == {"name": "gateline", "tests": "10", "failures": "7", "errors": "1", "time": "3.400"}
    suites = {suite.get("name"): suite for suite in root}
    assert [len(suites[name].findall("testcase")) for name in ("lint", "secrets", "types")] == [4, 1, 1]
    assert suites["types"].find("testcase/error").get("message") == "the program 'mypy' was not found"
    assert suites["dependencies"].find("testcase/skipped") is not None
    assert suites["secrets"].find("testcase")[:] == []
    text = suites["lint"].find("testcase/failure").text
    assert text.startswith("src/a b/ü #1%.py:3:5: <script>alert('x')</script> & \"quotes\"")


def test_junit_counts_are_what_is_in_it(sample: Verdict) -> None:
    root = ElementTree.fromstring(junit.render(sample).encode("utf-8", "replace"))
    assert int(root.get("tests")) == len(root.findall("testsuite/testcase"))
    assert int(root.get("failures")) == len(root.findall("testsuite/testcase/failure"))
    assert int(root.get("errors")) == len(root.findall("testsuite/testcase/error"))


def test_junit_keeps_to_the_number_of_cases() -> None:
    text = junit.render(verdict(many(30_000), many(5, "other"), passed()))
    root = ElementTree.fromstring(text)
    cases = root.findall("testsuite/testcase")
    assert len(cases) <= junit.MAX_CASES
    assert len(text.encode()) <= junit.MAX_BYTES
    assert "more findings are left out" in root.find("testsuite/system-out").text
    assert any(case.find("failure") is not None and case.find("failure").get("type") == "blocker" for case in cases)


def test_junit_keeps_to_the_number_of_bytes() -> None:
    text = junit.render(verdict(many(2_000, size=15_000)))
    assert 5_000_000 < len(text.encode()) <= junit.MAX_BYTES
    JUNIT.validate(text)


def test_junit_of_a_failed_gate_without_findings_has_a_failure() -> None:
    root = ElementTree.fromstring(junit.render(verdict(Outcome("build", FAILED, "exit code 2", output="boom"))))
    assert root.find("testsuite/testcase/failure").text == "boom"


def test_junit_does_not_fail_a_gate_that_passed_with_findings() -> None:
    root = ElementTree.fromstring(junit.render(verdict(Outcome("lint", PASSED, findings=[finding()]))))
    assert root.get("failures") == "0"
    assert root.find("testsuite/testcase/system-out").text == "1 finding, none of them blocks"


# --- SARIF


def test_sarif_is_valid_by_its_schema(sample: Verdict) -> None:
    errors = [error.message for error in SARIF.iter_errors(json.loads(sarif.render(sample)))]
    assert errors == []


def test_sarif_tells_rule_place_status_and_fingerprint() -> None:
    runs = json.loads(sarif.render(mixed()))["runs"]
    lint = runs[0]
    assert lint["tool"]["driver"]["name"] == "ruff"
    assert lint["tool"]["driver"]["version"] == "0.8.1"
    first = lint["results"][0]
    assert lint["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "E501"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/app.py"
    assert place["region"]["startLine"] == 12
    assert first["baselineState"] == "new"
    assert len({result["partialFingerprints"]["gateline/v1"] for result in lint["results"]}) == len(lint["results"])
    assert "src/a%20b/%C3%BC%20%231%25.py" in [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in lint["results"]
    ]
    assert {result["baselineState"] for result in lint["results"]} == {"new", "unchanged"}
    assert len({run["automationDetails"]["id"] for run in runs}) == len(runs)


def test_sarif_tells_what_could_not_run_and_what_has_no_place() -> None:
    runs = {run["automationDetails"]["id"]: run for run in json.loads(sarif.render(mixed()))["runs"]}
    types = runs["gateline/types/"]["invocations"][0]
    assert types["executionSuccessful"] is False
    assert "mypy" in types["toolExecutionNotifications"][0]["message"]["text"]
    config = runs["gateline/config/"]
    assert config["results"] == []
    assert "gate lint is removed" in config["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_what_is_allowed_is_a_suppressed_result_in_sarif() -> None:
    copies, secrets = json.loads(sarif.render(with_allowed()))["runs"]
    assert [result["suppressions"] for result in copies["results"]] == [
        [],
        [{"kind": "inSource", "justification": "two drivers & <more>"}],
    ]
    assert all("suppressions" not in result for result in secrets["results"])


def test_what_is_allowed_is_no_failure_anywhere() -> None:
    root = ElementTree.fromstring(junit.render(with_allowed()))
    assert root.get("failures") == "1"
    assert len(json.loads(code_quality.render(with_allowed()))) == 1
    assert "1 finding allowed in the source" in markdown.render(with_allowed())
    assert "kept apart" not in markdown.render(with_allowed())
    page = html.render(with_allowed())
    assert "1 allowed" in page
    assert "two drivers &amp; &lt;more&gt;" in page


def test_sarif_joins_what_exceeds_twenty_runs() -> None:
    log = json.loads(sarif.render(verdict(*(many(2, f"gate{n}") for n in range(30)))))
    assert len(log["runs"]) == sarif.MAX_RUNS
    assert sum(len(run["results"]) for run in log["runs"]) == 60
    SARIF.validate(log)


def test_sarif_keeps_to_results_and_bytes_and_keeps_the_worst() -> None:
    for outcome in (many(26_000), many(3_000, size=8_000)):
        text = sarif.render(verdict(outcome, passed()))
        assert len(text.encode()) <= sarif.MAX_BYTES
        run = json.loads(text)["runs"][0]
        assert len(run["results"]) <= sarif.MAX_RESULTS
        assert any(result["level"] == "error" for result in run["results"])
        assert "left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def _multitool(folder: Path, text: str) -> list[str]:
    """What Microsoft's validator says by the rules of SARIF and those of GitHub: errors and warnings."""
    (folder / "gateline.sarif").write_text(text)
    done = subprocess.run(
        [installed().multitool, "validate", "gateline.sarif", "--rule-kind", "Sarif;Ghas"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )
    said = done.stdout + done.stderr
    assert "1 files scanned" in said, said
    return [line for line in said.splitlines() if ": error" in line or ": warning" in line]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the validator that is installed is that for Linux")
def test_sarif_is_accepted_by_microsofts_validator_with_githubs_rules(tmp_path: Path) -> None:
    assert _multitool(tmp_path, sarif.render(mixed())) == []
    assert _multitool(tmp_path, sarif.render(verdict(*(many(2, f"gate{n}") for n in range(30))))) == []
    log = json.loads(sarif.render(mixed()))
    del log["runs"][0]["results"][0]["locations"]
    assert any("GH1017" in line for line in _multitool(tmp_path, json.dumps(log))), "GitHub's rules are in force"


# --- Code Quality


def test_code_quality_has_gitlabs_required_fields(sample: Verdict) -> None:
    issues = json.loads(code_quality.render(sample))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert all(
            isinstance(issue[name], str) and issue[name] for name in ("description", "check_name", "fingerprint")
        )
        assert issue["severity"] in SEVERITIES
        assert isinstance(issue["location"]["lines"]["begin"], int)
        assert issue["location"]["lines"]["begin"] >= 1
        path = issue["location"]["path"]
        assert path and not path.startswith(("/", "./", "../"))


def test_code_quality_fingerprints_stay_when_lines_move() -> None:
    before = json.loads(code_quality.render(verdict(Outcome("lint", FAILED, "x", findings=[finding(line=3)]))))
    after = json.loads(
        code_quality.render(verdict(Outcome("lint", FAILED, "x", findings=[finding(path="src/moved.py", line=90)])))
    )
    assert before[0]["fingerprint"] == after[0]["fingerprint"]


def test_code_quality_makes_equal_fingerprints_of_two_gates_unique() -> None:
    twins = [Outcome(name, FAILED, "x", findings=[finding()]) for name in ("a", "b")]
    issues = json.loads(code_quality.render(verdict(*twins)))
    assert len({issue["fingerprint"] for issue in issues}) == 2


def test_code_quality_has_existing_but_no_fixed_findings() -> None:
    words = code_quality.render(mixed())
    assert "src/old.py" in words
    assert "src/gone.py" not in words


# --- GitHub and GitLab


def test_github_annotations_keep_the_worst_ten_of_each_kind() -> None:
    report_only = Outcome("style", PASSED, findings=[finding(f"w{n}", severity="minor") for n in range(20)])
    info = Outcome("hints", PASSED, findings=[finding(f"i{n}", severity="info") for n in range(20)])
    missing = Outcome("types", NOT_RUN, "no mypy")
    lines = github.render(verdict(many(30), report_only, info, missing)).splitlines()
    for kind in ("error", "warning", "notice"):
        assert len([line for line in lines if line.startswith(f"::{kind} ")]) == 10
    assert lines[0] == "::error title=types::could not run: no mypy"
    assert any("line=8," in line and line.startswith("::error") for line in lines)


def test_github_annotations_name_a_gate_that_failed_without_findings() -> None:
    text = github.render(verdict(Outcome("docs", FAILED, "exit code 2", output="boom"), passed()))
    assert text == "::error title=docs::failed: exit code 2\n"


def test_github_annotations_cannot_be_broken_out_of() -> None:
    bad = finding("100%\n::set-output name=x::y", "a,b:c%.py", 3, rule="x::y,\n")
    (line,) = github.render(verdict(Outcome("lint", FAILED, "x", findings=[bad]))).splitlines()
    assert line == (
        "::error title=lint x%3A%3Ay%2C%0A,file=a%2Cb%3Ac%25.py,line=3,endLine=3,col=5::100%25%0A::set-output name=x::y"
    )


def test_github_annotations_leave_old_and_fixed_findings_alone() -> None:
    found = [finding(status=NEW), finding(path="old.py", status=EXISTING), finding(path="gone.py", status=FIXED)]
    text = github.render(verdict(Outcome("lint", FAILED, "x", findings=found)))
    assert text.count("::error") == 1
    assert "src/app.py" in text


def test_a_github_group_switches_commands_off() -> None:
    lines = github.group("lint\nx", "::error::fake\n").splitlines()
    assert lines[0] == "::group::lint%0Ax"
    token = lines[1].removeprefix("::stop-commands::")
    assert len(token) == 32
    assert lines[2:] == ["::error::fake", f"::{token}::", "::endgroup::"]


def test_a_gitlab_section_has_one_start_and_one_end() -> None:
    text = gitlab.section("unit tests", "tests failed", "\x1b[0Ksection_end:1:x\r\x1b[0Kevil", start=100.9, seconds=3.4)
    assert text.startswith("\x1b[0Ksection_start:100:gateline_unit_tests[collapsed=true]\r\x1b[0Ktests failed\n")
    assert text.endswith("\n\x1b[0Ksection_end:104:gateline_unit_tests\r\x1b[0K\n")
    assert text.count("\x1b[0Ksection_") == 2


# --- Markdown


def test_markdown_has_the_verdict_first_then_the_new_then_the_command() -> None:
    text = markdown.render(mixed())
    assert text.startswith("## ❌ Gateline: failed at lint, tests, copypaste, config\n")
    assert text.index("| Gate |") < text.index("### New by lint: 4") < text.index("gateline run --gate tests")
    assert "1 finding fixed by this change, 1 finding from before it" in text


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([passed()], "## ✅ Gateline: passed, 1 gate"),
        ([], "## ⚠️ Gateline: nothing was checked"),
        ([passed(), Outcome("types", NOT_RUN, "no mypy")], "## ⚠️ Gateline: could not run types"),
    ],
)
def test_markdown_headlines(outcomes: list[Outcome], words: str) -> None:
    assert markdown.render(verdict(*outcomes)).splitlines()[0] == words


def test_markdown_shows_foreign_text_as_plain_words() -> None:
    bad = finding(NASTY, "src/`a`|b.py", source="", rule="[x](javascript:1)", url="javascript:alert(1)")
    text = markdown.render(verdict(Outcome("li|nt", FAILED, "a | b\n# c", findings=[bad], command="x\n```\n# y")))
    assert "<script" not in text
    assert "](javascript" not in text
    assert "@everyone" not in text
    assert "| ❌ | li\\|nt | failed: a \\| b \\# c |" in text
    assert text.count("```") == 2


def test_markdown_says_how_to_repeat_it_in_one_line() -> None:
    failed = [Outcome(name, FAILED, "x", command=f"gateline run --to abc --gate {name}") for name in ("lint", "tests")]
    assert "\ngateline run --to abc --gate lint --gate tests\n" in markdown.render(verdict(*failed, notes=["a", "b"]))
    assert markdown.render(verdict(*failed, notes=["a", "b"])).endswith("\n> a\n>\n> b\n")


def test_markdown_stays_below_the_limit() -> None:
    outcomes = [many(40, f"gate{n}", size=5_000) for n in range(20)]
    text = markdown.render(verdict(*outcomes))
    assert len(text.encode()) <= markdown.MAX_BYTES < github.SUMMARY_LIMIT
    assert text.endswith("see the full reports.\n")
    assert text.startswith("## ❌")


# --- HTML


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_is_one_file_that_loads_and_runs_nothing(sample: Verdict) -> None:
    reader = Reader()
    reader.feed(html.render(sample))
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name == "src" or name.startswith("on")]
    assert [
        value for name, value in reader.attributes if name == "href" and not value.startswith(("#", "https://"))
    ] == []


def test_html_shows_everything() -> None:
    reader = Reader()
    reader.feed(html.render(mixed()))
    for words in ("4 failed, 1 not run", "<script>alert('x')</script>", "also at src/b.py:40", "pytest 8.3", "fixed"):
        assert words in reader.words
    assert "\x1b" not in reader.words


def test_html_marks_what_blocks() -> None:
    found = [finding(status=NEW), finding(status=EXISTING), finding(status="")]
    assert html.render(verdict(Outcome("lint", FAILED, "x", findings=found))).count('<li class="new">') == 2
    assert html.render(verdict(Outcome("lint", PASSED, findings=[finding(status="")]))).count('<li class="new">') == 0


def test_what_was_meant_for_a_program_is_not_shown_to_a_person() -> None:
    for output, words in (('[{"code": 1}]', 0), ("<?xml?>", 0), ("F401 os", 1)):
        outcome = Outcome("lint", FAILED, "x", findings=[finding()], output=output)
        assert html.render(verdict(outcome)).count("What it printed") == words


def test_html_links_only_to_web_addresses() -> None:
    bad = finding(url="javascript:alert(1)")
    assert "javascript:" not in html.render(verdict(Outcome("lint", FAILED, "x", findings=[bad])))


def test_html_limits_what_a_browser_must_show() -> None:
    text = html.render(verdict(many(html.FINDINGS_SHOWN + 5)))
    assert "and 5 more, all of them in results.json" in text


# --- JSON, and all of them at once


def test_results_follow_their_schema_and_come_back_whole(sample: Verdict, tmp_path: Path) -> None:
    (path,) = write_reports(sample, str(tmp_path), ["json"])
    schema = json.loads((DOCS / "results.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(Path(path).read_text()))
    assert results.read(path).to_dict() == sample.to_dict()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"change": 1}', "\xff", '"text"', '{"change": {}, "outcomes": []}']
)
def test_results_that_are_none_are_told(content: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=r"not a results\.json"):
        results.read(str(path))


def test_missing_results_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gateline ci"):
        results.read(str(tmp_path / "none.json"))


def test_every_format_has_a_file_and_is_written(tmp_path: Path) -> None:
    assert set(FILES) == set(FORMATS)
    paths = write_reports(mixed(), str(tmp_path / "deep" / "reports"))
    assert sorted(Path(path).name for path in paths) == sorted(FILES.values())
    assert sorted(os.listdir(tmp_path / "deep" / "reports")) == sorted(FILES.values())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file, not a folder")
    with pytest.raises(CannotRun, match="cannot be written"):
        write_reports(mixed(), str(tmp_path / "reports"))


def test_a_place_without_a_line_is_valid_everywhere() -> None:
    odd = finding()
    odd.place = Place("a.py", 0)
    one = verdict(Outcome("lint", FAILED, "x", findings=[odd]))
    SARIF.validate(json.loads(sarif.render(one)))
    assert json.loads(code_quality.render(one))[0]["location"]["lines"]["begin"] == 1


def test_results_of_many_findings_are_written_without_indentation() -> None:
    findings = [finding(f"message {number}", line=number) for number in range(results.READABLE + 1)]
    for count in (results.READABLE, results.READABLE + 1):
        text = results.render(verdict(Outcome("lint", FAILED, findings=findings[:count])))
        assert ("\n" in text.rstrip("\n")) == (count <= results.READABLE)
        assert len(json.loads(text)["outcomes"][0]["findings"]) == count
