"""Signing in to the stand-in: discovery, client secrets, client assertions, and Entra's error codes."""

from __future__ import annotations

import base64
import ssl
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import msal
import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.playground.tenant.tenant import Roles
from tests.integration.playground.tenant_wire import EXCHANGE_SCOPE, Wire, new_stand_in, served


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    return shared


class Credential:
    """A key and a self-signed certificate for it."""

    def __init__(self, *, days: int = 30) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portcullis")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .sign(self.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        self.key_pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def assertion(self, wire: Wire, **changes: object) -> str:
        now = datetime.now(UTC)
        claims: dict[str, object] = {
            "aud": f"{wire.base_url}/tenant/authority/{wire.tenant_id}/oauth2/v2.0/token",
            "iss": wire.client_id,
            "sub": wire.client_id,
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "exp": now + timedelta(minutes=10),
        } | changes
        thumbprint = base64.urlsafe_b64encode(self.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
        return jwt.encode(claims, self.key_pem, algorithm="PS256", headers={"x5t#S256": thumbprint})


@pytest.fixture(scope="module")
def credential(shared: Wire) -> Credential:
    credential = Credential()
    shared.stand_in.register_certificate(credential.pem)
    return credential


def with_assertion(assertion: str) -> dict[str, str]:
    return {
        "client_secret": "",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }


def test_discovery_names_endpoints_on_the_host_that_was_asked(wire: Wire) -> None:
    base = f"{wire.base_url}/tenant/authority/{wire.tenant_id}"
    found = wire.http.get(f"{base}/v2.0/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert found["authorization_endpoint"] == f"{base}/oauth2/v2.0/authorize"
    assert found["issuer"] == f"{base}/v2.0"


def test_a_secret_gets_a_bearer_token(wire: Wire) -> None:
    answer = wire.sign_in()
    assert answer.status_code == 200
    grant = answer.json()
    assert grant["token_type"] == "Bearer"
    assert grant["expires_in"] == 3599
    assert wire.client_secret not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert wire.sign_in().json()["access_token"] != grant["access_token"]


@pytest.mark.parametrize(
    ("changes", "status", "code", "error"),
    [
        ({"client_secret": "wrong"}, 401, 7000215, "invalid_client"),
        ({"client_secret": ""}, 401, 7000218, "invalid_client"),
        ({"client_id": str(uuid.UUID(int=1))}, 400, 700016, "unauthorized_client"),
        ({"scope": "https://outlook.office365.com/Exchange.ManageAsApp"}, 400, 70011, "invalid_scope"),
        ({"scope": f"{EXCHANGE_SCOPE} openid"}, 400, 70011, "invalid_scope"),
        ({"scope": "outlook/.default"}, 400, 70011, "invalid_scope"),
        ({"scope": "https://other.example/.default"}, 400, 500011, "invalid_resource"),
        ({"scope": ""}, 400, 900144, "invalid_request"),
        ({"grant_type": ""}, 400, 900144, "invalid_request"),
        ({"grant_type": "password"}, 400, 70003, "unsupported_grant_type"),
        ({"client_assertion": "x.y.z"}, 400, 900144, "invalid_request"),
    ],
)
def test_what_is_wrong_has_its_code(wire: Wire, changes: dict[str, str], status: int, code: int, error: str) -> None:
    answer = wire.sign_in(**changes)
    body = answer.json()
    assert answer.status_code == status
    assert body["error"] == error
    assert body["error_codes"] == [code]
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)


@pytest.mark.parametrize("path", ["oauth2/v2.0/token", "v2.0/.well-known/openid-configuration"])
def test_an_unknown_tenant_is_refused(wire: Wire, path: str) -> None:
    method = "POST" if path.endswith("token") else "GET"
    answer = wire.http.request(method, f"/tenant/authority/{uuid.uuid4()}/{path}")
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


def test_an_assertion_by_a_registered_certificate_gets_a_token(wire: Wire, credential: Credential) -> None:
    answer = wire.sign_in(**with_assertion(credential.assertion(wire)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["access_token"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, 700024),
        ({"nbf": datetime(2100, 1, 1, tzinfo=UTC)}, 700024),
        ({"sub": "somebody-else"}, 700021),
        ({"iss": "somebody-else"}, 700021),
        ({"aud": "https://login.example/other"}, 700023),
    ],
)
def test_an_assertion_has_to_say_the_right_things(
    wire: Wire, credential: Credential, changes: dict[str, object], code: int
) -> None:
    answer = wire.sign_in(**with_assertion(credential.assertion(wire, **changes)))
    assert answer.status_code == 401
    assert answer.json()["error_codes"] == [code]


def test_an_assertion_by_an_unknown_certificate_is_refused(wire: Wire) -> None:
    answer = wire.sign_in(**with_assertion(Credential().assertion(wire)))
    assert answer.json()["error_codes"] == [700027]


def test_an_assertion_signed_with_another_key_is_refused(wire: Wire, credential: Credential) -> None:
    other = Credential()
    other.certificate = credential.certificate
    answer = wire.sign_in(**with_assertion(other.assertion(wire)))
    assert answer.json()["error_codes"] == [700027]


def test_an_expired_certificate_is_refused(wire: Wire) -> None:
    expired = Credential(days=-1)
    wire.stand_in.register_certificate(expired.pem)
    answer = wire.sign_in(**with_assertion(expired.assertion(wire)))
    assert answer.json()["error_codes"] == [1000502]


def test_what_is_no_assertion_is_refused(wire: Wire) -> None:
    assert wire.sign_in(**with_assertion("not-a-token")).json()["error_codes"] == [50027]


def test_msal_signs_in_over_https_with_secret_and_with_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, bundle = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(bundle))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    credential = Credential()
    stand_in = new_stand_in()
    stand_in.register_certificate(credential.pem)
    with served(stand_in, certificate=certificate, verify=trust) as wire, requests.Session() as session:
        session.verify = str(bundle)
        session.trust_env = False
        for secret in (
            wire.client_secret,
            {"private_key": credential.key_pem.decode(), "public_certificate": credential.pem.decode()},
        ):
            client = msal.ConfidentialClientApplication(
                wire.client_id,
                client_credential=secret,
                authority=f"{wire.base_url}/tenant/authority/{wire.tenant_id}",
                instance_discovery=False,
                http_client=session,
            )
            granted = client.acquire_token_for_client([EXCHANGE_SCOPE])
            assert "access_token" in granted, granted.get("error_description")


