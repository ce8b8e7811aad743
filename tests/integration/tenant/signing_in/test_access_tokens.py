"""Signing in with msal at an authority on loopback: secret and certificate, http and https, and what goes wrong."""

from __future__ import annotations

import asyncio
import base64
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.domain.lists.traits import ListName
from bot.errors import SettingsError, SignInFailed, TenantError, TenantUnavailable, Throttled
from bot.tenant.access import Cloud, TenantAccess
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.signing_in.credential import read_certificate
from tests.integration.tenant.conftest import SettingsFor
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, Scripted, serving

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def make_certificate(key: PrivateKey, *, days: int = 365) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portcullis")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def key_pem(key: PrivateKey, password: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def tokens_for() -> AsyncIterator[Callable[[TenantAccess], AccessTokens]]:
    built: list[AccessTokens] = []

    def build(settings: TenantAccess) -> AccessTokens:
        built.append(AccessTokens(settings))
        return built[-1]

    yield build
    for tokens in built:
        await tokens.close()


TokensFor = Callable[[TenantAccess], AccessTokens]


def entra_error(code: int, status: int = 401) -> Response:
    return JSONResponse(
        {
            "error": "invalid_client",
            "error_description": f"AADSTS{code}: Something is wrong. Trace ID: x Correlation ID: y",
            "error_codes": [code],
        },
        status_code=status,
    )


async def test_a_secret_signs_in(service: Scripted, settings: TenantAccess, tokens_for: TokensFor) -> None:
    token = await tokens_for(settings).token()

    assert token == service.issued[0]
    (form,) = service.token_forms
    assert form["grant_type"] == "client_credentials"
    assert form["client_id"] == CLIENT_ID
    assert form["client_secret"] == settings.secret
    assert form["scope"] == "https://outlook.office365.com/.default"
    assert service.discoveries == [f"/{TENANT_ID}/v2.0/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("cloud", "scope"),
    [
        (Cloud.WORLD, "https://outlook.office365.com/.default"),
        (Cloud.GCC_HIGH, "https://outlook.office365.us/.default"),
        (Cloud.DOD, "https://outlook-dod.office365.us/.default"),
    ],
)
async def test_the_scope_belongs_to_the_cloud(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor, cloud: Cloud, scope: str
) -> None:
    await tokens_for(replace(settings, cloud=cloud)).token()
    assert service.token_forms[0]["scope"] == scope


@pytest.mark.parametrize("certificate_first", [False, True])
async def test_a_certificate_signs_in(
    service: Scripted,
    settings: TenantAccess,
    tokens_for: TokensFor,
    key: rsa.RSAPrivateKey,
    certificate_first: bool,
) -> None:
    certificate = make_certificate(key)
    other = make_certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    parts = [key_pem(key), certificate_pem(other), certificate_pem(certificate)]
    pem = b"".join(reversed(parts) if certificate_first else parts)

    await tokens_for(replace(settings, certificate=pem, secret=None)).token()

    (form,) = service.token_forms
    assert "client_secret" not in form
    assertion = form["client_assertion"]
    header = jwt.get_unverified_header(assertion)
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode()
    assert header["alg"] == "PS256"
    assert header["x5t#S256"] == thumbprint
    assert len(header["x5c"]) == 1
    claims = jwt.decode(assertion, key.public_key(), algorithms=["PS256"], options={"verify_aud": False})
    assert claims["iss"] == claims["sub"] == CLIENT_ID
    assert claims["aud"].endswith(f"/{TENANT_ID}/oauth2/v2.0/token")


async def test_an_authority_over_https_with_a_private_certificate_authority(
    settings_for: SettingsFor, tokens_for: TokensFor, tmp_path: Path
) -> None:
    authority = trustme.CA()
    pem = tmp_path / "service.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    context = ssl.create_default_context()
    authority.configure_trust(context)

    async with serving(certificate=pem) as service:
        trusting = tokens_for(settings_for(service.url, ssl_context=context))
        assert await trusting.token() == service.issued[0]

        with pytest.raises(TenantUnavailable, match="CERTIFICATE_VERIFY_FAILED") as caught:
            await tokens_for(settings_for(service.url)).token()
        assert "SSL_CERT_FILE" in caught.value.remedy
        assert len(service.token_forms) == 1


