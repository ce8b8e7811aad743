"""Exchange Online's side: `POST /exchange/adminapi/beta/{tenant}/InvokeCommand`, from the headers to the envelope."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from . import envelope
from .cmdlets import Cmdlet
from .connection import CutConnection
from .errors import COMMAND_NOT_FOUND, CmdletRefused
from .faults import Fault
from .grants import EXCHANGE_RESOURCES
from .headers import bearer_token, is_json, page_size, remarks_on
from .paging import Page, expired_page

if TYPE_CHECKING:
    from .tenant import Tenant

#: Faults that are settled before the cmdlet runs: nothing is done.
_BEFORE = frozenset({"401", "403", "403_nul", "404", "408", "429", "429_text", "500", "503", "504"})

_AT_THE_DOOR = {
    401: "no token, an expired or unknown one, or the app role is missing",
    404: "wrong tenant or command in the path",
    405: "wrong API version in the path",
    415: "the body isn't announced as application/json",
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A call that was understood: the cmdlet's name, its parameters, and the page token if it is for a further page."""

    name: str
    parameters: dict[str, object]
    body: bytes
    page_token: str | None


class Exchange:
    """The endpoint. It holds no state of its own: what it changes is the tenant's."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        return [Route("/exchange/adminapi/{version}/{tenant}/{command}", self._invoke, methods=["POST"])]

    async def _invoke(self, request: Request) -> Response:
        tenant = self._tenant
        body = await request.body()
        asked = _understand(body, request.query_params.get("$skiptoken"))
        # Who may not come in learns nothing about the body; what it asked for is still recorded.
        if refused := self._refused_at_the_door(request):
            name, parameters = ("", None) if isinstance(asked, CmdletRefused) else (asked.name, asked.parameters)
            return tenant.journal.answered(name, parameters, refused, _AT_THE_DOOR[refused.status_code])
        if isinstance(asked, CmdletRefused):
            return tenant.journal.answered("", None, envelope.refusal(asked), asked.text)
        for remark in remarks_on(request.headers, tenant_id=tenant.tenant_id, cmdlet=asked.name):
            tenant.journal.remark(remark, cmdlet=asked.name)
        if (wait := tenant.limit.wait()) is not None:
            refusal = envelope.faulty("429", retry_after=wait)
            return tenant.journal.answered(asked.name, asked.parameters, refusal, "too many calls")
        fault = tenant.faults.take(cmdlet=asked.name, further_page=asked.page_token is not None)
        return await self._answer(request, asked, fault)

    def _refused_at_the_door(self, request: Request) -> Response | None:
        path = request.path_params
        if path["version"].lower() != "beta":
            return envelope.plain_error(405, "MethodNotAllowed", f"API version '{path['version']}' isn't supported.")
        if path["command"].lower() != "invokecommand":
            return envelope.plain_error(404, "NotFound", f"No resource '{path['command']}'.")
        if path["tenant"].lower() != self._tenant.tenant_id.lower():
            return envelope.plain_error(404, "NotFound", f"The tenant '{path['tenant']}' couldn't be found.")
        token = bearer_token(request.headers)
        grant = self._tenant.grants.of(token) if token else None
        if grant is None or grant.resource not in EXCHANGE_RESOURCES or not self._tenant.roles.app_role:
            return envelope.unauthorized(self._tenant.tenant_id)
        if not is_json(request.headers):
            return envelope.plain_error(415, "UnsupportedMediaType", "The body has to be application/json.")
        return None

    async def _answer(self, request: Request, asked: _Asked, fault: Fault | None) -> Response:
        journal = self._tenant.journal
        kind = fault.kind if fault else None
        if fault and kind in _BEFORE:
            return journal.answered(
                asked.name,
                asked.parameters,
                envelope.faulty(fault.kind, retry_after=fault.retry_after),
                f"fault {kind}",
            )
        if kind == "drop_before":
            journal.cut(asked.name, asked.parameters, "connection cut before anything was done")
            return CutConnection()
        if fault and kind == "delay":
            await asyncio.sleep(fault.delay)
        response, error = self._execute(request, asked, fault)
        if kind == "drop_after":
            journal.cut(asked.name, asked.parameters, error or "connection cut after it was done")
            return CutConnection()
        if kind == "504_after":
            response, error = envelope.faulty("504", retry_after=None), error or "fault 504 after it was done"
        return journal.answered(asked.name, asked.parameters, response, error)

    def _execute(self, request: Request, asked: _Asked, fault: Fault | None) -> tuple[Response, str]:
        """The answer, and the service's words if it refused."""
        roles = self._tenant.roles
        cmdlet = self._tenant.cmdlet(asked.name)
        if cmdlet is None or not roles.may_run(cmdlet):
            refused = _unknown_to_caller(asked.name)
            return (envelope.forbidden_nul() if roles.nul_bodies else envelope.refusal(refused)), refused.text
        try:
            page, warnings, has_value = self._page(request, asked, cmdlet, fault)
        except CmdletRefused as refused:
            return envelope.refusal(refused), refused.text
        if fault and fault.kind == "no_value":
            has_value = False
        body = envelope.result(
            context=f"{_origin(request)}/$metadata#Collection(Exchange.GenericHashTable)",
            records=page.records if has_value else None,
            warnings=warnings,
            next_link=None if page.next_token is None else _next_link(request, page.next_token),
        )
        if fault and fault.kind == "truncate_page":
            return envelope.cut_short(body), "fault truncate_page"
        return JSONResponse(body), ""

    def _page(
        self, request: Request, asked: _Asked, cmdlet: Cmdlet, fault: Fault | None
    ) -> tuple[Page, list[str], bool]:
        """The page to answer with, the warnings, and whether the answer has a `value` at all."""
        pages, now = self._tenant.pages, self._tenant.now()
        anchor = request.headers.get("x-anchormailbox", "")
        if asked.page_token is not None:
            if fault and fault.kind == "expired_page":
                raise expired_page()
            return pages.further(asked.page_token, body=asked.body, anchor=anchor, now=now), [], True
        outcome = self._tenant.invoke(cmdlet, asked.parameters, fault=fault)
        page = pages.first(
            outcome.records or [], size=page_size(request.headers), body=asked.body, anchor=anchor, now=now
        )
        return page, outcome.warnings, outcome.records is not None


