"""One attempt at applying a request: what it may still send, and whether its outcomes are the last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.requests.request import Item, ItemState, Request

#: A service that accepts a change and then doesn't show it gets this many tries; after that it is left to the
#: confirmation, and to the entry's end.
ATTEMPTS_UNSEEN = 6

#: When the list is looked at again for what was sent and doesn't show, in seconds after it was sent: a write can take a
#: moment until it shows. Before the last of these it isn't sent again.
LOOKS = (1.0, 3.0, 7.0, 15.0)

PAST_END = "its end date has passed"


def doubtful(items: Sequence[Item]) -> list[Item]:
    """The items that an attempt before this one may have sent: only a reading can say what became of them."""
    return [item for item in items if item.state is ItemState.INTENDED]


def has_ended(request: Request, now: datetime) -> bool:
    """Whether what a request asks for would be over as soon as it was made: then nothing is sent any more."""
    return request.operation.gives_an_end and request.expires is not None and request.expires <= now


def next_look(sent_at: datetime, now: datetime) -> float | None:
    """In how many seconds the list is looked at again for what was sent and doesn't show; None: often enough."""
    passed = (now - sent_at).total_seconds()
    return next((look - passed for look in LOOKS if passed < look), None)


def was_sent_often_enough(attempts: int) -> bool:
    """Whether what doesn't show is sent no more: this attempt, like those before it, only looked for it."""
    return attempts > ATTEMPTS_UNSEEN


def not_taken(outcomes: Outcomes, items: Sequence[Item]) -> list[Item]:
    """The items that this attempt was the first to send, and the service refused: it is certain that none was made."""
    refused = frozenset(outcomes.at(Step.REFUSED))
    return [item for item in items if item.value in refused and item.state is not ItemState.INTENDED]


def too_late(items: Sequence[Item], found: Outcomes) -> Outcomes:
    """The outcomes of an attempt after the end date. `found` is what the list says of the `doubtful` items.

    What was never sent is not sent any more; what was, and is not on the list, is neither done nor refused.
    """
    never_sent = [item.value for item in items if item.state is not ItemState.INTENDED]
    return Outcomes.of(never_sent, Step.FORBIDDEN, PAST_END) | found | Outcomes.of(found.at(Step.MISSING), Step.UNSEEN)


def for_policy(waiting: Sequence[Item]) -> list[Item]:
    """The waiting items of which policy is asked again before anything is sent: all that were certainly not sent.

    What became of the others only a reading can say. What policy forbade, and is tried again, is asked about again.
    """
    return [item for item in waiting if item.state is not ItemState.INTENDED]


def doubt(outcomes: Outcomes, items: Sequence[Item]) -> Outcomes:
    """The outcomes of an attempt, `items` being as they were before it.

    What was sent before and is refused now may be the one that was sent, for a list can show it late: it is neither
    done nor refused. The service's words stay with it.
    """
    in_doubt = {item.value for item in doubtful(items)}
    refused = outcomes.words_at(Step.REFUSED)
    return outcomes | Outcomes.worded(
        {value: words for value, words in refused.items() if value in in_doubt}, Step.UNSEEN
    )


def is_last_word(outcomes: Outcomes, attempts: int) -> bool:
    """Whether the outcomes of an attempt are recorded; if not, the next one reads again, and goes on from there."""
    return attempts >= ATTEMPTS_UNSEEN or not outcomes.at(Step.UNSEEN)
