"""Secrets: from files, in each form that they have, and never in any text."""

from __future__ import annotations

import base64
import secrets
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from bot import settings as env
from bot.errors import SettingsError
from tests.unit.settings.environment import SECRETS, URLS, Environment, one_problem, problems, signing_key


def test_every_secret_is_named_here() -> None:
    fields = [field for part in env.PARTS.values() for field in part.model_fields.values()]
    secret = {str(field.alias).removeprefix(env.PREFIX) for field in fields if "SecretStr" in str(field.annotation)}
    assert secret == set(SECRETS)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_can_come_from_a_file(environment: Environment, tmp_path: Path, pem: str, name: str) -> None:
    value = {
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "CLIENT_CERTIFICATE": pem,
        "ANCHOR_KEY": signing_key(),
    }.get(name, secrets.token_hex(12))
    path = tmp_path / "secret"
    path.write_text(f"{value}\n\n")
    environment.set(**{name: None, f"{name}_FILE": path})
    loaded = env.load_all()
    [part] = [
        part for part in (loaded.slack, loaded.tenant, loaded.anchor, loaded.server) if hasattr(part, name.lower())
    ]
    assert getattr(part, name.lower()).get_secret_value() == value.strip()


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_file_that_is_not_there(environment: Environment, tmp_path: Path, name: str) -> None:
    environment.set(**{name: None, f"{name}_FILE": tmp_path / "missing", "APPROVERS": ","})
    lines = [line for line in problems() if "APPROVERS" not in line]
    reason = f"the file that PORTCULLIS_{name}_FILE names can't be read: No such file or directory."
    assert lines == [f"PORTCULLIS_{name}: {reason}"]


def test_a_secret_file_that_is_a_folder_empty_or_no_text(environment: Environment, tmp_path: Path) -> None:
    environment.set(CLIENT_SECRET=None, CLIENT_SECRET_FILE=tmp_path)
    assert "can't be read: Is a directory" in one_problem()
    path = tmp_path / "secret"
    environment.set(CLIENT_SECRET_FILE=path)
    path.write_text("\n")
    assert one_problem() == "PORTCULLIS_CLIENT_SECRET: is empty."
    path.write_bytes(b"\xff\xfe\x00")
    assert "it is not text" in one_problem()


