"""Exchange Online's admin endpoint as a client without any knowledge of the bot speaks to it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from bot.domain.lists.comparison import same_value
from bot.domain.lists.traits import ListName
from bot.tenant.access import TenantAccess, is_loopback

ITEMS = "TenantAllowBlockListItems"
SPOOF = "TenantAllowBlockListSpoofItems"
FILTER = "HostedConnectionFilterPolicy"
LIST_TYPES = ("Sender", "Url", "FileHash", "IP")
LIST_OF_TYPE = {name.traits.list_type: name for name in ListName if name.traits.list_type}

#: Every read that the bot makes.
READS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (f"Get-{FILTER}", {}),
    *((f"Get-{ITEMS}", {"ListType": list_type}) for list_type in LIST_TYPES),
    (f"Get-{SPOOF}", {}),
    ("Get-AcceptedDomain", {}),
)

Record = dict[str, Any]

_MOST_TRIES = 5


@dataclass(frozen=True)
class Refusal:
    """What the service said no with: its status, and its own words in the three places where they can stand."""

    status: int
    message: str
    detail: str
    inner: str

    @property
    def words(self) -> str:
        return self.inner or self.detail or self.message


class Bearer(httpx.Auth):
    """The token, apart from the headers: what a failing check prints of a call must not hold it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __repr__(self) -> str:
        return "<bearer token>"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Service:
    """One tenant's endpoint. `patience` (seconds) is how long a write may take until it shows."""

    def __init__(self, settings: TenantAccess, *, token: str, patience: float) -> None:
        self.tenant_id = settings.tenant_id
        self.base = f"{settings.exchange_base}/adminapi"
        self._bearer = Bearer(token)
        self._patience = patience
        self._http = httpx.Client(
            verify=settings.trust(), timeout=60, trust_env=not is_loopback(httpx.URL(settings.exchange_base))
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def url(self) -> str:
        return f"{self.base}/beta/{self.tenant_id}/InvokeCommand"

    def headers(self, cmdlet: str, *, page_size: int = 1000) -> dict[str, str]:
        mailbox = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"
        return {
            "Content-Type": "application/json",
            "Prefer": f"odata.maxpagesize={page_size}",
            "X-AnchorMailbox": f"APP:{mailbox}@{self.tenant_id}",
            "X-CmdletName": cmdlet,
            "client-request-id": str(uuid.uuid4()),
        }

    def post(
        self,
        cmdlet: str,
        *,
        url: str | None = None,
        page_size: int = 1000,
        authorization: str | None = None,
        **parameters: object,
    ) -> httpx.Response:
        """One call. A throttled one is sent again when the service says so: it was not taken.

        `authorization` takes the place of the token.
        """
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        headers = self.headers(cmdlet, page_size=page_size)
        if authorization is not None:
            headers["Authorization"] = authorization
        for _ in range(_MOST_TRIES):
            answer = self._http.post(
                url or self.url, json=body, headers=headers, auth=self._bearer if authorization is None else None
            )
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", "5")), 60))
        return answer

    def run(self, cmdlet: str, **parameters: object) -> dict[str, Any]:
        """The body of a call that has to go well."""
        answer = self.post(cmdlet, **parameters)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def read(self, cmdlet: str, *, page_size: int = 1000, **parameters: object) -> list[Record]:
        """Every record, over all pages."""
        answer = self.post(cmdlet, page_size=page_size, **parameters)
        records: list[Record] = []
        while True:
            assert answer.status_code == 200, answer.text
            body = answer.json()
            records += body["value"]
            link = body.get("@odata.nextLink")
            if not link:
                return records
            answer = self.post(cmdlet, url=link, page_size=page_size, **parameters)

    def refusal(self, cmdlet: str, **parameters: object) -> Refusal:
        """What the service says to a call that it has to refuse."""
        answer = self.post(cmdlet, **parameters)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        details = error.get("details") or [{}]
        inner = (error.get("innererror") or {}).get("internalexception") or {}
        return Refusal(
            status=answer.status_code,
            message=error.get("message", ""),
            detail=details[0].get("message", "").split("|", 2)[-1],
            inner=inner.get("message", ""),
        )

    def entry(self, list_type: str, value: str) -> Record | None:
        """The entry of the block list that has this value, however the service spells it."""
        records = self.read(f"Get-{ITEMS}", ListType=list_type)
        name = LIST_OF_TYPE[list_type]
        return next((record for record in records if same_value(name, record["Value"], value)), None)

    def pair(self, user: str) -> Record | None:
        """The spoof pair of this user."""
        return next((pair for pair in self.read(f"Get-{SPOOF}") if pair["SpoofedUser"].lower() == user.lower()), None)

    def policy(self) -> Record:
        """The default connection filter policy."""
        policies = self.read(f"Get-{FILTER}")
        return next((policy for policy in policies if policy.get("IsDefault")), policies[0])

    def eventually(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something shows: a write can take a moment, and only against a real tenant."""
        until = time.monotonic() + self._patience
        while not holds():
            assert time.monotonic() < until, f"not within {self._patience:g} s: {what}"
            time.sleep(2)
