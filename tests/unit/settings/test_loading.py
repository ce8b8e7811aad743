"""Settings: what is missing or wrong, a line each and all at once; secrets from files; nothing secret in any text."""

from __future__ import annotations

import base64
import os
import secrets
import traceback
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

from bot import settings as env
from bot.as_set import build_rules, tenant_settings
from bot.errors import SettingsError
from bot.settings.types import read_days, read_hours, read_servers, read_waits, read_weekly
from bot.tenant.access import SignIn

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "CLIENT_SECRET",
    "CLIENT_CERTIFICATE",
    "CLIENT_CERTIFICATE_PASSWORD",
    "ANCHOR_KEY",
    "AUDIT_WEBHOOK_SECRET",
    "METRICS_TOKEN",
)
URLS = ("SLACK_API_URL", "EXCHANGE_URL", "AUTHORITY_URL", "GRAPH_URL", "TIMESTAMP_URL", "AUDIT_WEBHOOK_URL")


class Environment:
    """The process's variables, for one test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        for name in os.environ:
            if name.upper().startswith("PORTCULLIS_") or name in {
                "AZURE_FEDERATED_TOKEN_FILE",
                "SSL_CERT_FILE",
                "SSL_CERT_DIR",
                "REQUESTS_CA_BUNDLE",
            }:
                patch.delenv(name)

    def set(self, **values: object) -> None:
        for name, value in values.items():
            if value is None:
                self._patch.delenv(f"PORTCULLIS_{name}", raising=False)
            else:
                self._patch.setenv(f"PORTCULLIS_{name}", str(value))

    def set_bare(self, name: str, value: object) -> None:
        self._patch.setenv(name, str(value))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(monkeypatch)


@pytest.fixture
def environment(bare: Environment) -> Environment:
    """Everything that has to be set, soundly."""
    bare.set(
        SLACK_BOT_TOKEN=f"xoxb-{secrets.token_hex(12)}",
        SLACK_APP_TOKEN=f"xapp-{secrets.token_hex(12)}",
        APPROVAL_CHANNEL="C0APPROVALS",
        APPROVERS="U0APPROVE1,S0GROUP",
        TENANT_ID="contoso.onmicrosoft.com",
        AUDIT_WEBHOOK_SECRET=secrets.token_hex(12),
        CLIENT_ID="66666666-7777-8888-9999-000000000000",
        CLIENT_SECRET=secrets.token_hex(12),
    )
    return bare


@pytest.fixture(scope="module")
def pem() -> str:
    """A certificate with its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portcullis.example")])
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, end)
    certificate = built.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        env.load_all()
    return list(caught.value.problems)


def one_problem() -> str:
    [line] = problems()
    return line


def test_sound_settings_load_with_their_defaults(environment: Environment) -> None:
    loaded = env.load_all()
    assert loaded.database.database_url == "sqlite:///portcullis.sqlite3"
    assert loaded.slack.slack_mode == "socket"
    assert loaded.slack.approvers == ("U0APPROVE1", "S0GROUP")
    assert loaded.slack.requesters == ()
    assert loaded.slack.user_groups == {"S0GROUP"}
    assert loaded.policy.ip_allow == "two-person"
    assert loaded.policy.ip_allow_max_days == 7
    assert loaded.policy.confirm_after == timedelta(minutes=5)
    assert loaded.server.http_host == "127.0.0.1"
    assert env.unknown_names() == []


def test_everything_missing_is_told_at_once_a_line_each(bare: Environment) -> None:
    lines = problems()
    assert [line.split()[0].rstrip(":").removeprefix("PORTCULLIS_") for line in lines] == [
        "SLACK_BOT_TOKEN",
        "APPROVAL_CHANNEL",
        "APPROVERS",
        "SLACK_APP_TOKEN",
        "TENANT_ID",
        "CLIENT_ID",
        "CLIENT_CERTIFICATE",
    ]
    assert all("is missing" in line and "\n" not in line and line.endswith(".") for line in lines)


