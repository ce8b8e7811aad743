"""The route of what Slack delivers to what handles it: a typed command, a click, a chosen shortcut, a submitted form.

A handler takes what was delivered (`bot.slack.listeners.delivered`), calls one workflow function and says what the
person sees. All else is done here: who it is and which roles they have now, the acknowledgement, and whatever goes
wrong, which is told and logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.domain.reading.command_words import asks_for_help
from bot.domain.requests.people import Person, Right
from bot.errors import Conflict, MembersUnread, SlackError, StoreError
from bot.slack.answering import explain, instead_of_form, told
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId, CallbackId, ShortcutId
from bot.slack.command_table import PORTCULLIS, Command
from bot.slack.directory import Directory
from bot.slack.home import Homes
from bot.slack.jobs.late_decisions import Finisher, keep_decision, queue_decision
from bot.slack.listeners.delivered import Answer, ChosenShortcut, Click, SentForm, Typed, Unfinished
from bot.slack.listeners.doubts import ANSWERED_WITHIN
from bot.slack.listeners.failures import answer_apart, answered_apart, told_at_once
from bot.slack.listeners.forms import open_view
from bot.slack.listeners.replies import reply, user_of
from bot.slack.listeners.routes import Listener, Route
from bot.slack.listeners.where_asked import asked_at, carried_on, place_in
from bot.slack.memberships import WITHIN
from bot.slack.messages.help import help_message
from bot.slack.messages.not_opened import command_not_opened
from bot.store.awaited import awaited
from bot.workflow.requesting.today import WhoIs
from bot.workflow.shared.context import Context

#: What a command does: the answer, or the form that opens.
Handler: TypeAlias = Callable[[Typed], Awaitable[Message | Modal | None]]


def on_command(command: Command, handle: Handler) -> Route:
    """The route of a command to what gives the answer, or the form that opens. Help needs no handler."""

    def listener(workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            with awaited(context["delivery"], within=ANSWERED_WITHIN) as waiting:
                try:
                    answer = await typed(context, body)
                except Exception as error:  # noqa: BLE001 — the edge: the person is told, and the log has it
                    said = told_at_once(workflow, context, body, error, waiting)
                    answer = explain(said, doing=command.name, contact=workflow.contact)
            if command.operation is not None or command is PORTCULLIS:
                _acted(context, str(body["user_id"]))
            if answer is None:
                await ack()
            else:
                await ack(response_type="ephemeral", **answer.to_dict())

        async def typed(bolt: AsyncBoltContext, body: dict[str, Any]) -> Message | None:
            if asks_for_help(str(body.get("text") or "")):
                return help_message(command, rules=workflow.rules)
            who_decides = _who_is(bolt, decides=True)
            async with workflow.store.one_look():
                person = await _who_is(bolt)(str(body["user_id"]))
                answer = await handle(
                    Typed(
                        context=workflow, person=person, who_decides=who_decides, body=body, delivery=bolt["delivery"]
                    )
                )
            if not isinstance(answer, Modal):
                return answer
            try:
                form = asked_at(answer, str(body.get("response_url") or ""))
                await open_view(bolt.client, str(body["trigger_id"]), form)
            except SlackError as error:
                typed_text = f"{command.name} {body.get('text') or ''}".strip()
                said = told(error, doing=command.name)
                return command_not_opened(*said, typed=typed_text, command=command, form=answer)
            return None

        return listen

    return Route(subject=command, listener=listener)


def on_click(
    action_id: ActionId,
    handle: Callable[[Click], Awaitable[Message | None]],
    *,
    decides: bool = False,
    in_place: bool = False,
    only_looks: bool = False,
) -> Route:
    """The route of a button to what it does, and what, if anything, the person alone is told.

    With `decides` people's roles are read after the click, and the click waits for that if it has to: then `handle` is
    called later. It holds the person to their right before it changes anything. With `in_place` the answer replaces the
    message that was clicked on, which the person alone sees; what goes wrong is told beside it. With `only_looks` it
    shows or opens something, and changes nothing that anybody's Home shows.
    """

    async def act(workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any]) -> Message | None:
        who_is = _who_is(bolt, decides=decides)
        person = await _acting(bolt, str(body["user"]["id"]), who_is, decides=decides)
        return await handle(Click(context=workflow, bolt=bolt, body=body, person=person, who_is=who_is))

    def listener(workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            with answered_apart(workflow, context, body, doing=action_id) as waiting:
                replaces = in_place
                try:
                    answer = await clicked(context, body)
                except Exception as error:  # noqa: BLE001 — the edge: the person is told, and the log has it
                    replaces = False
                    answer = answer_apart(workflow, context, body, error, waiting, doing=action_id)
                if answer is not None:
                    await reply(
                        workflow,
                        body,
                        answer,
                        delivery=context["delivery"],
                        nothing=context["nothing"],
                        replaces=replaces,
                    )
            if not only_looks:
                _acted(context, user_of(body))
            await ack()

        async def clicked(bolt: AsyncBoltContext, body: dict[str, Any]) -> Message | None:
            try:
                return await act(workflow, bolt, body)
            except MembersUnread as unread:
                raise (await _kept(workflow, bolt, action_id, body, unread) if decides else unread) from unread

        return listen

    return Route(subject=action_id, listener=listener, finish=act if decides else None)


def on_shortcut(shortcut_id: ShortcutId, handle: Callable[[ChosenShortcut], Awaitable[Modal]]) -> Route:
    """The route of a shortcut to the form that it opens. What goes wrong is told to the person alone."""

    def listener(workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            with answered_apart(workflow, context, body, doing=shortcut_id) as waiting:
                try:
                    await chosen(context, body)
                except Exception as error:  # noqa: BLE001 — the edge: the person is told, and the log has it
                    answer = answer_apart(workflow, context, body, error, waiting, doing=shortcut_id)
                    if answer is not None:
                        await reply(workflow, body, answer, delivery=context["delivery"], nothing=context["nothing"])
            await ack()

        async def chosen(bolt: AsyncBoltContext, body: dict[str, Any]) -> None:
            person = await _who_is(bolt)(str(body["user"]["id"]))
            form = await handle(ChosenShortcut(context=workflow, person=person, body=body, delivery=bolt["delivery"]))
            await open_view(bolt.client, str(body.get("trigger_id") or ""), form)

        return listen

    return Route(subject=shortcut_id, listener=listener)


def on_form(
    callback_id: CallbackId,
    handle: Callable[[SentForm], Awaitable[Answer | Unfinished]],
    *,
    decides: bool = False,
    later: Callable[[SentForm], Awaitable[Message]] | None = None,
) -> Route:
    """The route of a form to what answers its submission. What goes wrong is shown in the form's place.

    `decides` is as for `on_click`. What a late submission is answered is told as a message: its form is gone. What
    can't be finished in time is kept likewise: `later` does such a form, and says what its person is told.
    """

    def listener(workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            with awaited(context["delivery"], within=ANSWERED_WITHIN) as waiting:
                try:
                    answer = await submitted(context, body)
                except Exception as error:  # noqa: BLE001 — the edge: the person is told, and the log has it
                    said = told_at_once(workflow, context, body, error, waiting)
                    answer = instead_of_form(said, doing=callback_id, contact=workflow.contact)
            if _is_done(answer):
                _acted(context, user_of(body))
            await ack(**carried_on(answer, place_in(body.get("view"))))

        async def submitted(bolt: AsyncBoltContext, body: dict[str, Any]) -> Answer:
            try:
                answer = await handle(await _sent(workflow, bolt, body, decides=decides))
            except MembersUnread as unread:
                raise (await _kept(workflow, bolt, callback_id, body, unread) if decides else unread) from unread
            if isinstance(answer, Unfinished):
                await _rest_kept(workflow, bolt, callback_id, body, answer)
                return {"response_action": "clear"}
            return answer

        return listen

    return Route(subject=callback_id, listener=listener, finish=_finisher(handle, later) if decides else None)


async def _sent(workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any], *, decides: bool) -> SentForm:
    who_is = _who_is(bolt, decides=decides)
    person = await _acting(bolt, str(body["user"]["id"]), who_is, decides=decides)
    delivery: str = bolt["delivery"]
    sending: str = bolt.get("sending", delivery)
    return SentForm(
        context=workflow,
        person=person,
        who_is=who_is,
        who_decides=_who_is(bolt, decides=True),
        view=body["view"],
        delivery=delivery,
        sending=sending,
    )


def _finisher(
    handle: Callable[[SentForm], Awaitable[Answer | Unfinished]], later: Callable[[SentForm], Awaitable[Message]] | None
) -> Finisher:
    """Does a form that had to wait."""

    async def finish(workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any]) -> Message | None:
        form = await _sent(workflow, bolt, body, decides=True)
        if later is not None:
            return await later(form)
        answer = await handle(form)
        if isinstance(answer, Unfinished) or not _is_done(answer):
            raise Conflict("Your decision did not count.", "Look at the request's card, and decide again.")
        return None

    return finish


def _is_done(answer: Answer) -> bool:
    """Whether a form did what it was sent for: it closes, and what lies below it maybe too."""
    return answer.get("response_action") in {None, "clear"}


def _acted(bolt: AsyncBoltContext, user: str) -> None:
    """Bring the Home of whoever did something up to date, beside the answer."""
    homes: Homes | None = bolt.get("homes")
    if homes is not None:
        homes.acted(user)


def _who_is(bolt: AsyncBoltContext, *, decides: bool = False) -> WhoIs:
    """Says who somebody is, with the roles of this moment: all that a decision asks shares its reading and its time."""
    directory: Directory = bolt["directory"]
    within: float = bolt.get("within", WITHIN)
    since = asyncio.get_running_loop().time() if decides else None
    return partial(directory.person, since=since, within=within, visitor=str(bolt.get("visitor") or ""))


async def _acting(bolt: AsyncBoltContext, user: str, who_is: WhoIs, *, decides: bool) -> Person:
    """Who has clicked or sent a form.

    Who is no approver, by what was read within the last minute, is refused by that: Slack takes twenty questions a
    minute, and whoever may not decide must not use them up for those who may.
    """
    if decides:
        known = await _who_is(bolt)(user)
        if not known.has(Right.REVIEW):
            return known
    return await who_is(user)


async def _kept(
    workflow: Context, bolt: AsyncBoltContext, subject: str, body: Mapping[str, Any], why: MembersUnread
) -> MembersUnread:
    """Keep a decision until the person's roles can be read; what they are told."""
    return await queue_decision(workflow, bolt.client, subject=subject, body=body, delivery=bolt["delivery"], why=why)


async def _rest_kept(
    workflow: Context, bolt: AsyncBoltContext, subject: str, body: Mapping[str, Any], answer: Unfinished
) -> None:
    """Keep a form that could not be finished in time. Raises what its person is told where that can't be."""
    try:
        await keep_decision(workflow, bolt.client, subject=subject, body=body, delivery=bolt["delivery"])
    except StoreError as error:
        raise answer.otherwise(error) from error
