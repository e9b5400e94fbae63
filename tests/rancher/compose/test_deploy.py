"""Stacks made and brought to another description, over the real API."""

from __future__ import annotations

import json
from typing import Any

from tests.rancher.compose.conftest import DOCKER, RANCHER, Stacks


def config(stacks: Stacks, name: str, part: str = "") -> dict[str, Any]:
    service = stacks.service(name)
    if not part:
        return dict(service["launchConfig"])
    return next(found for found in service["secondaryLaunchConfigs"] if found["name"] == part)


def test_a_stack_is_made_and_a_second_run_changes_nothing(stacks: Stacks) -> None:
    done = stacks.deploy()
    assert (done.code, done.error) == (0, "")
    assert "the stack is not there and will be made" in done.out
    assert "hunter2" not in done.out
    assert stacks.names() == ["db", "parrot-rest"]
    service = stacks.service("parrot-rest")
    assert (service["state"], service["scale"], service["healthState"]) == ("active", 2, "healthy")
    assert service["linkedServices"] == {"database": stacks.service("db")["id"]}
    primary = config(stacks, "parrot-rest")
    assert primary["imageUuid"] == "docker:acme/parrot:1"
    assert primary["environment"] == {"LOG_LEVEL": "info", "DB_PASSWORD": "hunter2"}
    assert primary["healthCheck"]["interval"] == 2000
    assert primary["labels"]["io.gateline.deploy"]
    assert config(stacks, "parrot-rest", "log")["imageUuid"] == "docker:acme/log:1"
    before = len(stacks.asked("POST") + stacks.asked("PUT"))
    again = stacks.deploy()
    assert (again.code, again.out.splitlines()[-1]) == (
        0,
        "gf-chat: nothing to do, all services are as described and well",
    )
    assert len(stacks.asked("POST") + stacks.asked("PUT")) == before


def test_what_is_needed_comes_first(stacks: Stacks) -> None:
    out = stacks.deploy().out
    assert out.index("making gf-chat/db") < out.index("making gf-chat/parrot-rest")


def test_only_what_differs_is_upgraded(stacks: Stacks) -> None:
    stacks.deploy()
    old = stacks.service("db")
    done = stacks.deploy(TAG="2")
    assert done.code == 0
    assert "db           unchanged" in done.out
    assert "    image  acme/parrot:1 -> acme/parrot:2\n" in done.out
    assert config(stacks, "parrot-rest")["imageUuid"] == "docker:acme/parrot:2"
    assert stacks.service("parrot-rest")["state"] == "active"
    assert config(stacks, "parrot-rest", "log")["version"] == "0"
    assert stacks.service("db")["instanceIds"] == old["instanceIds"]
    ports = config(stacks, "parrot-rest")["ports"]
    assert len(ports) == 1
    assert ports[0].endswith(":8080/tcp")


def test_a_dry_run_shows_the_plan_and_changes_nothing(stacks: Stacks) -> None:
    stacks.deploy()
    before = len(stacks.asked("POST") + stacks.asked("PUT"))
    done = stacks.deploy("--dry-run", TAG="2", DB_PASSWORD="other-secret")
    assert done.code == 0
    assert "    environment.DB_PASSWORD  ****** -> ******\n" in done.out
    assert "other-secret" not in done.out
    assert done.out.endswith("gf-chat: nothing was changed (--dry-run)\n")
    assert len(stacks.asked("POST") + stacks.asked("PUT")) == before


def test_scale_changes_without_an_upgrade(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "scale: 3"))
    done = stacks.deploy()
    assert done.code == 0
    assert "    scale  2 -> 3\n" in done.out
    assert stacks.asked("POST", "action=upgrade") == []
    service = stacks.service("parrot-rest")
    assert (service["scale"], service["currentScale"]) == (3, 3)
    assert service["metadata"] == {}
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


