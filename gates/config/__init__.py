"""gateline.yaml → typed settings; every mistake told with file, line and what was meant.

This package's top is on the start-up path of every hook: it imports nothing until a configuration must be read anew.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gates.settings import Settings

__all__ = ["CONFIGURATIONS", "expand", "load_settings"]

CONFIGURATIONS = ("gateline.yaml", "gateline.yml", "pyproject.toml")
"""Files at the top of a tree that may configure Gateline."""


def load_settings(
    root: str | None,
    read: Callable[[str], bytes | None],
    *,
    paths: Callable[[], Sequence[str]] | None = None,
) -> Settings:
    """The settings of a tree: of gateline.yaml, else of [tool.gateline] in pyproject.toml, else detected.

    root   top of the repository, asked for its file names when `paths` is not given and there is no configuration
    read   the bytes of a file of the tree under test by its relative path, None when there is no such file
    paths  every file of the tree under test; called only when there is no configuration

    Raises ConfigError, which tells every mistake of the file with line and column.
    """
    from gates.config.load import load

    def tracked() -> Sequence[str]:
        if root is None:
            return ()
        from gates.git.repository import Repository, decode

        listed = Repository.find(root).ask("ls-files", "-z").stdout
        return [decode(path) for path in listed.split(b"\0") if path]

    return load(read, paths or tracked)


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Replace each `${NAME}` by the variable's value. Raises ConfigError when one is not set."""
    from gates.config.variables import expand as expand_variables

    return expand_variables(text, environ)
