"""Forgeries and mistakes: each is refused with exit code 4 and a sentence that names the reason.

Every row goes through `gateline verify` itself. Those that call `resign` hold the right key, so that what refuses them
is the check that is meant, and not the signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from gates.attest.dsse import seal
from gates.attest.keys import generate
from gates.attest.sign import write_verdict
from gates.attest.strict_json import dump
from gates.errors import VerdictError
from gates.outcome import FAILED, NOT_RUN, Outcome
from tests.attest.scene import CONFIGURATION, IMAGE, RESOURCE, Scene

FORGERIES: list[tuple[Callable[[Scene], object], str]] = []


def refused(sentence: str) -> Callable[[Callable[[Scene], object]], Callable[[Scene], object]]:
    """Enter a forgery into the matrix, with a part of the sentence that must name it."""

    def enter(forgery: Callable[[Scene], object]) -> Callable[[Scene], object]:
        FORGERIES.append((forgery, sentence))
        return forgery

    return enter


# What is in the file


@refused("the verdict is missing")
def no_file(scene: Scene) -> None:
    scene.file.unlink()


@refused("the verdict is empty")
def empty_file(scene: Scene) -> None:
    scene.file.write_bytes(b"")


@refused("the verdict cannot be read")
def a_folder_in_its_place(scene: Scene) -> None:
    scene.file.unlink()
    scene.file.mkdir()


@refused("larger than 16 MB")
def too_large(scene: Scene) -> None:
    scene.file.write_bytes(b" " * (16 * 1024 * 1024) + scene.file.read_bytes())


@refused("is not JSON")
def truncated(scene: Scene) -> None:
    scene.file.write_bytes(scene.file.read_bytes()[:-40])


@refused("is not JSON")
def not_json(scene: Scene) -> None:
    scene.file.write_text("passed: yes\n")


@refused("is not JSON")
def not_utf8(scene: Scene) -> None:
    scene.file.write_bytes(b'{"payload": "\xff\xfe"}')


@refused("is not JSON")
def nested_without_end(scene: Scene) -> None:
    scene.file.write_bytes(b"[" * 200_000)


@refused("is not a JSON object")
def a_list(scene: Scene) -> None:
    scene.put_envelope([scene.envelope()])


@refused("holds NaN")
def not_a_number(scene: Scene) -> None:
    scene.file.write_text('{"payload": NaN}')


@refused("has the key 'payload' twice")
def payload_twice(scene: Scene) -> None:
    scene.file.write_text('{"payload": "e30=",' + scene.file.read_text()[1:])


@refused("the verdict is unsigned")
def unsigned(scene: Scene) -> None:
    write_verdict(scene.verdict(), str(scene.reports), None, resource_uri=RESOURCE)
    scene.args["--verdict"] = "reports/verdict.json"


@refused("the verdict is unsigned")
def unsigned_under_the_signed_name(scene: Scene) -> None:
    scene.put_envelope(scene.statement())


# The envelope


@refused("has 0 signatures")
def no_signature(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "signatures": []})


@refused("has no list of signatures")
def signatures_no_list(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "signatures": scene.envelope()["signatures"][0]})


@refused("has 2 signatures")
def two_signatures(scene: Scene) -> None:
    signatures = [*scene.envelope()["signatures"], scene.signature_of(generate())]
    scene.put_envelope({**scene.envelope(), "signatures": signatures})


@refused("the signature of the envelope is not an object")
def signature_a_word(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "signatures": ["trust me"]})


@refused("has no 'payloadType'")
def no_payload_type(scene: Scene) -> None:
    envelope = scene.envelope()
    del envelope["payloadType"]
    scene.put_envelope(envelope)


@refused("not made by the given key")
def payload_type_swapped(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "payloadType": "application/json"})


@refused("the payload type is 'application/json'")
def payload_type_signed_but_other(scene: Scene) -> None:
    scene.file.write_bytes(seal(dump(scene.statement()), scene.key, "application/json"))


@refused("not made by the given key")
def wrong_key(scene: Scene) -> None:
    scene.sign(generate())


@refused("not made by the given key")
def wrong_key_under_the_right_name(scene: Scene) -> None:
    signature = {**scene.signature_of(generate()), "keyid": scene.key.public.keyid}
    scene.put_envelope({**scene.envelope(), "signatures": [signature]})


@refused("names the key SHA256:other")
def right_key_under_a_wrong_name(scene: Scene) -> None:
    signature = {**scene.signature_of(scene.key), "keyid": "SHA256:other"}
    scene.put_envelope({**scene.envelope(), "signatures": [signature]})


@refused("the signature has a field 'alg'")
def algorithm_none(scene: Scene) -> None:
    signature = {**scene.envelope()["signatures"][0], "alg": "none", "sig": ""}
    scene.put_envelope({**scene.envelope(), "signatures": [signature]})


@refused("not made by the given key")
def empty_signature(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "signatures": [{**scene.envelope()["signatures"][0], "sig": ""}]})


@refused("not made by the given key")
def hmac_with_the_public_key(scene: Scene) -> None:
    """The classic confusion: the public key, which everybody has, used as the secret of a symmetric algorithm."""
    import hmac

    payload = base64.b64decode(scene.envelope()["payload"])
    forged = hmac.new(scene.key.public.blob, payload, hashlib.sha512).digest()
    signature = {"keyid": scene.key.public.keyid, "sig": base64.b64encode(forged).decode()}
    scene.put_envelope({**scene.envelope(), "signatures": [signature]})


@refused("not made by the given key")
def signature_without_the_type(scene: Scene) -> None:
    payload = base64.b64decode(scene.envelope()["payload"])
    bare = base64.b64encode(scene.key.sign(payload)).decode()
    scene.put_envelope({**scene.envelope(), "signatures": [{"keyid": scene.key.public.keyid, "sig": bare}]})


@refused("not standard base64")
def base64_for_urls(scene: Scene) -> None:
    envelope = scene.envelope()
    envelope["payload"] = base64.urlsafe_b64encode(b"\xfb\xff\xfe").decode()
    scene.put_envelope(envelope)


@refused("not standard base64")
def base64_with_a_line_break(scene: Scene) -> None:
    envelope = scene.envelope()
    envelope["payload"] = envelope["payload"][:40] + "\n" + envelope["payload"][40:]
    scene.put_envelope(envelope)


@refused("in another than its one plain form")
def base64_with_spare_bits(scene: Scene) -> None:
    signature = scene.envelope()["signatures"][0]
    assert signature["sig"].endswith(("A==", "Q==", "g==", "w=="))
    spare = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature["sig"][-3]]
    changed = {**signature, "sig": signature["sig"][:-3] + spare + "=="}
    scene.put_envelope({**scene.envelope(), "signatures": [changed]})


@refused("the payload is not plain text")
def payload_a_number(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "payload": 7})


@refused("the payload type is not plain text")
def payload_type_a_lone_surrogate(scene: Scene) -> None:
    scene.put_envelope({**scene.envelope(), "payloadType": "\ud800"})


# The key


@refused("inside the repository it is to check")
def key_in_the_repository(scene: Scene) -> None:
    scene.repository.write("keys/gateline.pub", scene.key.public.line)
    scene.args["--key"] = "keys/gateline.pub"


@refused("inside the repository it is to check")
def key_in_the_repository_by_a_link(scene: Scene) -> None:
    scene.repository.write("gateline.pub", scene.key.public.line)
    link = scene.outside / "pinned.pub"
    link.symlink_to(scene.repository.path / "gateline.pub")
    scene.args["--key"] = str(link)


@refused("inside the repository it is to check")
def link_in_the_repository_to_a_key(scene: Scene) -> None:
    (scene.repository.path / "gateline.pub").symlink_to(scene.public)
    scene.args["--key"] = "gateline.pub"


@refused("the public key is missing")
def key_missing(scene: Scene) -> None:
    scene.args["--key"] = str(scene.outside / "nothing.pub")


@refused("the public key is empty")
def key_variable_not_set(scene: Scene) -> None:
    scene.args["--key"] = ""


@refused("holds a private key where the public one belongs")
def key_private(scene: Scene) -> None:
    scene.public.write_bytes(scene.key.to_openssh())


@refused("holds no public key that can be read")
def key_garbage(scene: Scene) -> None:
    scene.public.write_text("ssh-ed25519 AAAAnonsense\n")


@refused("is not an ed25519 key")
def key_of_another_algorithm(scene: Scene) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", scene.outside / "ecdsa"], check=True)
    scene.args["--key"] = str(scene.outside / "ecdsa.pub")


# What it is about


@refused("the verdict is about commit")
def replay_of_another_commit(scene: Scene) -> None:
    scene.args["--commit"] = scene.repository.commit({"src/app.py": "evil\n"}, "sneak in")


@refused("the verdict is about commit")
def replay_for_another_commit_with_the_same_tree(scene: Scene) -> None:
    scene.args["--commit"] = scene.repository.commit(message="empty")


@refused("is not in this repository")
def unknown_commit(scene: Scene) -> None:
    scene.args["--commit"] = "0123456789" * 4


@refused("is not in this repository")
def commit_like_an_option(scene: Scene) -> None:
    scene.args["--commit"] = "--all"


@refused("the gates looked at something else than what was committed")
def dirty_tree(scene: Scene) -> None:
    scene.repository.write("src/app.py", "fixed = 'but not committed'\n")
    scene.repository.git("add", "-A")
    tree = scene.repository.git("write-tree")
    scene.sign(tree=tree)


@refused("the gates looked at something else than what was committed")
def tree_shown_by_git_replace(scene: Scene) -> None:
    """`git replace` makes git show the tree that the verdict names; the commit's real tree is another one."""
    good = scene.commit
    evil = scene.repository.commit({"src/app.py": "evil\n"}, "sneak in")
    good_tree = scene.repository.git("rev-parse", f"{good}^{{tree}}")
    scene.repository.git("replace", evil, good)
    assert scene.repository.git("rev-parse", f"{evil}^{{tree}}") == good_tree
    scene.sign(commit=evil, tree=good_tree)
    scene.args["--commit"] = evil


