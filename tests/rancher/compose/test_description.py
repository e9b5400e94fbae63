"""What Compose files come to, and every mistake with its place."""

from __future__ import annotations

from typing import Any

import pytest

from gates.compose_file import read_compose
from gates.errors import ConfigError
from gates.rancher.compose.description import Description, Link, describe
from gates.rancher.compose.keys import Wrong


def described(docker: str, rancher: str = "", **environ: str) -> dict[str, Description]:
    def read_text(path: str) -> str:
        if path != "app.env":
            raise Wrong(f"names {path!r}, which cannot be read")
        return "# comment\n\nA=file\nB=file\nFROM_OUTSIDE\n"

    files = read_compose(docker.encode(), "docker-compose.yml"), read_compose(rancher.encode(), "rancher-compose.yml")
    found = describe(files[0], files[1] if rancher else None, environ, read_text)
    return {description.name: description for description in found}


def part(text: str, **environ: str) -> dict[str, Any]:
    """The fields of a service with this one key, without those that every service has."""
    config = dict(described(f"web: {{image: a, {text}}}", **environ)["web"].parts[""])
    return {name: value for name, value in config.items() if name != "imageUuid" and value != {}}


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("command: serve --port 80 'a b'", "command", ["serve", "--port", "80", "a b"]),
        ("command: [serve, 80]", "command", ["serve", "80"]),
        ("entrypoint: /bin/sh", "entryPoint", ["/bin/sh"]),
        ("ports: [80, '8080:80/udp', '127.0.0.1:1:2']", "ports", ["80", "8080:80/udp", "127.0.0.1:1:2"]),
        ("expose: ['80']", "expose", ["80"]),
        ("volumes: ['data:/var', /tmp]", "dataVolumes", ["data:/var", "/tmp"]),
        ("volume_driver: nfs", "volumeDriver", "nfs"),
        ("working_dir: /srv", "workingDir", "/srv"),
        ("user: 1000", "user", "1000"),
        ("hostname: web", "hostname", "web"),
        ("domainname: example.org", "domainName", "example.org"),
        ("privileged: true", "privileged", True),
        ("read_only: 'true'", "readOnly", True),
        ("stdin_open: true", "stdinOpen", True),
        ("tty: true", "tty", True),
        ("restart: always", "restartPolicy", {"name": "always"}),
        ("restart: 'on-failure:5'", "restartPolicy", {"name": "on-failure", "maximumRetryCount": 5}),
        ("mem_limit: 512m", "memory", 512 * 1024**2),
        ("mem_limit: 1gb", "memory", 1024**3),
        ("mem_limit: 1000", "memory", 1000),
        ("memswap_limit: -1", "memorySwap", -1),
        ("mem_reservation: 1k", "memoryReservation", 1024),
        ("mem_swappiness: 5", "memorySwappiness", 5),
        ("shm_size: 64m", "shmSize", 64 * 1024**2),
        ("cpu_shares: '73'", "cpuShares", 73),
        ("cpu_quota: 5", "cpuQuota", 5),
        ("cpu_period: 5", "cpuPeriod", 5),
        ("cpuset: '0,1'", "cpuSet", "0,1"),
        ("cap_add: [ALL]", "capAdd", ["ALL"]),
        ("cap_drop: [KILL]", "capDrop", ["KILL"]),
        ("devices: ['/dev/a:/dev/b', '/dev/c:/dev/c:r']", "devices", ["/dev/a:/dev/b:rwm", "/dev/c:/dev/c:r"]),
        ("dns: 8.8.8.8", "dns", ["8.8.8.8"]),
        ("dns_search: [a, b]", "dnsSearch", ["a", "b"]),
        ("extra_hosts: ['a:1.2.3.4']", "extraHosts", ["a:1.2.3.4"]),
        ("security_opt: [x]", "securityOpt", ["x"]),
        ("group_add: [x]", "groupAdd", ["x"]),
        ("logging: {driver: syslog, options: {a: 1}}", "logConfig", {"driver": "syslog", "config": {"a": "1"}}),
        ("log_driver: syslog", "logConfig", {"driver": "syslog", "config": {}}),
        ("log_opt: {a: b}", "logConfig", {"driver": "", "config": {"a": "b"}}),
        ("pid: host", "pidMode", "host"),
        ("ipc: host", "ipcMode", "host"),
        ("uts: host", "uts", "host"),
        ("cgroup_parent: x", "cgroupParent", "x"),
        ("stop_signal: SIGINT", "stopSignal", "SIGINT"),
        ("sysctls: {a.b: 1}", "sysctls", {"a.b": "1"}),
        ("tmpfs: ['/run:size=1m', /tmp]", "tmpfs", {"/run": "size=1m", "/tmp": ""}),
        ("ulimits: {nproc: 5}", "ulimits", [{"name": "nproc", "soft": 5, "hard": 5}]),
        ("ulimits: {nofile: {soft: 1, hard: 2}}", "ulimits", [{"name": "nofile", "soft": 1, "hard": 2}]),
        ("oom_kill_disable: true", "oomKillDisable", True),
        ("oom_score_adj: 5", "oomScoreAdj", 5),
        ("network_mode: host", "networkMode", "host"),
        ("net: none", "networkMode", "none"),
        ("labels: {a: 1, b: true}", "labels", {"a": "1", "b": "true"}),
        ("labels: [a=1, b]", "labels", {"a": "1", "b": ""}),
        ("environment: [A=1, B=, 'C=x=y']", "environment", {"A": "1", "B": "", "C": "x=y"}),
        ("environment: {A: 1.5, B: yes, C: }", "environment", {"A": "1.5", "B": "yes", "C": "outside"}),
        ("environment: [C]", "environment", {"C": "outside"}),
        (
            "env_file: app.env, environment: {B: 2}",
            "environment",
            {"A": "file", "B": "2", "FROM_OUTSIDE": "outside"},
        ),
        (
            "secrets: [a, {source: b, target: c, uid: 1, mode: '0400'}]",
            "secrets",
            [{"source": "a", "name": "a"}, {"source": "b", "name": "c", "uid": "1", "mode": "0400"}],
        ),
        (
            "health_check: {port: 80, request_line: GET / HTTP/1.0, interval: 2s, response_timeout: 500}",
            "healthCheck",
            {"port": 80, "requestLine": "GET / HTTP/1.0", "interval": 2000, "responseTimeout": 500},
        ),
    ],
)
def test_keys(text: str, field: str, value: Any) -> None:
    assert part(text, C="outside", FROM_OUTSIDE="outside") == {field: value}


