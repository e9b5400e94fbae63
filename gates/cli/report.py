"""`gateline report`: the results of a run in another format."""

from __future__ import annotations

import os
import sys

import click

from gates.reports import github, results, terminal
from gates.reports.style import Style
from gates.reports.write import FORMATS, write_file
from gates.verdict import Verdict

__all__ = ["command"]

NAMES = (*FORMATS, "github", "terminal")


@click.command(short_help="Turn results.json into another report format.")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(NAMES))
@click.argument("file", default="reports/results.json", metavar="[FILE]")
@click.option("--output", "-o", default="", metavar="FILE", help="Write to this file. Default: standard output.")
def command(format_name: str, file: str, output: str) -> int:
    """Write the results in FILE (default: reports/results.json) in another format.

    FORMAT is json, junit, sarif, code-quality, markdown, html, github (annotations) or terminal.
    """
    text = _rendered(results.read(file), format_name)
    if output:
        write_file(output, text)
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    return 0


def _rendered(verdict: Verdict, name: str) -> str:
    if name == "terminal":
        return terminal.render(verdict, Style.of(sys.stdout, os.environ))
    return github.render(verdict) if name == "github" else FORMATS[name](verdict)
