"""One deploy of a service at a time on this machine.

Between machines the server itself is the lock: it begins only one upgrade of a service at a time, and the mark in the
configuration says whose it is (see `gates.rancher.upgrade`). CI should serialise deploys besides, with GitLab's
`resource_group` or GitHub's `concurrency`, so that they queue instead of being refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gates.errors import CannotRun
from gates.git.locks import Lock

__all__ = ["deploy_lock"]


@contextmanager
def deploy_lock(where: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock for a service. The system gives it free when its holder dies. Raises CannotRun when it is held."""
    name = hashlib.sha256(json.dumps(dict(where), sort_keys=True).encode()).hexdigest()[:32]
    lock = Lock(os.path.join(_folder(), name))
    if not lock.try_acquire():
        raise CannotRun(
            f"another gateline on this machine is changing {where['stack']}/{where['service']}; nothing was changed",
            hint="Wait until it is done.",
        )
    try:
        yield
    finally:
        lock.release()


def _folder() -> str:
    """A folder of this user's own in the folder for temporary files, where anybody may create anything."""
    path = os.path.join(tempfile.gettempdir(), f"gateline-{os.getuid()}")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError as error:
        raise CannotRun(f"no lock can be taken: {error.strerror}", where=path) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CannotRun("no lock can be taken: this is not a folder of this user's own", where=path)
    return path
