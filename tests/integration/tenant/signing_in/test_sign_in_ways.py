"""Every way to sign in, against the stand-in over HTTP: PFX, federated tokens, managed identities; Graph too."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import secrets
import sys
import traceback
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import logs
from bot.domain.lists.traits import ListName
from bot.errors import SignInFailed, TenantError, TenantUnavailable, Throttled
from bot.playground.tenant.federation import AUDIENCE, FederatedCredential
from bot.playground.tenant.standin import TenantStandIn
from bot.tenant.access import Cloud, SignIn, TenantAccess
from bot.tenant.exchange.tenant import Tenant
from bot.tenant.signing_in.access_tokens import AccessTokens
from bot.tenant.signing_in.claims import unverified_claims, unverified_roles
from bot.tenant.signing_in.identity_endpoint import IMDS, IdentityClient
from tests.integration.tenant.conftest import QUICK
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, serving_app
from tests.integration.tenant.signing_in.test_access_tokens import certificate_pem, key_pem, make_certificate
from tests.support.log_as_before import log_as_before
from tests.support.stand_ins import access_to

ISSUER = "https://oidc.cluster.example/0001/"
SUBJECT = "system:serviceaccount:portcullis:bot"
USER_ASSIGNED = str(uuid.UUID(int=7))

AZURE_VARIABLES = (
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "AZUREPS_HOST_ENVIRONMENT",
)

TokensFor = Callable[..., AccessTokens]


@dataclass(frozen=True)
class Azure:
    """The stand-in, where it is, and settings without a credential."""

    standin: TenantStandIn
    url: str
    settings: TenantAccess
    patch: pytest.MonkeyPatch

    def on_a_machine(self, **changes: str | None) -> TenantAccess:
        for name, value in self.standin.machine_environment(self.url).items():
            self.patch.setenv(name, value)
        return replace(self.settings, sign_in=SignIn.MANAGED_IDENTITY, **changes)

    def in_app_service(self, **changes: str | None) -> TenantAccess:
        for name, value in self.standin.app_service_environment(self.url).items():
            self.patch.setenv(name, value)
        return replace(self.settings, sign_in=SignIn.MANAGED_IDENTITY, **changes)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the identity of the machine that it runs on."""
    for name in AZURE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def azure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Azure]:
    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16))
    async with serving_app(standin.app()) as url:
        settings = access_to(standin.environment(url), patience=QUICK, secret=None)
        yield Azure(standin, url, settings, monkeypatch)


@pytest.fixture
async def tokens_for() -> AsyncIterator[TokensFor]:
    built: list[AccessTokens] = []

    def build(settings: TenantAccess, **more: str) -> AccessTokens:
        built.append(AccessTokens(settings, **more))
        return built[-1]

    yield build
    for tokens in built:
        await tokens.close()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


async def reads(settings: TenantAccess) -> bool:
    """Whether the token is good for reading a list."""
    tenant = Tenant(settings)
    try:
        return await tenant.read_list(ListName.URL) == ()
    finally:
        await tenant.close()


async def refused(tokens: AccessTokens, kind: type[TenantError] = SignInFailed) -> TenantError:
    with pytest.raises(kind) as caught:
        await tokens.token()
    return caught.value


# Certificates


async def test_a_pfx_signs_in(azure: Azure, key: rsa.RSAPrivateKey) -> None:
    certificate, password = make_certificate(key), secrets.token_hex(12)
    azure.standin.register_certificate(certificate_pem(certificate))
    protection = serialization.BestAvailableEncryption(password.encode())
    pfx = pkcs12.serialize_key_and_certificates(b"portcullis", key, certificate, None, protection)
    assert await reads(replace(azure.settings, certificate=pfx, certificate_password=password))


async def test_an_encrypted_pem_signs_in(azure: Azure, key: rsa.RSAPrivateKey) -> None:
    certificate, password = certificate_pem(make_certificate(key)), secrets.token_hex(12)
    azure.standin.register_certificate(certificate)
    pem = key_pem(key, password.encode()) + certificate
    assert await reads(replace(azure.settings, certificate=pem, certificate_password=password))


# Which way


def way(**given: object) -> SignIn | None:
    return TenantAccess(tenant_id=TENANT_ID, client_id=CLIENT_ID, **given).signs_in_with  # type: ignore[arg-type]


