"""The compose gate on files of every layout."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from gates.checks.base import GateContext
from gates.checks.compose import GATE, RULES
from gates.git.change import EMPTY_TREE, Change
from gates.globs import Globs
from gates.outcome import FAILED, NOT_RUN, PASSED, Outcome
from gates.settings import GateSettings
from tests.checks.test_secrets import GITHUB

GOOD = """\
    services:
      web:
        image: acme/web:1.2
        ports: ["80:80"]
        depends_on: [db]
        environment: {MODE: live}
      db:
        image: postgres:16@sha256:abc
    """


def examine(tmp_path: Path, asked: list[str] | None = None, block: str = "all", **files: str) -> Outcome:
    """Examine files given by names in which "__" stands for "/", "_" for "-" and the ending is .yml."""
    options = {name: files.pop(name) for name in ("allow_latest", "require_health_check") if name in files}
    names = []
    for name, text in files.items():
        path = name.replace("__", "/").replace("_", "-") + ".yml"
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(dedent(text))
        names.append(path)
    change = Change("ci", EMPTY_TREE, everything=True)
    settings = GateSettings("compose", block=block, options=options)
    return GATE.examine(GateContext(settings, str(tmp_path), change, names if asked is None else asked))


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding.place)) for finding in outcome.findings]


def rules(tmp_path: Path, text: str, **more: str) -> list[str]:
    return [finding.rule for finding in examine(tmp_path, docker_compose=text, **more).findings]


def message(tmp_path: Path, text: str, **more: str) -> str:
    (finding,) = examine(tmp_path, docker_compose=text, **more).findings
    return finding.message


def test_a_good_file_passes_in_each_layout(tmp_path: Path) -> None:
    outcome = examine(
        tmp_path,
        compose=GOOD,
        a__docker_compose="version: '2'\n" + dedent(GOOD).replace(":16@sha256:abc", ":16"),
        b__docker_compose="web:\n  image: acme/web:1\n  links: ['db:database']\ndb:\n  image: postgres:9\n",
        c__docker_compose="version: '3.8'\n" + dedent(GOOD),
        d__compose="include: [other.yml]\n",
    )
    assert (outcome.status, outcome.reason, outcome.evidence.files) == (PASSED, "", 5)


def test_what_the_gate_is_about() -> None:
    globs = Globs(GATE.files)
    for name in ("docker-compose.yml", "a/docker-compose.prod.yaml", "compose.yaml", "b/compose.dev.yml"):
        assert globs.match(name)
    assert globs.match("rancher-compose.yml")
    assert not globs.match("src/compose.py")
    assert not globs.match("composer.yml")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            "services:\n  web:\n    imag: a:1\n",
            "docker-compose.yml:3:5",
            "unknown key 'imag' in services.web. Did you mean image?",
        ),
        ("servces:\n  web: {image: 'a:1'}\nservices: {}\n", "docker-compose.yml:1:1", "Did you mean services?"),
        (
            "version: '2'\nservices:\n  web:\n    image: a:1\n    health_check: {port: 80}\n",
            "docker-compose.yml:5:5",
            "Did you mean healthcheck?",
        ),
        (
            "version: '2'\nservices:\n  web:\n    image: a:1\n    retain_ip: true\n",
            "docker-compose.yml:5:5",
            "It belongs into rancher-compose.yml.",
        ),
        ("web:\n  image: a:1\n  enviroment: []\n", "docker-compose.yml:3:3", "Did you mean environment?"),
        (
            "services:\n  web:\n    image: a:1\n    logging: {diver: x}\n",
            "docker-compose.yml:4:15",
            "unknown key 'diver' in services.web.logging. Did you mean driver?",
        ),
    ],
)
def test_unknown_keys(tmp_path: Path, text: str, place: str, said: str) -> None:
    (finding,) = examine(tmp_path, docker_compose=text).findings
    assert (finding.rule, str(finding.place)) == ("unknown-key", place)
    assert said in finding.message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("ports: 80", "services.web.ports must be a list, not a whole number"),
        ("ports: [[80]]", "services.web.ports[0] must be a number or a text or a mapping, not a list"),
        ("privileged: [1]", "services.web.privileged must be true or false or a text, not a list"),
        ("command: 5.5", "services.web.command must be nothing or a text or a list, not a number"),
        ("labels: [a, a]", "services.web.labels names something twice"),
        ("healthcheck: {test: 1}", "services.web.healthcheck.test must be a text or a list, not a whole number"),
        ("cgroup: hots", "services.web.cgroup must be one of host, private; did you mean host?"),
        ("pull_policy: sometimes", "services.web.pull_policy does not have the form"),
        ("logging: null", "services.web.logging must be a mapping, not nothing"),
        ("extends: {file: a.yml}", "services.web.extends has no service"),
        ("depends_on: {db: {condition: healthy}}", "services.web.depends_on.db.condition must be one of"),
        ("blkio_config: {weight: true}", "must be a whole number or a text, not true"),
        ("ulimits: {nofile: {soft: 1}}", "services.web.ulimits.nofile has no hard"),
    ],
)
def test_wrong_values_are_told_as_a_person_would(tmp_path: Path, value: str, said: str) -> None:
    text = f"services:\n  web:\n    image: a:1\n    {value}\n  db:\n    image: b:1\n"
    (finding,) = examine(tmp_path, docker_compose=text).findings
    assert said in finding.message
    assert (finding.rule, finding.place.start_line) == ("schema", 4)  # type: ignore[union-attr]


def test_variables_may_become_anything(tmp_path: Path) -> None:
    text = "version: '2.4'\nservices:\n  web:\n    image: a:1\n    cpu_shares: ${CPU}\n    scale: ${N:-2}\n"
    assert rules(tmp_path, text) == []


def test_dependent_keys_of_version_2(tmp_path: Path) -> None:
    text = "version: '2'\nservices:\n  web:\n    image: a:1\n    memswap_limit: 5\n"
    assert message(tmp_path, text) == "services.web needs another key: 'mem_limit'"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("links: ['dbb:x']", "links to dbb, which is no service here. Did you mean db?"),
        ("depends_on: [cache]", "depends on cache, which is no service here"),
        ("depends_on: {dbx: {condition: service_started}}", "depends on dbx"),
        ("volumes_from: ['data:ro', 'container:x']", "takes volumes from data"),
        ("network_mode: 'service:vpn'", "has its network_mode from vpn"),
        ("extends: {service: base}", "extends base"),
        ("labels: {io.rancher.sidekicks: 'db, logs'}", "has the sidekick logs"),
        ("labels: ['io.rancher.sidekicks=logs']", "has the sidekick logs"),
    ],
)
def test_services_that_do_not_exist(tmp_path: Path, line: str, said: str) -> None:
    text = f"services:\n  web:\n    image: a:1\n    {line}\n  db:\n    image: b:1\n"
    (finding,) = examine(tmp_path, docker_compose=text).findings
    assert said in finding.message
    assert (finding.rule, finding.place.start_line) == ("unknown-service", 4)  # type: ignore[union-attr]


def test_services_may_come_from_elsewhere(tmp_path: Path) -> None:
    text = "include: [b.yml]\nservices:\n  web: {image: 'a:1', depends_on: [db], volumes: ['data:/d']}\n"
    assert rules(tmp_path, text) == []
    base = "services:\n  db: {image: 'b:1'}\nvolumes: {data: {}}\n"
    over = "services:\n  web: {image: 'a:1', depends_on: [db, dbx], volumes: ['data:/d']}\n"
    outcome = examine(tmp_path, a__docker_compose=base, **{"a__docker-compose.prod": over})
    assert [finding.message[:14] for finding in outcome.findings] == ["depends on dbx"]


def test_what_is_used_must_be_declared(tmp_path: Path) -> None:
    text = """\
        services:
          web:
            image: a:1
            networks: [front, default]
            volumes: [data:/d, ./src:/src, /tmp, "${HOME}/x:/y", {type: volume, source: more, target: /m}]
            secrets: [key, {source: other}]
        networks: {fronts: {}}
        """
    outcome = examine(tmp_path, docker_compose=text)
    assert [finding.message.split(",")[0] for finding in outcome.findings] == [
        "uses front",
        "uses data",
        "uses more",
        "uses key",
        "uses other",
    ]
    assert "Did you mean fronts?" in outcome.findings[0].message


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("image: acme/web", True),
        ("image: acme/web:latest", True),
        ("image: localhost:5000/web", True),
        ("image: 'acme/web:${TAG:-latest}'", True),
        ("image: 'acme/web:${TAG}'", False),
        ("image: acme/web@sha256:0123", False),
        ("{image: acme/web, build: .}", False),
        ("{image: acme/web, pull_policy: always}", False),
        ("{image: acme/web, pull_policy: missing}", True),
        ("{image: acme/web, labels: {io.rancher.container.pull_image: always}}", False),
        ("image: rancher/dns-service", False),
        ("build: .", False),
    ],
)
def test_images_that_move(tmp_path: Path, service: str, found: bool) -> None:
    text = f"services:\n  web:\n    {service}\n"
    assert rules(tmp_path, text) == (["moving-tag"] if found else [])
    assert rules(tmp_path, text, allow_latest="yes") == []


def test_secrets_are_found_and_not_shown(tmp_path: Path) -> None:
    text = f"""\
        services:
          web:
            image: a:1
            environment:
              TOKEN: {GITHUB}
              OTHER: {GITHUB}  # gateline: allow-secret revoked long ago
              DB_PASSWORD: ${{DB_PASSWORD}}
        """
    outcome = examine(tmp_path, docker_compose=text)
    assert told(outcome) == [("plaintext-secret", "docker-compose.yml:5")]
    assert GITHUB not in json.dumps(outcome.to_dict())


def test_a_wrong_value_of_a_variable_is_not_shown(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: a:1\n    environment:\n      TOKEN: [hunter2]\n"
    assert "hunter2" not in json.dumps(examine(tmp_path, docker_compose=text).to_dict())


def test_health_checks_on_request(tmp_path: Path) -> None:
    text = """\
        version: '2'
        services:
          good: {image: 'a:1', healthcheck: {test: [CMD, check]}}
          off: {image: 'a:1', healthcheck: {disable: true}}
          none: {image: 'a:1'}
          told: {image: 'a:1'}
          main: {image: 'a:1', labels: {io.rancher.sidekicks: side}, healthcheck: {test: x}}
          side: {image: 'a:1'}
          job: {image: 'a:1', labels: {io.rancher.container.start_once: 'true'}}
          away: {image: rancher/external-service}
          lb: {image: 'rancher/lb-service-haproxy:v0.9.1'}
        """
    rancher = """\
        version: '2'
        services:
          told: {health_check: {port: 80}}
          lb: {lb_config: {port_rules: [{source_port: 80, target_port: 80, service: told}]}}
        """
    assert rules(tmp_path, text) == []
    outcome = examine(tmp_path, docker_compose=text, rancher_compose=rancher, require_health_check="yes")
    assert told(outcome) == [
        ("no-health-check", "docker-compose.yml:4:3"),
        ("no-health-check", "docker-compose.yml:5:3"),
    ]


RANCHER = """\
    version: '2'
    services:
      web:
        scale: 2
        start_on_create: true
        retain_ip: "true"
        upgrade_strategy: {start_first: true, interval_millis: 2000}
        health_check: {port: 80, interval: 2000, request_line: GET / HTTP/1.0, strategy: recreate}
        metadata: {any: {thing: here}}
      db:
        mem_limit: 512m
    """


def test_a_good_pair_of_rancher_files(tmp_path: Path) -> None:
    outcome = examine(tmp_path, docker_compose="version: '2'\n" + dedent(GOOD), rancher_compose=RANCHER)
    assert (outcome.status, outcome.findings) == (PASSED, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: {wbe: {scale: 1}}", "there is no service wbe in docker-compose.yml. Did you mean web?"),
        ("services: {web: {scael: 1}}", "unknown key 'scael' in services.web. Did you mean scale?"),
        ("services: {web: {scale: many}}", "services.web.scale does not have the form ^[0-9]+$"),
        ("services: {web: {start_on_create: 1}}", "must be true or false or a text, not a whole number"),
        ("services: {web: {health_check: {}}}", "services.web.health_check has no port"),
        ("services: {web: {health_check: {prot: 1, port: 2}}}", "Did you mean port?"),
        ("services: {web: {lb_config: {port_rules: [{service: dbx}]}}}", "balances dbx, which is no service here"),
        ("services: {web: {lb_config: {port_rules: [{protocol: htpp}]}}}", "did you mean http?"),
        ("services: {web: {upgrade_strategy: {start_frist: true}}}", "Did you mean start_first?"),
        ("service: {}\nservices: {}\nversion: '2'", "unknown key 'service'. Did you mean services?"),
    ],
)
def test_mistakes_in_rancher_files(tmp_path: Path, text: str, said: str) -> None:
    outcome = examine(tmp_path, docker_compose=GOOD, rancher_compose=text)
    (finding,) = outcome.findings
    assert said in finding.message
    assert finding.place is not None
    assert finding.place.path == "rancher-compose.yml"


def test_a_balancer_of_a_strange_form(tmp_path: Path) -> None:
    outcome = examine(tmp_path, docker_compose=GOOD, rancher_compose="services: {web: {lb_config: true}}")
    assert [finding.message for finding in outcome.findings] == ["services.web.lb_config must be a mapping, not true"]


def test_services_in_the_old_layout(tmp_path: Path) -> None:
    docker = "web:\n  image: a:1\n  health_check: {port: 80}\n"
    assert told(examine(tmp_path, docker_compose=docker, rancher_compose="web: {scale: 2}\nwbe: {scale: 1}\n")) == [
        ("unknown-service", "rancher-compose.yml:2:1")
    ]


def test_external_links_of_rancher_name_a_stack(tmp_path: Path) -> None:
    docker = "version: '2'\nservices:\n  web: {image: 'a:1', external_links: ['other/db:db', 'db', '${X}']}\n"
    assert rules(tmp_path, docker) == []
    outcome = examine(tmp_path, docker_compose=docker, rancher_compose="version: '2'\nservices: {web: {scale: 1}}\n")
    assert told(outcome) == [("external-link", "docker-compose.yml:3:55")]


def test_a_change_of_one_file_looks_at_the_other(tmp_path: Path) -> None:
    examine(tmp_path, docker_compose=GOOD, rancher_compose="version: '2'\nservices: {cache: {scale: 1}}\n")
    outcome = examine(tmp_path, asked=["docker-compose.yml"])
    assert told(outcome) == [("unknown-service", "rancher-compose.yml:2:12")]
    outcome = examine(tmp_path, asked=["rancher-compose.yml"])
    assert told(outcome) == [("unknown-service", "rancher-compose.yml:2:12")]


def test_a_rancher_file_alone(tmp_path: Path) -> None:
    outcome = examine(tmp_path, rancher_compose=RANCHER)
    assert outcome.status == PASSED
    assert outcome.evidence.left_out == {"no docker-compose file beside it, so its services are not compared": 1}


def test_variants_belong_to_the_plain_file(tmp_path: Path) -> None:
    outcome = examine(tmp_path, docker_compose=GOOD, **{"rancher-compose.prod": "version: '2'\nservices: {x: {}}\n"})
    assert [finding.rule for finding in outcome.findings] == ["unknown-service"]


def test_a_key_that_stands_twice(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: a:1\n    image: a:2\n"
    assert told(examine(tmp_path, docker_compose=text)) == [("yaml", "docker-compose.yml:4:5")]


def test_tags_of_the_specification_are_known(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: a:1\n    ports: !reset []\n    command: !override [a]\n"
    assert rules(tmp_path, text) == []
    assert rules(tmp_path, text.replace("!reset", "!strange")) == ["yaml"]


def test_files_that_cannot_be_understood_are_no_pass(tmp_path: Path) -> None:
    outcome = examine(tmp_path, docker_compose="services: [\n", block="none")
    assert outcome.status == NOT_RUN
    assert outcome.reason.startswith("docker-compose.yml:2:1: is not valid YAML")
    assert outcome.evidence.parse_errors == [outcome.reason]
    outcome = examine(tmp_path, docker_compose="- a\n", a__docker_compose="web: {image: a}\n")
    assert (outcome.status, outcome.reason) == (FAILED, "1 finding")
    outcome = examine(tmp_path, asked=["gone.yml"])
    assert (outcome.status, outcome.reason) == (NOT_RUN, "gone.yml: it cannot be read: No such file or directory")
    outcome = examine(tmp_path, asked=[])
    assert (outcome.status, outcome.reason) == (NOT_RUN, "none of the files asked about is there")


def test_services_that_are_nothing_yet(tmp_path: Path) -> None:
    assert rules(tmp_path, "services:\n  web:\n") == ["schema"]
    assert rules(tmp_path, "web:\nother: 5\n") == ["schema", "schema"]


def test_every_rule_is_explained() -> None:
    assert all(set(parts) == {"meaning", "why", "fix", "suppress"} for parts in RULES.values())
