"""What a hook costs: `git commit` and `git push` with Gateline, pre-commit, prek, lefthook, husky and lint-staged.

Every tool gets a clone of the same repository and the same gates. In each turn every tool does the same thing once, in
a new order, so that what else the machine does falls on all alike. Shown are the median of what the whole git command
took and the processor time of all its processes, and how both compare with Gateline's.

    python benchmarks/hooks.py --node node_modules     # after: npm install husky lint-staged lefthook
    python benchmarks/hooks.py --turns 7 --json hooks.json

pre-commit and prek are looked for beside this Python and on PATH. A tool that is not there is left out with a word.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TEXT = "def function_{n}(first, second):\n    total = first * {n} + second\n    return [total, '{n}']\n\n\n"
HOOKS = ("pre-commit", "pre-merge-commit", "pre-push", "commit-msg")


# The tools


def gateline(repo: Path, gates: int) -> None:
    from gates.cli.install import install_hooks

    lines = [f"  gate{n}: {{kind: command, scope: files, run: ['true'], doors: [commit]}}\n" for n in range(gates)]
    (repo / "gateline.yaml").write_text("gates:\n" + "".join(lines))
    install_hooks(str(repo))


def by_framework(program: str) -> Callable[[Path, int], None]:
    def set_up(repo: Path, gates: int) -> None:
        hooks = [f"      - {{id: g{n}, name: g{n}, language: system, entry: 'true'}}\n" for n in range(gates)]
        (repo / ".pre-commit-config.yaml").write_text("repos:\n  - repo: local\n    hooks:\n" + "".join(hooks))
        subprocess.run([program, "install"], cwd=repo, check=True, capture_output=True)

    return set_up


def lefthook(program: str) -> Callable[[Path, int], None]:
    def set_up(repo: Path, gates: int) -> None:
        commands = [f"    g{n}: {{run: 'true {{staged_files}}'}}\n" for n in range(gates)]
        (repo / "lefthook.yml").write_text("pre-commit:\n  parallel: true\n  commands:\n" + "".join(commands))
        subprocess.run([program, "install"], cwd=repo, check=True, capture_output=True)

    return set_up


def husky(repo: Path, gates: int) -> None:
    """husky gives no list of files; it runs its script."""
    _husky(repo, "true\n" * gates)


def lint_staged(program: str) -> Callable[[Path, int], None]:
    def set_up(repo: Path, gates: int) -> None:
        (repo / ".lintstagedrc.json").write_text(json.dumps({"*" + "*" * n: "true" for n in range(gates)}))
        _husky(repo, f"{program}\n")

    return set_up


def _husky(repo: Path, script: str) -> None:
    (repo / "package.json").write_text('{"name": "bench", "version": "1.0.0"}\n')
    subprocess.run([_node("husky")], cwd=repo, check=True, capture_output=True)
    (repo / ".husky/pre-commit").write_text(script)


NODE: list[str] = []
"""The node_modules given on the command line."""


def _node(name: str) -> str:
    for folder in NODE:
        path = Path(folder).resolve() / ".bin" / name
        if path.exists():
            return str(path)
    return ""


def find(name: str) -> str:
    """A program beside this Python, in node_modules, or on PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else _node(name) or shutil.which(name) or ""


def find_lefthook() -> str:
    """The program itself, not the Node script around it, which alone costs more."""
    for folder in NODE:
        for path in Path(folder).resolve().glob("lefthook-*/bin/lefthook"):
            return str(path)
    return shutil.which("lefthook") or ""


@dataclass
class Tool:
    """One tool: how it is set up in a repository for some gates, and what it is."""

    name: str
    set_up: Callable[[Path, int], None]
    path: str = ""
    version: str = ""


def tools() -> Iterator[Tool]:
    yield Tool("no hooks", lambda repo, gates: None, version=_version(["git", "--version"]))
    from gates import __version__

    yield Tool("gateline", gateline, version=__version__)
    for name in ("pre-commit", "prek"):
        if program := find(name):
            yield Tool(name, by_framework(program), version=_version([program, "--version"]))
        else:
            print(f"{name} is not here: left out", file=sys.stderr)
    if program := find_lefthook():
        yield Tool(
            "lefthook", lefthook(program), path=str(Path(program).parent), version=_version([program, "version"])
        )
    else:
        print("lefthook is not here: left out", file=sys.stderr)
    for name, make in (("husky", lambda _: husky), ("lint-staged", lint_staged)):
        if program := find(name):
            package = Path(program).resolve()
            manifest = next(p / "package.json" for p in package.parents if (p / "package.json").exists())
            yield Tool(name, make(program), version=json.loads(manifest.read_text())["version"])
        else:
            print(f"{name} is not here: left out (npm install {name}, then --node node_modules)", file=sys.stderr)


