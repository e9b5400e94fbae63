"""The less common things of a stack: metadata, certificates, what only holds when a service is made, half an end."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Repository
from tests.rancher.compose.conftest import DOCKER, RANCHER, Stacks


def test_metadata_changes_without_an_upgrade(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER + "    metadata: {colour: green, ports: [1, 2]}\n")
    stacks.deploy()
    assert stacks.service("parrot-rest")["metadata"] == {"colour": "green", "ports": [1, 2]}
    stacks.write("rancher-compose.yml", RANCHER + "    metadata: {colour: blue}\n")
    done = stacks.deploy()
    assert done.code == 0, done.text
    assert "    metadata.colour   green -> blue\n" in done.out
    assert stacks.service("parrot-rest")["metadata"] == {"colour": "blue"}
    assert stacks.asked("POST", "action=upgrade") == []
    assert "parrot-rest  unchanged" in stacks.deploy().out


def test_metadata_of_others_stays(stacks: Stacks) -> None:
    stacks.deploy()
    row = next(iter(stacks.server.world.rows("service", name="parrot-rest")))
    stacks.server.world.set(row, metadata={"io.rancher.service.hash": "x", "own": "y"})
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3"))
    assert stacks.deploy().code == 0
    assert row["metadata"] == {"io.rancher.service.hash": "x", "own": "y"}


def test_certificates_are_found_by_name(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", DOCKER + "  lb: {image: 'rancher/lb-service-haproxy:1'}\n")
    rules = "port_rules: [{source_port: 443, protocol: https, target_port: 80, service: db}]"
    stacks.write("rancher-compose.yml", RANCHER + f"  lb: {{lb_config: {{certs: [a], default_cert: b, {rules}}}}}\n")
    missing = stacks.deploy()
    assert (missing.code, stacks.names()) == (2, [])
    assert "there is no certificate called a in the environment Default" in missing.error
    first, second = (
        stacks.server.world.add("certificate", stacks.server.project.number, name=name) for name in ("a", "b")
    )
    assert stacks.deploy().code == 0
    found = stacks.service("lb")["lbConfig"]
    assert (found["certificateIds"], found["defaultCertificateId"]) == ([first.id], second.id)
    assert "lb           unchanged" in stacks.deploy().out


def test_what_only_holds_when_a_service_is_made_is_told(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.write("rancher-compose.yml", RANCHER + "    retain_ip: true\n")
    done = stacks.deploy()
    assert done.code == 0
    assert "    retainIp differs, and can only be given when a service is made\n" in done.out


def test_a_service_of_another_kind(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.write("docker-compose.yml", DOCKER.replace("acme/db:${DB_TAG:-1}", "rancher/dns-service"))
    done = stacks.deploy()
    assert done.code == 2
    assert "gf-chat/db is a service, and is described as a dnsService: remove it first" in done.error


def test_a_scale_policy_decides_the_scale(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER + "    scale_policy: {min: 1, max: 4}\n")
    stacks.deploy()
    row = next(iter(stacks.server.world.rows("service", name="parrot-rest")))
    stacks.server.world.set(row, scale=4)
    assert "scale " not in stacks.deploy("--dry-run").out


def test_a_selector_needs_no_links(stacks: Stacks) -> None:
    text = DOCKER.replace("sidekicks: log}", "sidekicks: log, io.rancher.service.selector.link: 'a=b'}")
    stacks.write("docker-compose.yml", text.replace('    links: ["db:database"]\n', ""))
    stacks.deploy()
    assert stacks.service("parrot-rest")["selectorLink"] == "a=b"
    assert "parrot-rest  unchanged" in stacks.deploy().out


def test_links_without_an_alias_are_those_that_rancher_up_makes(stacks: Stacks) -> None:
    other = stacks.server.add_service("shared/redis", scale=1)
    stacks.write("docker-compose.yml", DOCKER.replace("    ports", "    external_links: [shared/redis]\n    ports"))
    stacks.deploy()
    (row,) = stacks.server.world.rows("service", name="parrot-rest")
    (link,) = stacks.server.world.rows("serviceConsumeMap", serviceId=row.number, consumedServiceId=other.number)
    stacks.server.world.set(link, name=None)
    assert "parrot-rest  unchanged" in stacks.deploy("--dry-run").out


def test_the_end_of_the_way_is_told_when_not_all_could_be_confirmed(stacks: Stacks) -> None:
    stacks.deploy()
    service = stacks.service("parrot-rest")["id"]
    stacks.server.fault("status", method="POST", path=f"{service}.*finishupgrade", status=403, code="Forbidden")
    done = stacks.deploy("--deadline", "3s", TAG="2", DB_TAG="2")
    assert done.code == 7, done.text
    assert "(confirmed: db; not confirmed: parrot-rest)" in done.error
    assert stacks.service("db")["state"] == "active"
    assert stacks.service("parrot-rest")["state"] == "upgraded"
    stacks.server.world.faults.clear()
    assert stacks.deploy(TAG="2", DB_TAG="2").code == 0
    assert stacks.service("parrot-rest")["state"] == "active"


def test_nothing_is_undone_once_it_is_not_known_what_is_confirmed(stacks: Stacks) -> None:
    stacks.deploy()
    service = stacks.service("db")["id"]
    stacks.server.fault("status", method="POST", path=f"{service}.*finishupgrade", status=409, code="Conflict")
    done = stacks.deploy("--deadline", "2s", TAG="2", DB_TAG="2")
    assert done.code == 7, done.text
    assert "(not confirmed: db, parrot-rest)" in done.error
    assert (stacks.service("db")["state"], stacks.service("parrot-rest")["state"]) == ("upgraded", "upgraded")


def test_where_nothing_is_recorded_that_is_told(stacks: Stacks) -> None:
    line = stacks.line()
    at = line.index("--history")
    done = stacks(*line[:at], *line[at + 2 :])
    assert done.code == 0, done.text
    assert "this deploy is recorded nowhere: there is no repository here, and no --history" in done.out


def test_a_target_with_an_image_cannot_have_files(stacks: Stacks) -> None:
    stacks.write(
        "gateline.yaml",
        "gates: {lint: {run: 'true'}}\n"
        "deploy: {test: {image: 'acme/parrot:1', rancher: {stack: gf-chat, compose: docker-compose.yml}}}\n",
    )
    repository = Repository(stacks.folder)
    repository.git("init", "-q")
    repository.commit(message="start")
    done = stacks("deploy", "test", "--without-verdict", "x")
    assert (done.code, done.error) == (
        2,
        "gateline: image of the target is for one service; Compose files describe that themselves\n",
    )


@pytest.mark.parametrize("name", ["gf-chat", "GF-Chat", "gf.chat"])
def test_the_name_of_the_stack(stacks: Stacks, name: str) -> None:
    stacks.deploy()
    line = stacks.line("--dry-run")
    line[line.index("gf-chat")] = name
    assert "the stack is not there" not in stacks(*line).out


def test_the_body_of_an_upgrade_holds_only_what_changes(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.deploy(TAG="2")
    (request,) = [one for one in stacks.server.requests if "action=upgrade" in one["target"]]
    strategy = json.loads(request["body"])["inServiceStrategy"]
    assert strategy["secondaryLaunchConfigs"] == []
    assert strategy["launchConfig"]["imageUuid"] == "docker:acme/parrot:2"
