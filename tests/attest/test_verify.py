"""Verdicts that hold, and what verifying them gives."""

from __future__ import annotations

import time

import pytest

from gates.attest.keys import generate, load_public_key
from gates.attest.policy import read_only_repository
from gates.attest.sign import add_image
from gates.attest.verify import CLOCK_SKEW, Demands, verify
from gates.errors import UsageError, VerdictError
from tests.attest.scene import IMAGE, RESOURCE, Scene


def checked(scene: Scene, now: float | None = None, **changes):
    demands = {
        "commit": scene.commit,
        "required": ("lint", "tests"),
        "policy_from": "origin/main",
        "resource": RESOURCE,
        **changes,
    }
    repository = read_only_repository(str(scene.repository.path))
    return verify(repository, str(scene.file), [load_public_key(str(scene.public))], Demands(**demands), now=now)


def test_a_verdict_that_holds(scene: Scene) -> None:
    verified = checked(scene, ref="refs/heads/main")
    assert verified.commit == scene.commit
    assert verified.tree == scene.repository.git("rev-parse", "HEAD^{tree}")
    assert verified.gates == ("lint", "tests")
    assert verified.refs == ("refs/heads/main",)
    assert verified.images == ()
    assert verified.keyid == scene.key.public.keyid
    assert verified.policy.startswith("sha256:")


def test_any_name_of_the_commit_will_do(scene: Scene) -> None:
    assert checked(scene, commit="HEAD").commit == checked(scene, commit="main").commit == scene.commit


def test_an_image_added_after_the_build(scene: Scene) -> None:
    add_image(str(scene.file), IMAGE, scene.key, name="registry.example.org/app:1")
    assert checked(scene, images=(IMAGE,)).images == (IMAGE,)


def test_one_of_two_pinned_keys_is_enough_so_that_keys_can_be_changed(scene: Scene) -> None:
    repository = read_only_repository(str(scene.repository.path))
    demands = Demands(scene.commit, ("lint",), "origin/main", RESOURCE)
    keys = [generate().public, scene.key.public]
    assert verify(repository, str(scene.file), keys, demands).keyid == scene.key.public.keyid


@pytest.mark.parametrize(("offset", "holds"), [(0.0, True), (1.0, False)])
def test_the_edge_of_the_age(scene: Scene, offset: float, holds: bool) -> None:
    made = checked(scene).verified_at
    if holds:
        assert checked(scene, now=made + 100 + offset, max_age=100).verified_at == made
    else:
        with pytest.raises(VerdictError, match="expired"):
            checked(scene, now=made + 100 + offset, max_age=100)


def test_a_clock_that_is_a_little_ahead_is_forgiven(scene: Scene) -> None:
    made = checked(scene).verified_at
    assert checked(scene, now=made - CLOCK_SKEW).verified_at == made
    with pytest.raises(VerdictError, match="future"):
        checked(scene, now=made - CLOCK_SKEW - 1)


def test_the_time_is_when_the_gates_ended_not_when_it_was_signed(scene: Scene) -> None:
    scene.sign(started=1_700_000_000.0, seconds=30.0)
    assert checked(scene, max_age=time.time()).verified_at == 1_700_000_030


def test_a_branch_with_the_same_configuration_as_the_target(scene: Scene) -> None:
    scene.repository.git("checkout", "-q", "-b", "feature")
    scene.commit = scene.repository.commit({"src/new.py": "x = 1\n"}, "feature")
    scene.sign()
    assert checked(scene).commit == scene.commit


def test_without_key_or_gate_nothing_is_verified(scene: Scene) -> None:
    repository = read_only_repository(str(scene.repository.path))
    with pytest.raises(UsageError):
        verify(repository, str(scene.file), [], Demands(scene.commit, ("lint",), "origin/main", RESOURCE))
    with pytest.raises(UsageError):
        checked(scene, required=())


def test_an_image_digest_that_is_none_is_wrong_usage(scene: Scene) -> None:
    with pytest.raises(UsageError, match="not an image digest"):
        checked(scene, images=("latest",))


def test_the_surroundings_cannot_point_git_elsewhere(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(scene.outside))
    assert checked(scene).commit == scene.commit
