"""The answer to `/portcullis` alone: what waits, what is under way, and what there is to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.people import Right
from bot.domain.telling.overview_facts import OverviewFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.elements import NOTHING
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import code, mention
from bot.slack.messages.request_buttons import (
    decide_button,
    decide_several_button,
    details_button,
    withdraw_here_button,
)
from bot.slack.messages.request_list import request_lines

#: So many requests of each kind are shown; the rest is counted.
_SHOWN = 5


def overview_message(facts: OverviewFacts, *, rights: Collection[Right]) -> Message:
    """What waits, with the way to decide on each, what is theirs, and the forms that the person may fill in."""
    blocks: list[Block] = [elements.section(f"*{facts.summary}*")]
    blocks += request_rows(
        "Waits for you",
        facts.for_me,
        at_most=_SHOWN,
        more="/requests",
        to_decide=True,
        are_all=not facts.more_for_me,
    )
    blocks += request_rows("Yours", facts.mine, at_most=_SHOWN, more="/requests mine", are_all=not facts.more_mine)
    if facts.due:
        blocks.append(elements.context(f"What is due for renewal, and how to answer: {code('/requests renewals')}"))
    blocks.append(elements.buttons(form_buttons(rights)))
    hint = f"{code('/portcullis help')} lists the commands."
    return Message.build(name="overview", text=f"{facts.summary} {hint}", blocks=[*blocks, elements.context(hint)])


def no_role_message(user_id: str, *, contact: str = "") -> Message:
    """For somebody without a role: whom to ask, and for what. `contact` is as for `error_message`."""
    text = no_role_text(user_id, contact=contact)
    return Message.build(name="no-role", text=text, blocks=[elements.section(text)])


def no_role_text(user_id: str, *, contact: str = "") -> str:
    """What is said to somebody without a role. `contact` is as for `error_message`."""
    whom = mention(contact) if contact.strip() else "whoever runs it"
    return (
        f"You have no role in Portcullis yet, so there is nothing here for you to do. Ask {whom} to give you one: they "
        f"need your member ID, which is {code(user_id)}."
    )


def form_buttons(rights: Collection[Right]) -> list[ButtonElement]:
    """A button for each form that somebody with these rights may fill in."""
    forms: list[ButtonElement] = []
    if Right.PROPOSE in rights:
        forms += [
            elements.button(
                "Block…", action_id=ActionId.OPEN_BLOCK, value=NOTHING, spoken="Block… by a form that opens"
            ),
            elements.button(
                "Unblock…",
                action_id=ActionId.OPEN_UNBLOCK,
                value=NOTHING,
                spoken="Unblock… by a form that opens",
            ),
            elements.button(
                "Allow…", action_id=ActionId.OPEN_ALLOW, value=NOTHING, spoken="Allow… by a form that opens"
            ),
            elements.button(
                "Import…",
                action_id=ActionId.OPEN_IMPORT,
                value=NOTHING,
                spoken="Import… many changes at once, by a form that opens",
            ),
        ]
    if Right.CHECK in rights:
        forms.append(
            elements.button(
                "Check…",
                action_id=ActionId.OPEN_CHECK,
                value=NOTHING,
                spoken="Check… what is allowed or blocked, by a form that opens",
            )
        )
    return forms


def request_rows(
    title: str,
    requests: Sequence[RequestFacts],
    *,
    at_most: int,
    more: str,
    to_decide: bool = False,
    to_take_back: bool = False,
    are_all: bool = True,
) -> list[Block]:
    """Requests below a title, each with its details behind a button; nothing where there are none.

    `more` is the command that shows the rest, of which there are more than these where they aren't `are_all`. What the
    reader is `to_decide` on has the button for that: the form that it opens shows all of the request; where there are
    several that need no form of their own, one shows them together. What is theirs, and waits, has one `to_take_back`,
    where the page is made anew after it.
    """
    behind = decide_button if to_decide else details_button
    if not requests:
        return []
    several = (
        decide_several_button()
        if to_decide and sum(facts.is_open and not facts.question for facts in requests) > 1
        else None
    )
    blocks: list[Block] = [elements.section(f"*{title}*", accessory=several)]
    for facts in requests[:at_most]:
        blocks.append(elements.section(request_lines(facts), accessory=behind(facts)))
        if to_take_back and facts.is_open:
            blocks.append(elements.buttons([withdraw_here_button(facts)]))
    if (left := len(requests) - at_most) > 0:
        about = "" if are_all else "at least "
        blocks.append(elements.context(f"…and {about}{left} more: {code(more)}"))
    return blocks
