"""`gateline deploy` and what lies between it and the server: refusals, lost answers, proxies, wrong addresses, TLS."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests

from tests.rancher.conftest import CHECKED, SCALE
from tests.rancher.jobs import Gateline
from tests.rancher.test_deploy import running, sent
from tests.rancher16 import RancherServer
from tests.rancher16.world import Row

ACTION = r"action=upgrade$"


def test_409_is_tried_again_after_reading_again(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    fault = server.fault("status", path=r"action=", status=409, code="Conflict", times=3)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert fault.hits == 3
    assert "not begun yet: the server answered 409 Conflict" in done.out
    assert len(sent(server)) == 4


def test_409_without_end_is_told(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.fault("status", path=ACTION, status=409, code="Conflict")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert "the server would not begin to upgrade gf-chat/parrot-rest; nothing was changed" in done.error
    assert parrot["state"] == "active"


def test_422_when_finishing_makes_it_look_again(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.fault("status", path="action=finishupgrade", status=422, code="ActionNotAvailable", times=2)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert "asked again soon: the server answered 422 ActionNotAvailable" in done.out


def test_another_422_is_told_in_the_words_of_the_server(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.fault("status", path=ACTION, status=422, code="InvalidOption", text="start first and retain ip")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 2
    assert "the server does not accept this: the server answered 422 InvalidOption: start first" in done.error


def test_a_field_is_named(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    done = gateline.deploy("--image", "acme/parrot:2", "--interval", "50ms")
    assert done.code == 2
    assert "the server answered 422 MinLimitExceeded (field intervalMillis)" in done.error


@pytest.mark.parametrize("kind", ["drop-after", "half"])
@pytest.mark.parametrize("action", ["upgrade", "finishupgrade"])
def test_a_lost_answer_is_looked_up(
    server: RancherServer, parrot: Row, gateline: Gateline, kind: str, action: str
) -> None:
    server.fault(kind, path=f"action={action}", times=1)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert len(sent(server)) == 1
    assert len(sent(server, "finishupgrade")) == 1


@pytest.mark.parametrize("kind", ["drop", "html", "garbage", "empty", "status"])
@pytest.mark.parametrize("action", ["upgrade", "finishupgrade"])
def test_a_lost_request_is_sent_again(
    server: RancherServer, parrot: Row, gateline: Gateline, kind: str, action: str
) -> None:
    server.fault(kind, path=f"action={action}", times=1, status=502)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text
    assert running(server, parrot) == ["1 acme/parrot:2", "2 acme/parrot:2"]


def test_a_begin_that_nobody_can_know_of_is_told(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.fault("drop", path=ACTION)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code in (3, 6), done.text
    assert done.code == 6 or "nothing was changed" in done.error


@pytest.mark.parametrize("kind", ["drop", "half", "html", "garbage", "status"])
def test_reading_is_tried_again(server: RancherServer, parrot: Row, gateline: Gateline, kind: str) -> None:
    server.fault(kind, method="GET", path="services|projects", times=2, status=503)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text


def test_hanging_and_trickling_answers_end_at_the_time_limit(
    server: RancherServer, parrot: Row, gateline: Gateline
) -> None:
    server.fault("hang", method="GET", path="services", times=1, seconds=20)
    server.fault("trickle", method="GET", path="stacks", times=1)
    begun = time.monotonic()
    done = gateline.deploy("--image", "acme/parrot:2", "--request-timeout", "500ms")
    assert done.code == 0, done.text
    assert time.monotonic() - begun < 20


def crash_in(server: RancherServer, service: Row, state: str, back: float | None = None) -> None:
    """Let the server be gone as soon as the service is in a state, and `back` so many seconds later."""

    def crash() -> None:
        server.later(0.0, server.crash)
        if back is not None:
            server.later(back, server.start)

    server.when(service, state, crash)


def test_a_server_that_restarts_is_waited_for(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    crash_in(server, parrot, "upgrading", back=1.0)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 0, done.text


def test_a_server_that_stays_away_is_told(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    crash_in(server, parrot, "upgraded")
    done = gateline.deploy("--image", "acme/parrot:2", "--deadline", "2s")
    server.start()
    assert done.code == 6
    assert "gf-chat/parrot-rest could not be undone (the upgrade had failed: " in done.error
    assert "Connection refused" in done.error


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "Unauthorized", "the server answered 401 Unauthorized"),
        (403, "Forbidden", "the server answered 403 Forbidden"),
        (404, "Not Found", "the server answered 404 Not Found"),
        (405, "Method not allowed", "the server answered 405 Method not allowed"),
    ],
)
def test_what_the_key_may_not_is_told_exactly(
    server: RancherServer, parrot: Row, gateline: Gateline, status: int, code: str, words: str
) -> None:
    server.fault("status", path=ACTION, status=status, code=code)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 2
    assert words in done.error
    assert len(sent(server)) == 1
    assert parrot["state"] == "active"


def test_a_key_that_is_revoked_during_the_upgrade(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.world.listeners.append(
        lambda row: server.world.keys.clear() if row is parrot and row["state"] == "upgraded" else None
    )
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 6
    assert "the upgrade of gf-chat/parrot-rest goes on unwatched: the server answered 401 Unauthorized" in done.error


def test_a_key_that_is_revoked_when_the_answer_was_lost(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.world.listeners.append(
        lambda row: server.world.keys.clear() if row is parrot and row["state"] == "upgrading" else None
    )
    server.fault("drop-after", path=ACTION)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 6
    assert "it is not known whether the upgrade of gf-chat/parrot-rest has begun" in done.error


def test_a_server_that_falls_silent_after_the_end(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    crash_in(server, parrot, "finishing-upgrade")
    done = gateline.deploy("--image", "acme/parrot:2", "--deadline", "1500ms")
    server.start()
    assert done.code == 7
    assert "gf-chat/parrot-rest was being finished when the server fell silent" in done.error


def test_a_wrong_key(server: RancherServer, parrot: Row, gateline: Gateline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANCHER_SECRET_KEY", "wrong-secret")
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 2
    assert "the server answered 401 Unauthorized" in done.error
    assert "Are RANCHER_ACCESS_KEY and RANCHER_SECRET_KEY those of this server?" in done.error
    assert "wrong-secret" not in done.text


@pytest.mark.parametrize("name", ["RANCHER_URL", "RANCHER_ACCESS_KEY", "RANCHER_SECRET_KEY"])
def test_what_is_not_set(gateline: Gateline, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    done = gateline.deploy("--image", "acme/parrot:2")
    assert done.code == 2
    assert name in done.error


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rancher.example.org", "does not look right"),
        ("ftp://rancher.example.org", "does not look right"),
        ("https://ada:hunter2@rancher.example.org", "holds a user or password"),
    ],
)
def test_addresses_that_are_none(gateline: Gateline, url: str, words: str) -> None:
    done = gateline.deploy("--image", "acme/parrot:2", "--url", url)
    assert done.code == 2
    assert words in done.error
    assert "hunter2" not in done.text


def test_an_address_as_it_is_copied_from_the_browser(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.add_key("account", "secret", projects=(server.project, server.add_project("Other")))
    for rest in ("/v1", "/v2-beta/projects/1a5", "/v2-beta/"):
        assert gateline("status", "gf-chat/parrot-rest", "--url", server.url + rest).code == 0, rest


def test_an_account_key_needs_an_environment(
    server: RancherServer, parrot: Row, gateline: Gateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add_key("account", "secret", projects=(server.project, server.add_project("Other")))
    monkeypatch.setenv("RANCHER_ACCESS_KEY", "account")
    monkeypatch.setenv("RANCHER_SECRET_KEY", "secret")
    done = gateline("status", "gf-chat/parrot-rest")
    assert done.code == 2
    assert "this key sees 2 environments: Default, Other" in done.error
    for name in ("Default", "default", server.project.id):
        assert gateline("status", "gf-chat/parrot-rest", "--environment", name).code == 0
    unknown = gateline("status", "gf-chat/parrot-rest", "--environment", "Defualt")
    assert "there is no environment called Defualt that this key can see\n  Did you mean Default?" in unknown.error


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("gf-chta/parrot-rest", "there is no stack called gf-chta in the environment Default\n  Did you mean gf-chat?"),
        ("gf-chat/nothing", "there is no service called nothing in the stack gf-chat\n  There are: parrot-rest."),
        ("test", "the target test is looked for in a repository, and there is none here"),
    ],
)
def test_names_that_are_not_there(
    server: RancherServer, parrot: Row, gateline: Gateline, address: str, words: str
) -> None:
    done = gateline("status", address)
    assert done.code == 2
    assert words in done.error


def test_a_service_without_containers(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    stack = server.world.get("stack", 5)
    assert stack is not None
    server.create("externalServices", {"name": "outside", "stackId": stack.id, "hostname": "example.org"})
    done = gateline("status", "gf-chat/outside")
    assert done.code == 2
    assert "outside is a externalService: it has no containers that could be upgraded" in done.error


def test_nobody_listens(gateline: Gateline) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    done = gateline("status", "a/b", "--url", f"http://127.0.0.1:{port}")
    assert done.code == 3
    place = f"http://127.0.0.1:{port}"
    assert f"no answer from {place}: Failed to establish a new connection: [Errno 111] Connection refused" in done.error


def test_another_server_answers(server: RancherServer, gateline: Gateline) -> None:
    server.fault("html", status=404, text="nginx")
    done = gateline("status", "a/b")
    assert done.code == 2
    assert "answered 404 with a web page (nginx)" in done.error
    assert "Is RANCHER_URL the address of a Rancher 1.6 server?" in done.error


def test_a_proxy_without_its_server(server: RancherServer, gateline: Gateline) -> None:
    server.fault("html", status=502)
    done = gateline("status", "a/b")
    assert done.code == 3
    assert "answered 502 with a web page (502 Bad Gateway)" in done.error


def test_keys_are_not_sent_to_where_a_redirect_points(server: RancherServer, gateline: Gateline) -> None:
    with RancherServer(SCALE) as other:
        server.fault("redirect", text=f"{other.url}/v2-beta/projects")
        done = gateline("status", "a/b")
        assert done.code == 2
        assert f"redirects to {other.url}; the keys are not sent there" in done.error
        assert other.requests == []


def test_keys_are_nowhere_in_the_output(server: RancherServer, parrot: Row, gateline: Gateline) -> None:
    server.fault("status", path=ACTION, status=422, code="InvalidOption", text=f"{server.access} {server.secret}")
    done = gateline.deploy("--image", "acme/parrot:2", "--trace")
    assert done.code == 2
    assert server.secret not in done.text
    assert server.access not in done.text
    assert "GET projects/1a5/services/1s5 -> 200" in done.error
    assert server.secret not in gateline.history.read_text()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with a certificate for 127.0.0.1, signed by itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rancher")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(encoding) + private)
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[RancherServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with RancherServer(SCALE, context=context) as server:
        yield server


@pytest.fixture
def secured(secure: RancherServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gateline:
    secure.add_service(launchConfig=CHECKED)
    return Gateline(secure, tmp_path, monkeypatch)


def test_a_certificate_that_nobody_trusts(secured: Gateline) -> None:
    done = secured.deploy("--image", "acme/parrot:2")
    assert done.code == 3
    assert f"the certificate of {secured.server.url} is not trusted" in done.error
    assert "Give the authority that signed it with --ca-file." in done.error
    assert secured.server.requests == []


def test_a_certificate_of_ones_own_authority(secured: Gateline, certificate: Path) -> None:
    done = secured.deploy("--image", "acme/parrot:2", "--ca-file", str(certificate), "--logs")
    assert done.code == 0, done.text
    sockets = [entry["target"] for entry in secured.server.requests if entry["status"] == 101]
    assert any("subscribe" in target for target in sockets)
    assert any("/v1/logs/" in target for target in sockets)
    assert "listening on 8080" in done.out


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_in_a_variable(
    secured: Gateline, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, str(certificate))
    assert secured.deploy("--image", "acme/parrot:2", "--logs").code == 0
    assert any("/v1/logs/" in entry["target"] for entry in secured.server.requests if entry["status"] == 101)


def test_the_option_wins_over_the_variable(
    secured: Gateline, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.certs.where())
    assert secured("status", "gf-chat/parrot-rest").code == 3
    assert secured("status", "gf-chat/parrot-rest", "--ca-file", str(certificate)).code == 0


def test_no_certificate_is_checked_when_asked_and_that_is_told(secured: Gateline) -> None:
    done = secured("status", "gf-chat/parrot-rest", "--insecure")
    assert done.code == 0
    assert "the server's certificate is not checked (--insecure)" in done.error


def test_an_authority_that_is_no_file(secured: Gateline) -> None:
    done = secured("status", "gf-chat/parrot-rest", "--ca-file", "nothing.pem")
    assert done.code == 2
    assert "nothing.pem is not a file" in done.error


def test_plain_http_to_a_server_with_tls(secured: Gateline) -> None:
    url = secured.server.url.replace("https", "http")
    done = secured("status", "gf-chat/parrot-rest", "--url", url)
    assert done.code == 3
    assert "no answer from" in done.error


def test_the_bare_client_cannot_either(secure: RancherServer) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(secure.url, timeout=5)
