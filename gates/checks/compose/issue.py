"""One thing wrong in a Compose file, before it becomes a finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from gates.compose_file import ComposeFile
from gates.config.document import Mistake, Path

__all__ = ["Issue", "issue", "meant"]


@dataclass(frozen=True)
class Issue:
    """rule, severity  of the finding
    about           what identifies it besides its message
    mistake         place, message and hint
    """

    rule: str
    about: str
    mistake: Mistake
    severity: str = "major"


def issue(
    file: ComposeFile,
    rule: str,
    path: Path,
    message: str,
    hint: str = "",
    *,
    key: bool = False,
    top: bool = False,
    severity: str = "major",
) -> Issue:
    """An issue in a service, whose name `path` begins with; `top`: `path` begins at the top of the file.

    key  it is about the key at `path`, not about the value
    """
    place = file.document if top else file
    mistake = place.mistake(path, message, hint, key=key)
    return Issue(rule, ".".join(map(str, path)), mistake, severity)


def meant(word: object, known: Iterable[object]) -> str:
    """ "Did you mean image?", or ""."""
    close = get_close_matches(str(word).lower(), [str(name) for name in known], n=1)
    return f"Did you mean {close[0]}?" if close else ""
