"""Somebody's App Home: what waits, what is theirs, what ends soon, the posture, and how full the lists are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.people import Right
from bot.domain.telling.home_facts import HomeFacts
from bot.domain.telling.posture_facts import is_met
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Home
from bot.slack.block_kit.elements import NOTHING
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, code, escaped, when
from bot.slack.messages.entry_row import entry_row
from bot.slack.messages.error import error_blocks
from bot.slack.messages.overview import form_buttons, no_role_text, request_rows
from bot.slack.messages.posture import look_button
from bot.slack.messages.renewal import renewal_rows

#: So many requests of each kind, and entries that end soon, are shown.
SHOWN = 8
#: So many lists are shown, the fullest first: there are no more than these.
_ROOMS = 12


def home_view(facts: HomeFacts, *, rights: Collection[Right], now: datetime) -> Home:
    """Home for somebody with these rights, as of `now`. 50 blocks at most."""
    blocks: list[Block] = [
        elements.section(f"*{facts.overview.summary}*"),
        elements.buttons([*form_buttons(rights), _refresh()]),
    ]
    blocks += request_rows(
        "Waits for you",
        facts.overview.for_me,
        at_most=SHOWN,
        more="/requests",
        to_decide=True,
        are_all=not facts.overview.more_for_me,
    )
    blocks += request_rows(
        "Yours",
        facts.overview.mine,
        at_most=SHOWN,
        more="/requests mine",
        to_take_back=True,
        are_all=not facts.overview.more_mine,
    )
    blocks += renewal_rows(facts.due, title="Due for renewal: keep or end?", total=facts.all_due)
    if facts.ends_soon:
        blocks.append(elements.section("*Ends within a week*"))
        blocks += [entry_row(entry, rights=rights) for entry in facts.ends_soon[:SHOWN]]
        if facts.ending > SHOWN:
            blocks.append(elements.context(f"…and {facts.ending - SHOWN:,} more: {code('/lists ends 7d')}"))
    blocks += _posture(facts)
    blocks += _room(facts)
    age = "The lists have not been read yet."
    if facts.as_of is not None:
        age = f"Lists read {ago(facts.as_of, now=now)}."
    blocks.append(elements.context(f"As of {when(now)}. {age} Only you see this."))
    return Home.build(blocks)


def home_without_role(user_id: str, *, contact: str = "") -> Home:
    """Home for somebody without a role: whom to ask. `contact` is as for `error_message`."""
    return Home.build([elements.section(no_role_text(user_id, contact=contact)), elements.buttons([_refresh()])])


def home_failed(what: str, remedy: str, reference: str, *, contact: str = "") -> Home:
    """Home where it could not be made. `contact` is as for `error_message`."""
    return Home.build([*error_blocks(what, remedy, reference, contact=contact), elements.buttons([_refresh()])])


def _refresh() -> ButtonElement:
    return elements.button("Refresh", action_id=ActionId.REFRESH_HOME, value=NOTHING, spoken="Refresh this page")


def _posture(facts: HomeFacts) -> list[Block]:
    if not facts.posture:
        return []
    lines = [facts.glance] if facts.glance else []
    lines += [
        f"{':white_check_mark:' if is_met(result) else ':warning:'} "
        f"{'Met' if is_met(result) else 'Not met'}: {escaped(result.title)}. {escaped(result.details, limit=400)}"
        for result in facts.posture
    ]
    return [elements.section(elements.labelled("The posture", "\n".join(lines)), accessory=look_button())]


def _room(facts: HomeFacts) -> list[Block]:
    lines = [
        f"{':warning: nearly full: ' if room.is_nearly_full else ''}{room.place}: {room.held:,} of {room.limit:,}"
        for room in facts.room[:_ROOMS]
    ]
    lines += [f":warning: {name}: could not be read" for name in facts.unread]
    return [elements.section(elements.labelled("How full the lists are", "\n".join(lines)))] if lines else []