def _understand(body: bytes, page_token: str | None) -> _Asked | CmdletRefused:
    """What was asked, or the refusal of a body that isn't a CmdletInput."""
    try:
        content = json.loads(body)
    except ValueError:
        return _bad_body("The body isn't JSON.")
    given = content.get("CmdletInput") if isinstance(content, dict) else None
    if not isinstance(given, dict):
        return _bad_body("The property 'CmdletInput' is missing or isn't an object.")
    if unknown := set(content) - {"CmdletInput"} | set(given) - {"CmdletName", "Parameters"}:
        return _bad_body(f"The property '{min(unknown)}' does not exist on type 'Exchange.CmdletInput'.")
    name, parameters = given.get("CmdletName"), given.get("Parameters")
    if not isinstance(name, str) or not name:
        return _bad_body("The property 'CmdletName' is missing.")
    if not isinstance(parameters, dict):
        return _bad_body("The property 'Parameters' has to be an object, and {} when it is empty.")
    return _Asked(name=name, parameters=parameters, body=body, page_token=page_token)


def _bad_body(text: str) -> CmdletRefused:
    return CmdletRefused(text, exception_type="Microsoft.OData.ODataException")


def _unknown_to_caller(name: str) -> CmdletRefused:
    """The service hides what a caller may not run: it says the same for a missing role and for a missing cmdlet."""
    return CmdletRefused(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program.",
        exception_type=COMMAND_NOT_FOUND,
        status=403,
    )


def _origin(request: Request) -> str:
    return str(request.url.replace(query="")).rpartition("/")[0]


def _next_link(request: Request, token: str) -> str:
    return str(request.url.replace(query=f"$skiptoken={token}"))
