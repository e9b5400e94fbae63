"""The compose gate: Compose and rancher-compose files, checked before anything is deployed from them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

_SUPPRESS = "`block: none` to only report, or `exclude` the file."

RULES = {
    "yaml": {
        "meaning": "The file is YAML, but not as it is meant: a key stands twice, or a tag means nothing here.",
        "why": "Of two equal keys the last one counts, and nobody sees that the first does not.",
        "fix": "Take one of them out.",
        "suppress": _SUPPRESS,
    },
    "unknown-key": {
        "meaning": "A key that the Compose specification (or Rancher, for rancher-compose) does not know.",
        "why": "Rancher leaves it out without a word, and Compose refuses the file at the time of the deploy.",
        "fix": "Correct the name; the message says what may be meant. Keys of your own begin with x-.",
        "suppress": _SUPPRESS,
    },
    "schema": {
        "meaning": "A value is not of the form that the published schema asks for.",
        "why": "It fails, or is taken for something else, at the time of the deploy.",
        "fix": "Write it in the form that the message names.",
        "suppress": _SUPPRESS,
    },
    "unknown-service": {
        "meaning": "links, depends_on, a load balancer or rancher-compose.yml names a service that is not there.",
        "why": "The stack cannot be started, or a part of it gets settings that nobody reads.",
        "fix": "Correct the name, or add the service.",
        "suppress": _SUPPRESS,
    },
    "external-link": {
        "meaning": "An external link for Rancher that is not of the form stack/service.",
        "why": "Rancher does not find what it means.",
        "fix": "Write stack/service, or use links for a service of the same file.",
        "suppress": _SUPPRESS,
    },
    "undeclared": {
        "meaning": "A network, volume, secret or config that is used and not declared at the top of the file.",
        "why": "Compose refuses the file.",
        "fix": "Declare it.",
        "suppress": _SUPPRESS,
    },
    "moving-tag": {
        "meaning": "An image without a tag or with the tag latest, that is not pulled at every start.",
        "why": "Each host runs the version that it happens to have, and a rollback brings no old one back.",
        "fix": "Name a version or a digest, or pull always.",
        "suppress": "The option `allow_latest`.",
    },
    "plaintext-secret": {
        "meaning": "A password, key or token stands in the file.",
        "why": "Whoever reads the repository can use it.",
        "fix": "Use ${NAME} and set it where the deploy runs, or `secrets:`.",
        "suppress": "`gateline: allow-secret <reason>` in the line.",
    },
    "no-health-check": {
        "meaning": "A service without a health check (only with the option `require_health_check`).",
        "why": "Without it an upgrade counts as done as soon as the container runs, whether it works or not.",
        "fix": "Add healthcheck, on Rancher health_check in rancher-compose.yml.",
        "suppress": "Leave the option out.",
    },
}


class ComposeGate:
    """Gate of kind `compose`; see docs/reference/gates/compose.md."""

    kind = "compose"
    scope = "files"
    files = (
        "docker-compose*.yml",
        "docker-compose*.yaml",
        "compose.yml",
        "compose.yaml",
        "compose.*.yml",
        "compose.*.yaml",
        "rancher-compose*.yml",
        "rancher-compose*.yaml",
    )

    def examine(self, context: GateContext) -> Outcome:
        from gates.checks.compose.examine import examine

        return examine(context)


GATE = ComposeGate()
