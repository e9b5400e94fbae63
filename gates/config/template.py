"""A gateline.yaml for a person to read and change: each gate with the reason why it is there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from gates.config.schema import gate_defaults
from gates.detect.survey import Choice

__all__ = ["SCHEMA_COPY", "inline", "write_yaml"]

SCHEMA_COPY = ".git/gateline/schema.json"
"""Where `gateline init` puts the schema for editors: the same path in every clone, and never committed."""

PLAIN = re.compile(r"^[A-Za-z_./][A-Za-z0-9_./@+*=-]*(?: [A-Za-z0-9_./@+*=-]+)*$")
NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Also the words that YAML 1.1 takes for booleans: other tools read the file as well."""

HEADER = f"""# yaml-language-server: $schema={SCHEMA_COPY}
#
# The gates of this repository. They run over the exact tree at each door: commit, merge, push and ci.
#   gateline run             run them now
#   gateline explain GATE    what a gate checks, and how it is set here
#
# Options of every gate: run, doors, block (new, all, none), time_limit, files, exclude, reads, env, fix, fix_run,
# cache, ratchets. What a gate may leave out has the default that `gateline explain GATE` shows.
"""

FOOTER = """
# Globs (gitignore syntax) of files that no gate looks at:
# exclude: ["vendor/**", "*.min.js"]

# Folders that git ignores and that gates need; they are linked into the tree under test:
# links: [.venv, venv, node_modules]

# Where `gateline deploy test` goes, and what must have passed before:
# deploy:
#   test:
#     rancher: {url: "${RANCHER_URL}", stack: my-stack, service: my-service}
#     deadline: 10m
#     bake: 60s
"""


def write_yaml(choices: Sequence[Choice]) -> str:
    """The whole file."""
    gates = "\n".join(_gate(choice) for choice in choices)
    return f"{HEADER}\ngates:\n{gates}{FOOTER}"


def _gate(choice: Choice) -> str:
    defaults = gate_defaults(choice.kind)
    # Doors are what a person asks first of a gate, and `block` what they ask next.
    shown = {**choice.options, "doors": choice.options.get("doors", defaults["doors"])}
    if defaults["block"] != "all":
        shown.setdefault("block", defaults["block"])
    lines = [f"  # {_one_line(choice.why)}", f"  {choice.name}:"]
    lines += [f"    {option}: {inline(value)}" for option, value in shown.items()]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """Only what may stand in a YAML comment: file names can hold line ends and control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def inline(value: Any) -> str:
    """A value in YAML's flow style; a text is quoted wherever a reader could take it for something else."""
    if isinstance(value, str):
        plain = PLAIN.match(value) and value.lower() not in NOT_PLAIN and not re.match(r"[.\d]*$", value)
        return value if plain else "".join(_escaped(sign) for sign in json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return json.dumps(value)


def _escaped(sign: str) -> str:
    """YAML knows no pairs of surrogates, as JSON's escapes have them, and allows no control characters."""
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
