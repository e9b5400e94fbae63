"""The commit_message gate on real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gates.checks.base import GateContext
from gates.checks.commit_message import GATE, RULES, cleaned
from gates.git.change import Change
from gates.git.doors import between, staged
from gates.git.repository import Repository as Git
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.settings import GateSettings
from tests.conftest import Repository


def examine(repository: Repository, change: Change, **options: object) -> Outcome:
    git = Git.find(str(repository.path))
    settings = GateSettings("commit_message", options=options)
    return GATE.examine(GateContext(settings, str(repository.path), change, [], git_dir=git.common))


def examine_range(repository: Repository, base: str = "HEAD~1", door: str = "push", **options: object) -> Outcome:
    return examine(repository, between(Git.find(str(repository.path)), base, "HEAD", door=door), **options)


def examine_one(repository: Repository, message: str, door: str = "push", **options: object) -> list[str]:
    repository.commit(message=message)
    return [finding.rule for finding in examine_range(repository, door=door, **options).findings]


CONVENTIONAL = {"conventional": True}


@pytest.mark.parametrize(
    ("message", "options", "rules"),
    [
        ("anything goes", {}, []),
        ("AB-12 fix it", {"pattern": r"[A-Z]+-\d+ "}, []),
        ("fix AB-12", {"pattern": r"[A-Z]+-\d+ "}, ["subject-pattern"]),
        ("feat: a thing", CONVENTIONAL, []),
        ("feat(core)!: a thing\n\nbody\n", CONVENTIONAL, []),
        ("feat:a thing", CONVENTIONAL, ["not-conventional"]),
        ("A thing", CONVENTIONAL, ["not-conventional"]),
        ("feature: a thing", CONVENTIONAL, ["not-conventional"]),
        ("feat: a thing\nand another", CONVENTIONAL, ["not-conventional"]),
        ("wip: a thing", {"types": ["wip"]}, []),
        ("feat: a thing", {"types": ["wip"]}, ["not-conventional"]),
        ("x" * 50, {"max_subject": 50}, []),
        ("é" * 51 + "\n\n" + "y" * 99, {"max_subject": 50}, ["subject-too-long"]),
        ("a\n\nSigned-off-by: Ada Lovelace <ada@example.org>", {"signed_off": True}, []),
        ("a\n\nSigned-off-by: Ada", {"signed_off": True}, ["not-signed-off"]),
        ("Merge branch 'x' into y", {**CONVENTIONAL, "signed_off": True, "max_subject": 10}, []),
        ("Merge our ideas", CONVENTIONAL, ["not-conventional"]),
        ('Revert "feat: a thing"', {**CONVENTIONAL, "pattern": "feat"}, []),
        ("fixup! feat: a thing", CONVENTIONAL, ["unsquashed-fixup"]),
        ("squash! feat: a thing", {}, ["unsquashed-fixup"]),
    ],
)
def test_messages_of_pushed_commits(
    repository: Repository, message: str, options: dict[str, object], rules: list[str]
) -> None:
    assert examine_one(repository, message, **options) == rules  # type: ignore[arg-type]


def test_a_wrong_type_is_told_with_what_was_meant(repository: Repository) -> None:
    commit = repository.commit(message="faet: a thing")
    outcome = examine_range(repository, conventional=True)
    assert outcome.status == FAILED
    assert outcome.reason == f"commit {commit[:10]}: 'faet' is no type of change; did you mean feat?"
    assert (outcome.findings[0].source, outcome.findings[0].place) == ("faet: a thing", None)
    repository.commit(message="zzz: a thing")
    assert examine_range(repository, conventional=True).reason.endswith("refactor, revert, style, test")


def test_every_commit_of_the_range_is_checked_oldest_first(repository: Repository) -> None:
    commits = [repository.commit(message=message) for message in ("one", "feat: two", "three")]
    outcome = examine_range(repository, base="HEAD~3", conventional=True)
    assert [finding.message[7:17] for finding in outcome.findings] == [commits[0][:10], commits[2][:10]]
    assert (outcome.reason, outcome.metrics, outcome.evidence.files) == ("2 findings", {"messages": 3}, 3)


def test_a_merge_is_told_by_its_parents(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(message="feat: side")
    repository.git("checkout", "-q", "main")
    repository.commit(message="feat: main")
    repository.git("merge", "-q", "--no-ff", "-m", "bring them together", "side")
    assert examine_range(repository, base="HEAD~2", conventional=True).status == PASSED


def test_without_a_base_a_push_brings_everything_and_ci_looks_at_the_last(repository: Repository) -> None:
    repository.commit(message="feat: two")
    assert examine_range(repository, base="", conventional=True).metrics == {"messages": 2}
    assert examine_range(repository, base="", door="ci", conventional=True).status == PASSED


def test_an_empty_message(repository: Repository) -> None:
    repository.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    outcome = examine_range(repository)
    assert [finding.rule for finding in outcome.findings] == ["empty-message"]


def test_other_encodings_are_understood(repository: Repository) -> None:
    message = "über".encode("latin-1")
    command = ["git", "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F", "-"]
    subprocess.run(command, cwd=repository.path, input=message, check=True)
    outcome = examine_range(repository, pattern="x")
    assert outcome.findings[0].source == "über"


def test_nothing_to_check_is_said(repository: Repository) -> None:
    outcome = examine_range(repository, base="HEAD")
    assert (outcome.status, outcome.reason) == (SKIPPED, "the change has no commits")


def commit_door(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, path: Path | None, **options: object
) -> Outcome:
    if path is not None:
        monkeypatch.setenv("GATELINE_MESSAGE_FILE", str(path))
    change, _ = staged(Git.find(str(repository.path)))
    return examine(repository, change, **options)


def test_the_message_that_is_about_to_be_committed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text("\nfeat: a thing\n\n# Please enter the commit message\n")
    assert commit_door(repository, monkeypatch, message, conventional=True).status == PASSED
    message.write_text("a thing\n")
    outcome = commit_door(repository, monkeypatch, message, conventional=True)
    assert outcome.reason.startswith("the first line is not of the form")
    message.write_text("fixup! a thing\n")
    assert commit_door(repository, monkeypatch, message, conventional=True).status == PASSED
    message.unlink()
    outcome = commit_door(repository, monkeypatch, message)
    assert outcome.status == NOT_RUN
    assert "cannot be read: No such file" in outcome.reason


def test_before_there_is_a_message_the_gate_waits(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = commit_door(repository, monkeypatch, None)
    assert (outcome.status, outcome.reason) == (
        SKIPPED,
        "there is no message yet: git asks the hook commit-msg when there is one",
    )


def test_the_comment_character_of_the_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository.git("config", "core.commentChar", ";")
    message = tmp_path / "message"
    message.write_text("; a comment\n#12 fixed\n")
    assert commit_door(repository, monkeypatch, message, pattern=r"#\d+ ").status == PASSED


@pytest.mark.parametrize(
    ("text", "comment", "expected"),
    [
        ("a\n\nb\n# c\n", "", "a\n\nb"),
        ("# c\n\n  \na  \r\n", "auto", "a"),
        ("a\n# ------------------------ >8 ------------------------\ndiff --git a/x b/x\n", "", "a"),
        ("a\n; ------------------------ >8 ------------------------\nb\n", ";", "a"),
        ("#12 fixed\n", "", "#12 fixed"),
        ("", "", ""),
    ],
)
def test_what_git_takes_out(text: str, comment: str, expected: str) -> None:
    assert cleaned(text, comment) == expected


def test_every_rule_is_explained() -> None:
    assert all(set(parts) == {"meaning", "why", "fix", "suppress"} for parts in RULES.values())