@refused("not made by the given key")
def subject_edited(scene: Scene) -> None:
    statement = scene.statement()
    statement["subject"][0]["digest"]["gitCommit"] = "1" * 40
    scene.put_payload(dump(statement))


@refused("has 2 subjects of kind gitCommit")
def two_commits(scene: Scene) -> None:
    statement = scene.statement()
    statement["subject"].append({"name": "also", "digest": {"gitCommit": "1" * 40}})
    scene.resign(statement)


@refused("has 0 subjects of kind gitTree")
def no_tree(scene: Scene) -> None:
    statement = scene.statement()
    del statement["subject"][1]
    scene.resign(statement)


@refused("was made for refs/heads/main, not for refs/heads/release")
def another_branch(scene: Scene) -> None:
    scene.args["--ref"] = "refs/heads/release"


@refused("was made for no ref, not for refs/heads/main")
def no_branch(scene: Scene) -> None:
    scene.sign(ref="")
    scene.args["--ref"] = "refs/heads/main"


@refused("the repository of the verdict is")
def another_repository(scene: Scene) -> None:
    scene.repository.git("remote", "set-url", "origin", "https://git.example.org/group/other.git")


@refused("does not vouch for the image")
def another_image(scene: Scene) -> None:
    scene.args["--image-digest"] = IMAGE


