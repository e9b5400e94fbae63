"""What is signed, in the eyes of programs that we did not write; and what must not be signed."""

from __future__ import annotations

import base64
import subprocess

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from gates.attest.keys import generate
from gates.attest.sign import EVIDENCE, SIGNED, UNSIGNED, add_image, write_verdict
from gates.attest.ssh import NAMESPACE
from gates.attest.statement import level_of, levels_of
from gates.attest.strict_json import dump
from gates.errors import CannotRun, VerdictError
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from tests.attest.scene import IMAGE, RESOURCE, Scene


def third_party_key(scene: Scene) -> SSlibKey:
    return SSlibKey.from_crypto(scene.key.public.key, keyid=scene.key.public.keyid)


def test_securesystemslib_accepts_the_envelope(scene: Scene) -> None:
    envelope = Envelope.from_dict(scene.envelope())
    assert envelope.verify([third_party_key(scene)], 1)
    envelope.payload += b" "
    with pytest.raises(VerificationError):
        envelope.verify([third_party_key(scene)], 1)


def test_the_in_toto_library_accepts_the_statements(scene: Scene) -> None:
    add_image(str(scene.file), IMAGE, scene.key)
    for statement in [scene.statement(), *scene.pieces()]:
        message = json_format.ParseDict(statement, statement_pb2.Statement())
        Statement.copy_from_pb(message).validate()


def test_the_predicates_have_the_published_fields_only(scene: Scene) -> None:
    predicate = scene.statement()["predicate"]
    # The library declares this one field as a single string; the published predicate says a list of them.
    assert predicate.pop("verifiedLevels") == ["ORG_SOURCE_GATELINE_LINT", "ORG_SOURCE_GATELINE_TESTS"]
    summary = json_format.ParseDict(predicate, vsa_pb2.VerificationSummary())
    assert summary.verification_result == "PASSED"
    results = [json_format.ParseDict(piece["predicate"], test_result_pb2.TestResult()) for piece in scene.pieces()]
    assert [list(result.passed_tests) for result in results] == [["lint"], ["tests"], []]


@pytest.mark.parametrize("tampered", [False, True])
def test_ssh_keygen_verifies_the_detached_signature(scene: Scene, tampered: bool) -> None:
    allowed = scene.outside / "allowed_signers"
    allowed.write_text(f"ci@example.org {scene.key.public.line}\n")
    content = scene.file.read_bytes() + (b" " if tampered else b"")
    done = subprocess.run(
        [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            allowed,
            "-I",
            "ci@example.org",
            "-n",
            NAMESPACE,
            "-s",
            f"{scene.file}.sig",
        ],
        input=content,
        capture_output=True,
    )
    assert (done.returncode == 0) is not tampered, done.stderr


def test_a_failed_verdict_is_recorded_with_the_level_failed(scene: Scene) -> None:
    scene.sign(outcomes=[Outcome("lint", PASSED), Outcome("tests", FAILED, "1 test failed")])
    predicate = scene.statement()["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert [piece["predicate"]["result"] for piece in scene.pieces()] == ["PASSED", "FAILED"]


def test_evidence_quotes_neither_output_nor_command(scene: Scene) -> None:
    outcome = Outcome("tests", PASSED, command="deploy --password hunter2", output="hunter2")
    scene.sign(outcomes=[outcome])
    assert b"hunter2" not in scene.evidence.read_bytes()


def test_levels() -> None:
    assert level_of("unit-tests") == "ORG_SOURCE_GATELINE_UNIT_TESTS"
    assert levels_of([("b", PASSED), ("a", PASSED), ("c", SKIPPED), ("d", NOT_RUN)]) == [level_of("a"), level_of("b")]


def test_two_gates_of_one_level_give_it_only_together() -> None:
    assert levels_of([("a-b", PASSED), ("a_b", FAILED)]) == []
    assert levels_of([("a-b", PASSED), ("a_b", PASSED)]) == [level_of("a-b")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"commit": ""}, "about an index"),
        ({"door": "push"}, "of the push door"),
        ({"shard": (1, 3)}, "shard 1 of 3"),
        ({"started": 0.0}, "when it was made"),
        ({"policy": ""}, "is not a digest"),
        ({"policy": "blake2b:00"}, "is not a digest"),
        ({"outcomes": [Outcome("lint", PASSED), Outcome("lint", PASSED)]}, "names a gate twice"),
    ],
)
def test_not_to_be_signed(scene: Scene, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(VerdictError, match=sentence):
        scene.sign(**changes)
    assert not scene.file.exists(), "the envelope of the earlier run must not stay"


def test_without_a_key_it_is_unsigned_and_says_so(scene: Scene) -> None:
    written = write_verdict(scene.verdict(), str(scene.reports), None, resource_uri=RESOURCE)
    assert not written.signed
    assert "unsigned" in written.note
    assert sorted(path.name for path in scene.reports.iterdir()) == sorted([UNSIGNED, EVIDENCE])


def test_with_a_key_nothing_unsigned_stays(scene: Scene) -> None:
    write_verdict(scene.verdict(), str(scene.reports), None, resource_uri=RESOURCE)
    written = write_verdict(scene.verdict(), str(scene.reports), scene.key, resource_uri=RESOURCE)
    assert written.signed
    assert sorted(path.name for path in scene.reports.iterdir()) == sorted([SIGNED, SIGNED + ".sig", EVIDENCE])


def test_a_folder_that_cannot_be_written_to(scene: Scene) -> None:
    blocked = scene.outside / "file"
    blocked.write_text("")
    with pytest.raises(CannotRun, match="cannot be"):
        write_verdict(scene.verdict(), str(blocked), scene.key, resource_uri=RESOURCE)


def test_an_image_is_added_once_and_the_rest_stays(scene: Scene) -> None:
    before = scene.statement()
    add_image(str(scene.file), IMAGE, scene.key, name="app")
    add_image(str(scene.file), IMAGE, scene.key, name="app")
    after = scene.statement()
    assert after["subject"] == [*before["subject"], {"name": "app", "digest": {"sha256": IMAGE[7:]}}]
    assert after["predicate"] == before["predicate"]


def test_an_image_is_not_added_with_another_key(scene: Scene) -> None:
    with pytest.raises(VerdictError, match="not made by the given key"):
        add_image(str(scene.file), IMAGE, generate())


def test_an_image_is_not_added_to_a_failed_verdict(scene: Scene) -> None:
    scene.sign(outcomes=[Outcome("lint", FAILED, "1 finding")])
    with pytest.raises(VerdictError, match="vouches for no image"):
        add_image(str(scene.file), IMAGE, scene.key)


def test_an_image_is_not_added_to_something_else_that_the_key_signed(scene: Scene) -> None:
    scene.resign({**scene.statement(), "predicateType": "https://slsa.dev/provenance/v1"})
    with pytest.raises(VerdictError, match="no verdict"):
        add_image(str(scene.file), IMAGE, scene.key)


@pytest.mark.parametrize("digest", ["latest", "sha256:AB", "sha512:" + "a" * 64, "sha256:" + "A" * 64])
def test_an_image_without_a_digest_is_not_added(scene: Scene, digest: str) -> None:
    with pytest.raises(VerdictError, match="is not a digest"):
        add_image(str(scene.file), digest, scene.key)


def test_the_payload_is_plain_deterministic_json(scene: Scene) -> None:
    payload = base64.b64decode(scene.envelope()["payload"])
    assert payload == dump(scene.statement())
