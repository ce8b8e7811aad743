"""Microsoft Graph's side: `/graph/beta/security/threatSubmission/{emailThreats|urlThreats|fileThreats}`.

Sources: Microsoft Graph (beta), "List", "Get" and "Create" of emailThreatSubmission, urlThreatSubmission and
fileThreatSubmission.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, cast, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .cmdlets import wire_time
from .connection import CutConnection
from .envelope import cut_short
from .faults import Fault
from .grants import GRAPH_RESOURCES
from .graph_bodies import read_submission
from .graph_errors import FAULTY, GraphRefused, error_answer
from .headers import bearer_token, is_json
from .submissions import Collection, Submitted

if TYPE_CHECKING:
    from .tenant import Tenant

#: Graph takes requests of at most 4 MB.
LARGEST_BODY = 4 * 1024 * 1024
PAGE = 100
_COLLECTIONS: tuple[Collection, ...] = get_args(Collection)
_SINCE = re.compile(r"createdDateTime ge (\S+)")
_QUERY = frozenset({"$filter", "$top", "$skiptoken", "$count"})


class Graph:
    """The endpoint. It holds no state of its own: what it changes is the tenant's.

    In the journal and for faults, a call goes by `get-emailThreats` or `post-emailThreats`.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        root = "/graph/{version}/security/threatSubmission/{collection}"
        return [
            Route(root, self._collection, methods=["GET", "POST"]),
            Route(root + "/{id}", self._one, methods=["GET"]),
        ]

    async def _collection(self, request: Request) -> Response:
        return await self._handle(request, write=request.method == "POST")

    async def _one(self, request: Request) -> Response:
        return await self._handle(request, write=False)

    async def _handle(self, request: Request, *, write: bool) -> Response:
        journal = self._tenant.journal
        body = await request.body()
        name = f"{request.method.lower()}-{request.path_params['collection']}"
        asked = _shown(body)
        refused = self._refused_at_the_door(request, body, write=write)
        if refused is not None:
            return journal.answered(name, asked, _refusal(request, refused), refused.text)
        fault = self._tenant.faults.take(cmdlet=name, further_page="$skiptoken" in request.query_params)
        kind = fault.kind if fault else None
        if fault is not None and kind in FAULTY:
            status, text = FAULTY[fault.kind]
            wait = 1 if kind == "429" and fault.retry_after is None else fault.retry_after
            return journal.answered(name, asked, error_answer(status, text, retry_after=wait), f"fault {kind}")
        if kind == "drop_before":
            journal.cut(name, asked, "connection cut before anything was done")
            return CutConnection()
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.delay)
        try:
            answer = self._create(request, body, fault) if write else self._read(request, fault)
            error = ""
        except GraphRefused as refusal:
            answer, error = _refusal(request, refusal), refusal.text
        if kind == "drop_after":
            journal.cut(name, asked, error or "connection cut after it was done")
            return CutConnection()
        if kind == "504_after":
            answer, error = error_answer(504, FAULTY["504"][1]), error or "fault 504 after it was done"
        return journal.answered(name, asked, answer, error)

    def _refused_at_the_door(self, request: Request, body: bytes, *, write: bool) -> GraphRefused | None:
        token = bearer_token(request.headers)
        grant = self._tenant.grants.of(token) if token else None
        refused: GraphRefused | None = None
        if grant is None or grant.resource not in GRAPH_RESOURCES:
            refused = GraphRefused("Access token is empty, unknown, expired or for another audience.", status=401)
        elif request.path_params["version"] != "beta":
            refused = GraphRefused("Resource not found for the segment 'threatSubmission'.")
        elif request.path_params["collection"] not in _COLLECTIONS:
            refused = GraphRefused(f"Resource not found for the segment '{request.path_params['collection']}'.")
        elif not self._tenant.roles.graph_role:
            refused = GraphRefused("The application lacks the permission that this call needs.", status=403)
        elif write and not is_json(request.headers):
            refused = GraphRefused("The body has to be application/json.", status=415)
        elif len(body) > LARGEST_BODY:
            refused = GraphRefused("The request is larger than 4 MB.", status=413)
        return refused

    def _create(self, request: Request, body: bytes, fault: Fault | None) -> Response:
        tenant = self._tenant
        try:
            content = json.loads(body)
        except ValueError:
            raise GraphRefused("Unable to read JSON request payload.") from None
        submitted = read_submission(
            content,
            collection=_named(request),
            microsoft=tenant.microsoft,
            now=tenant.now(),
            action_elsewhere=tenant.action_elsewhere,
        )
        if fault is not None and fault.kind == "lag":
            submitted.hidden = fault.times
        if fault is None or fault.kind != "ok_but_nothing_happens":
            tenant.microsoft.take(submitted)
            tenant.changed()
        context = f"{_root(request)}/$metadata#security/threatSubmission/{submitted.collection}/$entity"
        return JSONResponse({"@odata.context": context, **record(tenant, submitted)}, status_code=201)

    def _read(self, request: Request, fault: Fault | None) -> Response:
        tenant = self._tenant
        tenant.go_on()
        collection = _named(request)
        context = f"{_root(request)}/$metadata#security/threatSubmission/{collection}"
        if "id" in request.path_params:
            found = tenant.microsoft.find(collection, request.path_params["id"])
            if found is None:
                raise GraphRefused("The submission could not be found.", status=404)
            answer: dict[str, object] = {"@odata.context": f"{context}/$entity", **record(tenant, found)}
        else:
            answer = {"@odata.context": context, **self._page(request, collection, fault)}
        return cut_short(answer) if fault is not None and fault.kind == "truncate_page" else JSONResponse(answer)

    def _page(self, request: Request, collection: Collection, fault: Fault | None) -> dict[str, object]:
        query = request.query_params
        if unknown := {name.lower() for name in query} - _QUERY:
            raise GraphRefused(f"The query parameter '{min(unknown)}' is not supported.")
        if fault is not None and fault.kind == "expired_page":
            raise GraphRefused("The skip token is not valid any more.")
        since = _since(query.get("$filter"))
        found = [
            submission
            for submission in self._tenant.microsoft.all(collection)
            if since is None or submission.created >= since
        ]
        first, size = _number(query.get("$skiptoken"), 0), _number(query.get("$top"), PAGE)
        page: dict[str, object] = {
            "value": [record(self._tenant, submission) for submission in found[first : first + size]]
        }
        if first + size < len(found):
            page["@odata.nextLink"] = str(request.url.include_query_params(**{"$skiptoken": str(first + size)}))
        return page


