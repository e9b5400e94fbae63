"""The scene of every test here: a repository, a key outside of it, and a verdict that holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attest.scene import Scene
from tests.conftest import Repository


@pytest.fixture
def scene(make_repository: Callable[..., Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    outside = tmp_path / "outside"
    outside.mkdir()
    found = Scene(make_repository("app", {"src/app.py": "def add(a, b):\n    return a + b\n"}), outside)
    monkeypatch.chdir(found.repository.path)
    found.sign()
    return found