# What it says


@refused("the statement type is")
def another_statement_type(scene: Scene) -> None:
    scene.resign({**scene.statement(), "_type": "https://in-toto.io/Statement/v0.1"})


@refused("the predicate type is")
def another_predicate_type(scene: Scene) -> None:
    scene.resign({**scene.statement(), "predicateType": "https://slsa.dev/provenance/v1"})


@refused("is not laid out as a verdict")
def no_predicate(scene: Scene) -> None:
    statement = scene.statement()
    del statement["predicate"]
    scene.resign(statement)


@refused("is not laid out as a verdict")
def subject_a_number(scene: Scene) -> None:
    scene.resign({**scene.statement(), "subject": 3})


@refused("the statement has the key 'verificationResult' twice")
def result_twice(scene: Scene) -> None:
    text = dump(scene.statement()).replace(
        b'"verificationResult":"PASSED"', b'"verificationResult":"FAILED","verificationResult":"PASSED"'
    )
    scene.resign(text)


@refused("the verifier is")
def another_verifier(scene: Scene) -> None:
    statement = scene.statement()
    statement["predicate"]["verifier"]["id"] = "https://example.org/somebody"
    scene.resign(statement)


@refused("the result is 'FAILED'")
def failed(scene: Scene) -> None:
    scene.sign(outcomes=[Outcome("lint", FAILED, "2 findings"), *scene.verdict().outcomes[1:]])


