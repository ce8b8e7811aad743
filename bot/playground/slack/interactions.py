"""What people do in the workspace: type commands, write, click, send forms, close them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.slack import event_payloads, payloads
from bot.playground.slack.acks import TROUBLE, command_acknowledged, must_be_empty, submission_acknowledged
from bot.playground.slack.block_rules import find_element
from bot.playground.slack.click_targets import MessageTarget, Target, ViewTarget
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.delivery import Deliveries, Delivery, Outcome
from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.typed_text import as_sent, split_command
from bot.playground.slack.values import Files, NoSuchChoice, complaint, state_of
from bot.playground.slack.workspace import Person

#: What the page sends: block_id → action_id → a plain value.
Values = Mapping[str, Mapping[str, object]]


class Impossible(Exception):
    """Nobody could do that: no such person, channel, message, button or form. The text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it went. `problem` is what the person sees when something went wrong; `errors` stand at the form's fields."""

    ok: bool
    ack_ms: int = 0
    problem: str | None = None
    errors: dict[str, str] | None = None
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """Everything that a person can do. Each method raises Impossible for what nobody could do."""

    state: SlackState
    deliveries: Deliveries

    def person(self, user_id: str) -> Person:
        """Who this is."""
        person = self.state.workspace.person(user_id)
        if person is None:
            msg = f"There is no person {user_id}."
            raise Impossible(msg)
        return person

    def conversation(self, person: Person, channel_id: str) -> Conversation:
        """The conversation as this person may enter it; `D` is their direct messages with the bot."""
        found = self.state.conversations.direct(person.id) if channel_id == "D" else None
        found = found or self.state.conversations.find(channel_id)
        if found is None or person.id not in found.members:
            msg = f"{person.name} is in no conversation {channel_id}."
            raise Impossible(msg)
        return found

    def view(self, person: Person, view_id: str) -> OpenView:
        """A view that this person has on their screen."""
        view = self.state.views.find(view_id=view_id)
        if view is None or view.user_id != person.id:
            msg = f"{person.name} has no view {view_id} open."
            raise Impossible(msg)
        return view

    def prepared_command(self, *, user_id: str, channel_id: str, typed: str) -> Delivery:
        """The delivery that a command would be, not yet on its way."""
        person = self.person(user_id)
        conversation = self.conversation(person, channel_id)
        name, text = split_command(typed)
        command = self.state.workspace.command(name)
        people = self.state.workspace.people if command is not None and command.should_escape else ()
        text = as_sent(text, mentioned={each.name: (each.id, each.username) for each in people})
        payload = payloads.command(self.state, person=person, conversation=conversation, name=name, text=text)
        return self.deliveries.new("slash_command", user_id=person.id, payload=payload)

    async def command(self, *, user_id: str, channel_id: str, typed: str) -> Result:
        """Somebody typed a slash command, as it stands in `typed`."""
        conversation = self.conversation(self.person(user_id), channel_id)
        name, _ = split_command(typed)
        if self.state.workspace.command(name) is None:
            return Result(ok=False, problem=f"{name} is not a valid command.")
        if conversation.archived:
            return Result(ok=False, problem="This channel is archived.")
        return await self.carry(self.prepared_command(user_id=user_id, channel_id=channel_id, typed=typed))

    def write(self, *, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Result:
        """Somebody wrote a message. The app isn't told: it hasn't asked for messages."""
        person = self.person(user_id)
        conversation = self.conversation(person, channel_id)
        if conversation.archived:
            return Result(ok=False, problem="This channel is archived.")
        self.state.say(
            conversation,
            Message(ts=self.state.conversations.next_ts(), user=person.id, text=text, thread_ts=thread_ts),
        )
        return Result(ok=True)

    async def click_in_message(
        self, *, user_id: str, channel_id: str, ts: str, block_id: str, action_id: str, value: object = None
    ) -> Result:
        """Somebody clicked on, or chose in, an element of a message they see."""
        person = self.person(user_id)
        conversation = self.conversation(person, channel_id)
        message = conversation.message(ts)
        if message is None or not message.seen_by(person.id):
            msg = f"{person.name} sees no message {ts} in {channel_id}."
            raise Impossible(msg)
        target = MessageTarget(state=self.state, person=person, conversation=conversation, message=message)
        return await self._click(target, user_id=person.id, block_id=block_id, action_id=action_id, value=value)

    async def click_in_view(
        self, *, user_id: str, view_id: str, block_id: str, action_id: str, value: object = None
    ) -> Result:
        """Somebody clicked on, or chose in, an element of a view they have open."""
        person = self.person(user_id)
        target = ViewTarget(state=self.state, person=person, view=self.view(person, view_id))
        return await self._click(target, user_id=person.id, block_id=block_id, action_id=action_id, value=value)

    async def _click(self, target: Target, *, user_id: str, block_id: str, action_id: str, value: object) -> Result:
        element = target.element(block_id=block_id, action_id=action_id)
        if element is None:
            msg = f"There is no {action_id} in block {block_id}."
            raise Impossible(msg)
        action = {"action_id": action_id, "block_id": block_id}
        if element["type"] == "button":
            action |= {key: element[key] for key in ("type", "text", "value", "style") if key in element}
        else:
            try:
                chosen = state_of(element, value)
            except NoSuchChoice as wrong:
                raise Impossible(str(wrong)) from wrong
            action |= chosen
            if element["type"] != "overflow":
                target.remember(block_id=block_id, action_id=action_id, chosen=chosen)
        action["action_ts"] = self.state.conversations.next_ts()
        payload = target.payload(action)
        return await self.carry(self.deliveries.new("block_actions", user_id=user_id, payload=payload))

    def fill(self, view: OpenView, values: Values) -> None:
        """Put into the view what the person typed and chose."""
        for block_id, actions in values.items():
            for action_id, value in actions.items():
                element = find_element(view.blocks, block_id=block_id, action_id=action_id)
                if element is None:
                    msg = f"There is no {action_id} in block {block_id}."
                    raise Impossible(msg)
                try:
                    chosen = state_of(element, value, files=self._file_of(view.user_id))
                except (NoSuchChoice, ValueError) as wrong:
                    raise Impossible(str(wrong)) from wrong
                view.values.setdefault(block_id, {})[action_id] = chosen

    def _file_of(self, user_id: str) -> Files:
        """Where the files are that this person has chosen."""

        def find(file_id: str) -> dict[str, Any] | None:
            file = self.state.files.find(file_id)
            return self.state.file_as_slack(file) if file is not None and file.user == user_id else None

        return find

    async def submit(self, *, user_id: str, view_id: str, values: Values) -> Result:
        """Somebody sent a form. What Slack's client complains about itself never reaches the app."""
        person = self.person(user_id)
        view = self.view(person, view_id)
        if view is not self.state.views.top(person.id):
            msg = f"{view_id} is not the view in front."
            raise Impossible(msg)
        if not view.content.get("submit"):
            msg = f"{view_id} has nothing to send."
            raise Impossible(msg)
        self.fill(view, values)
        view.errors = {}
        for block in view.blocks:
            if block["type"] == "input":
                state = view.values.get(block["block_id"], {}).get(block["element"]["action_id"])
                wrong = complaint(block, state)
                if wrong is not None:
                    view.errors[block["block_id"]] = wrong
        if view.errors:
            self.state.changes.bump()
            return Result(ok=False, errors=dict(view.errors))
        payload = payloads.submission(self.state, person=person, view=view)
        return await self.carry(self.deliveries.new("view_submission", user_id=person.id, payload=payload))

    async def close(self, *, user_id: str, view_id: str) -> Result:
        """Somebody closed a modal without sending it."""
        person = self.person(user_id)
        view = self.view(person, view_id)
        cleared = bool(view.content.get("clear_on_close"))
        self.state.views.leave(self.state.views.stack(person.id) if cleared else [view])
        if cleared:
            self.state.views.clear(person.id)
        else:
            self.state.views.close(view)
        self.state.changes.bump()
        if not view.content.get("notify_on_close"):
            return Result(ok=True)
        payload = payloads.closed(self.state, person=person, view=view, cleared=cleared)
        return await self.carry(self.deliveries.new("view_closed", user_id=person.id, payload=payload))

    async def redeliver(self, delivery_id: str) -> Result:
        """Take an earlier delivery to the bot once more, unchanged, as happens when an acknowledgement is lost."""
        delivery = self.deliveries.find(delivery_id)
        if delivery is None:
            msg = f"There is no delivery {delivery_id}."
            raise Impossible(msg)
        return await self.carry(delivery)

    async def shortcut(
        self, *, user_id: str, callback_id: str, channel_id: str | None = None, ts: str | None = None
    ) -> Result:
        """Somebody chose a shortcut: of the workspace, or in the menu of a message that they see."""
        person = self.person(user_id)
        kind = "global" if ts is None else "message"
        known = {(known.type, known.callback_id) for known in self.state.workspace.shortcuts}
        if (kind, callback_id) not in known:
            msg = f"There is no {kind} shortcut {callback_id}."
            raise Impossible(msg)
        if channel_id is None or ts is None:
            payload = payloads.shortcut(self.state, person=person, callback_id=callback_id)
            return await self.carry(self.deliveries.new("shortcut", user_id=person.id, payload=payload))
        conversation = self.conversation(person, channel_id)
        message = conversation.message(ts)
        if message is None or not message.seen_by(person.id) or message.ephemeral_for is not None:
            msg = f"{person.name} has no menu on a message {ts} in {channel_id}."
            raise Impossible(msg)
        payload = payloads.message_shortcut(
            self.state, person=person, callback_id=callback_id, conversation=conversation, message=message
        )
        return await self.carry(self.deliveries.new("message_action", user_id=person.id, payload=payload))

    async def open_home(self, *, user_id: str) -> Result:
        """Somebody opened the app's Home. The app is told, if it has asked for that."""
        person = self.person(user_id)
        if event_payloads.HOME_OPENED not in self.state.workspace.events or not self.deliveries.connected():
            return Result(ok=True)
        channel = self.state.conversations.direct(person.id)
        payload = event_payloads.home_opened(
            self.state, person, view=self.state.views.home(person.id), channel_id=channel.id if channel else ""
        )
        return await self.carry(self.deliveries.new("event", user_id=person.id, payload=payload))

    async def run_step(self, *, user_id: str, callback_id: str, typed: Mapping[str, str]) -> Result:
        """Somebody started a workflow of one step; `typed` is what stands in the step's inputs."""
        person = self.person(user_id)
        step = self.state.workspace.step(callback_id)
        if step is None:
            msg = f"There is no step {callback_id}."
            raise Impossible(msg)
        if unknown := sorted(typed.keys() - {given.name for given in step.typed}):
            msg = f"Nobody can fill in {', '.join(unknown)}."
            raise Impossible(msg)
        missing = [given.title for given in step.typed if given.is_required and not typed.get(given.name)]
        if missing:
            return Result(ok=False, problem=f"Fill in: {', '.join(missing)}.")
        run = self.state.steps.begin(step, user_id=person.id, typed=typed, at=self.state.clock.stamp())
        self.state.changes.bump()
        payload = event_payloads.step_run(self.state, run)
        return await self.carry(self.deliveries.new("event", user_id=person.id, payload=payload))

    async def change_group(self, group_id: str, members: list[str], *, told: bool = True) -> None:
        """Somebody changed who is in a user group. The app is told of it, unless the events get lost on the way."""
        before = self.state.group_members[group_id]
        self.state.group_members[group_id] = members
        self.state.changes.bump()
        if told and self.deliveries.connected():
            [group] = [group for group in self.state.workspace.user_groups if group.id == group_id]
            for payload in event_payloads.group_changed(self.state, group, before=before):
                await self.carry(self.deliveries.new("event", user_id="", payload=payload))

    async def carry(self, delivery: Delivery) -> Result:
        """Take it to the bot, and show the person what comes of it."""
        outcome = await self.deliveries.make(delivery)
        if outcome.ack is None:
            problem = _shown_problem(delivery, outcome)
            return Result(ok=False, ack_ms=outcome.ack_ms, problem=problem, delivery_id=delivery.id)
        trouble, errors = self._acknowledged(delivery, outcome.ack.body)
        return Result(
            ok=trouble is None and errors is None,
            ack_ms=outcome.ack_ms,
            problem=trouble,
            errors=errors,
            delivery_id=delivery.id,
        )

    def _acknowledged(self, delivery: Delivery, body: object) -> tuple[str | None, dict[str, str] | None]:
        call = f"{delivery.kind} {delivery.id}"
        if delivery.kind == "slash_command":
            conversation = self.state.conversations.find(delivery.payload["channel_id"])
            assert conversation is not None  # noqa: S101 - conversations are never taken away
            code = command_acknowledged(
                self.state, body, conversation=conversation, user_id=delivery.user_id, call=call
            )
            return (_failed(delivery, code) if code else None), None
        if delivery.kind != "view_submission":
            must_be_empty(self.state, body, call=call)
            return None, None
        view = self.state.views.find(view_id=delivery.payload["view"]["id"])
        if view is None:
            # Delivered once more, and the view is closed by now: there is nothing left that the answer could change.
            return None, None
        problem = submission_acknowledged(self.state, body, view=view, call=call)
        return problem, dict(view.errors) or None


def _failed(delivery: Delivery, code: str) -> str:
    return f'{delivery.payload["command"]} failed with the error "{code}"'


def _shown_problem(delivery: Delivery, outcome: Outcome) -> str:
    code = outcome.problem or "dispatch_failed"
    if delivery.kind == "slash_command":
        return _failed(delivery, code)
    if delivery.kind == "view_submission":
        return TROUBLE
    return f"This app didn't respond ({code})."
