"""The alerts: what the alert channel is told."""

from __future__ import annotations

import re
from dataclasses import replace

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.request import Request
from bot.domain.telling.alert_facts import AlertFacts, AlertKind, held_up
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.sentence import Strong
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.block_kit.text import escaped, plain, unlinked, when
from bot.slack.error_codes import remedy_of
from bot.slack.messages.request_buttons import details_button
from bot.slack.messages.sentences import read_aloud, seen
from bot.slack.messages.story import lines_of_items

#: What others wrote in an alert's sentence has so much room: the name of a job, or why a request failed.
_QUOTED: dict[AlertKind, int] = {AlertKind.JOB_DEAD: 80}
_FAILURE = 600
#: An address that can stand in a link: Slack's own, of a message.
_LINK = re.compile(r"https?://[^\s<>|]+")
#: One of Slack's error codes.
_CODE = re.compile(r"[a-z0-9_]{1,80}")
_MARKS: dict[AlertKind, str] = {AlertKind.FAILED: ":x:", AlertKind.ANCHOR: ":bell:"}


def alert_message(facts: AlertFacts, *, card_url: str = "") -> Message:
    """One alert, with a button for the details of the request that it is about, and a link to its card."""
    quoted = _QUOTED.get(facts.kind, _FAILURE)
    request = facts.request
    mark = _MARKS.get(facts.kind, ":rotating_light:")
    further = list(filter(None, [escaped(facts.details, limit=1_200), seen(facts.remedy)]))
    answered = request is not None and request.is_marked
    shown = [
        f"{mark} {seen(facts.sentence, quoted=quoted)}",
        *lines_of_items(facts.items, total=facts.total, marked=answered),
        *further,
    ]
    spoken = [
        read_aloud(facts.sentence, quoted=quoted),
        *lines_of_items(facts.items, total=facts.total, marked=False),
        *further,
    ]
    blocks: list[Block] = [elements.section("\n".join(shown))]
    if facts.kind is AlertKind.IP_ALLOW and request is not None:
        blocks += [elements.reason(request.reason, limit=500), elements.context(_terms(request))]
        spoken.append(f"Why: {unlinked(request.reason) or '(no reason given)'}")
    if facts.now:
        blocks.append(elements.section(f"*Now:* {seen(facts.now)}"))
        spoken.append(f"Now: {read_aloud(facts.now)}")
    if request is not None and _LINK.fullmatch(card_url):
        blocks.append(elements.context(f"<{card_url}|The card of #{request.number}>"))
    if facts.kind in {AlertKind.JOB_DEAD, AlertKind.GROUP, AlertKind.UNWATCHED}:
        named = f"Reference {escaped(facts.reference, limit=100) or 'none'}, also in the log."
        blocks.append(elements.context(named))
        spoken.append(named)
    if request is not None:
        removal = [_removal_button(request, facts.removable)] if facts.removable is not None else []
        blocks.append(elements.buttons([*removal, details_button(request)]))
    return Message.build(name=_name(facts), text="\n".join(spoken), blocks=blocks)


def _removal_button(request: RequestFacts, event: int) -> ButtonElement:
    return elements.button(
        "Propose removal",
        action_id=ActionId.PROPOSE_REMOVAL,
        value=str(Carried(request_id=request.id, version=event)),
        spoken="Propose removal of this allow, which takes the usual approvals",
    )


def card_refused(request: Request, *, code: str, posted: bool = False) -> AlertFacts:
    """That Slack does not take a request's card, which only this place can say; `code` is Slack's own word for why.

    `posted`: it has taken it since.
    """
    said = (
        "Slack refuses the card of ",
        Strong(f"#{request.proposal_id}"),
        ", so nobody can decide on it. Portcullis tries again every few minutes while it is open.",
    )
    # An alert that an older version queued has Slack's whole answer in the place of the code.
    is_code = _CODE.fullmatch(code) is not None
    details = f"Slack's answer: {code}" if is_code else code
    facts = replace(held_up(request, said, details=details), remedy=(_remedy(code) if is_code else "",))
    now = request_facts(request)
    if not posted:
        return facts if now.is_open else replace(facts, now=now.status_sentence)
    # What was to be done is done.
    return replace(facts, remedy=(), now=("The card is posted. ", *now.status_sentence))


def _remedy(code: str) -> str:
    return (
        remedy_of(code) or "Look this code up in Slack's documentation of chat.postMessage, and at the app's settings."
    )


def _terms(request: RequestFacts) -> str:
    end = "" if request.end is None else f"{request.end.label}: {seen(request.end.until)}. "
    decided = f"Expires undecided {when(request.lapses_at)}. It is decided on its card." if request.is_open else ""
    return f"{end}{decided}".strip() or "It has no end."


def _name(facts: AlertFacts) -> str:
    if facts.kind is AlertKind.JOB_DEAD or facts.request is None:
        return f"{facts.kind}-{plain(facts.reference, limit=60)}"
    about = facts.request.id if facts.removable is None else facts.removable
    return f"{facts.kind}-{about}"