@pytest.mark.parametrize("text", ["restart: no", "restart: false", "cap_add: []", "user: ''", "command: []", "links: "])
def test_nothing_is_nothing(text: str) -> None:
    assert part(text) == {}


def test_both_layouts_are_the_same() -> None:
    first = described("web: {image: a, links: [db]}\ndb: {image: b}\n", "web: {scale: 2}\n")
    second = described(
        "version: '2'\nservices:\n  web: {image: a, links: [db]}\n  db: {image: b}\n",
        "version: '2'\nservices: {web: {scale: 2}}\n",
    )
    assert [vars(one) | {"where": ""} for one in first.values()] == [
        vars(one) | {"where": ""} for one in second.values()
    ]
    assert first["web"].where == "docker-compose.yml:1"
    assert second["web"].where == "docker-compose.yml:3"


def test_settings_of_a_service() -> None:
    web = described(
        "web: {image: a, labels: {io.rancher.service.selector.link: 'x=y'}}",
        "web: {scale: 3, retain_ip: true, scale_policy: {min: 1, max: 4}, metadata: {a: [1]}, start_on_create: false}",
    )["web"]
    assert web.settings == {
        "scale": 3,
        "retainIp": True,
        "scalePolicy": {"min": 1, "max": 4},
        "metadata": {"a": [1]},
        "selectorLink": "x=y",
    }
    assert not web.start


def test_strategy() -> None:
    web = described(
        "web: {image: a}", "web: {upgrade_strategy: {batch_size: 2, interval_millis: 500, start_first: true}}"
    )
    assert web["web"].strategy == {"batch_size": 2, "interval": 0.5, "start_first": True}


