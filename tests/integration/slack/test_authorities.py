"""The usual variables for certificate authorities, by the bot's own classes, over real https."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import settings as env
from bot.bootstrap import build_tenant
from bot.domain.lists.traits import ListName
from bot.errors import SlackUnavailable, TenantUnavailable
from bot.slack.client import call, respond, web_client
from bot.tls import outside_context
from tests.integration.tenant.scripted import serving, serving_app
from tests.support.scripted_slack import ok, raw, scripted_slack

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "REQUESTS_CA_BUNDLE as a folder")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES[:3]:
        monkeypatch.delenv(name, raising=False)


def trust(authority: trustme.CA, variable: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variable, as a file or as a folder the way OpenSSL wants it: each certificate under its hash."""
    name, _, as_folder = variable.partition(" ")
    place = folder / "authority.pem"
    authority.cert_pem.write_to_path(place)
    if as_folder or name == "SSL_CERT_DIR":
        hashed = folder / "authorities"
        hashed.mkdir()
        command = ["openssl", "x509", "-hash", "-noout", "-in", str(place)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed command
        shutil.copy(place, hashed / f"{found.stdout.strip()}.0")
        place = hashed
    monkeypatch.setenv(name, str(place))


@pytest.mark.parametrize("variable", VARIABLES)
async def test_slack_its_response_urls_the_sign_in_and_the_tenant_believe_them(
    variable: str, authority: trustme.CA, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(authority, variable, tmp_path, monkeypatch)
    async with scripted_slack(certificate=certificate) as slack:
        slack.answers |= {"auth.test": ok(team_id="T0X"), "hook": raw("ok", content_type="text/plain")}
        client = web_client("token", api_url=slack.api_url, context=outside_context())
        assert (await call(client, "auth.test"))["team_id"] == "T0X"
        await respond(f"{slack.url}/hook", {"text": "x"}, tls=outside_context())
    async with serving(certificate=certificate) as service:
        for name in ("EXCHANGE_URL", "AUTHORITY_URL"):
            monkeypatch.setenv(f"PORTCULLIS_{name}", service.url)
        for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"):
            monkeypatch.setenv(f"PORTCULLIS_{name}", secrets.token_hex(8))
        tenant = build_tenant(env.load(env.TenantSettings), env.load(env.LookingSettings))
        try:
            assert await tenant.read_list(ListName.URL) == ()
        finally:
            await tenant.close()
        assert service.token_forms
        assert service.received


async def test_an_authority_that_nobody_named_is_not_believed(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with serving_app(app, certificate=certificate) as url:
        with pytest.raises(SlackUnavailable, match="Certificate"):
            await call(web_client("token", api_url=url, context=outside_context()), "auth.test")
        with pytest.raises(SlackUnavailable):
            await respond(url, {"text": "x"}, tls=outside_context())
        for name in ("EXCHANGE_URL", "AUTHORITY_URL"):
            monkeypatch.setenv(f"PORTCULLIS_{name}", url)
        for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"):
            monkeypatch.setenv(f"PORTCULLIS_{name}", secrets.token_hex(8))
        tenant = build_tenant(env.load(env.TenantSettings), env.load(env.LookingSettings))
        try:
            with pytest.raises(TenantUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
                await tenant.sign_in()
        finally:
            await tenant.close()
