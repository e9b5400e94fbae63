"""Settings kept for the next hook: used only for the very same input, and never in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gates.config import compiled, load_settings
from gates.config.compiled import Recorder, load_cached, load_compiled, load_detected, store_compiled, store_detected
from gates.detect import detect
from gates.errors import ConfigError
from gates.settings import Settings

RAW = b"gates: {lint: {run: x, env: {A: b}}, secrets: }\ndeploy: {t: {rancher: {service: a}}}\n"


@pytest.fixture
def settings() -> Settings:
    return load_settings(None, {"gateline.yaml": RAW}.get)


def stored_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_stored_comes_back(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "not" / "there"
    store_compiled(RAW, settings, str(folder))
    loaded = load_compiled(RAW, str(folder))
    assert loaded is not None
    assert loaded.to_dict() == settings.to_dict()


def test_other_bytes_are_another_configuration(tmp_path: Path, settings: Settings) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    for number in range(64):  # so that all sixteen places are asked
        assert load_compiled(RAW + b"#%d" % number, str(tmp_path)) is None


def test_another_entry_in_the_same_place_is_not_used(tmp_path: Path, settings: Settings) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    for number in range(64):
        store_compiled(RAW + b"#%d" % number, settings, str(tmp_path))
    assert load_compiled(RAW, str(tmp_path)) is None
    assert len(list(tmp_path.iterdir())) <= 16


@pytest.mark.parametrize("content", [b"", b"\x00", b"{", b"no marshal at all", b"i\x01\x00\x00\x00"])
def test_a_torn_or_foreign_file_is_as_good_as_none(tmp_path: Path, settings: Settings, content: bytes) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    stored_file(tmp_path).write_bytes(content)
    assert load_compiled(RAW, str(tmp_path)) is None


def test_every_way_to_cut_a_file_is_noticed(tmp_path: Path, settings: Settings) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    path = stored_file(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert load_compiled(RAW, str(tmp_path)) is None


def test_another_version_of_gateline_reads_anew(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    monkeypatch.setattr(compiled, "__version__", "99.0")
    assert load_compiled(RAW, str(tmp_path)) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").write_text("in the way")
    store_compiled(RAW, settings, str(tmp_path / "file" / "below"))
    assert load_compiled(RAW, str(tmp_path / "file" / "below")) is None


def test_nothing_is_left_when_the_entry_cannot_be_put_in_place(tmp_path: Path, settings: Settings) -> None:
    store_compiled(RAW, settings, str(tmp_path))
    place = stored_file(tmp_path)
    place.unlink()
    (place / "in the way").mkdir(parents=True)
    store_compiled(RAW, settings, str(tmp_path))
    assert list(tmp_path.iterdir()) == [place]


class TestDetected:
    FILES = {"pyproject.toml": b"[tool.ruff]\n", "a.py": b"", "b.txt": b"1"}

    @pytest.fixture
    def folder(self, tmp_path: Path) -> str:
        recorder = Recorder(self.FILES.get)
        store_detected(list(self.FILES), recorder, detect(list(self.FILES), recorder), str(tmp_path))
        return str(tmp_path)

    def test_the_same_tree(self, folder: str) -> None:
        loaded = load_detected(list(self.FILES), self.FILES.get, folder)
        assert loaded is not None
        assert loaded.to_dict() == detect(list(self.FILES), self.FILES.get).to_dict()

    def test_a_file_that_was_not_looked_at_may_change(self, folder: str) -> None:
        assert load_detected(list(self.FILES), {**self.FILES, "b.txt": b"2"}.get, folder) is not None

    def test_a_file_that_was_looked_at_may_not(self, folder: str) -> None:
        changed = {**self.FILES, "pyproject.toml": b"[tool.mypy]\n"}
        assert load_detected(list(changed), changed.get, folder) is None

    def test_another_file_name_is_another_tree(self, folder: str) -> None:
        assert load_detected([*self.FILES, "package.json"], self.FILES.get, folder) is None


class TestCached:
    """The one call that a hook makes."""

    def load(self, folder: Path, files: dict[str, bytes]) -> Settings:
        return load_cached(files.get, lambda: list(files), str(folder))

    @pytest.mark.parametrize(
        "files",
        [
            {"gateline.yaml": RAW, "a.py": b""},
            {"pyproject.toml": b"[tool.gateline.gates.secrets]\n"},
            {"pyproject.toml": b"[tool.ruff]\n", "a.py": b""},
            {},
        ],
    )
    def test_it_gives_what_load_settings_gives(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        expected = load_settings(None, files.get, paths=lambda: list(files)).to_dict()
        assert self.load(tmp_path, files).to_dict() == expected
        assert list(tmp_path.iterdir())
        assert self.load(tmp_path, files).to_dict() == expected

    def test_the_second_call_reads_nothing_anew(self, tmp_path: Path) -> None:
        files = {"gateline.yaml": RAW}
        self.load(tmp_path, files)
        (entry,) = tmp_path.iterdir()
        before = entry.stat().st_mtime_ns
        assert self.load(tmp_path, files).source == "gateline.yaml"
        assert entry.stat().st_mtime_ns == before

    @pytest.mark.parametrize("more", [{"pyproject.toml": b"[tool.gateline.gates.secrets]\n"}, {"gateline.yaml": b"x"}])
    def test_a_mistake_that_comes_later_is_told(self, tmp_path: Path, more: dict[str, bytes]) -> None:
        self.load(tmp_path, {"gateline.yaml": RAW})
        with pytest.raises(ConfigError):
            self.load(tmp_path, {"gateline.yaml": RAW, **more})

    def test_a_file_of_the_wrong_name_that_comes_later_is_told(self, tmp_path: Path) -> None:
        files = {"pyproject.toml": b"[tool.gateline.gates.secrets]\n"}
        self.load(tmp_path, files)
        with pytest.raises(ConfigError, match=r"gateline\.yml"):
            self.load(tmp_path, {**files, "gateline.yml": b""})

    def test_a_configuration_that_comes_later_counts(self, tmp_path: Path) -> None:
        assert self.load(tmp_path, {"a.py": b""}).source == "detected"
        assert self.load(tmp_path, {"a.py": b"", "gateline.yaml": RAW}).source == "gateline.yaml"


def test_the_hook_s_way_imports_nothing_heavy() -> None:
    heavy = "'yaml', 'json', 'jsonschema', 'typing', 'dataclasses', 'subprocess', 'pathlib', 'gates.config.load'"
    code = f"import gates.config.compiled, sys; print([name for name in ({heavy}) if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=Path(compiled.FOLDER).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