def test_sidekicks_belong_to_their_service() -> None:
    found = described(
        "web: {image: a, labels: {io.rancher.sidekicks: 'log, data'}, links: [db]}\n"
        "log: {image: b, volumes_from: [data], network_mode: 'container:web'}\n"
        "data: {image: c, labels: [io.rancher.container.start_once=true]}\n"
        "db: {image: d, links: [log]}\n"
    )
    assert list(found) == ["db", "web"]
    assert list(found["web"].parts) == ["", "log", "data"]
    log = found["web"].parts["log"]
    assert (log["networkMode"], log["networkLaunchConfig"]) == ("container", "web")
    assert log["dataVolumesFromLaunchConfigs"] == ["data"]
    assert found["db"].links == (Link("web", "web"),)


def test_links() -> None:
    found = described(
        "web: {image: a, links: ['db:store', cache], external_links: ['other/mail:smtp', 'other/x']}\n"
        "db: {image: b}\ncache: {image: c}\n"
    )
    assert found["web"].links == (
        Link("db", "store"),
        Link("cache", "cache"),
        Link("other/mail", "smtp"),
        Link("other/x", "x"),
    )
    assert list(found) == ["db", "cache", "web"]
    assert described("web: {image: a, links: {db: store}}\ndb: {image: b}\n")["web"].links == (Link("db", "store"),)


@pytest.mark.parametrize("text", ["depends_on: [db]", "depends_on: {db: {condition: service_started}}", "links: [db]"])
def test_order(text: str) -> None:
    assert list(described(f"web: {{image: a, {text}}}\ndb: {{image: b}}\n")) == ["db", "web"]


def test_kinds() -> None:
    found = described(
        "web: {image: a}\nlb: {image: lb}\ntarget: {image: a}\nout: {image: rancher/external-service}\n"
        "host: {image: rancher/external-service}\nalias: {image: rancher/dns-service, links: [web]}\n",
        "lb: {lb_config: {port_rules: [{source_port: 80, service: web, target_port: 8080}], config: x, "
        "stickiness_policy: {mode: insert, nocache: true}, certs: [a], default_cert: b}}\n"
        "target: {lb_config: {port_rules: [{hostname: a, target_port: 80}]}}\n"
        "out: {external_ips: [10.0.0.1]}\nhost: {hostname: example.org}\n",
    )
    assert {name: one.kind for name, one in found.items()} == {
        "web": "service",
        "lb": "loadBalancerService",
        "target": "service",
        "out": "externalService",
        "host": "externalService",
        "alias": "dnsService",
    }
    assert found["lb"].balance == {
        "portRules": [{"sourcePort": 80, "service": "web", "targetPort": 8080}],
        "config": "x",
        "stickinessPolicy": {"mode": "insert", "nocache": True},
        "certs": ["a"],
        "defaultCert": "b",
    }
    assert found["out"].settings == {"externalIpAddresses": ["10.0.0.1"]}
    assert found["host"].settings == {"hostname": "example.org"}
    assert (found["alias"].parts, found["web"].images) == ({}, ["a"])


