"""The history of deploys: JSON lines, one when an upgrade begins and one when it ends.

A deploy that was killed leaves its first line without a second, which is how `gateline history` knows of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from gates.errors import CannotRun
from gates.git.locks import Lock

__all__ = ["Entry", "History", "line", "paragraph", "service_of"]

Entry = dict[str, Any]


class History:
    """One file; it may be shared by several processes."""

    def __init__(self, path: str) -> None:
        self.path = path

    def check(self) -> None:
        """Raises CannotRun when nothing could be written: better before the upgrade than after it."""
        try:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
            with open(self.path, "ab"):
                pass
        except OSError as error:
            raise CannotRun(
                f"the history cannot be written: {error.strerror}",
                where=self.path,
                hint="Name a file that can, with --history.",
            ) from None

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add one line and see it to the disk. Raises OSError."""
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with Lock(self.path + ".lock"), open(self.path, "ab+") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                # A process that was killed may have left half a line; ours must not become part of it.
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> Iterator[Entry]:
        """Each deploy once, oldest first: its beginning and, where there is one, its end in one mapping.

        Without an end, `result` is "unknown". Lines that are torn are passed over. Raises CannotRun.
        """
        deploys: dict[str, Entry] = {}
        for number, entry in enumerate(self._lines()):
            run = str(entry.get("run") or number)
            deploys[run] = {**deploys.get(run, {"result": "unknown"}), **entry}
        for entry in deploys.values():
            entry.pop("event", None)
            yield entry

    def _lines(self) -> Iterator[Entry]:
        try:
            with open(self.path, "rb") as file:
                for line in file:
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(entry, dict):
                        yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise CannotRun(f"the history cannot be read: {error.strerror}", where=self.path) from None


def service_of(entry: Mapping[str, Any]) -> str:
    """ "stack/service"; "" for the call of a receiver, when it was not said whose."""
    target = entry.get("target") or {}
    return "/".join(str(target[name]) for name in ("stack", "service") if target.get(name))


def line(entry: Mapping[str, Any]) -> str:
    """One deploy on one line, for logs and for grep."""
    head, images, *rest = _words(entry)
    return "  ".join(word for word in (*head, images, *rest) if word)


def paragraph(entry: Mapping[str, Any]) -> list[str]:
    """One deploy on lines that fit a terminal."""
    head, images, who, commit, verdict, seconds, reason = _words(entry)
    below = (images, ", ".join(word for word in (who, commit, verdict) if word), reason)
    return ["  ".join((*head, seconds)), *(f"    {word}" for word in below if word)]


def _words(entry: Mapping[str, Any]) -> tuple[tuple[str, str, str], str, str, str, str, str, str]:
    """When, what and the result; images; who; commit; verdict; how long; why."""
    old, new = (_images(entry.get(name)) for name in ("old_images", "new_images"))
    images = f"{old} -> {new}" if old and old != new else new + _tried(entry)
    seconds = f"{entry['seconds']:.0f} s" if "seconds" in entry else "no end recorded: killed, or still running"
    what = f"{entry.get('verb')} {service_of(entry)}".strip()
    return (
        (str(entry.get("at")), what, str(entry.get("result"))),
        images,
        f"by {entry.get('by')}",
        _commit(entry),
        _verdict(entry.get("verdict")),
        seconds,
        str(entry.get("reason") or ""),
    )


def _images(images: Mapping[str, str] | None) -> str:
    return ", ".join(images.values()) if images else ""


def _tried(entry: Mapping[str, Any]) -> str:
    """What was to be deployed and is not there, since it was undone."""
    changes = entry.get("changes") or () if entry.get("result") == "undone" else ()
    images = [str(change["new"]) for change in changes if str(change["field"]).endswith("image") and change["new"]]
    return f" (tried {', '.join(images)})" if images else ""


def _commit(entry: Mapping[str, Any]) -> str:
    return f"commit {entry['commit'][:12]}" if entry.get("commit") else ""


def _verdict(verdict: Mapping[str, Any] | None) -> str:
    if not verdict:
        return ""
    return f"without a verdict ({verdict['without']})" if "without" in verdict else f"verdict {verdict['signed_by']}"
