"""A real repository with a signed verdict, and the ways in which somebody could tamper with it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from gates.attest.dsse import PAYLOAD_TYPE, pae, seal
from gates.attest.keys import SigningKey, generate
from gates.attest.policy import policy_digest, read_only_repository
from gates.attest.sign import EVIDENCE, SIGNED, write_verdict
from gates.attest.strict_json import dump
from gates.cli.main import gateline
from gates.evidence import Evidence
from gates.git.change import Change
from gates.outcome import PASSED, SKIPPED, Outcome
from gates.verdict import Verdict
from tests.conftest import Repository

CONFIGURATION = "gates:\n  lint: {}\n  tests: {}\n"
RESOURCE = "git+https://git.example.org/group/app"
IMAGE = "sha256:" + "ab" * 32


class Scene:
    """A repository whose only branch, main, has a gateline.yaml. `args`: the options of `gateline verify`."""

    def __init__(self, repository: Repository, outside: Path) -> None:
        self.repository = repository
        self.outside = outside
        self.commit = repository.commit({"gateline.yaml": CONFIGURATION, ".gitignore": "reports/\n"}, "configure")
        repository.git("remote", "add", "origin", "git@git.example.org:group/app.git")
        repository.git("update-ref", "refs/remotes/origin/main", self.commit)
        self.reports = repository.path / "reports"
        self.key = generate()
        self.public = self.public_file(self.key)
        self.args = {
            "--commit": self.commit,
            "--require": "lint,tests",
            "--key": str(self.public),
            "--policy-from": "origin/main",
            "--max-age": "24h",
        }

    def public_file(self, key: SigningKey, name: str = "key.pub") -> Path:
        path = self.outside / name
        path.write_text(key.public.line + "\n")
        return path

    def verdict(self, **changes: Any) -> Verdict:
        """A passed verdict of the commit; `changes` replace attributes of the verdict or of its change."""
        repository = read_only_repository(str(self.repository.path))
        change = Change(
            "ci", self.repository.git("rev-parse", "HEAD^{tree}"), commit=self.commit, ref="refs/heads/main"
        )
        verdict = Verdict(
            change,
            [
                Outcome("lint", PASSED, evidence=Evidence(files=3, tool="ruff", version="0.8.1")),
                Outcome("tests", PASSED, evidence=Evidence(tests=7), seconds=1.5),
                Outcome("compose", SKIPPED, "there is no compose file"),
            ],
            policy=policy_digest(repository, "HEAD"),
            started=time.time() - 60,
            seconds=2,
            version="1.0",
        )
        for name, value in changes.items():
            setattr(change if hasattr(change, name) else verdict, name, value)
        return verdict

    def sign(self, key: SigningKey | None = None, **changes: Any) -> None:
        write_verdict(self.verdict(**changes), str(self.reports), key or self.key, resource_uri=RESOURCE)

    @property
    def file(self) -> Path:
        return self.reports / SIGNED

    @property
    def evidence(self) -> Path:
        return self.reports / EVIDENCE

    def envelope(self) -> dict[str, Any]:
        return json.loads(self.file.read_bytes())

    def statement(self) -> dict[str, Any]:
        return json.loads(base64.b64decode(self.envelope()["payload"]))

    def pieces(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.evidence.read_bytes().splitlines()]

    def put_envelope(self, envelope: object) -> None:
        self.file.write_text(json.dumps(envelope))

    def put_payload(self, payload: bytes) -> None:
        """Swap the payload and keep the signature, as somebody without the key must."""
        self.put_envelope({**self.envelope(), "payload": base64.b64encode(payload).decode()})

    def resign(self, statement: object) -> None:
        """What a holder of the key could sign if Gateline's own writing were got round."""
        self.file.write_bytes(seal(statement if isinstance(statement, bytes) else dump(statement), self.key))

    def resign_evidence(self, pieces: list[dict[str, Any]]) -> None:
        """Other evidence, with its digests in the statement and the statement signed again."""
        lines = [dump(piece) for piece in pieces]
        self.evidence.write_bytes(b"".join(line + b"\n" for line in lines))
        statement = self.statement()
        statement["predicate"]["inputAttestations"] = [
            {"uri": f"urn:piece:{number}", "digest": {"sha256": hashlib.sha256(line).hexdigest()}}
            for number, line in enumerate(lines)
        ]
        self.resign(statement)

    def signature_of(self, key: SigningKey) -> dict[str, str]:
        payload = base64.b64decode(self.envelope()["payload"])
        signature = base64.b64encode(key.sign(pae(PAYLOAD_TYPE, payload))).decode()
        return {"keyid": key.public.keyid, "sig": signature}

    def run_verify(self) -> int:
        """`gateline verify` in this process, in the current folder; its errors come through."""
        arguments = [word for pair in self.args.items() for word in pair]
        return gateline.main(["verify", *arguments], standalone_mode=False)
