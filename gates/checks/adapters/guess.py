"""Output of an unknown command (`npm run lint`, `make lint`): whatever in it looks like findings of some tool.

This never fails: the exit code of the command decides, and these hits only say where to look.
"""

from __future__ import annotations

from gates.checks.adapters import Output, Report, UnreadableError, reader

__all__ = ["read"]

MARKS = (("checkstyle", "<checkstyle"), ("junit", "<testsuite"), ("json", '"'))
TEXTS = ("eslint_text", "tsc", "would_reformat", "lines")


def read(output: Output) -> Report:
    start = output.stdout[:200].lstrip()
    if start.startswith(("<", "{", "[")):
        for name, mark in MARKS:
            if mark in output.stdout[:4000]:
                try:
                    return reader(name)(output)
                except UnreadableError:
                    continue
    report = Report()
    seen: set[tuple[str, int, int]] = set()
    for name in TEXTS:
        found = reader(name)(output)
        new = [hit for hit in found.hits if (hit.path, hit.line, hit.column) not in seen]
        seen.update((hit.path, hit.line, hit.column) for hit in new)
        report.hits += new
        report.parse_errors += [hit for hit in found.parse_errors if hit in new]
    return report