def test_what_is_wrong_is_told_with_what_is_missing_over_all_parts(environment: Environment) -> None:
    environment.set(
        DATABASE_URL="mysql://host/name",
        APPROVAL_CHANNEL="#approvals",
        REQUESTERS="U0REQUEST1 @somebody",
        TENANT_ID=None,
        EXCHANGE_URL="http://exchange.example",
        IP_ALLOW_MAX_DAYS="many",
        WATCH_EVERY="soon",
        HTTP_PORT="99999",
    )
    names = [line.split()[0].rstrip(":").removeprefix("PORTCULLIS_") for line in problems()]
    assert names == [
        "DATABASE_URL",
        "APPROVAL_CHANNEL",
        "REQUESTERS",
        "TENANT_ID",
        "EXCHANGE_URL",
        "IP_ALLOW_MAX_DAYS",
        "WATCH_EVERY",
        "HTTP_PORT",
    ]


def test_an_empty_value_counts_as_not_set(environment: Environment) -> None:
    environment.set(SLACK_MODE="", HTTP_PORT="", ALERT_CHANNEL="", CLIENT_CERTIFICATE="", CLIENT_CERTIFICATE_FILE="")
    loaded = env.load_all()
    assert loaded.slack.slack_mode == "socket"
    assert loaded.server.http_port == 8080
    assert loaded.slack.alert_channel is None
    environment.set(TENANT_ID="")
    assert one_problem() == "PORTCULLIS_TENANT_ID is missing."


@pytest.mark.parametrize("value", [",", " , ,", ";"])
def test_approvers_that_name_nobody_are_wrong(environment: Environment, value: str) -> None:
    environment.set(APPROVERS=value)
    assert "PORTCULLIS_APPROVERS: names nobody" in one_problem()


def test_names_may_be_separated_as_people_do_and_count_once(environment: Environment) -> None:
    environment.set(APPROVERS=" U0ONE1, U0TWO2;S0GROUP\tU0ONE1 ")
    assert env.load_all().slack.approvers == ("U0ONE1", "U0TWO2", "S0GROUP")


@pytest.mark.parametrize("value", ["@approver", "approver@contoso.com", "C0CHANNEL", "u0lower", "U0ONE1,everyone"])
def test_handles_addresses_and_channels_are_no_people(environment: Environment, value: str) -> None:
    environment.set(APPROVERS=value)
    assert "neither a user id" in one_problem()


def test_http_mode_needs_the_signing_secret_and_no_app_token(environment: Environment) -> None:
    environment.set(SLACK_MODE="http", SLACK_APP_TOKEN=None)
    assert "PORTCULLIS_SLACK_SIGNING_SECRET is missing" in one_problem()
    environment.set(SLACK_SIGNING_SECRET=secrets.token_hex(16))
    assert env.load_all().slack.slack_mode == "http"


def test_a_wrong_mode_is_one_problem_and_not_two(environment: Environment) -> None:
    environment.set(SLACK_MODE="https", SLACK_APP_TOKEN=None)
    assert one_problem().startswith("PORTCULLIS_SLACK_MODE:")


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value",
    [
        "http://127.0.0.1:8420/x",
        "http://127.9.9.9",
        "http://[::1]:80",
        "http://localhost:1",
        "http://LOCALHOST",
        "https://contoso.com",
    ],
)
def test_plain_http_for_loopback_and_https_for_all(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    env.load_all()


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value",
    [
        "http://contoso.com",
        "http://128.0.0.1",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.contoso.com",
        "http://127.0.0.1.contoso.com",
        "http://[::2]",
        "ftp://127.0.0.1",
        "contoso.com",
        "https://",
        "https://[::1",
        "https://contoso.com:port",
        "https://contoso.com#x",
        "https://somebody@contoso.com",
    ],
)
def test_other_addresses_are_refused(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}:")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("90", timedelta(seconds=90)),
        (" 5m ", timedelta(minutes=5)),
    ],
)
def test_durations(environment: Environment, value: str, meant: timedelta) -> None:
    environment.set(WATCH_EVERY=value)
    assert env.load_all().policy.watch_every == meant


@pytest.mark.parametrize("value", ["soon", "-5m", "5 fortnights", "0s", "1.5h", "P1D", "9999999999999d", "999999999w"])
def test_what_is_no_duration(environment: Environment, value: str) -> None:
    environment.set(WATCH_EVERY=value)
    assert one_problem().startswith("PORTCULLIS_WATCH_EVERY:")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("8-18", (time(8), time(18))),
        ("08:30-17:00", (time(8, 30), time(17))),
        ("22 – 6", (time(22), time(6))),
        ("0-24", (time(), time())),
    ],
)
def test_working_hours(environment: Environment, value: str, meant: tuple[time, time]) -> None:
    environment.set(WORKING_HOURS=value)
    assert read_hours(env.load_all().calling.working_hours) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sun-Thu", {6, 0, 1, 2, 3}),
        ("mon, wed,sat", {0, 2, 5}),
        ("sat", {5}),
        ("mon-sun", set(range(7))),
    ],
)
def test_working_days(environment: Environment, value: str, meant: set[int]) -> None:
    environment.set(WORKING_DAYS=value)
    assert read_days(env.load_all().calling.working_days) == meant


