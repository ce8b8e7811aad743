"""Microsoft Graph, as far as Portcullis needs it: objects of one version, one at a time or by the page.

Sources: Microsoft Graph, "Microsoft Graph error responses and resource types", "Paging Microsoft Graph data in your
app", "Best practices for working with Microsoft Graph" (evolvable enumerations), "Microsoft Graph throttling guidance".
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote, urlencode

import httpx

from bot.clock import Clock, utc_now
from bot.errors import TenantError
from bot.tenant.access import TenantAccess
from bot.tenant.calling import answers
from bot.tenant.calling.calls import Call, Page, is_list_of_objects, read_object
from bot.tenant.calling.sender import Refusals, Sender, Service, TokenSource
from bot.tenant.optional_rights import SUBMISSION_PERMISSION

#: Graph takes requests of at most 4 MB ("Use the Microsoft Graph API"); in base64, three bytes take four.
MOST_CONTENT = 2_900_000

REMEDY_PERMISSION = (
    f"Give the app registration the application permission {SUBMISSION_PERMISSION} of Microsoft Graph (Microsoft Entra "
    "admin center, App registrations, API permissions), and grant admin consent there."
)
REMEDY_LOOK = "Look at Microsoft's list of submissions before anything else: it may have been filed."

_WORDS = answers.Words(
    service="Microsoft Graph",
    verb="call",
    sign_in="Check that the app's certificate or secret is current, and GRAPH_URL and CLOUD.",
    permission=REMEDY_PERMISSION,
    lost=REMEDY_LOOK,
    refused={},
    otherwise="Correct what was given, or use the Submissions page.",
)
_MOST_CONNECTIONS = 4
#: The values of an enumeration that came later are given by name, and not all as `unknownFutureValue`.
_PREFER = "include-unknown-enum-members"

Object = dict[str, object]


class Graph:
    """Calls Microsoft Graph. Construction does no I/O; `close()` when done. A path begins after the version.

    `refusals` says what an answer other than success stands for: `refusals_in` makes it of a service's words. What has
    a `budget` of its own doesn't hold up the other callers of Graph when it is asked to wait, nor they it.
    """

    def __init__(
        self,
        *,
        settings: TenantAccess,
        tokens: TokenSource,
        version: str = "beta",
        refusals: Refusals | None = None,
        budget: str = "",
        now: Clock = utc_now,
    ) -> None:
        service = Service(
            base=f"{settings.graph_base}/{version}/",
            setting="GRAPH_URL",
            refusals=refusals or refusals_in(_WORDS),
            most_connections=_MOST_CONNECTIONS,
            name="graph",
            event="graph call",
            subject="call",
            budget=budget,
        )
        self._sender = Sender(service=service, settings=settings, tokens=tokens, now=now)

    async def close(self) -> None:
        await self._sender.close()

    async def create(self, path: str, body: Mapping[str, object], *, reference: str = "") -> Object:
        """Make an object and return it as the service gives it back.

        Sent again only when it is certain that the service did not take it. Raises a TenantError: after OutcomeUnknown
        the object may be there, after any other it is not. `reference` stands beside the call in the log.
        """
        call = Call(
            name=_name("POST", path),
            headers={"Prefer": _PREFER, "Content-Type": "application/json", "Accept": "application/json"},
            body=json.dumps(body).encode(),
            write=True,
            reference=reference,
        )
        return await self._object(call, self._sender.base.join(path))

    async def one(self, path: str) -> Object:
        """One object. Raises a TenantError: ValueRefused with status 404 when there is none."""
        return await self._object(_reading(path), self._sender.base.join(path))

    async def all(self, path: str, *, where: str = "") -> tuple[Object, ...]:
        """Every object of a collection, over all its pages; `where` is an OData filter. Raises a TenantError.

        A page that can't be had is an error, never the end of the collection.
        """
        call = _reading(path)
        url = self._sender.base.join(path)
        if where:
            url = url.copy_with(query=urlencode({"$filter": where}).encode())

        async def fetch(url: httpx.URL) -> Page:
            return _page(call, await self._object(call, url))

        return tuple(value for page in await self._sender.pages(call, url, fetch) for value in page.values)

    async def ask(self, path: str, body: Mapping[str, object]) -> Object:
        """What the service answers to a question that changes nothing, though it is a POST. Raises a TenantError."""
        headers = {"Prefer": _PREFER, "Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
        call = Call(name=_name("POST", path), headers=headers, body=json.dumps(body).encode(), write=False)
        return await self._object(call, self._sender.base.join(path))

    async def some(
        self, path: str, *, query: Mapping[str, str], pages: int, before_each: Callable[[], Awaitable[None]]
    ) -> tuple[tuple[Object, ...], bool]:
        """The objects on the first pages of a collection, and whether these are all. Raises a TenantError.

        `before_each` is awaited before each page, and may raise what keeps it from being asked for.
        """
        call = _reading(path)
        url = self._sender.base.join(path).copy_with(query=urlencode(query, quote_via=quote).encode())

        async def fetch(url: httpx.URL) -> Page:
            await before_each()
            return _page(call, await self._object(call, url))

        read = await self._sender.pages(call, url, fetch, at_most=pages)
        return tuple(value for page in read for value in page.values), read[-1].next_link is None

    async def _object(self, call: Call, url: httpx.URL) -> Object:
        # Each page has the time of a whole call, and a line in the log, to itself.
        async with self._sender.calling(call):
            return read_object(call, (await self._sender.send(call, url)).body)


def _reading(path: str) -> Call:
    return Call(name=_name("GET", path), method="GET", headers={"Prefer": _PREFER}, write=False)


def _page(call: Call, answer: Object) -> Page:
    values, link = answer.get("value"), answer.get("@odata.nextLink")
    if not is_list_of_objects(values):
        raise call.misunderstood("the answer holds no list of objects.")
    if link is not None and not isinstance(link, str):
        raise call.misunderstood("its next page has no usable address.")
    return Page(values=tuple(values), next_link=link)


def refusals_in(words: answers.Words) -> Refusals:
    """What an answer of Graph other than success stands for, told in one service's words."""

    def refusal(call: Call, status: int, body: bytes, *, wait: float | None) -> TenantError:
        return answers.refusal(words, status, _service_text(body), call=call.title, write=call.write, wait=wait)

    return refusal


def _service_text(body: bytes) -> str:
    """The service's own words in an error's body, with its code where that says more; empty when there are none."""
    error = answers.error_in(body)
    code, message = (" ".join(str(error.get(key) or "").split()) for key in ("code", "message"))
    said = message if not code or code in message else f"{message} ({code})" if message else code
    return said[: answers.LONGEST_SERVICE_TEXT]


def _name(method: str, path: str) -> str:
    """A call's name for people and for the log: without the id that may stand at the end of its path."""
    return f"{method} {'/'.join(path.split('/')[:3])}"
