"""What asking git costs: through GitPython, directly, and many objects through one long-lived process.

    python benchmarks/git_calls.py [REPOSITORY]

Prints the median of several rounds in milliseconds, ways side by side in one run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15
OBJECTS = 200


def median(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds of one call."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def start(code: str) -> Callable[[], object]:
    """A fresh Python that runs `code`, started as the hooks start theirs but with site-packages."""
    return lambda: subprocess.run([sys.executable, "-I", "-c", code], check=True)


def main(folder: str) -> None:
    import git

    from gates.git.blobs import read_objects
    from gates.git.repository import Repository

    repository = Repository.find(folder)
    walked = git.Repo(folder)
    names = [entry.split()[2] for entry in repository.line("ls-tree", "-r", "HEAD").splitlines()][:OBJECTS]
    rows = {
        "start Python": start("pass"),
        "start Python, import GitPython": start("import git"),
        "start Python, import Gateline's own way": start("import gates.git.repository"),
        "rev-parse HEAD by GitPython": lambda: walked.git.rev_parse("HEAD"),
        "rev-parse HEAD asked directly": lambda: repository.line("rev-parse", "HEAD"),
        "status and tree, one after the other": lambda: [repository.ask("status"), repository.ask("ls-files")],
        "status and tree, at once": lambda: repository.ask_all([("status",), ("ls-files",)]),
        f"{len(names)} blobs, a process each": lambda: [repository.ask("cat-file", "blob", name) for name in names],
        f"{len(names)} blobs by GitPython": lambda: [walked.git.get_object_data(name) for name in names],
        f"{len(names)} blobs, one cat-file --batch": lambda: read_objects(repository, names),
    }
    width = max(map(len, rows))
    for name, action in rows.items():
        rounds = 3 if "each" in name else ROUNDS
        print(f"{name:{width}}  {median(action, rounds):8.1f} ms")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).resolve().parent.parent))