@refused("the result is 'FAILED'")
def not_run(scene: Scene) -> None:
    scene.sign(outcomes=[*scene.verdict().outcomes, Outcome("types", NOT_RUN, "mypy is not installed")])


@refused("the result is 'FAILED'")
def no_gate_at_all(scene: Scene) -> None:
    scene.sign(outcomes=[])


@refused("not made by the given key")
def failed_turned_into_passed(scene: Scene) -> None:
    failed(scene)
    statement = scene.statement()
    statement["predicate"]["verificationResult"] = "PASSED"
    scene.put_payload(dump(statement))


@refused("claims the level SLSA_SOURCE_LEVEL_3")
def slsa_level(scene: Scene) -> None:
    statement = scene.statement()
    statement["predicate"]["verifiedLevels"].append("SLSA_SOURCE_LEVEL_3")
    scene.resign(statement)


@refused("the required gate 'secrets' is not among those that passed")
def gate_never_configured(scene: Scene) -> None:
    scene.args["--require"] = "lint,secrets"


@refused("the required gate 'compose' is not among those that passed")
def gate_skipped(scene: Scene) -> None:
    scene.args["--require"] = "compose"


@refused("the required gate 'tests' is not among those that passed")
def gate_removed(scene: Scene) -> None:
    scene.sign(outcomes=scene.verdict().outcomes[:1])


@refused("the required gate 'LINT' has no evidence")
def gate_of_the_same_level(scene: Scene) -> None:
    scene.args["--require"] = "LINT"


# By which rules and when


@refused("another configuration than that of origin/main")
def loosened_configuration(scene: Scene) -> None:
    scene.commit = scene.repository.commit({"gateline.yaml": CONFIGURATION + "exclude: ['*']\n"}, "loosen")
    scene.args["--commit"] = scene.commit
    scene.sign()


@refused("another configuration than that of origin/main")
def deleted_configuration(scene: Scene) -> None:
    scene.repository.git("rm", "-q", "gateline.yaml")
    scene.commit = scene.repository.commit(message="no rules")
    scene.args["--commit"] = scene.commit
    scene.sign()


@refused("is not a revision of this repository")
def no_target_branch(scene: Scene) -> None:
    scene.args["--policy-from"] = "origin/gone"


def tag_loose_rules(scene: Scene) -> None:
    """A signed verdict by loosened rules, and a tag called origin/main that points to them."""
    loosened_configuration(scene)
    scene.repository.git("tag", "origin/main")


@refused("origin/main is ambiguous: it could be refs/tags/origin/main or refs/remotes/origin/main")
def tag_in_the_place_of_the_target_branch(scene: Scene) -> None:
    tag_loose_rules(scene)


@refused("origin/main is a tag here")
def tag_where_the_target_branch_was_not_fetched(scene: Scene) -> None:
    tag_loose_rules(scene)
    scene.repository.git("update-ref", "-d", "refs/remotes/origin/main")


@refused("main is ambiguous: it could be refs/tags/main or refs/heads/main")
def tag_called_like_the_branch_to_deploy(scene: Scene) -> None:
    scene.repository.git("tag", "main")
    scene.repository.commit({"src/app.py": "newer\n"}, "newer")
    scene.args["--commit"] = "main"


@refused("is not a regular file")
def configuration_by_a_link(scene: Scene) -> None:
    scene.repository.git("rm", "-q", "gateline.yaml")
    os.symlink("src/app.py", scene.repository.path / "gateline.yaml")
    scene.repository.git("update-ref", "refs/remotes/origin/main", scene.repository.commit(message="link"))


@refused("has expired: it is 25.0 h old")
def expired(scene: Scene) -> None:
    scene.sign(started=time.time() - 25 * 3600)


@refused("is from the future")
def from_the_future(scene: Scene) -> None:
    scene.sign(started=time.time() + 3600)


@refused("is not a time in UTC")
def time_without_a_zone(scene: Scene) -> None:
    statement = scene.statement()
    statement["predicate"]["timeVerified"] = "2026-01-01 00:00"
    scene.resign(statement)


# On what evidence


@refused("the evidence of the verdict is missing")
def no_evidence(scene: Scene) -> None:
    scene.evidence.unlink()


