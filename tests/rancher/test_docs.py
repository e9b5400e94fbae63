"""The pages about Rancher say what the commands are, and the session that they show is run."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from gates.config import load_settings
from tests.rancher.conftest import CHECKED
from tests.rancher16 import RancherServer
from tests.test_docs import CODE, ROOT, assert_shown

DOCS = ROOT / "docs"
SESSION = re.compile(r"^```shell-session\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = {
    "deploy": "deploy",
    "rollback": "rollback",
    "finish": "finish",
    "history": "history",
    "logs": "logs",
    "webhook": "webhook",
    "status": "status",
}

OTHERS_OPTIONS = """
--rancher-url --rancher-key --rancher-secret --rancher-label-separator --environment --stack --service
--start-before-stopping --no-start-before-stopping --batch-size --batch-interval --upgrade-timeout
--wait-for-upgrade-to-finish --no-wait-for-upgrade-to-finish --rollback-on-error --no-rollback-on-error --new-image
--finish-upgrade --no-finish-upgrade --sidekicks --no-sidekicks --new-sidekick-image --create --no-create --labels
--label --variables --variable --service-links --service-link --host-id --debug --no-debug --ssl-verify --no-ssl-verify
--secrets --secret
"""
"""Of rancher-gitlab-deploy 1.7, as its --help lists them."""


def commands(verb: str) -> Iterator[click.Command]:
    command = importlib.import_module(f"gates.cli.{verb}").command
    yield from command.commands.values() if isinstance(command, click.Group) else [command]


def options(verb: str) -> set[str]:
    """Every form of every option."""
    found = [parameter for command in commands(verb) for parameter in command.params]
    return {
        name
        for parameter in found
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def named_options(text: str) -> set[str]:
    """What is written as an option in the first column of a table."""
    rows = re.findall(r"^\| ([^|]*(?:\\\|[^|]*)*) \|", text, re.MULTILINE)
    return {option for row in rows for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row)}


@pytest.mark.parametrize("verb", PAGES)
def test_each_option_is_described_and_there_is_no_other(verb: str) -> None:
    own, server = named_options(page(f"reference/{verb}.md")), page("reference/deploy.md").split("## The server")[1]
    shared = named_options(server.split("\n## ")[0])
    assert shared < options("deploy")
    wanted = options(verb)
    assert wanted - shared <= own
    assert own <= wanted


def test_each_option_of_rancher_gitlab_deploy_has_a_counterpart() -> None:
    table = page("how-to/migrate-from-rancher-gitlab-deploy.md").split("| rancher-gitlab-deploy |")[1].split("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert {option for row in rows for option in re.findall(r"--[a-z-]+", row[0])} == set(OTHERS_OPTIONS.split())
    ours = {option for row in rows for option in re.findall(r"--[a-z-]+", row[1])}
    assert ours <= options("deploy")
    assert all(row[1].strip() for row in rows)


@pytest.mark.parametrize("name", ["how-to/deploy-to-rancher.md", "reference/webhook.md"])
def test_targets_of_examples_are_valid(name: str) -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL):
        data = yaml.safe_load(block)
        if "deploy" not in data:
            continue
        data["gates"] = {"lint": None, "tests": None, "secrets": None}
        assert load_settings(None, {"gateline.yaml": yaml.safe_dump(data).encode()}.get).deploy


def test_the_session_of_the_page(server: RancherServer, tmp_path: Path) -> None:
    server.add_service(launchConfig={**CHECKED, "environment": {"LOG_LEVEL": "info"}})
    environ = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "RANCHER_URL": server.url,
        "RANCHER_ACCESS_KEY": server.access,
        "RANCHER_SECRET_KEY": server.secret,
        "PYTHONIOENCODING": "ascii",
        "NO_COLOR": "1",
    }
    (session,) = SESSION.findall(page("how-to/deploy-to-rancher.md"))
    for line, shown in parts(session):
        code = CODE.search(line)
        done = subprocess.run(
            ["bash", "-c", CODE.sub("", line)],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == (int(code[1]) if code else 0), f"{line}\n{done.stdout}"
        assert_shown(shown, done.stdout, line)


def parts(session: str) -> Iterator[tuple[str, list[str]]]:
    """Each command, and the lines shown below it."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield command, shown
