"""`gateline ci` as a job calls it: a real clone, real gates, the variables of GitLab and GitHub."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from gates.__main__ import main
from tests.conftest import Repository

SIMPLE = "def add(a, b):\n    return a + b\n"
KNOTTY = "def knot(a):\n" + "".join(f"    if a == {n}:\n        a += {n}\n" for n in range(12)) + "    return a\n"
CONFIGURATION = "gates:\n  complexity: {max: B, average: F}\n"
REPORTS = {
    "gateline.sarif",
    "gl-code-quality-report.json",
    "junit.xml",
    "report.html",
    "results.json",
    "summary.md",
    "verdict.evidence.jsonl",
}
GITLAB = {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}


@dataclass
class Done:
    """What a call came to."""

    returncode: int
    stdout: str
    stderr: str


def call(folder: Path, words: list[str], environ: dict[str, str]) -> Done:
    """`gateline` with these words in a folder: in this process, which spares a second of imports for each call."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["gateline", *words])
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr("gates.cli.ci.end_like_interrupt", lambda: None)  # pytest's own handlers stay
        for name, value in environ.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err) if not stream.flush()]  # type: ignore[attr-defined]
    return Done(int(ended.value.code or 0), *texts)


class Job:
    """A clone as a runner makes it, and `gateline ci` in it. `origin` is what it was cloned from."""

    def __init__(self, origin: Repository, path: Path) -> None:
        self.origin = origin
        self.path = path
        path.mkdir()
        self.git = Repository(path).git
        self.git("clone", "-q", f"file://{origin.path}", ".")

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    def checkout(self, revision: str) -> None:
        self.git("fetch", "-q", "--force", "origin", "+refs/heads/*:refs/remotes/origin/*")
        self.git("checkout", "-q", "--detach", revision)

    def run(self, *words: str, verb: str = "ci", **environ: str) -> Done:
        return call(self.path, [verb, *words], environ)

    def results(self) -> dict[str, object]:
        loaded: dict[str, object] = json.loads((self.reports / "results.json").read_text())
        return loaded

    def statuses(self) -> dict[str, str]:
        return {outcome["gate"]: outcome["status"] for outcome in self.results()["outcomes"]}  # type: ignore[attr-defined]

    def findings(self, gate: str) -> list[str]:
        outcomes = {outcome["gate"]: outcome for outcome in self.results()["outcomes"]}  # type: ignore[attr-defined]
        return [finding["message"] for finding in outcomes[gate]["findings"]]


@pytest.fixture
def origin(make_repository: Callable[..., Repository]) -> Repository:
    return make_repository(
        "origin", {"gateline.yaml": CONFIGURATION, "app.py": SIMPLE, "old.py": KNOTTY, ".gitignore": "reports/\n"}
    )


@pytest.fixture
def job(origin: Repository, tmp_path: Path) -> Job:
    origin.commit({"app.py": SIMPLE + "\n"}, "second")
    return Job(origin, tmp_path / "job")


def words(text: str) -> str:
    """The text without line breaks and colours."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())


def branch(job: Job, files: dict[str, str | bytes | None], name: str = "work") -> dict[str, str]:
    """A merge request of one commit with these files (None: deleted), checked out; returns GitLab's variables."""
    job.origin.git("checkout", "-q", "-B", name, "main")
    for path in [path for path, content in files.items() if content is None]:
        job.origin.git("rm", "-q", path)
    commit = job.origin.commit({path: content for path, content in files.items() if content is not None}, name)
    job.origin.git("checkout", "-q", "main")
    job.checkout(commit)
    return {
        **GITLAB,
        "CI_COMMIT_SHA": commit,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_REF_PATH": "refs/merge-requests/7/head",
    }


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "deploy"
    path.parent.mkdir()
    assert call(path.parent, ["keygen", str(path)], {}).returncode == 0
    return path


# --- what it leaves, and how it exits


def test_a_good_commit_passes_and_leaves_every_report(job: Job) -> None:
    done = job.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in job.reports.iterdir()} == REPORTS | {"verdict.json"}
    assert "verdict.json is unsigned (no GATELINE_SIGNING_KEY): nothing can be deployed with it" in done.stdout
    assert "compared with the previous commit" in done.stdout
    refused = job.run("--require", "complexity", "--key", "x", "--policy-from", "origin/main", verb="verify")
    assert refused.returncode == 4