def test_auto_takes_the_first_that_is_set_and_never_a_managed_identity() -> None:
    everything = {"certificate": b"x", "secret": "x", "federated_token_file": "x"}
    assert way(**everything) is SignIn.CERTIFICATE
    assert way(**{**everything, "certificate": None}) is SignIn.SECRET
    assert way(federated_token_file="x") is SignIn.WORKLOAD_IDENTITY
    assert way() is None
    assert way(**everything, sign_in=SignIn.MANAGED_IDENTITY) is SignIn.MANAGED_IDENTITY
    assert way(**everything, sign_in=SignIn.SECRET) is SignIn.SECRET


@pytest.mark.parametrize("named", [SignIn.AUTO, SignIn.CERTIFICATE, SignIn.SECRET, SignIn.WORKLOAD_IDENTITY])
async def test_a_way_that_nothing_is_set_for(azure: Azure, tokens_for: TokensFor, named: SignIn) -> None:
    azure.standin.assign_identity()
    azure.on_a_machine()
    error = await refused(tokens_for(replace(azure.settings, sign_in=named)))
    assert "nothing to sign in with" in error.what
    for choice in ("CLIENT_CERTIFICATE", "CLIENT_SECRET", "FEDERATED_TOKEN_FILE", "managed-identity"):
        assert choice in error.remedy
    assert azure.standin.identity_calls() == []


async def test_only_a_managed_identity_needs_no_client_id(azure: Azure, tokens_for: TokensFor) -> None:
    error = await refused(tokens_for(replace(azure.settings, client_id=None, secret=secrets.token_hex(8))))
    assert "CLIENT_ID" in error.remedy


# Workload identity federation


@dataclass(frozen=True)
class Cluster:
    """Somebody else who issues tokens, and the file that it writes them into."""

    key: rsa.RSAPrivateKey
    file: Path

    def write(self, **changes: object) -> str:
        now = datetime.now(UTC)
        claims: dict[str, object] = {
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": [AUDIENCE],
            "iat": now,
            "exp": now + timedelta(hours=1),
            "jti": str(uuid.uuid4()),
        } | changes
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        self.file.write_text(f"{token}\n")
        return token


@pytest.fixture
def cluster(azure: Azure, key: rsa.RSAPrivateKey, tmp_path: Path) -> Cluster:
    azure.standin.trust_issuer(FederatedCredential(issuer=ISSUER, subject=SUBJECT, key=key.public_key()))
    return Cluster(key, tmp_path / "azure-identity-token")


def in_the_cluster(azure: Azure, cluster: Cluster) -> TenantAccess:
    return replace(azure.settings, federated_token_file=str(cluster.file))


async def test_a_federated_token_signs_in(azure: Azure, cluster: Cluster) -> None:
    cluster.write()
    assert await reads(in_the_cluster(azure, cluster))


async def test_the_file_is_read_anew_for_each_sign_in(azure: Azure, cluster: Cluster, tokens_for: TokensFor) -> None:
    cluster.write()
    tokens = tokens_for(in_the_cluster(azure, cluster))
    first = await tokens.token()
    cluster.write(exp=datetime.now(UTC) - timedelta(hours=1))
    assert await tokens.token() == first, "a token that is good needs no file"
    with pytest.raises(SignInFailed, match="AADSTS700024"):
        await tokens.token(refused=first)
    cluster.write()
    assert await tokens.token(refused=first) != first
    cluster.file.unlink()
    azure.standin.revoke_tokens()
    with pytest.raises(SignInFailed, match="can't be read"):
        await tokens.token(refused=await tokens.token())


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"iss": "https://other.example/"}, 700211, "issuer"),
        ({"sub": "system:serviceaccount:other:bot"}, 700213, "subject"),
        ({"aud": "https://other.example"}, 700212, "audience"),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, 700024, "renewed"),
    ],
)
async def test_a_federated_token_that_does_not_fit(
    azure: Azure, cluster: Cluster, tokens_for: TokensFor, changes: dict[str, object], code: int, words: str
) -> None:
    token = cluster.write(**changes)
    error = await refused(tokens_for(in_the_cluster(azure, cluster)))
    assert f"AADSTS{code}" in error.what
    assert words in str(error)
    assert token not in str(error) + repr(error) + error.service_text


