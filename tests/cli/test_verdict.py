"""`gateline verdict show` and `gateline verdict add-subject`."""

from __future__ import annotations

import pytest

from gates.attest.sign import write_verdict
from gates.cli.main import gateline
from gates.errors import UsageError, VerdictError
from tests.attest.conftest import scene as scene
from tests.attest.scene import IMAGE, RESOURCE, Scene


def run(*arguments: str) -> int:
    return gateline.main(["verdict", *arguments], standalone_mode=False)


def test_show_says_what_it_holds_and_that_it_checks_nothing(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["result     PASSED", f"repository {RESOURCE}", f"commit     {scene.commit}"]
    assert "gate       lint: passed" in lines
    assert "gate       compose: skipped (there is no compose file)" in lines
    assert any("not checked here" in line for line in lines)


def test_show_an_unsigned_one(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    write_verdict(scene.verdict(), str(scene.reports), None, resource_uri=RESOURCE)
    assert run("show", "reports/verdict.json") == 0
    assert "signature  none: nothing can be deployed with it" in capsys.readouterr().out


def test_show_without_evidence(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.evidence.unlink()
    assert run("show") == 0
    assert "gates      unknown, the evidence of the verdict is missing" in capsys.readouterr().out


def test_show_does_not_let_a_verdict_move_the_cursor(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    statement = scene.statement()
    statement["predicate"]["resourceUri"] = "\x1b[2Jx"
    scene.resign(statement)
    run("show")
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("content", ["{}", "[]", "x", '{"subject": 1, "predicate": {}}'])
def test_show_something_else(scene: Scene, content: str) -> None:
    scene.file.write_text(content)
    with pytest.raises(VerdictError):
        run("show")


def test_an_image_can_be_verified_after_it_was_added(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELINE_SIGNING_KEY", scene.key.to_openssh().decode())
    assert run("add-subject", "--image-digest", IMAGE, "--name", "registry.example.org/app:1") == 0
    scene.args["--image-digest"] = IMAGE
    assert scene.run_verify() == 0


def test_show_names_the_image(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    key = scene.outside / "key"
    key.write_bytes(scene.key.to_openssh())
    assert run("add-subject", "--image-digest", IMAGE, "--key", str(key)) == 0
    run("show")
    assert f"image      {IMAGE[7:]}" in capsys.readouterr().out


def test_an_image_needs_the_key(scene: Scene) -> None:
    with pytest.raises(UsageError, match="no signing key"):
        run("add-subject", "--image-digest", IMAGE)
