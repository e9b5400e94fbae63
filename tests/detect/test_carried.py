"""What hook managers run, carried over into gates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gates.config.check import check
from gates.config.document import Document
from gates.detect import choose, data_of
from gates.detect.carried import Carried, carry_over
from gates.detect.commands import script_of, split_line
from gates.detect.survey import Survey


def carried(files: dict[str, str | dict[str, Any]]) -> Carried:
    raw = {name: (text if isinstance(text, str) else json.dumps(text)).encode() for name, text in files.items()}
    survey = Survey(list(raw), raw.get)
    result = carry_over(survey, choose(survey))
    assert check(Document("carried", data_of(result.choices))) == []
    return result


def options(result: Carried, name: str) -> dict[str, Any]:
    (found,) = [choice.options for choice in result.choices if choice.name == name]
    return found


SCRIPTS = {"test": "jest", "lint": "eslint ."}
HOOKS = {"hooks": {"pre-commit": "npm run lint", "pre-push": "npm test"}}
HUSKY: dict[str, dict[str, str | dict[str, Any]]] = {
    "before 1": {"package.json": {"scripts": {**SCRIPTS, "precommit": "npm run lint", "prepush": "npm test"}}},
    "1 to 4": {"package.json": {"scripts": SCRIPTS, "husky": HOOKS}},
    ".huskyrc": {"package.json": {"scripts": SCRIPTS}, ".huskyrc": HOOKS},
    "5 to 8": {
        "package.json": {"scripts": SCRIPTS},
        ".husky/pre-commit": '#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\nnpm run lint\n',
        ".husky/pre-push": '#!/bin/sh\n. "$(dirname "$0")/_/husky.sh"\nnpm test\n',
    },
    "9": {
        "package.json": {"scripts": SCRIPTS},
        ".husky/pre-commit": "npm run lint\n",
        ".husky/pre-push": "npm test\n",
    },
}


@pytest.mark.parametrize("version", HUSKY)
def test_the_doors_of_husky(version: str) -> None:
    result = carried(HUSKY[version])
    assert options(result, "lint") == {"run": "npm run lint", "doors": ["commit", "ci"]}
    assert options(result, "tests") == {"run": "npm test", "doors": ["push", "ci"]}
    assert [choice.name for choice in result.choices] == ["lint", "tests", "copypaste", "secrets"]
    assert "doors carried over from" in result.choices[0].why


def test_a_command_of_two_hooks_has_both_doors() -> None:
    result = carried({".husky/pre-commit": "npm test\n", ".husky/pre-push": "yarn test && npm test\n"})
    assert options(result, "tests") == {"run": "npm test", "doors": ["commit", "push", "ci"]}
    assert result.choices[-1].why == "carried over from .husky/pre-commit and .husky/pre-push"


def test_other_commands_become_gates_of_their_own() -> None:
    result = carried(
        {".husky/pre-commit": "npx --no-install tsc --noEmit && node scripts/check.js --strict\nmake docs\n"}
    )
    assert options(result, "types") == {"run": "tsc --noEmit", "doors": ["commit", "ci"]}
    assert options(result, "node-check")["run"] == "node scripts/check.js --strict"
    assert options(result, "make-docs") == {"kind": "command", "run": "make docs", "doors": ["commit", "ci"]}


def test_a_line_that_is_more_than_a_list_of_commands_stays_whole() -> None:
    result = carried({".husky/pre-push": "npm test || echo no && true\n"})
    assert [choice.options["run"] for choice in result.choices if "run" in choice.options] == [
        "npm test || echo no && true"
    ]


@pytest.mark.parametrize(
    "text",
    ["if true; then\n  npm test\nfi\n", "cat <<END\nnpm test\nEND\n", "npm \\\n test\n", "f() {\n npm test\n}\nf\n"],
)
def test_a_hook_that_is_a_program_is_told_and_left(text: str) -> None:
    result = carried({".husky/pre-commit": text})
    assert {choice.name for choice in result.choices} == {"copypaste", "secrets"}
    assert result.notes == [
        ".husky/pre-commit: not carried over: it is a program; write a gate for each command that matters"
    ]


@pytest.mark.parametrize(
    "files",
    [
        {".husky/commit-msg": "npx --no -- commitlint --edit $1\n"},
        {"package.json": {"scripts": {"commitmsg": "commitlint -E GIT_PARAMS"}}},
        {"package.json": {"husky": {"hooks": {"commit-msg": "commitlint -E HUSKY_GIT_PARAMS"}}}},
        {"lefthook.yml": "commit-msg:\n  commands:\n    x: {run: npx commitlint --edit}\n"},
        {".husky/commit-msg": "npx commitlint --edit $1\n", "commitlint.config.js": ""},
    ],
)
def test_commitlint(files: dict[str, str | dict[str, Any]]) -> None:
    assert options(carried(files), "commit_message") == {"conventional": True}


def test_what_is_no_door_is_told() -> None:
    result = carried({"package.json": {"husky": {"hooks": {"post-merge": "npm install"}}}})
    assert result.notes == ["husky.hooks in package.json: `npm install` is not carried over: post-merge is not a door"]


def test_a_copy_finder_is_replaced_by_the_gate() -> None:
    result = carried({"package.json": {"scripts": {"inspect": "jsinspect src", "prepush": "npm run inspect"}}})
    assert "jsinspect is not carried over: the gate copypaste does that work" in result.notes[0]


class TestLintStaged:
    def test_globs_and_fixers(self) -> None:
        result = carried(
            {
                "package.json": {
                    "scripts": {"staged": "lint-staged"},
                    "husky": {"hooks": {"pre-commit": "npm run staged"}},
                    "lint-staged": {"*.{js,{ts,tsx}}": ["eslint --fix --cache", "git add"], "*.md": "prettier --write"},
                }
            }
        )
        assert options(result, "lint") == {
            "run": "eslint --cache",
            "doors": ["commit", "ci"],
            "fix": "stage",
            "fix_run": "eslint --fix --cache",
            "files": ["*.js", "*.ts", "*.tsx"],
        }
        prettier = options(result, "prettier")
        assert (prettier["run"], prettier["fix_run"]) == ("prettier --check", "prettier --write")
        assert (prettier["scope"], prettier["files"]) == ("files", ["*.md"])

    def test_its_own_file(self) -> None:
        result = carried(
            {".husky/pre-commit": "npx lint-staged\n", ".lintstagedrc.yml": "'*.py': [black, ruff check --fix]\n"}
        )
        assert options(result, "black")["run"] == "black --check"
        assert options(result, "lint")["fix_run"] == "ruff check --fix"

    def test_a_program_is_told(self) -> None:
        result = carried({".husky/pre-commit": "npx lint-staged\n", "lint-staged.config.js": "module.exports = {}"})
        assert result.notes == ["lint-staged.config.js: not carried over: it is a program, and nothing here runs it"]

    def test_without_a_hook_that_runs_it_nothing_is_carried(self) -> None:
        result = carried({"package.json": {"lint-staged": {"*.js": "eslint"}}})
        assert {choice.name for choice in result.choices} == {"copypaste", "secrets"}


class TestLefthook:
    def test_commands_and_jobs(self) -> None:
        result = carried(
            {
                "lefthook.yml": "pre-commit:\n  parallel: true\n  commands:\n"
                "    eslint: {glob: '*.{js,ts}', run: 'npx eslint {staged_files}'}\n"
                "pre-push:\n  jobs:\n    - {name: tests, run: go test ./...}\n"
                "colors: true\n"
            }
        )
        assert options(result, "lint") == {"run": "eslint", "doors": ["commit", "ci"], "files": ["*.js", "*.ts"]}
        assert options(result, "tests") == {"run": "go test ./...", "doors": ["push", "ci"]}

    def test_the_same_command_on_other_files_is_another_gate(self) -> None:
        result = carried(
            {
                ".lefthook.yml": "pre-commit:\n  commands:\n"
                "    a: {glob: ['*.js'], run: eslint}\n    b: {glob: '*.ts', run: eslint}\n"
            }
        )
        assert options(result, "lint")["files"] == ["*.js"]
        assert options(result, "lint-2") == {
            "kind": "lint",
            "run": "eslint",
            "doors": ["commit", "ci"],
            "files": ["*.ts"],
        }

    def test_what_cannot_be_carried_over_is_told(self) -> None:
        result = carried(
            {
                "lefthook.yml": "pre-commit:\n  scripts: {check.sh: {runner: bash}}\n  commands:\n"
                "    a: {run: 'tool {staged_files} --out {0}'}\n  jobs: [{group: {jobs: []}}]\n"
            }
        )
        assert {choice.name for choice in result.choices} == {"copypaste", "secrets"}
        assert len(result.notes) == 3
        assert result.notes[0].startswith("pre-commit in lefthook.yml: its `scripts` are not carried over")

    @pytest.mark.parametrize(
        "text", ["[", "- a", "pre-commit: 3", "pre-commit: {commands: [a]}", "a: !!python/name:os.x"]
    )
    def test_a_broken_file_is_as_good_as_none(self, text: str) -> None:
        assert {choice.name for choice in carried({"lefthook.yml": text}).choices} == {"copypaste", "secrets"}


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("npm run lint", "lint"),
        ("npm test", "test"),
        ("yarn test:deps", "test:deps"),
        ("npm install", ""),
        ("make x", ""),
        ("npm test -- --ci", ""),
        ("bun run a-b", "a-b"),
        ("npm run -s lint", "lint"),
    ],
)
def test_script_of(command: str, script: str) -> None:
    assert script_of(command) == script


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("a && b&&c", ["a", "b", "c"]),
        ("a || b && c", ["a || b && c"]),
        ("a; b", ["a; b"]),
        ("a &&", ["a &&"]),
        ("a", ["a"]),
    ],
)
def test_split_line(line: str, commands: list[str]) -> None:
    assert split_line(line) == commands


def test_a_command_without_a_telling_word_has_a_name_all_the_same() -> None:
    result = carried({".husky/pre-commit": "'unclosed\n./--\n"})
    assert {"unclosed", "command"} <= {choice.name for choice in result.choices}
