"""What the playground's page asks of the tenant: its lists, the recent calls, and the levers for what may go wrong.

Every path is under /api/tenant. Bodies and answers are JSON; a body that isn't understood gets 422 and the reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .block_list_records import item_record
from .connection_filter import policy_record
from .errors import CmdletRefused
from .faults import Fault
from .graph import record
from .mail import StagedMail
from .oddities import Odd
from .spoof import spoof_record
from .state import Item
from .submissions import LASTS, Known, SubmissionItem, add_entry
from .tenant import Roles, Tenant

#: Who edits by hand, in the entries' ModifiedBy.
SOMEBODY = "admin@contoso.example"

B = TypeVar("B", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HandEdit(_Body):
    """A cmdlet that somebody runs past the bot: who, by the account's name."""

    cmdlet: str
    parameters: dict[str, object] = Field(default_factory=dict)
    by: str = Field(default=SOMEBODY, min_length=1, max_length=200)


class ClockOrder(_Body):
    """How far to move the stand-in's clock ahead."""

    advance_seconds: float = Field(gt=0, le=366 * 86400)


class MailCame(_Body):
    """A message that came or went, or so many like it."""

    mail: StagedMail
    times: int = Field(default=1, ge=1, le=10_000)


class Page:
    """The page's handlers, over one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        return [
            _route("/lists", self._lists, "GET"),
            _route("/calls", self._calls, "GET"),
            _route("/remarks", self._remarks, "GET"),
            _route("/faults", self._faults, "GET"),
            _route("/faults", self._arm, "POST"),
            _route("/faults", self._disarm, "DELETE"),
            _route("/oddities", self._place, "POST"),
            _route("/edit", self._edit, "POST"),
            _route("/submission", self._submission, "POST"),
            _route("/submissions", self._submissions, "GET"),
            _route("/submissions", self._go_on, "POST"),
            _route("/known", self._know, "POST"),
            _route("/mail", self._mail, "GET"),
            _route("/mail", self._mail_came, "POST"),
            _route("/reset", self._reset, "POST"),
            _route("/clock", self._clock, "POST"),
            _route("/roles", self._roles, "POST"),
        ]

    async def _lists(self, _: Request) -> Response:
        return JSONResponse(lists_of(self._tenant))

    async def _calls(self, _: Request) -> Response:
        return JSONResponse(self._tenant.journal.calls())

    async def _remarks(self, _: Request) -> Response:
        return JSONResponse(self._tenant.journal.remarks())

    async def _faults(self, _: Request) -> Response:
        return JSONResponse(self._tenant.faults.listing())

    async def _arm(self, request: Request) -> Response:
        self._tenant.faults.arm(await _read(request, Fault))
        self._tenant.changed()
        return JSONResponse(self._tenant.faults.listing())

    async def _disarm(self, _: Request) -> Response:
        self._tenant.faults.clear()
        self._tenant.changed()
        return JSONResponse([])

    async def _place(self, request: Request) -> Response:
        self._tenant.oddities.place(await _read(request, Odd))
        self._tenant.changed()
        return JSONResponse({"ok": True})

    async def _edit(self, request: Request) -> Response:
        edit = await _read(request, HandEdit)
        cmdlet = self._tenant.cmdlet(edit.cmdlet)
        if cmdlet is None:
            return _problem(404, f"There is no cmdlet {edit.cmdlet}.")
        try:
            outcome = self._tenant.invoke(cmdlet, edit.parameters, caller=edit.by)
        except CmdletRefused as refused:
            return _problem(refused.status, refused.text)
        return JSONResponse({"ok": True, "value": outcome.records, "warnings": outcome.warnings})

    async def _submission(self, request: Request) -> Response:
        submission = await _read(request, SubmissionItem)
        try:
            item = _add_from_submission(self._tenant, submission)
        except CmdletRefused as refused:
            return _problem(refused.status, refused.text)
        return JSONResponse({"ok": True, "value": [item_record(item, object_state="New")], "warnings": []})

    async def _submissions(self, _: Request) -> Response:
        return JSONResponse([record(self._tenant, submission) for submission in self._tenant.microsoft.everything()])

    async def _go_on(self, request: Request) -> Response:
        self._tenant.go_on(at_once=True)
        return await self._submissions(request)

    async def _mail(self, _: Request) -> Response:
        return JSONResponse(self._tenant.mail.listing())

    async def _mail_came(self, request: Request) -> Response:
        came = await _read(request, MailCame)
        self._tenant.mail.take(came.mail, now=self._tenant.now(), times=came.times)
        self._tenant.changed()
        return JSONResponse(self._tenant.mail.listing())

    async def _know(self, request: Request) -> Response:
        self._tenant.microsoft.know(await _read(request, Known))
        return JSONResponse({"ok": True})

    async def _reset(self, _: Request) -> Response:
        self._tenant.reset()
        return JSONResponse({"ok": True})

    async def _clock(self, request: Request) -> Response:
        order = await _read(request, ClockOrder)
        self._tenant.advance(timedelta(seconds=order.advance_seconds))
        return JSONResponse({"now": self._tenant.now().isoformat()})

    async def _roles(self, request: Request) -> Response:
        self._tenant.set_roles(await _read(request, Roles))
        return JSONResponse(self._tenant.roles.model_dump(mode="json"))


def lists_of(tenant: Tenant) -> dict[str, object]:
    """All that the tenant holds, each record as its cmdlet, or Graph, returns it."""
    state = tenant.state
    return {
        "policies": [policy_record(policy) for policy in state.policies.values()],
        "items": {kind: [item_record(item) for item in entries.values()] for kind, entries in state.items.items()},
        "spoof": [spoof_record(pair) for pair in state.spoof.values()],
        "overrides": {noun: list(records.values()) for noun, records in state.overrides.items()},
        "submissions": [record(tenant, submission) for submission in tenant.microsoft.everything()],
    }


def _add_from_submission(tenant: Tenant, submission: SubmissionItem) -> Item:
    """Adds an allow entry as somebody's submission in the portal would. Raises CmdletRefused."""
    now = tenant.now()
    item = add_entry(tenant.state, submission, now=now, expires=now + LASTS, note="", by=str(uuid.uuid4()))
    tenant.changed()
    return item


def _route(
    path: str, handler: Callable[[Request], Awaitable[Response]], method: Literal["GET", "POST", "DELETE"]
) -> Route:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ValidationError as error:
            return _problem(
                422, "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
            )

    return Route(path, guarded, methods=[method])


async def _read(request: Request, model: type[B]) -> B:
    return model.model_validate_json(await request.body())


def _problem(status: int, text: str) -> Response:
    return JSONResponse({"ok": False, "error": text}, status_code=status)