def _version(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


# What is measured


@dataclass
class Times:
    """Seconds on the clock, and of the processor in all processes of a command."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, words: list[str], cwd: Path, environ: dict[str, str]) -> None:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(words, cwd=cwd, env=environ, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        self.wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode:
            raise SystemExit(f"{words} in {cwd}: {done.stdout.decode()}{done.stderr.decode()}")


@dataclass
class Case:
    """One thing to measure: how many gates there are, how many files a commit changes, and what is unfinished."""

    name: str
    gates: int
    files: int
    dirty: bool = False
    push: bool = False


CASES = [
    Case("one gate that does nothing, 1 file", 1, 1),
    Case("five gates, 1 file", 5, 1),
    Case("five gates, 50 files", 5, 50),
    Case("one gate, 1 file, 30 unstaged and untracked files", 1, 1, dirty=True),
    Case("push of a tree that has passed", 1, 1, push=True),
]


def make_corpus(folder: Path, count: int) -> None:
    """A repository of `count` files with one commit."""
    for number in range(count):
        path = folder / f"package{number // 400}/module{number // 20 % 20}/file{number % 20}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(TEXT.format(n=number * 100 + n) for n in range(number % 40)))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def environment(home: Path, tool: Tool) -> dict[str, str]:
    """An environment without settings of this machine's user."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    path = os.pathsep.join([*([tool.path] if tool.path else []), environ["PATH"]])
    return {**environ, "HOME": str(home), "PATH": path, "GIT_CONFIG_NOSYSTEM": "1"}


def prepare(case: Case, tool: Tool, corpus: Path, folder: Path) -> Path:
    """A repository for one tool, warmed up by one commit (and push)."""
    repo = folder / tool.name.replace(" ", "-")
    subprocess.run(["git", "clone", "-q", "--no-local", str(corpus), str(repo)], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(corpus), f"{repo}.remote"], check=True)
    git(repo, "remote", "set-url", "origin", f"{repo}.remote")
    tool.set_up(repo, case.gates)
    if case.push:
        _also_at_push(repo, tool)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--no-verify", "--allow-empty", "-m", "set up")
    if case.dirty:
        for number in range(15):
            path = repo / f"package7/module1/file{number}.py"
            path.write_text(path.read_text() + "# unstaged\n")
            (repo / f"untracked{number}.py").write_text("# untracked\n")
    return repo


def _also_at_push(repo: Path, tool: Tool) -> None:
    """The same gate at the push door; what others do there is checked anew each time."""
    if tool.name == "gateline":
        text = (repo / "gateline.yaml").read_text()
        (repo / "gateline.yaml").write_text(text.replace("doors: [commit]", "doors: [commit, push]"))
    elif tool.name in ("pre-commit", "prek"):
        subprocess.run([find(tool.name), "install", "-t", "pre-push"], cwd=repo, check=True, capture_output=True)
    elif tool.name == "lefthook":
        text = (repo / "lefthook.yml").read_text()
        (repo / "lefthook.yml").write_text(text + text.replace("pre-commit", "pre-push").replace("staged", "push"))
        subprocess.run([find_lefthook(), "install"], cwd=repo, check=True, capture_output=True)
    elif tool.name == "husky":
        (repo / ".husky/pre-push").write_text("true\n")


def change(repo: Path, files: int, turn: int) -> None:
    for number in range(files):
        path = repo / f"package{number % 5}/module{number % 20}/file{number % 19}.py"
        path.write_text(path.read_text() + f"# turn {turn}, {number}\n")
        git(repo, "add", str(path.relative_to(repo)))


def measure(case: Case, corpus: Path, folder: Path, turns: int, chosen: list[Tool]) -> dict[str, Times]:
    home = folder / "home"
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n[gc]\n\tauto = 0\n")
    repos = {tool.name: prepare(case, tool, corpus, folder) for tool in chosen}
    times = {tool.name: Times() for tool in chosen}
    for turn in range(turns + 1):
        for tool in random.sample(chosen, len(chosen)):
            repo, environ = repos[tool.name], environment(home, tool)
            change(repo, case.files, turn)
            kept = times[tool.name] if turn else Times()  # the first turn fills caches
            if case.push:
                Times().run(["git", "commit", "-q", "-m", "x"], repo, environ)
                kept.run(["git", "push", "-q", "origin", "HEAD:main"], repo, environ)
            else:
                kept.run(["git", "commit", "-q", "-m", "x"], repo, environ)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--files", type=int, default=7000, help="files of the repository")
    parser.add_argument("--node", action="append", default=[], help="a node_modules with husky, lint-staged, lefthook")
    parser.add_argument("--only", action="append", default=[], help="only these tools")
    parser.add_argument("--case", type=int, action="append", default=[], help="only these cases, from 1")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    NODE.extend(options.node)
    chosen = [tool for tool in tools() if not options.only or tool.name in options.only or tool.name == "no hooks"]
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        make_corpus(corpus, options.files)
        for number, case in enumerate(CASES, 1):
            if options.case and number not in options.case:
                continue
            able = [tool for tool in chosen if not (case.push and tool.name == "lint-staged")]
            times = measure(case, corpus, Path(name) / f"case{number}", options.turns, able)
            figures[case.name] = show(case, able, times)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def show(case: Case, chosen: list[Tool], times: dict[str, Times]) -> dict[str, dict[str, float]]:
    print(f"\n{case.name}")
    print(f"  {'':22}{'ms':>8}{'cpu ms':>8}{'ms more than git':>18}{'of gateline':>13}{'cpu of gateline':>17}")
    rows = {
        name: {"ms": statistics.median(t.wall) * 1000, "cpu": statistics.median(t.cpu) * 1000}
        for name, t in times.items()
    }
    plain, ours = rows["no hooks"], rows.get("gateline", rows["no hooks"])
    for tool in chosen:
        row = rows[tool.name]
        row["more"] = row["ms"] - plain["ms"]
        ratios = f"{row['ms'] / ours['ms']:>12.2f}x{row['cpu'] / ours['cpu']:>16.2f}x"
        label = f"{tool.name} {tool.version}"
        print(f"  {label:22}{row['ms']:>8.0f}{row['cpu']:>8.0f}{row['more']:>18.0f}{ratios}")
    return rows


if __name__ == "__main__":
    main()
