"""A configuration as a user writes it: what it becomes, and how its mistakes are told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from gates.config import load_settings
from gates.errors import ConfigError, ExitCode
from gates.settings import Settings
from tests.config.mistakes import MISTAKES


def load(**files: str | bytes) -> Settings:
    """`gateline_yaml="..."` is the file gateline.yaml."""
    raw = {name.replace("_", "."): text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return load_settings(None, raw.get)


def told(**files: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load(**files)
    assert caught.value.exit_code == ExitCode.USAGE
    return str(caught.value)


def test_the_configuration_of_the_design_is_understood() -> None:
    settings = load(
        gateline_yaml="""
gates:
  lint:       {run: ruff check, doors: [commit, push, ci]}
  tests:      {run: pytest -q, doors: [push, ci], time_limit: 10m}
  dependencies: {doors: [push, ci]}
  copypaste:  {min_tokens: 50, doors: [commit, push, ci], block: new}
  complexity: {max: C, average: A, block: new}
  secrets:    {}
deploy:
  test:
    rancher: {url: "${RANCHER_URL}", stack: gf-chat, service: parrot-rest, batch_size: 1, interval: 2s}
    requires: [lint, tests, copypaste, secrets]
    deadline: 10m
    bake: 60s
    abort_on_log: "FATAL|panic"
