"""The pipelines that `gateline ci init` writes, run for real by gitlab-ci-local, against a Rancher server.

Stand-ins are only what a job of GitLab would find outside of the project: pip and apt-get, which would fetch Gateline
from the network, buildah, which would build an image, and ssh, which leads to the origin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ci.tools import Tools, installed
from tests.conftest import Repository
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),  # several whole pipelines, on a machine that may be busy
    pytest.mark.skipif(shutil.which("rsync") is None, reason="gitlab-ci-local needs rsync"),
]

DIGEST = "sha256:" + "ab" * 32
TARGET = """\
deploy:
  test:
    rancher: {url: "${RANCHER_URL}", stack: gf-chat, service: parrot-rest, interval: 1s}
    deadline: 2m
    bake: 1s
"""
IGNORED = ".gitlab-ci-local/\nreports/\n__pycache__/\n.pytest_cache/\n.ruff_cache/\nnode_modules/\nshards/\n"
PYTHON = {
    "gateline.yaml": f"gates:\n  tests: {{run: pytest -q}}\n  lint: {{run: ruff check}}\n  complexity: {{}}\n{TARGET}",
    "app.py": "def add(a: int, b: int) -> int:\n    return a + b\n",
    "test_app.py": "from app import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n",
    "requirements.txt": "pytest\nruff\n",
    ".gitignore": IGNORED,
}
NODE = {
    "gateline.yaml": f"gates:\n  tests: {{run: npm test}}\n  secrets: {{}}\n{TARGET}",
    "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"test": "node --test"}}\n',
    "package-lock.json": '{"name": "app", "lockfileVersion": 3, "packages": {"": {"name": "app"}}}\n',
    "add.js": "exports.add = (a, b) => a + b;\n",
    "add.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\n"
    "const { add } = require('./add.js');\ntest('adds', () => assert.equal(add(1, 2), 3));\n",
    ".gitignore": IGNORED,
}
BROKEN = {
    "python": {"app.py": "def add(a: int, b: int) -> int:\n    return a - b\n"},
    "node": {"add.js": "exports.add = (a, b) => a - b;\n"},
}
PROJECTS = {"python": PYTHON, "node": NODE}

BUILDAH = """\
#!/bin/sh
echo "buildah $1" >> "$CALLS"
case "$1" in
  login) test "$(cat)" = a-password ;;
  push) printf '%s' DIGEST > "$3" ;;
