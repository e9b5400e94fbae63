"""What a configured command calls: which known tool, with which words, and whether words may be added to it.

`shlex` would import `re` and more, on the way of every hook, for what a few lines do.
"""

from __future__ import annotations

from gates.checks.base import Command
from gates.checks.tools import BY_NAME, Tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Call", "parse"]

CONTROL = frozenset("|&;<>()`\n")
"""Characters that make a line more than one simple command."""

EXPANDED = frozenset("$*?[]{}~!")
"""Characters that only a shell can expand."""

SHELL_WORDS = frozenset(
    {".", ":", "[", "alias", "case", "cd", "command", "eval", "exec", "exit", "export", "for", "if", "read", "set"}
    | {"source", "test", "time", "trap", "type", "ulimit", "umask", "unset", "until", "wait", "while"}
)
"""First words that a shell knows itself."""

RUN = ("run", "exec", "x", "dlx")
WRAPPERS = {
    "uv": RUN,
    "poetry": RUN,
    "pdm": RUN,
    "pipenv": RUN,
    "hatch": RUN,
    "rye": RUN,
    "pnpm": RUN,
    "yarn": RUN,
    "bun": RUN,
    "npx": (),
    "pnpx": (),
    "bunx": (),
    "uvx": (),
    "env": (),
    "exec": (),
    "nice": (),
    "time": (),
    "xvfb-run": (),
}
"""Programs that run another one, and the subcommands with which they do."""

VALUED = frozenset(
    {"--with", "--group", "--only-group", "--extra", "--python", "-p", "--project", "--directory", "--package", "-n"}
)
"""Options of wrappers that take the next word."""

TOOL_VALUED = frozenset(
    {"--select", "--ignore", "--extend-select", "--extend-ignore", "--config", "-c", "--exclude", "--extend-exclude"}
    | {"--target-version", "--line-length", "--max-line-length", "--per-file-ignores", "--cache-dir"}
    | {"--ext", "--rule", "--parser", "--parser-options", "--plugin", "--max-warnings", "--ignore-path", "--rulesdir"}
    | {"--ignore-pattern", "--cache-location", "--cache-strategy", "--env", "--global"}
    | {"--resolve-plugins-relative-to", "--report-unused-disable-directives-severity", "--flag", "--concurrency"}
    | {"--rcfile", "--disable", "-d", "--enable", "-e", "--load-plugins", "--fail-under", "--fail-on", "-j", "--jobs"}
    | {"--max-complexity", "--severity", "-S", "--shell", "-s", "-i", "--include", "--config-basedir", "--mw"}
    | {"--format", "-f", "--formatter", "--output-format", "-o", "--output-file"}
)
"""Options of linters that take the next word, so that it is no path."""


