"""The last door: nothing is deployed without a verdict, or without somebody who says aloud why not."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gates.errors import UsageError, VerdictError
from gates.git.repository import Repository
from gates.rancher.request import Proof
from gates.settings import Settings

__all__ = ["Passage", "pass_door"]

MISSING_HINT = 'Set it in the target\'s `verdict:`, or say --without-verdict "reason", which is recorded.'


@dataclass(frozen=True)
class Passage:
    """How the door was passed. `record` goes into the history, `words` are for a person."""

    record: dict[str, Any]
    words: str


def pass_door(
    repository: Repository | None,
    commit: str,
    proof: Proof,
    settings: Settings | None,
    *,
    reason: str | None,
    images: Sequence[str],
) -> Passage:
    """Verify the verdict for the commit, or take the reason for having none. Raises VerdictError, UsageError.

    settings  of the commit; what they say about the door counts only when they are the policy that was verified
    images    what is to be deployed; where the verdict vouches for images, a digest must be among them
    """
    if reason is not None:
        if not reason.strip():
            raise UsageError("--without-verdict needs a reason", hint='For example --without-verdict "hotfix 17".')
        return Passage({"without": reason}, f"WITHOUT A VERDICT: {reason}")
    if repository is None or not commit:
        raise VerdictError(
            "there is no commit here whose verdict could be verified",
            hint='Run in a clone of the repository, or say --without-verdict "reason".',
        )
    return _verified(repository, commit, proof, settings, images)


def _verified(
    repository: Repository, commit: str, proof: Proof, settings: Settings | None, images: Sequence[str]
) -> Passage:
    from gates.attest import Demands, load_public_key, resource_uri, verify

    for name, value in (("key", proof.key), ("policy-from", proof.policy_from)):
        if not value:
            raise VerdictError(f"the verdict cannot be verified without --{name}", hint=MISSING_HINT)
    configured = tuple(gate.name for gate in settings.gates) if settings is not None else ()
    demands = Demands(
        commit=commit,
        required=proof.required or configured,
        policy_from=proof.policy_from,
        resource=resource_uri(repository),
        max_age=proof.max_age,
        ref=proof.ref,
    )
    file = os.path.relpath(os.path.join(repository.root, proof.file))  # a configured path is one in the repository
    verified = verify(repository, file, [load_public_key(proof.key, repository.root)], demands)
    if settings is not None and settings.policy != verified.policy:
        raise VerdictError(
            f"the target is described by other rules than those of the verdict: {settings.source} of this commit "
            f"differs from that of {proof.policy_from}",
        )
    _check_images(images, verified.images)
    record = {
        "signed_by": verified.keyid,
        "gates": list(verified.gates),
        "policy": verified.policy,
        "verified_at": verified.verified_at,
    }
    return Passage(record, f"verdict holds: commit {verified.commit[:12]} passed {', '.join(verified.gates)}")


def _check_images(wanted: Sequence[str], vouched: Sequence[str]) -> None:
    """A verdict without images says nothing of them; one with images speaks of no other."""
    for image in wanted if vouched else ():
        found = re.search(r"@(sha256:[0-9a-f]{64})$", image)
        if found is None:
            raise VerdictError(
                f"the verdict vouches for images by digest, and {image} names none",
                hint=f"Deploy {image.split(':')[0]}@{vouched[0]}.",
            )
        if found[1] not in vouched:
            raise VerdictError(f"the verdict does not vouch for the image {image}")
