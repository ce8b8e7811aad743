"""The alert of unrequested changes: it is posted whatever the tenant holds, and however much of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.lists.differences import Happening, Held
from bot.domain.requests.unrequested import UnrequestedChange
from bot.domain.telling.unrequested_facts import MOST_SHOWN, unrequested_facts
from bot.slack.messages.unrequested import unrequested_message

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ODD = [
    "<!channel> & <@U0000001>" * 40,
    "\ud800 half of a pair",
    "\n\n\n",
    " ",
    "two\nlines",
    "\u202eelpmaxe.live",
    "a\0b",
    "*bold* `code` _" * 60,
    '"\\' * 400,
    "ü😀" * 400,
]


def change(number: int, text: str, *, place: str = "url") -> UnrequestedChange:
    more = {} if place == "url" else dict.fromkeys(("conditions", "exceptions", "what it does", "when"), text)
    after = Held(place=place, value=text, within=text, action="allow", note=text, more=more)
    return UnrequestedChange(
        number=number,
        reading=1,
        what=Happening.CHANGED,
        before=replace(after, action="block", note="", more={}),
        after=after,
        fields=("action", "end", "note", *more),
        seen_at=NOW,
        since=NOW,
        made_by=(),
        actor=text[:200],
        actor_at=NOW,
        actor_address=text[:100],
    )


@pytest.mark.parametrize("place", ["url", "mail_flow_rules"])
@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("count", [1, MOST_SHOWN, MOST_SHOWN + 1])
def test_nothing_that_a_tenant_holds_keeps_an_alert_from_being_posted(text: str, place: str, count: int) -> None:
    changes = [change(number + 1, text, place=place) for number in range(count)]
    message = unrequested_message(unrequested_facts(changes, {}, {}))
    assert "<!channel" not in message.text
    assert "No request asked for this." in message.text
    shown = [block for block in message.blocks if block["type"] == "section"]
    assert len(shown) == {1: 1, MOST_SHOWN: MOST_SHOWN + 1}.get(count, 2)


@pytest.mark.parametrize("year", [2, 1960, 9998])
def test_a_date_that_no_clock_has_is_shown_in_plain_text(year: int) -> None:
    odd = change(1, "https://evil.example/")
    assert odd.after is not None
    odd = replace(odd, after=replace(odd.after, expires=datetime(year, 1, 2, tzinfo=UTC)))
    message = unrequested_message(unrequested_facts([odd], {}, {}))
    assert f"{year}-01-02" in str(message.blocks)