@pytest.mark.parametrize(
    ("docker", "rancher", "message"),
    [
        ("web: {imgae: a}", "", "docker-compose.yml has 2 mistakes"),
        ("web: {image: a, build: .}", "", "docker-compose.yml:1:17: Rancher does not build images"),
        ("web: {image: a, prots: [80]}", "", "1:17: the key 'prots' is not known\n  Did you mean ports?"),
        ("web: {image: a, colour: red}", "", "1:17: the key 'colour' is not known"),
        ("web: {command: a}", "", "1:1: web has no image"),
        ("we_b: {image: a}", "", "1:1: 'we_b' is no name for a service in Rancher"),
        ("we--b: {image: a}", "", "is no name for a service"),
        ("web: hello", "", "1:6: a service must be a mapping"),
        ("web: {image: a}\nweb: {image: b}", "", "2:1: the key 'web' stands here a second time"),
        (
            "web: {image: a}",
            "wep: {scale: 2}",
            "rancher-compose.yml:1:1: there is no service wep in docker-compose.yml",
        ),
        ("web: {image: a}", "web: {scale: many}", "rancher-compose.yml:1:14: scale must be a whole number"),
        ("web: {image: a}", "web: {scale: 2.5}", "scale must be a whole number"),
        ("web: {image: a}", "web: {metadata: x}", "metadata must be a mapping"),
        ("web: {image: a}", "web: {upgrade_strategy: {start_first: 5}}", "start_first must be true or false"),
        ("web: {image: a}", "web: {health_check: {interval: 5}}", "health_check needs a port"),
        ("web: {image: a}", "web: {health_check: {port: 5, pot: 1}}", "health_check has 'pot', which is none of port"),
        ("web: {image: a}", "web: {health_check: {port: 5, strategy: x}}", "has a strategy that is none of"),
        ("web: {image: a}", "web: {health_check: {port: 5, interval: soon}}", "must be a number of milliseconds"),
        ("web: {image: a}", "web: {lb_config: {port_ruls: []}}", "lb_config has 'port_ruls', which is none of"),
        ("web: {image: a}", "web: {lb_config: {port_rules: {a: 1}}}", "lb_config must be a list of mappings"),
        ("web: {image: a}", "web: {lb_config: {port_rules: [{prot: 1}]}}", "lb_config has 'prot' in a rule"),
        ("web: {image: a}", "web: {lb_config: {port_rules: [{protocol: ftp}]}}", "a protocol that is none of"),
        ("web: {image: a}", "web: {lb_config: {port_rules: [{weight: x}]}}", "a wrong weight in a rule, which must be"),
        ("web: {image: a}", "web: {load_balancer_config: {}}", "is the form before Rancher 1.2"),
        ("web: {image: rancher/load-balancer-service}", "", "1:14: this is the form before Rancher 1.2"),
        ("web: {image: a, ports: ['80:http']}", "", "ports holds '80:http', which is not [HOST:]CONTAINER"),
        ("web: {image: a, ports: 80}", "", "1:24: ports must be a list"),
        ("web: {image: a, ports: [{target: 80}]}", "", "ports must be a text"),
        ('web: {image: a, command: "say \'hello"}', "", "command cannot be taken apart into words"),
        ("web: {image: a, restart: sometimes}", "", "restart must be no, always, unless-stopped or on-failure"),
        ("web: {image: a, mem_limit: lots}", "", "mem_limit must be a size such as 512m"),
        ("web: {image: a, tty: perhaps}", "", "tty must be true or false"),
        ("web: {image: a, ulimits: {nproc: many}}", "", "ulimits must be a whole number"),
        ("web: {image: a, environment: [NOT_SET]}", "", "the variable NOT_SET is not set"),
        ("web: {image: a, environment: 5}", "", "environment must be a list"),
        ("web: {image: a, env_file: no.env}", "", "env_file names 'no.env', which cannot be read"),
        ("web: {image: a, env_file: app.env}", "", "the variable FROM_OUTSIDE is not set"),
        ("web: {image: a, secrets: a}", "", "secrets must be a list"),
        ("web: {image: a, secrets: [{target: a}]}", "", "secrets needs a source"),
        (
            "web: {image: a, volumes_from: [db]}\ndb: {image: b}",
            "",
            "volumes_from names 'db', but only containers of the",
        ),
        ("web: {image: a, network_mode: 'container:db'}", "", "network_mode names 'db', but only containers"),
        ("web: {image: a, net: 'container:db'}", "", "net names 'db', but only containers"),
        ("web: {image: a, labels: {io.rancher.sidekicks: log}}", "", "the sidekick log is not described as a service"),
        ("version: '3'\nservices: {web: {image: a}}", "", "1:10: version 3 is for Docker Swarm"),
        (
            "version: '2'\nservices: {web: {image: a}}\nvolumes: {data: {driver: nfs}}",
            "",
            "3:17: the volume data with a driver cannot be made here",
        ),
    ],
)
def test_mistakes(docker: str, rancher: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        described(docker, rancher)
    assert message in str(caught.value)


def test_all_mistakes_of_both_files_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        described("web: {image: a, prots: [80]}\ndb: {}\n", "web: {scale: x}\n")
    text = str(caught.value)
    assert "docker-compose.yml has 2 mistakes" in text
    assert "rancher-compose.yml:1:14: scale must be a whole number" in text


def test_a_secret_of_a_wrong_value_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        described("web: {image: a, environment: {PASSWORD: [hunter2]}}")
    assert "hunter2" not in str(caught.value)


def test_extensions_and_external_volumes_are_no_mistakes() -> None:
    described(
        "version: '2'\nx-common: &c {tty: true}\nservices: {web: {image: a, <<: *c, x-own: 1, container_name: b}}\n"
        "volumes: {data: {external: true, driver: nfs}, other: }\nnetworks: {front: }\n"
    )
