"""The answer to `/requests`: a line for each, with a button for its details."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slack_sdk.models.blocks import Block

from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import card_link, code, escaped, mention, plain, when
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_buttons import decide_button, decide_several_button, details_button
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

#: So many requests stand in one answer: a message holds 12,000 characters.
PAGE = 8


def request_list(
    requests: Sequence[RequestFacts],
    *,
    heading: str = "Requests",
    scope: str = "",
    to_decide: Collection[int] = (),
) -> Message:
    """At most `PAGE` requests, the newest first, and **Older** where more are given.

    What whoever reads it may decide, by the numbers in `to_decide`, has a button for that, and several together have
    one below.

    The Older button's value is the id to go on from and `scope`, a word that says which requests are listed (`mine`).
    """
    shown = requests[:PAGE]
    title = plain(heading, limit=100) or "Requests"
    if not shown:
        text = f"{escaped(title)}: none. `/block` and its sisters make one; `/requests all` shows those of the past."
        return Message.build(name="requests", text=text, blocks=[elements.section(text)])
    blocks: list[Block] = [elements.header(title)]
    for facts in shown:
        blocks.append(elements.section(request_lines(facts), accessory=details_button(facts)))
        if facts.id in to_decide:
            blocks.append(elements.buttons([decide_button(facts)]))
    below = [decide_several_button()] if _several(requests, to_decide) else []
    if len(requests) > PAGE:
        value = f"{shown[-1].id} {plain(scope, limit=40)}".strip()
        below.append(elements.button("Older", action_id=ActionId.OLDER_REQUESTS, value=value))
    if below:
        blocks.append(elements.buttons(below))
    spoken = [f"{escaped(title)}:", *(_spoken(facts) for facts in shown)]
    return Message.build(name="requests", text="\n".join(spoken), blocks=blocks)


def _several(requests: Sequence[RequestFacts], to_decide: Collection[int]) -> bool:
    """Whether there are several that can be approved in one form: they ask for none of their own."""
    return sum(facts.id in to_decide and facts.is_open and not facts.question for facts in requests) > 1


def request_lines(facts: RequestFacts) -> str:
    """A request in three lines: what, where it stands and whose it is, and why. Its number leads to its card."""
    number = card_link(f"#{facts.number}", facts.card_url)
    first = f"{status_mark(facts)} *{number}* · {seen(facts.short_headline, value=NAMED_VALUE)}"
    status = facts.status_words
    if facts.is_open:
        status = f"{status}, {facts.approvals}{_question(facts)}"
    elif facts.progress:
        status = f"{status}, {facts.progress}"
    second = f"{status} · {mention(facts.requester)}, {when(facts.asked_at)}"
    return f"{first}\n{second}\n{code(facts.reason, limit=100) or '(no reason given)'}"


def _question(facts: RequestFacts) -> str:
    """That something was asked about it, which whoever asked for it has to answer before others decide."""
    if facts.asked_back is None:
        return ""
    return ", the question is answered" if facts.asked_back.is_answered else ", a question waits for its answer"


def _spoken(facts: RequestFacts) -> str:
    return f"#{facts.number}: {read_aloud(facts.short_headline, value=NAMED_VALUE)}, {facts.status_words}."
