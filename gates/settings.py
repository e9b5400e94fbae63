"""The typed form of gateline.yaml that everything behind the configuration works with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["BLOCKS", "DOORS", "FIXES", "GateSettings", "Settings"]

DOORS = ("commit", "merge", "push", "ci", "manual")
BLOCKS = ("new", "all", "none")
FIXES = ("off", "show", "stage")


class GateSettings:
    """One gate as configured.

    name        the key under `gates:`
    kind        which check does it (`lint`, `tests`, `command`...); the name itself where that is a known kind
    doors       at which doors it runs (manual runs everything)
    run         the command: a shell line, a list of words, or None when the gate needs or finds none
    block       `new`: only findings that the change introduces block; `all`; `none`: report only
    time_limit  seconds, after which the gate is ended and counts as not run
    files       globs (gitignore syntax) of the files the gate is about; empty: the kind's own
    exclude     globs left out, added to the top-level `exclude`
    reads       globs of what else can change the result; empty: the whole tree
    env         environment variables added for the gate
    fix         what to do with fixes the tool offers: `off`, `show`, `stage`
    fix_run     the command that fixes, or None
    cache       whether a passed result may be reused for the same input
    ratchets    metric -> "may not get worse" direction: "down" (must not grow) or "up" (must not shrink)
    tool_version  version of the tool whose rules are accepted, "" for any (see gates.newness)
    options     what is special to the kind, validated against the schema
    """

    __slots__ = (
        "block",
        "cache",
        "doors",
        "env",
        "exclude",
        "files",
        "fix",
        "fix_run",
        "kind",
        "name",
        "options",
        "ratchets",
        "reads",
        "run",
        "time_limit",
        "tool_version",
    )

    def __init__(
        self,
        name: str,
        kind: str = "",
        *,
        doors: tuple[str, ...] = DOORS,
        run: str | list[str] | None = None,
        block: str = "all",
        time_limit: float = 600.0,
        files: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        reads: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        fix: str = "off",
        fix_run: str | list[str] | None = None,
        cache: bool = True,
        ratchets: dict[str, str] | None = None,
        tool_version: str = "",
        options: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.kind = kind or name
        self.doors = tuple(doors)
        self.run = run
        self.block = block
        self.time_limit = time_limit
        self.files = tuple(files)
        self.exclude = tuple(exclude)
        self.reads = tuple(reads)
        self.env = dict(env or {})
        self.fix = fix
        self.fix_run = fix_run
        self.cache = cache
        self.ratchets = dict(ratchets or {})
        self.tool_version = tool_version
        self.options = dict(options or {})

    def to_dict(self) -> dict[str, Any]:
        """Only builtin types (JSON and marshal can both store it)."""
        data = {name: getattr(self, name) for name in sorted(self.__slots__)}
        for name in ("doors", "files", "exclude", "reads"):
            data[name] = list(data[name])
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GateSettings:
        return cls(**data)


class Settings:
    """The whole configuration.

    gates      in the order of the file
    exclude    globs that no gate looks at
    links      ignored dependency folders to link into a snapshot (names, or paths with "/")
    jobs       how many gates at once; 0 means one per core
    fail_fast  stop the others when one fails
    deploy     target name -> its mapping as validated by the schema (see gates.rancher)
    ci         settings of the ci door as validated by the schema
    source     where it came from: "gateline.yaml", "pyproject.toml", or "detected"
    chosen     for a detected configuration: gate name -> why it was chosen
    policy     digest of the configuration ("blake2b:<hex>"), part of every verdict
    """

    __slots__ = ("chosen", "ci", "deploy", "exclude", "fail_fast", "gates", "jobs", "links", "policy", "source")

    def __init__(
        self,
        gates: list[GateSettings],
        *,
        exclude: tuple[str, ...] = (),
        links: tuple[str, ...] = (".venv", "venv", "node_modules"),
        jobs: int = 0,
        fail_fast: bool = False,
        deploy: dict[str, dict[str, Any]] | None = None,
        ci: dict[str, Any] | None = None,
        source: str = "gateline.yaml",
        chosen: dict[str, str] | None = None,
        policy: str = "",
    ) -> None:
        self.gates = list(gates)
        self.exclude = tuple(exclude)
        self.links = tuple(links)
        self.jobs = jobs
        self.fail_fast = fail_fast
        self.deploy = dict(deploy or {})
        self.ci = dict(ci or {})
        self.source = source
        self.chosen = dict(chosen or {})
        self.policy = policy

    def gate(self, name: str) -> GateSettings | None:
        return next((gate for gate in self.gates if gate.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Only builtin types (JSON and marshal can both store it)."""
        data = {name: getattr(self, name) for name in sorted(self.__slots__)}
        data["gates"] = [gate.to_dict() for gate in self.gates]
        data["exclude"] = list(self.exclude)
        data["links"] = list(self.links)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Settings:
        fields = dict(data)
        fields["gates"] = [GateSettings.from_dict(item) for item in data["gates"]]
        return cls(**fields)
