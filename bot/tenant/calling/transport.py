"""One invocation of an Exchange Online cmdlet over the admin endpoint that the PowerShell module itself calls.

The endpoint isn't documented for others: everything that knows its address, headers, bodies and pages is here, what
its answers mean is in bot.tenant.calling.answers, and bot.tenant.calling.sender does the sending.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote

import httpx

from bot.clock import Clock, utc_now
from bot.errors import TenantError
from bot.tenant.access import TenantAccess
from bot.tenant.calling.answers import error_for
from bot.tenant.calling.calls import Call, Page, is_list_of_objects, read_object
from bot.tenant.calling.sender import Reply, Sender, Service, TokenSource

#: The arbitration mailbox that app-only calls are routed by, in every organization.
_ANCHOR = "APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{tenant}"
_PAGE_SIZE = 1000
#: More than changes are made at once, so that a service which answers none of them keeps no reading waiting.
_MOST_CONNECTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CmdletAnswer:
    """What a cmdlet returned: its records, over all pages, and the warnings that it wrote."""

    values: tuple[dict[str, object], ...] = ()
    warnings: tuple[str, ...] = ()


class Transport:
    """Invokes cmdlets. Construction does no I/O; `close()` when done."""

    def __init__(
        self,
        *,
        settings: TenantAccess,
        tokens: TokenSource,
        now: Clock = utc_now,
    ) -> None:
        service = Service(
            base=f"{settings.exchange_base}/adminapi/beta/{quote(settings.tenant_id, safe='')}/InvokeCommand",
            setting="EXCHANGE_URL",
            refusals=_refusal,
            most_connections=_MOST_CONNECTIONS,
            name="exchange",
            event="tenant call",
            subject="cmdlet",
        )
        self._sender = Sender(service=service, settings=settings, tokens=tokens, now=now)
        self._anchor = _ANCHOR.format(tenant=settings.tenant_id)

    def __repr__(self) -> str:
        return f"<Transport to {self._sender.base.host}>"

    @property
    def clock_skew(self) -> float | None:
        """How far the service's clock is ahead of ours, in seconds, by its last answer; None before the first."""
        return self._sender.clock_skew

    async def close(self) -> None:
        await self._sender.close()

    async def invoke(
        self,
        cmdlet: str,
        parameters: Mapping[str, object],
        *,
        write: bool,
        reference: str | None = None,
        begins: Callable[[], None] | None = None,
        take: Callable[[Sequence[dict[str, object]]], Awaitable[None]] | None = None,
    ) -> CmdletAnswer:
        """Run one cmdlet and return everything that it returned, all pages together.

        A write is sent again only when it is certain that the service did not take it. `reference` is shown in the log
        beside the call; `begins` is called once it is its turn, before anything is sent. `take` gets the records of
        each page as it comes, and the answer has none of them: what is made of a long list takes less than its records.
        Raises a TenantError, OutcomeUnknown only for writes and IncompleteAnswer only for reads, and what `take` does.
        """
        payload = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": dict(parameters)}}
        call = Call(
            name=cmdlet,
            headers=self._headers(cmdlet),
            body=json.dumps(payload).encode(),
            write=write,
            reference=reference or "",
            begins=begins,
        )

        async def fetch(url: httpx.URL) -> Page:
            page = _read_page(call, await self._sender.send(call, url))
            if take is None:
                return page
            await take(page.values)
            return replace(page, values=(), taken=len(page.values))

        async with self._sender.calling(call):
            pages = await self._sender.pages(call, self._sender.base, fetch)
        return CmdletAnswer(
            values=tuple(value for page in pages for value in page.values),
            warnings=tuple(warning for page in pages for warning in page.warnings),
        )

    def _headers(self, cmdlet: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Prefer": f"odata.maxpagesize={_PAGE_SIZE}",
            "X-AnchorMailbox": self._anchor,
            "X-CmdletName": cmdlet,
        }


def _refusal(call: Call, status: int, body: bytes, *, wait: float | None) -> TenantError:
    return error_for(status, body, cmdlet=call.name, write=call.write, reference=call.ids[-1], wait=wait)


def _read_page(call: Call, reply: Reply) -> Page:
    """What a successful answer holds. A read must hold a list of records; a write may hold nothing."""
    payload = {} if reply.status == HTTPStatus.NO_CONTENT else read_object(call, reply.body)
    values = payload.get("value")
    next_link = payload.get("@odata.nextLink")
    if not call.write:
        if not is_list_of_objects(values):
            raise call.misunderstood("the answer holds no list of records.")
        if next_link is not None and not isinstance(next_link, str):
            raise call.misunderstood("its next page has no usable address.")
    warnings = payload.get("@adminapi.warnings")
    return Page(
        # A write that was answered with 200 is done, whatever it returned; the read-back shows it.
        values=tuple(values) if is_list_of_objects(values) else (),
        warnings=tuple(str(warning) for warning in warnings) if isinstance(warnings, list) else (),
        next_link=next_link if isinstance(next_link, str) and next_link else None,
    )
