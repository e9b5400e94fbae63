"""Which distribution brings a module: asked of the project's own environment, where there is one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import Distribution, distributions

from gates.checks.dependencies.known import canonical

__all__ = ["Environment"]


class Environment:
    """What is installed.

    modules   top-level module -> canonical names of the distributions that bring it
    commands  canonical names of distributions that bring a command or a plugin
    """

    def __init__(self, root: str, environ: Mapping[str, str]) -> None:
        self.modules: dict[str, set[str]] = {}
        self.commands: set[str] = set()
        for distribution in distributions(path=_site_packages(root, environ)):
            name = distribution.metadata["Name"]
            if name:
                for module in _modules(distribution):
                    self.modules.setdefault(module, set()).add(canonical(name))
                if distribution.entry_points:
                    self.commands.add(canonical(name))

    def modules_of(self, package: str) -> list[str]:
        return [module for module, brought in self.modules.items() if package in brought]


def _site_packages(root: str, environ: Mapping[str, str]) -> list[str]:
    """Of the environment in the tree, else of the Python that commands meet first."""
    places = [os.path.join(root, name) for name in (".venv", "venv")]
    if "VIRTUAL_ENV" in environ:
        places.append(environ["VIRTUAL_ENV"])
    for place in places:
        library = os.path.join(place, "lib")
        if os.path.isdir(library):
            found = [os.path.join(library, name, "site-packages") for name in sorted(os.listdir(library))]
            return [path for path in found if os.path.isdir(path)]
    return []


def _modules(distribution: Distribution) -> set[str]:
    """The top-level modules of a distribution."""
    told = distribution.read_text("top_level.txt")
    if told is not None:
        return set(told.split())
    found = set()
    for file in distribution.files or ():
        first = file.parts[0]
        if len(file.parts) > 1:
            found.add(first)
        elif first.endswith((".py", ".so", ".pyd")):
            found.add(first.partition(".")[0])
    return {name for name in found if name.isidentifier()}
