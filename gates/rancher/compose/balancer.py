"""`lb_config` → lbConfig of a load balancer, or of a service that one balances by selector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gates.rancher.compose.keys import Wrong, camel, flag, mapping, number, records, text, texts

__all__ = ["balancer"]

RULE: Mapping[str, Callable[[object], Any]] = {
    "source_port": number,
    "target_port": number,
    "protocol": text,
    "hostname": text,
    "path": text,
    "priority": number,
    "weight": number,
    "backend_name": text,
    "selector": text,
    "service": text,
}
STICKINESS: Mapping[str, Callable[[object], Any]] = {
    "name": text,
    "cookie": text,
    "domain": text,
    "indirect": flag,
    "nocache": flag,
    "postonly": flag,
    "mode": text,
}
PROTOCOLS = ("http", "https", "tcp", "tls", "sni", "udp")


def balancer(value: object) -> dict[str, Any]:
    """The fields as the server has them, but for names where it wants ids: `service` in a rule, `certs` and
    `defaultCert`. Raises Wrong.
    """
    given = mapping(value)
    known = ("port_rules", "config", "stickiness_policy", "certs", "default_cert")
    for name in given:
        if name not in known:
            raise Wrong(f"has {name!r}, which is none of {', '.join(known)}")
    found: dict[str, Any] = {"portRules": [_rule(rule) for rule in records(given.get("port_rules") or [])]}
    if given.get("config"):
        found["config"] = text(given["config"])
    if given.get("stickiness_policy"):
        found["stickinessPolicy"] = _converted(mapping(given["stickiness_policy"]), STICKINESS, "stickiness_policy")
    if given.get("certs"):
        found["certs"] = texts(given["certs"])
    if given.get("default_cert"):
        found["defaultCert"] = text(given["default_cert"])
    return found


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    found = _converted(rule, RULE, "a rule")
    if found.get("protocol", "http") not in PROTOCOLS:
        raise Wrong(f"has a protocol that is none of {', '.join(PROTOCOLS)}")
    return found


def _converted(given: Mapping[str, Any], table: Mapping[str, Callable[[object], Any]], what: str) -> dict[str, Any]:
    found = {}
    for name, value in given.items():
        if name not in table:
            raise Wrong(f"has {name!r} in {what}, which is none of {', '.join(table)}")
        if value in (None, ""):
            continue
        try:
            found[camel(name)] = table[name](value)
        except Wrong as wrong:
            raise Wrong(f"has a wrong {name} in {what}, which {wrong}") from None
    return found
