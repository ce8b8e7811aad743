"""The page's API: what the web page, scripts and tests use to look at the workspace and to act in it.

JSON in, JSON out; HTTP 400 with `{"problem": …}` for what makes no sense.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.playground.slack.delivery import Carrier, Deliveries, NotAcknowledged
from bot.playground.slack.faults import Fault
from bot.playground.slack.http_carrier import Forgery, HttpCarrier
from bot.playground.slack.interactions import Impossible, Interactions, Result
from bot.playground.slack.socket_carrier import Reason, SocketCarrier
from bot.playground.slack.state import SlackState
from bot.playground.slack.web_api import METHODS

#: Seconds between signs of life on an event stream, so that a page that has gone away is noticed.
SIGN_OF_LIFE = 15.0
LONGEST_WAIT = 60.0

Endpoint = Callable[[Request], Awaitable[Response]]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Acting(_Body):
    user_id: str = Field(alias="as")


class CommandBody(_Acting):
    """A typed command."""

    channel: str
    text: str


class MessageBody(CommandBody):
    """A written message."""

    thread_ts: str | None = None


class ClickBody(_Acting):
    """A click on an element of a message (`channel` and `ts`) or of a view (`view_id`).

    `values` is what stands in the view's fields at that time, if anything was typed.
    """

    block_id: str
    action_id: str
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    value: JsonValue = None
    values: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)


class CloseBody(_Acting):
    """A view that is closed."""

    view_id: str


class SubmitBody(CloseBody):
    """A form that is sent."""

    values: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)


class FaultBody(_Body):
    """Something that is to go wrong."""

    method: str
    error: str
    times: int = Field(default=1, ge=1)
    retry_after: int = Field(default=1, ge=0)


class GroupBody(_Body):
    """A user group's new members."""

    id: str
    members: list[str]


class ChannelBody(_Body):
    """A channel to archive, or to take the bot out of."""

    channel: str


class RedeliverBody(_Body):
    """An earlier delivery."""

    delivery_id: str


class ForgeBody(_Body):
    """A delivery that isn't Slack's. `text` is the command in its body."""

    kind: Forgery
    text: str = "/check 203.0.113.7"
    user_id: str | None = Field(default=None, alias="as")
    channel: str | None = None


class DisconnectBody(_Body):
    """How Socket Mode connections end."""

    reason: Reason = "refresh_requested"


