"""Below the answer to `/check … for somebody`: how it stands in that one mailbox, and what has the last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.telling.mailbox_facts import MailboxFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, indicator, lines_that_fit, when, when_plain

#: An address of a mailbox is shown whole: RFC 5321 ends it at 254.
_MAILBOX = 254
_VALUE = 150
_WORD = 40
_WHY = 600
#: One sentence, and how many senders and sentences there are at most.
_SENTENCE = 200
_MOST = 5
_ABOUT = 3
_SMALL = 1_800


def mailbox_message(facts: MailboxFacts, *, mailbox: str, as_of: datetime) -> Message:
    """What was found in a mailbox of this address."""
    where = f"In the mailbox of {code(mailbox, limit=_MAILBOX)}, by its own lists:"
    blocks: list[Block] = [elements.section(where)]
    aloud = [f"In the mailbox of {escaped(mailbox, limit=_MAILBOX)}:"]
    for sender in facts.senders[:_MOST]:
        sentences, last_word = _told(sender.means), escaped(sender.last_word, limit=_SENTENCE)
        word, named = escaped(sender.word, limit=_WORD), indicator(sender.indicator, limit=_VALUE)
        lines = [f"*{word or '…'}*: {named}", *(f"• {each}" for each in sentences)]
        lines += [f"*Last word*: {last_word}"] if last_word else []
        blocks.append(elements.section("\n".join(lines)))
        # Aloud the answer comes first, and what it means only where there is one of them: a text is short.
        aloud.append(f"{word}: {named}.")
        aloud += [*sentences, last_word] if len(facts.senders) == 1 else []
    if about := _told(facts.about)[:_ABOUT]:
        blocks.append(elements.section("\n".join(f"• {each}" for each in about)))
    small = [f"Read from the tenant, {when(as_of)}. Only you see this; that you asked is in the audit log."]
    blocks.append(elements.context(lines_that_fit([*small, *_told(facts.limits)], limit=_SMALL)))
    text = " ".join(filter(None, [*aloud, *about, f"Read from the tenant, {when_plain(as_of)}."]))
    return Message.build(name="mailbox", text=text, blocks=blocks)


def mailbox_unseen_message(why: str, *, mailbox: str) -> Message:
    """That a mailbox could not be looked into, and why. `why` may have the tenant's own words in it."""
    told = escaped(why, limit=_WHY)
    shown = f":warning: The mailbox of {code(mailbox, limit=_MAILBOX)} could not be looked into. {told}"
    aloud = f"The mailbox of {escaped(mailbox, limit=_MAILBOX)} could not be looked into. {told}"
    return Message.build(name="mailbox-unseen", text=aloud, blocks=[elements.section(shown)])


def _told(sentences: Sequence[str]) -> list[str]:
    return [told for each in sentences[:_MOST] if (told := escaped(each, limit=_SENTENCE))]
