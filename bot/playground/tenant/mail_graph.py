"""Microsoft Graph's side of mail: `/graph/v1.0/admin/exchange/tracing/messageTraces` and `/security/runHuntingQuery`.

Sources: Microsoft Graph, "List messageTraces", "exchangeMessageTrace resource type", "security: runHuntingQuery";
Microsoft Defender XDR, the tables EmailEvents, EmailUrlInfo and EmailAttachmentInfo.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .connection import CutConnection
from .faults import Fault
from .grants import GRAPH_RESOURCES
from .graph_errors import FAULTY, GraphRefused, error_answer
from .headers import bearer_token, is_json
from .hunting_query import Query, QueryRefused, Row
from .mail import Mail, Message

if TYPE_CHECKING:
    from .tenant import Tenant

#: Microsoft's own application behind message traces.
TRACE_APP = "8bd644d1-64a1-4d4b-ae52-2e0cbf64e373"

_TIME = re.compile(r"receivedDateTime (ge|le) (\S+)")
_FIELD = re.compile(r"(senderAddress|recipientAddress|fromIP) eq '((?:[^']|'')*)'")
_LONGEST = timedelta(days=10)
_OLDEST = timedelta(days=90)
_MOST = 5_000

#: How a message fared, as hunting tells it: the action, and where it went.
_FATES = {
    "delivered": ("Delivered", "Inbox/folder"),
    "expanded": ("Delivered", "Inbox/folder"),
    "filteredAsSpam": ("Junked", "Junk folder"),
    "quarantined": ("Blocked", "Quarantine"),
    "failed": ("Blocked", "Failed"),
}
_PRINTED = re.compile(r"(\w+) = toscalar\(")


class MailGraph:
    """Both endpoints, over one tenant. In the journal and for faults they are `get-messageTraces` and
    `post-runHuntingQuery`."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        root = "/graph/v1.0"
        return [
            Route(f"{root}/admin/exchange/tracing/messageTraces", self._traces, methods=["GET"]),
            Route(f"{root}/security/runHuntingQuery", self._hunt, methods=["POST"]),
        ]

    async def _traces(self, request: Request) -> Response:
        rights, mail = self._tenant.mail.rights, self._tenant.mail
        asked: dict[str, object] = {name.lstrip("$"): value for name, value in request.query_params.items()}
        unknown = not rights.trace_app and f"The service principal {TRACE_APP} was not found in the tenant."
        return await self._answer(
            request,
            "get-messageTraces",
            asked,
            allowed=rights.trace,
            unknown=unknown or "",
            read=lambda: self._page(request, mail),
        )

    async def _hunt(self, request: Request) -> Response:
        body = await request.body()
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        query = asked.get("Query") if isinstance(asked, dict) else None

        def read() -> dict[str, object]:
            if not is_json(request.headers) or not isinstance(query, str):
                raise GraphRefused("The body has to be JSON with a Query.")
            try:
                return self._found(query)
            except (QueryRefused, KeyError, ValueError) as error:
                raise GraphRefused(f"Query was not successfully parsed: {error}") from None

        allowed = self._tenant.mail.rights.hunting
        return await self._answer(request, "post-runHuntingQuery", asked, allowed=allowed, unknown="", read=read)

    async def _answer(
        self,
        request: Request,
        name: str,
        asked: dict[str, object] | None,
        *,
        allowed: bool,
        unknown: str,
        read: Callable[[], dict[str, object]],
    ) -> Response:
        journal = self._tenant.journal
        fault = self._tenant.faults.take(cmdlet=name, further_page="$skiptoken" in request.query_params)
        kind = fault.kind if fault else None
        refused = self._refused_at_the_door(request, allowed=allowed, unknown=unknown)
        if refused is not None:
            return journal.answered(name, asked, error_answer(refused.status, refused.text), refused.text)
        if fault is not None and kind in FAULTY:
            return journal.answered(name, asked, _faulty(fault), f"fault {kind}")
        if kind in {"drop_before", "drop_after"}:
            journal.cut(name, asked, "connection cut")
            return CutConnection()
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.delay)
        try:
            return journal.answered(name, asked, JSONResponse(read()), "")
        except GraphRefused as refusal:
            return journal.answered(name, asked, error_answer(refusal.status, refusal.text), refusal.text)

    def _refused_at_the_door(self, request: Request, *, allowed: bool, unknown: str) -> GraphRefused | None:
        token = bearer_token(request.headers)
        grant = self._tenant.grants.of(token) if token else None
        if grant is None or grant.resource not in GRAPH_RESOURCES:
            return GraphRefused("Access token is empty or unknown.", status=401)
        if unknown:
            return GraphRefused(unknown, status=401)
        return None if allowed else GraphRefused("Missing application permission.", status=403)

    def _page(self, request: Request, mail: Mail) -> dict[str, object]:
        query = request.query_params
        if unknown := {name.lower() for name in query} - {"$filter", "$top", "$skiptoken"}:
            raise GraphRefused(f"The query parameter '{min(unknown)}' is not supported.")
        size, first = int(query.get("$top", "1000")), int(query.get("$skiptoken", "0"))
        if not 1 <= size <= _MOST:
            raise GraphRefused("$top has to be between 1 and 5000.")
        is_meant = self._filter(query.get("$filter", ""))
        rows = [
            _trace(message, recipient)
            for message in mail.messages
            for recipient in message.mail.recipients
            if mail.lies or is_meant(message, recipient)
        ]
        page: dict[str, object] = {"value": rows[first : first + size]}
        if first + size < len(rows):
            page["@odata.nextLink"] = str(request.url.include_query_params(**{"$skiptoken": str(first + size)}))
        return page

    def _filter(self, text: str) -> Callable[[Message, str], bool]:
        """What the filter is true of. Raises GraphRefused for what isn't documented."""
        times: dict[str, datetime] = {}
        fields: list[tuple[str, str]] = []
        for clause in re.split(r" and (?=\w+ (?:eq|ge|le) )", text):
            if found := _TIME.fullmatch(clause):
                times[found[1]] = datetime.fromisoformat(found[2])
            elif found := _FIELD.fullmatch(clause):
                fields.append((found[1], found[2].replace("''", "'").lower()))
            else:
                raise GraphRefused(f"Invalid filter clause: {clause}")
        now = self._tenant.now()
        since, until = times.get("ge"), times.get("le")
        if since is None or until is None or until > now or until - since > _LONGEST or now - since > _OLDEST:
            raise GraphRefused("The time range has to be at most 10 days, within the last 90, and not in the future.")
        takes_domains = self._tenant.mail.takes_domains

        def is_true(message: Message, recipient: str) -> bool:
            has = {"senderAddress": message.mail.sender, "recipientAddress": recipient, "fromIP": message.mail.ip}
            return since <= message.at <= until and all(
                _equal(has[name].lower(), value, takes_domains=takes_domains) for name, value in fields
            )

        return is_true

    def _found(self, text: str) -> dict[str, object]:
        """What a query finds: the counts that it prints of its `Mail`, or the newest subjects of it."""
        tables = self._tables()
        mail, _, printed = text.removeprefix("let Mail = ").partition(";\n")
        rows = Query.of(mail, tables).rows()
        if not printed:
            subjects = list(dict.fromkeys(row["Subject"] for row in rows))[:3]
            return _results([{"Subject": subject} for subject in subjects])
        counts = _counts(rows)
        sent = re.search(r"WrittenTo = toscalar\((.*)\)$", printed)
        if sent is not None:
            counts["WrittenTo"] = len(Query.of(sent[1], tables).rows())
        return _results([{name: counts[name] for name in _PRINTED.findall(printed)}])

    def _tables(self) -> dict[str, list[Row]]:
        since = self._tenant.now() - _LONGEST
        found = [message for message in self._tenant.mail.messages if message.at >= since]
        return {
            "EmailEvents": [_event(message, recipient) for message in found for recipient in message.mail.recipients],
            "EmailUrlInfo": [
                {"NetworkMessageId": message.id, "Url": url, "UrlDomain": re.sub(r"^\w+://|[/:?].*", "", url)}
                for message in found
                for url in message.mail.urls
            ],
            "EmailAttachmentInfo": [
                {"NetworkMessageId": message.id, "SHA256": digest} for message in found for digest in message.mail.files
            ],
        }