class Call:
    """One configured command, understood as far as it can be.

    run      as configured
    words    the words of its last simple command, without quotes; [] when the line is more than that
    folder   where that command works, from a leading `cd FOLDER &&`
    tool     the known tool, or None
    args     the words after the tool's name
    program  the first word of all, which names what ran when no tool is known ("npm")
    """

    __slots__ = ("args", "folder", "needs_shell", "program", "run", "tool", "words")

    def __init__(self, run: str | list[str]) -> None:
        self.run = run
        self.folder = ""
        self.args: list[str] = []
        self.tool: Tool | None = None
        if isinstance(run, list):
            self.words, self.needs_shell = list(run), False
        else:
            self._read_line(run)
        self.program = next((word for word in self.words if "=" not in word), _first_word(run)).rstrip(";")
        if self.program in SHELL_WORDS:
            self.program = "sh"
        self._find_tool()

    @property
    def paths(self) -> list[str]:
        """What the tool was told to look at: its words that are no options and no values of options."""
        found, options = [], True
        previous = ""
        for word in self.args:
            if word == "--" and options:
                options = False
            elif not options or (not word.startswith("-") and previous not in TOOL_VALUED):
                found.append(word)
            previous = word
        return found

    @property
    def sure_paths(self) -> list[str]:
        """Those of its paths that can be nothing else: no patterns, and not behind an option that may own them."""
        before = ["", *self.args]
        plain = [word for word in self.paths if not EXPANDED.intersection(word)]
        return [word for word in plain if not before[self.args.index(word)].startswith("-")]

    @property
    def takes_files(self) -> bool:
        """Whether the changed files can be appended: a tool that takes files, told no paths, or only the whole tree."""
        if self.tool is None or not self.tool.files or self.folder:
            return False
        return not self.paths or (self.paths == ["."] and not self.needs_shell)

    def has(self, options: Sequence[str]) -> bool:
        """Whether one of these options is among the tool's words, also as `--option=value`."""
        return any(word.partition("=")[0] in options for word in self.args)

    def with_words(self, *extra: str, files: list[str] | None = None) -> Command:
        """The command with more words at its end, and files after them."""
        if files is not None:
            files = [f"./{path}" if path.startswith("-") else path for path in files]
        if self.needs_shell:
            line = f'{self.run} "$@"' if extra or files is not None else str(self.run)
            return Command(["sh", "-c", line, *(("sh",) if extra or files is not None else ()), *extra], batch=files)
        words = [word for word in self.words if word != "."] if files is not None and self.tool else self.words
        return Command([*words, *extra], batch=files)

    def _read_line(self, line: str) -> None:
        line = _without_comment(line).strip()
        self.run = line
        rest = line
        if line.startswith("cd ") and "&&" in line:
            first, _, rest = line.partition("&&")
            folder, _ = _split(first)
            if folder is None or len(folder) != 2 or EXPANDED.intersection(first):
                rest = line
            else:
                self.folder = folder[1].rstrip("/")
        words, expanded = _split(rest)
        self.words = words or []
        self.needs_shell = not words or expanded or rest is not line or "=" in words[0] or words[0] in SHELL_WORDS

    def _find_tool(self) -> None:
        start = _tool_index(self.words)
        if start is None:
            return
        base, after = _base(self.words[start]), self.words[start + 1 :]
        for index, word in enumerate(after[:1] if base != "node" else after):
            if tool := BY_NAME.get(f"{base} {word}"):
                self.tool, self.args = tool, after[index + 1 :]
                return
        self.tool, self.args = BY_NAME.get(base), after


def parse(run: str | list[str]) -> Call:
    """Understand a configured command."""
    return Call(run)


def _tool_index(words: list[str]) -> int | None:
    """Index of the word that names the tool, past assignments, wrappers and `python -m`."""
    index = 0
    while index < len(words):
        word, base = words[index], _base(words[index])
        if "=" in word and not word.startswith("-"):
            index += 1
        elif base.startswith(("python", "pypy")) or (base == "coverage" and words[index + 1 : index + 2] == ["run"]):
            if "-m" not in words[index:]:
                return None
            index = words.index("-m", index) + 1
        elif base in WRAPPERS:
            index = _past_wrapper(words, index)
        else:
            return index
    return None


def _past_wrapper(words: list[str], index: int) -> int:
    """Index of the word after a wrapper, its subcommand and its options."""
    subcommands = WRAPPERS[_base(words[index])]
    index += 1
    if index < len(words) and words[index] in subcommands:
        index += 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in VALUED else 1
    return index


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def _first_word(run: str | list[str]) -> str:
    words = run.split() if isinstance(run, str) else run
    return words[0] if words else ""


def _without_comment(line: str) -> str:
    """The line without a comment at its end, which would swallow what is appended."""
    if "#" not in line or "\n" in line.strip():
        return line
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and line[index - 1 : index].isspace():
            return line[:index]
    return line


def _split(line: str) -> tuple[list[str] | None, bool]:
    """The words of a simple command and whether a shell has to expand or unquote them; None when it is no such."""
    words: list[str] = []
    word, quote, open_word, expanded = "", "", False, False
    escaped = False
    for character in line.strip():
        if escaped:
            word, escaped, open_word = word + character, False, True
        elif character == "\\" and quote != "'":
            escaped = expanded = True
        elif quote:
            if character == quote:
                quote = ""
            elif character == "`":
                return None, True
            else:
                word += character
        elif character in "'\"":
            quote, open_word, expanded = character, True, True
        elif character in CONTROL:
            return None, True
        elif character.isspace():
            if open_word:
                words.append(word)
            word, open_word = "", False
        else:
            word, open_word = word + character, True
            expanded = expanded or character in EXPANDED
    if quote or escaped:
        return None, True
    return ([*words, word] if open_word else words), expanded
