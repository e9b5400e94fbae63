"""How many copies are found, and how many that are none: recall and precision of Gateline and of others.

    python benchmarks/clones_quality.py mutations --language java --source DIR --host DIR  # copies made here
    python benchmarks/clones_quality.py labelled --pairs pairs.csv --files DIR  # pairs somebody labelled

`mutations` takes functions from real packages, edits copies of them (`clone_mutations`), and puts these into the files
of another package, all with a seed. Odd and even seeds take different functions: thresholds are chosen on an odd one,
and an even one is reported. Among the labelled pairs are ones that are no copies: functions of one name with different
bodies.

`labelled` reads a CSV file without a header, one pair a line, as BigCloneBench lays out its pairs:

    label, file 1, first line, last line, file 2, first line, last line

`label` is a kind such as `type-3 strong`, or `none` for a pair that is no copy. Files are relative to DIR.

A pair is hit when a tool reports a copy that covers at least 70 % of the lines of both (in the terms of BigCloneEval:
coverage match). Tools that are not installed are left out.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import numpy as np
from clone_mutations import KEYWORDS, KINDS, mutate, statements

from gates.checks.copypaste.boundaries import FUNCTION, blocks_of
from gates.checks.copypaste.languages import language as language_named
from gates.checks.copypaste.noise import reason_to_leave_out
from gates.checks.copypaste.tokens import tokenize
from gates.checks.copypaste.type3 import common_tokens

COVERED = 0.7
ENDINGS = {"python": ".py", "java": ".java", "javascript": ".js"}
NONE = "none"
NAMED = re.compile(r"(?<![@\w.])(\w+)\s*\(")
LITTLE = 0.4
"""Two functions of one name that have less than this share in common are no copies."""

Span = tuple[str, int, int]
Pair = tuple[str, Span, Span]


class Function:
    """A function of a real package.

    tokens  the names of its tokens
    code    each line of its code, without names, literals and comments
    """

    def __init__(
        self, path: str, first: int, last: int, lines: list[str], name: str, tokens: list[int], code: list[bytes]
    ) -> None:
        self.path, self.first, self.last, self.lines, self.name = path, first, last, lines, name
        self.tokens, self.code = tokens, code


def functions_of(root: Path, language: str, least: int = 50, most: int = 600) -> list[Function]:
    """The functions of a package that are long enough, without those inside others, in tests and in generated files."""
    found = []
    for path in sorted(root.rglob("*" + ENDINGS[language])):
        data = path.read_bytes()
        if b"\0" in data or len(data) > 500_000 or not data.isascii() or "test" in str(path.relative_to(root)).lower():
            continue
        if reason_to_leave_out(str(path.relative_to(root)), data):  # written by programs, or by others
            continue
        tokens = tokenize(data, language_named(language))
        blocks = blocks_of(tokens, language_named(language))
        lines = data.decode().replace("\r\n", "\n").split("\n")
        reached = -1
        for first, body, last, kind in zip(blocks.first, blocks.body, blocks.last, blocks.kind, strict=True):
            size = int(last - first) + 1
            if kind != FUNCTION or first <= reached or not least <= size <= most:
                continue
            begin, end = int(tokens.line[first]), int(tokens.line[last])
            before = data[data.rfind(b"\n", 0, int(tokens.start[first])) + 1 : int(tokens.start[first])].strip()
            after = data[tokens.end[last] :].split(b"\n", 1)[0].strip(b"; \r")
            if end - begin < 5 or before or after:  # it does not fill its lines
                continue
            reached = int(last)
            header = data[tokens.start[first] : tokens.start[body]].decode()
            name = next((word for word in NAMED.findall(header) if word not in KEYWORDS), "")
            part = slice(first, last + 1)
            starts = np.flatnonzero(np.diff(tokens.line[part])) + 1
            code = [line.tobytes() for line in np.split(tokens.blind[part], starts)]
            exact = tokens.exact[part].tolist()
            found.append(Function(str(path.relative_to(root)), begin, end, lines[begin - 1 : end], name, exact, code))
    return found


def half_of(functions: list[Function], seed: int) -> list[Function]:
    """The functions that an odd seed takes, or an even one: never the same."""
    return [each for each in functions if zlib.crc32("\n".join(each.lines).encode()) % 2 == seed % 2]


def make_set(
    language: str, source: Path, host: Path, target: Path, seed: int, count: int, negatives: int
) -> list[Pair]:
    """Write the tree with the copies; gives the labelled pairs. Functions come from `source`, copies go into `host`."""
    chance = random.Random(seed)
    shutil.copytree(source, target / "source", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(host, target / "host", ignore=shutil.ignore_patterns("*.pyc"))
    functions = half_of(functions_of(source, language), seed)
    hosts = functions_of(host, language)
    donors = [each.lines[n].strip() for each in hosts for n in statements(each.lines, language)]
    chance.shuffle(functions)
    functions = functions[: count * 2]
    chosen: dict[str, list[tuple[Function, Function, str, list[str]]]] = {}
    made = dict.fromkeys(KINDS, 0)
    places = iter(chance.sample(hosts, len(hosts)))
    for number, function in enumerate(functions):
        kind = KINDS[number % len(KINDS)]
        copy = mutate(function.lines, kind, language, donors, chance)
        place = next(places, None)
        if copy is None or place is None or not _is_valid(copy, language):
            continue
        chosen.setdefault(place.path, []).append((place, function, kind, copy))
        made[kind] += 1
    pairs = []
    for path, copies in sorted(chosen.items()):
        lines = (host / path).read_text().replace("\r\n", "\n").split("\n")
        added = 0
        for place, function, kind, copy in sorted(copies, key=lambda item: item[0].last):
            at = place.last + added
            lines[at:at] = ["", *_indented(copy, place.lines[0]), ""]
            span = (f"host/{path}", at + 2, at + 1 + len(copy))
            pairs.append((kind, (f"source/{function.path}", function.first, function.last), span))
            added += len(copy) + 2
        (target / "host" / path).write_text("\n".join(lines))
    copied = {(path, first) for _, *spans in pairs for path, first, _ in spans}
    others = [each for each in half_of(functions_of(target, language), seed) if (each.path, each.first) not in copied]
    return pairs + list(hard_negatives(others, chance, negatives))


def _is_valid(copy: list[str], language: str) -> bool:
    """Whether the copy can still be parsed, where there is a parser."""
    try:
        if language == "python":
            ast.parse("\n".join(["class Sample:", *_indented(copy, "    x")]))
    except SyntaxError:
        return False
    return True


def _indented(copy: list[str], like: str) -> list[str]:
    """The lines of a copy, as deep as the function it is put after."""
    own = min((len(line) - len(line.lstrip()) for line in copy if line.strip()), default=0)
    deep = like[: len(like) - len(like.lstrip())]
    return [deep + line[own:] if line.strip() else line for line in copy]


def hard_negatives(functions: list[Function], chance: random.Random, count: int) -> Iterator[Pair]:
    """Pairs with one name and similar length that have little in common; as many names as there are take turns."""
    by_name: dict[str, list[Function]] = {}
    for function in functions:
        by_name.setdefault(function.name, []).append(function)
    waiting = []
    for name, group in sorted(by_name.items()):
        pairs = [(a, b) for a, b in combinations(group, 2) if 0.6 < len(a.tokens) / len(b.tokens) < 1.6] if name else []
        chance.shuffle(pairs)
        waiting.append(pairs)
    given = 0
    while waiting and given < count:
        waiting = [pairs for pairs in waiting if pairs]
        for pairs in waiting:
            one, other = pairs.pop()
            if is_none(one, other):
                yield NONE, (one.path, one.first, one.last), (other.path, other.first, other.last)
                given += 1
            if given == count:
                return


def is_none(one: Function, other: Function) -> bool:
    """Whether two functions have so little in common that nobody would call one an edited copy of the other.

    Neither their tokens, names included, may be the same for the most part (Ratcliff and Obershelp's measure), nor
    their lines of code, names and literals apart (of the longer one's, the share that the other has too, in the same
    order). Comments count for neither.
    """
    if common_tokens(one.code, other.code) >= LITTLE * max(len(one.code), len(other.code)):
        return False
    return SequenceMatcher(None, one.tokens, other.tokens, autojunk=False).ratio() < LITTLE


def read_pairs(path: Path) -> list[Pair]:
    """The labelled pairs of a CSV file."""
    pairs = []
    with path.open(newline="") as file:
        for row in csv.reader(file):
            label, one, first, last, other, begin, end = (field.strip() for field in row)
            pairs.append((label, (one, int(first), int(last)), (other, int(begin), int(end))))
    return pairs


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows((label, *one, *other) for label, one, other in pairs)


class Reported:
    """What a tool reported: groups of places that are copies of each other, and what it cost."""

    def __init__(self, groups: list[list[Span]], seconds: float, cpu: float, megabytes: float) -> None:
        self.groups, self.seconds, self.cpu, self.megabytes = groups, seconds, cpu, megabytes

    def hits(self, pairs: Iterable[Pair]) -> list[bool]:
        """Which pairs are reported."""
        by_path: dict[str, list[tuple[int, int, int]]] = {}
        for number, group in enumerate(self.groups):
            for path, first, last in group:
                by_path.setdefault(path, []).append((first, last, number))

        def groups_of(span: Span) -> set[tuple[int, int, int]]:
            return {
                (number, first, last)
                for first, last, number in by_path.get(span[0], ())
                if min(last, span[2]) - max(first, span[1]) + 1 >= COVERED * (span[2] - span[1] + 1)
            }

        result = []
        for _, one, other in pairs:
            here, there = groups_of(one), groups_of(other)
            same = {number for number, *_ in here} & {number for number, *_ in there}
            # In one file both may be covered by one and the same place, which says nothing.
            result.append(
                any(
                    len({each for each in here | there if each[0] == number}) > 1 or one[0] != other[0]
                    for number in same
                )
            )
        return result


def measured(argv: list[str], folder: Path, ok: tuple[int, ...] = (0, 1)) -> tuple[bytes, float, float, float]:
    """Run a tool; gives its output, wall and CPU seconds, and peak megabytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(argv, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if code not in ok:
        raise SystemExit(f"{argv[0]} ended with {code}")
    del before
    return text, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def gateline(type_: int, *more: str) -> Callable[[Path, str], Reported | None]:
    def run(folder: Path, language: str) -> Reported | None:
        argv = [sys.executable, "-m", "gates", "copypaste", "--type", str(type_), "--format", "json", *more, "."]
        out, *cost = measured(argv, folder)
        groups = []
        for outcome in json.loads(out)["outcomes"]:
            for finding in outcome["findings"]:
                places = [finding["place"], *finding["related"]]
                groups.append([(place["path"], place["start_line"], place["end_line"]) for place in places])
        return Reported(groups, *cost)

    return run


def jscpd(*more: str) -> Callable[[Path, str], Reported | None]:
    def run(folder: Path, language: str) -> Reported | None:
        if not shutil.which("jscpd"):
            return None
        with tempfile.TemporaryDirectory() as reports:
            argv = ["jscpd", "--min-tokens", "50", "--min-lines", "5", "--mode", "weak", "--reporters", "json"]
            argv += ["--max-lines", "100000", "--max-size", "100mb"]
            _, *cost = measured([*argv, "--output", reports, "--format", language, *more, "."], folder)
            (report,) = Path(reports).rglob("*.json")
            found = json.loads(report.read_text())["duplicates"]
        groups = [
            [(os.path.relpath(each[side]["name"], folder) if os.path.isabs(each[side]["name"]) else each[side]["name"],
              each[side]["start"], each[side]["end"]) for side in ("firstFile", "secondFile")]
            for each in found
        ]  # fmt: skip
        return Reported(groups, *cost)

    return run


def lizard(folder: Path, language: str) -> Reported | None:
    if not shutil.which("lizard"):
        return None
    out, *cost = measured(["lizard", "-Eduplicate", "-l", language, "."], folder)
    groups: list[list[Span]] = []
    for line in out.decode("utf-8", "replace").splitlines():
        if line.startswith("Duplicate block"):
            groups.append([])
        found = re.fullmatch(r"(?:\./)?(.+?):(\d+) ~ (\d+)", line.strip())
        if found and groups:
            groups[-1].append((found[1], int(found[2]), int(found[3])))
    return Reported(groups, *cost)


def sim_text(folder: Path, language: str) -> Reported | None:
    """`sim_java` knows Java, `sim_c` comes near to JavaScript, `sim_text` takes words."""
    program = {"java": "sim_java", "javascript": "sim_c"}.get(language, "sim_text")
    if not shutil.which(program):
        return None
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*" + ENDINGS[language]))]
    out, *cost = measured([program, "-r", "50", "-n", *files], folder)
    groups = []
    for line in out.decode("utf-8", "replace").splitlines():
        found = re.match(r"(.+?): line (\d+)-(\d+)\s*\|(.+?): line (\d+)-(\d+)", line)
        if found:
            groups.append(
                [(found[1].strip(), int(found[2]), int(found[3])), (found[4].strip(), int(found[5]), int(found[6]))]
            )
    return Reported(groups, *cost)


def pmd(folder: Path, language: str) -> Reported | None:
    if not shutil.which("pmd"):
        return None
    name = {"javascript": "ecmascript"}.get(language, language)
    argv = [
        "pmd",
        "cpd",
        "--minimum-tokens",
        "50",
        "--language",
        name,
        "--dir",
        ".",
        "--format",
        "csv",
        "--no-fail-on-violation",
    ]
    out, *cost = measured([*argv, "--ignore-identifiers", "--ignore-literals"], folder, (0, 4, 5))
    groups = []
    for row in csv.reader(out.decode("utf-8", "replace").splitlines()[1:]):
        length = int(row[0])
        places = list(zip(row[3::2], row[4::2], strict=False))
        groups.append([(os.path.relpath(path, folder), int(line), int(line) + length - 1) for line, path in places])
    return Reported(groups, *cost)


TOOLS: dict[str, Callable[[Path, str], Reported | None]] = {
    "gateline --type 1": gateline(1),
    "gateline --type 2": gateline(2),
    "gateline --type 3": gateline(3),
    "jscpd": jscpd(),
    "jscpd, identifiers and literals": jscpd("--ignore-identifiers", "--ignore-literals"),
    "jscpd, similarity 0.7": jscpd("--similarity=0.7"),
    "PMD CPD, identifiers and literals": pmd,
    "lizard": lizard,
    "similarity-tester": sim_text,
}


def table(pairs: list[Pair], folder: Path, language: str, tools: Iterable[str]) -> Iterator[str]:
    """The measured table, in Markdown."""
    labels = [label for label in (*KINDS, NONE) if any(pair[0] == label for pair in pairs)]
    labels += sorted({pair[0] for pair in pairs} - set(labels))
    counts = {label: sum(pair[0] == label for pair in pairs) for label in labels}
    yield "| tool | " + " | ".join(f"{label} ({counts[label]:,})" for label in labels) + " | CPU s | MB |"
    yield "|---|" + "---|" * (len(labels) + 2)
    for name in tools:
        reported = TOOLS[name](folder, language)
        if reported is None:
            continue
        hits = reported.hits(pairs)
        row = []
        for label in labels:
            found = sum(hit for hit, pair in zip(hits, pairs, strict=True) if pair[0] == label)
            row.append(f"{100 * found / counts[label]:.1f}")
        yield f"| {name} | " + " | ".join(row) + f" | {reported.cpu:.1f} | {reported.megabytes:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["mutations", "labelled"])
    parser.add_argument("--language", default="java", choices=sorted(ENDINGS))
    parser.add_argument("--source", type=Path, help="a package to take functions from")
    parser.add_argument("--host", type=Path, help="a package whose files get the copies")
    parser.add_argument("--count", type=int, default=500, help="functions that are copied")
    parser.add_argument("--none", type=int, default=2500, help="pairs that are no copies")
    parser.add_argument(
        "--seed", type=int, default=1, help="odd: the set to choose thresholds on; even: the one to report"
    )
    parser.add_argument("--pairs", type=Path, help="labelled pairs as CSV")
    parser.add_argument("--files", type=Path, help="the folder with the files of --pairs")
    parser.add_argument("--keep", type=Path, help="write the made tree and pairs.csv into this folder")
    parser.add_argument("--tool", action="append", choices=list(TOOLS), help="only these tools")
    given = parser.parse_args()
    tools = given.tool or list(TOOLS)
    if given.what == "labelled":
        print("\n".join(table(read_pairs(given.pairs), given.files.resolve(), given.language, tools)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = (given.keep or Path(made)).resolve() / "tree"
        pairs = make_set(given.language, given.source, given.host, folder, given.seed, given.count, given.none)
        if given.keep:
            write_pairs(pairs, given.keep / "pairs.csv")
        for line in table(pairs, folder, given.language, tools):
            print(line, flush=True)


if __name__ == "__main__":
    main()