async def test_a_token_that_somebody_else_signed(azure: Azure, cluster: Cluster, tokens_for: TokensFor) -> None:
    stranger = Cluster(rsa.generate_private_key(public_exponent=65537, key_size=2048), cluster.file)
    stranger.write()
    assert "AADSTS50013" in (await refused(tokens_for(in_the_cluster(azure, cluster)))).what


@pytest.mark.parametrize("content", [b"", b"not a token", b"\xff\xfe\x00", b"a.b.c " * 20_000])
async def test_a_file_without_a_token(azure: Azure, cluster: Cluster, tokens_for: TokensFor, content: bytes) -> None:
    cluster.file.write_bytes(content)
    error = await refused(tokens_for(in_the_cluster(azure, cluster)))
    assert "holds no token" in error.what
    assert "FEDERATED_TOKEN_FILE" in error.remedy


async def test_the_token_in_the_place_of_its_path_is_not_repeated(azure: Azure, tokens_for: TokensFor) -> None:
    token = f"{secrets.token_urlsafe(20)}.{secrets.token_urlsafe(400)}.{secrets.token_urlsafe(200)}"
    error = await refused(tokens_for(replace(azure.settings, federated_token_file=token)))
    assert token not in str(error) + repr(error)


# Managed identity


@pytest.mark.parametrize("place", ["machine", "App Service"])
@pytest.mark.parametrize("client_id", [None, USER_ASSIGNED], ids=["system-assigned", "user-assigned"])
async def test_a_managed_identity_signs_in(azure: Azure, place: str, client_id: str | None) -> None:
    azure.standin.assign_identity(client_id)
    enter = azure.on_a_machine if place == "machine" else azure.in_app_service
    assert await reads(enter(client_id=client_id))
    (asked,) = azure.standin.identity_calls()
    assert asked == {
        "api-version": "2018-02-01" if place == "machine" else "2019-08-01",
        "resource": "https://outlook.office365.com",
        **({"client_id": client_id} if client_id else {}),
    }


async def test_the_tokens_end_is_known_in_both_places(azure: Azure, tokens_for: TokensFor) -> None:
    azure.standin.assign_identity(CLIENT_ID)
    for enter in (azure.on_a_machine, azure.in_app_service):
        grant = await tokens_for(enter()).grant()
        assert grant.expires is not None
        assert timedelta(minutes=58) < grant.expires - datetime.now(UTC) <= timedelta(hours=1)
        assert grant.token not in repr(grant)


async def test_the_endpoint_keeps_tokens_and_the_bot_keeps_them_too(azure: Azure, tokens_for: TokensFor) -> None:
    azure.standin.assign_identity(CLIENT_ID)
    tokens = tokens_for(azure.on_a_machine())
    first = await tokens.token()
    assert set(await asyncio.gather(*(tokens.token() for _ in range(5)))) == {first}
    assert len(azure.standin.identity_calls()) == 1
    assert await tokens.token(refused=first) == first, "the endpoint gives its own again"
    assert len(azure.standin.identity_calls()) == 2
    azure.standin.revoke_tokens()
    assert await tokens.token(refused=first) != first


@pytest.mark.parametrize("place", ["machine", "App Service"])
async def test_an_identity_that_the_machine_does_not_have(azure: Azure, tokens_for: TokensFor, place: str) -> None:
    azure.standin.assign_identity()
    enter = azure.on_a_machine if place == "machine" else azure.in_app_service
    error = await refused(tokens_for(enter(client_id=USER_ASSIGNED)))
    assert ("Identity not found" if place == "machine" else "Unable to load") in error.what
    assert "CLIENT_ID" in error.remedy