@pytest.mark.parametrize(
    ("value", "meant"), [("mon 8", (0, 8)), ("Fri  16:00", (4, 16)), ("sun 0", (6, 0)), ("OFF", None)]
)
def test_once_a_week(environment: Environment, value: str, meant: tuple[int, int] | None) -> None:
    environment.set(POSTURE_SUMMARY=value)
    assert read_weekly(env.load_all().policy.posture_summary) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1h, 4h, 1d, 2d", (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=2))),
        ("30m 30m", (timedelta(minutes=30), timedelta(minutes=30))),
        ("Never", ()),
    ],
)
def test_waits(environment: Environment, value: str, meant: tuple[timedelta, ...]) -> None:
    environment.set(REMIND_AFTER=value)
    assert read_waits(env.load_all().calling.remind_after) == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("WORKING_HOURS", value) for value in ("nine to five", "8", "8-25", "24:01-6", "8:60-18")),
        *(("WORKING_DAYS", value) for value in ("weekdays", "mon-", "mon-fry", ",")),
        *(("POSTURE_SUMMARY", value) for value in ("weekly", "mon", "mon 24", "monday 8", "mon 8:30")),
        *(("REMIND_AFTER", value) for value in ("4h, 1h", "soon", "30s", "1h,,soon")),
        ("ESCALATE_BEFORE", "1s"),
        ("ESCALATE_TO", "@oncall"),
    ],
)
def test_what_says_nothing_of_when_and_whom_to_call(environment: Environment, name: str, value: str) -> None:
    environment.set(**{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}:")


@pytest.mark.parametrize("name", [name for name in URLS if name != "AUDIT_WEBHOOK_URL"])
def test_what_something_is_put_behind_takes_no_query(environment: Environment, name: str) -> None:
    environment.set(**{name: "https://contoso.com?x=1"})
    assert one_problem() == f"PORTCULLIS_{name}: an address here carries no query."


@pytest.mark.parametrize(
    "url",
    [
        "https://collector.example/hook",
        "https://collector.example/hook/",
        "https://collector.example/hook?api-version=1",
    ],
)
def test_the_webhook_is_called_at_the_address_that_was_given(environment: Environment, url: str) -> None:
    environment.set(AUDIT_WEBHOOK_URL=url, AUDIT_WEBHOOK_SECRET="only for this test")
    assert env.load_all().anchor.audit_webhook_url == url


@pytest.mark.parametrize("value", ["U0OPERATOR", "the help desk (ext. 4711)", "Helpdesk,  Gebäude 3"])
def test_whom_people_ask_is_an_id_or_any_text(environment: Environment, value: str) -> None:
    environment.set(CONTACT=value)
    assert env.load_all().slack.contact == " ".join(value.split())


@pytest.mark.parametrize("value", ["the help desk\u202e", "x" * 81])
def test_whom_people_ask_can_be_shown(environment: Environment, value: str) -> None:
    environment.set(CONTACT=value)
    assert one_problem().startswith("PORTCULLIS_CONTACT:")


def test_unknown_names_are_found(environment: Environment) -> None:
    environment.set(APROVERS="U0ONE1", APPROVERS_FILE="/somewhere", SLACK_BOT_TOKEN_FILE="")
    environment.set_bare("portcullis_http_port", "1")
    environment.set_bare("PORTCULIS_TENANT_ID", "2")
    environment.set_bare("PORTFOLIO_TENANT_ID", "of another program")
    assert [(unknown.name, unknown.meant) for unknown in env.unknown_names()] == [
        ("PORTCULIS_TENANT_ID", "PORTCULLIS_TENANT_ID"),
        ("PORTCULLIS_APPROVERS_FILE", "PORTCULLIS_APPROVERS"),
        ("PORTCULLIS_APROVERS", "PORTCULLIS_APPROVERS"),
        ("portcullis_http_port", "PORTCULLIS_HTTP_PORT"),
    ]


@pytest.mark.parametrize(
    ("missing", "given"),
    [
        ("PORTCULLIS_TENANT_ID", "PORTCULLIS_TENNANT_ID"),
        ("PORTCULLIS_TENANT_ID", "PORTCULIS_TENANT_ID"),
        ("PORTCULLIS_TENANT_ID", "TENANT_ID"),
        ("PORTCULLIS_TENANT_ID", "portcullis_tenant_id"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_SLACK_BOTTOKEN"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_BOT_TOKEN"),
        ("PORTCULLIS_SLACK_BOT_TOKEN", "PORTCULLIS_SLACK_BOTTOKEN_FILE"),
        ("PORTCULLIS_SLACK_APP_TOKEN", "PORTCULLIS_SLACK_APPTOKEN"),
        ("PORTCULLIS_SLACK_APP_TOKEN", "SLACK_APP_TOKEN_FILE"),
    ],
)
def test_what_is_missing_is_told_with_the_name_by_which_it_was_probably_meant(
    environment: Environment, missing: str, given: str
) -> None:
    environment.set(**{missing.removeprefix(env.PREFIX): ""})
    environment.set_bare(given, "a value that nobody is to see")
    problem = one_problem()
    assert problem.startswith(f"{missing} is missing")
    assert problem.endswith(f" {given} is set: did you mean {missing}?")
    assert "nobody is to see" not in problem


def test_a_name_that_is_like_no_setting_is_told_without_a_guess(environment: Environment) -> None:
    environment.set(TENANT_ID="")
    environment.set_bare("PORTCULLIS_XYZZY", "1")
    assert one_problem() == "PORTCULLIS_TENANT_ID is missing."
    assert [(unknown.name, unknown.meant) for unknown in env.unknown_names()] == [("PORTCULLIS_XYZZY", None)]


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
    ("way", "missing"),
    [
        (None, "CLIENT_CERTIFICATE"),
        ("auto", "CLIENT_CERTIFICATE"),
        ("certificate", "CLIENT_CERTIFICATE"),
        ("secret", "CLIENT_SECRET"),
        ("workload-identity", "FEDERATED_TOKEN_FILE"),
    ],
)
def test_what_a_way_to_sign_in_needs(environment: Environment, way: str | None, missing: str) -> None:
    environment.set(CLIENT_SECRET=None, SIGN_IN=way)
    line = one_problem()
    assert line.startswith(f"PORTCULLIS_{missing} is missing")
    if missing == "CLIENT_CERTIFICATE" and way != "certificate":
        for choice in ("CLIENT_SECRET", "FEDERATED_TOKEN_FILE", "managed-identity"):
            assert choice in line
    environment.set(CLIENT_ID=None)
    assert [problem.split()[0].rstrip(":") for problem in problems()] == [
        "PORTCULLIS_CLIENT_ID",
        f"PORTCULLIS_{missing}",
    ]


