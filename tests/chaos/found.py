"""What there is when a trial has come to rest: in the database, in Slack and in the tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.auditing.events import Event
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.request import Request
from bot.playground.slack.conversations import Message
from bot.store import AuditFilter, Job, PostedMessage
from tests.chaos.place import Place
from tests.support.requests_made import newest_requests

_EVERYTHING = 100_000

#: An entry: its list as the tenant calls it, `Allow` or `Block`, and its value.
Entry = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message in Slack. `name` is what the bot calls it: `card-12`, `approved-12`."""

    channel: str
    message: Message
    name: str

    @property
    def request_id(self) -> int | None:
        last = self.name.rpartition("-")[2]
        return int(last) if last.isdecimal() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything that the invariants are held against."""

    requests: Sequence[Request]
    stories: Mapping[int, Sequence[StoryStep]]
    events: Sequence[Event]  #: oldest first
    posted: Mapping[int, Sequence[PostedMessage]]
    waiting: Sequence[Job]
    dead: Sequence[Job]
    log_trouble: Sequence[str]
    shown: Sequence[Shown]
    private: Sequence[Message]  #: answers that one person alone sees, `ephemeral_for` them
    listed: Counter[Entry]
    added: Counter[Entry]  #: how often the bot had the tenant add each


async def look(place: Place) -> Found:
    """Read it all. Raises StoreError."""
    store = place.store()
    try:
        async with store.read() as uow:
            requests = await newest_requests(uow, limit=_EVERYTHING)
            chain, state = await uow.audit.verify(), await uow.audit.verify_requests()
            triggers = await uow.audit.wrong_triggers()
            trouble = [*chain.findings, *state.findings, *triggers]
            return Found(
                requests=requests,
                stories={request.id: await uow.audit.story(request.id) for request in requests},
                events=(await uow.audit.page(filters=AuditFilter(limit=_EVERYTHING)))[::-1],
                posted={request.id: await uow.messages.of_request(request.id) for request in requests},
                waiting=await uow.jobs.waiting(),
                dead=await uow.jobs.dead(),
                log_trouble=[str(finding) for finding in trouble],
                shown=shown_by(place),
                private=private_answers(place),
                listed=_listed(place.tenant.lists()),
                added=_added(place.tenant.calls()),
            )
    finally:
        await store.close()


def shown_by(place: Place) -> list[Shown]:
    """Every message of the bot's that all who are there can see."""
    slack = place.playground.slack.state
    return [
        Shown(channel=conversation.id, message=message, name=_name(message))
        for conversation in slack.conversations
        for message in conversation.messages
        if message.user == slack.workspace.bot.id and message.ephemeral_for is None
    ]


def private_answers(place: Place) -> list[Message]:
    """Every answer that one person alone sees."""
    conversations = place.playground.slack.state.conversations
    return [message for each in conversations for message in each.messages if message.ephemeral_for is not None]


def _name(message: Message) -> str:
    """What the ids of its blocks begin with, before the digest of its content and the block's number."""
    blocks = message.blocks
    return str(blocks[0].get("block_id", "")).rsplit("-", 2)[0] if blocks else ""


def _listed(lists: Mapping[str, Any]) -> Counter[Entry]:
    found: Counter[Entry] = Counter()
    for kind, records in lists["items"].items():
        found.update((kind, record["Action"], record["Value"]) for record in records)
    for policy in lists["policies"]:
        for action in ("Allow", "Block"):
            found.update(("Connection", action, value) for value in policy[f"IP{action}List"] or [])
    return found


def _added(calls: Sequence[Mapping[str, Any]]) -> Counter[Entry]:
    """The entries that were added by calls which the tenant carried out, whether or not the answer arrived."""
    found: Counter[Entry] = Counter()
    for call in calls:
        given = call["parameters"] or {}
        if call["error"]:
            continue
        if call["cmdlet"] == "New-TenantAllowBlockListItems":
            action = "Allow" if given.get("Allow") else "Block"
            found.update((given["ListType"], action, value) for value in given["Entries"])
        elif call["cmdlet"] == "Set-HostedConnectionFilterPolicy":
            for action in ("Allow", "Block"):
                change = given.get(f"IP{action}List") or {}
                found.update(("Connection", action, value) for value in change.get("Add") or [])
    return found
