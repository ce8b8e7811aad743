"""What a tenant tells of its mail through Microsoft Graph: message traces and hunting, as a client asks for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import httpx
import pytest

from bot.tenant.access import TenantAccess, is_loopback
from tests.contract.service import Bearer, Record

#: Source: Microsoft Graph v1.0, "exchangeMessageTrace resource type".
STATUSES = {
    "gettingStatus",
    "pending",
    "failed",
    "delivered",
    "expanded",
    "quarantined",
    "filteredAsSpam",
    "unknownFutureValue",
}
TRACES = "admin/exchange/tracing/messageTraces"
HUNT = "security/runHuntingQuery"
#: Nobody has this address, in no tenant.
NOBODY = "nobody@portcullis.invalid"


class MailReports:
    """One tenant's. Each question is skipped where the caller may not ask it."""

    def __init__(self, settings: TenantAccess, *, token: str) -> None:
        self._base = f"{settings.graph_base}/v1.0/"
        self._http = httpx.Client(
            auth=Bearer(token),
            verify=settings.trust(),
            timeout=120,
            trust_env=not is_loopback(httpx.URL(settings.graph_base)),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def trace(self, where: str = "", *, days: float = 9, most: int = 1_000) -> httpx.Response:
        """The messages of the last days of which a filter is true."""
        end = datetime.now(UTC) - timedelta(minutes=2)
        since = end - timedelta(days=days)
        times = f"receivedDateTime ge {_wire(since)} and receivedDateTime le {_wire(end)}"
        query = {"$filter": f"{times} and {where}" if where else times, "$top": str(most)}
        return _allowed(self._http.get(self._base + TRACES, params=query))

    def rows(self, where: str = "", *, most: int = 1_000) -> list[Record]:
        """The rows of the first page of it."""
        answer = self.trace(where, most=most)
        assert answer.status_code == 200, answer.text
        value: list[Record] = answer.json()["value"]
        return value

    def next_of(self, answer: httpx.Response) -> httpx.Response | None:
        """The page after one; None where there is none."""
        link = answer.json().get("@odata.nextLink")
        return None if link is None else _allowed(self._http.get(link))

    def hunt(self, body: object) -> httpx.Response:
        """What a query finds."""
        return _allowed(self._http.post(self._base + HUNT, json=body))


def _allowed(answer: httpx.Response) -> httpx.Response:
    # Microsoft's own application behind message traces may not be known in the tenant, which is a 401.
    if answer.status_code in {401, 403}:
        pytest.skip("the caller has no right to ask this")
    return answer


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
