"""GitLab's job log: sections that fold, each with its time."""

from __future__ import annotations

__all__ = ["section"]


def section(name: str, title: str, text: str, *, start: float, seconds: float, collapsed: bool = True) -> str:
    """Text as a section of the log.

    start    seconds since the epoch when the work began; with `seconds` GitLab shows how long it took
    """
    plain = "".join(character if character.isascii() and character.isalnum() else "_" for character in name)
    label = f"gateline_{plain}"
    option = "[collapsed=true]" if collapsed else ""
    # A section's end in a tool's output would close ours: the marker works only behind "\x1b[0K".
    body = text.rstrip().replace("\x1b[0K", "").replace("\r", "")
    return (
        f"\x1b[0Ksection_start:{int(start)}:{label}{option}\r\x1b[0K{title}\n"
        f"{body}\n"
        f"\x1b[0Ksection_end:{int(start + seconds)}:{label}\r\x1b[0K\n"
    )
