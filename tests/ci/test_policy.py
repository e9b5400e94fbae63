"""A change may tighten the configuration, not loosen it."""

from __future__ import annotations

from typing import Any

import pytest

from gates.ci.policy import POLICY, loosened, outcome, strictest
from gates.outcome import FAILED
from gates.settings import GateSettings, Settings


def settings(*gates: GateSettings, **more: Any) -> Settings:
    return Settings(list(gates), **more)


def gate(name: str = "lint", **more: Any) -> GateSettings:
    return GateSettings(name, **{"run": "ruff check", "block": "new", "doors": ("push", "ci"), **more})


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return loosened(settings(gate(**before)), settings(gate(**after))).get("lint", [])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {"doors": ("push",)}, "no longer runs at the door ci"),
        ({}, {"block": "none"}, "block goes from new to none"),
        ({"block": "all"}, {"block": "new"}, "block goes from all to new"),
        ({}, {"exclude": ("legacy/",)}, "leaves out legacy/"),
        ({}, {"files": ("src/",)}, "looks only at src/"),
        ({"files": ("*.py", "*.js")}, {"files": ("*.py",)}, "looks only at *.py"),
        ({"files": ("*.py",)}, {"files": ("*.py", "!old.py")}, "looks only at"),
        ({"files": ("*.py",)}, {"files": ()}, "the files that its kind chooses"),
        ({}, {"reads": ("*.py",)}, "runs only when *.py changes"),
        ({"ratchets": {"findings": "down"}}, {}, "ratchet on findings is gone"),
        ({"ratchets": {"coverage": "up"}}, {"ratchets": {"coverage": "down"}}, "ratchet on coverage is gone"),
        ({}, {"run": "true"}, "run is another"),
        ({}, {"kind": "command"}, "kind is another"),
        ({}, {"env": {"RUFF_NO_FAIL": "1"}}, "env is another"),
        ({"options": {"max": "C"}}, {"options": {"max": "D"}}, "max goes from C to D"),
        ({"options": {"modules": "C"}}, {"options": {}}, "modules goes from C to nothing"),
        ({"options": {"min_tokens": 50}}, {"options": {"min_tokens": 80}}, "min_tokens goes from 50 to 80"),
        ({"options": {}}, {"options": {"floor": 100}}, "floor goes from nothing to 100"),
        ({"options": {}}, {"options": {"similarity": 0.1}}, "similarity"),
        ({"options": {"type": 3}}, {"options": {"type": 1}}, "type goes from 3 to 1"),
        ({"options": {"ignore": ["a"]}}, {"options": {"ignore": ["a", "b"]}}, "ignore"),
        ({"options": {"changed": 80}}, {"options": {"changed": 79}}, "changed goes from 80 to 79"),
        ({"options": {"minimum": 80}}, {"options": {}}, "minimum goes from 80 to nothing"),
        ({"options": {"audit": True}}, {"options": {}}, "audit"),
        ({"options": {"allow_latest": False}}, {"options": {"allow_latest": True}}, "allow_latest"),
        ({"options": {"max_subject": 72}}, {"options": {"max_subject": 100}}, "max_subject"),
        ({"options": {"format": "sarif"}}, {"options": {"format": "exit-code"}}, "format is another"),
    ],
)
def test_what_is_looser_is_told(before: dict[str, Any], after: dict[str, Any], words: str) -> None:
    sentences = told(before, after)
    assert len(sentences) == 1
    assert words in sentences[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({}, {"doors": ("commit", "push", "ci")}),
        ({"block": "new"}, {"block": "all"}),
        ({"exclude": ("legacy/",)}, {}),
        ({"files": ("*.py",)}, {"files": ("*.py", "*.js")}),
        ({"reads": ("*.py",)}, {"reads": ()}),
        ({}, {"ratchets": {"findings": "down"}}),
        ({"time_limit": 600}, {"time_limit": 5}),
        ({"time_limit": 5}, {"time_limit": 600}),
        ({"options": {"max": "C"}}, {"options": {"max": "A"}}),
        ({"options": {}}, {"options": {"modules": "B"}}),
        ({"options": {"min_tokens": 50}}, {"options": {"min_tokens": 40}}),
        ({"options": {"type": 1}}, {"options": {"type": 2}}),
        ({"options": {"ignore": ["a", "b"]}}, {"options": {"ignore": ["a"]}}),
        ({"options": {}}, {"options": {"minimum": 80}}),
        ({"options": {"allow_latest": True}}, {"options": {}}),
        ({"options": {}}, {"options": {"max_subject": 100}}),
        ({"options": {}}, {"options": {"audit": True}}),
    ],
)
def test_what_is_as_strict_or_stricter_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert told(before, after) == []


def test_a_removed_gate_is_looser_and_an_added_one_is_not() -> None:
    assert loosened(settings(gate(), gate("types")), settings(gate(), gate("tests"))) == {
        "types": ["the gate is removed"]
    }


def test_the_top_level_counts_as_well() -> None:
    deploy = {"live": {"requires": ["lint", "tests"]}, "gone": {"requires": ["lint"]}}
    target = settings(exclude=("a/",), ci={"base": "origin/main"}, deploy=deploy)
    head = settings(
        exclude=("a/", "b/"),
        links=(".venv", "venv", "node_modules", "src"),
        ci={"base": "HEAD"},
        deploy={"live": {"requires": ["lint"]}},
    )
    assert loosened(target, head)[""] == [
        "no gate looks at b/ any more",
        "src of the machine is linked into what gates look at",
        "ci: base goes from origin/main to HEAD",
        "deploy to live no longer requires tests",
    ]
    assert loosened(target, target) == {}


def test_the_run_goes_by_the_stricter_side_of_each_gate() -> None:
    target = settings(gate("lint"), gate("types"), gate("tests", run="pytest"), exclude=("a/",))
    head = settings(
        gate("lint", block="all"), gate("tests", run="true"), gate("fresh"), exclude=("a/", "b/"), policy="sha256:9"
    )
    merged = strictest(target, head)
    assert [each.name for each in merged.gates] == ["lint", "tests", "fresh", "types"]
    assert merged.gate("lint").block == "all"
    assert merged.gate("tests").run == "pytest"
    assert merged.exclude == ("a/",)
    assert merged.policy == "sha256:9"
    assert loosened(target, merged) == {}


def test_nothing_looser_means_the_new_configuration_as_it_is() -> None:
    head = settings(gate("lint", block="all"), gate("fresh"), exclude=())
    assert strictest(settings(gate()), head).to_dict() == head.to_dict()


def test_each_loosened_thing_is_a_finding() -> None:
    result = outcome(
        {"lint": ["the gate is removed"], "": ["no gate looks at b/ any more"]}, "gateline.yaml", "sha256:9"
    )
    assert (result.gate, result.status) == (POLICY, FAILED)
    assert [finding.message for finding in result.findings] == [
        "lint: the gate is removed",
        "no gate looks at b/ any more",
    ]
    assert result.findings[0].place.path == "gateline.yaml"
    assert "GATELINE_ACCEPT_POLICY=sha256:9" in result.reason
    assert len({finding.fingerprint for finding in result.findings}) == 2
