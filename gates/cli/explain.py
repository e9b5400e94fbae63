"""`gateline explain`: what a gate checks and how it is set here, or what a rule means."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Collection, Iterator
from typing import Any

import click

from gates.config.check import did_you_mean
from gates.config.durations import text_of
from gates.config.files import working_tree_settings
from gates.config.schema import common_options, gate_defaults, kind_options, kinds, schema
from gates.config.template import inline
from gates.errors import UsageError
from gates.git.repository import Repository
from gates.reports.style import Style
from gates.rules import explain_own_rule, explain_tool_rule, own_rules
from gates.settings import GateSettings, Settings

__all__ = ["command"]

WIDTH = 100
"""Columns at the most: longer lines are hard to read."""


@click.command(short_help="Explain a gate or a rule.")
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Explain NAME: a gate of this repository, a kind of gate, or a rule such as E501.

    Without NAME, list what can be explained.
    """
    repository, settings = _surroundings()
    if name is None:
        click.echo("\n".join(_overview(settings)))
        return 0
    gate = settings.gate(name) if settings else None
    if gate is not None and settings is not None:
        text = "\n".join(_gate(gate, settings))
    elif name in kinds():
        text = "\n".join(_kind(name, settings))
    else:
        text = explain_own_rule(name) or explain_tool_rule(name, repository.root if repository else ".")
    if not text:
        raise _unknown(name, settings)
    click.echo(text)
    return 0


def _surroundings() -> tuple[Repository | None, Settings | None]:
    """This repository and its settings; outside of one, kinds and rules can be explained all the same."""
    try:
        repository = Repository.find()
    except UsageError:
        return None, None
    return repository, working_tree_settings(repository)


def _unknown(name: str, settings: Settings | None) -> UsageError:
    configured = [gate.name for gate in settings.gates] if settings else []
    rules = [rule for kind in kinds() for rule in own_rules(kind)]
    return UsageError(
        f"{name!r} is no gate here, no kind of gate, and no rule that a tool here knows",
        hint=f"{did_you_mean(name, [*configured, *kinds(), *rules])}`gateline explain` lists the gates and kinds.",
    )


def _overview(settings: Settings | None) -> Iterator[str]:
    if settings:
        yield f"Gates of this repository ({settings.source}):"
        for gate in settings.gates:
            yield f"  {gate.name:16} {settings.chosen.get(gate.name, _description(gate.kind))}"
        yield ""
    yield "Kinds of gates:"
    for kind in kinds():
        yield f"  {kind:16} {_description(kind)}"


def _description(kind: str) -> str:
    description: str = schema()["$defs"][f"kind_{kind}"]["description"]
    return description


def _gate(gate: GateSettings, settings: Settings) -> Iterator[str]:
    yield f"{gate.name}: {_description(gate.kind)}"
    if gate.name in settings.chosen:
        yield f"Chosen because: {settings.chosen[gate.name]}."
    yield ""
    yield f"Set here ({settings.source}):"
    values = _values(gate)
    defaults = gate_defaults(gate.kind)
    for option, value in values.items():
        mark = "  (default)" if defaults.get(option) == value else ""
        yield f"  {option:16} {_shown(value)}{mark}"
    yield from _options(gate.kind, left_out=values)


def _kind(kind: str, settings: Settings | None) -> Iterator[str]:
    yield f"{kind}: {_description(kind)}"
    others = [gate.name for gate in settings.gates if gate.kind == kind] if settings else []
    if others:
        yield f"Gates of this kind here: {', '.join(others)}."
    elif settings:
        yield "No gate here is of this kind."
    yield ""
    yield "Defaults:"
    for option, value in gate_defaults(kind).items():
        yield f"  {option:16} {_shown(value)}"
    yield from _options(kind, left_out=())


def _values(gate: GateSettings) -> dict[str, Any]:
    """All options that have a value, as one would write them."""
    data = gate.to_dict()
    data["time_limit"] = text_of(gate.time_limit)
    common = {option: data[option] for option in common_options() if data[option] not in (None, [], {}, "")}
    return {**common, **gate.options}


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else inline(value)


def _options(kind: str, left_out: Collection[str]) -> Iterator[str]:
    yield ""
    yield "Options and what they mean:"
    width = max(40, min(WIDTH, Style.of(sys.stdout, os.environ).width))
    for option, described in {**common_options(), **kind_options(kind)}.items():
        mark = "" if option in left_out or not left_out else " Not set."
        text = f"{described.get('description', '')}{mark}"
        yield textwrap.fill(text, width, initial_indent=f"  {option:16} ", subsequent_indent=" " * 19)
    rules = own_rules(kind)
    if rules:
        yield ""
        yield f"Rules: {', '.join(rules)}. `gateline explain RULE` explains one."
    yield ""
    yield f"Documentation: docs/reference/gates/{kind}.md and docs/reference/configuration.md"