def test_what_the_change_brings_fails_and_what_was_there_does_not(job: Job) -> None:
    variables = branch(job, {"new.py": KNOTTY.replace("knot", "fresh")})
    done = job.run(**variables)
    assert done.returncode == 1
    assert "main (target of the merge request)" in done.stdout
    suite = ElementTree.parse(job.reports / "junit.xml").getroot()
    assert [case.get("classname") for case in suite.iter("testcase")] == ["complexity.new.py"]
    assert branch(job, {"app.py": SIMPLE + "# more\n"}, "well") and job.run(**variables).returncode == 0


def test_a_gate_that_cannot_run_is_no_pass(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": CONFIGURATION + "  coverage: {}\n"})
    done = job.run(**variables)
    assert done.returncode == 3
    assert job.statuses() == {"complexity": "passed", "coverage": "not run"}


def test_nothing_to_look_at_is_no_pass(job: Job) -> None:
    variables = branch(job, {"app.py": None, "old.py": None, "README.md": "# nothing else\n"})
    done = job.run(**variables)
    assert done.returncode == 3
    assert "nothing was checked" in done.stderr
    assert job.statuses() == {"complexity": "skipped"}


def test_a_repository_without_a_commit_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    Repository(folder).git("init", "-q")
    done = call(folder, ["ci"], {})
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
    assert "there is no commit here yet" in done.stderr


def test_a_run_that_breaks_off_leaves_nothing_of_the_run_before(job: Job, key: Path) -> None:
    assert job.run(GATELINE_SIGNING_KEY=str(key)).returncode == 0
    done = job.run("--gate", "linnt", GATELINE_SIGNING_KEY=str(key))
    assert done.returncode == 2
    assert "no gate 'linnt'" in done.stderr
    assert list(job.reports.iterdir()) == []


def test_options_say_base_gates_and_folder(job: Job) -> None:
    variables = branch(job, {"new.py": KNOTTY, "gateline.yaml": CONFIGURATION + "  coverage: {}\n"})
    done = job.run("--base", "HEAD", "--gate", "complexity", "--reports", "out/ci", **variables)
    assert done.returncode == 0
    assert "compared with HEAD (as told)" in done.stdout
    assert (job.path / "out" / "ci" / "junit.xml").exists()
    assert not job.reports.exists()
    assert job.run("--base", "nowhere").returncode == 2


@pytest.mark.parametrize("share", ["0/2", "3/2", "two", "1/", "-1/2"])
def test_a_shard_that_is_none_is_told(job: Job, share: str) -> None:
    done = job.run("--shard", share)
    assert done.returncode == 2
    assert "shard" in done.stderr


# --- which tree


def test_gates_see_the_commit_and_not_what_lies_around(job: Job) -> None:
    (job.path / "app.py").write_text("def broken(:\n")
    (job.path / "more.py").write_text(KNOTTY)
    done = job.run()
    assert done.returncode == 0
    assert "the working tree differs from the commit (app.py and 1 more): the gates see the commit" in words(
        done.stdout
    )
    assert (job.path / "app.py").read_text() == "def broken(:\n"


def test_reports_of_a_run_before_do_not_make_the_tree_another(job: Job) -> None:
    branch(job, {".gitignore": None})
    assert job.run().returncode == 0
    done = job.run()
    assert done.returncode == 0
    assert "differs" not in done.stdout


def test_the_coverage_of_an_earlier_job_is_read(job: Job) -> None:
    configured = CONFIGURATION + "  coverage: {report: cov/lcov.info, changed: 100, floor: 1}\n"
    variables = branch(job, {"gateline.yaml": configured, "app.py": SIMPLE + "\n\nX = 1\nY = 2\n"})
    data = job.path / "cov" / "lcov.info"
    data.parent.mkdir()
    lines = "".join(f"DA:{line},{{}}\n" for line in (1, 2, 5, 6))
    for executed, code in ((0, 1), (1, 0)):
        data.write_text(f"SF:app.py\n{lines.format(1, 1, 1, executed)}end_of_record\n")
        for path in job.path.glob("*.py"):
            os.utime(path, (data.stat().st_mtime + 60,) * 2)
        done = job.run(**variables)
        assert done.returncode == code, done.stdout
        assert "differs" not in done.stdout


def test_a_shallow_clone_is_deepened_or_told(job: Job, tmp_path: Path) -> None:
    variables = branch(job, {"new.py": KNOTTY})
    job.path = tmp_path / "shallow"
    Repository(tmp_path).git("clone", "-q", "--depth=1", "--branch=work", f"file://{job.origin.path}", str(job.path))
    told = job.run("--no-deepen", **variables)
    assert told.returncode == 3
    assert "GIT_DEPTH: 0" in told.stderr
    assert job.run(**variables).returncode == 1
    assert job.findings("complexity")


def test_gates_can_read_the_history_of_a_shallow_clone(job: Job, tmp_path: Path) -> None:
    configured = "gates:\n  history: {kind: command, run: git log --oneline}\n"
    branch(job, {"gateline.yaml": configured})
    job.path = tmp_path / "shallow"
    Repository(tmp_path).git("clone", "-q", "--depth=1", "--branch=work", f"file://{job.origin.path}", str(job.path))
    (job.path / "in the way").touch()
    assert job.run("--base", "HEAD", "--no-deepen").returncode == 0, "in a snapshot, too"


# --- by whose rules


def test_a_loosened_configuration_is_a_finding_and_the_target_rules_hold(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": CONFIGURATION.replace("B", "F"), "new.py": KNOTTY})
    done = job.run(**variables)
    assert done.returncode == 1
    assert job.statuses() == {"gateline.policy": "failed", "complexity": "failed"}
    assert job.findings("gateline.policy") == ["complexity: max goes from B to F"]
    assert "GATELINE_ACCEPT_POLICY=sha256:" in done.stdout


def test_a_person_accepts_exactly_one_looser_configuration(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": CONFIGURATION.replace("B", "F"), "new.py": KNOTTY})
    told = job.run(**variables).stdout
    digest = told.split("GATELINE_ACCEPT_POLICY=")[1].split()[0]
    accepted = job.run(**variables, GATELINE_ACCEPT_POLICY=digest)
    assert accepted.returncode == 0
    assert "accepted by its digest" in accepted.stdout
    assert job.run(**variables, GATELINE_ACCEPT_POLICY="sha256:" + "0" * 64).returncode == 1


def test_a_removed_gate_runs_all_the_same(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": "gates:\n  coverage: {run: 'exit 0'}\n", "new.py": KNOTTY})
    assert job.run(**variables).returncode == 1
    assert job.statuses() == {"gateline.policy": "failed", "coverage": "not run", "complexity": "failed"}


def test_a_tightened_configuration_holds_at_once(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": CONFIGURATION.replace("B", "A"), "app.py": SIMPLE})
    assert job.run(**variables).returncode == 0
    assert job.statuses() == {"complexity": "passed"}


def test_rules_that_the_target_tightened_since_hold_and_are_not_held_against_the_change(job: Job) -> None:
    variables = branch(job, {"new.py": KNOTTY.replace("12", "3").replace("range", "range")})
    job.origin.commit({"gateline.yaml": CONFIGURATION.replace("B", "A")}, "tighten")
    job.run(**variables)
    assert list(job.statuses()) == ["complexity"]
    assert "origin/main has stricter rules than this branch" in " ".join(job.results()["notes"])  # type: ignore[arg-type]


def test_the_first_configuration_is_no_loosening(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    job = Job(make_repository("bare", {"app.py": SIMPLE}), tmp_path / "job")
    done = job.run(**branch(job, {"gateline.yaml": CONFIGURATION}))
    assert done.returncode == 0
    assert "origin/main has no configuration yet" in done.stdout


def test_a_looser_configuration_on_the_default_branch_itself_is_told(job: Job) -> None:
    job.origin.commit({"gateline.yaml": CONFIGURATION.replace("B", "F")}, "pushed to main")
    job.checkout("origin/main")
    done = job.run(**GITLAB, CI_COMMIT_BRANCH="main")
    assert done.returncode == 0
    assert "looser than that of the previous commit: complexity: max goes from B to F" in words(done.stdout)


def test_a_broken_configuration_of_the_target_can_be_fixed_by_a_person(job: Job) -> None:
    job.origin.commit({"gateline.yaml": "gates: {complexity: {max: Z}}\n"}, "break")
    variables = branch(job, {"gateline.yaml": CONFIGURATION})
    told = job.run(**variables)
    assert told.returncode == 1
    assert "the configuration of origin/main has mistakes" in told.stdout
    digest = told.stdout.split("GATELINE_ACCEPT_POLICY=")[1].split()[0]
    assert job.run(**variables, GATELINE_ACCEPT_POLICY=digest).returncode == 0


def test_a_broken_configuration_of_the_change_is_told(job: Job) -> None:
    done = job.run(**branch(job, {"gateline.yaml": "gates: {complexity: {max: Z}}\n"}))
    assert done.returncode == 2
    assert "gateline.yaml:1:" in done.stderr


def test_the_rules_may_come_from_elsewhere(job: Job) -> None:
    job.origin.git("branch", "rules")
    configured = CONFIGURATION + "ci: {policy_from: origin/rules}\n"
    job.origin.commit({"gateline.yaml": configured}, "rules elsewhere")
    variables = branch(job, {"gateline.yaml": configured.replace("B", "F")})
    assert job.run(**variables).returncode == 1
    assert job.findings("gateline.policy") == ["complexity: max goes from B to F"]
    assert job.run("--policy-from", "HEAD", **variables).returncode == 0
    assert job.run("--policy-from", "origin/nowhere", **variables).returncode == 3
    assert job.run("--policy-from", "nowhere", **variables).returncode == 2
    assert job.run().returncode == 1, "outside of the known systems the configuration names the branch"


# --- rules that arrive with an upgrade of a tool


LINT = "gates:\n  lint: {run: ruff check, block: BLOCK, tool_version: 'VERSION'}\n"
UNUSED = "import os\n"


def lint(block: str, version: str) -> str:
    text = LINT if version else LINT.replace(", tool_version: 'VERSION'", "")
    return text.replace("BLOCK", block).replace("VERSION", version)


@pytest.fixture
def linted(make_repository: Callable[..., Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A tree that breaks a rule which, by the accepted version, did not exist."""
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
    files = {"gateline.yaml": lint("new", "0.0.1"), "old.py": UNUSED, ".gitignore": ".ruff_cache/\n"}
    return Job(make_repository("linted", files), tmp_path / "job")


def test_a_rule_that_arrived_with_an_upgrade_is_reported_and_does_not_block(linted: Job) -> None:
    variables = branch(linted, {"new.py": "import sys\n"})
    assert linted.run(**variables).returncode == 0
    assert linted.statuses() == {"lint": "passed"}
    assert len(linted.findings("lint")) == 2
    other_rule = branch(linted, {"new.py": "print(undefined)\n"})
    assert linted.run(**other_rule).returncode == 1, "what the base does not break blocks as ever"


def test_once_accepted_it_blocks(linted: Job) -> None:
    version = metadata.version("ruff")
    linted.origin.commit({"gateline.yaml": lint("new", version)}, "accept")
    assert linted.run(**branch(linted, {"new.py": "import sys\n"})).returncode == 1
    assert linted.run(**branch(linted, {"new.py": "X = 1\n"})).returncode == 0
    linted.origin.commit({"gateline.yaml": lint("all", version)}, "all")
    assert linted.run(**branch(linted, {"new.py": "X = 1\n"})).returncode == 1
    linted.origin.commit({"gateline.yaml": lint("all", "0.0.1")}, "not yet")
    assert linted.run(**branch(linted, {"new.py": "X = 1\n"})).returncode == 0


def test_a_change_may_accept_the_version_in_use_and_no_other(linted: Job) -> None:
    accepting = lint("new", metadata.version("ruff"))
    assert linted.run(**branch(linted, {"gateline.yaml": accepting})).returncode == 0
    assert linted.run(**branch(linted, {"gateline.yaml": accepting, "new.py": "import sys\n"})).returncode == 1
    assert linted.statuses() == {"lint": "failed"}, "by the rules that it accepts"
    assert linted.run(**branch(linted, {"gateline.yaml": lint("new", "9.9.9")})).returncode == 1
    assert linted.statuses() == {"gateline.policy": "failed", "lint": "passed"}
    assert "only the rules of version 9.9.9" in linted.findings("gateline.policy")[0]
    dropped = branch(linted, {"gateline.yaml": "gates:\n  lint: {run: ruff check, block: new}\n"})
    assert linted.run(**dropped).returncode == 0, "no version accepts all rules, which is stricter"


# --- the verdict


def verify(job: Job, key: Path, *words: str, **environ: str) -> Done:
    required = ("--require", "complexity", "--key", f"{key}.pub", "--policy-from", "origin/main")
    return job.run(*required, *words, verb="verify", **environ)


def test_a_signed_verdict_opens_the_door_for_its_commit_only(job: Job, key: Path) -> None:
    job.checkout("origin/main")
    variables = {**GITLAB, "CI_COMMIT_BRANCH": "main", "CI_PROJECT_URL": "https://git.example.org/group/app"}
    done = job.run(**variables, GATELINE_SIGNING_KEY=str(key))
    assert done.returncode == 0
    assert "verdict.dsse.json is signed by SHA256:" in done.stdout
    assert {path.name for path in job.reports.iterdir()} == REPORTS | {"verdict.dsse.json", "verdict.dsse.json.sig"}
    assert verify(job, key, "--ref", "refs/heads/main", **variables).returncode == 0
    assert verify(job, key, "--commit", "HEAD^", **variables).returncode == 4
    assert verify(job, key, "--require", "tests", **variables).returncode == 4


def test_a_failed_verdict_opens_nothing(job: Job, key: Path) -> None:
    variables = branch(job, {"new.py": KNOTTY})
    assert job.run("--key", str(key), **variables).returncode == 1
    done = verify(job, key, **variables)
    assert done.returncode == 4
    assert "FAILED" in done.stderr


def test_gates_do_not_find_the_signing_key_in_their_environment(job: Job, key: Path) -> None:
    asked = "gates:\n  coverage: {run: 'echo \"key: ${GATELINE_SIGNING_KEY-none}\"; exit 1'}\n"
    done = job.run(**branch(job, {"gateline.yaml": asked}), GATELINE_SIGNING_KEY=str(key))
    assert done.returncode == 1
    assert "key: none" in done.stdout


def test_a_broken_key_is_told_before_anything_runs(job: Job) -> None:
    done = job.run(GATELINE_SIGNING_KEY="no key and no file")
    assert done.returncode == 2
    assert "GATELINE_SIGNING_KEY" in done.stderr
    assert not job.reports.exists()


def test_what_is_signed_does_not_rest_on_what_an_earlier_job_left(job: Job, key: Path) -> None:
    assert job.run().returncode == 0
    again = job.run()
    assert "from cache" in again.stdout
    signed = job.run(GATELINE_SIGNING_KEY=str(key))
    assert signed.returncode == 0
    assert "from cache" not in signed.stdout


def test_what_is_signed_looks_at_no_checkout_that_another_job_could_prepare(linted: Job, key: Path) -> None:
    variables = branch(linted, {"gateline.yaml": lint("new", ""), "new.py": "import sys\n"})
    kept = Path(os.environ["HOME"]) / ".cache" / "gateline" / "snapshots"
    assert linted.run("--key", str(key), **variables).returncode == 1
    assert not kept.exists()
    assert linted.run(**variables).returncode == 1
    assert list(kept.glob("*/1/job/old.py")), "the base is looked at in a kept checkout otherwise"


# --- GitHub and GitLab


def test_github_gets_annotations_and_a_summary_and_no_foreign_commands(job: Job, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    summary = tmp_path / "summary.md"
    event.write_text(json.dumps({"repository": {"default_branch": "main"}}))
    evil = CONFIGURATION + "  coverage: {run: 'echo \"::add-mask::x\"; exit 1'}\n"
    branch(job, {"new.py": KNOTTY, "gateline.yaml": evil})
    done = job.run(
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_PATH=str(event),
        GITHUB_BASE_REF="main",
        GITHUB_REF="refs/pull/3/merge",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert done.returncode == 1
    assert "::error title=complexity" in done.stdout
    assert summary.read_text().startswith("## ❌ Gateline: failed at")
    commands, stopped = [], ""
    for line in map(str.strip, done.stdout.splitlines()):
        if stopped:
            stopped = "" if line == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
        elif line.startswith("::"):
            commands.append(line.split("::")[1].split(" ")[0])
    assert not stopped
    assert "add-mask" in done.stdout
    assert set(commands) <= {"error", "warning", "notice", "group", "endgroup"}


def test_github_shows_what_kept_the_gates_from_running(job: Job) -> None:
    done = job.run("--base", "nowhere", GITHUB_ACTIONS="true")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=gateline::'nowhere' names no commit")


def test_gitlab_gets_colours(job: Job) -> None:
    assert "\x1b[32m" in job.run(**GITLAB).stdout
    assert "\x1b[" not in job.run(**GITLAB, NO_COLOR="1").stdout


TESTS = "gates:\n  tests: {kind: tests, run: python -m unittest -v}\n"
WRONG = "import unittest\n\n\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n        self.fail('so it is')\n"


def test_what_a_tool_printed_is_folded(job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
    job.origin.commit({"gateline.yaml": TESTS, "test_it.py": WRONG}, "wrong")
    job.checkout("origin/main")
    gitlab = job.run(**GITLAB).stdout
    assert job.findings("tests")
    start, inside = gitlab.split("\x1b[0Ksection_start:", 1)[1].split("\n", 1)
    assert "gateline_tests[collapsed=true]" in start
    assert "so it is" in inside.split("section_end:")[0]
    github = job.run(GITHUB_ACTIONS="true").stdout
    assert "::group::tests: what it printed\n::stop-commands::" in github
    job.run(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "sub" / "summary"))
    plain = job.run().stdout
    assert "section_start" not in plain and "::group::" not in plain


def test_what_cannot_be_written_is_told(job: Job, tmp_path: Path) -> None:
    done = job.run(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "missing" / "summary.md"))
    assert (done.returncode, "the step summary cannot be written" in done.stderr) == (3, True)
    (job.path / "reports" / "junit.xml").unlink()
    (job.path / "reports" / "junit.xml").mkdir()
    done = job.run()
    assert (done.returncode, "what an earlier run left cannot be removed" in done.stderr) == (3, True)


def test_surprises_are_told(job: Job) -> None:
    done = job.run(**GITLAB, CI_COMMIT_SHA="a" * 40, SKIP="complexity")
    assert done.returncode == 0
    assert job.statuses() == {"complexity": "passed"}
    assert "though this job was started for aaaaaaaaaaaa" in words(done.stdout)
    assert "SKIP is not heeded here" in words(done.stdout)


# --- shards


def shard(job: Job, index: int, total: int, **environ: str) -> int:
    return job.run("--shard", f"{index}/{total}", "--reports", f"shards/{index}", **environ).returncode


def test_shards_are_merged_into_one_signed_verdict(job: Job, key: Path) -> None:
    assert [shard(job, index, 2) for index in (1, 2)] == [0, 0]
    assert not (job.path / "shards" / "1" / "verdict.json").exists()
    done = job.run("merge", "shards", "--key", str(key))
    assert done.returncode == 0, done.stdout
    assert "joins the results of 2 jobs" in done.stdout
    assert job.statuses() == {"complexity": "passed"}
    assert verify(job, key).returncode == 0


def test_what_is_compared_with_the_base_is_seen_by_one_shard_whole(job: Job) -> None:
    """Two equal findings of which the base has one: two shards that saw one each would both call it an old one."""
    variables = branch(job, {"copied.py": KNOTTY})
    assert sorted(shard(job, index, 2, **variables) for index in (1, 2)) == [0, 1]
    assert job.run("merge", "shards", **variables).returncode == 1
    assert len(job.findings("complexity")) == 2


def test_an_option_before_the_verb_is_not_lost_without_a_word(job: Job, key: Path) -> None:
    done = job.run("--key", str(key), "merge", "shards")
    assert done.returncode == 2
    assert "--key belongs behind merge" in done.stderr


def test_a_missing_shard_is_no_pass(job: Job, key: Path) -> None:
    assert shard(job, 1, 2) == 0
    done = job.run("merge", "shards/1", "--key", str(key))
    assert done.returncode == 3
    assert "there are no results of shard 2 of 2" in done.stdout
    assert verify(job, key).returncode == 4
    assert job.run("merge", "nowhere").returncode == 2


def test_a_loosened_configuration_shows_when_the_shards_are_joined(job: Job) -> None:
    variables = branch(job, {"gateline.yaml": CONFIGURATION.replace("B", "F")})
    assert [shard(job, index, 2, **variables) for index in (1, 2)] == [0, 0]
    assert job.run("merge", "shards", **variables).returncode == 1
    assert job.statuses() == {"gateline.policy": "failed", "complexity": "passed"}


def test_a_version_is_accepted_by_shards_too(linted: Job) -> None:
    accepting = branch(linted, {"gateline.yaml": lint("new", metadata.version("ruff"))})
    assert [shard(linted, index, 2, **accepting) for index in (1, 2)] == [0, 0]
    assert linted.run("merge", "shards", **accepting).returncode == 0
    other = branch(linted, {"gateline.yaml": lint("new", "9.9.9")})
    assert [shard(linted, index, 2, **other) for index in (1, 2)] == [0, 0]
    assert linted.run("merge", "shards", **other).returncode == 1


def test_results_of_another_commit_are_not_merged(job: Job, key: Path) -> None:
    assert [shard(job, index, 2) for index in (1, 2)] == [0, 0]
    branch(job, {"app.py": SIMPLE + "# other\n"})
    done = job.run("merge", "shards", "--key", str(key))
    assert done.returncode == 4
    assert "the results are of another commit than this job's" in done.stderr
    assert not job.reports.exists()