def _faulty(fault: Fault) -> Response:
    status, text = FAULTY[fault.kind]
    return error_answer(status, text, retry_after=fault.retry_after if fault.retry_after is not None else 1)


def _equal(has: str, value: str, *, takes_domains: bool) -> bool:
    return has.endswith(value[1:]) if takes_domains and value.startswith("*@") else has == value


def _trace(message: Message, recipient: str) -> dict[str, object]:
    return {
        "id": message.id,
        "senderAddress": message.mail.sender,
        "recipientAddress": recipient,
        "messageId": message.message_id,
        "receivedDateTime": f"{message.at:%Y-%m-%dT%H:%M:%SZ}",
        "subject": message.mail.subject,
        "size": 45_678,
        "fromIP": message.mail.ip,
        "toIP": "",
        "status": message.mail.status,
    }


def _event(message: Message, recipient: str) -> Row:
    mail = message.mail
    action, location = _FATES.get(mail.status, ("", ""))
    envelope = mail.envelope or mail.sender
    return {
        "NetworkMessageId": message.id,
        "SenderFromAddress": mail.sender,
        "SenderMailFromAddress": envelope,
        "SenderFromDomain": mail.sender.rpartition("@")[2],
        "SenderMailFromDomain": envelope.rpartition("@")[2],
        "SenderIPv4": "" if ":" in mail.ip else mail.ip,
        "SenderIPv6": mail.ip if ":" in mail.ip else "",
        "RecipientEmailAddress": recipient,
        "EmailDirection": mail.direction,
        "DeliveryAction": action,
        "DeliveryLocation": location,
        "Dmarc": mail.dmarc,
        "Subject": mail.subject,
    }


def _counts(rows: list[Row]) -> dict[str, int]:
    by_id = {row["NetworkMessageId"]: row for row in rows}
    return {
        "Messages": len(by_id),
        "People": len({row["RecipientEmailAddress"] for row in rows}),
        "Delivered": sum(row["DeliveryAction"] == "Delivered" for row in by_id.values()),
        "Junk": sum(row["DeliveryAction"] == "Junked" for row in by_id.values()),
        "Quarantined": sum(row["DeliveryLocation"] == "Quarantine" for row in by_id.values()),
        "Stopped": sum(row["DeliveryLocation"] == "Failed" for row in by_id.values()),
        "FailedDmarc": sum(row["Dmarc"] == "fail" for row in by_id.values()),
    }


def _results(rows: list[dict[str, object]] | list[dict[str, int]] | list[dict[str, str]]) -> dict[str, object]:
    names = list(rows[0]) if rows else []
    return {"schema": [{"name": name, "type": "Int64"} for name in names], "results": rows}
