"""The policy digest and the name of the repository, from real repositories."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from gates.attest.policy import policy_digest, policy_of, read_only_repository, resource_uri
from gates.errors import UsageError, VerdictError
from tests.conftest import Repository


def sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("files", "source", "content"),
    [
        ({"a": ""}, "detected", "detected"),
        ({"gateline.yaml": "gates: {}\n"}, "gateline.yaml", "gates: {}\n"),
        ({"gateline.yaml": "a\r\n", "pyproject.toml": "[tool.gateline]\n"}, "gateline.yaml", "a\r\n"),
        ({"pyproject.toml": "[tool.gateline]\n"}, "pyproject.toml", "[tool.gateline]\n"),
        ({"pyproject.toml": "[tool.ruff]\n"}, "detected", "detected"),
        ({"pyproject.toml": "not toml"}, "pyproject.toml", "not toml"),
        ({"below/gateline.yaml": "gates: {}\n"}, "detected", "detected"),
    ],
)
def test_policy(make_repository: Callable[..., Repository], files: dict[str, str], source: str, content: str) -> None:
    made = make_repository("repo", files)
    policy = policy_of(read_only_repository(str(made.path)), "HEAD")
    assert (policy.source, policy.digest) == (source, sha256(content))


def test_the_policy_is_that_of_the_revision_not_of_the_folder(repository: Repository) -> None:
    repository.commit({"gateline.yaml": "strict\n"})
    repository.write("gateline.yaml", "loose\n")
    assert policy_digest(read_only_repository(str(repository.path)), "HEAD") == sha256("strict\n")


def test_a_tag_counts_when_it_is_meant(repository: Repository) -> None:
    repository.commit({"gateline.yaml": "strict\n"})
    repository.git("tag", "rules")
    found = read_only_repository(str(repository.path))
    assert policy_digest(found, "refs/tags/rules") == policy_digest(found, "main~0") == sha256("strict\n")
    for short in ("rules", "rules~0"):
        with pytest.raises(VerdictError, match="rules is a tag here"):
            policy_digest(found, short)


def test_a_tag_called_like_the_full_name_of_a_branch(repository: Repository) -> None:
    repository.git("update-ref", "refs/tags/refs/heads/rules", "HEAD")
    found = read_only_repository(str(repository.path))
    with pytest.raises(VerdictError, match="refs/heads/rules is a tag here"):
        policy_digest(found, "refs/heads/rules")
    repository.git("branch", "rules")
    with pytest.raises(VerdictError, match="is ambiguous"):
        policy_digest(found, "refs/heads/rules")


def test_an_unknown_revision(repository: Repository) -> None:
    with pytest.raises(VerdictError, match="origin/main is not a revision"):
        policy_digest(read_only_repository(str(repository.path)), "origin/main")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.example.org/group/app.git", "git+https://git.example.org/group/app"),
        ("https://ci:token@git.example.org/group/app.git", "git+https://git.example.org/group/app"),
        ("https://git.example.org:8443/group/app", "git+https://git.example.org:8443/group/app"),
        ("git@git.example.org:group/app.git", "git+https://git.example.org/group/app"),
        ("ssh://git@git.example.org:2222/group/app.git", "git+https://git.example.org/group/app"),
        ("/srv/git/app.git", "git+file:///srv/git/app"),
        ("file:///srv/git/app.git", "git+file:///srv/git/app"),
    ],
)
def test_the_remote_names_the_repository(repository: Repository, url: str, expected: str) -> None:
    repository.git("remote", "add", "origin", url)
    assert resource_uri(read_only_repository(str(repository.path)), {}) == expected


def test_ci_names_the_repository(repository: Repository) -> None:
    found = read_only_repository(str(repository.path))
    assert (
        resource_uri(found, {"CI_PROJECT_URL": "https://gitlab.example.org/a/b"})
        == "git+https://gitlab.example.org/a/b"
    )
    github = {"GITHUB_SERVER_URL": "https://github.example.org", "GITHUB_REPOSITORY": "a/b"}
    assert resource_uri(found, github) == "git+https://github.example.org/a/b"


def test_without_a_remote_the_folder_names_the_repository(repository: Repository) -> None:
    found = read_only_repository(str(repository.path))
    assert resource_uri(found, {}) == f"git+file://{repository.path}"


def test_a_url_that_is_none_is_not_repeated(repository: Repository) -> None:
    repository.git("remote", "add", "origin", "https://ci:token@host:port/app")
    with pytest.raises(UsageError) as error:
        resource_uri(read_only_repository(str(repository.path)), {})
    assert "token" not in str(error.value)
