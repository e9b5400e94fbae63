"""The configuration may be tightened by the change under test, but not loosened.

In CI the rules are those of the target branch. Whatever the change makes weaker is a finding of its own, and the run
goes by the stricter side of each gate. What cannot be told to be at least as strict, such as another command, counts
as looser. A person accepts exactly one new configuration by its digest, outside the repository.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gates.evidence import Evidence
from gates.finding import Finding, Place, fingerprint
from gates.outcome import FAILED, Outcome
from gates.settings import DOORS, GateSettings, Settings

__all__ = ["ACCEPT_VARIABLE", "POLICY", "loosened", "outcome", "settled", "strictest"]

POLICY = "gateline.policy"
"""Name of the outcome that stands for a loosened configuration; no gate can be called so."""

ACCEPT_VARIABLE = "GATELINE_ACCEPT_POLICY"
"""CI variable with the digest of a configuration that is accepted though it is looser."""

BLOCKS = ("none", "new", "all")
RANKS = "ABCDEF"


def loosened(target: Settings, head: Settings) -> dict[str, list[str]]:
    """What `head` allows and `target` did not: gate name ("" for the top level) -> sentences. Empty when nothing."""
    found: dict[str, list[str]] = {}
    for before in target.gates:
        after = head.gate(before.name)
        found[before.name] = ["the gate is removed"] if after is None else list(_gate(before, after))
    found[""] = list(_top(target, head))
    return {name: sentences for name, sentences in found.items() if sentences}


def strictest(target: Settings, head: Settings) -> Settings:
    """The settings of `head`, but each loosened part as in `target`."""
    looser = loosened(target, head)
    names = [gate.name for gate in head.gates]
    gates = [_stricter(target.gate(gate.name), gate, looser.get(gate.name, ())) for gate in head.gates]
    gates += [gate for gate in target.gates if gate.name not in names]
    merged = Settings.from_dict(head.to_dict())
    merged.gates = gates
    if "" in looser:
        merged.exclude, merged.ci, merged.links = target.exclude, target.ci, target.links
    return merged


def _stricter(before: GateSettings | None, after: GateSettings, looser: Sequence[str]) -> GateSettings:
    """One gate as in `strictest`. Which version's rules block is settled by blocking by all of them."""
    if before is None or not looser:
        return after
    chosen = after if list(looser) == [version_sentence(after.tool_version)] else before
    if not _is_other_version(before, after):
        return chosen
    chosen = GateSettings.from_dict(chosen.to_dict())
    chosen.tool_version = ""
    return chosen


def settled(looser: Mapping[str, Sequence[str]], versions: Mapping[str, str]) -> dict[str, list[str]]:
    """What is still looser when it is known which version of its tool each gate ran with (gate name -> version)."""
    left = {
        name: [words for words in sentences if words != version_sentence(versions.get(name, "?"))]
        for name, sentences in looser.items()
    }
    return {name: sentences for name, sentences in left.items() if sentences}


def outcome(looser: Mapping[str, Sequence[str]], source: str, policy: str) -> Outcome:
    """A failed gate with a finding for each thing that is looser."""
    findings = [
        Finding(
            POLICY,
            "loosened",
            f"{name}: {sentence}" if name else sentence,
            place=Place(source, 1),
            severity="critical",
            fingerprint=fingerprint(POLICY, "loosened", name, sentence),
            status="new",
        )
        for name, sentences in looser.items()
        for sentence in sentences
    ]
    reason = f"the change loosens the configuration; {ACCEPT_VARIABLE}={policy} accepts exactly this one"
    evidence = Evidence(files=1, tool="gateline")
    return Outcome(POLICY, FAILED, reason, findings=findings, evidence=evidence, command="gateline ci")


def _gate(before: GateSettings, after: GateSettings) -> Iterator[str]:
    # Another time limit is not looser: a gate that is ended by it has not run, and never passes.
    gone = [door for door in DOORS if door in before.doors and door not in after.doors]
    if gone:
        yield f"it no longer runs at the door {' and '.join(gone)}"
    if BLOCKS.index(after.block) < BLOCKS.index(before.block):
        yield f"block goes from {before.block} to {after.block}"
    wider = [glob for glob in after.exclude if glob not in before.exclude]
    if wider:
        yield f"it leaves out {', '.join(wider)}"
    if _is_narrower(before.files, after.files):
        yield f"it looks only at {', '.join(after.files) or 'the files that its kind chooses'}"
    if after.reads and _is_narrower(before.reads, after.reads):
        yield f"it runs only when {', '.join(after.reads)} changes"
    for metric, direction in before.ratchets.items():
        if after.ratchets.get(metric) != direction:
            yield f"the ratchet on {metric} is gone"
    if _is_other_version(before, after):
        yield version_sentence(after.tool_version)
    for name, was, now in (
        ("kind", before.kind, after.kind),
        ("run", before.run, after.run),
        ("env", before.env, after.env),
    ):
        if was != now:
            yield f"{name} is another, which cannot be told to be as strict"
    yield from _options(before.options, after.options)


