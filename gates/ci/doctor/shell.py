"""Shell lines of a pipeline: which of them are gates or deploys, and which swallow a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["deploys", "is_gate", "logical_lines", "publishes", "skips_ci", "swallowed", "verifies"]

CALL = r"(?:^|[\s;&|(!])(?:gateline|python3? -m gates)\s+"
GATE = re.compile(CALL + r"ci\b(?!\s+(?:init|doctor)\b)")
VERIFY = re.compile(CALL + r"(?:verify|deploy)\b")
DEPLOY = re.compile(
    CALL + r"deploy\b"
    r"|\bkubectl\s+(?:apply|set|rollout|replace)\b|\bhelm\s+(?:upgrade|install)\b"
    r"|\brancher(?:-compose)?\s.*\bup(?:grade)?\b"
    r"|\bdocker\s+(?:stack\s+deploy|service\s+update)\b|\bansible-playbook\b"
)
PUBLISH = re.compile(
    r"\b(?:docker|podman|buildah)\s+(?:image\s+)?push\b|/kaniko/executor\b|\bdocker\s+buildx\s+build\b.*--push\b"
    r"|\btwine\s+upload\b|\bnpm\s+publish\b|\bskopeo\s+copy\b"
)
SKIP_CI = re.compile(
    r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|\bci\.skip\b|\bskip-checks:\s*true", re.I
)
PASSES_ON = re.compile(r"(?:\{\s*.*;\s*)?(?:exit|return)\s+(?:[1-9]\d*|\"?\$\{?\w*[?\w]\}?\"?)|false\b")
COMMENT = re.compile(r"(?:^|\s)#.*$")


def logical_lines(script: Sequence[str]) -> list[str]:
    """The commands of a script: items split into lines, continued lines joined, comments dropped."""
    text = re.sub(r"\\\n\s*", " ", "\n".join(script))
    return [line for line in (COMMENT.sub("", raw).strip() for raw in text.split("\n")) if line]


def is_gate(line: str) -> bool:
    return bool(GATE.search(line))


def verifies(line: str) -> bool:
    """Whether it asks for a verdict."""
    return bool(VERIFY.search(line)) and "--without-verdict" not in line


def deploys(line: str) -> bool:
    return bool(DEPLOY.search(line))


def publishes(line: str) -> bool:
    return bool(PUBLISH.search(line))


def skips_ci(line: str) -> bool:
    """Whether it makes commits for which no pipeline runs."""
    return bool(SKIP_CI.search(line))


def swallowed(lines: Sequence[str], *, pipefail: bool) -> Iterator[str]:
    """How failures of gates, or of the check of a verdict, are swallowed: one sentence for each.

    pipefail  whether the system lets a pipe fail when any part of it does
    """
    errexit = True
    for number, line in enumerate(lines):
        if re.match(r"set\s+\+\w*e|set\s+\+o\s+errexit", line):
            errexit = False
        elif re.match(r"set\s+-\w*e|set\s+-o\s+errexit", line):
            errexit = True
        pipefail = pipefail or bool(re.match(r"set\s.*pipefail", line))
        if re.match(r"trap\s.*\b(?:exit 0|true|:)\b.*\b(?:EXIT|ERR)\b", line):
            yield "`trap` turns its failure into success"
        found = GATE.search(line) or VERIFY.search(line)
        if found:
            yield from _around(line[: found.end()], line[found.end() :], number + 1 == len(lines), errexit, pipefail)


def _around(before: str, after: str, is_last: bool, errexit: bool, pipefail: bool) -> Iterator[str]:
    alternative = after.partition("||")[2].strip()
    if alternative and not PASSES_ON.match(alternative):
        yield f"`|| {alternative[:20]}` lets it fail without ending the job"
    elif not errexit and not is_last:
        yield "`set +e` lets it fail without ending the job"
    if re.match(r"(?:if|while|until|!)\s", before):
        yield f"`{before.split()[0]}` takes its failure for an answer and goes on"
    elif re.search(r"(?<!&)&&(?!&)", after) and not is_last and not alternative:
        yield "in `... && ...` its failure does not end the job"
    if re.search(r"(?<!\|)\|(?!\|)", after.partition("||")[0]) and not pipefail:
        yield "its exit code is lost in the pipe; add `set -o pipefail`"
    if re.search(r"(?<![&>])&\s*$", after):
        yield "`&` runs it in the background, where nobody sees it fail"