def record(tenant: Tenant, submitted: Submitted) -> dict[str, object]:
    """A submission as it goes over the wire; what was handed over is not given back."""
    allow = submitted.allow
    action: dict[str, object] | None = None
    if allow is not None:
        action = {
            "action": "allow",
            "expirationDateTime": wire_time(allow.expires),
            "note": allow.note,
            "results": [
                {
                    "identity": entry.identity,
                    "value": entry.item.value,
                    "entryType": {"Sender": "sender", "Url": "url", "FileHash": "fileHash"}[entry.item.list_type],
                    "expirationDateTime": wire_time(allow.expires),
                    "status": entry.status,
                }
                for entry in submitted.entries
            ],
        }
    answer: dict[str, object] = {
        "@odata.type": submitted.type,
        "id": submitted.id,
        "tenantId": tenant.tenant_id,
        "createdDateTime": wire_time(submitted.created),
        "contentType": submitted.collection.removesuffix("Threats"),
        "category": submitted.category,
        "source": "administrator",
        "clientSource": "other",
        "createdBy": {"user": {"identity": tenant.client_id, "displayName": "", "email": ""}},
        "status": submitted.status,
        "result": {**submitted.result, "detectedUrls": [], "detectedFiles": [], "userMailboxSetting": "none"},
        "adminReview": None,
        **submitted.facts,
    }
    if submitted.collection == "emailThreats" or action is not None:
        answer["tenantAllowOrBlockListAction"] = action
    return answer


def _refusal(request: Request, refused: GraphRefused) -> Response:
    return error_answer(refused.status, refused.text, client_request_id=request.headers.get("client-request-id", ""))


def _named(request: Request) -> Collection:
    return cast("Collection", request.path_params["collection"])


def _root(request: Request) -> str:
    return str(request.url.replace(query="")).partition("/security/")[0]


def _since(given: str | None) -> datetime | None:
    if given is None:
        return None
    match = _SINCE.fullmatch(given)
    try:
        return datetime.fromisoformat(match[1]) if match else _unsupported(given)
    except ValueError:
        return _unsupported(given)


def _unsupported(given: str) -> datetime:
    raise GraphRefused(f"Invalid filter clause: {given}")


def _number(given: str | None, otherwise: int) -> int:
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit()) or len(given) > 6:
        raise GraphRefused(f"Invalid value '{given}' in the query.")
    return int(given)


def _shown(body: bytes) -> dict[str, object] | None:
    """What the journal keeps of a body: contents of files are only counted."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    file = content.get("fileContent")
    return {**content, "fileContent": f"({len(file)} characters)"} if isinstance(file, str) else content
