"""`go test`, which counts packages unless it is told -v: `ok   example.org/a  0.003s`."""

from __future__ import annotations

import re

from gates.checks.adapters import Output, Report
from gates.checks.adapters.tallies import add, failed_test

__all__ = ["read"]

PACKAGE = re.compile(r"^(ok|FAIL|\?) {0,3}\t(?P<package>\S+)(?P<rest>.*)$", re.MULTILINE)
RESULT = re.compile(r"^ *--- (PASS|FAIL|SKIP): (?P<name>\S+) \([0-9.]+s\)$", re.MULTILINE)
FAILURE = re.compile(r"^--- FAIL: (?P<name>\S+) \([0-9.]+s\)\n(?P<text>(?: +.*\n)*)", re.MULTILINE)
PLACE = re.compile(r"^ +(?P<path>[^\s:]+\.go):(?P<line>[0-9]+): (?P<message>.*)$", re.MULTILINE)


def read(output: Output) -> Report:
    report = Report(tool="go test")
    packages = PACKAGE.findall(output.stdout)
    if not packages:
        return report
    results = [word for word, _ in RESULT.findall(output.stdout)]
    if "PASS" in results:  # -v: every test is told
        add(report, len(results), results.count("FAIL"), results.count("SKIP"))
    else:
        tested = [word for word, _, rest in packages if word != "?" and "no test" not in rest]
        add(report, max(len(tested), len(results)), max(tested.count("FAIL"), results.count("FAIL")))
    for found in FAILURE.finditer(output.stdout):
        place = PLACE.search(found["text"])
        text = f"{place['message']}\n{found['text']}" if place else found["text"]
        # Only the file's name is printed, not the package's folder, so the place cannot be told for sure.
        report.hits.append(failed_test(found["name"], text))
    return report
