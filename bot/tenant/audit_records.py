"""The tenant's audit log through Microsoft Graph: a query is left there, and its records are read once it has run.

Sources: Microsoft Graph v1.0, "Create auditLogQuery", "Get auditLogQuery", "List records", "auditLogRecord resource
type". Portcullis takes Exchange's records of what admins did, and of each what it understands: the rest is set aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.clock import Clock, utc_now
from bot.domain.requests.attributing import AdminRecord
from bot.errors import PermissionMissing, ValueRefused
from bot.tenant.access import Cloud, TenantAccess
from bot.tenant.calling.answers import Words
from bot.tenant.calling.graph import Graph, Object, refusals_in
from bot.tenant.optional_rights import AUDIT_LOG_PERMISSION
from bot.tenant.signing_in.access_tokens import AccessTokens

_log = structlog.get_logger(__name__)

_PATH = "security/auditLog/queries"
#: Of one record so much is looked through.
_LONGEST = 20_000

_WORDS = Words(
    service="Microsoft Graph",
    verb="call",
    sign_in="Check that the app's certificate or secret is current, and GRAPH_URL and CLOUD.",
    permission=(
        f"Give the app registration the application permission {AUDIT_LOG_PERMISSION} of Microsoft Graph (Microsoft "
        "Entra admin center, App registrations, API permissions), and grant admin consent there; or set AUDIT_LOG off."
    ),
    lost="It is asked again.",
    refused={},
    otherwise="The tenant's audit log can't be asked this way.",
)


class QueryStatus(StrEnum):
    """Where a query stands. What isn't known counts as running."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  #: or cancelled, or forgotten: it has to be left anew


class _Parameter(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(alias="Name")
    value: str | None = Field(default="", alias="Value")


class _AuditData(BaseModel):
    model_config = ConfigDict(extra="ignore")

    parameters: tuple[_Parameter, ...] = Field(default=(), alias="Parameters")
    client_ip: str | None = Field(default="", alias="ClientIP")
    user_id: str | None = Field(default="", alias="UserId")
    object_id: str | None = Field(default="", alias="ObjectId")


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = ""
    created: datetime = Field(alias="createdDateTime")
    operation: str
    user_id: str | None = Field(default="", alias="userId")
    user_name: str | None = Field(default="", alias="userPrincipalName")
    client_ip: str | None = Field(default="", alias="clientIp")
    object_id: str | None = Field(default="", alias="objectId")
    data: _AuditData = Field(default=_AuditData(), alias="auditData")


class AuditRecords:
    """The audit log of one tenant. Construction does no I/O; `close()` when done. Raises TenantErrors."""

    def __init__(self, settings: TenantAccess, *, now: Clock = utc_now) -> None:
        self._cloud = settings.cloud
        self._tokens = AccessTokens(settings, scope=settings.graph_scope)
        refusals = refusals_in(_WORDS)
        self._graph = Graph(settings=settings, tokens=self._tokens, version="v1.0", refusals=refusals, now=now)
        #: By which our own application may be named in a record.
        self.own = tuple(filter(None, (settings.client_id,)))

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()
        await self._tokens.close()

    async def leave_query(self, *, since: datetime, until: datetime, operations: Iterable[str]) -> str:
        """Ask for what admins did with some cmdlets within a time. Returns the query's id, to be looked at later.

        Raises PermissionMissing where it isn't granted, or isn't in this cloud: then nothing is sent.
        """
        if self._cloud is not Cloud.WORLD:
            raise PermissionMissing(
                f"The audit log through Microsoft Graph isn't in the cloud {self._cloud.value}.", "Set AUDIT_LOG off."
            )
        body: dict[str, object] = {
            "@odata.type": "#microsoft.graph.security.auditLogQuery",
            "displayName": "Portcullis: who changed an entry or a rule",
            "filterStartDateTime": _wire(since),
            "filterEndDateTime": _wire(until),
            "recordTypeFilters": ["exchangeAdmin"],
            "operationFilters": sorted(operations),
        }
        answer = await self._graph.create(_PATH, body)
        found = answer.get("id")
        if not isinstance(found, str) or not found.strip():
            raise ValueRefused("Microsoft Graph took a question to the audit log and named no id for it.", "")
        return found.strip()[:200]

    async def status(self, query: str) -> QueryStatus:
        """Where a query stands."""
        try:
            answer = await self._graph.one(f"{_PATH}/{quote(query, safe='')}")
        except ValueRefused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return QueryStatus.FAILED
        match str(answer.get("status", "")).lower():
            case "succeeded":
                return QueryStatus.SUCCEEDED
            case "failed" | "cancelled":
                return QueryStatus.FAILED
            case _:
                return QueryStatus.RUNNING

    async def records(self, query: str) -> tuple[AdminRecord, ...]:
        """What a query found, over all its pages. What can't be understood is set aside, and counted in the log."""
        objects = await self._graph.all(f"{_PATH}/{quote(query, safe='')}/records")
        read = [_read(each) for each in objects]
        aside = sum(record is None for record in read)
        if aside:
            _log.warning("records of the audit log set aside", count=aside)
        return tuple(record for record in read if record is not None)


def _read(given: Object) -> AdminRecord | None:
    try:
        record = _Record.model_validate(given)
    except ValidationError:
        return None
    if record.created.tzinfo is None:
        return None
    return AdminRecord(
        id=record.id[:200],
        at=record.created,
        operation=record.operation[:200],
        user=(record.user_name or record.user_id or record.data.user_id or "")[:200],
        address=(record.client_ip or record.data.client_ip or "")[:100],
        parameters={each.name[:100]: (each.value or "")[:_LONGEST] for each in record.data.parameters},
        object=(record.object_id or record.data.object_id or "")[:500],
        texts=_texts(given),
    )


def _texts(given: Mapping[str, object]) -> str:
    return json.dumps(given, default=str)[:_LONGEST]


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