def test_a_secret_given_twice_is_a_wrong_setting(environment: Environment, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(secrets.token_hex(12))
    environment.set(CLIENT_SECRET_FILE=path)
    assert "is given twice, here and by PORTCULLIS_CLIENT_SECRET_FILE" in one_problem()


@pytest.mark.parametrize("form", ["text", "one line", "path", "file of a path"])
def test_a_certificate_as_text_on_one_line_or_as_a_path(
    environment: Environment, tmp_path: Path, pem: str, form: str
) -> None:
    path = tmp_path / "app.pem"
    path.write_text(pem)
    value = {"text": pem, "one line": pem.replace("\n", "\\n"), "path": str(path)}.get(form)
    if value is None:
        inner = tmp_path / "where"
        inner.write_text(f"{path}\n")
        environment.set(CLIENT_CERTIFICATE_FILE=inner)
    environment.set(CLIENT_SECRET=None, CLIENT_CERTIFICATE=value)
    found = env.load_all().tenant.certificate_content
    assert found is not None
    assert found.decode().strip() == pem.strip()


def test_a_certificate_that_is_broken_has_a_line_at_the_start(
    environment: Environment, tmp_path: Path, pem: str
) -> None:
    key, _, certificate = pem.partition("-----END PRIVATE KEY-----\n")
    key += "-----END PRIVATE KEY-----\n"
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for value, reason in (
        (str(tmp_path / "missing.pem"), "neither PEM text"),
        (str(tmp_path), "neither PEM text"),
        (key, "holds a key only"),
        (certificate, "holds no private key"),
        (key[:200] + key[210:] + certificate, "holds no private key"),
        (other.decode() + certificate, "don't belong together"),
    ):
        environment.set(CLIENT_CERTIFICATE=value)
        line = one_problem()
        assert line.startswith("PORTCULLIS_CLIENT_CERTIFICATE: ")
        assert reason in line
        assert "\n" not in line
        assert key[40:80] not in line


def pfx_of(pem: str, password: str | None = None) -> bytes:
    """The same certificate and key as PFX."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = x509.load_pem_x509_certificate(pem.encode())
    protection: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, protection)


@pytest.mark.parametrize("form", ["base64", "path", "file", "file of base64"])
def test_a_certificate_as_pfx_with_its_password(environment: Environment, tmp_path: Path, pem: str, form: str) -> None:
    password = secrets.token_hex(8)
    pfx = pfx_of(pem, password)
    binary, text, secret = tmp_path / "app.pfx", tmp_path / "app.txt", tmp_path / "password"
    binary.write_bytes(pfx)
    text.write_text(base64.encodebytes(pfx).decode())
    secret.write_text(f"{password}\n")
    environment.set(CLIENT_SECRET=None, CLIENT_CERTIFICATE_PASSWORD_FILE=secret)
    if form.startswith("file"):
        environment.set(CLIENT_CERTIFICATE_FILE=binary if form == "file" else text)
    else:
        environment.set(CLIENT_CERTIFICATE=binary if form == "path" else base64.b64encode(pfx).decode())
    loaded = env.load_all().tenant
    assert loaded.certificate_content == pfx
    assert loaded.client_certificate_password is not None
    assert password not in repr(loaded)
    for wrong in (None, secrets.token_hex(8)):
        environment.set(CLIENT_CERTIFICATE_PASSWORD_FILE=None, CLIENT_CERTIFICATE_PASSWORD=wrong)
        line = one_problem()
        assert line.startswith("PORTCULLIS_CLIENT_CERTIFICATE: ")
        assert "CLIENT_CERTIFICATE_PASSWORD" in line
        assert password not in line
        assert wrong is None or wrong not in line


def test_a_password_that_cannot_be_read_has_a_line_of_its_own_and_no_other(
    environment: Environment, tmp_path: Path, pem: str
) -> None:
    pfx = base64.b64encode(pfx_of(pem, secrets.token_hex(8))).decode()
    environment.set(CLIENT_CERTIFICATE=pfx, CLIENT_CERTIFICATE_PASSWORD_FILE=tmp_path / "missing")
    assert one_problem().startswith("PORTCULLIS_CLIENT_CERTIFICATE_PASSWORD: ")


@pytest.mark.parametrize(
    ("name", "wrong", "problem"),
    [
        ("SLACK_BOT_TOKEN", "xapp-{}", "holds the other token"),
        ("SLACK_APP_TOKEN", "xoxb-{}", "holds the other token"),
        ("SLACK_BOT_TOKEN", "xoxb {}", "holds characters that no token has"),
        ("SLACK_APP_TOKEN", "xapp-{}\u00fc", "holds characters that no token has"),
    ],
)
def test_a_wrong_token_is_told_without_its_value(environment: Environment, name: str, wrong: str, problem: str) -> None:
    secret = secrets.token_hex(12)
    environment.set(**{name: wrong.format(secret)})
    line = one_problem()
    assert line.startswith(f"PORTCULLIS_{name}: {problem}")
    assert secret not in line


def test_how_a_token_begins_is_slacks_to_change(environment: Environment) -> None:
    environment.set(SLACK_BOT_TOKEN=secrets.token_hex(12), SLACK_APP_TOKEN=secrets.token_hex(12))
    loaded = env.load_all()
    assert loaded.slack.slack_app_token is not None


def test_swapped_tokens_are_noticed(environment: Environment) -> None:
    bot, app = f"xoxb-{secrets.token_hex(12)}", f"xapp-{secrets.token_hex(12)}"
    environment.set(SLACK_BOT_TOKEN=app, SLACK_APP_TOKEN=bot)
    lines = problems()
    assert [line.split(":")[0] for line in lines] == ["PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_SLACK_APP_TOKEN"]
    assert bot not in str(lines)
    assert app not in str(lines)


@pytest.mark.parametrize("place", ["APPROVAL_CHANNEL", "APPROVERS", "ALERT_CHANNEL", "TENANT_ID", "SLACK_TEAM_ID"])
def test_a_secret_in_the_wrong_place_is_not_repeated(environment: Environment, place: str) -> None:
    secret = secrets.token_hex(12)
    environment.set(**{place: f"xoxb-{secret}/"})
    assert secret not in one_problem()


@pytest.mark.parametrize("name", [*URLS, "DATABASE_URL"])
@pytest.mark.parametrize("form", ["ftp://user:{}@host/x", "https://user:{}@host/x", "https://:{}@host/x", "{}"])
def test_no_password_of_an_address_is_repeated(environment: Environment, name: str, form: str) -> None:
    secret = secrets.token_hex(12)
    environment.set(**{name: form.format(secret)})
    assert secret not in one_problem()


def test_no_secret_in_reprs_and_traces(environment: Environment, pem: str) -> None:
    password, marker = secrets.token_hex(12), secrets.token_hex(12)
    environment.set(
        DATABASE_URL=f"postgresql://portcullis:{password}@db.example/portcullis",
        CLIENT_SECRET=marker,
        SLACK_SIGNING_SECRET=marker,
        CLIENT_CERTIFICATE=pem,
    )
    shown = repr(env.load_all()) + str(env.load_all())
    for secret in (password, marker, pem[40:80], "xoxb-", "xapp-"):
        assert secret not in shown
    environment.set(SLACK_BOT_TOKEN=marker, CLIENT_CERTIFICATE=f"{marker}{marker}", APPROVERS=",")
    with pytest.raises(SettingsError) as caught:
        env.load_all()
    assert marker not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["APPROVERS", "APPROVAL_CHANNEL", "TENANT_ID", "SLACK_TEAM_ID", "DATABASE_URL"])
def test_a_secret_of_no_known_form_in_the_wrong_place_is_not_repeated(environment: Environment, name: str) -> None:
    for secret in (f"{secrets.token_urlsafe(24)}~!", f"{secrets.token_hex(16)}=", f"x://{secrets.token_hex(16)}"):
        environment.set(**{name: secret})
        assert secret not in "\n".join(problems())


def test_the_databases_address_can_come_from_a_file(environment: Environment, tmp_path: Path) -> None:
    address = "postgresql://portcullis@db.example/portcullis"
    file = tmp_path / "address"
    file.write_text(f"{address}\n")
    environment.set(DATABASE_URL=None, DATABASE_URL_FILE=str(file))
    assert env.load_all().database.database_url == address
    assert env.unknown_names() == []
    environment.set(DATABASE_URL=address)
    assert any("DATABASE_URL_FILE" in line for line in problems())
    environment.set(DATABASE_URL=None, DATABASE_URL_FILE=str(tmp_path / "missing"))
    assert any("DATABASE_URL_FILE names can't be read" in line for line in problems())
