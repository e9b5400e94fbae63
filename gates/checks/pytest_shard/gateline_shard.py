"""A pytest plugin that leaves one shard of the test files and deselects the others.

It runs in the project's own Python, where Gateline may not be installed, so it imports nothing of it, and its folder
holds nothing else. Test files are dealt like cards, as `gates.ci.shard.pick` does: pytest collects all of them in every
shard, so that its configuration decides what is a test, and no file is left out or run twice.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    index, total = (int(part) for part in os.environ["GATELINE_SHARD"].split("/"))
    files = sorted({item.nodeid.partition("::")[0] for item in items})
    mine = set(files[index - 1 :: total])
    others = [item for item in items if item.nodeid.partition("::")[0] not in mine]
    if others:
        items[:] = [item for item in items if item.nodeid.partition("::")[0] in mine]
        config.hook.pytest_deselected(items=others)
    with open(os.environ["GATELINE_SHARD_FILE"], "w", encoding="utf-8") as file:
        file.write(f"{len(files)} {len(mine)}")