def test_a_way_that_is_named_needs_its_own_credential(environment: Environment) -> None:
    environment.set(SIGN_IN="certificate")
    assert one_problem().startswith("PORTCULLIS_CLIENT_CERTIFICATE is missing")
    environment.set(SIGN_IN="psychic")
    assert one_problem().startswith("PORTCULLIS_SIGN_IN: ")


def test_a_managed_identity_needs_no_credential_and_no_client_id(environment: Environment) -> None:
    environment.set(SIGN_IN="managed-identity", CLIENT_SECRET=None, CLIENT_ID=None)
    settings = tenant_settings(env.load_all().tenant)
    assert (settings.signs_in_with, settings.client_id) == (SignIn.MANAGED_IDENTITY, None)


@pytest.mark.parametrize(("given", "taken"), [(None, 20), ("5", 5), ("1000", 1000)])
def test_the_tenant_is_called_as_often_as_the_operator_says(
    environment: Environment, given: str | None, taken: int
) -> None:
    environment.set(CALLS_PER_SECOND=given)
    assert tenant_settings(env.load_all().tenant).calls_per_second == taken


@pytest.mark.parametrize("given", ["0", "-1", "1001", "many", "2.5"])
def test_how_often_the_tenant_is_called_is_a_number_that_it_can_take(environment: Environment, given: str) -> None:
    environment.set(CALLS_PER_SECOND=given)
    assert one_problem().startswith("PORTCULLIS_CALLS_PER_SECOND: ")