async def test_the_endpoints_secret_stays_hidden(azure: Azure, tokens_for: TokensFor) -> None:
    settings = azure.in_app_service()
    header = secrets.token_hex(16)
    azure.patch.setenv("IDENTITY_HEADER", header)
    tokens = tokens_for(settings)
    error = await refused(tokens)
    assert "401" in error.what
    azure.patch.setenv("IDENTITY_HEADER", f"{header}\n")
    broken = await refused(tokens, TenantUnavailable)
    for shown in (str(error), repr(error), error.service_text, str(broken), repr(broken), repr(tokens), repr(settings)):
        assert header not in shown


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Response(status_code=404), TenantUnavailable),
        (Response(status_code=410), TenantUnavailable),
        (Response(status_code=500), TenantUnavailable),
        (Response(status_code=429, headers={"Retry-After": "3"}), Throttled),
        (PlainTextResponse("Please sign in to the guest network."), TenantUnavailable),
        (JSONResponse([1]), TenantUnavailable),
        (JSONResponse({"access_token": "x", "expires_in": "soon"}), TenantUnavailable),
        (JSONResponse({"odd": True}), TenantUnavailable),
        (Response(status_code=302, headers={"Location": "https://elsewhere.example/"}), TenantUnavailable),
        (JSONResponse({"error": "invalid_request", "error_description": "No."}, status_code=400), SignInFailed),
    ],
    ids=["404", "410", "500", "429", "text", "list", "seconds", "odd", "redirect", "400"],
)
async def test_an_endpoint_that_cannot_be_used_now(
    azure: Azure, tokens_for: TokensFor, answer: Response, kind: type[TenantError]
) -> None:
    asked: list[Request] = []

    async def scripted(request: Request) -> Response:
        asked.append(request)
        return answer if len(asked) == 1 else JSONResponse({"access_token": "good", "expires_in": "3600"})

    async with serving_app(Starlette(routes=[Route("/metadata/identity/oauth2/token", scripted)])) as url:
        azure.patch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", url)
        tokens = tokens_for(replace(azure.settings, sign_in=SignIn.MANAGED_IDENTITY))
        error = await refused(tokens, kind)
        if isinstance(error, Throttled):
            assert error.retry_after == 3
        assert await tokens.token() == "good", "one failure is not kept"


async def test_no_endpoint_at_all(azure: Azure, tokens_for: TokensFor) -> None:
    azure.patch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")
    error = await refused(tokens_for(replace(azure.settings, sign_in=SignIn.MANAGED_IDENTITY)), TenantUnavailable)
    assert "only on Azure" in error.remedy


@pytest.mark.parametrize(
    "address",
    [
        "http://metadata.example",
        "http://203.0.113.7",
        "http://169.254.169.253",
        "http://10.0.0.1",
        "http://172.16.5.3:8081",
        f"http://{IMDS}.example",
        "ftp://127.0.0.1",
    ],
)
async def test_plain_http_goes_no_further_than_the_machine_and_imds(
    azure: Azure, tokens_for: TokensFor, address: str
) -> None:
    azure.patch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", address)
    error = await refused(tokens_for(replace(azure.settings, sign_in=SignIn.MANAGED_IDENTITY)))
    assert "isn't asked over plain http" in error.what


@pytest.mark.parametrize(
    ("endpoint", "is_near"),
    [
        ("http://127.0.0.1:41741/msi/token/", True),
        ("http://localhost:42356/msi/token", True),
        ("http://169.254.129.3:8081/msi/token", True),
        ("http://172.16.5.3:8081/msi/token", True),
        ("https://identity.example/token", True),
        ("http://203.0.113.7:8081/msi/token", False),
        ("http://identity.example/token", False),
    ],
)
def test_where_app_service_may_have_its_endpoint(
    azure: Azure, endpoint: str, is_near: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged without a call: most of these addresses lead nowhere here."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint)
    client = IdentityClient(replace(azure.settings, patience=replace(azure.settings.patience, connect=0.01, read=0.01)))
    try:
        with pytest.raises(TenantUnavailable if is_near else SignInFailed):
            client.get(endpoint)
        with pytest.raises(SignInFailed):
            client.post(endpoint)
    finally:
        client.close()


async def test_an_identity_endpoint_is_never_reached_through_a_proxy(azure: Azure) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        azure.patch.setenv(name, "http://192.0.2.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        azure.patch.delenv(name, raising=False)
    azure.standin.assign_identity(CLIENT_ID)
    assert await reads(azure.on_a_machine())


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        (("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"), "Service Fabric"),
        (("MSI_ENDPOINT", "MSI_SECRET"), "Machine Learning"),
        (("IDENTITY_ENDPOINT", "IMDS_ENDPOINT"), "Azure Arc"),
    ],
)
async def test_kinds_of_identity_that_are_not_supported(
    azure: Azure, tokens_for: TokensFor, variables: tuple[str, ...], named: str
) -> None:
    for name in variables:
        azure.patch.setenv(name, "https://identity.example")
    error = await refused(tokens_for(replace(azure.settings, sign_in=SignIn.MANAGED_IDENTITY)))
    assert named in error.what
    assert "certificate" in error.remedy


