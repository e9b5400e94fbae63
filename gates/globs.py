"""Globs in gitignore syntax. The plainest form ("*.py") is matched here, all others by the `pathspec` library."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathspec import GitIgnoreSpec

__all__ = ["Globs"]


class Globs:
    """Whether a path (relative, with "/") matches any of some globs. No globs match nothing."""

    __slots__ = ("endings", "spec")

    def __init__(self, globs: Sequence[str]) -> None:
        plain = all(glob.startswith("*.") and not set(glob[1:]) & set("*?[]/!\\ ") for glob in globs)
        self.endings = tuple(glob[1:] for glob in globs) if plain else ()
        self.spec = None if plain else _compile(globs)

    def match(self, path: str) -> bool:
        if self.spec is None:
            return path.endswith(self.endings)
        return self.spec.match_file(path)


def _compile(globs: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)