def test_the_federated_tokens_file_by_our_setting_or_by_azures(environment: Environment, tmp_path: Path) -> None:
    environment.set(CLIENT_SECRET=None)
    environment.set_bare("AZURE_FEDERATED_TOKEN_FILE", tmp_path / "azure")
    settings = tenant_settings(env.load_all().tenant)
    assert settings.signs_in_with is SignIn.WORKLOAD_IDENTITY
    assert settings.federated_token_file == str(tmp_path / "azure")
    environment.set(FEDERATED_TOKEN_FILE=tmp_path / "own", SIGN_IN="workload-identity")
    assert tenant_settings(env.load_all().tenant).federated_token_file == str(tmp_path / "own")
    assert env.unknown_names() == []


def test_the_token_itself_in_its_files_place_is_refused_and_not_repeated(environment: Environment) -> None:
    token = f"eyJ{secrets.token_urlsafe(30)}.{secrets.token_urlsafe(30)}.{secrets.token_urlsafe(30)}"
    environment.set(FEDERATED_TOKEN_FILE=token)
    line = one_problem()
    assert line.startswith("PORTCULLIS_FEDERATED_TOKEN_FILE: is no path")
    assert token not in line


def test_direct_allows_and_submissions_are_off_until_somebody_says_on(environment: Environment) -> None:
    rules = build_rules(env.load_all().policy)
    assert (rules.direct_allow, rules.submissions) == (False, False)
    environment.set(DIRECT_ALLOW="on", SUBMISSIONS="ON")
    rules = build_rules(env.load_all().policy)
    assert (rules.direct_allow, rules.submissions) == (True, True)
    environment.set(DIRECT_ALLOW="yes", SUBMISSIONS="off")
    assert one_problem() == "PORTCULLIS_DIRECT_ALLOW: write on or off."


LEAD_ALONE = 'does = ["note"]\nlists = ["url"]\napprovers = ["U0LEAD"]'
BOTH_NEEDED = 'does = ["note", "block"]\nlists = ["url"]\napprovers = ["U0LEAD", "U0APPROVE1"]\napprovals = 2'
THREE_NEEDED = 'does = ["block", "allow", "note"]\nlists = ["url"]\napprovals = 3'
ADD_LEAD = " Add U0LEAD to PORTCULLIS_APPROVERS, or change the rules."


@pytest.mark.parametrize(
    ("approvers", "rule", "said"),
    [
        ("U0APPROVE1,S0GROUP", LEAD_ALONE, None),
        ("U0APPROVE1,U0LEAD", LEAD_ALONE, None),
        (
            "U0APPROVE1",
            LEAD_ALONE,
            "“note” on url takes 1 approval, and nobody in PORTCULLIS_APPROVERS may decide on it." + ADD_LEAD,
        ),
        (
            "U0APPROVE1",
            BOTH_NEEDED,
            "“block” on url takes 2 approvals, and only 1 of PORTCULLIS_APPROVERS may decide on it."
            " 1 other kind of change has the same problem." + ADD_LEAD,
        ),
        (
            "U0APPROVE1,U0LEAD",
            THREE_NEEDED,
            "“block” on url takes 3 approvals, and only 2 of PORTCULLIS_APPROVERS may decide on it."
            " 2 other kinds of change have the same problem." + ADD_LEAD.replace("U0LEAD", "more people"),
        ),
    ],
)
def test_rules_by_which_nobody_could_ever_decide(
    environment: Environment, tmp_path: Path, approvers: str, rule: str, said: str | None
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f'[[approval]]\nname = "L"\n{rule}\n')
    environment.set(RULES_FILE=file, APPROVERS=approvers)
    if said is None:
        assert build_rules(env.load_all().policy).approvers[0].name == "L"
    else:
        with pytest.raises(SettingsError) as caught:
            env.load_all()
        assert caught.value.problems == (f"PORTCULLIS_RULES_FILE: by the rules, {said}",)


def test_a_wrong_file_of_rules_is_a_wrong_setting(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[approval]]\nname = "One"\nlist = ["ip"]\napprovals = 0\n')
    environment.set(RULES_FILE=file)
    with pytest.raises(SettingsError) as caught:
        env.load_all()
    assert caught.value.problems == (
        "PORTCULLIS_RULES_FILE: [[approval]] 1 “One”, key approvals: has to be 1 or more.",
        "PORTCULLIS_RULES_FILE: [[approval]] 1 “One”, key list: there is no such key; did you mean lists?",
    )


