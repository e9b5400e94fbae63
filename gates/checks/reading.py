"""From what a tool printed to an outcome: the same decisions for every tool and every format."""

from __future__ import annotations

import os

from gates.checks.adapters import Output, UnreadableError, reader
from gates.checks.tools import tool_named
from gates.evidence import Evidence
from gates.finding import Finding, Place, fingerprint, number_fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gates.checks.adapters import Hit, Report
    from gates.checks.base import Finished, GateContext
    from gates.checks.calls import Call

__all__ = [
    "as_findings",
    "evidence_name",
    "evidence_of",
    "mark_start",
    "parse_sentences",
    "read_output",
    "read_report",
    "relative_path",
    "why_not_started",
    "without_root",
]

SIGNALS = {1: "HUP", 2: "INT", 6: "ABRT", 9: "KILL", 11: "SEGV", 13: "PIPE", 14: "ALRM", 15: "TERM"}
STARTED = ".started"
"""File in the scratch folder that tells a report of this run from an older one."""

SOURCE = 300
"""Characters of a source line that are shown."""


def why_not_started(call: Call, done: Finished) -> str:
    """Why the tool never did its work, "" when it did: not found, not executable, ended by a signal."""
    name = evidence_name(call)
    if done.code == 127:
        return _not_found(name, done)
    if done.code == 126:
        return f"{name!r} cannot be executed"
    number = -done.code if done.code < 0 else done.code - 128
    if done.code < 0 or number in SIGNALS:
        return f"it was ended by the signal {SIGNALS.get(number, str(number))}"
    module = call.tool.package.replace("-", "_") if call.tool else ""
    if module and done.code == 1 and f"No module named {module}".encode() in done.stderr[-500:]:
        return f"the Python module {module!r} is not installed"
    return ""


def _not_found(name: str, done: Finished) -> str:
    """Which program exactly: that of a script may be missing, not the one that was called."""
    line = next((line.strip() for line in done.text().splitlines() if line.rstrip().endswith("not found")), "")
    if not line:
        return f"{name!r} was not found"
    install = "; are the packages installed (npm ci)?" if name in ("npm", "yarn", "pnpm", "bun") else ""
    return f"a program was not found ({line}){install}"


def read_output(context: GateContext, done: Finished, adapter: str) -> Report:
    """What the tool printed, as its adapter understands it. Raises UnreadableError."""
    if done.truncated and adapter not in ("exit_code", "summary", "guess"):
        raise UnreadableError("it printed more than Gateline keeps")
    stdout, stderr = (part.decode("utf-8", "replace") for part in (done.stdout, done.stderr))
    return _read(Output(stdout, stderr, done.code, context.settings.options), adapter)


def mark_start(context: GateContext, report: str) -> None:
    """Note what the report looks like before the command starts, if one is there."""
    if report:
        with open(os.path.join(context.scratch, STARTED), "w", encoding="utf-8") as file:
            file.write(_stamp(os.path.join(context.root, report)))


def _stamp(path: str) -> str:
    try:
        facts = os.stat(path)
    except OSError:
        return ""
    return f"{facts.st_ino} {facts.st_size} {facts.st_mtime_ns}"


def _was_there(context: GateContext, path: str) -> bool:
    """Whether this report is the one that was there before the command started."""
    try:
        with open(os.path.join(context.scratch, STARTED), encoding="utf-8") as file:
            return file.read() == _stamp(path)
    except OSError:
        return False


def read_report(context: GateContext, name: str, adapter: str, done: Finished) -> Report:
    """The report that the command has written: below the tree or in its scratch folder. Raises UnreadableError."""
    places = [os.path.join(folder, name) for folder in (context.scratch, context.root) if folder]
    path = next((place for place in places if os.path.isfile(place)), None)
    if path is None:
        raise UnreadableError(f"its report {name} was not written")
    if _was_there(context, path):
        raise UnreadableError(f"its report {name} was not written by this run: it was there before")
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError as error:
        raise UnreadableError(f"its report {name} cannot be read: {error.strerror}") from None
    return _read(Output(text, "", done.code, context.settings.options), adapter)


def _read(output: Output, adapter: str) -> Report:
    try:
        return reader(adapter)(output)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        # A tool may print anything; what has not the shape that the adapter knows is not its format.
        raise UnreadableError(f"its output is not what {adapter.replace('_', ' ')} looks like") from None


