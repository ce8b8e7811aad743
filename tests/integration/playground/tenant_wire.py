"""A tenant stand-in behind a real server on loopback, and a client that speaks its wire."""

from __future__ import annotations

import secrets
import socket
import ssl
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn

from bot.playground.plain_http import NO_AUTHORITIES
from bot.playground.prompt_server import PromptServer
from bot.playground.tenant import TenantStandIn

EXCHANGE_SCOPE = "https://outlook.office365.com/.default"
ITEMS = "TenantAllowBlockListItems"
FILTER = "HostedConnectionFilterPolicy"
SPOOF = "TenantAllowBlockListSpoofItems"


@dataclass
class Wire:
    """What a well-behaved client of the tenant does."""

    stand_in: TenantStandIn
    base_url: str
    http: httpx.Client
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    _token: str = field(default="", repr=False)

    def sign_in(self, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": EXCHANGE_SCOPE,
        } | changes
        sent = {name: value for name, value in form.items() if value}
        return self.http.post(f"/tenant/authority/{self.tenant_id}/oauth2/v2.0/token", data=sent)

    def token(self) -> str:
        if not self._token:
            self._token = self.sign_in().json()["access_token"]
        return self._token

    def forget_token(self) -> None:
        self._token = ""

    @property
    def url(self) -> str:
        return f"/tenant/exchange/adminapi/beta/{self.tenant_id}/InvokeCommand"

    def headers(self, cmdlet: str, *, page_size: int = 1000) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token()}",
            "Content-Type": "application/json",
            "Prefer": f"odata.maxpagesize={page_size}",
            "X-AnchorMailbox": f"APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{self.tenant_id}",
            "X-CmdletName": cmdlet,
            "client-request-id": str(uuid.uuid4()),
        }

    def post(self, cmdlet: str, *, page_size: int = 1000, **parameters: object) -> httpx.Response:
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        return self.http.post(self.url, json=body, headers=self.headers(cmdlet, page_size=page_size))

    def run(self, cmdlet: str, **parameters: object) -> dict[str, Any]:
        """The body of an answer that went well."""
        answer = self.post(cmdlet, **parameters)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def refused(self, cmdlet: str, *, status: int = 400, **parameters: object) -> str:
        """The service's words for a call that it refused; the whole tree has to be as documented."""
        answer = self.post(cmdlet, **parameters)
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        inner = error["innererror"]["internalexception"]
        assert error["message"] == "Invalid Operation"
        assert error["details"][0]["message"] == f"|{inner['type']}|{inner['message']}"
        text: str = inner["message"]
        return text

    def values(self, list_type: str, **filters: object) -> list[str]:
        return [entry["Value"] for entry in self.run(f"Get-{ITEMS}", ListType=list_type, **filters)["value"]]

    def policy(self, name: str = "Default") -> dict[str, Any]:
        policy: dict[str, Any] = self.run(f"Get-{FILTER}", Identity=name)["value"][0]
        return policy

    def page(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON the page gives
        answer = self.http.request(method, f"/api/tenant{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def arm(self, kind: str, **more: object) -> None:
        self.page("POST", "/faults", {"kind": kind, **more})

    def remarks(self) -> list[str]:
        return [remark["text"] for remark in self.page("GET", "/remarks")]


def new_stand_in(
    *,
    plan: Literal["none", "plan1", "plan2"] = "plan1",
    accepted_domains: Sequence[str] = ("contoso.example",),
    expired_listed_for: timedelta = timedelta(hours=1),
) -> TenantStandIn:
    return TenantStandIn(
        tenant_id=str(uuid.uuid4()),
        client_id=str(uuid.uuid4()),
        client_secret=secrets.token_urlsafe(24),
        plan=plan,
        accepted_domains=accepted_domains,
        expired_listed_for=expired_listed_for,
    )


@contextmanager
def served(
    stand_in: TenantStandIn, *, certificate: Path | None = None, verify: ssl.SSLContext = NO_AUTHORITIES
) -> Iterator[Wire]:
    """The stand-in over HTTP, or over HTTPS when `certificate` names a PEM with key and chain."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Without it each answer waits 40 ms for an acknowledgement: asyncio sets it on sockets that it made itself.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = PromptServer(
            uvicorn.Config(
                stand_in.app(),
                log_level="warning",
                log_config=None,
                lifespan="off",
                ws="none",
                ssl_certfile=certificate or None,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        scheme = "https" if certificate else "http"
        base_url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        settings = stand_in.environment(base_url)
        try:
            with httpx.Client(base_url=base_url, verify=verify, timeout=10) as http:
                yield Wire(
                    stand_in=stand_in,
                    base_url=base_url,
                    http=http,
                    tenant_id=settings["PORTCULLIS_TENANT_ID"],
                    client_id=settings["PORTCULLIS_CLIENT_ID"],
                    client_secret=settings["PORTCULLIS_CLIENT_SECRET"],
                )
        finally:
            server.end()
            thread.join()


def hashtable(**edits: object) -> Mapping[str, object]:
    return {"@odata.type": "#Exchange.GenericHashTable", **edits}


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