"""
    )
    assert [gate.name for gate in settings.gates] == [
        "lint", "tests", "dependencies", "copypaste", "complexity", "secrets",
    ]  # fmt: skip
    tests = settings.gates[1]
    assert (tests.kind, tests.run, tests.doors, tests.time_limit) == ("tests", "pytest -q", ("push", "ci"), 600.0)
    assert settings.gates[3].options["min_tokens"] == 50
    target = settings.deploy["test"]
    assert target["rancher"]["url"] == "${RANCHER_URL}", "variables are replaced where they are used, not here"
    assert (target["rancher"]["interval"], target["deadline"], target["bake"]) == (2.0, 600.0, 60.0)
    assert settings.source == "gateline.yaml"


def test_a_gate_may_be_empty_and_has_the_defaults_of_its_kind() -> None:
    settings = load(gateline_yaml="gates:\n  secrets:\n  tests: {}\n")
    secrets, tests = settings.gates
    assert (secrets.doors, secrets.block) == (("commit", "merge", "push", "ci"), "new")
    assert (tests.doors, tests.block, tests.cache) == (("merge", "push", "ci"), "all", True)
    assert tests.options == {}


def test_a_gate_with_a_name_of_its_own_says_its_kind() -> None:
    gate = load(gateline_yaml="gates: {licences: {kind: command, run: [reuse, lint]}}").gates[0]
    assert (gate.name, gate.kind, gate.run) == ("licences", "command", ["reuse", "lint"])
    assert gate.options == {"format": "exit-code", "scope": "project", "severity": "major"}


def test_a_gate_named_like_a_kind_may_be_of_another_kind() -> None:
    gate = load(gateline_yaml="gates: {lint: {kind: command, run: make lint, scope: files}}").gates[0]
    assert (gate.kind, gate.options["scope"]) == ("command", "files")


def test_off_is_a_word_and_not_a_boolean() -> None:
    assert load(gateline_yaml="gates: {lint: {run: x, fix: off}}").gates[0].fix == "off"


def test_anchors_and_merge_keys() -> None:
    settings = load(
        gateline_yaml="gates:\n  lint: &all {run: x, doors: [commit, ci], time_limit: 2s}\n"
        "  types: {<<: *all, run: y}\n  tests: {<<: [{time_limit: 3s}, *all]}\n"
    )
    types, tests = settings.gates[1:]
    assert (types.run, types.doors, types.time_limit) == ("y", ("commit", "ci"), 2.0)
    assert (tests.run, tests.time_limit) == ("x", 3.0)


def test_the_policy_is_the_digest_of_the_bytes() -> None:
    raw = b"gates: {secrets: {}}  # a comment counts as well\n"
    assert load(gateline_yaml=raw).policy == "sha256:" + hashlib.sha256(raw).hexdigest()


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert load(gateline_yaml=b"\xef\xbb\xbfgates:\r\n  secrets:\r\n").gates[0].name == "secrets"


def test_settings_survive_being_stored() -> None:
    settings = load(gateline_yaml="gates: {lint: {run: [a], env: {A: b}}}\ndeploy: {t: {kubernetes: {workload: w}}}\n")
    assert Settings.from_dict(settings.to_dict()).to_dict() == settings.to_dict()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(name: str) -> None:
    text, sentence = MISTAKES[name]
    assert sentence in told(gateline_yaml=text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    message = told(
        gateline_yaml="jos: 1\ngates:\n  lint: {rn: x}\n  copypaste: {min_tokens: few, type: 4}\n  tests:\n  tests:\n"
    )
    assert message.startswith("gateline.yaml has 5 mistakes\n")
    places = [line.split(": ")[0].strip() for line in message.splitlines() if line.startswith("  gateline.yaml:")]
    assert places == [f"gateline.yaml:{place}" for place in ("1:1", "3:10", "4:27", "4:38", "6:3")]


def test_a_wrong_encoding_is_told_with_its_place() -> None:
    message = told(gateline_yaml=b"gates:\n  lint: {run: caf\xe9}\n")
    assert message.startswith("gateline.yaml:2:18: is not UTF-8 text: byte 0xe9 does not belong there")


@pytest.mark.parametrize(
    "text",
    [
        "gates: {secrets: }\ndeploy: {t: {rancher: {service: a, secret_key: hunter2}}}\n",
        "gates: {secrets: }\ndeploy: {t: {kubernetes: {workload: a, token: hunter2}}}\n",
        "gates: {secrets: }\ndeploy: {t: {rancher: {webhook: 'https://r/hook?key=hunter2'}}}\n",
        "gates: {secrets: {env: {KEY: [hunter2]}}}\n",
        "gates: {secrets: {env: {KEY: '${A}hunter2'}}}\n",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text: str) -> None:
    message = told(gateline_yaml=text)
    assert "not what stands here" in message
    assert "hunter2" not in message


def test_a_file_called_yml_is_not_ignored() -> None:
    assert told(gateline_yml="gates: {}").startswith(
        "gateline.yml: is not read: the configuration is called gateline.yaml"
    )


class TestPyproject:
    def test_the_table_is_read(self) -> None:
        settings = load(
            pyproject_toml="[tool.gateline]\njobs = 2\n"
            '[tool.gateline.gates]\nlint = {run = "ruff check"}\n[tool.gateline.gates.secrets]\n'
        )
        assert [gate.name for gate in settings.gates] == ["lint", "secrets"]
        assert (settings.jobs, settings.source) == (2, "pyproject.toml")

    def test_without_the_table_it_is_not_ours(self) -> None:
        assert load(pyproject_toml='[project]\nname = "gateline"\n').source == "detected"

    def test_both_files_are_an_error_that_names_both(self) -> None:
        message = told(gateline_yaml="gates: {secrets: }", pyproject_toml="[tool.gateline]\n")
        assert "gateline.yaml and [tool.gateline] in pyproject.toml both configure Gateline" in message

    @pytest.mark.parametrize("text", ["[tool.black]\n# see gateline.yaml\n", "broken gateline ["])
    def test_a_pyproject_without_the_table_does_not_disturb_gateline_yaml(self, text: str) -> None:
        assert load(gateline_yaml="gates: {secrets: }", pyproject_toml=text).source == "gateline.yaml"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("[tool.gateline\n", "pyproject.toml:1:15: is not valid TOML: expected ']'"),
            ("a = 1\na = 2\n", "pyproject.toml:2:6: is not valid TOML: cannot overwrite a value"),
            ("a = '''", "pyproject.toml:1:1: is not valid TOML"),
            ("[tool]\ngateline = 3\n", "pyproject.toml:2:12: must be a mapping with `gates:`, not the value 3"),
            ("[tool.gateline]\n", "pyproject.toml:1:7: the configuration has no `gates`"),
            (
                '[tool.gateline]\njobs = "x"\ngates.secrets = {}\n',
                "pyproject.toml:2:8: `jobs` must be a whole number, 0 for one per core, not the text 'x'",
            ),
            (
                '[tool.gateline.gates]\nlint = { run = "a", dors = ["ci"] }\n',
                "pyproject.toml:2:21: unknown key 'dors' in gate 'lint'\n  Did you mean 'doors'?",
            ),
            (
                '[[tool.x]]\na = """\n]\n"""\n[tool.gateline]\ngates.lint.doors = [\n  "ci", # one\n  "comit",\n]\n',
                "pyproject.toml:8:3: `doors` of gate 'lint': 'comit' is not a door",
            ),
            (
                "[tool.gateline.gates.tests]\ntime_limit = 2020-01-01\n",
                "pyproject.toml:2:14: `time_limit` of gate 'tests' must be a length of time",
            ),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told(self, text: str, sentence: str) -> None:
        assert sentence in told(pyproject_toml=text)

    def test_a_wrong_encoding_is_told(self) -> None:
        assert "pyproject.toml:2:1: is not UTF-8 text" in told(pyproject_toml=b"[tool.gateline]\n\xff\n")

    def test_deep_nesting_is_told(self) -> None:
        assert "is nested too deeply" in told(pyproject_toml="[tool.gateline]\na = " + "[" * 5000)


def test_without_a_configuration_the_tracked_files_decide(make_repository: Callable[..., object]) -> None:
    repository = make_repository("plain", {"ü/test_a.py": "import pytest\n", "b.py": "x = 1\n"})
    root = repository.path  # type: ignore[attr-defined]

    def read(path: str) -> bytes | None:
        return (root / path).read_bytes() if (root / path).is_file() else None

    settings = load_settings(str(root), read)
    assert settings.source == "detected"
    assert settings.chosen["tests"] == "pytest: ü/test_a.py imports it"
    assert settings.policy == "sha256:" + hashlib.sha256(b"detected").hexdigest()
