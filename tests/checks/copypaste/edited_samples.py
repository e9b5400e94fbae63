"""A function, and an edited copy of it."""

from __future__ import annotations

__all__ = ["EDITED", "LOAD"]

LOAD = '''\
def load_users(path, limit):
    """Users."""
    result = []
    with open(path) as file:
        for line in file:
            name, _, rest = line.partition(",")
            if not name.strip():
                continue
            if len(result) >= limit:
                break
            result.append({"name": name.strip(), "rest": rest.strip(), "kind": "user"})
    return result
'''
EDITED = LOAD.replace("load_users", "load_groups").replace(
    "            if len(result) >= limit:\n                break\n",
    '            log.debug("line %s", line)\n            counter += 1\n',
)
