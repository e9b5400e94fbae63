"""What the search for copies costs, side by side with other detectors in one run.

    python benchmarks/copypaste.py scan             # whole corpora: wall, CPU and memory, and their ratios (4 minutes)
    python benchmarks/copypaste.py commit           # five changed files against a warm index of home-assistant
    python benchmarks/copypaste.py growth           # 1, 2, 4, 8, 16 million lines
    python benchmarks/copypaste.py hard             # one function 5,000 times; one line of 20 MB; 100,000 small files

Peers are used where they are installed: jscpd 5 (PyPI `jscpd`), sim (Debian `similarity-tester`), lizard (PyPI), PMD
CPD (`pmd` on the PATH). Corpora come from PyPI, npm and Debian (`corpora.py`), into --cache. Nothing is written
elsewhere. Every figure is the median of --rounds whole processes; what takes long runs once. CPU is user and system
time of a process and its children. Memory is the largest sum over the processes at one moment, shared pages counted
once.
"""

from __future__ import annotations

import argparse
import marshal
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from corpora import CORPORA, fetch

ROOT = Path(__file__).parents[1]
LIST = "find . -type f -name '*{ending}'"
LIMIT = 25
"""Seconds after which a run of another tool is ended."""

SLOW = 8
"""Seconds after which a tool runs once only."""

ANY_SIZE = ["--max-size", "100mb", "--max-lines", "1000000"]
SIM = {".py": "sim_text", ".js": "sim_c", ".java": "sim_java"}
PMD = {".py": ["--language", "python"], ".js": ["--language", "ecmascript"], ".java": ["--language", "java"]}

BATCH = 5
"""Files that the commit changes."""