def as_findings(
    context: GateContext, hits: Iterable[Hit], folder: str = "", severity: str = "major", *, in_tree: bool = False
) -> list[Finding]:
    """Hits as findings of this gate, in order, with the text of their lines and lasting fingerprints.

    folder    where the tool worked, for the relative paths that it prints
    in_tree   leave out what is at no file of the tree: the output was only guessed to have findings
    """
    sources = _Sources(context.root)
    gate = context.settings.name
    findings = []
    for hit in hits:
        path = relative_path(hit.path, context.root, folder)
        if not (path and sources.is_file(path)):
            if in_tree:
                continue
            path = ""  # of a workspace's own folder, or of another machine: no place in this tree
        message = without_root(hit.message, context.root)
        line = max(hit.line, 1)
        source = sources.line(path, line) if path and hit.line else ""
        content = (hit.identity,) if hit.identity else (source,) if source.strip() else (message, path)
        findings.append(
            Finding(
                gate,
                hit.rule,
                message,
                place=Place(path, line, max(hit.end_line, line), hit.column) if path else None,
                severity=hit.severity or severity,
                source=source[:SOURCE],
                fingerprint=fingerprint(gate, hit.rule, *content),
                url=hit.url,
                detail=without_root(hit.detail, context.root),
            )
        )
    findings.sort(key=Finding.sort_key)
    number_fingerprints(findings)
    return findings


def relative_path(path: str, root: str, folder: str = "") -> str:
    """A tool's path relative to the tree with "/", "" for what is outside of it."""
    if not path:
        return ""
    full = os.path.normpath(os.path.join(root, folder, path.replace("\\", "/") if "\\" in path else path))
    for top in (root, os.path.realpath(root)):
        if full.startswith(top + os.sep):
            return full[len(top) + 1 :]
    return ""


def without_root(text: str, root: str) -> str:
    """The text without the place of the snapshot, which says nothing and differs from run to run."""
    for top in dict.fromkeys((root, os.path.realpath(root))):
        text = text.replace(top + os.sep, "").replace(top, ".")
    return text


class _Sources:
    """Lines of files of the tree, each file read once."""

    __slots__ = ("files", "root", "there")

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: dict[str, list[str]] = {}
        self.there: dict[str, bool] = {}

    def is_file(self, path: str) -> bool:
        if path not in self.there:
            self.there[path] = os.path.isfile(os.path.join(self.root, path))
        return self.there[path]

    def line(self, path: str, number: int) -> str:
        """The text of a line, "" where there is none."""
        if path not in self.files:
            try:
                with open(os.path.join(self.root, path), encoding="utf-8", errors="replace", newline="\n") as file:
                    self.files[path] = file.read().split("\n")
            except OSError:
                self.files[path] = []
        lines = self.files[path]
        return lines[number - 1].rstrip() if 0 < number <= len(lines) else ""


def parse_sentences(context: GateContext, hits: Iterable[Hit], folder: str = "") -> list[str]:
    """ "src/a.py:3: invalid syntax" for each file that the tool could not understand."""
    sentences = []
    for hit in hits:
        path = relative_path(hit.path, context.root, folder) or os.path.basename(hit.path)
        sentences.append(f"{path}:{hit.line}: {without_root(hit.message, context.root)}")
    return sentences


def evidence_name(call: Call) -> str:
    """The tool's name, else that of the program that the command starts with."""
    return call.tool.name.split()[0] if call.tool else call.program.rpartition("/")[2]


def evidence_of(context: GateContext, call: Call, report: Report | None = None) -> Evidence:
    """What looked, and at what, as far as the tool tells."""
    from gates.checks.versions import installed_version

    tool = call.tool
    name = evidence_name(call)
    evidence = Evidence(tool=name)
    if tool:
        evidence.version = installed_version(name, tool.package, context.root)
    if report is not None:
        if report.tool and report.tool != name and (printed := tool_named(report.tool)):
            evidence.version = installed_version(report.tool, printed.package, context.root)
        evidence.tool = report.tool or name
        evidence.version = report.version or evidence.version
        evidence.files = report.files
        evidence.parse_errors = parse_sentences(context, report.parse_errors, call.folder)
        if report.ignored:
            evidence.leave_out(f"left out by the configuration of {evidence.tool}", report.ignored)
    return evidence
