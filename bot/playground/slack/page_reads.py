"""What the page looks at: the workspace, conversations, views, and what was noticed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.playground.slack.delivery import Carrier, Deliveries, Mode
from bot.playground.slack.interactions import Interactions
from bot.playground.slack.page_answers import problem
from bot.playground.slack.state import SlackState

#: Seconds between signs of life on an event stream, so that a page that has gone away is noticed.
SIGN_OF_LIFE = 15.0
LONGEST_WAIT = 60.0


class PageReads:
    """Endpoints that change nothing."""

    def __init__(
        self, *, state: SlackState, interactions: Interactions, deliveries: Deliveries, carrier: Carrier, mode: Mode
    ) -> None:
        self._state = state
        self._interactions = interactions
        self._made = deliveries
        self._carrier = carrier
        self._mode = mode

    async def workspace(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """Who and what there is, and whether the bot is connected."""
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
                "shortcuts": [asdict(shortcut) for shortcut in workspace.shortcuts],
                "steps": [
                    {
                        "callback_id": step.callback_id,
                        "title": step.title,
                        "inputs": [asdict(given) for given in step.typed],
                    }
                    for step in workspace.steps
                ],
                "bot": {
                    "id": workspace.bot.id,
                    "name": workspace.bot.name,
                    "connected": self._carrier.connected(),
                },
                "version": self._state.changes.version,
            }
        )

    async def conversation(self, request: Request) -> Response:
        """A conversation as one person sees it."""
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

    async def view(self, request: Request) -> Response:
        """The modal in front of a person, or null."""
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

    async def home(self, request: Request) -> Response:
        """A person's Home tab, or null."""
        person = self._interactions.person(request.query_params.get("as", ""))
        view = self._state.views.home(person.id)
        return JSONResponse({"view": None if view is None else {"id": view.id, "type": "home", "blocks": view.blocks}})

    async def events(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """A stream of server-sent events: `changed`, with the version, whenever anything changes."""
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

    async def wait(self, request: Request) -> Response:
        """Answers when the version is greater than the one given, or when time is up."""
        try:
            version = int(request.query_params.get("version", "0"))
            timeout = min(float(request.query_params.get("timeout", "10")), LONGEST_WAIT)
        except ValueError:
            return problem("version and timeout must be numbers.")
        return JSONResponse({"version": await self._state.changes.newer_than(version, timeout=timeout)})

    async def violations(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """Broken rules and hints."""
        return JSONResponse(self._state.ledger.report())

    async def calls(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """The recent Web API calls."""
        return JSONResponse({"calls": [asdict(call) for call in self._state.ledger.calls]})

    async def steps(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """Every run of a step, and what came of it."""
        return JSONResponse({"runs": self._state.steps.report()})

    async def deliveries(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """What was taken to the bot, and how that went."""
        return JSONResponse({"deliveries": self._made.report()})
