"""Graph's side of the audit log: `/graph/v1.0/security/auditLog/queries`.

Source: Microsoft Graph v1.0, "Create auditLogQuery", "Get auditLogQuery", "List records".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .grants import GRAPH_RESOURCES
from .graph_errors import FAULTY, GraphRefused, error_answer
from .headers import bearer_token, is_json

if TYPE_CHECKING:
    from .tenant import Tenant

#: So many records are on a page.
PAGE = 2


class AuditQueries:
    """The endpoint. For faults and in the journal its calls are `post-queries`, `get-queries` and `get-records`."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        root = "/graph/v1.0/security/auditLog/queries"
        return [
            Route(root, self._ask, methods=["POST"]),
            Route(root + "/{id}", self._look, methods=["GET"]),
            Route(root + "/{id}/records", self._records, methods=["GET"]),
        ]

    async def _ask(self, request: Request) -> Response:
        body = await request.body()

        def ask() -> Response:
            if not is_json(request.headers):
                raise GraphRefused("The body has to be application/json.", status=415)
            try:
                content = json.loads(body)
            except ValueError:
                raise GraphRefused("Unable to read JSON request payload.") from None
            if not isinstance(content, dict):
                raise GraphRefused("Unable to read JSON request payload.")
            return JSONResponse(self._tenant.audit_log.ask(content)[1], status_code=201)

        return self._handle(request, "post-queries", ask)

    async def _look(self, request: Request) -> Response:
        return self._handle(
            request, "get-queries", lambda: JSONResponse(self._tenant.audit_log.look(request.path_params["id"]))
        )

    async def _records(self, request: Request) -> Response:
        def records() -> Response:
            found = self._tenant.audit_log.answer(request.path_params["id"])
            first = int(request.query_params.get("$skiptoken", "0"))
            page: dict[str, object] = {"value": found[first : first + PAGE]}
            if first + PAGE < len(found):
                page["@odata.nextLink"] = str(request.url.include_query_params(**{"$skiptoken": first + PAGE}))
            return JSONResponse(page)

        return self._handle(request, "get-records", records)

    def _handle(self, request: Request, name: str, answer: Callable[[], Response]) -> Response:
        journal = self._tenant.journal
        try:
            self._demand_right(request)
            fault = self._tenant.faults.take(cmdlet=name, further_page="$skiptoken" in request.query_params)
            if fault is not None and fault.kind in FAULTY:
                status, text = FAULTY[fault.kind]
                return journal.answered(name, None, error_answer(status, text, retry_after=fault.retry_after), text)
            return journal.answered(name, None, answer())
        except GraphRefused as refused:
            return journal.answered(name, None, error_answer(refused.status, refused.text), refused.text)

    def _demand_right(self, request: Request) -> None:
        token = bearer_token(request.headers)
        grant = self._tenant.grants.of(token) if token else None
        if grant is None or grant.resource not in GRAPH_RESOURCES:
            raise GraphRefused("Access token is empty, unknown, expired or for another audience.", status=401)
        if not self._tenant.roles.audit_role:
            raise GraphRefused("The application lacks the permission that this call needs.", status=403)
