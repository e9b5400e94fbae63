"""`gateline verify`: does this verdict open the door for this commit?"""

from __future__ import annotations

import os
import re

import click

from gates.attest import Demands, load_public_key, read_only_repository, resource_uri, verify
from gates.attest.statement import VERIFIER
from gates.cli.verdict import DEFAULT
from gates.errors import UsageError

__all__ = ["command", "seconds_of"]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command(short_help="Verify a verdict for a commit.")
@click.option("--commit", default="HEAD", show_default=True, help="The commit that is to be deployed.")
@click.option("--require", "required", multiple=True, required=True, help="Gates that must have passed: lint,tests.")
@click.option(
    "--key", "keys", multiple=True, required=True, help="Public key: a file outside the repository, or the key itself."
)
@click.option("--policy-from", required=True, help="Revision whose configuration counts, such as origin/main.")
@click.option("--max-age", default="24h", show_default=True, help="How old the verdict may be: 90m, 24h, 7d.")
@click.option("--verdict", default="", help=f"The signed verdict. Default: {DEFAULT} at the top of the repository.")
@click.option("--ref", default="", help="The ref it must have been made for: refs/heads/main.")
@click.option("--repo", default="", help="URI of the repository. Default: from CI's variables, else the remote origin.")
@click.option("--image-digest", "images", multiple=True, help="sha256:... of an image it must vouch for.")
@click.option("--verifier", default=VERIFIER, show_default=True, help="Who must have judged.")
def command(
    commit: str,
    required: tuple[str, ...],
    keys: tuple[str, ...],
    policy_from: str,
    max_age: str,
    verdict: str,
    ref: str,
    repo: str,
    images: tuple[str, ...],
    verifier: str,
) -> int:
    """Verify a signed verdict: exit 0 when it holds in every point, exit 4 and the reason when it does not."""
    repository = read_only_repository()
    demands = Demands(
        commit=commit,
        required=_names(required),
        policy_from=policy_from,
        resource=repo or resource_uri(repository),
        max_age=seconds_of(max_age),
        ref=ref,
        images=images,
        verifier=verifier,
    )
    pinned = [load_public_key(key, repository.root) for key in keys]
    verified = verify(repository, verdict or os.path.relpath(os.path.join(repository.root, DEFAULT)), pinned, demands)
    click.echo(f"verified: commit {verified.commit} passed {', '.join(verified.gates)}")
    click.echo(f"signed by {verified.keyid}")
    return 0


def seconds_of(text: str) -> float:
    """ "90m" -> 5400.0; units s, m, h and d, a bare number means seconds. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)", text.strip(), re.ASCII)
    if not found:
        raise UsageError(f"{text!r} is not a length of time", hint="Write 90m, 24h or 7d.")
    return float(found[1]) * UNITS[found[2] or "s"]


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))
    if not names:
        raise UsageError("--require names no gate", hint="Write --require lint,tests.")
    return names
