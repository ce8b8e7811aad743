"""What a form in which somebody decides carries: which request it shows, in which version, and the card that it was
opened from. What is decided is held against all of it once more, and against the form itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json
from bot.slack.block_kit.ids import Carried
from bot.slack.messages.request_buttons import carried

#: So long may what a form carries be: an id, a version and the place of a message need much less.
_LONGEST = 300


def metadata(facts: RequestFacts, shown: ShownCard) -> str:
    """What the form carries on its way. `shown` is the card that it opens from; its version is that of the `facts`."""
    return json.dumps({"request": carried(facts), "channel": shown.channel, "ts": shown.ts})


def read(view: object, *, form_is: Purpose) -> tuple[int, ShownCard]:
    """Which request was decided on, and what was shown of it. Raises InvalidInput for any other shape than the form's.

    `form_is` is what a form of this kind is on record as.
    """
    sent = [view.get(name) for name in ("id", "private_metadata")] if isinstance(view, Mapping) else []
    match sent:
        case [str(form), str(metadata)] if form and max(len(form), len(metadata)) <= _LONGEST:
            pass
        case _:
            raise _unreadable()
    try:
        given = read_outside_json(metadata, most_bytes=_LONGEST)
    except UnreadableJson:
        raise _unreadable() from None
    if not isinstance(given, dict):
        raise _unreadable()
    match given.get("request"), given.get("channel"), given.get("ts"):
        case (str(told), str(channel), str(ts)) if (told_of := Carried.read(told)) is not None:
            shown = ShownCard(channel=channel, ts=ts, version=told_of.version, form=form, form_is=form_is)
            return told_of.request_id, shown
        case _:
            raise _unreadable()


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Click on the card once more.")
