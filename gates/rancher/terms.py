"""What an upgrade is told to do, and whom it tells what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gates.rancher.target import Plan, Situation

__all__ = ["LogFeed", "Options", "Progress"]


class Progress(Protocol):
    """What is told to a person while it goes on."""

    def plan(self, plan: Plan) -> None:
        """What is going to change."""
        ...

    def seen(self, situation: Situation, seconds: float) -> None:
        """A new reading, `seconds` after the start."""
        ...

    def note(self, text: str) -> None:
        """One sentence."""
        ...


class LogFeed(Protocol):
    """The output of containers while they are replaced."""

    @property
    def alarm(self) -> str:
        """Why a line makes the upgrade fail, "" while none does."""
        ...

    def follow(self, situation: Situation) -> None:
        """Also follow the containers that are new in this reading, and show what has come in."""
        ...


@dataclass(frozen=True)
class Options:
    """undo, finish, wait   whether to go back after a failure, to confirm in the end, to watch at all
    adopt    "" or what to do with an upgrade that somebody else left behind: "finish" or "rollback"
    again    upgrade although this very deploy has been made already
    dry_run  stop after the plan
    pull     have all hosts fetch the images first
    """

    undo: bool = True
    finish: bool = True
    wait: bool = True
    adopt: str = ""
    again: bool = False
    dry_run: bool = False
    pull: bool = False
