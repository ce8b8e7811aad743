"""The page's API: what the web page, scripts and tests use to look at the workspace and to act in it.

JSON in, JSON out; HTTP 400 with `{"problem": …}` for what makes no sense.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.slack.delivery import Carrier, Deliveries, Mode, NotAcknowledged
from bot.playground.slack.faults import Fault
from bot.playground.slack.http_carrier import HttpCarrier
from bot.playground.slack.interactions import Interactions
from bot.playground.slack.page_answers import Endpoint, fields, guarded, problem, shown
from bot.playground.slack.page_bodies import (
    ChannelBody,
    ClickBody,
    CloseBody,
    CommandBody,
    DisconnectBody,
    FaultBody,
    ForgeBody,
    GroupBody,
    HomeBody,
    MessageBody,
    RedeliverBody,
    ShortcutBody,
    StepBody,
    SubmitBody,
)
from bot.playground.slack.page_reads import PageReads
from bot.playground.slack.socket_carrier import SocketCarrier
from bot.playground.slack.state import SlackState
from bot.playground.slack.web_api import METHODS


class PageApi:
    """The routes under `/api` that concern Slack."""

    def __init__(
        self,
        *,
        state: SlackState,
        interactions: Interactions,
        deliveries: Deliveries,
        carrier: Carrier,
        mode: Mode,
    ) -> None:
        self._state = state
        self._interactions = interactions
        self._carrier = carrier
        self._reads = PageReads(
            state=state, interactions=interactions, deliveries=deliveries, carrier=carrier, mode=mode
        )

    def routes(self) -> list[Route]:
        """Everything the page calls."""
        reads: dict[str, Endpoint] = {
            "/api/state": self._reads.workspace,
            "/api/conversation": self._reads.conversation,
            "/api/view": self._reads.view,
            "/api/home": self._reads.home,
            "/api/events": self._reads.events,
            "/api/wait": self._reads.wait,
            "/api/violations": self._reads.violations,
            "/api/calls": self._reads.calls,
            "/api/deliveries": self._reads.deliveries,
            "/api/steps": self._reads.steps,
        }
        writes: dict[str, Endpoint] = {
            "/api/command": self._command,
            "/api/message": self._message,
            "/api/click": self._click,
            "/api/submit": self._submit,
            "/api/close": self._close,
            "/api/faults": self._faults,
            "/api/home": self._open_home,
            "/api/shortcut": self._shortcut,
            "/api/steps": self._run_step,
            "/api/groups": self._groups,
            "/api/archive": self._archive,
            "/api/redeliver": self._redeliver,
            "/api/forge": self._forge,
            "/api/socket/disconnect": self._disconnect,
        }
        return [
            *(Route(path, guarded(endpoint), methods=["GET"]) for path, endpoint in reads.items()),
            *(Route(path, guarded(endpoint), methods=["POST"]) for path, endpoint in writes.items()),
            Route("/api/violations", self._forget, methods=["DELETE"]),
        ]

    async def _forget(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        self._state.ledger.clear()
        return JSONResponse({"ok": True})

    async def _command(self, request: Request) -> Response:
        body = CommandBody.model_validate_json(await request.body())
        result = await self._interactions.command(user_id=body.user_id, channel_id=body.channel, typed=body.text)
        return shown(result)

    async def _message(self, request: Request) -> Response:
        body = MessageBody.model_validate_json(await request.body())
        result = self._interactions.write(
            user_id=body.user_id, channel_id=body.channel, text=body.text, thread_ts=body.thread_ts
        )
        return shown(result)

    async def _click(self, request: Request) -> Response:
        body = ClickBody.model_validate_json(await request.body())
        where = {"block_id": body.block_id, "action_id": body.action_id}
        if body.view_id is not None:
            person = self._interactions.person(body.user_id)
            self._interactions.fill(self._interactions.view(person, body.view_id), body.values)
            result = await self._interactions.click_in_view(
                user_id=body.user_id, view_id=body.view_id, value=body.value, **where
            )
        elif body.channel is not None and body.ts is not None:
            result = await self._interactions.click_in_message(
                user_id=body.user_id, channel_id=body.channel, ts=body.ts, value=body.value, **where
            )
        else:
            return problem("A click needs either view_id, or channel and ts.")
        return shown(result)

    async def _submit(self, request: Request) -> Response:
        body = SubmitBody.model_validate_json(await request.body())
        result = await self._interactions.submit(user_id=body.user_id, view_id=body.view_id, values=body.values)
        return JSONResponse({**fields(result), "errors": result.errors})

    async def _close(self, request: Request) -> Response:
        body = CloseBody.model_validate_json(await request.body())
        return shown(await self._interactions.close(user_id=body.user_id, view_id=body.view_id))

    async def _shortcut(self, request: Request) -> Response:
        body = ShortcutBody.model_validate_json(await request.body())
        result = await self._interactions.shortcut(
            user_id=body.user_id, callback_id=body.callback_id, channel_id=body.channel, ts=body.ts
        )
        return shown(result)

    async def _run_step(self, request: Request) -> Response:
        body = StepBody.model_validate_json(await request.body())
        result = await self._interactions.run_step(
            user_id=body.user_id, callback_id=body.callback_id, typed=body.inputs
        )
        return shown(result)

    async def _open_home(self, request: Request) -> Response:
        body = HomeBody.model_validate_json(await request.body())
        return shown(await self._interactions.open_home(user_id=body.user_id))

    async def _faults(self, request: Request) -> Response:
        body = FaultBody.model_validate_json(await request.body())
        if body.method not in METHODS.keys() | {"socket"}:
            return problem(f"There is no method {body.method}.")
        fault = Fault(
            error=body.error,
            times=body.times,
            retry_after=body.retry_after,
            seconds=body.seconds,
            channel=body.channel,
        )
        self._state.faults.add(body.method, fault)
        return JSONResponse({"ok": True})

    async def _groups(self, request: Request) -> Response:
        body = GroupBody.model_validate_json(await request.body())
        if body.id not in self._state.group_members:
            return problem(f"There is no user group {body.id}.")
        members = [self._interactions.person(user_id).id for user_id in body.members]
        await self._interactions.change_group(body.id, members, told=body.told)
        return JSONResponse({"ok": True})

    async def _archive(self, request: Request) -> Response:
        body = ChannelBody.model_validate_json(await request.body())
        conversation = self._state.conversations.find(body.channel)
        if conversation is None:
            return problem(f"There is no channel {body.channel}.")
        conversation.archived = True
        self._state.changes.bump()
        return JSONResponse({"ok": True})

    async def _redeliver(self, request: Request) -> Response:
        body = RedeliverBody.model_validate_json(await request.body())
        return shown(await self._interactions.redeliver(body.delivery_id))

    async def _forge(self, request: Request) -> Response:
        body = ForgeBody.model_validate_json(await request.body())
        if not isinstance(self._carrier, HttpCarrier):
            return problem("Only HTTP deliveries can be forged.")
        delivery = self._interactions.prepared_command(
            user_id=body.user_id or self._state.workspace.people[0].id,
            channel_id=body.channel or self._state.workspace.channels[0].id,
            typed=body.text,
        )
        try:
            answer = await self._carrier.forge(delivery, body.kind)
        except NotAcknowledged as failed:
            return problem(failed.what)
        return JSONResponse({"status": answer.status_code, "body": answer.text})

    async def _disconnect(self, request: Request) -> Response:
        body = DisconnectBody.model_validate_json(await request.body() or b"{}")
        if not isinstance(self._carrier, SocketCarrier):
            return problem("The bot uses HTTP: there are no connections to end.")
        return JSONResponse({"ok": True, "connections": await self._carrier.disconnect(body.reason)})