Cost = tuple[float, float, float]
"""Wall seconds, CPU seconds, MB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["scan", "commit", "growth", "hard", "one"])
    parser.add_argument("folder", nargs="?", help="for `one`: the folder to search")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gateline-corpora")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--corpus", action="append", choices=sorted(CORPORA), help="for `scan`; default: all")
    parser.add_argument("--type", type=int, default=1)
    asked = parser.parse_args()
    if asked.what == "one":
        search(asked.folder, asked.type)
    elif asked.what == "scan":
        scan(asked)
    elif asked.what == "commit":
        commit(asked)
    elif asked.what == "growth":
        growth(asked)
    else:
        hard(asked)


def search(folder: str, kind: int) -> None:
    """One search by Gateline, as a process of its own."""
    sys.path.insert(0, str(ROOT))
    from gates.checks.copypaste.detect import Options, Search
    from gates.checks.copypaste.reading import Reader, Source

    paths = sorted(
        os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names
    )
    found = Search([Source(path) for path in paths], Reader(folder), Options(type=kind))
    if kind == 3:
        from gates.checks.copypaste.edited import edited_classes

        print(f"{len(edited_classes(found))} classes of edited copies")
    print(
        f"{found.corpus.count} files, {found.corpus.tokens} tokens, {len(found.groups)} classes, {found.share():.2f} %"
    )


def own_command(folder: Path, kind: int = 1) -> list[str]:
    return [sys.executable, str(Path(__file__)), "one", str(folder), "--type", str(kind)]


def peers(folder: Path, ending: str) -> dict[str, list[str]]:
    """Name -> command of each detector that is there."""
    files = LIST.format(ending=ending)
    sim = SIM[ending]
    found = {
        "jscpd": ["jscpd", "--min-tokens", "50", "--no-gitignore", *ANY_SIZE, "-r", "silent", str(folder)],
        sim: ["sh", "-c", f"cd {folder} && {files} | {sim} -i -r 50 -O -s -n"],
        "lizard": ["lizard", "-Eduplicate", str(folder)],
        "pmd": ["pmd", "cpd", "--minimum-tokens", "50", "--no-fail-on-violation", *PMD[ending], "-d", str(folder)],
    }
    return {name: command for name, command in found.items() if shutil.which(name)}


def scan(asked: argparse.Namespace) -> None:
    print(f"{'corpus':16}{'tool':16}{'wall s':>9}{'CPU s':>9}{'MB':>9}{'wall':>9}{'CPU':>9}{'memory':>9}")
    for name in asked.corpus or CORPORA:
        folder = fetch(name, asked.cache)
        commands = {"gateline": own_command(folder, asked.type), **peers(folder, CORPORA[name][2])}
        rounds: dict[str, list[Cost]] = {tool: [] for tool in commands}
        for _ in range(asked.rounds):  # all in each round, so that what else the machine does meets all of them
            for tool, command in commands.items():
                if not rounds[tool] or rounds[tool][-1][0] < SLOW:
                    limit = [] if tool == "gateline" else ["timeout", str(LIMIT)]
                    rounds[tool].append(cost([*limit, *command]))
        own = median(rounds["gateline"])
        for tool, costs in rounds.items():
            if tool != "gateline" and costs[-1][0] >= LIMIT:
                print(f"{name:16}{tool:16}ended after {LIMIT} s", flush=True)
                continue
            figures = median(costs)
            ratios = "".join(f"{other / mine:8.2f}x" for other, mine in zip(figures, own, strict=True))
            print(f"{name:16}{tool:16}{figures[0]:9.2f}{figures[1]:9.2f}{figures[2]:9.0f}{ratios}", flush=True)


def commit(asked: argparse.Namespace) -> None:
    """The gate's worker as the runner starts it, with a warm index; and jscpd on the same change."""
    sys.path.insert(0, str(ROOT))
    from gates.checks.base import GateContext
    from gates.git.doors import staged
    from gates.git.repository import Repository
    from gates.git.trees import list_tree
    from gates.settings import GateSettings
    from gates.worker import worker_command

    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch) / "repository"
        shutil.copytree(fetch("home-assistant", asked.cache), top)
        for words in ("init -q", "add -A", "commit -q --no-verify -m base"):
            subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words.split()], cwd=top, check=True)
        changed = sorted(top.rglob("sensor.py"))[:BATCH]
        for path, added in zip(changed, additions(top, asked.type), strict=True):
            path.write_text(f"{path.read_text()}\n\n{added}")
        subprocess.run(["git", "add", "-A"], cwd=top, check=True)
        git = Repository.find(str(top))
        change, _ = staged(git)
        job = Path(scratch) / "job"
        job.mkdir()
        files = [file.path for file in list_tree(git, change.tree) if file.is_file]
        settings = GateSettings("copypaste", block="new", options={"type": asked.type})
        context = GateContext(
            settings, str(top), change, change.changed_files(), all_files=files,
            git_dir=git.common, state_dir=git.state, scratch=str(job),
        )  # fmt: skip
        command = worker_command(context).argv
        cold = cost(command)
        warm = [cost(command) for _ in range(max(7, asked.rounds))]
        with open(job / "job.out", "rb") as file:
            outcome = marshal.loads(file.read())
        print(f"status {outcome['status']}, {outcome['evidence']['files']} files")
        print(f"{'run':28}{'wall ms':>9}{'CPU ms':>9}{'MB':>9}")
        rows = {"gateline, no index": cold, "gateline, warm index": median(warm)}
        if shutil.which("jscpd"):
            rows["jscpd, everything again"] = median([cost(peers(top, ".py")["jscpd"]) for _ in range(asked.rounds)])
        for name, figures in rows.items():
            print(f"{name:28}{1000 * figures[0]:9.0f}{1000 * figures[1]:9.0f}{figures[2]:9.0f}")


def additions(top: Path, kind: int) -> list[str]:
    """What is added to the changed files: something small, or for type 3 an edited copy of code of another file."""
    if kind < 3:
        return ["def added(value):\n    return value + 1\n"] * BATCH
    found = []
    for path in sorted(top.rglob("config_flow.py"))[:BATCH]:
        first, *more = path.read_text()[path.read_text().rindex("\nclass ") + 1 :].splitlines(keepends=True)
        found.append("".join([first, *(line + "\n" if number % 9 else "" for number, line in enumerate(more))]))
    return found