def _is_other_version(before: GateSettings, after: GateSettings) -> bool:
    """Whether another version's rules are accepted. No version accepts those of all."""
    return bool(after.tool_version) and after.tool_version != before.tool_version


def version_sentence(version: str) -> str:
    """What is looser about accepting the rules of one version of a tool, unless it is the one in use."""
    return f"only the rules of version {version} of its tool block, and that is not the version in use"


def _is_narrower(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether globs may match less than before; without any, the kind's own count. "!x" takes away."""
    if bool(before) != bool(after):
        return True
    added = set(after) - set(before)
    return bool(set(before) - set(after)) or any(glob.startswith("!") for glob in added)


def _options(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        check = STRICTER.get(name)
        if check is None:
            yield f"{name} is another, which cannot be told to be as strict"
        elif not check(was, now):
            yield f"{name} goes from {_word(was)} to {_word(now)}"


def _top(target: Settings, head: Settings) -> Iterator[str]:
    wider = [glob for glob in head.exclude if glob not in target.exclude]
    if wider:
        yield f"no gate looks at {', '.join(wider)} any more"
    linked = [name for name in head.links if name not in target.links]
    if linked:
        yield f"{', '.join(linked)} of the machine is linked into what gates look at"
    for name in ("base", "policy_from"):
        if target.ci.get(name) != head.ci.get(name):
            yield f"ci: {name} goes from {_word(target.ci.get(name))} to {_word(head.ci.get(name))}"
    for name, deploy in target.deploy.items():
        required = head.deploy[name].get("requires", ()) if name in head.deploy else None
        gone = [gate for gate in deploy.get("requires", ()) if required is not None and gate not in required]
        if gone:
            yield f"deploy to {name} no longer requires {', '.join(gone)}"


def _word(value: object) -> str:
    return "nothing" if value is None else str(value)


def _at_most(was: Any, now: Any) -> bool:
    """A limit from above that may be missing: no limit is the loosest."""
    return was is None or (now is not None and now <= was)


def _at_least(was: Any, now: Any) -> bool:
    """A limit from below that may be missing: no limit is the loosest."""
    return was is None or (now is not None and now >= was)


def _no_higher(was: Any, now: Any) -> bool:
    """What is smaller is ignored. Where one side leaves it to the gate, nobody can tell."""
    return was is not None and now is not None and now <= was


def _no_lower(was: Any, now: Any) -> bool:
    """How much is looked for. Where one side leaves it to the gate, nobody can tell."""
    return was is not None and now is not None and now >= was


def _no_worse_rank(was: Any, now: Any) -> bool:
    """The worst rank, from A to F, that is let through; no rank lets all through."""
    return was is None or (now is not None and RANKS.find(now) <= RANKS.find(was))


def _no_more(was: Any, now: Any) -> bool:
    """A list of exceptions: as strict when nothing was added."""
    return set(map(str, now or ())) <= set(map(str, was or ()))


def _on(was: Any, now: Any) -> bool:
    """A switch that makes the gate look at more."""
    return bool(now)


def _off(was: Any, now: Any) -> bool:
    """A switch that lets something pass."""
    return not now


STRICTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "max": _no_worse_rank,
    "modules": _no_worse_rank,
    "average": _no_worse_rank,
    "maintainability": _no_worse_rank,
    "min_tokens": _no_higher,
    "test_min_tokens": _no_higher,
    "min_lines": _no_higher,
    "similarity": _no_higher,
    "type": _no_lower,
    "missed_twins": _on,
    "ignore": _no_more,
    "audit": _on,
    "allow": _no_more,
    "entropy": _no_higher,
    "changed": _at_least,
    "minimum": _at_least,
    "floor": _no_higher,
    "allow_latest": _off,
    "require_health_check": _on,
    "max_subject": _at_most,
    "signed_off": _on,
    "conventional": _on,
    "types": _no_more,
    "min_tests": _at_least,
}
"""Option -> whether its new value is at least as strict as the old one; all other options count as looser."""
