"""Keys in every form in which CI and OpenSSH hand them over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gates.attest.keys import generate, load_public_key, signing_key
from gates.errors import CannotRun, UsageError


def pem(key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_no_key_is_none() -> None:
    assert signing_key(environ={}) is None
    assert signing_key(environ={"GATELINE_SIGNING_KEY": " \n"}) is None


@pytest.mark.parametrize("mangle", [str, str.strip, lambda text: text.replace("\n", "\r\n")])
@pytest.mark.parametrize("form", ["openssh", "pem"])
def test_the_variable_holds_the_content(form: str, mangle) -> None:
    key = generate()
    text = key.to_openssh().decode() if form == "openssh" else pem(key.key)
    loaded = signing_key(environ={"GATELINE_SIGNING_KEY": mangle(text)})
    assert loaded is not None
    assert loaded.public.keyid == key.public.keyid


def test_the_variable_holds_a_path_as_file_variables_do(tmp_path: Path) -> None:
    key = generate()
    (tmp_path / "key").write_bytes(key.to_openssh())
    loaded = signing_key(environ={"GATELINE_SIGNING_KEY": str(tmp_path / "key")})
    assert loaded is not None
    assert loaded.public.line == key.public.line


def test_a_file_wins_over_the_variable(tmp_path: Path) -> None:
    key = generate()
    (tmp_path / "key").write_bytes(key.to_openssh())
    loaded = signing_key(str(tmp_path / "key"), {"GATELINE_SIGNING_KEY": generate().to_openssh().decode()})
    assert loaded is not None
    assert loaded.public.line == key.public.line


def test_a_key_that_ssh_keygen_made(tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", path], check=True)
    loaded = signing_key(str(path))
    assert loaded is not None
    public = load_public_key(f"{path}.pub")
    assert loaded.public.keyid == public.keyid
    listed = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True).stdout
    assert public.keyid == listed.split()[1]


def test_a_public_key_in_full_or_as_pem(tmp_path: Path) -> None:
    key = generate()
    text = key.public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(text)
    given = [key.public.line, key.public.line + " a comment", text.decode(), str(tmp_path / "key.pem")]
    assert {load_public_key(form).keyid for form in given} == {key.public.keyid}


def test_a_file_whose_name_looks_like_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = generate()
    (tmp_path / "ssh-ci.pub").write_text(key.public.line)
    monkeypatch.chdir(tmp_path)
    assert load_public_key("ssh-ci.pub").keyid == key.public.keyid


def test_a_key_with_a_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", path], check=True)
    with pytest.raises(UsageError, match="passphrase"):
        signing_key(str(path))


@pytest.mark.parametrize("text", ["-----BEGIN PRIVATE KEY-----\nx\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n"])
def test_a_broken_key_is_never_an_unsigned_verdict(text: str) -> None:
    with pytest.raises(UsageError, match="no private key that can be read"):
        signing_key(environ={"GATELINE_SIGNING_KEY": text})


def test_a_mangled_variable_is_not_repeated() -> None:
    with pytest.raises(UsageError) as error:
        signing_key(environ={"GATELINE_SIGNING_KEY": "b3BlbnNzaC1rZXk"})
    assert "b3BlbnNzaC1rZXk" not in str(error.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        signing_key(str(tmp_path / "none"))


def test_another_algorithm() -> None:
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(UsageError, match="not an ed25519 key"):
        signing_key(environ={"GATELINE_SIGNING_KEY": pem(key)})


def test_a_key_does_not_show_itself() -> None:
    key = generate()
    assert repr(key) == f"SigningKey({key.public.keyid})"


def test_without_cryptography_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(CannotRun, match="cryptography") as error:
        generate()
    assert "gateline[sign]" in error.value.hint