# Secrets


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log at its most talkative, and everything as it was afterwards."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with log_as_before():
        logs.configure("DEBUG")
        yield stream


@pytest.mark.parametrize("good", [True, False], ids=["good", "refused"])
async def test_no_secret_of_any_way_is_logged_or_shown(
    azure: Azure, cluster: Cluster, tokens_for: TokensFor, key: rsa.RSAPrivateKey, log: io.StringIO, good: bool
) -> None:
    certificate, password = make_certificate(key), secrets.token_hex(12)
    protection = serialization.BestAvailableEncryption(password.encode())
    pfx = pkcs12.serialize_key_and_certificates(b"portcullis", key, certificate, None, protection)
    federated = cluster.write() if good else cluster.write(sub="somebody")
    secret = azure.standin.environment("")["PORTCULLIS_CLIENT_SECRET"] if good else secrets.token_hex(12)
    if good:
        azure.standin.register_certificate(certificate_pem(certificate))
        azure.standin.assign_identity(CLIENT_ID)
    settings = replace(
        azure.in_app_service(),
        certificate=pfx,
        certificate_password=password,
        secret=secret,
        federated_token_file=str(cluster.file),
    )
    header = azure.standin.app_service_environment("")["IDENTITY_HEADER"]
    hidden = [password, secret, federated, header, key_pem(key).decode()[40:90], base64.b64encode(pfx).decode()[:50]]
    shown = [repr(settings)]
    for named in (SignIn.CERTIFICATE, SignIn.SECRET, SignIn.WORKLOAD_IDENTITY, SignIn.MANAGED_IDENTITY):
        tokens = tokens_for(replace(settings, sign_in=named))
        try:
            grant = await tokens.grant()
        except SignInFailed as error:
            assert not good
            shown += [str(error), repr(error), error.service_text, "".join(traceback.format_exception(error))]
        else:
            assert good
            hidden.append(grant.token)
            shown.append(repr(grant))
        shown.append(repr(tokens))
        logging.getLogger("bot").warning("signed in by %s: %r", named, tokens)
    said = log.getvalue() + "".join(shown)
    assert "signed in by" in said
    assert not [secret for secret in hidden if secret in said]


# Microsoft Graph, and the clouds


@pytest.mark.parametrize(
    ("cloud", "exchange", "graph"),
    [
        (Cloud.WORLD, "https://outlook.office365.com", "https://graph.microsoft.com"),
        (Cloud.GCC_HIGH, "https://outlook.office365.us", "https://graph.microsoft.us"),
        (Cloud.DOD, "https://outlook-dod.office365.us", "https://dod-graph.microsoft.us"),
    ],
)
@pytest.mark.parametrize("sign_in", [SignIn.SECRET, SignIn.WORKLOAD_IDENTITY, SignIn.MANAGED_IDENTITY])
async def test_every_way_gets_a_token_for_both_services_of_every_cloud(
    azure: Azure, cluster: Cluster, tokens_for: TokensFor, cloud: Cloud, exchange: str, graph: str, sign_in: SignIn
) -> None:
    cluster.write()
    azure.standin.assign_identity(CLIENT_ID)
    settings = replace(
        azure.on_a_machine(),
        sign_in=sign_in,
        cloud=cloud,
        secret=azure.standin.environment("")["PORTCULLIS_CLIENT_SECRET"],
        federated_token_file=str(cluster.file),
    )
    assert settings.graph_base == f"{azure.url}/tenant/graph"
    assert replace(settings, graph_url=None).graph_base == graph
    of_graph = {"ThreatSubmission.ReadWrite.All", "ExchangeMessageTrace.Read.All", "ThreatHunting.Read.All"}
    for scope, resource, roles in (
        (None, exchange, {"Exchange.ManageAsApp"}),
        (settings.graph_scope, graph, of_graph),
    ):
        token = await tokens_for(settings, **({"scope": scope} if scope else {})).token()
        claims = unverified_claims(token)
        assert claims is not None
        assert claims["aud"] == resource
        assert unverified_roles(token) == roles


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c", "a.!!.c", "a.MQ.c", "a.b.c.d.e", "ä.ö.ü"])
def test_a_token_that_cannot_be_looked_into(token: str) -> None:
    assert unverified_claims(token) is None
    assert unverified_roles(token) is None
