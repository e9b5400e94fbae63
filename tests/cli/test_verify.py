"""`gateline verify`, its options; what it refuses is in tests/attest/test_forgeries.py."""

from __future__ import annotations

import click
import pytest

from gates.cli.verify import seconds_of
from gates.errors import UsageError
from tests.attest.conftest import scene as scene
from tests.attest.scene import IMAGE, Scene


def test_it_says_what_was_verified(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.run_verify() == 0
    assert capsys.readouterr().out == (
        f"verified: commit {scene.commit} passed lint, tests\nsigned by {scene.key.public.keyid}\n"
    )


def test_the_key_itself_as_a_variable_gives_it(scene: Scene) -> None:
    scene.args["--key"] = scene.key.public.line
    assert scene.run_verify() == 0


def test_ref_repository_and_verdict_are_options(scene: Scene) -> None:
    moved = scene.outside / "other.dsse.json"
    scene.file.rename(moved)
    scene.evidence.rename(scene.outside / "other.evidence.jsonl")
    scene.repository.git("remote", "remove", "origin")
    scene.args |= {
        "--policy-from": "main",
        "--ref": "refs/heads/main",
        "--repo": "git+https://git.example.org/group/app",
        "--verdict": str(moved),
    }
    assert scene.run_verify() == 0


@pytest.mark.parametrize("option", ["--require", "--key", "--policy-from"])
def test_what_must_be_said(scene: Scene, option: str) -> None:
    del scene.args[option]
    with pytest.raises(click.MissingParameter) as error:
        scene.run_verify()
    assert error.value.param is not None
    assert error.value.param.opts[0] == option


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--require", " , ", "names no gate"),
        ("--max-age", "soon", "not a length of time"),
        ("--image-digest", IMAGE[:-1], "not an image digest"),
    ],
)
def test_wrong_usage(scene: Scene, option: str, value: str, sentence: str) -> None:
    scene.args[option] = value
    with pytest.raises(UsageError, match=sentence):
        scene.run_verify()


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("90m", 5400), ("24h", 86400), ("1.5h", 5400), ("7d", 604800)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "-1h", "1e9", "nan", "inf", "h", "1 year", "٣h"])
def test_no_lengths_of_time(text: str) -> None:
    with pytest.raises(UsageError):
        seconds_of(text)
