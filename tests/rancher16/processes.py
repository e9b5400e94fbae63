"""The process table: which action of a service may begin in which state, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALWAYS", "PROCESSES", "WHILE_STATES", "Process", "actions_in"]


@dataclass(frozen=True)
class Process:
    """One process. `during` is the state while it goes on, `done` the one after it."""

    starts: tuple[str, ...]
    during: str
    done: str


UPDATING = ("updating-active", "updating-inactive")

PROCESSES = {
    "activate": Process(("inactive", "restarting"), "activating", "active"),
    "deactivate": Process(("restarting", "active", "activating", *UPDATING), "deactivating", "inactive"),
    "upgrade": Process(("active", "activating", "inactive", "updating-active"), "upgrading", "upgraded"),
    "finishupgrade": Process(("upgraded",), "finishing-upgrade", "active"),
    "rollback": Process(("upgrading", "upgraded", "canceled-upgrade"), "rolling-back", "active"),
    "cancelupgrade": Process(("upgrading", "finishing-upgrade"), "canceling-upgrade", "canceled-upgrade"),
    "continueupgrade": Process(("canceled-upgrade",), "upgrading", "upgraded"),
    "restart": Process(("active",), "restarting", "active"),
    "update": Process(
        (
            "inactive",
            "active",
            "updating-active",
            "finishing-upgrade",
            "activating",
            "canceling-upgrade",
            "upgrading",
            "rolling-back",
        ),
        "updating-active",
        "active",
    ),
    "remove": Process(
        (
            "requested",
            "registering",
            "inactive",
            "activating",
            "active",
            "deactivating",
            "restarting",
            "upgrading",
            "upgraded",
            "canceling-upgrade",
            "canceled-upgrade",
            "finishing-upgrade",
            "rolling-back",
            "error",
            *UPDATING,
        ),
        "removing",
        "removed",
    ),
}

WHILE_STATES = frozenset({process.during for process in PROCESSES.values()} | {"registering", *UPDATING})
"""States in which something goes on."""

ALWAYS = ("addservicelink", "removeservicelink", "setservicelinks")
"""Actions that are no processes: any state but those of the end."""


def actions_in(state: str) -> list[str]:
    """The actions of a service in this state."""
    found = [name for name, process in PROCESSES.items() if state in process.starts]
    gone = state in ("removing", "removed", "purging", "purged")
    return sorted([*found, *(() if gone else ALWAYS)])