def growth(asked: argparse.Namespace) -> None:
    """More and more lines: home-assistant again and again, each time with other names, so that it is no copy."""
    source = fetch("home-assistant", asked.cache)
    print(f"{'million lines':>14}{'wall s':>9}{'CPU s':>9}{'MB':>9}{'CPU s per million':>20}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "code"
        lines = 0
        for copy in range(13):
            for path in sorted(source.rglob("*.py")):
                data = path.read_bytes()
                lines += data.count(b"\n")
                target = folder / str(copy) / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(renamed(data, copy))
            if copy + 1 in (1, 2, 3, 6, 13):  # about 1, 2, 4, 8 and 16 million lines
                figures = median([cost(own_command(folder)) for _ in range(asked.rounds)])
                millions = lines / 1e6
                row = (
                    f"{millions:14.1f}{figures[0]:9.2f}{figures[1]:9.2f}{figures[2]:9.0f}{figures[1] / millions:20.2f}"
                )
                print(row, flush=True)


def renamed(data: bytes, copy: int) -> bytes:
    """The code with other names, of the same length."""
    if not copy:
        return data
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return data.translate(bytes.maketrans(letters, letters[copy:] + letters[:copy]))


def hard(asked: argparse.Namespace) -> None:
    print(f"{'what':34}{'wall s':>9}{'CPU s':>9}{'MB':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        for name, make in HARD.items():
            folder = Path(scratch) / name.replace(" ", "-").replace(",", "")
            folder.mkdir()
            make(folder)
            figures = median([cost(own_command(folder)) for _ in range(asked.rounds)])
            print(f"{name:34}{figures[0]:9.2f}{figures[1]:9.2f}{figures[2]:9.0f}", flush=True)


def one_function(folder: Path, times: int) -> None:
    body = "".join(f"    value_{n} = compute(first, {n}) + second * {n}\n" for n in range(12))
    (folder / "generated.py").write_text(f"def same(first, second):\n{body}    return value_0\n\n\n" * times)


def one_line(folder: Path) -> None:
    words = "".join(f"a{n * 7919 % 1000003}({n});" for n in range(1_450_000))
    (folder / "bundle.js").write_text(words[: 20 << 20] + "\n" * 50_000)  # with lines enough not to count as minified


def small_files(folder: Path, count: int, *, equal: bool) -> None:
    for number in range(count):
        if number % 1000 == 0:
            (folder / str(number // 1000)).mkdir()
        name = "same" if equal else f"name{number}"
        body = "".join(f"    {name}_{n} = {name}(first, {n}) + second\n" for n in range(8))
        (folder / str(number // 1000) / f"f{number}.py").write_text(f"def {name}(first, second):\n{body}")


HARD = {
    "one function, 1,250 times": lambda folder: one_function(folder, 1250),
    "one function, 5,000 times": lambda folder: one_function(folder, 5000),
    "one function, 20,000 times": lambda folder: one_function(folder, 20000),
    "one line of 20 MB": one_line,
    "25,000 small files": lambda folder: small_files(folder, 25_000, equal=False),
    "100,000 small files": lambda folder: small_files(folder, 100_000, equal=False),
    "100,000 small files, all equal": lambda folder: small_files(folder, 100_000, equal=True),
}


def median(costs: list[Cost]) -> Cost:
    wall, cpu, memory = (statistics.median(column) for column in zip(*costs, strict=True))
    return wall, cpu, memory


def cost(command: list[str]) -> Cost:
    """Run a command; what it cost."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    return wall, usage.ru_utime + usage.ru_stime, max(peak[0], usage.ru_maxrss / 1024)


def watch(session: int, peak: list[float]) -> None:
    """Keep the largest memory of all processes of a session, until there are none."""
    while members := [pid for pid in os.listdir("/proc") if pid.isdigit() and session_of(pid) == session]:
        peak[0] = max(peak[0], sum(map(megabytes, members)))
        time.sleep(0.02)


def session_of(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return 0 if fields[0] == b"Z" else int(fields[3])
    except OSError:
        return 0


def megabytes(pid: str) -> float:
    """The process's memory, of shared pages its part."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(b"Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


if __name__ == "__main__":
    main()
