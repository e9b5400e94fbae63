"""One thing that the doctor of pipelines has to say."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Remark"]


@dataclass(frozen=True)
class Remark:
    """mutes  True when it lets a change past the gates (or a secret out), False for what a person should know
    where  file and line
    text   one sentence, which never repeats a secret
    """

    mutes: bool
    where: str
    text: str
