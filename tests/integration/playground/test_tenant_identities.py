"""Managed identities and federated credentials of the stand-in, as their endpoints are spoken to by hand."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.playground.tenant.federation import AUDIENCE, FederatedCredential
from tests.integration.playground.tenant_wire import Wire, new_stand_in, served

EXCHANGE = "https://outlook.office365.com"
IDENTITY = str(uuid.UUID(int=5))
ISSUER, SUBJECT = "https://oidc.cluster.example/1/", "system:serviceaccount:portcullis:bot"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        wire.stand_in.assign_identity()
        wire.stand_in.assign_identity(IDENTITY)
        yield wire


def imds(wire: Wire, *, headers: dict[str, str] | None = None, **query: str) -> httpx.Response:
    asked = {"api-version": "2018-02-01", "resource": EXCHANGE} | query
    sent = {"Metadata": "true"} if headers is None else headers
    return wire.http.get("/tenant/metadata/identity/oauth2/token", params=asked, headers=sent)


def app_service(wire: Wire, *, header: str | None = None, **query: str) -> httpx.Response:
    environment = wire.stand_in.app_service_environment(wire.base_url)
    asked = {"api-version": "2019-08-01", "resource": EXCHANGE} | query
    sent = {"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"] if header is None else header}
    return wire.http.get(environment["IDENTITY_ENDPOINT"], params=asked, headers=sent)


def works(wire: Wire, token: str) -> bool:
    body = {"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {}}}
    headers = wire.headers("Get-AcceptedDomain") | {"Authorization": f"Bearer {token}"}
    return wire.http.post(wire.url, json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("query", [{}, {"client_id": IDENTITY}, {"client_id": IDENTITY.upper()}])
def test_both_endpoints_give_tokens_that_are_good_in_exchange(wire: Wire, query: dict[str, str]) -> None:
    for answer in (imds(wire, **query), app_service(wire, **query)):
        assert answer.status_code == 200, answer.text
        grant = answer.json()
        assert grant["token_type"] == "Bearer"
        assert grant["resource"] == EXCHANGE
        assert 3500 < int(grant["expires_on"]) - time.time() < 3700
        assert isinstance(grant["expires_on"], str)
        assert works(wire, grant["access_token"])
        claims = jwt.decode(grant["access_token"], options={"verify_signature": False})
        assert claims["roles"] == ["Exchange.ManageAsApp"]
        assert claims["appid"] == (IDENTITY if query else wire.client_id)


def test_a_token_is_kept_until_it_ends(wire: Wire) -> None:
    first = imds(wire).json()["access_token"]
    assert imds(wire).json()["access_token"] == first
    assert app_service(wire).json()["access_token"] == first
    assert imds(wire, client_id=IDENTITY).json()["access_token"] != first
    wire.stand_in.advance(timedelta(hours=2))
    assert imds(wire).json()["access_token"] != first


@pytest.mark.parametrize(
    ("headers", "query", "error"),
    [
        ({}, {}, "invalid_request"),
        ({"Metadata": "false"}, {}, "invalid_request"),
        ({"Metadata": "true", "X-Forwarded-For": "203.0.113.7"}, {}, "invalid_request"),
        (None, {"api-version": "2017-01-01"}, "invalid_request"),
        (None, {"resource": ""}, "invalid_request"),
        (None, {"resource": "https://other.example"}, "invalid_resource"),
        (None, {"client_id": str(uuid.UUID(int=9))}, "invalid_request"),
    ],
)
def test_what_imds_refuses(wire: Wire, headers: dict[str, str] | None, query: dict[str, str], error: str) -> None:
    answer = imds(wire, headers=headers, **query)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


@pytest.mark.parametrize(
    ("header", "query", "status"),
    [
        ("", {}, 401),
        ("wrong", {}, 401),
        (None, {"api-version": "2018-02-01"}, 400),
        (None, {"resource": "https://other.example"}, 500),
        (None, {"client_id": str(uuid.UUID(int=9))}, 400),
    ],
)
def test_what_app_service_refuses(wire: Wire, header: str | None, query: dict[str, str], status: int) -> None:
    answer = app_service(wire, header=header, **query)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)


def test_a_machine_has_no_identity_at_first() -> None:
    with served(new_stand_in()) as wire:
        assert imds(wire).json()["error_description"] == "Identity not found"


def test_a_federated_token_is_checked_for_issuer_subject_audience_time_and_signature(wire: Wire) -> None:
    key, stranger = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    wire.stand_in.trust_issuer(FederatedCredential(issuer=ISSUER, subject=SUBJECT, key=key.public_key()))
    good = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}

    def code(signer: rsa.RSAPrivateKey = key, **changes: object) -> int | None:
        answer = wire.sign_in(
            client_secret="",
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion=jwt.encode(good | changes, signer, algorithm="RS256"),
        )
        found: int | None = None if answer.status_code == 200 else answer.json()["error_codes"][0]
        return found

    assert code() is None
    assert code(aud=[AUDIENCE]) is None
    assert code(iss="https://other.example/") == 700211
    assert code(sub="somebody") == 700213
    assert code(aud="api://other") == 700212
    assert code(exp=datetime(2020, 1, 1, tzinfo=UTC)) == 700024
    assert code(nbf=datetime(2100, 1, 1, tzinfo=UTC)) == 700024
    assert code(stranger) == 50013
