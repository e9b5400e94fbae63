"""Files of code read from a folder, and told apart from what is no code."""

from __future__ import annotations

import os

from gates.checks.copypaste.languages import language_of
from gates.checks.copypaste.noise import reason_to_leave_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.copypaste.attributes import Attributes
    from gates.checks.copypaste.language import Language

__all__ = ["CHANGED", "KEPT", "LARGEST", "MARK", "NOT_UTF8", "OLD", "Reader", "Source"]

KEPT, CHANGED, OLD = "kept", "changed", "old"
"""Sides of a change: files of both trees, files of the tree under test that differ, and what these were before."""

MARK = b"gateline:"
"""What a comment for this gate begins with, see `gates.checks.copypaste.suppress`."""

LARGEST = 64 << 20
"""A file larger than this is not read."""

HEAD = 4096
"""Bytes that tell the language where the name does not."""

NOT_UTF8 = "not UTF-8 (read as bytes)"

BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Source:
    """A file as it is asked for: its path relative to the tree, its side, and its bytes where they are at hand."""

    __slots__ = ("data", "path", "side")

    def __init__(self, path: str, side: str = KEPT, data: bytes | None = None) -> None:
        self.path = path
        self.side = side
        self.data = data


class Reader:
    """Reads files and remembers what is not read.

    left_out    path -> why, for each file that is left out, or read in another way than it should be
    marked      paths of files in which MARK stands: a comment in them may allow copies
    unreadable  one sentence for each file that is there and cannot be read
    """

    __slots__ = ("attributes", "left_out", "marked", "root", "unreadable")

    def __init__(self, root: str, attributes: Attributes | None = None) -> None:
        """`attributes` are those that .gitattributes gives to files."""
        self.root = root
        self.attributes = attributes
        self.left_out: dict[str, str] = {}
        self.marked: set[str] = set()
        self.unreadable: list[str] = []

    def read(self, source: Source) -> tuple[bytes, Language] | None:
        """The bytes of a file of code and its language, or None for one that is left out."""
        data = source.data
        reason = self.attributes.reason(source.path) if self.attributes is not None else ""
        if reason:
            self.left_out[source.path] = reason
            return None
        if data is None:
            try:
                data = self._bytes(source.path)
            except OSError as error:
                self.unreadable.append(f"{source.path}: {error.strerror}")
                return None
        if data is not None and MARK in data and source.side != OLD:
            self.marked.add(source.path)
        reason, found = _understand(source.path, data)
        if reason and source.side != OLD:  # what was left out before is no news
            self.left_out[source.path] = reason
        return found

    def _bytes(self, path: str) -> bytes | None:
        """A file's content, None when it is too large."""
        descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            size = os.fstat(descriptor).st_size
            if size > LARGEST:
                return None
            data = os.read(descriptor, size + 1)
            while len(data) < size and (more := os.read(descriptor, size - len(data))):
                data += more
            return data
        finally:
            os.close(descriptor)


def _understand(path: str, data: bytes | None) -> tuple[str, tuple[bytes, Language] | None]:
    """Why a file is left out (or how it is read all the same), and its text and language if it is not."""
    if data is None or len(data) > LARGEST:
        return f"larger than {LARGEST >> 20} MB", None
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data = data.decode(encoding, "replace").encode("utf-8", "replace")
    language = language_of(path, data[:HEAD])
    if language is None:
        return "in no known language", None
    if language.data:
        return "data or prose, not code", None
    if b"\0" in data:
        return "binary (has NUL bytes)", None
    reason = reason_to_leave_out(path, data)
    if reason:
        return reason, None
    how = "" if data.isascii() or _is_utf8(data) else NOT_UTF8
    if language.contains:
        from gates.checks.copypaste.embedded import unwrap  # only where there is a page, template or notebook

        inside = unwrap(data, language)
        return (how, inside) if inside is not None else ("no code in it", None)
    return how, (data, language)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