def test_a_scale_that_is_not_described_is_left_alone(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", "version: '2'\nservices: {}\n")
    stacks.write("rancher-compose.yml", RANCHER.replace("    scale: 2\n", ""))
    stacks.deploy()
    row = next(iter(stacks.server.world.rows("service", name="parrot-rest")))
    stacks.server.world.set(row, scale=2)
    assert "parrot-rest  unchanged" in stacks.deploy("--dry-run").out


def test_sidekicks_come_and_go(stacks: Stacks) -> None:
    stacks.deploy()
    more = DOCKER.replace("sidekicks: log}", "sidekicks: 'log,cron'}").replace(
        "  db:", '  cron: {image: "acme/cron:1"}\n  db:'
    )
    stacks.write("docker-compose.yml", more)
    assert stacks.deploy().code == 0
    assert config(stacks, "parrot-rest", "cron")["imageUuid"] == "docker:acme/cron:1"
    stacks.write("docker-compose.yml", DOCKER)
    done = stacks.deploy()
    assert done.code == 0
    assert "cron.image" in done.out
    service = stacks.service("parrot-rest")
    assert [found["name"] for found in service["secondaryLaunchConfigs"]] == ["log"]
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


def test_links_are_set_and_taken_away(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.write("docker-compose.yml", DOCKER.replace('["db:database"]', '["db:store"]'))
    done = stacks.deploy()
    assert done.code == 0
    assert "links.database  db -> (none)" in done.out
    assert stacks.service("parrot-rest")["linkedServices"] == {"store": stacks.service("db")["id"]}
    stacks.write("docker-compose.yml", DOCKER.replace('    links: ["db:database"]\n', ""))
    assert stacks.deploy().code == 0
    assert stacks.service("parrot-rest")["linkedServices"] == {}
    assert stacks.asked("POST", "action=upgrade") == []


def test_services_that_need_each_other(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", DOCKER.replace('acme/db:${DB_TAG:-1}"}', 'acme/db:1", links: [parrot-rest]}'))
    done = stacks.deploy()
    assert (done.code, done.error) == (0, "")
    assert stacks.service("parrot-rest")["linkedServices"] == {"database": stacks.service("db")["id"]}
    assert stacks.service("db")["linkedServices"] == {"parrot-rest": stacks.service("parrot-rest")["id"]}
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


def test_a_link_to_another_stack(stacks: Stacks) -> None:
    stacks.server.add_service("shared/redis", scale=1)
    stacks.write("docker-compose.yml", DOCKER + '    external_links: ["shared/redis:cache"]\n')
    assert stacks.deploy().code == 2
    stacks.write(
        "docker-compose.yml", DOCKER.replace("    ports", '    external_links: ["shared/redis:cache"]\n    ports')
    )
    assert stacks.deploy().code == 0
    linked = stacks.service("parrot-rest")["linkedServices"]
    assert linked["cache"] == stacks.service("redis")["id"]


def test_a_link_to_nothing_is_refused_before_anything_is_touched(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", DOCKER.replace('["db:database"]', "[nowhere]"))
    done = stacks.deploy()
    assert (done.code, stacks.names()) == (2, [])
    assert done.error == (
        "gateline: parrot-rest leads to nowhere, which is neither described nor there\n  docker-compose.yml:3\n"
    )


BALANCER_DOCKER = DOCKER + '  lb: {image: "rancher/lb-service-haproxy:v0.9.13", ports: ["80:80"]}\n'
BALANCER_RANCHER = RANCHER + (
    "  lb:\n    lb_config:\n      port_rules:\n"
    "      - {source_port: 80, target_port: 8080, service: parrot-rest, hostname: chat.example.org}\n"
)


def test_a_load_balancer_is_made_and_rerouted_without_an_upgrade(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", BALANCER_DOCKER)
    stacks.write("rancher-compose.yml", BALANCER_RANCHER)
    assert stacks.deploy().code == 0
    balancer = stacks.service("lb")
    assert balancer["type"] == "loadBalancerService"
    assert balancer["lbConfig"]["portRules"][0]["serviceId"] == stacks.service("parrot-rest")["id"]
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")
    stacks.write("rancher-compose.yml", BALANCER_RANCHER.replace("service: parrot-rest", "service: db"))
    done = stacks.deploy()
    assert done.code == 0
    assert "    lbConfig.portRules.0.service  parrot-rest -> db\n" in done.out
    balancer = stacks.service("lb")
    assert balancer["lbConfig"]["portRules"][0]["serviceId"] == stacks.service("db")["id"]
    assert stacks.asked("POST", "action=upgrade") == []


def test_a_load_balancer_is_upgraded_and_keeps_what_the_server_gave_it(stacks: Stacks) -> None:
    stacks.write("docker-compose.yml", BALANCER_DOCKER)
    stacks.write("rancher-compose.yml", BALANCER_RANCHER)
    stacks.deploy()
    stacks.write("docker-compose.yml", BALANCER_DOCKER.replace("v0.9.13", "v0.9.14"))
    done = stacks.deploy()
    assert done.code == 0
    assert "    image  rancher/lb-service-haproxy:v0.9.13 -> rancher/lb-service-haproxy:v0.9.14\n" in done.out
    assert "healthCheck" not in done.out
    found = config(stacks, "lb")
    assert found["labels"]["io.rancher.container.create_agent"] == "true"
    assert found["healthCheck"]["port"] == 42
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


def test_a_global_service_has_no_scale(stacks: Stacks) -> None:
    stacks.write(
        "docker-compose.yml", "agent: {image: 'acme/agent:1', labels: {io.rancher.scheduler.global: 'true'}}\n"
    )
    stacks.write("rancher-compose.yml", "agent: {scale: 5}\n")
    assert stacks.deploy().code == 0
    assert len(stacks.service("agent")["instanceIds"]) == 2
    assert "agent  unchanged" in stacks.deploy().out


def test_services_without_containers(stacks: Stacks) -> None:
    stacks.write(
        "docker-compose.yml",
        "mail: {image: rancher/external-service}\n"
        "store: {image: rancher/dns-service, links: [db]}\n"
        "db: {image: 'acme/db:1'}\n",
    )
    stacks.write("rancher-compose.yml", "mail: {external_ips: [10.0.0.1], health_check: {port: 25}}\n")
    assert stacks.deploy().code == 0
    mail = stacks.service("mail")
    assert (mail["type"], mail["externalIpAddresses"]) == ("externalService", ["10.0.0.1"])
    assert stacks.service("store")["type"] == "dnsService"
    assert stacks.service("store")["linkedServices"] == {"db": stacks.service("db")["id"]}


def test_a_service_that_is_not_to_be_started(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER.replace("scale: 2", "start_on_create: false"))
    assert stacks.deploy().code == 0
    assert stacks.service("parrot-rest")["state"] == "inactive"
    done = stacks.deploy(TAG="2")
    assert done.code == 0
    assert "it is stopped, and its containers are left alone" in done.out
    assert config(stacks, "parrot-rest")["imageUuid"] == "docker:acme/parrot:1"
    stacks.write("rancher-compose.yml", RANCHER)
    done = stacks.deploy(TAG="2")
    assert done.code == 0
    assert stacks.service("parrot-rest")["state"] == "active"
    assert config(stacks, "parrot-rest")["imageUuid"] == "docker:acme/parrot:2"


def test_secrets_are_found_by_name(stacks: Stacks) -> None:
    stacks.write(
        "docker-compose.yml", "app: {image: 'acme/app:1', secrets: [{source: key, target: app.key, mode: '0400'}]}\n"
    )
    (stacks.folder / "rancher-compose.yml").unlink()
    missing = stacks.deploy()
    assert missing.code == 2
    assert "there is no secret called key in the environment Default" in missing.error
    secret = stacks.server.create("secrets", {"name": "key", "value": "eA=="})
    assert stacks.deploy().code == 0
    (found,) = config(stacks, "app")["secrets"]
    assert (found["secretId"], found["name"], found["mode"]) == (secret.id, "app.key", "0400")
    assert "app  unchanged" in stacks.deploy().out


def test_one_service_of_the_files(stacks: Stacks) -> None:
    assert stacks.deploy("--service", "db").code == 0
    assert stacks.names() == ["db"]
    done = stacks.deploy("--service", "dp")
    assert (done.code, done.error) == (
        2,
        "gateline: no service called dp is described\n  There are: db, parrot-rest.\n",
    )


def test_what_is_not_described_is_left_alone_and_told(stacks: Stacks) -> None:
    stacks.server.add_service("gf-chat/old", scale=1)
    assert "  not described and left alone: old\n" in stacks.deploy().out
    assert stacks.names() == ["db", "old", "parrot-rest"]


def test_a_stack_made_by_others_is_taken_over_without_an_upgrade(stacks: Stacks) -> None:
    stacks.server.add_service(
        launchConfig={"environment": {"LOG_LEVEL": "info"}, "labels": {"io.rancher.service.hash": "abc"}}, scale=2
    )
    (stacks.folder / "rancher-compose.yml").unlink()
    stacks.write("docker-compose.yml", "parrot-rest: {image: 'acme/parrot:1', environment: [LOG_LEVEL=info]}\n")
    assert "parrot-rest  unchanged" in stacks.deploy().out
    stacks.write("docker-compose.yml", "parrot-rest: {image: 'acme/parrot:1', environment: [LOG_LEVEL=debug]}\n")
    assert stacks.deploy().code == 0
    assert config(stacks, "parrot-rest")["environment"] == {"LOG_LEVEL": "debug"}


def test_what_is_taken_out_of_the_files_is_taken_out_of_the_service(stacks: Stacks) -> None:
    stacks.write(
        "docker-compose.yml", DOCKER.replace("    ports: [8080]\n", "    command: serve --fast\n    user: nobody\n")
    )
    stacks.deploy()
    assert config(stacks, "parrot-rest")["command"] == ["serve", "--fast"]
    stacks.write("docker-compose.yml", DOCKER.replace("    ports: [8080]\n", "    user: nobody\n"))
    assert stacks.deploy().code == 0
    assert not config(stacks, "parrot-rest")["command"]
    assert config(stacks, "parrot-rest")["user"] == "nobody"


def test_a_default_of_the_server_is_no_difference_but_its_removal_from_the_files_is(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER.replace("interval: 2000", "interval: 2000, strategy: recreate"))
    stacks.deploy()
    stacks.write("rancher-compose.yml", RANCHER)
    done = stacks.deploy()
    assert done.code == 0
    assert "a field that the server fills in was taken out of the description, or put in" in done.out
    assert stacks.deploy().out.splitlines()[-1].endswith("as described and well")


def test_again_replaces_all_containers(stacks: Stacks) -> None:
    stacks.deploy()
    old = stacks.service("db")["instanceIds"]
    assert stacks.deploy("--again").code == 0
    new = stacks.service("db")["instanceIds"]
    assert not set(old) & set(new)


def test_no_finish_leaves_all_waiting_and_the_next_run_confirms(stacks: Stacks) -> None:
    stacks.deploy()
    done = stacks.deploy("--no-finish", TAG="2", DB_TAG="2")
    assert done.code == 0
    assert "the upgrades wait" in done.out
    assert (stacks.service("db")["state"], stacks.service("parrot-rest")["state"]) == ("upgraded", "upgraded")
    done = stacks.deploy(TAG="2", DB_TAG="2")
    assert done.code == 0
    assert "parrot-rest  continue" in done.out
    assert (stacks.service("db")["state"], stacks.service("parrot-rest")["state"]) == ("active", "active")


def test_images_are_pulled_before_anything_is_touched(stacks: Stacks) -> None:
    stacks.deploy()
    done = stacks.deploy("--pull", "before", TAG="missing", DB_TAG="2")
    assert done.code == 3
    assert "acme/parrot:missing cannot be pulled" in done.error
    assert stacks.asked("POST", "action=upgrade") == []
    assert stacks.deploy("--pull", "always", TAG="2").code == 0
    assert config(stacks, "parrot-rest")["labels"]["io.rancher.container.pull_image"] == "always"


def test_each_service_is_recorded(stacks: Stacks) -> None:
    stacks.deploy()
    stacks.deploy(TAG="2")
    done = stacks("history", "gf-chat/parrot-rest", "--history", str(stacks.history), "--json")
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert (first["result"], second["result"]) == ("deployed", "deployed")
    assert second["verdict"] == {"without": "a test"}
    assert second["old_images"][""] == "acme/parrot:1"
    assert second["new_images"][""] == "acme/parrot:2"
    assert second["deploy"] == config(stacks, "parrot-rest")["labels"]["io.gateline.deploy"]
    other = stacks("history", "gf-chat/db", "--history", str(stacks.history), "--json")
    assert len(other.out.splitlines()) == 1


def test_strategy_of_the_files_and_of_the_command_line(stacks: Stacks) -> None:
    stacks.write("rancher-compose.yml", RANCHER + "    upgrade_strategy: {start_first: true, interval_millis: 300}\n")
    stacks.deploy()
    stacks.deploy("--interval", "200ms", TAG="2")
    body = next(r["body"] for r in stacks.server.requests if "action=upgrade" in r["target"])
    strategy = json.loads(body)["inServiceStrategy"]
    assert (strategy["startFirst"], strategy["intervalMillis"], strategy["batchSize"]) == (True, 200, 1)


def test_logs_are_shown_on_request(stacks: Stacks) -> None:
    assert "| listening on 8080" in stacks.deploy("--logs", "--bake", "1s").out


def test_options_that_say_what_the_files_say(stacks: Stacks) -> None:
    done = stacks.deploy("--image", "acme/parrot:2")
    assert (done.code, done.error) == (
        2,
        "gateline: --image cannot be given with Compose files, which describe that\n",
    )
    assert stacks.deploy("--no-wait").code == 2
    assert stacks("deploy", "--rancher-compose", "rancher-compose.yml").error == (
        "gateline: --rancher-compose needs --compose\n"
    )
