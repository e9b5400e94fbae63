"""The secrets gate on real repositories. The samples are put together here, so that this file holds none."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable

import pytest

from gates.checks.base import GateContext
from gates.checks.secrets import GATE, RULES
from gates.checks.secrets.kinds import KINDS
from gates.checks.secrets.scan import Scanner
from gates.finding import EXISTING, NEW
from gates.git.change import Change
from gates.git.doors import between, staged, whole
from gates.git.repository import Repository as Git
from gates.outcome import FAILED, NOT_RUN, PASSED, SKIPPED, Outcome
from gates.settings import GateSettings
from tests.conftest import Repository

Make = Callable[..., Repository]
LETTERS = string.ascii_letters + string.digits


def some(count: int, alphabet: str = LETTERS, seed: int = 1) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=count))


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"
GITHUB = "gh" + "p_" + some(36)
OTHER = "gh" + "p_" + some(36, seed=2)
WORD = "Tr0ub4" + "dor&3x"
KEY_BODY = "\n".join(some(64, LETTERS + "+/", seed) for seed in range(12))

SAMPLES = {
    "private-key": f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{KEY_BODY}\n-----END RSA PRIVATE {'KEY'}-----",
    "aws-access-key": "AK" + "IA" + some(16, UPPER),
    "aws-secret-key": "aws_secret_access_key = " + some(40, LETTERS + "/+"),
    "github-token": GITHUB,
    "gitlab-token": "gl" + "pat-" + some(20),
    "slack-token": "xo" + "xb-" + some(12, string.digits) + "-" + some(24),
    "slack-webhook": "https://hooks.slack.com/services/T" + some(9, UPPER) + "/B" + some(9, UPPER) + "/" + some(24),
    "google-key": "AI" + "za" + some(35),
    "google-secret": "GOC" + "SPX-" + some(28),
    "stripe-key": "sk_" + "live_" + some(24),
    "stripe-test-key": "sk_" + "test_" + some(24),
    "npm-token": "np" + "m_" + some(36),
    "pypi-token": "pypi-" + "AgEIcHlwaS5vcmc" + some(70),
    "jwt": ".".join(["ey" + "J" + some(30), "ey" + "J" + some(40), some(43)]),
    "openai-key": "sk" + "-proj-" + some(48),
    "huggingface-token": "h" + "f_" + some(34, string.ascii_letters),
    "docker-token": "dckr" + "_pat_" + some(27),
    "digitalocean-token": "dop" + "_v1_" + some(64, HEX),
    "sendgrid-key": "S" + "G." + some(22) + "." + some(43),
    "telegram-token": "bot" + some(10, string.digits) + ":A" + "A" + some(33),
    "rancher-token": "token" + "-" + some(5, string.ascii_lowercase) + ":" + some(54, string.ascii_lowercase),
    "azure-key": "Account" + "Key=" + some(86) + "==",
    "url-password": "postgres://app:" + some(14) + "@db.acme.io:5432/x",
    "authorization": "Authorization: Basic " + some(32),
    "password": f'db_password = "{WORD}"',
}


def context(repository: Repository, change: Change, *, block: str = "new", **more: object) -> GateContext:
    git = Git.find(str(repository.path))
    exclude: tuple[str, ...] = more.pop("exclude", ())  # type: ignore[assignment]
    settings = GateSettings("secrets", block=block, exclude=exclude, options=more)
    return GateContext(settings, str(repository.path), change, change.changed_files(), git_dir=git.common)


def examine_commit(repository: Repository, **more: object) -> Outcome:
    repository.git("add", "-A")
    change, _ = staged(Git.find(str(repository.path)))
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def examine_push(repository: Repository, base: str = "start", door: str = "push", **more: object) -> Outcome:
    change = between(Git.find(str(repository.path)), base, "HEAD", door=door)
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def examine_all(repository: Repository, base: str = "", **more: object) -> Outcome:
    change = whole(Git.find(str(repository.path)), "HEAD", base=base)
    return GATE.examine(context(repository, change, **more))  # type: ignore[arg-type]


def told(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(finding.rule, str(finding.place), finding.status) for finding in outcome.findings]


def rules_in(text: str, path: str = "src/app.py", **more: object) -> list[str]:
    return [secret.kind.rule for secret in Scanner(**more).scan(path, text.encode())]  # type: ignore[arg-type]


@pytest.fixture
def start(repository: Repository) -> Repository:
    repository.git("tag", "start")
    return repository


@pytest.mark.parametrize("rule", sorted(SAMPLES))
def test_every_kind_is_found_where_it_stands_and_never_shown(start: Repository, rule: str) -> None:
    sample = SAMPLES[rule]
    start.write("src/app.py", f"first = 1\nsecond = 2\n{sample}\n")
    outcome = examine_commit(start)
    assert told(outcome) == [(rule, "src/app.py:3", NEW)]
    assert (outcome.status, outcome.reason) == (FAILED, "1 finding, 1 of them new")
    said = json.dumps(outcome.to_dict(), ensure_ascii=False)
    (secret,) = Scanner().scan("src/app.py", sample.encode())
    pieces = [secret.value[n : n + 5] for n in range(6 if secret.kind.shown else 0, len(secret.value) - 4)]
    assert not [piece for piece in pieces if piece in said]
    assert ("••••" in outcome.findings[0].source) == (rule != "private-key")  # of that, the first line says nothing


def test_every_form_has_a_sample_and_every_rule_is_explained() -> None:
    assert {kind.rule for kind in KINDS} | {"password"} == set(SAMPLES)
    assert {"secret-file", "allow-without-reason", *SAMPLES} == set(RULES)


def test_the_form_of_a_known_key_is_shown_and_of_a_password_nothing(start: Repository) -> None:
    start.write("a.py", f'x = "{GITHUB}"\npassword = "{WORD}"\n')
    first, second = examine_commit(start).findings
    assert (first.message, first.source) == ("GitHub token ghp_••••", 'x = "••••"')
    assert (second.message, second.source) == ("password or key", 'password = "••••"')


def test_what_stands_beside_a_secret_is_masked_too(start: Repository) -> None:
    start.write("a.txt", f"login('{SAMPLES['aws-access-key']}', '{some(40)}')\n")
    (finding,) = examine_commit(start).findings
    assert finding.source == "login('••••', '••••')"


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme"',
        'password = "example-Pa55"',
        'password = "${DB_PASSWORD}"',
        'password = "{{ vault_1 }}"',
        'password = "<your-token-1>"',
        'password = "xxxxxxxx99"',
        'token = "oauth2/token"',
        'token_url = "https://a.test/oauth2/x"',
        'secret_name = "prod-db-1-Xk29"',
        'tokenizer = "cl100k_base_9X"',
        'TOKENIZER = "cl100k_base_9X"',
        'token = "settings.TOKEN2.value"',
        'api_key = os.environ["API_KEY_1"]',
        'password = "password"',
        'password = "Passw0rd\'s of 8"',
        'secret = "123e4567-e89b-12d3-a456-426614174000"',
        'access_key = "' + "AKIA" + 'IOSFODNN7EXAMPLE"',
        'x = "' + "ghp_" + "a" * 36 + '"',
        "postgres://user:password@db.acme.io/db",
        "postgres://user:Tr0ub4dor@localhost/db",
        "postgres://user:Tr0ub4dor@db.example.org/db",
        "https://user:a%20secret@acme.io/db",
        "Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQxMjM=",
        "postgres://user:${PASSWORD}@db/x",
        "https://example.com:8080/a@b",
        "password = input()",
        "def f(password: str, token: str = 'nonesuch'): ...",
    ],
)
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert rules_in(line) == []


@pytest.mark.parametrize(
    "line",
    [
        f"password: str = '{WORD}'",
        f'"apiKey": "{WORD}"',
        f"CLIENT_SECRET := `{WORD}`",
        f"'db-password' => '{WORD}'",
        f'if token == "{WORD}":',
        f"os.environ['SECRET_TOKEN'] = '{WORD}'",
        f'env("DB_PASSWORD", "{WORD}")',
        f'masterKey: "{WORD}"',
    ],
)
def test_a_telling_name_in_many_languages(line: str) -> None:
    assert rules_in(line) == ["password"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("conf/.env.production", f"DB_PASSWORD={WORD}"),
        ("a.ini", f"password = {WORD}"),
        ("docker-compose.yml", f"      - MYSQL_ROOT_PASSWORD={WORD}"),
        ("a.yaml", f"  token: {WORD}"),
        ("settings.xml", f"<password>{WORD.replace('&', '$')}</password>"),
    ],
)
def test_texts_without_quotes_in_files_of_settings(path: str, line: str) -> None:
    assert rules_in(line, path) == ["password"]
    assert rules_in(line, "notes.md") == []


def test_in_tests_only_what_looks_like_a_real_key() -> None:
    assert rules_in(f'password = "{WORD}"', "tests/test_login.py") == []
    assert rules_in(f'api_key = "{some(32)}"', "tests/test_login.py") == ["password"]
    assert rules_in(f'x = "{GITHUB}"', "tests/test_login.py") == ["github-token"]
    assert rules_in(f'password = "{WORD}"', "README.md") == []
    assert rules_in(f"https://me:{WORD}@acme.io", "docs/index.html") == []


def test_a_password_in_base64() -> None:
    import base64

    value = base64.b64encode(f"me:{WORD}".encode()).decode()
    assert rules_in(f"headers = {{'Authorization': 'Basic {value}'}}") == ["authorization"]


def test_lock_files_hold_digests() -> None:
    line = f'"password": "{some(32)}", "url": "{GITHUB}"'
    assert rules_in(line, "package-lock.json") == ["github-token"]
    assert rules_in(line, "package.json") == ["password", "github-token"]


def test_entropy_and_allow_are_options(start: Repository) -> None:
    start.write("a.py", f'password = "hunter2hunter2"\nx = "{GITHUB}"\n')
    assert told(examine_commit(start)) == [("github-token", "a.py:2", NEW)]
    assert told(examine_commit(start, entropy=2.5))[0] == ("password", "a.py:1", NEW)
    assert examine_commit(start, allow=["^ghp_"]).status == PASSED


def test_a_key_in_one_line_or_with_a_header(start: Repository) -> None:
    begin = "-----BEGIN PRIVATE" + " KEY-----"
    assert rules_in(f'k = "{begin}\\n{some(64)}\\n{some(64, seed=2)}"') == ["private-key"]
    assert rules_in(f"{begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,1\n\n{some(64)}\n") == ["private-key"]
    assert rules_in(f'KEYS = ["{begin}", "-----BEGIN CERTIFICATE-----"]') == []
    (secret,) = Scanner().scan("a.py", f'k = "{begin}\\n{some(64)}\\n{some(64, seed=2)}"'.encode())
    assert secret.source == f'k = "{begin}\\n••••'


def test_a_key_in_the_path_of_a_url() -> None:
    assert rules_in(f"fetch('https://acme.io/{GITHUB}/file')") == ["github-token"]


def test_long_lines_are_searched_too() -> None:
    line = "a" * 5000 + f' "{GITHUB}" ' + "b" * 5000 + f' "{OTHER}" '
    secrets = Scanner().scan("dist/app.min.js", line.encode())
    assert [secret.kind.rule for secret in secrets] == ["github-token", "github-token"]
    assert max(len(secret.source) for secret in secrets) < 300


def test_a_remark_with_a_reason_allows_a_line(start: Repository) -> None:
    start.write("a.py", f'x = "{GITHUB}"  # gateline: allow-secret revoked long ago\n')
    outcome = examine_commit(start)
    assert (outcome.status, outcome.evidence.left_out) == (PASSED, {"allowed in the line, with a reason": 1})
    start.write("a.py", f'x = "{GITHUB}"  # gateline: allow-secret\n')
    outcome = examine_commit(start)
    assert told(outcome) == [("allow-without-reason", "a.py:1", NEW)]
    assert GITHUB not in json.dumps(outcome.to_dict())


def test_only_added_lines_count(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": f'x = "{GITHUB}"\n'})
    repository.write("a.py", f'import os\nx = "{GITHUB}"\ny = 2\n')
    outcome = examine_commit(repository)
    assert (outcome.status, outcome.findings, outcome.evidence.files) == (PASSED, [], 1)


def test_moving_a_secret_brings_no_new_one_and_copying_does(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": f'x = "{GITHUB}"\n', "b.py": "y = 1\n"})
    repository.write("a.py", "x = 1\n")
    repository.write("b.py", f'y = 1\nz = "{GITHUB}"\n')
    assert told(examine_commit(repository)) == [("github-token", "b.py:2", EXISTING)]
    repository.write("a.py", f'x = "{GITHUB}"\n')
    assert told(examine_commit(repository)) == [("github-token", "b.py:2", NEW)]


def test_a_changed_secret_is_new_though_its_line_looks_the_same(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": f'x = "{GITHUB}"\n'})
    repository.write("a.py", f'x = "{OTHER}"\n')
    assert told(examine_commit(repository)) == [("github-token", "a.py:1", NEW)]


def test_names_of_files_that_never_belong_there(start: Repository) -> None:
    for name in (".env", "deploy/.env.production", ".ssh/id_rsa", "cert.p12", ".env.example", "env.py"):
        start.write(name, b"\0binary" if name.endswith("p12") else "A=1\n")
    outcome = examine_commit(start)
    assert told(outcome) == [
        ("secret-file", ".env:1", NEW),
        ("secret-file", ".ssh/id_rsa:1", NEW),
        ("secret-file", "cert.p12:1", NEW),
        ("secret-file", "deploy/.env.production:1", NEW),
    ]
    assert outcome.evidence.left_out == {"binary": 1}
    start.commit()
    start.write(".env", "A=2\n")
    assert examine_commit(start).status == PASSED


def test_strange_names_are_told_as_they_are(start: Repository) -> None:
    for name in ('q"uo\\te.py', "spa ce é.py", "-dash.py"):
        start.write(name, f'x = "{GITHUB}"\n')
    places = {str(finding.place) for finding in examine_commit(start).findings}
    assert places == {'q"uo\\te.py:1', "spa ce é.py:1", "-dash.py:1"}


def test_an_attribute_does_not_hide_a_file(start: Repository) -> None:
    start.commit({".gitattributes": "*.dat binary\n", "old.dat": f"a\n{OTHER}\n"})
    start.git("tag", "-f", "start")
    start.write("a.dat", f"first\n{GITHUB}\n")
    start.write("old.dat", f"a\nb\n{OTHER}\n")
    start.write("b.dat", b"\0")
    outcome = examine_commit(start)
    assert told(outcome) == [("github-token", "a.dat:2", NEW), ("github-token", "old.dat:3", EXISTING)]
    assert outcome.evidence.left_out == {"binary": 1}
    start.commit()
    start.git("rm", "-q", "a.dat")
    start.commit()
    assert ("github-token", "a.dat:2", NEW) in told(examine_push(start))


def test_lines_that_look_like_a_patch_do_not_confuse(start: Repository) -> None:
    start.commit({"a.txt": "-- a\nlast"})
    start.write("a.txt", f"++ b/x.py\n@@ -1 +1 @@\ndiff --git a/x b/x\nx = '{GITHUB}'")
    assert told(examine_commit(start)) == [("github-token", "a.txt:4", NEW)]


def test_a_secret_taken_out_again_in_the_same_push_is_still_pushed(start: Repository) -> None:
    bad = start.commit({"src/app.py": f'key = "{GITHUB}"\n', ".env": "A=1\n"})
    (start.path / ".env").unlink()
    start.commit({"src/app.py": "key = 1\n"})
    outcome = examine_push(start)
    assert told(outcome) == [("secret-file", ".env:1", NEW), ("github-token", "src/app.py:1", NEW)]
    assert f"in commit {bad[:10]}" in outcome.findings[0].message
    assert outcome.findings[1].message == (
        f"GitHub token ghp_•••• in commit {bad[:10]}; "
        "it is not in the tree any more, but in the history that leads to it"
    )
    assert (outcome.status, outcome.metrics) == (FAILED, {"secrets": 1, "commits": 2})


def test_it_is_found_even_when_the_push_changes_no_file_in_the_end(start: Repository) -> None:
    start.commit({"a.py": f'key = "{GITHUB}"\n'})
    start.git("revert", "--no-edit", "HEAD")
    outcome = examine_push(start)
    assert (told(outcome), outcome.evidence.files) == ([("github-token", "a.py:1", NEW)], 1)
    outcome = examine_push(start, allow=["^ghp_"])
    assert (outcome.status, outcome.evidence.files) == (PASSED, 1)


def test_a_secret_in_the_tree_names_its_commit_once(start: Repository) -> None:
    bad = start.commit({"a.py": f'key = "{GITHUB}"\n'})
    start.commit({"b.py": "b = 1\n"})
    (finding,) = examine_push(start).findings
    assert finding.message == f"GitHub token ghp_•••• (added by commit {bad[:10]})"


def test_moves_along_the_history_bring_nothing(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": f'x = "{GITHUB}"\n', "b.py": "y = 1\n"})
    repository.git("tag", "start")
    repository.commit({"a.py": "x = 1\n", "b.py": f'y = "{GITHUB}"\n'})
    repository.commit({"a.py": f'x = "{GITHUB}"\n', "b.py": "y = 1\n"})
    outcome = examine_push(repository)
    assert (outcome.status, outcome.metrics["commits"]) == (PASSED, 2)


def test_side_branches_and_merges_are_looked_at(start: Repository) -> None:
    start.git("checkout", "-q", "-b", "side")
    start.commit({"side.py": f'x = "{GITHUB}"\n'})
    start.commit({"side.py": "x = 1\n"})
    start.git("checkout", "-q", "main")
    start.commit({"main.py": "y = 1\n"})
    start.git("merge", "-q", "--no-ff", "--no-commit", "side")
    start.commit({"evil.py": f'z = "{OTHER}"\n'})
    start.commit({"evil.py": "z = 1\n"})
    assert {finding.place.path for finding in examine_push(start).findings} == {"side.py", "evil.py"}  # type: ignore[union-attr]


def test_a_long_history_is_read_in_parts(start: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.checks.secrets.patches.BATCH", 2)
    for number in range(5):
        start.commit({"a.py": f"x = {number}\n" + (f'y = "{GITHUB}"\n' if number == 3 else "")})
    outcome = examine_push(start)
    assert (told(outcome), outcome.metrics["commits"]) == ([("github-token", "a.py:2", NEW)], 5)


def test_a_first_push_is_all_history(make_repository: Make) -> None:
    repository = make_repository("a", {"a.py": f'x = "{GITHUB}"\n'})
    repository.commit({"a.py": "x = 1\n"})
    assert told(examine_push(repository, base="")) == [("github-token", "a.py:1", NEW)]
    assert examine_push(repository, base="", door="ci").status == PASSED  # no base: it is about the tree


def test_the_gates_own_exclude_holds_for_the_history(start: Repository) -> None:
    start.commit({"data/a.py": f'x = "{GITHUB}"\n'})
    start.commit({"data/a.py": "x = 1\n"})
    assert examine_push(start, exclude=("data/",)).status == PASSED


def test_the_whole_tree_tells_new_from_existing(start: Repository) -> None:
    start.commit({"old.py": f'x = "{GITHUB}"\n', ".env": "A=1\n"})
    start.git("tag", "base")
    start.commit({"new.py": f'x = "{OTHER}"\n', "picture.png": b"\0\1"})
    outcome = examine_all(start, base="base")
    assert told(outcome) == [
        ("secret-file", ".env:1", EXISTING),
        ("github-token", "new.py:1", NEW),
        ("github-token", "old.py:1", EXISTING),
    ]
    assert outcome.evidence.left_out == {"binary": 1}
    assert {status for _, _, status in told(examine_all(start))} == {NEW}


def test_a_file_that_cannot_be_read_is_no_pass(start: Repository) -> None:
    change = whole(Git.find(str(start.path)), "HEAD")
    (start.path / "README.md").unlink()
    outcome = GATE.examine(context(start, change))
    assert outcome.status == NOT_RUN
    assert outcome.reason == "README.md: it cannot be read: No such file or directory"


def test_a_change_that_only_deletes_has_nothing_to_look_at(start: Repository) -> None:
    start.git("rm", "-q", "README.md")
    outcome = examine_commit(start)
    assert (outcome.status, outcome.reason) == (SKIPPED, "the change adds no lines")


def test_a_patch_longer_than_the_limit_of_an_answer_is_read(start: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.process.OUTPUT_LIMIT", 1 << 16)
    filler = "\n".join(f"line {n}" for n in range(100_000))
    start.write("a.txt", f"{filler}\nx = '{GITHUB}'\n{filler}\n")
    assert told(examine_commit(start)) == [("github-token", "a.txt:100001", NEW)]


def test_equal_lines_have_fingerprints_that_say_nothing_of_the_value(start: Repository) -> None:
    start.write("a.py", f'x = "{GITHUB}"\n')
    first = examine_commit(start).findings[0].fingerprint
    start.write("a.py", f'x = "{OTHER}"\n')
    assert examine_commit(start).findings[0].fingerprint == first
