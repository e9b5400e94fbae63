"""The result as a person sees it."""

from __future__ import annotations

import pytest

from gates.evidence import Evidence
from gates.finding import ALLOWED, EXISTING, Finding, Place
from gates.git.change import Change
from gates.outcome import FAILED, NOT_RUN, Outcome
from gates.reports.style import Style, clean
from gates.reports.terminal import render, repeat
from gates.verdict import Verdict
from tests.reports.samples import finding, mixed, passed, verdict


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_findings_are_grouped_by_file_with_source_gate_and_rule() -> None:
    text = render(mixed(), Style(width=120))
    block = text.split("\n\n")[2]
    assert lines(block)[0] == "src/app.py"
    assert lines(block)[1:3] == [
        "  12:5    lint E501  line too long (130 > 120)",
        "          │ value = compute(1, 2)",
    ]
    assert "          also at src/b.py:40" in lines(block)


def test_only_what_the_change_brought_is_shown() -> None:
    text = render(mixed(), Style(width=120))
    assert "src/old.py" not in text
    assert "src/gone.py" not in text


def test_existing_findings_are_shown_where_they_are_why_the_gate_failed() -> None:
    old = finding("old", "src/old.py", 9, status=EXISTING)
    text = render(verdict(Outcome("lint", FAILED, "1 finding", findings=[old])), Style(width=200))
    assert "src/old.py" in text
    assert "note: what lint found was there before; with `block: new` only new findings block\n" in text
    both = Outcome("lint", FAILED, "2 findings", findings=[old, finding("new")])
    assert "there before" not in render(verdict(both), Style())


def test_the_table_tells_evidence_time_and_reason() -> None:
    text = lines(render(mixed(), Style(width=120)))
    assert "✗ tests         failed   48 tests, 1 failed, 2 skipped      12.4 s  1 of 48 tests failed" in text
    assert "✓ secrets       passed   12 files                       from cache" in text
    assert any(line.startswith("- dependencies  skipped") and "nothing that it reads" in line for line in text)
    assert any(line.startswith("! types         not run") and "'mypy' was not found" in line for line in text)


def test_at_the_end_stands_what_repeats_just_the_failed() -> None:
    assert render(mixed(), Style(width=120)).endswith(
        "To repeat just that:\n"
        "  ruff check src/app.py\n"
        "  gateline run --gate tests --gate copypaste --gate types --gate config\n"
    )


def test_nothing_to_repeat_when_all_passed() -> None:
    assert repeat(verdict(passed()), Style()) == ""
    assert render(verdict(passed(), passed("lint")), Style()).endswith("\nall 2 gates passed in 3.40 s\n")


def test_one_gate_alone_and_none_at_all() -> None:
    assert "the gate passed in 3.40 s" in render(verdict(passed()), Style())
    assert "nothing was checked" in render(verdict(), Style())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_but_uncut_words_and_commands_is_wider_than_the_terminal(width: int) -> None:
    text = render(mixed(), Style(width=width)).partition("To repeat")[0]
    for line in lines(text):
        wide = sum(2 if c in "漢字" else 1 for c in line)
        assert wide <= width or line.startswith(("  ", "4 failed"))
        if line.startswith("          │"):
            assert wide <= width


def test_the_worst_findings_come_first_when_there_are_many() -> None:
    many = [finding(f"minor {n}", line=n, severity="minor") for n in range(1, 400)]
    many.append(finding("the blocker", line=999, severity="blocker"))
    outcome = Outcome("lint", FAILED, "400 findings", findings=many)
    text = render(verdict(outcome), Style(), limit=3, reports="reports")
    assert "the blocker" in text
    assert text.count("lint E501") == 3
    assert "lint: and 397 more, see reports" in text


def test_hostile_text_cannot_command_the_terminal() -> None:
    bad = finding("\x1b]0;title\x07\x1b[2Jgone\x9b31m\u202e\rover", source="\tx = '\x1b[31m'\x00")
    bad.place = Place("src/\x1b[2J\n.py", 1)
    text = render(
        verdict(
            Outcome("li\x1bnt", FAILED, "\x1b[31mwhy\n", findings=[bad], command="rm\x1b[0m"),
            Outcome("x", NOT_RUN, "", output="\x1b[1mbold\x1b[0m\n\x07bell"),
        ),
        Style(),
    )
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "gone" in text
    assert "  bold\n" in text


