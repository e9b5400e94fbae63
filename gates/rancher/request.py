"""What is asked for: a target of gateline.yaml and the command line over it, as one typed request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gates.config import expand
from gates.errors import CannotRun, ConfigError, UsageError
from gates.git.repository import Repository
from gates.rancher.judge import Limits
from gates.rancher.target import Wish
from gates.settings import Settings

__all__ = ["CONTENT", "Place", "Proof", "Request", "expanded", "merged", "plain_request", "refuse"]

EXPANDED = (
    "url",
    "access_key",
    "secret_key",
    "environment",
    "stack",
    "service",
    "ca_file",
    "compose",
    "rancher_compose",
    "webhook",
)
"""What may hold ${NAME} below `rancher:`."""

CONTENT = {
    "env_pairs": "--env",
    "unset": "--unset",
    "label_pairs": "--label",
    "unset_label": "--unset-label",
    "sidekick_pairs": "--sidekick",
    "remove_sidekick": "--remove-sidekick",
    "only_sidekicks": "--only-sidekicks",
    "all_sidekicks": "--all-sidekicks",
    "create": "--create",
}
"""Options of `gateline deploy` that say what of a service changes, besides its image."""


def refuse(options: Mapping[str, Any], names: Mapping[str, str], why: str) -> None:
    """Raise UsageError for the first of these options that is given."""
    for name, option in names.items():
        if options[name]:
            raise UsageError(f"{option} cannot be given {why}")


@dataclass(frozen=True)
class Proof:
    """What the verdict must be: see `gates.attest.verify.Demands`. `max_age` in seconds."""

    file: str = "reports/verdict.dsse.json"
    key: str = ""
    policy_from: str = ""
    max_age: float = 86400.0
    ref: str = ""
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """What an address of the command line stands for.

    target      its mapping in the configuration, with its variables replaced; empty for STACK/SERVICE
    named       stack and service of STACK/SERVICE, else empty
    settings    of the commit; None outside of a repository
    commit      full id, "" outside of a repository
    """

    target: Mapping[str, Any]
    named: Mapping[str, Any]
    repository: Repository | None
    settings: Settings | None
    commit: str


@dataclass(frozen=True)
class Request:
    """One deploy. `server`: what is told of it (url, access_key, secret_key, ca_file), "" where nothing is."""

    environment: str
    stack: str
    service: str
    server: Mapping[str, str]
    wish: Wish
    limits: Limits
    abort_on_log: str = ""
    proof: Proof = field(default_factory=Proof)


def expanded(target: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """A target with its variables replaced where that is documented. Raises ConfigError for one that is not set."""
    if "rancher" not in target:
        raise CannotRun("this target is not on Rancher 1.6", hint="Targets need `rancher:` with a `service:`.")
    result = dict(target)
    rancher = dict(target["rancher"])
    rancher.update({name: expand(rancher[name], environ) for name in EXPANDED if rancher.get(name)})
    result["rancher"] = rancher
    if target.get("image"):
        result["image"] = expand(target["image"], environ)
    for name in ("env", "labels"):
        result[name] = {
            key: None if value is None else expand(value, environ) for key, value in (target.get(name) or {}).items()
        }
    verdict = dict(target.get("verdict") or {})
    _refuse_literal_key(verdict.get("key", ""))
    verdict.update(
        {name: expand(verdict[name], environ) for name in ("file", "key", "policy_from", "ref") if verdict.get(name)}
    )
    result["verdict"] = verdict
    return result


def _refuse_literal_key(key: str) -> None:
    """Whoever can change the code could otherwise change the key that guards it."""
    if key and "${" not in key and not key.startswith("/"):
        raise ConfigError(
            "the public key of the verdict must not be written into the configuration that it guards",
            hint='Write key: "${NAME}" with a protected variable, or the absolute path of a file outside.',
        )


def plain_request(place: Place, environ: Mapping[str, str]) -> Request:
    """The request of a verb that changes nothing in the configuration of a service."""
    return merged(place, {}, environ)


def merged(
    place: Place,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    needed: Sequence[str] = ("stack", "service"),
) -> Request:
    """The request of a place and the options given, which win. Options that were not given are None or absent.

    needed  of the two names those that must be known, also from CI's variables; others are "" unless they are given
    """
    target = place.target
    given = {**options, **place.named}
    rancher = target.get("rancher") or {}

    def pick(name: str, source: Mapping[str, Any], default: Any) -> Any:
        value = given.get(name)
        return source.get(name, default) if value is None else value

    limits = Limits(
        deadline=pick("deadline", target, 600.0),
        bake=pick("bake", target, 60.0),
        grace=pick("grace", target, 60.0),
        max_restarts=pick("max_restarts", target, 3),
        poll=pick("poll", {}, 2.0),
    )
    _check_limits(limits)
    pattern = pick("abort_on_log", target, "")
    _check_pattern(pattern)
    return Request(
        environment=pick("environment", rancher, ""),
        stack=_name("stack", given, rancher, environ.get("CI_PROJECT_NAMESPACE", ""), needed),
        service=_name("service", given, rancher, environ.get("CI_PROJECT_NAME", ""), needed),
        server={name: rancher.get(name) or "" for name in ("url", "access_key", "secret_key", "ca_file")},
        wish=Wish(
            image=pick("image", target, ""),
            env={**(target.get("env") or {}), **(given.get("env") or {})},
            labels={**(target.get("labels") or {}), **(given.get("labels") or {})},
            sidekicks={**(rancher.get("sidekicks") or {}), **(given.get("sidekicks") or {})},
            only_sidekicks=pick("only_sidekicks", rancher, False),
            all_sidekicks=bool(given.get("all_sidekicks")),
            pull=pick("pull", rancher, "default"),
            batch_size=pick("batch_size", rancher, 1),
            interval=pick("interval", rancher, 2.0),
            start_first=pick("start_first", rancher, False),
        ),
        limits=limits,
        abort_on_log=pattern,
        proof=_proof(target, given, environ),
    )


def _check_limits(limits: Limits) -> None:
    if limits.bake >= limits.deadline:
        raise UsageError(
            f"a bake of {limits.bake:g} s cannot end within a deadline of {limits.deadline:g} s",
            hint="Give --deadline more, or --bake less.",
        )


def _name(kind: str, given: Mapping[str, Any], rancher: Mapping[str, Any], default: str, needed: Sequence[str]) -> str:
    name: str = given.get(kind) or rancher.get(kind) or (default if kind in needed else "")
    if not name and kind in needed:
        raise UsageError(
            f"which {kind} is not said",
            hint=f"Give a target of gateline.yaml, STACK/SERVICE, or --{kind}; in GitLab CI the project's names count.",
        )
    return name


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--abort-on-log {pattern!r} is not a regular expression: {error}") from None


def _proof(target: Mapping[str, Any], given: Mapping[str, Any], environ: Mapping[str, str]) -> Proof:
    settings = target.get("verdict") or {}
    branch = environ.get("CI_DEFAULT_BRANCH", "")
    return Proof(
        file=given.get("verdict") or settings.get("file") or Proof.file,
        key=given.get("key") or settings.get("key") or environ.get("GATELINE_PUBLIC_KEY", ""),
        policy_from=given.get("policy_from") or settings.get("policy_from") or (f"origin/{branch}" if branch else ""),
        max_age=given.get("max_age") or settings.get("max_age") or Proof.max_age,
        ref=given.get("ref") or settings.get("ref") or "",
        required=tuple(given.get("required") or target.get("requires") or ()),
    )