class PageApi:
    """The routes under `/api` that concern Slack."""

    def __init__(
        self,
        *,
        state: SlackState,
        interactions: Interactions,
        deliveries: Deliveries,
        carrier: Carrier,
        mode: Literal["http", "socket"],
    ) -> None:
        self._state = state
        self._interactions = interactions
        self._deliveries = deliveries
        self._carrier = carrier
        self._mode = mode

    def routes(self) -> list[Route]:
        """Everything the page calls."""
        reads: dict[str, Endpoint] = {
            "/api/state": self._workspace,
            "/api/conversation": self._conversation,
            "/api/view": self._view,
            "/api/home": self._home,
            "/api/events": self._events,
            "/api/wait": self._wait,
            "/api/violations": self._violations,
            "/api/calls": self._calls,
            "/api/deliveries": self._list_deliveries,
        }
        writes: dict[str, Endpoint] = {
            "/api/command": self._command,
            "/api/message": self._message,
            "/api/click": self._click,
            "/api/submit": self._submit,
            "/api/close": self._close,
            "/api/faults": self._faults,
            "/api/groups": self._groups,
            "/api/archive": self._archive,
            "/api/redeliver": self._redeliver,
            "/api/forge": self._forge,
            "/api/socket/disconnect": self._disconnect,
        }
        return [
            *(Route(path, _guarded(endpoint), methods=["GET"]) for path, endpoint in reads.items()),
            *(Route(path, _guarded(endpoint), methods=["POST"]) for path, endpoint in writes.items()),
            Route("/api/violations", self._forget, methods=["DELETE"]),
        ]

    async def _workspace(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        workspace = self._state.workspace
        return JSONResponse(
            {
                "team": {"id": workspace.team_id, "name": workspace.team_name},
                "mode": self._mode,
                "people": [{"id": person.id, "name": person.name, "role": person.role} for person in workspace.people],
                "channels": [
                    {
                        "id": conversation.id,
                        "name": conversation.name,
                        "kind": conversation.kind,
                        "archived": conversation.archived,
                    }
                    for conversation in self._state.conversations
                    if conversation.kind == "channel"
                ],
                "user_groups": [
                    {"id": group.id, "name": group.name, "members": self._state.group_members[group.id]}
                    for group in workspace.user_groups
                ],
                "commands": [asdict(command) for command in workspace.commands],
                "bot": {
                    "id": workspace.bot.id,
                    "name": workspace.bot.name,
                    "connected": self._carrier.connected(),
                },
                "version": self._state.changes.version,
            }
        )

    async def _conversation(self, request: Request) -> Response:
        person = self._interactions.person(request.query_params.get("as", ""))
        conversation = self._interactions.conversation(person, request.query_params.get("channel", ""))
        state = self._state
        return JSONResponse(
            {
                "channel": {
                    "id": conversation.id,
                    "name": conversation.name,
                    "kind": conversation.kind,
                    "archived": conversation.archived,
                },
                "messages": state.conversations.page(conversation, user_id=person.id, name_of=state.name_of),
                "version": state.changes.version,
            }
        )

    async def _view(self, request: Request) -> Response:
        person = self._interactions.person(request.query_params.get("as", ""))
        view = self._state.views.top(person.id)
        if view is None:
            return JSONResponse({"view": None})
        content = view.content
        return JSONResponse(
            {
                "view": {
                    "id": view.id,
                    "type": content["type"],
                    "callback_id": content.get("callback_id") or "",
                    "title": content.get("title"),
                    "submit": content.get("submit"),
                    "close": content.get("close"),
                    "blocks": view.blocks,
                    "values": view.values,
                    "errors": view.errors,
                    "hash": view.hash,
                    "stack_depth": len(self._state.views.stack(person.id)),
                }
            }
        )

    async def _home(self, request: Request) -> Response:
        person = self._interactions.person(request.query_params.get("as", ""))
        view = self._state.views.home(person.id)
        return JSONResponse({"view": None if view is None else {"id": view.id, "type": "home", "blocks": view.blocks}})

    async def _events(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        changes = self._state.changes
        told = 0
        while not changes.closed:
            version = await changes.newer_than(told, timeout=SIGN_OF_LIFE)
            if version > told:
                yield f"event: changed\ndata: {json.dumps({'version': version})}\n\n"
                told = version
            else:
                yield ": still here\n\n"

    async def _wait(self, request: Request) -> Response:
        try:
            version = int(request.query_params.get("version", "0"))
            timeout = min(float(request.query_params.get("timeout", "10")), LONGEST_WAIT)
        except ValueError:
            return _problem("version and timeout must be numbers.")
        return JSONResponse({"version": await self._state.changes.newer_than(version, timeout=timeout)})

    async def _violations(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return JSONResponse(self._state.ledger.report())

    async def _forget(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        self._state.ledger.clear()
        return JSONResponse({"ok": True})

    async def _calls(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return JSONResponse({"calls": [asdict(call) for call in self._state.ledger.calls]})

    async def _list_deliveries(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return JSONResponse({"deliveries": self._deliveries.report()})

    async def _command(self, request: Request) -> Response:
        body = CommandBody.model_validate_json(await request.body())
        result = await self._interactions.command(user_id=body.user_id, channel_id=body.channel, typed=body.text)
        return _shown(result)

    async def _message(self, request: Request) -> Response:
        body = MessageBody.model_validate_json(await request.body())
        result = self._interactions.write(
            user_id=body.user_id, channel_id=body.channel, text=body.text, thread_ts=body.thread_ts
        )
        return _shown(result)

    async def _click(self, request: Request) -> Response:
        body = ClickBody.model_validate_json(await request.body())
        where = {"block_id": body.block_id, "action_id": body.action_id}
        if body.view_id is not None:
            person = self._interactions.person(body.user_id)
            self._interactions.fill(self._interactions.view(person, body.view_id), dict(_plain(body.values)))
            result = await self._interactions.click_in_view(
                user_id=body.user_id, view_id=body.view_id, value=body.value, **where
            )
        elif body.channel is not None and body.ts is not None:
            result = await self._interactions.click_in_message(
                user_id=body.user_id, channel_id=body.channel, ts=body.ts, value=body.value, **where
            )
        else:
            return _problem("A click needs either view_id, or channel and ts.")
        return _shown(result)

    async def _submit(self, request: Request) -> Response:
        body = SubmitBody.model_validate_json(await request.body())
        result = await self._interactions.submit(user_id=body.user_id, view_id=body.view_id, values=_plain(body.values))
        return JSONResponse({**_fields(result), "errors": result.errors})

    async def _close(self, request: Request) -> Response:
        body = CloseBody.model_validate_json(await request.body())
        return _shown(await self._interactions.close(user_id=body.user_id, view_id=body.view_id))

    async def _faults(self, request: Request) -> Response:
        body = FaultBody.model_validate_json(await request.body())
        if body.method not in METHODS:
            return _problem(f"There is no method {body.method}.")
        self._state.faults.add(body.method, Fault(error=body.error, times=body.times, retry_after=body.retry_after))
        return JSONResponse({"ok": True})

    async def _groups(self, request: Request) -> Response:
        body = GroupBody.model_validate_json(await request.body())
        if body.id not in self._state.group_members:
            return _problem(f"There is no user group {body.id}.")
        self._state.group_members[body.id] = [self._interactions.person(user_id).id for user_id in body.members]
        self._state.changes.bump()
        return JSONResponse({"ok": True})

    async def _archive(self, request: Request) -> Response:
        body = ChannelBody.model_validate_json(await request.body())
        conversation = self._state.conversations.find(body.channel)
        if conversation is None:
            return _problem(f"There is no channel {body.channel}.")
        conversation.archived = True
        self._state.changes.bump()
        return JSONResponse({"ok": True})

    async def _redeliver(self, request: Request) -> Response:
        body = RedeliverBody.model_validate_json(await request.body())
        return _shown(await self._interactions.redeliver(body.delivery_id))

    async def _forge(self, request: Request) -> Response:
        body = ForgeBody.model_validate_json(await request.body())
        if not isinstance(self._carrier, HttpCarrier):
            return _problem("Only HTTP deliveries can be forged.")
        delivery = self._interactions.prepared_command(
            user_id=body.user_id or self._state.workspace.people[0].id,
            channel_id=body.channel or self._state.workspace.channels[0].id,
            typed=body.text,
        )
        try:
            answer = await self._carrier.forge(delivery, body.kind)
        except NotAcknowledged as failed:
            return _problem(failed.what)
        return JSONResponse({"status": answer.status_code, "body": answer.text})

    async def _disconnect(self, request: Request) -> Response:
        body = DisconnectBody.model_validate_json(await request.body() or b"{}")
        if not isinstance(self._carrier, SocketCarrier):
            return _problem("The bot uses HTTP: there are no connections to end.")
        return JSONResponse({"ok": True, "connections": await self._carrier.disconnect(body.reason)})


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Impossible as impossible:
            return _problem(str(impossible))
        except ValidationError as invalid:
            found = invalid.errors(include_url=False, include_input=False, include_context=False)
            return _problem("; ".join(f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in found))

    return answer


def _fields(result: Result) -> dict[str, Any]:
    return {
        "ok": result.ok,
        "ack_ms": result.ack_ms,
        "problem": result.problem,
        "delivery_id": result.delivery_id,
    }


def _shown(result: Result) -> Response:
    return JSONResponse(_fields(result))


def _problem(text: str) -> Response:
    return JSONResponse({"problem": text}, status_code=400)


def _plain(values: dict[str, dict[str, JsonValue]]) -> dict[str, dict[str, object]]:
    return {block_id: dict(actions.items()) for block_id, actions in values.items()}