def test_clean_takes_escape_sequences_whole() -> None:
    assert clean("\x1b[1;31mred\x1b[0m and \x1b]8;;http://x\x1b\\link\x07") == "red and link?"
    assert clean("a\tb") == "a   b"
    assert clean("\udcff") == "?"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "latin-1", "utf-8"])
def test_every_encoding_can_take_the_output(encoding: str) -> None:
    text = render(mixed(), Style(encoding=encoding))
    assert text.encode(encoding).decode(encoding) == text
    assert ("✗" in text) == (encoding == "utf-8")
    assert ("x lint" in text) == (encoding != "utf-8")


def test_colour_does_not_move_anything() -> None:
    bare = render(mixed(), Style(width=80))
    coloured = render(mixed(), Style(width=80, colour=True))
    assert "\x1b[" in coloured
    assert [clean(line).rstrip() for line in lines(coloured)] == [line.rstrip() for line in lines(bare)]


def test_output_of_a_tool_is_shown_only_without_findings_and_only_its_end() -> None:
    output = "\n".join(f"line {n}" for n in range(100))
    text = render(verdict(Outcome("build", FAILED, "exit code 1", output=output)), Style())
    assert "build printed (the last 30 of 100 lines)" in text
    assert "  line 99" in text
    assert "line 69\n" not in text
    with_findings = Outcome("build", FAILED, "exit code 1", output=output, findings=[finding()])
    assert "line 99" not in render(verdict(with_findings), Style())


def test_findings_of_a_gate_that_passed_are_told() -> None:
    outcome = Outcome("lint", "passed", findings=[finding()], evidence=Evidence(files=1))
    text = render(verdict(outcome), Style())
    assert "1 finding, none of them blocks" in text
    assert "src/app.py" in text


def test_what_is_allowed_in_the_source_is_counted_and_not_listed() -> None:
    outcome = Outcome("copypaste", "passed", findings=[finding(status=ALLOWED, detail="two drivers")])
    text = render(verdict(outcome), Style())
    assert "1 finding allowed in the source" in text
    assert "none of them blocks" not in text
    assert "src/app.py" not in text


def test_many_other_places_are_counted() -> None:
    many = finding(related=[Place("src/x.py", n) for n in range(1, 10)])
    text = render(verdict(Outcome("copypaste", FAILED, "clones", findings=[many])), Style())
    assert text.count("also at") == 5
    assert "and at 4 more places" in text


def test_a_message_without_end_is_cut() -> None:
    endless = Outcome("tests", FAILED, "1 test failed", findings=[finding("word " * 500)])
    text = render(verdict(endless), Style(width=60))
    block = lines(text.split("\n\n")[0])
    assert len(block) == 8  # the file, the rule, four lines and their sign, the source
    assert block[6] == "          …"


def test_empty_lines_around_what_a_tool_printed_are_left_out() -> None:
    text = render(verdict(Outcome("tests", NOT_RUN, "not found", output="\n\nnub: not found\n\n")), Style())
    assert text.startswith("tests printed\n  nub: not found\n\n!")


def test_a_skipped_gate_has_seen_nothing() -> None:
    text = render(verdict(Outcome("lint", "skipped", "no file", evidence=Evidence(files=0))), Style())
    assert text.startswith("- lint  skipped      no file\n")


def test_a_hint_of_one_line_is_shown_and_a_traceback_is_not() -> None:
    hint = Finding("copypaste", "copied-code", "a copy", place=Place("a.py", 3), detail="To keep it, say so.")
    trace = Finding("tests", "test-failed", "it failed", place=Place("b.py", 4), detail="line one\nline two")
    outcomes = [Outcome(finding.gate, FAILED, "bad", findings=[finding]) for finding in (hint, trace)]
    text = render(Verdict(Change("manual", "1" * 40), outcomes), Style())
    assert "To keep it, say so." in text
    assert "line one" not in text
