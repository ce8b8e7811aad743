"""The tenant's audit log through Microsoft Graph, as a client without any knowledge of the bot asks it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx
import pytest

from bot.tenant.access import TenantAccess, is_loopback
from tests.contract.service import Bearer, Record

#: Source: Microsoft Graph v1.0, "auditLogQuery resource type".
STATUSES = {"notStarted", "running", "succeeded", "failed", "cancelled", "unknownFutureValue"}


class AuditLog:
    """One tenant's. `patience` (seconds) is how long a question may run; 0: it runs at once, and no record is late."""

    def __init__(self, settings: TenantAccess, *, token: str, patience: float) -> None:
        self.patience = patience
        self._base = f"{settings.graph_base}/v1.0/security/auditLog/queries"
        self._http = httpx.Client(
            auth=Bearer(token),
            verify=settings.trust(),
            timeout=60,
            trust_env=not is_loopback(httpx.URL(settings.graph_base)),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(self, operations: Iterable[str]) -> dict[str, Any]:
        """Leave a question about some cmdlets within the last hour; skipped where the caller may not ask."""
        now = datetime.now(UTC)
        body = {
            "@odata.type": "#microsoft.graph.security.auditLogQuery",
            "displayName": "Portcullis contract",
            "filterStartDateTime": _wire(now - timedelta(hours=1)),
            "filterEndDateTime": _wire(now + timedelta(minutes=5)),
            "recordTypeFilters": ["exchangeAdmin"],
            "operationFilters": sorted(operations),
        }
        answer = self._http.post(self._base, json=body)
        if answer.status_code == 403:
            pytest.skip("the caller has no right to ask the audit log")
        assert answer.status_code == 201, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def get(self, path: str) -> httpx.Response:
        """What is there: a path below the questions, or a whole address."""
        return self._http.get(path if path.startswith("http") else self._base + path)

    def run(self, operations: Iterable[str]) -> str:
        """Leave a question, and wait until it has run; skipped where that takes too long. Returns its id."""
        number = str(self.ask(operations)["id"])
        until = time.monotonic() + self.patience
        while (status := self.get(f"/{number}").json()["status"]) != "succeeded":
            assert status in STATUSES - {"failed", "cancelled"}
            if time.monotonic() > until:
                pytest.skip(f"the question hadn't run after {self.patience:g} s")
            time.sleep(5)
        return number

    def records(self, number: str) -> list[Record]:
        """The records of a question that has run, over all pages."""
        found: list[Record] = []
        path = f"/{number}/records"
        while path:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            found += answer.json()["value"]
            path = answer.json().get("@odata.nextLink", "")
        return found


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
