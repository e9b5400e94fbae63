"""The last line of pytest, for a pytest that something else calls (`make test`): `3 failed, 2 passed in 0.94s`."""

from __future__ import annotations

import re

from gates.checks.adapters import Hit, Output, Report
from gates.checks.adapters.tallies import count

__all__ = ["read"]

SUMMARY = re.compile(r"^(?:=+ )?((?:[0-9]+ [a-z]+(?:, )?)+) in [0-9.]+s", re.MULTILINE)
NONE = re.compile(r"^(?:=+ )?no tests ran in ", re.MULTILINE)
FAILURE = re.compile(r"^(FAILED|ERROR) (?P<path>[^\s:]+)(?:::(?P<test>\S+))?(?: - (?P<message>.*))?$", re.MULTILINE)


def read(output: Output) -> Report:
    report = Report(tool="pytest")
    counted = count(report, SUMMARY, NONE, output.stdout)
    for found in FAILURE.finditer(output.stdout) if counted else ():
        name = f"{found['path']}::{found['test']}" if found["test"] else found["path"]
        message = f"{name}: {found['message']}" if found["message"] else name
        report.hits.append(Hit(found["path"], 0, "test-failed", message, identity=name))
    return report
