"""The command of a gate that was given none: the one that a repository without configuration would get."""

from __future__ import annotations

import os

from gates.detect import choose
from gates.detect.survey import Survey
from gates.errors import CannotRun
from gates.git.repository import Repository, clean_environment, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext

__all__ = ["detected_run"]


def detected_run(context: GateContext) -> str:
    """The command for a gate of this kind, chosen from the files of the tree. Raises CannotRun when there is none."""
    repository = Repository.find(context.root, clean_environment(os.environ))
    paths = [path for path in decode(repository.ask("ls-files", "-z").stdout).split("\0") if path]

    def read(path: str) -> bytes | None:
        try:
            with open(os.path.join(context.root, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    kind = context.settings.kind
    for choice in choose(Survey(paths, read)):
        if choice.kind == kind and isinstance(choice.options.get("run"), str):
            run: str = choice.options["run"]
            return run
    raise CannotRun(
        f"no command was given, and nothing in the repository says which {kind} it uses",
        hint=f"Name it in gateline.yaml, for example: {kind}: {{run: make {kind}}}",
    )