@pytest.mark.parametrize("cloud", ["gcc-high", "dod"])
def test_submissions_in_a_cloud_that_takes_none(environment: Environment, cloud: str) -> None:
    environment.set(CLOUD=cloud)
    assert env.load_all().tenant.cloud == cloud
    environment.set(SUBMISSIONS="on")
    line = one_problem()
    assert line.startswith("PORTCULLIS_SUBMISSIONS: ")
    assert f"PORTCULLIS_CLOUD is {cloud}" in line
    environment.set(CLOUD="world")
    assert env.load_all().policy.submissions


@pytest.mark.parametrize(("name", "value"), [("AUDIT_LOG", "on"), ("MAIL_FIGURES", "trace"), ("MAIL_FIGURES", "both")])
def test_what_microsoft_offers_in_the_worldwide_cloud_only(environment: Environment, name: str, value: str) -> None:
    environment.set(CLOUD="gcc-high", **{name: value})
    assert one_problem().startswith(f"PORTCULLIS_{name}: ")
    environment.set(CLOUD="world")
    assert env.load_all().tenant.cloud == "world"


@pytest.mark.parametrize("cloud", ["gcc-high", "dod"])
def test_hunting_is_offered_in_every_cloud(environment: Environment, cloud: str) -> None:
    environment.set(CLOUD=cloud, MAIL_FIGURES="hunting")
    assert env.load_all().looking.mail_figures == "hunting"


def test_what_can_be_looked_at_beside_the_lists_is_off(environment: Environment) -> None:
    looking = env.load_all().looking
    assert (looking.audit_log, looking.overrides, looking.mail_figures, looking.who_is) == (False, False, "off", False)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("192.0.2.53:5353, [2001:db8::53]:53", [("192.0.2.53", 5353), ("2001:db8::53", 53)]),
        ("2001:db8::53 [2001:db8::54]", [("2001:db8::53", 53), ("2001:db8::54", 53)]),
    ],
)
def test_resolvers_are_addresses_each_perhaps_with_a_port(
    environment: Environment, given: str, read: list[tuple[str, int]]
) -> None:
    environment.set(DNS_SERVERS=given)
    assert list(read_servers(env.load_all().looking.dns_servers)) == read


@pytest.mark.parametrize(
    "given", ["dns.example", "192.0.2.999", "192.0.2.53:0", "192.0.2.53:99999", "[x]:53", "::1:::"]
)
def test_resolvers_that_are_none(environment: Environment, given: str) -> None:
    environment.set(DNS_SERVERS=given)
    assert one_problem().startswith("PORTCULLIS_DNS_SERVERS: ")


def test_authorities_that_cannot_be_read_are_told_with_the_rest(environment: Environment, tmp_path: Path) -> None:
    environment.set_bare("SSL_CERT_FILE", tmp_path / "missing.pem")
    environment.set_bare("REQUESTS_CA_BUNDLE", Path(__file__))
    environment.set(APPROVERS=",")
    lines = problems()
    assert [line.split(":")[0] for line in lines] == ["PORTCULLIS_APPROVERS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]


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


@pytest.mark.parametrize(
    "value",
    ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "postgresql://host", "nonsense", "sqlite:///x?y=1"],
)
def test_a_database_that_cannot_be_used_is_a_wrong_setting(environment: Environment, value: str) -> None:
    environment.set(DATABASE_URL=value)
    assert one_problem().startswith("PORTCULLIS_DATABASE_URL: ")
    with pytest.raises(SettingsError):
        env.load(env.DatabaseSettings)


def test_one_part_needs_no_other(bare: Environment) -> None:
    assert env.load(env.DatabaseSettings).database_url == "sqlite:///portcullis.sqlite3"
    bare.set(TENANT_ID="contoso.com", CLIENT_ID="app", CLIENT_SECRET=secrets.token_hex(8))
    assert env.load(env.TenantSettings).cloud == "world"


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


def test_nothing_is_handed_on_unsigned(environment: Environment) -> None:
    environment.set(AUDIT_WEBHOOK_URL="https://contoso.com/log", AUDIT_WEBHOOK_SECRET=None)
    assert one_problem().startswith("PORTCULLIS_AUDIT_WEBHOOK_SECRET is missing")