@refused("this evidence is not what the verdict was signed for")
def evidence_edited(scene: Scene) -> None:
    scene.evidence.write_bytes(scene.evidence.read_bytes().replace(b'"tests":7', b'"tests":9'))


@refused("rests on 3 pieces of evidence")
def evidence_removed(scene: Scene) -> None:
    scene.evidence.write_bytes(b"".join(scene.evidence.read_bytes().splitlines(keepends=True)[:2]))


@refused("rests on 3 pieces of evidence")
def evidence_added(scene: Scene) -> None:
    lines = scene.evidence.read_bytes().splitlines(keepends=True)
    scene.evidence.write_bytes(b"".join([*lines, lines[0]]))


@refused("this evidence is not what the verdict was signed for")
def evidence_in_another_order(scene: Scene) -> None:
    scene.evidence.write_bytes(b"".join(reversed(scene.evidence.read_bytes().splitlines(keepends=True))))


@refused("this evidence is not what the verdict was signed for")
def digest_by_another_algorithm_only(scene: Scene) -> None:
    statement = scene.statement()
    statement["predicate"]["inputAttestations"][0]["digest"] = {"md5": "0" * 32}
    scene.resign(statement)


@refused("by its evidence the gate 'lint' is: failed")
def gate_in_the_levels_that_did_not_pass(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[0]["predicate"]["result"] = "FAILED"
    pieces[0]["predicate"]["configuration"][0]["annotations"]["status"] = "failed"
    scene.resign_evidence(pieces)


@refused("the levels of the verdict are not those of the gates that passed")
def skipped_gate_in_the_levels(scene: Scene) -> None:
    statement = scene.statement()
    statement["predicate"]["verifiedLevels"].append("ORG_SOURCE_GATELINE_COMPOSE")
    scene.resign(statement)
    scene.args["--require"] = "compose"


@refused("contradicts itself")
def evidence_that_contradicts_itself(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[0]["predicate"]["result"] = "FAILED"
    scene.resign_evidence(pieces)


@refused("has two pieces of evidence")
def one_gate_twice(scene: Scene) -> None:
    scene.resign_evidence([*scene.pieces(), scene.pieces()[0]])


@refused("does not name its gate and status")
def evidence_without_a_name(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[0]["predicate"]["configuration"][0]["annotations"]["gate"] = ["lint"]
    scene.resign_evidence(pieces)


@refused("the gitTree is")
def evidence_of_another_tree(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[1]["subject"][1]["digest"]["gitTree"] = "2" * 40
    scene.resign_evidence(pieces)


@refused("the policy is")
def evidence_by_other_rules(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[1]["predicate"]["configuration"][0]["digest"]["sha256"] = "2" * 64
    scene.resign_evidence(pieces)


@refused("the predicate type is")
def evidence_of_another_kind(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[1]["predicateType"] = "https://in-toto.io/attestation/link/v0.3"
    scene.resign_evidence(pieces)


@refused("jsonl:2: the statement type is")
def evidence_of_another_statement_type(scene: Scene) -> None:
    pieces = scene.pieces()
    pieces[1]["_type"] = "https://in-toto.io/Statement/v0.1"
    scene.resign_evidence(pieces)


@pytest.mark.parametrize(("forgery", "sentence"), FORGERIES, ids=[forgery.__name__ for forgery, _ in FORGERIES])
def test_refused(scene: Scene, forgery: Callable[[Scene], object], sentence: str) -> None:
    assert scene.run_verify() == 0, "the scene must hold before it is tampered with"
    forgery(scene)
    with pytest.raises(VerdictError) as error:
        scene.run_verify()
    assert error.value.exit_code == 4
    assert sentence in str(error.value)
    assert "\n" not in error.value.message


def test_the_matrix_is_large_enough() -> None:
    assert len(FORGERIES) >= 30


def test_the_process_says_why_and_exits_with_4(scene: Scene) -> None:
    scene.file.write_text(json.dumps({**scene.envelope(), "signatures": []}))
    arguments = [word for pair in scene.args.items() for word in pair]
    done = subprocess.run([sys.executable, "-m", "gates", "verify", *arguments], capture_output=True, text=True)
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr == "gateline: the envelope has 0 signatures, not one\n"
