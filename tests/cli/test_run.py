"""`gateline run` on real repositories with real commands."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository

COMMAND = [sys.executable, "-m", "gates"]


@pytest.fixture(autouse=True)
def cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def gateline(repository: Repository, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=repository.path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def results(repository: Repository, *words: str, **environ: str) -> dict[str, dict[str, object]]:
    done = gateline(repository, "run", "--json", *words, **environ)
    try:
        outcomes = json.loads(done.stdout)["outcomes"]
    except ValueError as error:
        raise AssertionError(f"{done.stdout}{done.stderr}") from error
    return {outcome["gate"]: outcome for outcome in outcomes}


def config(*gates: str, top: str = "") -> str:
    return top + "gates:\n" + "".join(f"  {gate}\n" for gate in gates)


def test_a_gate_that_passes_and_one_that_fails(make_repository: Callable[..., Repository]) -> None:
    good, bad = 'good: {kind: command, run: "true"}', 'bad: {kind: command, run: "echo no good; exit 3"}'
    repository = make_repository(files={"gateline.yaml": config(good, bad)})
    done = gateline(repository, "run")
    assert done.returncode == 1
    assert "no good" in done.stdout
    assert "gateline run --gate bad" in done.stdout
    assert gateline(repository, "run", "--gate", "good").returncode == 0


def test_what_passed_is_not_run_again_until_the_tree_changes(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config('count: {kind: command, run: "echo x >> /dev/null"}')})
    assert results(repository)["count"]["cached"] is False
    assert results(repository)["count"]["cached"] is True
    assert results(repository, "--no-cache")["count"]["cached"] is False
    repository.write("new.txt", "new\n")
    assert results(repository)["count"]["cached"] is False


def test_a_failure_is_run_again(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config('bad: {kind: command, run: "false"}')})
    assert [results(repository)["bad"]["cached"] for _ in range(2)] == [False, False]


def test_a_gate_that_says_what_it_reads_is_not_bothered_by_the_rest(make_repository: Callable[..., Repository]) -> None:
    gate = 'docs: {kind: command, run: "true", reads: ["docs/**"]}'
    repository = make_repository(files={"gateline.yaml": config(gate), "docs/a.md": "a\n", "b.py": "b = 1\n"})
    assert results(repository)["docs"]["cached"] is False
    repository.commit({"b.py": "b = 2\n"})
    assert results(repository)["docs"]["cached"] is True
    repository.commit({"docs/a.md": "other\n"})
    assert results(repository)["docs"]["cached"] is False


def test_gates_see_the_staged_tree_not_the_folder(make_repository: Callable[..., Repository]) -> None:
    gate = 'look: {kind: command, run: "grep -q staged file.txt && ! test -e untracked.txt", doors: [commit]}'
    repository = make_repository(files={"gateline.yaml": config(gate), "file.txt": "old\n"})
    repository.write("file.txt", "staged\n")
    repository.git("add", "file.txt")
    repository.write("file.txt", "unstaged\n")
    repository.write("untracked.txt", "x\n")
    assert gateline(repository, "run", "--staged").returncode == 0
    assert (repository.path / "file.txt").read_text() == "unstaged\n"


def test_a_range_of_commits_is_checked_as_it_was(make_repository: Callable[..., Repository]) -> None:
    gate = 'look: {kind: command, run: "grep -q one file.txt"}'
    repository = make_repository(files={"gateline.yaml": config(gate), "file.txt": "zero\n"})
    repository.commit({"file.txt": "one\n"})
    repository.commit({"file.txt": "two\n"})
    assert gateline(repository, "run", "--from", "HEAD~2", "--to", "HEAD~1").returncode == 0
    assert gateline(repository, "run", "--from", "HEAD~1").returncode == 1


def test_a_gate_of_files_gets_the_changed_ones(make_repository: Callable[..., Repository]) -> None:
    gate = "names: {kind: command, run: [printf, 'seen %s\\n'], scope: files, files: ['*.txt'], block: all}"
    fail = gate.replace("[printf, 'seen %s\\n']", '"printf \'seen %s\\n\' \\"$@\\"; exit 1; :"')
    repository = make_repository(files={"gateline.yaml": config(fail), "a.txt": "a\n", "b.txt": "b\n", "c.py": "c\n"})
    everything = gateline(repository, "run").stdout
    assert "seen a.txt" in everything
    assert "c.py" not in everything
    repository.write("b.txt", "other\n")
    repository.git("add", "b.txt")
    staged = gateline(repository, "run", "--staged").stdout
    assert "seen b.txt" in staged
    assert "a.txt" not in staged
    assert "seen a.txt" in gateline(repository, "run", "a.txt").stdout


def test_nothing_to_do_says_why(make_repository: Callable[..., Repository]) -> None:
    gate = "names: {kind: command, run: 'true', scope: files, files: ['*.txt'], doors: [commit]}"
    repository = make_repository(files={"gateline.yaml": config(gate), "c.py": "c\n"})
    outcome = results(repository)["names"]
    assert (outcome["status"], outcome["reason"]) == ("skipped", "there is no file like *.txt")
    repository.write("c.py", "d\n")
    repository.git("add", "c.py")
    assert results(repository, "--staged")["names"]["reason"] == "the change has no file like *.txt"


def test_a_skipped_gate_names_only_some_of_many_globs(make_repository: Callable[..., Repository]) -> None:
    gate = "names: {kind: command, run: 'true', scope: files, files: ['*.a', '*.b', '*.c', '*.d']}"
    repository = make_repository(files={"gateline.yaml": config(gate)})
    assert results(repository)["names"]["reason"] == "there is no file like *.a, *.b, *.c and so on"


def test_time_limit_ends_the_gate_and_its_children(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    gate = f'slow: {{kind: command, run: "sleep 60 & echo $! > {pid}; wait", time_limit: 500ms}}'
    repository = make_repository(files={"gateline.yaml": config(gate)})
    done = gateline(repository, "run")
    assert done.returncode == 3
    assert "time limit of 500ms" in done.stdout
    assert not alive(int(pid.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_run(make_repository: Callable[..., Repository], tmp_path: Path, number: int) -> None:
    pid = tmp_path / "pid"
    gate = f'slow: {{kind: command, run: "sleep 60 & echo $! > {pid}.part; mv {pid}.part {pid}; wait"}}'
    repository = make_repository(files={"gateline.yaml": config(gate)})
    process = subprocess.Popen(
        [*COMMAND, "run"], cwd=repository.path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(pid.exists)
    process.send_signal(number)
    _, words = process.communicate(timeout=30)
    wait_until(lambda: not alive(int(pid.read_text())))
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert "interrupted" in words
        assert "Traceback" not in words


def test_fail_fast_stops_the_others(make_repository: Callable[..., Repository]) -> None:
    bad, slow = 'bad: {kind: command, run: "false"}', 'slow: {kind: command, run: "sleep 60"}'
    repository = make_repository(files={"gateline.yaml": config(bad, slow)})
    found = results(repository, "--fail-fast", "--jobs", "2")
    assert found["bad"]["status"] == "failed"
    assert found["slow"]["status"] == "not run"
    assert "bad failed" in str(found["slow"]["reason"])


def test_a_missing_tool_has_not_run(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config("gone: {kind: command, run: [no-such-tool, x]}")})
    done = gateline(repository, "run")
    assert done.returncode == 3
    assert "no-such-tool" in done.stdout


def test_fifty_megabytes_of_output_do_no_harm(make_repository: Callable[..., Repository]) -> None:
    noisy = 'noisy: {kind: command, run: "yes 0123456789abcdef | head -c 52428800; exit 1"}'
    repository = make_repository(files={"gateline.yaml": config(noisy)})
    done = gateline(repository, "run")
    assert done.returncode == 1
    assert len(done.stdout) < 100_000


def test_no_git_variable_reaches_a_gate(make_repository: Callable[..., Repository]) -> None:
    script = "env | grep -e ^GIT_DIR= -e ^GIT_INDEX_FILE= -e ^GIT_WORK_TREE= && exit 1; exit 0\n"
    gate = "env: {kind: command, run: sh look.sh}"
    repository = make_repository(files={"gateline.yaml": config(gate), "look.sh": script})
    git_dir = str(repository.path / ".git")
    done = gateline(
        repository, "run", GIT_DIR=git_dir, GIT_WORK_TREE=str(repository.path), GIT_INDEX_FILE=f"{git_dir}/index"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_command_that_rewrites_the_working_tree_does_not_pass(make_repository: Callable[..., Repository]) -> None:
    gate = 'writer: {kind: command, run: "sleep 0.6; echo changed > file.txt"}'
    repository = make_repository(files={"gateline.yaml": config(gate), "file.txt": "old\n"})
    outcome = results(repository)["writer"]
    assert outcome["status"] == "not run"
    assert "file.txt" in str(outcome["reason"])


def test_skip_leaves_a_trace(make_repository: Callable[..., Repository]) -> None:
    gates = 'a: {kind: command, run: "true"}', 'b: {kind: command, run: "true", doors: [commit]}'
    repository = make_repository(files={"gateline.yaml": config(*gates)})
    assert results(repository, SKIP="b")["b"]["status"] == "skipped"
    status = gateline(repository, "status")
    assert "b skipped by SKIP" in status.stdout
    assert "a passed" in status.stdout
    told = json.loads(gateline(repository, "status", "--json").stdout)
    assert told["commits"][0]["unchecked"] == ["b"]


def test_status_tells_an_unchecked_commit(repository: Repository) -> None:
    assert "not checked here" in gateline(repository, "status").stdout


def test_new_findings_are_told_from_old_ones(make_repository: Callable[..., Repository]) -> None:
    script = "grep -Hn TODO *.txt && exit 1; exit 0\n"
    pattern = "^(?P<path>[a-z.]+):(?P<line>[0-9]+):(?P<message>.*)$"
    gate = f"todo: {{kind: command, run: sh look.sh, format: regex, pattern: '{pattern}', block: new}}"
    repository = make_repository(files={"gateline.yaml": config(gate), "a.txt": "TODO one\n", "look.sh": script})
    assert results(repository)["todo"]["status"] == "passed"
    repository.write("a.txt", "new line\nTODO one\nTODO two\n")
    outcome = results(repository)["todo"]
    assert outcome["status"] == "failed"
    statuses = {str(f["message"]).strip(): f["status"] for f in outcome["findings"]}  # type: ignore[attr-defined]
    assert statuses == {"TODO one": "existing", "TODO two": "new"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--gate", "tset"), "Did you mean 'test'"),
        (("run", "--from", "nowhere"), "'nowhere' names no commit"),
        (("run", "--staged", "--all"), "already says what to check"),
        (("run", "--no-such-option"), "No such option"),
        (("run", "no-such-file"), "does not exist"),
        (("run", "/"), "outside of the repository"),
        (("rnu",), "Did you mean 'run'"),
        (("hook", "post-commit"), "no hook that Gateline knows"),
    ],
)
def test_wrong_usage(make_repository: Callable[..., Repository], words: tuple[str, ...], said: str) -> None:
    repository = make_repository(files={"gateline.yaml": config('test: {kind: command, run: "true"}')})
    done = gateline(repository, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_of_a_repository(tmp_path: Path) -> None:
    done = gateline(Repository(tmp_path), "run")
    assert done.returncode == 2
    assert "is not in a git repository" in done.stderr


def test_a_bare_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    done = gateline(Repository(tmp_path / "bare.git"), "run")
    assert done.returncode == 2
    assert "bare repository" in done.stderr


def test_before_the_first_commit(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository()
    repository.write("gateline.yaml", config('a: {kind: command, run: "test -e file.txt"}'))
    repository.write("file.txt", "x\n")
    assert results(repository)["a"]["status"] == "passed"
    assert "there is no commit yet" in gateline(repository, "status").stdout
    assert "There is no commit yet" in gateline(repository, "run", "--to", "HEAD").stderr


def test_detached_head(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config('a: {kind: command, run: "true"}')})
    repository.git("checkout", "-q", "--detach")
    assert gateline(repository, "run").returncode == 0
    done = gateline(repository, "run", "--pushed")
    assert done.returncode == 2
    assert "detached" in done.stderr


def test_what_would_be_pushed(make_repository: Callable[..., Repository], tmp_path: Path) -> None:
    repository = make_repository(
        files={"gateline.yaml": config('a: {kind: command, run: "! grep -q bad file.txt"}'), "file.txt": "x\n"}
    )
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "remote.git")], check=True)
    repository.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repository.git("push", "-q", "--no-verify", "-u", "origin", "main")
    done = gateline(repository, "run", "--pushed")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing to check" in done.stderr
    repository.commit({"file.txt": "bad\n"})
    repository.write("file.txt", "good again, but not pushed\n")
    assert gateline(repository, "run", "--pushed").returncode == 1


def test_broken_configuration(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": "gates:\n  lint: {tme_limit: 3}\n"})
    done = gateline(repository, "run")
    assert done.returncode == 2
    assert "gateline.yaml:2:10" in done.stderr


def test_a_mistake_in_gateline_is_not_a_pass(repository: Repository) -> None:
    code = (
        "import gates.cli.run as run, gates.__main__ as main, sys\n"
        "run.tree_settings = None\n"
        "sys.argv = ['gateline', 'run']\n"
        "main.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "mistake in Gateline" in done.stderr
    assert "Traceback" not in done.stderr


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_linter_that_is_configured_to_fix_does_not(make_repository: Callable[..., Repository]) -> None:
    source = "import os\nimport sys\n\nprint(sys)\n"
    files = {"gateline.yaml": config("lint: {run: ruff check}"), "ruff.toml": "fix = true\n", "a.py": source}
    repository = make_repository(files=files)
    assert gateline(repository, "run").returncode == 1
    assert (repository.path / "a.py").read_text() == source


def test_a_virtual_environment_that_nobody_ignores_is_no_part_of_the_tree(repository: Repository) -> None:
    repository.write("gateline.yaml", config('a: {kind: command, run: "test -e new.txt"}'))
    repository.write(".venv/lib/big.txt", "x\n")
    repository.write("new.txt", "x\n")
    done = gateline(repository, "run", "--json")
    assert done.returncode == 0
    paths = [file["path"] for file in json.loads(done.stdout)["change"]["files"]]
    assert "new.txt" in paths
    assert ".venv/lib/big.txt" not in paths


def test_files_that_a_gate_creates_are_no_change(make_repository: Callable[..., Repository]) -> None:
    gate = 'report: {kind: command, run: "sleep 0.6; echo x > report.xml"}'
    repository = make_repository(files={"gateline.yaml": config(gate)})
    assert results(repository)["report"]["status"] == "passed"


def test_a_gate_waits_for_the_one_that_writes_what_it_reads(make_repository: Callable[..., Repository]) -> None:
    report = '<coverage><packages><package><classes><class filename="a.py"><lines>%s</lines></class></classes>'
    report += "</package></packages></coverage>"
    lines = "".join(f'<line number="{number}" hits="1"/>' for number in range(1, 8))
    script = f"sleep 0.3; printf '%s' '{report % lines}' > coverage.xml; echo 'Ran 1 test in 0.1s'; echo OK\n"
    files: dict[str, str | bytes] = {
        "gateline.yaml": config("coverage: {doors: [commit]}", "tests: {run: sh tests.sh, doors: [commit]}"),
        "tests.sh": script,
        ".gitignore": "coverage.xml\n",
        "a.py": "a = 1\n",
    }
    repository = make_repository(files=files)
    repository.write("a.py", "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n")
    repository.git("add", "-A")
    found = results(repository, "--staged")
    assert {name: outcome["status"] for name, outcome in found.items()} == {"coverage": "passed", "tests": "passed"}
    assert found["coverage"]["metrics"] == {"coverage": 100.0, "new_coverage": 100.0, "new_lines": 5.0}
    (repository.path / "coverage.xml").unlink()
    found = results(repository, "--staged")
    assert [found[name]["cached"] for name in ("coverage", "tests")] == [True, True]


def test_what_ran_while_untracked_files_changed_is_not_kept(make_repository: Callable[..., Repository]) -> None:
    gate = 'report: {kind: command, run: "sleep 0.6; date +%N > report.xml"}'
    repository = make_repository(files={"gateline.yaml": config(gate)})
    repository.write("report.xml", "earlier\n")
    for _ in range(2):
        outcome = results(repository)["report"]
        assert (outcome["status"], outcome["cached"]) == ("passed", False)


def test_time_spent_waiting_for_a_free_core_is_not_the_gate_s(make_repository: Callable[..., Repository]) -> None:
    gates = [f'gate{number}: {{kind: command, run: "sleep 0.3"}}' for number in range(3)]
    repository = make_repository(files={"gateline.yaml": config(*gates)})
    told = json.loads(gateline(repository, "run", "--json", "--jobs", "1").stdout)
    assert 0 < sum(outcome["seconds"] for outcome in told["outcomes"]) <= told["seconds"]


def test_paths_are_those_of_the_folder_it_is_called_in(make_repository: Callable[..., Repository]) -> None:
    gate = "names: {kind: command, run: sh look.sh, scope: files}"
    script = 'test "$*" = "sub/a.txt"\n'
    repository = make_repository(files={"gateline.yaml": config(gate), "look.sh": script, "sub/a.txt": "a\n"})
    below = Repository(repository.path / "sub")
    assert gateline(below, "run", "a.txt").returncode == 0


def test_warnings_of_a_gate_that_passed_are_shown_only_where_the_change_brought_them(
    make_repository: Callable[..., Repository],
) -> None:
    look = 'look: {kind: command, run: "grep -Hn WARN *.txt; exit 0", format: regex, pattern: "%s", block: none}'
    pattern = "^(?P<path>[a-z.]+):(?P<line>[0-9]+):(?P<message>.*)$"
    repository = make_repository(files={"gateline.yaml": config(look % pattern), "a.txt": "WARN old\n"})
    repository.write("a.txt", "WARN old\nWARN fresh\n")
    found = {f["message"]: f["status"] for f in results(repository)["look"]["findings"]}  # type: ignore[attr-defined]
    assert found == {"WARN old": "existing", "WARN fresh": "new"}


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on PATH")
def test_a_node_repository_whose_scripts_print_what_nobody_can_count(
    make_repository: Callable[..., Repository],
) -> None:
    scripts = {"test": "node test.js", "lint": "node lint.js", "test:deps": "node deps.js"}
    files = {"package.json": json.dumps({"scripts": scripts}), "lint.js": "", "deps.js": "", "test.js": ""}
    repository = make_repository(files=files)
    outcomes = results(repository)
    assert {name: outcome["status"] for name, outcome in outcomes.items()} == dict.fromkeys(
        ("lint", "tests", "dependencies", "copypaste", "secrets"), "passed"
    )
    repository.write("test.js", "process.exit(1)")
    assert results(repository)["tests"]["status"] == "failed"


def test_a_refused_message_is_not_lost(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config("commit_message: {conventional: true}")})
    message = repository.write(".git/COMMIT_EDITMSG", "No such type\n")
    done = gateline(repository, "hook", "commit-msg", str(message))
    assert done.returncode == 1
    again = done.stderr.partition("To repeat just that:\n  ")[2].strip()
    repository.git("config", "core.editor", "sed -i 's/No such type/fix: a type/'")
    subprocess.run(["sh", "-c", again + " --allow-empty"], cwd=repository.path, check=True)
    assert repository.git("log", "--format=%s", "-1") == "fix: a type"


def test_a_configuration_that_git_ignores_is_in_no_tree(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={".gitignore": "gateline.yaml\n", "a.txt": "a\n"})
    repository.write("gateline.yaml", config('bad: {kind: command, run: "false"}'))
    assert "bad" not in results(repository)
    repository.write("a.txt", "b\n")
    repository.git("add", "a.txt")
    assert "bad" not in results(repository, "--staged")


def test_what_failed_is_repeated_on_the_same_change(make_repository: Callable[..., Repository]) -> None:
    repository = make_repository(files={"gateline.yaml": config('bad: {kind: command, run: "false"}')})
    head = repository.commit({"a.txt": "a\n"})[:12]
    assert "\n  gateline run --gate bad\n" in gateline(repository, "run").stdout
    base = repository.git("rev-parse", "HEAD~1")[:12]
    ranged = gateline(repository, "run", "--from", "HEAD~1").stdout
    assert f"gateline run --from {base} --to {head} --gate bad" in ranged
    whole = gateline(repository, "run", "--all", "--from", "HEAD~1", "--to", "HEAD").stdout
    assert f"gateline run --all --from {base} --to {head} --gate bad" in whole