esac
"""


class Scene:
    """A project with its pipeline, an origin, and the means to run it."""

    def __init__(self, repository: Repository, folder: Path, tools: Tools, server: RancherServer) -> None:
        self.repository = repository
        self.origin = folder / "origin.git"
        self.calls = folder / "calls"
        self.calls.touch()
        self.key = folder / "key"
        programs = folder / "programs"
        programs.mkdir()
        ssh = f'#!/bin/sh\nexec git-upload-pack "{self.origin}"\n'
        for name, text in (
            ("pip", '#!/bin/sh\necho "pip $2" >> "$CALLS"\n'),
            ("apt-get", '#!/bin/sh\necho "apt-get $1" >> "$CALLS"\n'),
            ("buildah", BUILDAH.replace("DIGEST", DIGEST)),
            ("ssh-to-origin", ssh),
        ):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        path = [str(programs), tools.path, os.path.dirname(sys.executable), os.environ["PATH"]]
        self.environ = {
            **os.environ,
            "PATH": os.pathsep.join(path),
            "CALLS": str(self.calls),
            "GIT_SSH_COMMAND": str(programs / "ssh-to-origin"),
        }
        self.program = tools.which("gitlab-ci-local")
        self.run_gateline("keygen", str(self.key))
        self.variables = {
            "CI_COMMIT_REF_PROTECTED": "true",
            "CI_REGISTRY_USER": "ci",
            "CI_REGISTRY_PASSWORD": "a-password",
            "GATELINE_SIGNING_KEY": str(self.key),
            "GATELINE_PUBLIC_KEY": Path(f"{self.key}.pub").read_text().strip(),
            "RANCHER_URL": server.url,
            "RANCHER_ACCESS_KEY": server.access,
            "RANCHER_SECRET_KEY": server.secret,
        }
        repository.git("init", "-q", "--bare", str(self.origin))
        repository.git("remote", "add", "origin", "git@git.example.org:group/app.git")

    def run_gateline(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "gates", *words], cwd=self.repository.path, check=True, capture_output=True
        )

    def push(self, files: dict[str, str] | None = None) -> str:
        """Commit the files and what has changed; returns the commit."""
        commit = self.repository.commit(dict(files or {}), "change")
        self.repository.git("push", "-q", str(self.origin), "main")
        subprocess.run(
            ["git", "fetch", "-q", "origin"],
            cwd=self.repository.path,
            env=self.environ,
            check=True,
            capture_output=True,
        )
        self.repository.git("remote", "set-head", "origin", "main")
        return commit

    def pipeline(self) -> dict[str, str]:
        """Run it; returns job -> PASS or FAIL of those that ran. `log` is what it said."""
        self.calls.write_text("")
        pairs = [word for name, value in self.variables.items() for word in ("--variable", f"{name}={value}")]
        done = subprocess.run(
            [self.program, "--force-shell-executor", "--shell-isolation", "--no-color", *pairs],
            cwd=self.repository.path,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log = done.stdout + done.stderr
        words = [line.split() for line in self.log.splitlines()]
        return {line[1]: line[0] for line in words if len(line) == 2 and line[0] in ("PASS", "FAIL")}

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture(scope="module")
def tools() -> Tools:
    return installed()


@pytest.fixture
def server() -> Iterator[RancherServer]:
    with RancherServer(0.02) as server:
        yield server


@pytest.fixture
def parrot(server: RancherServer) -> Row:
    return server.add_service(launchConfig={"healthCheck": {"port": 8080, "interval": 2000, "strategy": "none"}})


@pytest.fixture
def make_scene(
    make_repository: Callable[..., Repository], tmp_path: Path, tools: Tools, server: RancherServer
) -> Callable[[str], Scene]:
    def make(kind: str) -> Scene:
        return Scene(make_repository("app", dict(PROJECTS[kind])), tmp_path, tools, server)

    return make


def images(server: RancherServer, service: Row) -> set[str]:
    return {str(container["imageUuid"]).removeprefix("docker:") for container in server.containers(service)}


@pytest.mark.parametrize("kind", PROJECTS)
def test_a_good_commit_is_deployed_and_a_bad_one_is_not_even_built(
    make_scene: Callable[[str], Scene], server: RancherServer, parrot: Row, kind: str
) -> None:
    scene = make_scene(kind)
    scene.run_gateline("ci", "init", "--gitlab", "--builder", "buildah")
    commit = scene.push()
    assert scene.pipeline() == {"gates": "PASS", "publish": "PASS", "vouch": "PASS", "deploy": "PASS"}, scene.log
    assert [line for line in scene.called() if line.startswith("buildah")] == [
        "buildah login",
        "buildah build",
        "buildah push",
    ]
    assert f"verified: commit {commit} passed" in scene.log
    assert images(server, parrot) == {f"local-registry.git.example.org/group/app@{DIGEST}"}
    assert "a-password" not in scene.log
    before = len(server.requests)
    scene.push(BROKEN[kind])
    assert scene.pipeline() == {"gates": "FAIL"}, scene.log
    assert not [line for line in scene.called() if line.startswith("buildah")]
    assert len(server.requests) == before


TAMPERING = {
    "a changed verdict": ("sed -i 's/ey/ez/' reports/verdict.dsse.json", "was changed"),
    "changed evidence": ('sed -i \'s/"files":/"files":9/\' reports/verdict.evidence.jsonl', "is not what the verdict"),
    "no verdict": ("rm reports/verdict.dsse.json", "verdict is missing"),
    "that of another commit": ("cp -r OLD/reports/. reports/", "the verdict is about commit"),
}


def test_a_tampered_verdict_stops_the_deploy(
    make_scene: Callable[[str], Scene], server: RancherServer, parrot: Row, tmp_path: Path
) -> None:
    scene = make_scene("python")
    scene.run_gateline("ci", "init", "--gitlab", "--builder", "buildah")
    scene.push()
    scene.run_gateline("ci", "--key", str(scene.key))
    shutil.copytree(scene.repository.path / "reports", tmp_path / "old" / "reports")
    path = scene.repository.path / ".gitlab-ci.yml"
    pipeline = path.read_text()
    last = '--name "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"\n'
    for command, words in TAMPERING.values():
        line = f"    - {command}\n".replace("OLD", str(tmp_path / "old"))
        scene.push({".gitlab-ci.yml": pipeline.replace(last, last + line)})
        assert scene.pipeline() == {"gates": "PASS", "publish": "PASS", "vouch": "PASS", "deploy": "FAIL"}, scene.log
        assert words in scene.log
        assert "FAIL 4" in scene.log
        assert not server.requests
    assert images(server, parrot) == {"acme/parrot:1"}


COMPONENT = """\
stages: [check, ship]
include:
  - local: templates/gateline/template.yml
    inputs: {stage: check, parallel: 3, gates: "tests,complexity", python_version: "3.13"}
ship:
  stage: ship
  needs: [verdict]
  script:
    - >-
      gateline verify --require tests,complexity --key "$GATELINE_PUBLIC_KEY" --policy-from origin/main
      --ref refs/heads/main
    - echo shipped >> "$CALLS"
"""


def test_the_component_shards_the_gates_and_joins_them(make_scene: Callable[[str], Scene]) -> None:
    scene = make_scene("python")
    scene.run_gateline("ci", "init", "--component")
    more = {f"test_{n}.py": f"def test_{n}() -> None:\n    assert True\n" for n in range(6)}
    scene.push({".gitlab-ci.yml": COMPONENT, **more})
    ran = scene.pipeline()
    assert (ran["verdict"], ran["ship"]) == ("PASS", "PASS"), scene.log
    assert "joins the results of 3 jobs" in scene.log
    assert "shipped" in scene.called()
    scene.push({"test_3.py": "def test_3() -> None:\n    assert False\n"})
    ran = scene.pipeline()
    assert "ship" not in ran, scene.log
    assert "shipped" not in scene.called()
