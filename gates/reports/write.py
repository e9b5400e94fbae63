"""Writing the reports of one run into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from gates.errors import CannotRun
from gates.reports import code_quality, html, junit, markdown, results, sarif
from gates.verdict import Verdict

__all__ = ["FILES", "FORMATS", "forget", "write_file", "write_reports"]

FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "json": results.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "code-quality": code_quality.render,
    "markdown": markdown.render,
    "html": html.render,
}
"""Format name -> how a verdict is written in it."""

FILES: Mapping[str, str] = {
    "json": "results.json",
    "junit": "junit.xml",
    "sarif": "gateline.sarif",
    "code-quality": "gl-code-quality-report.json",
    "markdown": "summary.md",
    "html": "report.html",
}
"""Format name -> file name in the reports folder."""


def write_reports(verdict: Verdict, folder: str, formats: Iterable[str] = tuple(FILES)) -> list[str]:
    """Write the verdict in each format; returns the paths. Raises CannotRun when the folder cannot be written to."""
    paths = []
    for name in formats:
        path = os.path.join(folder, FILES[name])
        write_file(path, FORMATS[name](verdict))
        paths.append(path)
    return paths


def write_file(path: str, text: str) -> None:
    """Write a text by rename, so that a reader meets the old file or the new one. Raises CannotRun."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path + ".part", "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        os.replace(path + ".part", path)
    except OSError as error:
        raise CannotRun(f"the report cannot be written: {error.strerror}", where=path) from None


def forget(folder: str, names: Iterable[str]) -> None:
    """Remove what an earlier run left, so that nothing of it can be taken for this one's. Raises CannotRun."""
    for name in names:
        path = os.path.join(folder, name)
        try:
            os.remove(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise CannotRun(f"what an earlier run left cannot be removed: {error.strerror}", where=path) from None
