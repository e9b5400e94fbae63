"""Where the files of a description come from: the commit that was verified, or the folder as it lies there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gates.compose_file import ComposeFile, interpolated, read_compose
from gates.errors import ConfigError, UsageError
from gates.git.repository import Repository
from gates.rancher.compose.description import Description, describe
from gates.rancher.compose.keys import Wrong, env_lines

__all__ = ["Source", "read_description"]


@dataclass(frozen=True)
class Source:
    """Reads files by their path in the repository (of a commit), or in the file system (commit "").

    A verdict is about a commit, so what is deployed with one is described by that commit and not by what lies about.
    """

    repository: Repository | None
    commit: str

    @property
    def words(self) -> str:
        return f"of commit {self.commit[:12]}" if self.commit else "as they lie in the folder"

    @property
    def root(self) -> str:
        """What the paths are relative to."""
        return self.repository.root if self.repository is not None else os.getcwd()

    def path(self, given: str) -> str:
        """The path to read: one that is relative is one in the tree, as in a target."""
        if os.path.isabs(given):
            return os.path.relpath(os.path.realpath(given), os.path.realpath(self.root))
        return os.path.normpath(given)

    def read(self, path: str) -> bytes:
        """Raises UsageError."""
        if self.commit and self.repository is not None:
            done = self.repository.ask("cat-file", "blob", f"{self.commit}:{path}", check=False)
            if done.code:
                raise UsageError(
                    f"{path} is not in commit {self.commit[:12]}",
                    hint="With a verdict, files are read from the commit that is deployed: commit them.",
                )
            return bytes(done.stdout)
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                return file.read()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def read_description(source: Source, compose: str, rancher: str, environ: Mapping[str, str]) -> list[Description]:
    """The services that the files describe. Raises UsageError, and ConfigError with every mistake and its place."""
    folder = os.path.dirname(compose)

    def read_text(path: str) -> str:
        try:
            return source.read(os.path.normpath(os.path.join(folder, path))).decode()
        except (UsageError, UnicodeDecodeError) as error:
            raise Wrong(f"names {path!r}, which cannot be read: {error}".split("\n")[0]) from None

    known = {**_beside(source, folder), **environ}
    files = [_interpolated(source, path, known) for path in (compose, rancher) if path]
    return describe(files[0], files[1] if rancher else None, known, read_text)


def _beside(source: Source, folder: str) -> dict[str, str]:
    """The variables of `.env` beside the Compose file, where there is one, as Compose reads it."""
    try:
        content = source.read(os.path.join(folder, ".env")).decode()
    except (UsageError, UnicodeDecodeError):
        return {}
    found = env_lines(content)
    return {name: re.sub(r"^(['\"])(.*)\1$", r"\2", value) for name, value in found.items() if value is not None}


def _interpolated(source: Source, path: str, environ: Mapping[str, str]) -> ComposeFile:
    """The file with its variables replaced; those that are not set are mistakes like others."""
    file, mistakes = interpolated(read_compose(source.read(path), path), environ)
    file.document.mistakes.extend(mistakes)
    if not file.services and not file.document.mistakes:
        raise ConfigError("describes no service", where=path)
    return file