def claims(wire: Wire, **changes: str) -> dict[str, object]:
    token = wire.sign_in(**changes).json()["access_token"]
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_a_token_names_the_app_roles_that_the_app_has_there(wire: Wire) -> None:
    graph = "https://graph.microsoft.com/.default"
    assert claims(wire)["roles"] == ["Exchange.ManageAsApp"]
    assert claims(wire, scope=graph)["roles"] == [
        "ThreatSubmission.ReadWrite.All",
        "ExchangeMessageTrace.Read.All",
        "ThreatHunting.Read.All",
    ]
    assert claims(wire, scope=graph)["aud"] == "https://graph.microsoft.com"
    wire.stand_in.set_roles(Roles(app_role=False, graph_role=False))
    assert "roles" not in claims(wire)
    assert "ThreatSubmission.ReadWrite.All" not in str(claims(wire, scope=graph)["roles"])
    assert claims(wire)["tid"] == wire.tenant_id


def test_a_token_with_other_claims_is_an_unknown_one(wire: Wire) -> None:
    """What a token says is only for looking: it is good because it was issued."""
    header, _, signature = wire.token().split(".")
    forged = jwt.encode({"roles": ["Exchange.ManageAsApp"]}, wire.client_secret).split(".")[1]
    answer = wire.http.post(wire.url, headers={"Authorization": f"Bearer {header}.{forged}.{signature}"}, json={})
    assert answer.status_code == 401


def test_a_graph_token_is_no_good_at_exchange(wire: Wire) -> None:
    token = wire.sign_in(scope="https://graph.microsoft.com/.default").json()["access_token"]
    answer = wire.http.post(wire.url, headers={"Authorization": f"Bearer {token}"}, json={})
    assert answer.status_code == 401


def test_a_token_stops_working_when_it_expires(wire: Wire) -> None:
    wire.forget_token()
    wire.run("Get-AcceptedDomain")
    wire.page("POST", "/clock", {"advance_seconds": 3600})
    assert wire.post("Get-AcceptedDomain").status_code == 401
    wire.forget_token()
    wire.run("Get-AcceptedDomain")
