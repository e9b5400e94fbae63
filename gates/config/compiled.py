"""Settings kept in a form that loads in a fraction of a millisecond, so that a hook need not import YAML or a schema.

An entry holds everything it was made from and is used only when all of that is equal: no digest decides. What cannot be
read or written is as good as not there.
"""

from __future__ import annotations

import marshal
import os

from gates import __version__
from gates.digest import digest
from gates.marshalled import read_marshal, write_marshal
from gates.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Read = Callable[[str], bytes | None]

__all__ = ["Recorder", "load_cached", "load_compiled", "load_detected", "store_compiled", "store_detected"]

FOLDER = os.path.dirname(__file__)
MADE_BY = ("schema.json", "build.py", "../detect/__init__.py")


def load_cached(read: Read, paths: Callable[[], Sequence[str]], cache_dir: str) -> Settings:
    """What `gates.config.load_settings` gives, from the stored settings where nothing that they come from has changed.

    The other file that could configure Gateline is part of what must be equal: a second configuration is a mistake
    from the moment it is there. Raises ConfigError.
    """
    recorder = Recorder(read)
    files = [recorder(name) for name in ("gateline.yaml", "gateline.yml", "pyproject.toml")]
    raw = marshal.dumps(files)
    found = load_compiled(raw, cache_dir)
    if found is not None:
        return found
    names = paths() if files[0] is None else ()
    found = load_detected(names, recorder, cache_dir) if names else None
    if found is None:
        from gates.config import load_settings

        found = load_settings(None, recorder, paths=lambda: names)
        if found.source == "detected":
            store_detected(names, recorder, found, cache_dir)
        else:
            store_compiled(raw, found, cache_dir)
    return found


def load_compiled(raw: bytes, cache_dir: str) -> Settings | None:
    """The settings stored for exactly these bytes of a configuration file, None when there are none."""
    stored = _read(_file(raw, cache_dir))
    if stored is None or stored.get("raw") != raw:
        return None
    return Settings.from_dict(stored["settings"])


def store_compiled(raw: bytes, settings: Settings, cache_dir: str) -> None:
    """Store settings for these bytes; does nothing where the folder cannot be written."""
    _write(_file(raw, cache_dir), {"raw": raw, "settings": settings.to_dict()})


class Recorder:
    """A `read` that remembers what was asked and answered: what a detection depended on besides the file names."""

    __slots__ = ("answers", "read")

    def __init__(self, read: Read) -> None:
        self.read = read
        self.answers: dict[str, bytes | None] = {}

    def __call__(self, path: str) -> bytes | None:
        if path not in self.answers:
            self.answers[path] = self.read(path)
        return self.answers[path]


def load_detected(paths: Sequence[str], read: Read, cache_dir: str) -> Settings | None:
    """The settings stored for a tree without configuration that has these files, None when there are none.

    Every file that the detection had looked at is read again and compared.
    """
    names = _joined(paths)
    stored = _read(_file(names, cache_dir))
    if stored is None or stored.get("raw") != names:
        return None
    if any(read(path) != answer for path, answer in stored["answers"].items()):
        return None
    return Settings.from_dict(stored["settings"])


def store_detected(paths: Sequence[str], recorder: Recorder, settings: Settings, cache_dir: str) -> None:
    """Store detected settings; `recorder` is the `read` that the detection was given."""
    names = _joined(paths)
    entry = {"raw": names, "answers": recorder.answers, "settings": settings.to_dict()}
    _write(_file(names, cache_dir), entry)


def _joined(paths: Sequence[str]) -> bytes:
    return b"\0" + "\0".join(paths).encode("utf-8", "surrogateescape")


def _file(raw: bytes, cache_dir: str) -> str:
    # One of sixteen places: branches with different configurations side by side, and never more files than that.
    return os.path.join(cache_dir, f"settings-{digest(raw)[0]}")


def _made_by() -> tuple[Any, ...]:
    """The Gateline that made an entry; the files' times matter while Gateline itself is being changed."""
    facts = [os.stat(os.path.join(FOLDER, name)) for name in MADE_BY]
    return (__version__, *(fact.st_mtime_ns for fact in facts), *(fact.st_size for fact in facts))


def _read(path: str) -> dict[str, Any] | None:
    stored = read_marshal(path)
    if not isinstance(stored, tuple) or len(stored) != 2:
        return None
    made_by, entry = stored
    try:
        return dict(entry) if made_by == _made_by() else None
    except (OSError, ValueError, TypeError):
        return None


def _write(path: str, entry: dict[str, Any]) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_marshal(path, (_made_by(), entry))
    except OSError:
        return