async def test_the_usual_variable_for_certificate_authorities_counts_on_loopback_too(
    settings_for: SettingsFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    pem, trusted = tmp_path / "service.pem", tmp_path / "authority.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    authority.cert_pem.write_to_path(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with serving(certificate=pem) as service:
        tenant = Tenant(settings_for(service.url))
        try:
            assert await tenant.read_list(ListName.URL) == ()
        finally:
            await tenant.close()


async def test_a_loopback_address_is_never_reached_through_a_proxy(
    service: Scripted, settings: TenantAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
        monkeypatch.setenv(name.lower(), "http://192.0.2.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    tenant = Tenant(settings)
    try:
        assert await tenant.read_list(ListName.URL) == ()
    finally:
        await tenant.close()


async def test_an_authority_named_localhost(service: Scripted, settings: TenantAccess, tokens_for: TokensFor) -> None:
    service.url = service.url.replace("127.0.0.1", "localhost")
    assert await tokens_for(replace(settings, authority_url=service.url)).token() == service.issued[0]


async def test_an_authority_with_a_path_keeps_it(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    await tokens_for(replace(settings, authority_url=f"{service.url}/another-tenant/")).token()
    assert service.discoveries == ["/another-tenant/v2.0/.well-known/openid-configuration"]


async def test_a_discovery_document_with_https_addresses_works_too(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    service.token_url = f"{service.url.replace('http://', 'https://')}/{TENANT_ID}/oauth2/v2.0/token"
    assert await tokens_for(settings).token() == service.issued[0]


async def test_the_credential_goes_to_no_other_host(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    async with serving() as elsewhere:
        service.token_url = f"{elsewhere.url.replace('http://', 'https://')}/{TENANT_ID}/oauth2/v2.0/token"
        with pytest.raises(SignInFailed, match="not followed"):
            await tokens_for(settings).token()
        assert elsewhere.token_forms == []


async def test_construction_calls_nobody(service: Scripted, settings: TenantAccess, tokens_for: TokensFor) -> None:
    tokens_for(settings)
    assert service.discoveries == []


async def test_a_token_is_kept_and_fetched_once_for_many(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    tokens = tokens_for(settings)
    given = await asyncio.gather(*(tokens.token() for _ in range(8)))
    assert set(given) == {service.issued[0]}
    assert len(service.token_forms) == len(service.discoveries) == 1


async def test_a_refused_token_is_replaced_once_for_many(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    tokens = tokens_for(settings)
    old = await tokens.token()
    given = await asyncio.gather(*(tokens.token(refused=old) for _ in range(8)))
    assert len(service.issued) == 2
    assert set(given) == {service.issued[1]}
    assert await tokens.token() == service.issued[1]


@pytest.mark.parametrize(
    ("code", "status", "what", "remedy"),
    [
        (7000215, 401, "secret is wrong", "CLIENT_SECRET"),
        (7000222, 401, "secret has expired", "certificate"),
        (700016, 400, "isn't in this tenant", "CLIENT_ID"),
        (90002, 400, "no such tenant", "TENANT_ID"),
        (700027, 401, "certificate isn't one", "Upload"),
        (123456, 400, "Something is wrong", "sign-in logs"),
    ],
)
async def test_what_entra_says_is_explained(
    service: Scripted,
    settings: TenantAccess,
    tokens_for: TokensFor,
    code: int,
    status: int,
    what: str,
    remedy: str,
) -> None:
    service.token_queue.append(entra_error(code, status))
    with pytest.raises(SignInFailed, match=what) as caught:
        await tokens_for(settings).token()
    assert f"AADSTS{code}" in caught.value.what
    assert remedy in caught.value.remedy
    assert "Trace ID" not in str(caught.value)
    assert settings.secret is not None
    assert settings.secret not in str(caught.value) + repr(caught.value)


async def test_an_unknown_tenant_shows_at_discovery(
    service: Scripted, settings: TenantAccess, tokens_for: TokensFor
) -> None:
    service.discovery_answer = entra_error(90002, 400)
    with pytest.raises(SignInFailed, match="AADSTS90002"):
        await tokens_for(settings).token()


@pytest.mark.parametrize("at_discovery", [False, True])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Response(status_code=503), TenantUnavailable),
        (Response(status_code=429, headers={"Retry-After": "7"}), Throttled),
        (PlainTextResponse("<html>Please sign in to the guest network</html>"), TenantUnavailable),
        (JSONResponse({"odd": True}), TenantUnavailable),
        (JSONResponse([1]), TenantUnavailable),
        (Response(status_code=302, headers={"Location": "https://elsewhere.example/"}), TenantUnavailable),
    ],
    ids=["503", "429", "html", "odd", "list", "redirect"],
)
async def test_an_authority_that_cannot_be_used_now(
    service: Scripted,
    settings: TenantAccess,
    tokens_for: TokensFor,
    answer: Response,
    kind: type[TenantError],
    at_discovery: bool,
) -> None:
    if at_discovery:
        service.discovery_answer = answer
    else:
        service.token_queue.append(answer)
    tokens = tokens_for(settings)
    with pytest.raises(kind) as caught:
        await tokens.token()
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == 7

    service.discovery_answer = None
    assert await tokens.token() == service.issued[0]


async def test_an_authority_that_is_not_there(settings_for: SettingsFor, tokens_for: TokensFor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TenantUnavailable, match="can't be reached"):
        await tokens_for(settings_for(f"http://127.0.0.1:{port}")).token()


async def test_nothing_to_sign_in_with(settings: TenantAccess, tokens_for: TokensFor) -> None:
    with pytest.raises(SignInFailed, match="nothing to sign in with"):
        await tokens_for(replace(settings, secret=None)).token()


def test_certificates_that_cannot_be_used(key: rsa.RSAPrivateKey) -> None:
    certificate = certificate_pem(make_certificate(key))
    stranger = certificate_pem(make_certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    curve = ec.generate_private_key(ec.SECP256R1())
    for pem, reason in (
        (b"", "no private key"),
        (b"junk", "no private key"),
        (certificate, "no private key"),
        (key_pem(key), "a key only"),
        (key_pem(key) + stranger, "don't belong together"),
        (key_pem(key, password=secrets.token_bytes(8)) + certificate, "encrypted"),
        (key_pem(curve) + certificate_pem(make_certificate(curve)), "not RSA"),
    ):
        with pytest.raises(SignInFailed, match=reason) as caught:
            read_certificate(pem)
        assert "BEGIN" not in str(caught.value)


def test_nothing_secret_is_shown(key: rsa.RSAPrivateKey, settings_for: SettingsFor) -> None:
    pem = key_pem(key) + certificate_pem(make_certificate(key))
    settings = settings_for("http://127.0.0.1:1", certificate=pem)
    assert settings.secret is not None
    for shown in (repr(settings), repr(read_certificate(pem)), repr(AccessTokens(settings))):
        assert settings.secret not in shown
        assert "PRIVATE" not in shown
        assert "CERTIFICATE" not in shown


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://exchange.example", "https"),
        ("ftp://127.0.0.1", "must be an address"),
        ("exchange.example", "must be an address"),
        ("https://user:word@exchange.example", "user name"),
        ("https://exchange.example:port", "no address"),
    ],
)
def test_addresses_that_cannot_be_used(url: str, problem: str, settings_for: SettingsFor) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_for(url)
    assert len(caught.value.problems) == 2
    assert all(problem in line for line in caught.value.problems)


@pytest.mark.parametrize(
    ("cloud", "authority", "exchange"),
    [
        (Cloud.WORLD, "https://login.microsoftonline.com", "https://outlook.office365.com"),
        (Cloud.GCC_HIGH, "https://login.microsoftonline.us", "https://outlook.office365.us"),
        (Cloud.DOD, "https://login.microsoftonline.us", "https://outlook-dod.office365.us"),
    ],
)
def test_the_addresses_of_the_clouds(cloud: Cloud, authority: str, exchange: str) -> None:
    settings = TenantAccess(tenant_id=TENANT_ID, client_id=CLIENT_ID, cloud=cloud)
    assert settings.authority == f"{authority}/{TENANT_ID}"
    assert settings.exchange_base == exchange
