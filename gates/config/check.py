"""Document → mistakes: the published schema decides, and each of its errors is told as a sentence for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from gates.config.document import Document, Mistake, Path
from gates.config.schema import common_options, kind_options, kinds, schema

__all__ = ["check", "did_you_mean"]

Broken = Any
"""A jsonschema ValidationError; its attributes are declared so widely that a type would only bring casts."""

FORMATS = FormatChecker(formats=["regex"])


@FORMATS.checks("glob", raises=ValueError)
def _is_glob(value: object) -> bool:
    """Whether the matcher that every gate uses understands it; jsonschema asks for each type, only texts count."""
    if isinstance(value, str):
        from pathspec import GitIgnoreSpec

        GitIgnoreSpec.from_lines([value])
    return True


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """ "Did you mean 'lint'? " or ""."""
    close = get_close_matches(str(word).lower(), [str(item) for item in known], n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}? " if close else ""


def check(document: Document) -> list[Mistake]:
    """All mistakes of a document: those of reading it, those against the schema, and those between its parts."""
    if not isinstance(document.data, dict):
        return [*document.mistakes, _not_a_mapping(document)]
    mistakes = list(document.mistakes)
    for error in Draft202012Validator(schema(), format_checker=FORMATS).iter_errors(document.data):
        mistakes += _tell(document, error)
    return [*mistakes, *_check_required_gates(document)]


def _not_a_mapping(document: Document) -> Mistake:
    hint = "Write at least `gates:` and a gate below it, such as `  secrets: {}`; `gateline init` writes a whole file."
    if document.data is None:
        return Mistake(0, 0, "is empty, so it names no gate", hint)
    return document.mistake((), f"must be a mapping with `gates:`, not {_kind_of(document.data)}", hint)


def _check_required_gates(document: Document) -> Iterator[Mistake]:
    """`requires` of a deploy target can only name gates that exist."""
    gates, targets = document.data.get("gates"), document.data.get("deploy")
    if not isinstance(gates, dict) or not isinstance(targets, dict):
        return
    for name, target in targets.items():
        required = target.get("requires") if isinstance(target, dict) else None
        for index, gate in enumerate(required if isinstance(required, list) else ()):
            if isinstance(gate, str) and gate not in gates:
                yield document.mistake(
                    ("deploy", name, "requires", index),
                    f"deploy target {name!r} requires the gate {gate!r}, which is not configured",
                    f"{did_you_mean(gate, gates)}Configured: {', '.join(map(str, gates))}.",
                )


def _tell(document: Document, error: Broken) -> list[Mistake]:
    is_name = "propertyNames" in error.absolute_schema_path
    teller = _tell_name if is_name else TELLERS.get(str(error.validator), _tell_plain)
    return teller(document, error, tuple(error.absolute_path))


def _tell_unknown(document: Document, error: Broken, path: Path) -> list[Mistake]:
    known = list(error.schema["properties"])
    return [
        document.mistake(
            (*path, key),
            f"unknown key {key!r}{_inside(path)}",
            f"{_belongs(key, path) or did_you_mean(key, known)}Known: {', '.join(known)}.",
            key=True,
        )
        for key in error.instance
        if key not in known
    ]


def _belongs(key: str, path: Path) -> str:
    """Where a key that is right elsewhere should stand."""
    if path[:1] == ("gates",) or not path:
        owners = [kind for kind in kinds() if key in kind_options(kind)]
        if owners:
            return f"It is an option of {' and '.join(owners)}. "
    if path and key in schema()["properties"]:
        return "It belongs at the top of the file, not indented. "
    if not path and key in common_options():
        return "It is an option of a gate. "
    if not path and key in kinds():
        return "It is a gate: write it below `gates:`. "
    return ""


def _tell_missing(document: Document, error: Broken, path: Path) -> list[Mistake]:
    assert isinstance(error.instance, dict)
    missing = [key for key in error.validator_value if key not in error.instance]
    # One error is raised per missing key; the one in hand is named first in its message.
    key = next(name for name in missing if error.message.startswith(repr(name)))
    if path[:1] == ("gates",) and key == "kind":
        return [_unknown_gate(document, path)]
    hint = {
        "run": "Write the command: run: make check.",
        "gates": "Name at least one gate: gates: {secrets: {}}.",
        "fix_run": "Write the command that fixes: fix_run: ruff check --fix.",
    }
    return [document.mistake(path, f"{_subject(path)} has no `{key}`", hint.get(key, ""), key=True)]


def _unknown_gate(document: Document, path: Path) -> Mistake:
    close = did_you_mean(path[-1], kinds())
    return document.mistake(
        path,
        f"{path[-1]!r} is no kind of gate",
        f"{close}A gate with a name of its own says its kind, such as kind: command. Kinds: {', '.join(kinds())}.",
        key=True,
    )


def _tell_alternatives(document: Document, error: Broken, path: Path) -> list[Mistake]:
    """anyOf and oneOf stand in the schema only for "one of these keys must be there"."""
    names = [str(choice["required"][0]) for choice in error.validator_value]
    present = [name for name in names if name in (error.instance or {})]
    choices = " or ".join(f"`{name}`" for name in names)
    if len(present) > 1:
        return [document.mistake(path, f"{_subject(path)} has {' and '.join(present)}: only one can be", key=True)]
    return [document.mistake(path, f"{_subject(path)} has no {choices}", "One of them must be there.", key=True)]


def _tell_enum(document: Document, error: Broken, path: Path) -> list[Mistake]:
    choices: Sequence[object] = error.validator_value
    named = ", ".join(map(str, choices))
    title = error.schema.get("title", "one of these")
    return [
        document.mistake(
            path,
            f"{_subject(path)}: {_shown(error.instance)} is not {title}",
            f"{did_you_mean(error.instance, choices)}It can be {named}.",
        )
    ]


def _tell_name(document: Document, error: Broken, path: Path) -> list[Mistake]:
    """`propertyNames` is broken by a key, and jsonschema gives the key as the instance."""
    name = error.instance
    return [document.mistake((*path, name), f"{name!r} is not {error.schema['title']}", key=True)]


def _tell_plain(document: Document, error: Broken, path: Path) -> list[Mistake]:
    assert isinstance(error.schema, dict)
    title = error.schema.get("title", error.message)
    if error.validator == "uniqueItems":
        return [document.mistake(path, f"{_subject(path)} names something twice")]
    if error.validator in ("minItems", "minProperties", "minLength"):
        return [document.mistake(path, f"{_subject(path)} is empty; it must be {title}")]
    # What may be a secret is not repeated: messages end up in the logs of CI.
    hidden = error.schema.get("writeOnly", False)
    shown = "what stands here" if hidden else _kind_of(error.instance)
    return [
        document.mistake(path, f"{_subject(path)} must be {title}, not {shown}", _plain_hint(title, error.instance))
    ]


def _plain_hint(title: str, value: object) -> str:
    if "length of time" in title and type(value) in (int, float):
        return f"Add the unit: {value}s or {value}m."
    if title == "true or false" and value in ("yes", "on", "no", "off"):
        return f"Write {'true' if value in ('yes', 'on') else 'false'}."
    if title.startswith("a list") and isinstance(value, str):
        return f"Write [{value}]."
    return ""


TELLERS: dict[str, Callable[[Document, Broken, Path], list[Mistake]]] = {
    "additionalProperties": _tell_unknown,
    "required": _tell_missing,
    "anyOf": _tell_alternatives,
    "oneOf": _tell_alternatives,
    "enum": _tell_enum,
}


def _subject(path: Path) -> str:
    """What a sentence is about: "`time_limit` of gate 'lint'"."""
    if not path:
        return "the configuration"
    names = [str(part) for part in path if isinstance(part, str)]
    owners = {"gates": "gate", "deploy": "deploy target"}
    if names[0] in owners and len(names) > 1:
        owner = f"{owners[names[0]]} {names[1]!r}"
        return f"`{'.'.join(names[2:])}` of {owner}" if len(names) > 2 else owner
    return f"`{'.'.join(names)}`"


def _inside(path: Path) -> str:
    return f" in {_subject(path)}" if path else ""


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."


def _kind_of(value: object) -> str:
    """The value as a person names it; a long or nested one by its type only."""
    names: dict[type, str] = {dict: "a mapping", list: "a list"}
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return names.get(type(value)) or f"the {'text' if isinstance(value, str) else 'value'} {_shown(value)}"
